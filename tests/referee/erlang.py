#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Erlang's asn1ct as referee over our PER: same schema, two codecs, byte-equal both ways.

    erlang.py PER [--values N] [--seed S] [--all-random] [SCHEMA ...]

PER is the built tests/referee/per. For each schema, random values of each of its types are encoded by us, decoded and
encoded by Erlang; then random values of Erlang's the other way round (the small schemas only, since asn1ct loads the
whole schema for each value; --all-random for the others, minutes). What asn1ct compiled is kept in the cache folder
($VITRAN_CACHE, else /var/cache/vitran or ~/.cache/vitran) by the hash of the schema."""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "lib", "asn1", "tools"))
sys.path.insert(0, HERE)

from asn1.parser import Parser
from cache import cache_folder

SCHEMAS = {  # name in per: (file, rule)
    "plg": ("lib/asn1/schema/plg.asn", "per"),
    "e2ap": ("lib/asn1/schema/e2ap.asn", "per"),
    "e2sm_kpm": ("lib/asn1/schema/e2sm_kpm.asn", "per"),
    "e2sm_rc": ("lib/asn1/schema/e2sm_rc.asn", "per"),
    "f1ap": ("lib/asn1/schema/f1ap.asn", "per"),
    "rrc": ("lib/asn1/schema/rrc.asn", "uper"),
    "kinds": ("tests/unit/lib/asn1/kinds.asn", "per"),
    "kinds_uper": ("tests/unit/lib/asn1/kinds.asn", "uper"),
    "x691": ("tests/unit/lib/asn1/x691.asn", "per"),
    "x691_uper": ("tests/unit/lib/asn1/x691.asn", "uper"),
}

# What asn1ct gets wrong, and so cannot judge: it loses an addition that stands behind a group, and cannot encode a
# DEFAULT among additions.
ASN1CT_CANNOT = {"Release2", "Release3"}

# More values where they are whole messages.
MESSAGES = {
    "e2ap": ["E2AP-PDU"], "f1ap": ["F1AP-PDU"],
    "rrc": ["DL-DCCH-Message", "UL-DCCH-Message", "DL-CCCH-Message", "UL-CCCH-Message", "BCCH-DL-SCH-Message",
            "PCCH-Message", "CellGroupConfig", "RRCReconfiguration", "SIB1"],
    "e2sm_kpm": ["E2SM-KPM-IndicationMessage", "E2SM-KPM-ActionDefinition"],
    "e2sm_rc": ["E2SM-RC-ControlMessage", "E2SM-RC-RANFunctionDefinition"],
}


SMALL = {"kinds", "kinds_uper", "x691", "x691_uper"}


def run(args, text="", **kw):
    """Runs to the end, or is killed: a virtual machine that spins does not hear SIGTERM."""
    return subprocess.run(args, input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=900, **kw)


def compiled(path, rule):
    """Folder with asn1ct's code for a schema, and the module's name."""
    source = os.path.join(TOP, path)
    with open(source, encoding="utf-8") as f:
        text = f.read()
    (module,) = Parser(text, path).modules()
    types = [a.name for a in module.types.values() if not a.params and a.name not in ASN1CT_CANNOT]
    with open(os.path.join(HERE, "referee.erl"), encoding="utf-8") as f:
        key = hashlib.sha256((rule + text + f.read()).encode()).hexdigest()[:16]
    folder = cache_folder(os.path.join("erlang", f"{module.name}-{rule}-{key}"))
    if not os.path.isdir(folder):
        part = f"{folder}.part{os.getpid()}"
        os.makedirs(part)
        # asn1ct takes (SIZE (a..b), ...) for no constraint at all; (SIZE (a..b, ...)) says the same, X.680 51.5.
        with open(os.path.join(part, module.name + ".asn"), "w", encoding="utf-8") as f:
            f.write(re.sub(r"\(SIZE \(([^()]*)\), \.\.\.\)", r"(SIZE (\1, ...))", text))
        quick = ["+no_copt", "+no_bsm_opt", "+no_ssa_opt"]
        for args in (["erlc", "-b" + rule, "+undec_rest", "+noobj", module.name + ".asn"],
                     ["erlc"] + quick + [module.name + ".erl"], ["erlc", "-o", part, os.path.join(HERE, "referee.erl")]):
            done = run(args, cwd=part)
            if done.returncode:
                shutil.rmtree(part)
                raise RuntimeError(f"{path}: {' '.join(args)}:\n{done.stdout[-2000:]}")
        os.remove(os.path.join(part, module.name + ".erl"))
        try:
            os.rename(part, folder)
        except OSError:     # another run was first
            shutil.rmtree(part)
    return folder, module.name, types


def compare(sent, back, who, same=None):
    """Number of equal lines, and the first few that differ. `same` may find two encodings to be of one value."""
    bad, good = [], 0
    if len(sent) != len(back):
        bad.append(f"{who} answered {len(back)} lines to {len(sent)}: {back[-1:]}")
    for line, answer in zip(sent, back):
        if line.split(" ")[1] == answer or (same and same(line, answer)):
            good += 1
        else:
            bad.append(f"{who} on {line[:600]}\n    gave {answer[:600]}")
    return good, bad[:3]


def erlang_only(line):
    """Values that asn1ct makes though the schema has none such, and we refuse: IE containers without their mandatory
    IEs, components marked as not described."""
    return "mandatory IE missing" in line or "component that this schema does not describe" in line


def large_values(folder):
    """Erlang's encodings of values beyond 16K units."""
    with tempfile.TemporaryDirectory(prefix="vitran-erlang-") as beam:
        run(["erlc", "-o", beam, os.path.join(HERE, "large.erl")])
        done = run(["erl", "-noshell", "-pa", folder, "-pa", beam, "-run", "large", "main"])
    lines = done.stdout.splitlines()
    if len(lines) < 8:
        raise RuntimeError(f"large.erl: {done.stdout[-500:]}")
    return lines


def referee(per, name, values, seed, all_random):
    folder, module, types = compiled(*SCHEMAS[name])
    erl = ["erl", "-noshell", "-pa", folder, "-run", "referee", "main", module]
    done = run([per, "random", name, str(values), str(seed)] + types)
    ours = done.stdout.splitlines()
    if done.returncode:
        return 0, [f"{name}: per random: {ours[-1:]}"], ""
    for message in MESSAGES.get(name, []):
        ours += run([per, "random", name, str(values * 100), str(seed + 1000), message]).stdout.splitlines()
    answers = run(erl + ["recode"], "\n".join(ours) + "\n", cwd=folder).stdout.splitlines()
    good, bad = compare(ours, answers, "Erlang")
    theirs = []
    if all_random or name in SMALL:
        theirs = run(erl + ["random", str(values), str(seed)], "\n".join(types) + "\n", cwd=folder).stdout.splitlines()
    if name in ("kinds", "kinds_uper"):
        theirs += large_values(folder)
    answers = run([per, "recode", name], "\n".join(theirs) + "\n").stdout.splitlines() if theirs else []
    made = [pair for pair in zip(theirs, answers) if not erlang_only(pair[1])]
    theirs, answers = [p[0] for p in made], [p[1] for p in made]

    def same_value(line, answer):   # asn1ct writes some REALs in base 10, we all in base 2
        texts = [run([per, "print", name], f"{line.split(' ')[0]} {octets}\n").stdout for octets in (line.split(" ")[1], answer)]
        return texts[0] == texts[1] and not texts[0].startswith("error")

    their_good, their_bad = compare(theirs, answers, "we", same_value)
    covered = len({line.split(" ")[0] for line in ours})
    their_covered = len({line.split(" ")[0] for line in theirs})
    if covered < 0.9 * len(types):
        bad.append(f"only {covered} of {len(types)} types had a value")
    if (all_random or name in SMALL) and their_covered < 0.3 * len(types):
        their_bad.append(f"Erlang made values of only {their_covered} of {len(types)} types")
    summary = (f"{name}: {good} of our values ({covered} of {len(types)} types), "
               f"{their_good} of Erlang's ({their_covered} types) equal")
    return good + their_good, bad + their_bad, summary


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("per")
    parser.add_argument("--values", type=int, default=4, help="random values of each type")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all-random", action="store_true", help="Erlang's random values of the large schemas too")
    parser.add_argument("schema", nargs="*")
    args = parser.parse_args()
    names = args.schema or list(SCHEMAS)
    # The slowest to compile first.
    order = sorted(names, key=lambda n: -os.path.getsize(os.path.join(TOP, SCHEMAS[n][0])))
    failed = False
    with ThreadPoolExecutor(2) as pool:
        for name, result in zip(order, pool.map(lambda n: referee(args.per, n, args.values, args.seed, args.all_random), order)):
            good, bad, summary = result
            print(summary)
            for text in bad:
                print("  " + text)
            failed |= bool(bad) or not good
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
