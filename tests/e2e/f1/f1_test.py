#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""F1 between vitran-cu and vitran-du as processes, over SCTP in UDP on loopback in a network namespace of its own.

usage: f1_test.py VITRAN-CU VITRAN-DU F1-HOSTILE

Setup; a hostile peer beside the DU; a CU and a DU that die and come back; SIGTERM; what a bad configuration says."""

import os
import signal
import subprocess
import sys
import tempfile
import time

CU, DU, HOSTILE = (os.path.abspath(p) for p in sys.argv[1:4])
RUN = tempfile.mkdtemp(prefix="f1-")
K = "465B5CE8B199B49FAA5F0A2EE238A6BC"
CU_YAML = """
f1c: {local: 127.0.0.1, carrier: udp, udp_port: 9801}
f1u: {address: 127.0.0.1}
n6: {tun: ""}
admin: {listen: "unix:%s/cu.sock"}
core: {subscribers: [{imsi: "001010000000001", k: %s, opc: %s}]}
""" % (RUN, K, K)
DU_YAML = """
f1c: {local: 127.0.0.1, remote: 127.0.0.1, carrier: udp, local_udp_port: 9802, remote_udp_port: 9801}
f1u: {address: 127.0.0.2}
l1: {socket: %s/l1.sock}
admin: {listen: "unix:%s/du.sock"}
""" % (RUN, RUN)


def write(name, text):
    path = os.path.join(RUN, name)
    with open(path, "w") as f:
        f.write(text)
    return path


class Node:
    """A process with its log; marks say up to where the log has been looked at."""

    def __init__(self, name, binary, config):
        self.name, self.args, self.path, self.mark = name, [binary, "--config", config], os.path.join(RUN, name + ".log"), 0
        open(self.path, "w").close()
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.args, stderr=open(self.path, "a"))

    def log(self):
        with open(self.path) as f:
            return f.read()

    def expect(self, text, seconds):
        """Waits for a new line with the text."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            at = self.log().find(text, self.mark)
            if at >= 0:
                self.mark = at + len(text)
                return
            assert self.process.poll() is None, "%s ended with %s:\n%s" % (self.name, self.process.returncode, self.log())
            time.sleep(0.02)
        raise AssertionError("%s did not say %r within %s s:\n%s" % (self.name, text, seconds, self.log()))

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        """SIGTERM; the exit status, and it takes less than 2 s."""
        begin = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=10)
        took = time.monotonic() - begin
        assert took < 2, "%s took %.1f s to end" % (self.name, took)
        assert status == 0, "%s ended with %s:\n%s" % (self.name, status, self.log())


def refused(binary, text, want):
    done = subprocess.run([binary, "--config", write("bad.yaml", text), "--check-config"], text=True, capture_output=True)
    assert done.returncode == 1 and want in done.stderr and done.stderr.count("\n") == 1, (want, done.stderr)


def main():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for binary in (CU, DU):
        assert subprocess.run([binary, "--version"], text=True, capture_output=True, check=True).stdout.startswith("vitran-")
    refused(DU, DU_YAML + "cell: {pci: abc}\n", "bad.yaml:6: cell.pci: expected an integer from 0 to 1007")
    refused(DU, "f1u: {address: 10.0.0.1}\n", "f1c.remote: missing")
    refused(DU, DU_YAML + "sector: 1\n", "sector")
    refused(CU, CU_YAML + "security: {nia: [7]}\n", "security.nia")
    print("ok: configuration errors name file, line and key")

    cu = Node("cu", CU, write("cu.yaml", CU_YAML))
    du = Node("du", DU, write("du.yaml", DU_YAML))
    try:
        du.expect("F1 setup with CU vitran-cu", 10)
        du.expect("cell 66c001 is active", 2)
        cu.expect("F1 setup with DU vitran-du (id 1), 1 cells", 2)
        print("ok: F1 setup")

        done = subprocess.run([HOSTILE, "127.0.0.1", "9801", "9803"], text=True, capture_output=True)
        assert done.returncode == 0, done.stdout + done.stderr + cu.log()[-3000:]
        assert "F1 to DU vitran-du lost" not in cu.log()
        print("ok: a hostile peer: " + done.stdout.strip())

        cu.kill()
        du.expect("F1 to the CU is lost", 40)
        du.expect("cell 66c001 is off", 2)
        cu.start()
        du.expect("F1 setup with CU vitran-cu", 40)
        du.expect("cell 66c001 is active", 2)
        print("ok: a CU that dies and comes back")

        du.kill()
        cu.expect("F1 to DU vitran-du lost", 40)
        du.start()
        cu.expect("F1 setup with DU vitran-du", 40)
        print("ok: a DU that dies and comes back")

        du.end()
        cu.expect("F1 to DU vitran-du lost", 2)
        cu.end()
        print("ok: SIGTERM")
    finally:
        for node in (cu, du):
            if node.process.poll() is None:
                node.kill()


main()
