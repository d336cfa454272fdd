#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Broken configuration files: each of the four programs says in one line which file, line and key, and what it
expected, and ends with a status other than 0. --check-config, --version and --help beside it."""

import os
import re
import subprocess
import sys
import tempfile

from rig import BINARY, NODES, TOP

# program -> (what is broken, pattern in the good file, what replaces it, key that the line names or None, expected).
# A pattern of None: the whole text. The line is that of the replacement's first changed line.
COMMON = [
    ("an empty-looking list for a mapping", r"^admin:\n  listen: .*\n|^admin: \{.*\}\n", "admin: [1, 2]\n", "admin", "mapping"),
    ("a mapping for a value", r"(listen: )\"?unix:[^\"\n}]*\"?", "listen: {a: b}", "admin.listen", "one value"),
    ("an unclosed bracket", None, "a: [1, 2\nb: }\n", None, "not YAML"),
    ("a tab where YAML has none", None, "log:\n\tlevel: info\n", None, "not YAML"),
    ("binary", None, "\x00\x01\x02\x7f", None, "not YAML"),
    ("a scalar alone", None, "nonsense\n", None, "mapping"),
]
BROKEN = {
    "du": COMMON + [
        ("an unknown key", "^cell:", "cell:\n  colour: red", "cell.colour", "unknown key"),
        ("an unknown section", "^cell:", "sell:", "sell", "unknown key"),
        ("out of range", "pci: 1", "pci: 1008", "cell.pci", "from 0 to 1007"),
        ("wrong type", "pci: 1", "pci: one", "cell.pci", "an integer"),
        ("a number with a tail", "tac: 7", "tac: 7x", "cell.tac", "an integer"),
        ("far beyond 64 bits", "tac: 7", "tac: 99999999999999999999999", "cell.tac", "an integer"),
        ("a missing required key", "^f1u:\n  address: .*\n", "f1u: {}\n", "f1u.address", "missing"),
        ("no such choice", "clock: lockstep", "clock: sundial", "slot.clock", "lockstep, system"),
        ("a key twice", "pci: 1", "pci: 1\n  pci: 2", "cell.pci", "twice"),
        ("no IPv4 address", "(f1u:\n  address:) .*", r"\1 10.10.0.300", "f1u.address", "IPv4"),
        ("not digits", 'plmn: "00101"', 'plmn: "0x101"', "cell.plmn", "5 or 6 digits"),
        ("no such width", "n_prb: 51", "n_prb: 52", "cell.n_prb", "width"),
        ("a gNB ID too long", "gnb_id: 411", "gnb_id: 4194304", "cell.gnb_id", "22"),
        ("no such log level", "level: info", "level: chatty", "log.level", "error, warning"),
        ("text too long", "socket: .*", "socket: /" + "x" * 5000, "l1.socket", "at most"),
        ("too many slices", r"  - \{sst: 1\}", "\n".join(["  - {sst: 1}"] * 300), "slices", "at most"),
        ("a carrier pigeon", "carrier: udp", "carrier: pigeon", "f1c.carrier", "auto, kernel, udp"),
        ("not true or false", "enabled: true", "enabled: perhaps", "e2.enabled", "true or false"),
    ],
    "cu": COMMON + [
        ("an unknown key", "^f1u:", "f1u:\n  colour: red", "f1u.colour", "unknown key"),
        ("out of range", "tac: 7", "tac: 16777216", "core.tac", "from 0 to 16777215"),
        ("wrong type", "prefix: 16", "prefix: wide", "n6.prefix", "an integer"),
        ("a missing required key", "^f1u:\n  address: .*\n", "f1u: {}\n", "f1u.address", "missing"),
        ("a key too short", "k: 465b5ce8b199b49faa5f0a2ee238a6bc", "k: 465b", "core.subscribers[0].k", "32 hexadecimal"),
        ("an IMSI that is none", 'imsi: "001010000000003"', 'imsi: "abc"', "core.subscribers[2].imsi", "digits"),
        ("an IMSI twice", 'imsi: "001010000000003"', 'imsi: "001010000000001"', "core.subscribers[2].imsi", "001010000000001"),
        ("not digits", 'plmn: "00101"', 'plmn: "0x101"', "core.plmn", "5 or 6 digits"),
        ("no such algorithm", r"nea: \[2, 1, 3, 0\]", "nea: [2, 4]", "security.nea[1]", "from 0 to 3"),
        ("no such log level", "level: info", "level: chatty", "log.level", "error, warning"),
        ("a pool upside down", "pool_last: 10.45.0.254", "pool_last: 10.45.0.1", "core.pool_last", "pool_first"),
    ],
    "ric": COMMON + [
        ("an unknown key", "^e2:", "e2:\n  colour: red", "e2.colour", "unknown key"),
        ("out of range", "ric_id: 1", "ric_id: 1048576", "ric_id", "from 0 to 1048575"),
        ("wrong type", "udp_port: 9899", "udp_port: [9899]", "e2.udp_port", "one value"),
        ("not digits", 'plmn: "00101"', 'plmn: "0x101"', "plmn", "5 or 6 digits"),
        ("no such log level", "log_level: info", "log_level: chatty", "log_level", "error, warning"),
    ],
    "emu": COMMON + [
        ("an unknown key", "^seed: 1", "sead: 1", "sead", "unknown key"),
        ("out of range", "sinr_dl: 18", "sinr_dl: 180", "ues[1].sinr_dl", "from -20 to 45"),
        ("wrong type", "sinr_ul: 13", "sinr_ul: loud", "ues[3].sinr_ul", "a number"),
        ("a missing required key", r"^ues:\n([ ]+.*\n)+", "", "ues", "missing"),
        ("an IMSI that is none", 'imsi: "001010000000003"', 'imsi: "0010"', "ues[2].imsi", "15 digits"),
        ("an IMSI twice", 'imsi: "001010000000003"', 'imsi: "001010000000001"', "ues[2].imsi", "already"),
        ("no slice", r"slices: \[\{sst: 1\}\]", "slices: []", "ues[0].slices", "at least one"),
        ("no such pace", "pace: realtime", "pace: leisurely", "pace", "realtime, free"),
        ("no such log level", "level: notice", "level: chatty", "log.level", "error, warning"),
    ],
}
failures = 0


def run(program, *args):
    return subprocess.run([program] + list(args), text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=30)


def expect(holds, what, done):
    global failures
    if not holds:
        failures += 1
        print("FAILED: %s: status %d, said: %s" % (what, done.returncode, (done.stdout + done.stderr).strip()[:600]))


def lines_of(good, bad):
    """Numbers of the first line that is not as it was, and of the end of what may be meant."""
    a, b = good.splitlines(), bad.splitlines()
    first = next((i for i in range(min(len(a), len(b))) if a[i] != b[i]), min(len(a), len(b)))
    return first + 1


def broken(node, program, folder):
    with open(os.path.join(TOP, "deploy/config", node + ".yaml")) as f:
        good = f.read()
    path = os.path.join(folder, node + ".yaml")
    for what, pattern, by, key, wanted in BROKEN[node]:
        bad = by if pattern is None else re.sub(pattern, by, good, count=1, flags=re.M)
        assert bad != good, (node, what)
        with open(path, "w") as f:
            f.write(bad)
        name = "vitran-%s, %s" % (node, what)
        for extra in ([], ["--check-config"]):
            done = run(program, "--config", path, *extra)
            said = done.stderr.strip()
            expect(done.returncode == 1, name + ": expected status 1", done)
            expect("\n" not in said and not done.stdout, name + ": expected one line", done)
            m = re.search(re.escape(path) + r":(\d+): (.*)", said)
            expect(m and wanted in m.group(2), name + ": expected file, line and '%s'" % wanted, done)
            if m and key:
                expect(m.group(2).startswith(key), name + ": expected the key %s" % key, done)
                # a missing key has the line of the mapping that lacks it, a long list that of its first element too many
                if wanted not in ("missing", "twice") and key != "slices" and not by.startswith(r"\1"):
                    first = lines_of(good, bad)
                    expect(int(m.group(1)) in (first, first + 1), name + ": expected line %d" % first, done)
    for what, file in (("no such file", folder + "/none.yaml"), ("a folder", folder)):
        done = run(program, "--config", file)
        expect(done.returncode == 1 and file in done.stderr and done.stderr.count("\n") == 1, "%s, %s" % (node, what), done)


def options(node, program):
    good = os.path.join(TOP, "deploy/config", node + ".yaml")
    done = run(program, "--config", good, "--check-config")
    expect(done.returncode == 0 and not done.stderr, node + " --check-config of the good file", done)
    done = run(program, "--version")
    expect(done.returncode == 0 and re.fullmatch(r"vitran-%s \d+\.\d+\.\d+\n" % node, done.stdout), node + " --version", done)
    done = run(program, "--help")
    expect(done.returncode == 0 and "admin.listen" in done.stdout and not done.stderr, node + " --help", done)
    for args in ([], ["--config"], ["--nonsense"], ["--config", good, "left over"]):
        done = run(program, *args)
        expect(done.returncode == 2 and done.stderr and not done.stdout, "%s %s" % (node, " ".join(args)), done)


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else os.path.join(TOP, "build")
    with tempfile.TemporaryDirectory(prefix="ft-") as folder:
        for node in NODES:
            program = os.path.join(build, BINARY[node])
            options(node, program)
            broken(node, program, folder)
    print("%d failed" % failures)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
