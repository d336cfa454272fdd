# SPDX-License-Identifier: Apache-2.0
"""Processes of the demo: started inside their host, logged to a file, watched, and stopped without a trace."""

import os
import signal
import subprocess
import time

import netns


class Failed(Exception):
    """A step that did not do what it should: what failed, and where to look."""


class Procs:
    def __init__(self, log_dir):
        self.log_dir = log_dir
        self.running = []  # (name, Popen, must_live)
        os.makedirs(log_dir, exist_ok=True)

    def log_path(self, name):
        return os.path.join(self.log_dir, name + ".log")

    def start(self, name, host, args, must_live=True, stdout=None, env=None):
        """Starts args inside the host (None: outside of all); stdout: a file object or PIPE, else the log."""
        log = open(self.log_path(name), "w")
        p = subprocess.Popen(netns.inside(host, args) if host else args, stdin=subprocess.DEVNULL,
                             stdout=stdout if stdout is not None else log, stderr=log,
                             start_new_session=True, env=env)
        log.close()
        self.running.append((name, p, must_live))
        return p

    def check(self):
        """Raises if a process that has to live has ended."""
        for name, p, must_live in self.running:
            if must_live and p.poll() is not None:
                raise Failed("%s ended with status %d; see %s" % (name, p.returncode, self.log_path(name)))

    def stop(self, name, timeout=2.0):
        """SIGTERM, and the seconds it took to end; SIGKILL after the timeout."""
        for item in list(self.running):
            if item[0] != name:
                continue
            self.running.remove(item)
            p = item[1]
            start = time.monotonic()
            if p.poll() is None:
                try:
                    p.send_signal(signal.SIGTERM)
                    p.wait(timeout)
                except subprocess.TimeoutExpired:
                    os.killpg(p.pid, signal.SIGKILL)
                    p.wait()
            return time.monotonic() - start
        return 0.0

    def stop_all(self):
        for name, _, _ in reversed(list(self.running)):
            self.stop(name)


def wait_for(what, done, procs, timeout, where, every=0.1):
    """Polls until done() is true; the reason for giving up names what was waited for and where to look."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        procs.check()
        got = done()
        if got:
            return got
        time.sleep(every)
    raise Failed("%s: not within %g s; see %s" % (what, timeout, where))
