# SPDX-License-Identifier: Apache-2.0
"""The four real processes in network namespaces of their own, for tests that break them.

    FT-sw   a bridge, 10.10.0.0/24      FT-ric .10   FT-cu .20   FT-du .30   FT-x .66, who means no good
    FT-cu   n6 (TUN) 10.45.0.1: what the UEs ping
    FT-ueN  a TUN made by vitran-emu

FT is ft<pid>: runs do not meet, and what a killed run left is swept by the next. Configurations are those of
deploy/config with other paths."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NODES = ("ric", "cu", "du", "emu")
BINARY = {"ric": "ric/vitran-ric", "cu": "cu/vitran-cu", "du": "du/vitran-du", "emu": "fronthaul/emulator/vitran-emu"}
HOSTS = {"ric": "10.10.0.10", "cu": "10.10.0.20", "du": "10.10.0.30", "x": "10.10.0.66"}
N6 = "10.45.0.1"
N_UES = 4
CAP = 90  # seconds that anything may take to come about: generous, as tests share a machine


class Failed(Exception):
    """What did not hold, in one line."""


def sh(*args, check=True):
    done = subprocess.run(args, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if check and done.returncode:
        raise Failed("%s: %s" % (" ".join(args), done.stdout.strip()))
    return done.stdout


def alive(pid):
    return os.path.exists("/proc/%d" % pid)


def sweep(own):
    """Deletes the namespaces of this run, and those of runs that have died."""
    for line in sh("ip", "netns", "list", check=False).splitlines():
        m = re.match(r"(ft(\d+)-\S+)", line)
        if not m or (alive(int(m.group(2))) and m.group(2) != own):
            continue
        for pid in sh("ip", "netns", "pids", m.group(1), check=False).split():
            try:
                os.kill(int(pid), signal.SIGKILL)
            except (OSError, ValueError):
                pass
        sh("ip", "netns", "del", m.group(1), check=False)


def check(holds, what):
    if not holds:
        raise Failed(what)


def wait_for(what, done, seconds=CAP):
    """Polls until done() is true and returns that."""
    end = time.monotonic() + seconds
    while True:
        got = done()
        if got:
            return got
        if time.monotonic() > end:
            raise Failed("%s: not within %d s" % (what, seconds))
        time.sleep(0.2)


class Rig:
    def __init__(self, build):
        self.build = os.path.abspath(build)
        self.pid = str(os.getpid())
        self.tag = "ft%s-" % self.pid
        self.dir = tempfile.mkdtemp(prefix=self.tag)
        self.procs = {}
        self.ended = False

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind:
            for n in NODES:
                if n in self.procs:
                    print("---- end of %s.log" % n)
                    print("\n".join(self.log(n).splitlines()[-25:]))
        for p in self.procs.values():
            if p.poll() is None:
                p.kill()
                p.wait()
        sweep(self.pid)
        shutil.rmtree(self.dir, ignore_errors=True)

    # ---- hosts ----

    def inside(self, host, *args):
        return ["ip", "netns", "exec", self.tag + host] + list(args)

    def enter(self, host):
        """Moves this very process into a host. `own` leads back."""
        with open("/run/netns/" + self.tag + host if host != "own" else "/proc/1/ns/net") as f:
            libc().setns(f.fileno(), 0x40000000)

    def hosts(self):
        sweep(self.pid)
        t = self.tag
        for n in ["sw", "ric", "cu", "du", "x", "emu"] + ["ue%d" % i for i in range(1, N_UES + 1)]:
            sh("ip", "netns", "add", t + n)
            sh("ip", "-n", t + n, "link", "set", "lo", "up")
        sh("ip", "-n", t + "sw", "link", "add", "br0", "type", "bridge")
        sh("ip", "-n", t + "sw", "link", "set", "br0", "up")
        for host, address in HOSTS.items():
            sh("ip", "-n", t + host, "link", "add", "eth0", "type", "veth", "peer", "name", host, "netns", t + "sw")
            sh("ip", "-n", t + host, "addr", "add", address + "/24", "dev", "eth0")
            sh("ip", "-n", t + host, "link", "set", "eth0", "up")
            sh("ip", "-n", t + "sw", "link", "set", host, "master", "br0", "up")

    # ---- processes ----

    def config(self, node, edit=None):
        with open(os.path.join(TOP, "deploy/config", node + ".yaml")) as f:
            text = f.read()
        text = text.replace("/run/vitran", self.dir).replace("build/plugins", os.path.join(self.build, "plugins"))
        text = text.replace("netns: vt-", "netns: " + self.tag)
        text = re.sub(r"^pcap:\n(  .*\n)+|^(keys_file|rrc_capture):.*\n", "", text, flags=re.M)
        text = text.replace("xapp:\n  listen: 10.10.0.10:50051", "xapp:\n  listen: unix:%s/xapp.sock" % self.dir)
        path = os.path.join(self.dir, node + ".yaml")
        with open(path, "w") as f:
            f.write(edit(text) if edit else text)
        return path

    def start(self, node, edit=None):
        with open(os.path.join(self.dir, node + ".log"), "a") as log:
            p = subprocess.Popen(self.inside(node, os.path.join(self.build, BINARY[node]), "--config", self.config(node, edit)),
                                 stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.procs[node] = p
        wait_for("vitran-%s answers" % node, lambda: p.poll() is not None or self.status(node))
        self.check_alive()

    def log(self, node):
        with open(os.path.join(self.dir, node + ".log"), errors="replace") as f:
            return f.read()

    def kill(self, node):
        p = self.procs.pop(node)
        p.kill()
        p.wait()

    def check_alive(self):
        for n, p in self.procs.items():
            check(p.poll() is None, "vitran-%s died with status %s" % (n, p.returncode))

    def up(self):
        self.hosts()
        for n in NODES:
            self.start(n)
        self.wait_attached()

    # ---- what they say ----

    def ctl(self, node, *args, text=False):
        done = subprocess.run([os.path.join(self.build, "deploy/ctl/vitran-ctl"), "--json", "--socket",
                               "unix:%s/%s.sock" % (self.dir, node)] + list(args), text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        if text:
            return done.returncode, done.stdout, done.stderr
        try:
            return json.loads(done.stdout) if done.returncode == 0 else None
        except ValueError:
            return None

    def status(self, node):
        s = self.ctl(node, "status")
        s = s[0] if isinstance(s, list) and s else s
        return dict(s, **s.get("state", {})) if isinstance(s, dict) and isinstance(s.get("state", {}), dict) else s

    def counters(self, node):
        """{"layer.name": value}, instances added up."""
        out = {}
        for s in self.ctl(node, "counters", "--all") or []:
            for c in s["counters"]:
                key = "%s.%s" % (s["layer"], c["name"])
                out[key] = out.get(key, 0) + c["value"]
        return out

    def attached(self):
        self.check_alive()
        ues = self.ctl("emu", "ues") or []
        return [u for u in ues if u["state"] == "session-up"]

    def wait_attached(self):
        """All UEs with a session and ping over it: what every fault must end in."""
        wait_for("%d UEs with a session" % N_UES, lambda: len(self.attached()) == N_UES)
        wait_for("ping from every UE", lambda: not self.ping_lost(3))

    def ping_lost(self, count, interval=0.2):
        """Replies missing, of count pings from each UE."""
        self.check_alive()
        running = self.ping_start(count, interval)
        return self.ping_end(running, count)

    def ping_start(self, count, interval=0.2):
        return [subprocess.Popen(self.inside("ue%d" % i, "ping", "-n", "-c", str(count), "-i", str(interval), "-W", "3", N6),
                                 text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for i in range(1, N_UES + 1)]

    def ping_end(self, running, count):
        got = 0
        for p in running:
            m = re.search(r" (\d+) received", p.communicate()[0])
            got += int(m.group(1)) if m else 0
        return count * N_UES - got


def libc():
    import ctypes
    return ctypes.CDLL(None, use_errno=True)


def main(tests):
    """Runs test functions on one rig: rig -> None. Exit status 0 when all hold."""
    build = sys.argv[1] if len(sys.argv) > 1 else os.path.join(TOP, "build")
    if os.geteuid():
        print("these tests make network namespaces: root is needed")
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        with Rig(build) as rig:
            start = time.monotonic()
            rig.up()
            print("up in %.1f s" % (time.monotonic() - start), flush=True)
            for t in tests:
                start = time.monotonic()
                print("%s ..." % t.__doc__.strip().splitlines()[0], flush=True)
                t(rig)
                rig.check_alive()
                print("    ok, %.1f s" % (time.monotonic() - start), flush=True)
    except Failed as e:
        print("FAILED: %s" % e)
        return 1
    return 0
