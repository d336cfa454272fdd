#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Each process is killed with SIGKILL while UEs are attached, and comes back. The others say so, keep what they can
and recover by themselves."""

import sys

from rig import check, main, wait_for


def held(rig):
    """The values of the running plugin."""
    plugins = rig.ctl("du", "plugins") or []
    running = next((p for p in plugins if p.get("state") == "running"), {})
    return {p["name"]: p.get("values") for p in running.get("parameters", [])}


def ric(rig):
    """The RIC dies: UEs do not notice, leases end, the DU connects again."""
    rntis = sorted(u["c_rnti"] for u in rig.attached())
    rig.kill("ric")
    running = rig.ping_start(10)
    wait_for("the DU says that the RIC is gone", lambda: rig.status("du").get("e2") == "down")
    check(rig.ping_end(running, 10) == 0, "ping lost packets while the RIC was dead")
    check(sorted(u["c_rnti"] for u in rig.attached()) == rntis, "UEs lost their connection with the RIC")
    rig.start("ric")
    wait_for("E2 is set up again", lambda: (rig.status("ric") or {}).get("connected") == 1)
    rig.wait_attached()


def cu(rig):
    """The CU dies: the DU releases its UEs and connects again, UEs attach again."""
    rig.kill("cu")
    wait_for("the DU says that F1 is down", lambda: (rig.status("du") or {}).get("f1") != "ready")
    wait_for("the DU has released its UEs", lambda: rig.status("du").get("ues") == 0)
    rig.start("cu")
    wait_for("F1 is set up again", lambda: rig.status("du").get("f1") == "ready")
    rig.wait_attached()


def emu(rig):
    """The emulator dies: the DU says that the L1 is gone, the CU releases the UEs."""
    rig.kill("emu")
    wait_for("the DU says that the L1 is gone", lambda: rig.status("du").get("l1") is False)
    wait_for("the CU has released the UEs", lambda: rig.status("cu").get("ues") == 0)
    check(rig.status("du").get("f1") == "ready", "F1 went down with the emulator")
    rig.start("emu")
    rig.wait_attached()


def du(rig):
    """The DU dies: the CU releases the UEs, the emulator searches for a cell."""
    rig.kill("du")
    wait_for("the CU says that the DU is gone", lambda: rig.status("cu").get("dus") == 0)
    wait_for("the CU has released the UEs", lambda: rig.status("cu").get("ues") == 0)
    wait_for("the emulator says that it has no link", lambda: rig.status("emu").get("linked") is False)
    wait_for("the RIC says that the node is gone", lambda: rig.status("ric").get("connected") == 0)
    rig.start("du")
    rig.wait_attached()
    wait_for("E2 is set up again", lambda: rig.status("ric").get("connected") == 1)


if __name__ == "__main__":
    sys.exit(main([ric, cu, emu, du]))
