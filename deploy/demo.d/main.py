#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""First light. Starts the RIC, CU, DU and emulator, each in its own network namespace, and shows the project's main
job on real traffic: UEs attach, ping and iperf3 cross the air both ways, and an xApp swaps the scheduler, retunes it,
reads it back and lets a lease end while the traffic runs. Leaves build/demo/report.json, captures and logs."""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import netns
import traffic
import wireshark
from procs import Failed, Procs, wait_for

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(TOP, "build")
OUT = os.path.join(BUILD, "demo")
RUN = "/run/vitran"
CONFIG = os.path.join(TOP, "deploy", "config")
N_UES = 4
UES = ["ue%d" % i for i in range(1, N_UES + 1)]
PINGS = 20
NODES = ("ric", "cu", "du", "emu")
BINARY = {"ric": "ric/vitran-ric", "cu": "cu/vitran-cu", "du": "du/vitran-du", "emu": "fronthaul/emulator/vitran-emu"}
CTL = os.path.join(BUILD, "deploy/ctl/vitran-ctl")
XAPP = os.path.join(TOP, "deploy/xapp/xapp.py")
RIC_XAPP = "10.10.0.10:50051"


class Screen:
    """The live table on a terminal; on a pipe only the steps, one line each."""

    def __init__(self):
        self.live = sys.stdout.isatty()
        self.lines = 0
        self.start = time.monotonic()

    def clear(self):
        if self.live and self.lines:
            sys.stdout.write("\033[%dA\033[J" % self.lines)
        self.lines = 0

    def step(self, text):
        self.clear()
        print("[%5.1f s] %s" % (time.monotonic() - self.start, text), flush=True)

    def table(self, text):
        if not self.live:
            return
        self.clear()
        sys.stdout.write(text)
        sys.stdout.flush()
        self.lines = text.count("\n")


def ctl(node, *args):
    """vitran-ctl's JSON answer of a process; None while it does not answer."""
    done = subprocess.run([CTL, "--json", "--socket", "unix:%s/%s.sock" % (RUN, node)] + list(args), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        return json.loads(done.stdout) if done.returncode == 0 else None
    except ValueError:
        return None


class Rates:
    """Mbit/s of each UE between two looks at the DU's UE table."""

    def __init__(self):
        self.last = {}

    def of(self, ue, now):
        key = ue.get("rnti")
        before = self.last.get(key)
        self.last[key] = (now, ue.get("dl_bytes", 0), ue.get("ul_bytes", 0))
        if not before or now <= before[0]:
            return 0.0, 0.0
        dt = (now - before[0]) * 1e6 / 8
        return (ue.get("dl_bytes", 0) - before[1]) / dt, (ue.get("ul_bytes", 0) - before[2]) / dt


def ue_table(rates):
    ues = ctl("du", "ues") or []
    plugins = ctl("du", "plugins") or []
    running = next((p for p in plugins if p.get("state") == "running"), {})
    now = time.monotonic()
    out = ["%-6s %4s %9s %9s %7s   %s" % ("RNTI", "CQI", "DL Mbit/s", "UL Mbit/s", "BLER %", "slice")]
    for u in ues:
        dl, ul = rates.of(u, now)
        out.append("%-6s %4s %9.1f %9.1f %7.1f   %s" % ("%04x" % u.get("rnti", 0), u.get("cqi", "-"), dl, ul,
                                                    u.get("dl_bler_percent", 0.0), u.get("slice", "-")))
    out.append("plugin %s" % running.get("id", "-"))
    for p in running.get("parameters", []):
        values = ", ".join("%s: %s" % (v["key"], v["value"]) for v in p.get("values", []))
        out.append("  %-28s %s" % (p["name"], values))
    return "\n".join(line[:118] for line in out) + "\n"


class Demo:
    def __init__(self, keep):
        self.keep = keep
        self.screen = Screen()
        self.procs = Procs(os.path.join(OUT, "log"))
        self.rates = Rates()
        self.report = {"ok": False, "ues": []}
        self.wireshark = wireshark.Profile(os.path.join(OUT, "pcap"), netns.HOSTS["cu"], netns.HOSTS["du"])

    # ---- steps ----

    def start(self):
        self.screen.step("hosts: a network namespace for each process and each UE")
        for d in (OUT + "/pcap", RUN):
            os.makedirs(d, exist_ok=True)
        netns.make(N_UES)
        for node in NODES:
            if os.path.exists("%s/%s.sock" % (RUN, node)):
                os.unlink("%s/%s.sock" % (RUN, node))
        for host, name, most in (("ric", "e2", 200000), ("cu", "f1", 200000)):
            ports = "9899,2152" if name == "f1" else "9899"
            self.procs.start("capture-" + name, host,
                             ["/usr/bin/python3", os.path.join(TOP, "deploy/demo.d/capture.py"), "eth0",
                              "%s/pcap/%s.pcapng" % (OUT, name), ports, str(20000 if name == "f1" else most)])
        self.screen.step("processes: vitran-ric, vitran-cu, vitran-du, vitran-emu")
        for node in NODES:
            binary = os.path.join(BUILD, BINARY[node])
            self.procs.start("vitran-" + node, node, [binary, "--config", "%s/%s.yaml" % (CONFIG, node)])
            wait_for("vitran-%s answers" % node, lambda n=node: ctl(n, "status"), self.procs, 10,
                     self.procs.log_path("vitran-" + node))
            if node == "emu":
                break
        self.started = time.monotonic()

    def attach(self):
        def up():
            ues = ctl("emu", "ues") or []
            ready = [u for u in ues if u.get("state") == "session-up"]
            return ues if len(ready) == N_UES else None

        ues = wait_for("%d UEs registered with a PDU session" % N_UES, up, self.procs, 30,
                       "%s and %s" % (self.procs.log_path("vitran-emu"), self.procs.log_path("vitran-cu")))
        for u in ues:
            self.report["ues"].append({"imsi": u["imsi"], "ip": u["ip"], "attach_ms": u.get("attach_ms"),
                                       "ping": None, "iperf3": {"dl_mbps": None, "ul_mbps": None}})
            self.screen.step("attached %s: %s in %s ms" % (u["imsi"], u["ip"], u.get("attach_ms")))

    def ping(self):
        for entry, result in zip(self.report["ues"], traffic.ping_all(UES, PINGS)):
            entry["ping"] = result
            self.screen.step("ping %s: %d sent, %d lost, %s ms" % (entry["ip"], result["sent"], result["lost"],
                                                                  result["rtt_ms_p50"]))
        self.wireshark.look(ctl("du", "ues"))
        lost = sum(e["ping"]["lost"] for e in self.report["ues"])
        if lost:
            raise Failed("ping lost %d packets; see %s/pcap" % (lost, OUT))

    def watch(self, running):
        """Shows the table until all of the given processes have ended."""
        while any(p.poll() is None for p in running):
            self.procs.check()
            if self.screen.live:
                self.screen.table(ue_table(self.rates))
            time.sleep(0.5)

    def iperf(self):
        traffic.serve(self.procs, N_UES)
        time.sleep(0.3)
        for key, downlink, seconds in (("ul_mbps", False, 6), ("dl_mbps", True, 6)):
            running = traffic.load(UES, seconds, downlink)
            self.watch(running)
            for entry, rate in zip(self.report["ues"], traffic.finish(UES, running, 10)):
                entry["iperf3"][key] = round(rate, 2)
            self.screen.step("iperf3 %s, Mbit/s: %s" % ("downlink" if downlink else "uplink", ", ".join(
                "%.1f" % e["iperf3"][key] for e in self.report["ues"])))

    def xapp(self):
        """The xApp's steps while every UE downloads. It prints a JSON line a step; objects become the report's."""
        running = traffic.load(UES, 60, True)
        time.sleep(1.0)
        p = self.procs.start("xapp", "ric", ["/usr/bin/python3", XAPP, "--ric", RIC_XAPP, "--stubs",
                                             os.path.join(BUILD, "deploy/xapp")],
                             must_live=False, stdout=subprocess.PIPE)
        pending = b""
        while True:
            ready, _, _ = select.select([p.stdout], [], [], 0.5)
            more = os.read(p.stdout.fileno(), 65536) if ready else None
            if more == b"":
                break
            lines = (pending + (more or b"")).split(b"\n")
            pending = lines.pop()
            for line in lines:
                self.xapp_line(line)
            self.procs.check()
            self.screen.table(ue_table(self.rates) if self.screen.live else "")
        p.wait(5)
        for r in running:
            r.terminate()
            r.communicate()
        if p.returncode:
            raise Failed("the xApp ended with status %d; see %s" % (p.returncode, self.procs.log_path("xapp")))
        for key in ("swap", "control", "rc_quota", "lease"):
            if key not in self.report:
                raise Failed("the xApp did not report '%s'; see %s" % (key, self.procs.log_path("xapp")))

    def xapp_line(self, line):
        try:
            item = json.loads(line)
        except ValueError:
            return
        for key in ("swap", "control", "rc_quota", "lease"):
            if key in item:
                self.report[key] = item[key]
        if "step" in item:
            self.screen.step("xApp: " + item["step"])

    def slots(self):
        self.wireshark.look(ctl("du", "ues"))
        counters = ctl("du", "counters", "--all") or []
        values = {(s["layer"], c["name"]): c["value"] for s in counters for c in s["counters"]}
        self.report["slots"] = {"run": values.get(("du_slot", "slots"), 0),
                                "late": values.get(("du_slot", "late_end"), 0) + values.get(("du_slot", "skipped"), 0)}

    def stop(self):
        self.screen.clear()
        self.screen.step("stopping")
        self.procs.stop_all()
        netns.sweep()

    def captures(self):
        self.report["pcap"] = []
        self.wireshark.write()
        for name in sorted(os.listdir(OUT + "/pcap")):
            if name.endswith(".pcapng"):
                self.report["pcap"].append({"file": name, "frames": count_frames(os.path.join(OUT, "pcap", name))})

    def check(self):
        """What the demo promises: shares doubled, values read back, the lease over."""
        for key in ("control", "rc_quota"):
            c = self.report[key]
            if c["readback"] != c["value"]:
                raise Failed("%s: read back %s, set %s" % (key, c["readback"], c["value"]))
            if c["share_after"] < 2 * c["share_before"]:
                raise Failed("%s: the share went from %.3f to %.3f, not to twice as much" %
                             (key, c["share_before"], c["share_after"]))
        if not self.report["lease"]["expired"]:
            raise Failed("the lease did not end; see %s" % self.procs.log_path("vitran-du"))

    def after(self):
        r = self.report
        print("\n%-18s %14s %14s" % ("", "before", "after"))
        print("%-18s %14s %14s" % ("scheduler", r["swap"]["from"].split(".")[-1], r["swap"]["to"].split(".")[-1]))
        for key, name in (("control", "share, PLG"), ("rc_quota", "share, RC quota")):
            value = r[key]["value"]
            if isinstance(value, dict):
                value = ", ".join("%s %s" % (k.replace("_percent", ""), v) for k, v in value.items())
            print("%-18s %14.3f %14.3f   %s = %s in %s us" % (name, r[key]["share_before"], r[key]["share_after"],
                                                             r[key]["param"], value, r[key]["set_to_applied_us"]))
        print("%-18s %14s %14s" % ("lease", "held", "value is %s" % r["lease"]["readback"]))

    def run(self):
        steps = (self.start, self.attach, self.ping, self.iperf, self.xapp, self.slots)
        try:
            for s in steps:
                s()
            self.check()
            self.after()
            self.report["ok"] = True
        except Failed as e:
            self.screen.clear()
            self.report["error"] = str(e)
            print("deploy/demo: FAILED: %s" % e, file=sys.stderr)
        except KeyboardInterrupt:
            self.screen.clear()
            self.report["error"] = "interrupted"
            print("deploy/demo: interrupted", file=sys.stderr)
        except Exception as e:  # a mistake of our own: nothing may stay behind even so
            self.screen.clear()
            self.report["error"] = "%s: %s" % (type(e).__name__, e)
            traceback.print_exc()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self.report["versions"] = {n: version(n) for n in NODES}
        if self.keep and self.report["ok"]:
            self.report["pcap"] = []
            self.wireshark.write()
            self.write()
            print(KEEP_TEXT.format(ctl=CTL, run=RUN))
            return 0
        self.stop()
        self.captures()
        self.write()
        print("report: %s" % os.path.relpath(os.path.join(OUT, "report.json"), os.getcwd()))
        return 0 if self.report["ok"] else 1

    def write(self):
        with open(os.path.join(OUT, "report.json"), "w") as f:
            json.dump(self.report, f, indent=2)
            f.write("\n")


KEEP_TEXT = """It is all still running. Try:
  {ctl} --socket unix:{run}/du.sock ues
  {ctl} --socket unix:{run}/du.sock plugins
  ip netns exec vt-ue1 ping 10.99.0.2
  deploy/demo --stop"""


def version(node):
    done = subprocess.run([os.path.join(BUILD, BINARY[node]), "--version"], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    return done.stdout.strip()


def count_frames(path):
    """Enhanced packet blocks of a pcapng file."""
    n = 0
    with open(path, "rb") as f:
        while True:
            head = f.read(8)
            if len(head) < 8:
                return n
            kind, total = int.from_bytes(head[:4], "little"), int.from_bytes(head[4:], "little")
            if total < 12:
                return n
            n += kind == 6
            f.seek(total - 8, 1)


def main():
    if "--stop" in sys.argv:
        netns.sweep()
        return 0
    shutil.rmtree(OUT, ignore_errors=True)
    os.makedirs(OUT)
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    return Demo("--keep" in sys.argv).run()


if __name__ == "__main__":
    sys.exit(main())
