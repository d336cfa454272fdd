#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Messages of other stacks: each is decoded, printed and encoded again.

    vectors.py PER

They lie beside the project (../shared/vectors/per, or $VITRAN_SHARED/vectors/per), one `TYPE HEX` a line. What comes back
must be the same bytes, or print as the same value: a newer release may have a longer extension bitmap, and criticalities
are written as our schema has them. Without the folder this fails: a referee that is not there has not agreed."""

import os
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCHEMA_OF_FILE = {"e2ap": "e2ap", "e2sm-rc": "e2sm_rc", "f1ap": "f1ap", "nr-rrc": "rrc"}
# Opaque here: UE capabilities, and what gNBs tell each other. NGAP and E1AP are not spoken.
NOT_OURS = {"UE-NR-Capability", "UE-MRDC-Capability", "UERadioAccessCapabilityInformation", "HandoverCommand",
            "HandoverPreparationInformation", "CG-ConfigInfo"}


def folder(kind):
    """The folder of a kind of vectors: in $VITRAN_SHARED, or beside the project, or beside the repository it was cloned from."""
    shared = os.environ.get("VITRAN_SHARED")
    candidates = [shared] if shared else [os.path.join(os.path.dirname(TOP), "shared")]
    if not shared:
        origin = subprocess.run(["git", "-C", TOP, "remote", "get-url", "origin"], capture_output=True, text=True).stdout
        if origin.startswith("/"):
            candidates.append(os.path.join(os.path.dirname(origin.strip()), "shared"))
    for c in candidates:
        if os.path.isdir(os.path.join(c, "vectors", kind)):
            return os.path.join(c, "vectors", kind)
    sys.exit(f"no vectors: {' nor '.join(candidates)} has vectors/{kind}; set VITRAN_SHARED")


def per(program, command, schema, lines):
    done = subprocess.run([program, command, schema], input="\n".join(lines) + "\n", text=True, capture_output=True)
    return done.stdout


def check(program, schema, line):
    """None, or what is wrong with a line."""
    type_, octets = line.split()
    text = per(program, "print", schema, [line])
    if text.startswith("error") or not text.startswith(type_):
        return text.strip()
    back = per(program, "recode", schema, [line]).strip()
    if back == octets:
        return None
    if back.startswith("error"):
        return back
    again = per(program, "print", schema, [f"{type_} {back}"])
    return None if again == text else f"comes back as another value: {back}"


def main():
    program = os.path.abspath(sys.argv[1])
    where, good, failed = folder("per"), 0, 0
    for name, schema in SCHEMA_OF_FILE.items():
        with open(os.path.join(where, name + ".txt"), encoding="ascii") as f:
            lines = [line.strip() for line in f if line.strip() and not line.startswith("#")]
        for line in lines:
            if line.split()[0] in NOT_OURS:
                continue
            wrong = check(program, schema, line)
            if wrong:
                failed += 1
                print(f"{name}: {line[:120]}\n    {wrong[:400]}")
            else:
                good += 1
    print(f"{good} messages of other stacks read and written, {failed} not")
    return 1 if failed or good < 15 else 0


if __name__ == "__main__":
    sys.exit(main())
