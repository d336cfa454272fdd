# SPDX-License-Identifier: Apache-2.0
"""ping and iperf3, Debian's own, between the UEs and the server behind N6."""

import json
import re
import subprocess

import netns
from procs import Failed


def ping_all(hosts, count, interval=0.2):
    """Pings the server from every host at once; [{sent, lost, rtt_ms_p50}] in the order of hosts."""
    running = [subprocess.Popen(netns.inside(h, ["ping", "-n", "-c", str(count), "-i", str(interval), "-W", "2", netns.SERVER]),
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for h in hosts]
    results = []
    for h, p in zip(hosts, running):
        out = p.communicate()[0]
        m = re.search(r"(\d+) packets transmitted, (\d+) received", out)
        if not m:
            raise Failed("ping from %s: %s" % (h, out.strip()))
        times = sorted(float(t) for t in re.findall(r"time=([\d.]+) ms", out))
        results.append({"sent": int(m.group(1)), "lost": int(m.group(1)) - int(m.group(2)),
                        "rtt_ms_p50": times[len(times) // 2] if times else None})
    return results


def serve(procs, n):
    """One iperf3 server a UE, ports 5201 and on."""
    for i in range(n):
        procs.start("iperf3-server%d" % (i + 1), "srv", ["iperf3", "-s", "-p", str(5201 + i)])


def load(hosts, seconds, downlink):
    """Starts an iperf3 TCP client in every host; finish() with what this returns."""
    running = []
    for i, h in enumerate(hosts):
        args = ["iperf3", "-c", netns.SERVER, "-p", str(5201 + i), "-t", str(seconds), "-J", "--connect-timeout", "3000"]
        running.append(subprocess.Popen(netns.inside(h, args + (["-R"] if downlink else [])), stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True))
    return running


def finish(hosts, running, timeout):
    """Waits for the clients; Mbit/s that each receiver got."""
    rates = []
    for h, p in zip(hosts, running):
        try:
            out = p.communicate(timeout=timeout)[0]
        except subprocess.TimeoutExpired:
            p.kill()
            raise Failed("iperf3 in %s did not end" % h)
        try:
            r = json.loads(out)
            rates.append(r["end"]["sum_received"]["bits_per_second"] / 1e6)
        except (ValueError, KeyError):
            error = re.search(r'"error":\s*"([^"]*)"', out)
            raise Failed("iperf3 in %s: %s" % (h, error.group(1) if error else out.strip()[-300:]))
    return rates
