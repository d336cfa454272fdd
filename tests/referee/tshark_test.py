#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tshark 4.4 reads what we encode: named inner fields with their values, and nothing that it calls malformed.

    tshark_test.py ASN1_BENCH PER

ASN1_BENCH --hex writes the messages that the benches measure; PER is tests/referee/per, for random RRC."""

import subprocess
import sys

from tshark import dissect

# Message -> fields that tshark must see, with the values in order (the first ones, where there are more).
EXPECTED = {
    "e2_setup": {
        "e2ap.procedureCode": ["1"], "e2ap.TransactionID": ["7"], "e2ap.plmn_id": ["00:f1:10"], "e2ap.gNB_DU_ID": ["1"],
        "e2ap.ranFunctionID": ["2", "3"], "e2ap.ranFunction_ShortName": ["ORAN-E2SM-KPM", "ORAN-E2SM-RC"],
        "e2ap.ranFunctionOID": ["1.3.6.1.4.1.53148.1.3.2.2", "1.3.6.1.4.1.53148.1.1.2.3"],
        "f1ap.procedureCode": ["1", "1"], "f1ap.GNB_DU_ID": ["1"]},
    "ric_indication_kpm1_8": {
        "e2ap.procedureCode": ["5"], "e2ap.ricRequestorID": ["1021"], "e2ap.RICindicationSN": ["17"],
        "e2ap.integer": [str(1000 * i + 5) for i in range(8)], "e2ap.measName": ["DRB.UEThpDl", "DRB.UEThpUl"],
        "e2ap.granulPeriod": ["100"]},
    "ric_indication_kpm3_10x8": {
        "e2ap.procedureCode": ["5"], "e2ap.gNB_CU_UE_F1AP_ID": [str(i + 1) for i in range(10)],
        "e2ap.integer": [str(1000 * k + i) for i in range(10) for k in range(8)]},
    "ric_control_rc": {
        "e2ap.procedureCode": ["4"], "e2ap.ricInstanceID": ["2"], "e2ap.RANfunctionID": ["3"],
        "e2ap.RICcontrolAckRequest": ["1"]},
    "f1_dl_rrc_transfer": {
        "f1ap.procedureCode": ["12"], "f1ap.GNB_CU_UE_F1AP_ID": ["1"], "f1ap.GNB_DU_UE_F1AP_ID": ["4097"],
        "f1ap.SRBID": ["1"], "nr-rrc.cipheringAlgorithm": ["0"], "nr-rrc.integrityProtAlgorithm": ["2"]},
    "f1_ue_context_setup": {
        "f1ap.procedureCode": ["5"], "f1ap.nRCellIdentity": ["00:06:6c:00:10"], "f1ap.sRBID": ["2"], "f1ap.dRBID": ["1"],
        "f1ap.fiveQI": ["9", "9"], "f1ap.sST": ["01"], "f1ap.transportLayerAddressIPv4": ["127.0.0.1"],
        "f1ap.gTP_TEID": ["00:00:00:01"], "f1ap.rLCMode": ["0"], "f1ap.BitRate": ["1000000000"],
        "nr-rrc.securityModeCommand_element": [""]},
}

# Dissector, type in our schema: random values must be read to the end.
RRC = [("nr-rrc.ul.ccch", "UL-CCCH-Message"), ("nr-rrc.bcch.bch", "BCCH-BCH-Message"), ("nr-rrc.pcch", "PCCH-Message"),
       ("nr-rrc.cellgroupconfig_msg", "CellGroupConfig")]
N_RANDOM = 60


def comparable(text):
    """Not so: an empty nonCriticalExtension, which is nothing in Release 17 and the next release's components in tshark's;
    an octet string, whose random contents tshark would read as another message."""
    if "'H" in text:
        return False
    lines = text.splitlines()
    depths = [len(line) - len(line.lstrip()) for line in lines] + [0]
    return not any(line.strip() == "nonCriticalExtension" and depths[i + 1] <= depths[i] for i, line in enumerate(lines))


def problems(name, packet, expected):
    found = [f"{name}: {text}" for text in packet.malformed]
    for field, values in expected.items():
        seen = packet.fields.get(field, [])
        if seen[:len(values)] != values:
            found.append(f"{name}: {field} is {seen[:len(values)]}, not {values}")
    return found


def main():
    bench, per = sys.argv[1:3]
    lines = subprocess.run([bench, "--hex"], capture_output=True, text=True, check=True).stdout.splitlines()
    messages = dict(line.split() for line in lines)
    if set(messages) != set(EXPECTED):
        sys.exit(f"messages {sorted(messages)}, expected {sorted(EXPECTED)}")
    packets = dissect([("f1ap" if name.startswith("f1") else "e2ap", bytes.fromhex(h)) for name, h in messages.items()])
    found = []
    for name, packet in zip(messages, packets):
        found += problems(name, packet, EXPECTED[name])
    random = []
    for dissector, type_ in RRC:
        made = subprocess.run([per, "random", "rrc", str(N_RANDOM), "1", type_], capture_output=True, text=True, check=True)
        for line in made.stdout.splitlines():
            text = subprocess.run([per, "print", "rrc"], input=line + "\n", capture_output=True, text=True, check=True).stdout
            if comparable(text):
                random.append((dissector, bytes.fromhex(line.split()[1])))
    read = dissect(random)
    for (dissector, octets), packet in zip(random, read):
        found += problems(f"{dissector} {octets.hex()[:160]}", packet, {})
        if not any(f.startswith("nr-rrc.") for f in packet.fields):
            found.append(f"{dissector}: not read")
    print("\n".join(found[:40]))
    print(f"{len(packets)} messages and {len(read)} random RRC values read by tshark, {len(found)} complaints")
    return 1 if found or len(read) != len(random) or len(read) < N_RANDOM or len(packets) != len(EXPECTED) else 0


if __name__ == "__main__":
    sys.exit(main())
