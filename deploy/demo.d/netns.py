# SPDX-License-Identifier: Apache-2.0
"""The demo's hosts: network namespaces joined by one bridge, and a server behind N6.

    vt-sw   a bridge, 10.10.0.0/24          vt-ric 10.10.0.10   vt-cu 10.10.0.20   vt-du 10.10.0.30
    vt-cu   n6 (TUN, made by vitran-cu) 10.45.0.1/16   and   10.99.0.1 -- 10.99.0.2 vt-srv
    vt-emu  nothing but loopback: its radio is shared memory handed over a unix socket
    vt-ueN  a TUN made by vitran-emu with the address that the core gave the UE

Everything is named vt-*, so that a run that was killed can be swept away by the next."""

import os
import subprocess

HOSTS = {"ric": "10.10.0.10", "cu": "10.10.0.20", "du": "10.10.0.30"}
SERVER = "10.99.0.2"


def sh(*args, check=True):
    done = subprocess.run(args, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if check and done.returncode:
        raise RuntimeError("%s: %s" % (" ".join(args), done.stdout.strip()))
    return done.stdout


def names(n_ues):
    return ["vt-sw", "vt-ric", "vt-cu", "vt-du", "vt-emu", "vt-srv"] + ["vt-ue%d" % i for i in range(1, n_ues + 1)]


def inside(host, args):
    return ["ip", "netns", "exec", "vt-" + host] + list(args)


def sweep():
    """Deletes every vt-* namespace and whoever still lives in it. Interfaces go with their namespace."""
    for line in sh("ip", "netns", "list", check=False).splitlines():
        name = line.split()[0] if line.split() else ""
        if not name.startswith("vt-"):
            continue
        for pid in sh("ip", "netns", "pids", name, check=False).split():
            try:
                os.kill(int(pid), 9)
            except (OSError, ValueError):
                pass
        sh("ip", "netns", "del", name, check=False)


def make(n_ues):
    sweep()
    for n in names(n_ues):
        sh("ip", "netns", "add", n)
        sh("ip", "-n", n, "link", "set", "lo", "up")
    sh("ip", "-n", "vt-sw", "link", "add", "br0", "type", "bridge")
    sh("ip", "-n", "vt-sw", "link", "set", "br0", "up")
    for host, address in HOSTS.items():
        ns = "vt-" + host
        sh("ip", "-n", ns, "link", "add", "eth0", "type", "veth", "peer", "name", host, "netns", "vt-sw")
        sh("ip", "-n", ns, "addr", "add", address + "/24", "dev", "eth0")
        sh("ip", "-n", ns, "link", "set", "eth0", "up")
        sh("ip", "-n", "vt-sw", "link", "set", host, "master", "br0", "up")
    sh("ip", "-n", "vt-cu", "link", "add", "dn0", "type", "veth", "peer", "name", "eth0", "netns", "vt-srv")
    sh("ip", "-n", "vt-cu", "addr", "add", "10.99.0.1/30", "dev", "dn0")
    sh("ip", "-n", "vt-cu", "link", "set", "dn0", "up")
    sh("ip", "-n", "vt-srv", "addr", "add", SERVER + "/30", "dev", "eth0")
    sh("ip", "-n", "vt-srv", "link", "set", "eth0", "up")
    sh("ip", "-n", "vt-srv", "route", "add", "default", "via", "10.99.0.1")
    sh(*inside("cu", ["sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward"]))
