# SPDX-License-Identifier: Apache-2.0
"""tshark 4.4 reads U-plane messages that carry our compressed PRBs; its samples must be those that we expand. It
expands block floating point itself; of block scaling and mu-law it reads the parameters and the fields, which are
expanded here.

    referee.py TESTS_REFEREE UPLANE_SAMPLES"""

import math
import subprocess
import sys

sys.path.insert(0, sys.argv[1])
from tshark import dissect


def scaling(c, width, param):
    return max(-32768, min(32767, math.floor(c * param * 2.0 ** (9 - width) + 0.5)))


def mu_law(c, width, param):
    """A.3: half of the codes for the first quarter of full scale, a quarter for the second, a quarter for the rest."""
    code = min(abs(c), 2 ** (width - 1) - 1) / 2 ** (width - 1)
    level = code / 2 if code <= 1 / 2 else code - 1 / 4 if code <= 3 / 4 else 2 * code - 1
    return int(math.copysign(math.floor(level * 32768 / 2 ** (param & 15) + 0.5), c))


EXPAND = {"none": lambda c, width, param: c, "bfp": lambda c, width, param: c, "scaling": scaling, "mu-law": mu_law}

lines = [line.split() for line in subprocess.run([sys.argv[2]], capture_output=True, text=True, check=True).stdout.splitlines()]
read = dissect([("ecpri", bytes.fromhex(line[0])) for line in lines], ["-o", "oran_fh_cus.oran.ud_comp_hdr_down:TRUE"])
if len(read) != len(lines) or not lines:
    sys.exit(f"{len(lines)} messages, tshark read {len(read)}")
bad = 0
for line, packet in zip(lines, read):
    name, width, colon = line[1], int(line[2]), line.index(":")
    params, want = [int(v) for v in line[3:colon]], [int(v) for v in line[colon + 1:]]
    fields = {k.split(".")[-1]: v for k, v in packet.fields.items() if k.startswith("oran_fh_cus.")}
    said = {"none": [], "bfp": fields.get("exponent", []), "scaling": fields.get("blockScaler", []),
            "mu-law": [int(b) << 4 | int(s) for b, s in zip(fields.get("compBitWidth", []), fields.get("compShift", []))]}[name]
    # tshark shows fractions of full scale, 2^(width - 1), in six digits.
    scale = 2 ** (width - 1)
    codes = [round(float(v) * scale) for pair in zip(fields.get("iSample", []), fields.get("qSample", [])) for v in pair]
    got = [EXPAND[name](c, width, params[i // 24] if params else 0) for i, c in enumerate(codes)]
    same = got == want and [int(str(v), 0) for v in said] == params and not packet.malformed
    bad += not same
    print(f"{name} width {width}: {len(got)} samples {'agree' if same else 'DIFFER'}", *packet.malformed)
    if not same:
        print("  tshark", said, got[:24], "\n  ours  ", params, want[:24])
sys.exit(1 if bad else 0)
