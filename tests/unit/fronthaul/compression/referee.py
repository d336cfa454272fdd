# SPDX-License-Identifier: Apache-2.0
"""tshark 4.4 reads U-plane messages that carry our compressed PRBs; its samples must be those that we expand.

    referee.py TESTS_REFEREE UPLANE_SAMPLES"""

import subprocess
import sys

sys.path.insert(0, sys.argv[1])
from tshark import dissect

lines = [line.split() for line in subprocess.run([sys.argv[2]], capture_output=True, text=True, check=True).stdout.splitlines()]
read = dissect([("ecpri", bytes.fromhex(line[0])) for line in lines],
               ["-o", "oran_fh_cus.oran.ud_comp_hdr_down:TRUE", "-o", "oran_fh_cus.oran.show_iq_samples:TRUE"])
bad = 0
if len(read) != len(lines) or not lines:
    sys.exit(f"{len(lines)} messages, tshark read {len(read)}")
for line, packet in zip(lines, read):
    name, width, want = line[1], int(line[2]), [int(v) for v in line[3:]]
    # tshark takes the mantissa for a fraction: x / 2^(width - 1), six digits.
    got = [round(float(v) * 2 ** (width - 1)) for pair in zip(packet.fields.get("oran_fh_cus.iSample", []),
                                                             packet.fields.get("oran_fh_cus.qSample", [])) for v in pair]
    same = got == want and not packet.malformed
    bad += not same
    print(f"{name} width {width}: {len(got)} samples {'agree' if same else 'DIFFER'}", *packet.malformed)
    if not same:
        print("  tshark", got[:24], "\n  ours  ", want[:24])
sys.exit(1 if bad else 0)
