#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""RRC re-establishment (TS 38.331 5.3.7) between vitran-cu, vitran-du and vitran-emu as processes.

usage: reestablishment_test.py VITRAN-CU VITRAN-DU VITRAN-EMU VITRAN-CTL

Two UEs lose coverage. The first comes back while its context lives: SRB1, then its bearers, are re-established, it
keeps its session, and its ping goes on. The second stays away until the CU has given it up: its request falls back to
a setup, and it gets its user plane back as well."""

import json
import os
import subprocess
import sys
import tempfile
import time

CU, DU, EMU, CTL = (os.path.abspath(p) for p in sys.argv[1:5])
RUN = tempfile.mkdtemp(prefix="re-")
NS = ["re-%d-ue%d" % (os.getpid(), i) for i in (1, 2)]
K = "465B5CE8B199B49FAA5F0A2EE238A6BC"
CU_YAML = """
f1c: {local: 127.0.0.1, carrier: udp, udp_port: 9801}
f1u: {address: 127.0.0.1}
n6: {tun: n6, address: 10.45.0.1, prefix: 16}
admin: {listen: "unix:%s/cu.sock"}
core:
  subscribers:
    - {imsi: "001010000000001", k: %s, opc: %s}
    - {imsi: "001010000000002", k: %s, opc: %s}
""" % (RUN, K, K, K, K)
DU_YAML = """
f1c: {local: 127.0.0.1, remote: 127.0.0.1, carrier: udp, local_udp_port: 9802, remote_udp_port: 9801}
f1u: {address: 127.0.0.2}
l1: {socket: %s/l1.sock}
e2: {enabled: false}
cell: {t311_ms: 10000}
admin: {listen: "unix:%s/du.sock"}
""" % (RUN, RUN)
UE_YAML = """
  - imsi: "0010100000000%02d"
    k: %s
    opc: %s
    netns: %s
    tun: tun0
    sinr_dl: 25
    sinr_ul: 22
    fading: 0
    slices: [{sst: 1}]
    outages: [{at: %d, for: %d}]
"""
EMU_YAML = """
l1: {socket: %s/l1.sock}
admin: {listen: "unix:%s/emu.sock"}
log: {level: info}
pace: realtime
seed: 1
ues:""" % (RUN, RUN)
# T310 runs out after 1.1 s, or random access fails before that. The DU says sooner that it has lost the UE, and the CU waits
# 3 s from then on: the second UE comes back later than that, and within T311, which is longer than the default for it.
OUTAGES = [(5000, 2000), (5000, 5000)]


def write(name, text):
    path = os.path.join(RUN, name)
    with open(path, "w") as f:
        f.write(text)
    return path


def ctl(node, *args):
    done = subprocess.run([CTL, "--json", "--socket", "unix:%s/%s.sock" % (RUN, node)] + list(args), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        return json.loads(done.stdout) if done.returncode == 0 else None
    except ValueError:
        return None


def counter(node, name):
    return sum(c["value"] for s in ctl(node, "counters") or [] for c in s["counters"] if c["name"] == name)


def address(ns):
    done = subprocess.run(["ip", "-j", "-n", ns, "addr", "show", "dev", "tun0"], text=True, capture_output=True)
    for link in json.loads(done.stdout or "[]") if done.returncode == 0 else []:
        for a in link.get("addr_info", []):
            if a.get("family") == "inet":
                return a["local"]
    return None


def ping(ns):
    return subprocess.run(["ip", "netns", "exec", ns, "ping", "-c", "1", "-W", "1", "10.45.0.1"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def wait(what, done, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        got = done()
        if got:
            return got
        time.sleep(0.1)
    raise AssertionError("%s: not within %g s" % (what, seconds))


def check(nodes):
    first = wait("UE 1 has an address", lambda: address(NS[0]), 20)
    second = wait("UE 2 has an address", lambda: address(NS[1]), 20)
    for ns in NS:
        wait("ping from " + ns, lambda n=ns: ping(n), 4)
    assert counter("cu", "reestablishments") == 0
    for a in (first, second):  # data on its way when the link goes, from which the DU sees that it is gone
        nodes.append(("ping", subprocess.Popen(["ping", "-q", "-i", "0.05", a], stdout=subprocess.DEVNULL)))
    print("ok: two UEs with %s and %s" % (first, second))

    wait("the re-establishment", lambda: counter("cu", "reestablishments") == 1, 12)
    wait("ping of UE 1 goes on", lambda: ping(NS[0]), 3)
    assert address(NS[0]) == first
    assert counter("cu", "reestablishments_fallen_back") == 0
    print("ok: UE 1 is re-established and keeps its session")

    wait("the setup instead", lambda: counter("cu", "reestablishments_fallen_back") == 1, 20)
    wait("ping of UE 2 goes on", lambda: ping(NS[1]), 10)
    for _ in range(5):
        assert ping(NS[0]), "UE 1 lost its user plane again"
    assert counter("cu", "reestablishments") == 1
    print("ok: UE 2, whose context had gone, falls back to a setup")


def main():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    emu = EMU_YAML + "".join(UE_YAML % (i + 1, K, K, NS[i], *OUTAGES[i]) for i in range(2))
    nodes = []
    try:
        for ns in NS:
            subprocess.run(["ip", "netns", "add", ns], check=True)
            subprocess.run(["ip", "-n", ns, "link", "set", "lo", "up"], check=True)
        for name, binary, text in (("cu", CU, CU_YAML), ("du", DU, DU_YAML), ("emu", EMU, emu)):
            log = open(os.path.join(RUN, name + ".log"), "w")
            nodes.append((name, subprocess.Popen([binary, "--config", write(name + ".yaml", text)], stderr=log)))
            wait("vitran-%s answers" % name, lambda n=name: ctl(n, "status"), 10)
        check(nodes)
        for name, p in reversed(nodes):
            p.terminate()
            status = p.wait(timeout=10)
            assert status == 0 or name == "ping", name
    except BaseException:
        for name, _ in nodes[:3]:
            subprocess.run([CTL, "--socket", "unix:%s/%s.sock" % (RUN, name), "counters"])
            print("---- %s\n%s" % (name, open(os.path.join(RUN, name + ".log")).read()[-4000:]))
        raise
    finally:
        for _, p in nodes:
            if p.poll() is None:
                p.kill()
        for ns in NS:
            subprocess.run(["ip", "netns", "del", ns], stderr=subprocess.DEVNULL)


main()
