#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A plugin that is missing, corrupt or of another ABI, on a swap and at start: one line says why, the running one stays
and the UEs keep their session."""

import os
import re
import shutil
import sys

from rig import check, main


def folder(rig, text):
    """The DU's configuration with a plugin folder that also holds what must not be loaded."""
    bad = rig.dir + "/plugins"
    if not os.path.exists(bad):
        good = os.path.join(rig.build, "plugins")
        os.makedirs(bad)
        for name in os.listdir(good):
            if name.endswith((".so", ".yaml")):
                shutil.copy(os.path.join(good, name), bad)
        with open(os.path.join(good, "sched-pf.so"), "rb") as f:
            pf = f.read()
        for name, data in (("cut", pf[:len(pf) // 2]), ("empty", b""), ("noelf", b"#!/bin/sh\nexit 1\n" * 100),
                           ("flipped", pf[:64] + bytes(b ^ 0x55 for b in pf[64:])),
                           ("arm", pf[:18] + b"\xb7\0" + pf[20:])):
            with open("%s/sched-%s.so" % (bad, name), "wb") as f:
                f.write(data)
            shutil.copy(good + "/sched-pf.yaml", "%s/sched-%s.yaml" % (bad, name))
        shutil.copy("/lib/x86_64-linux-gnu/libm.so.6", bad + "/sched-stranger.so")
    return re.sub(r"^  directory: .*$", "  directory: " + bad, text, flags=re.M)


def running(rig):
    return next((p["id"] for p in rig.ctl("du", "plugins") or [] if p.get("state") == "running"), None)


def swap(rig):
    """Swaps to plugins that cannot be."""
    rig.kill("du")
    rig.start("du", lambda text: folder(rig, text))
    rig.wait_attached()
    had = running(rig)
    check(had, "no plugin runs")
    pings = rig.ping_start(25)
    for name in ("cut", "empty", "noelf", "flipped", "arm", "stranger", "nowhere", "../../../etc/passwd", "x" * 3000, ""):
        status, out, err = rig.ctl("du", "swap", name, text=True)
        check(status == 1, "swap to '%.40s': status %d, %s" % (name, status, out))
        check(err.strip().count("\n") == 0 and err.strip(), "swap to '%.40s': expected one line: %s" % (name, err))
        check(running(rig) == had, "swap to '%.40s': %s runs now" % (name, running(rig)))
    for name in ("cut", "empty", "noelf", "flipped", "arm", "stranger"):
        lines = [x for x in rig.log("du").splitlines() if "sched-%s.so" % name in x]
        check(len(lines) == 1, "sched-%s.so: expected one line in the log, found %d" % (name, len(lines)))
    check(rig.ping_end(pings, 25) == 0, "UEs lost pings")
    status, _, err = rig.ctl("du", "swap", "pf", text=True)
    check(status == 0 and running(rig) != had, "the good plugin: " + err)
    rig.wait_attached()


def replaced(rig):
    """A plugin file that goes away, or is broken, after it was seen."""
    had = running(rig)
    path = rig.dir + "/plugins/sched-rr.so"
    os.rename(path, path + ".away")
    status, _, err = rig.ctl("du", "swap", "rr", text=True)
    check(status == 1 and err.strip(), "swap to a file that went away: status %d" % status)
    with open(path, "wb") as f:
        f.write(b"\x7fELF" + bytes(2000))
    status, _, err = rig.ctl("du", "swap", "rr", text=True)
    check(status == 1 and err.strip(), "swap to a file that was broken: status %d" % status)
    check(running(rig) == had, "%s runs now" % running(rig))
    rig.wait_attached()


def start(rig):
    """Starts with a plugin that cannot be: one line says so, the built-in scheduler serves the cell."""
    for name in ("cut", "noelf", "arm", "stranger", "nowhere"):
        rig.kill("du")
        before = rig.log("du").count("sched-%s.so" % name)
        rig.start("du", lambda text: re.sub(r"^  plugin: .*$", "  plugin: %s/plugins/sched-%s.so" % (rig.dir, name), text, flags=re.M))
        check(rig.log("du").count("sched-%s.so" % name) == before + 1, "sched-%s.so: expected one line that names it" % name)
    rig.wait_attached()


if __name__ == "__main__":
    sys.exit(main([swap, replaced, start]))
