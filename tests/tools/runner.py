#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the suites of VitRAN's tests and closes with `N passed, N failed`.

A suite is a function that returns (passed, failed, failures): each failure is a name and the text that shows why.
Suites that come from meson count each meson test; the others count each check that they make."""

import argparse
import json
import os
import re
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
JOBS = str(os.cpu_count() or 2)


def run(args, **kw):
    return subprocess.run(args, cwd=TOP, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **kw)


def tail(text, lines=60):
    return "\n".join(text.splitlines()[-lines:])


def setup(build, options, env=None):
    """Configures and compiles one build folder. None, or the text of the error."""
    full = dict(os.environ, **(env or {}))
    if not os.path.exists(os.path.join(TOP, build, "build.ninja")):
        done = run(["meson", "setup", build] + options, env=full)
        if done.returncode:
            return tail(done.stdout)
    done = run(["ninja", "-C", build, "-j", JOBS], env=full)
    return tail(done.stdout) if done.returncode else None


def meson_tests(build, suites, env=None, wrapper=None, timeout_multiplier=1):
    """Runs the meson tests of some suites in a configured build; results from meson's own log."""
    log = os.path.join(TOP, build, "meson-logs", "testlog.json")
    if os.path.exists(log):
        os.remove(log)
    args = ["meson", "test", "-C", build, "--no-rebuild", "--print-errorlogs", "-t", str(timeout_multiplier)]
    for s in suites:
        args += ["--suite", s]
    done = run(args, env=dict(os.environ, **(env or {})))
    passed, failures = 0, []
    if os.path.exists(log):
        with open(log) as f:
            for line in f:
                t = json.loads(line)
                # A skipped test is a failure: nothing is skipped in silence.
                if t["result"] in ("OK", "EXPECTEDFAIL"):
                    passed += 1
                else:
                    failures.append((t["name"], t["result"] + "\n" + tail(t.get("stdout", "") + t.get("stderr", ""))))
    if not passed and not failures:
        failures.append((build, "no test ran\n" + tail(done.stdout)))
    return passed, failures


def from_build(build, options, suites, env=None, test_env=None, timeout_multiplier=1):
    def suite():
        error = setup(build, options, env)
        if error:
            return 0, [("build " + build, error)]
        passed, failures = meson_tests(build, suites, test_env, timeout_multiplier=timeout_multiplier) if suites else (0, [])
        return passed + 1, failures  # the build itself is one check

    return suite


def tracked(*endings):
    files = run(["git", "ls-files"]).stdout.split()
    return [f for f in files if f.endswith(endings) and os.path.exists(os.path.join(TOP, f))]


def suite_format():
    """clang-format on every C file."""
    files = tracked(".c", ".h")
    done = run(["clang-format", "--dry-run", "-Werror"] + files)
    names = sorted(set(re.findall(r"^(\S+?):\d+:\d+: error: code should be clang-formatted", done.stdout, re.M)))
    if done.returncode and not names:
        names = ["clang-format: " + tail(done.stdout, 5)]
    return 0 if names else 1, [(f, "clang-format -i " + f) for f in names]


def suite_spdx():
    """A licence tag in the first three lines of every source file."""
    bad = []
    files = tracked(".c", ".h", ".py", ".sh", "meson.build", ".proto")
    for f in files:
        with open(os.path.join(TOP, f), errors="replace") as fh:
            if "SPDX-License-Identifier: Apache-2.0" not in "".join(fh.readline() for _ in range(3)):
                bad.append((f, "first lines lack SPDX-License-Identifier: Apache-2.0"))
    return 0 if bad else 1, bad


def suite_cppcheck():
    """cppcheck's warnings over the C sources."""
    files = [f for f in tracked(".c") if not f.startswith("tests/")]
    done = run(["cppcheck", "--quiet", "-j", JOBS, "--enable=warning,portability", "--error-exitcode=1", "--inline-suppr",
                "--suppress=missingIncludeSystem",
                # cppcheck 2.10 misreads union initialisers and nested calls as these
                "--suppress=internalAstError", "--suppress=legacyUninitvar",
                # ... and takes a loop over what a plan has for one that may not run: gcc and the sanitizers watch these
                "--suppress=uninitvar:lib/phy/*", "--suppress=uninitvar:du/phy/*",
                # ... and the lesser of a size and 5 for one below 1
                "--suppress=negativeIndex:lib/phy/dl/comb4.c", "--suppress=negativeIndex:lib/phy/pusch/chest_window.c", "-I.", "-Iplugins/include", "--std=c11", "--max-configs=1"] + files)
    return (1, []) if done.returncode == 0 else (0, [("cppcheck", tail(done.stdout))])


def suite_fuzz():
    """The fuzz targets, in rotation."""
    done = run(["tests/fuzz/run"])
    sys.stdout.write(tail(done.stdout, 12) + "\n")
    return (1, []) if done.returncode == 0 else (0, [("fuzz", tail(done.stdout))])


RELEASE = ["--buildtype=debugoptimized"]
SANITIZE = ["--buildtype=debugoptimized", "-Db_sanitize=address,undefined", "-Db_lundef=false", "-Dbenches=false"]
ASAN_ENV = {"ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1",
            "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}

# Name, what it checks, function; in the order in which they run.
SUITES = [
    ("format", "clang-format over the tree", suite_format),
    ("spdx", "a licence tag in every source file", suite_spdx),
    ("release", "gcc build with -Werror, unit tests, goldens and referees", from_build("build", RELEASE, ["unit", "referee"])),
    ("e2e", "processes talking to each other", from_build("build", RELEASE, ["e2e"])),
    ("faults", "real processes broken on purpose: deaths, hostile bytes, bad files", from_build("build", RELEASE, ["faults"])),
    ("link", "a few points of the link simulations, that lie where they do", from_build("build", RELEASE, ["link"])),
    ("sanitize", "unit tests under ASan and UBSan", from_build("build-asan", SANITIZE, ["unit"], test_env=ASAN_ENV, timeout_multiplier=5)),
    ("thread", "threaded unit tests under TSan",
     from_build("build-tsan", ["-Db_sanitize=thread", "-Db_lundef=false", "-Dbenches=false"], ["thread"], timeout_multiplier=5)),
    ("clang", "clang build with -Werror", from_build("build-clang", RELEASE, [], env={"CC": "clang"})),
    ("cppcheck", "static analysis", suite_cppcheck),
    ("fuzz", "decoders under libFuzzer, 60 s a target in rotation", suite_fuzz),
]


def main():
    parser = argparse.ArgumentParser(prog="tests/run")
    parser.add_argument("--list", action="store_true", help="show the suites")
    parser.add_argument("suite", nargs="*")
    args = parser.parse_args()
    names = [s[0] for s in SUITES]
    if args.list:
        for name, what, _ in SUITES:
            print("%-10s %s" % (name, what))
        return 0
    unknown = [s for s in args.suite if s not in names]
    if unknown:
        print("tests/run: no suite %s; there are: %s" % (", ".join(unknown), ", ".join(names)), file=sys.stderr)
        return 2
    passed = failed = 0
    for name, what, function in SUITES:
        if args.suite and name not in args.suite:
            continue
        print("== %-10s %s" % (name, what), flush=True)
        start = time.monotonic()
        ok, failures = function()
        passed += ok
        failed += len(failures)
        for f, why in failures:
            print("FAIL %s: %s" % (name, f))
            print("    " + why.replace("\n", "\n    "))
        print("   %-10s %4d passed, %d failed, %.0f s" % (name, ok, len(failures), time.monotonic() - start), flush=True)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
