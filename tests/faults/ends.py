#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""SIGTERM ends each process in order and soon, with UEs attached and traffic on its way."""

import sys
import time

from rig import check, main

ENOUGH = 4  # seconds; the promise is 2, the rest is for a busy machine


def one(rig, node):
    running = rig.ping_start(20, 0.1)
    time.sleep(0.5)
    p = rig.procs.pop(node)
    start = time.monotonic()
    p.terminate()
    try:
        p.wait(ENOUGH)
    except Exception:
        pass
    took = time.monotonic() - start
    status = p.poll()
    if status is None:
        p.kill()
        p.wait()
    rig.ping_end(running, 20)
    check(status is not None, "vitran-%s had not ended %d s after SIGTERM" % (node, ENOUGH))
    check(status == 0, "vitran-%s ended with status %s after SIGTERM" % (node, status))
    print("    vitran-%s ended in %.2f s" % (node, took))
    rig.start(node)


def ric(rig):
    """SIGTERM to the RIC."""
    one(rig, "ric")


def du(rig):
    """SIGTERM to the DU."""
    one(rig, "du")
    rig.wait_attached()


def cu(rig):
    """SIGTERM to the CU."""
    one(rig, "cu")
    rig.wait_attached()


def emu(rig):
    """SIGTERM to the emulator."""
    one(rig, "emu")
    rig.wait_attached()


if __name__ == "__main__":
    sys.exit(main([ric, emu, du, cu]))
