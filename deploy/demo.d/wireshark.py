# SPDX-License-Identifier: Apache-2.0
"""What tshark and Wireshark need to read the demo's captures as what they are: a configuration folder with the framing
heuristics switched on, the UEs' keys under the UE ids that the captures carry, and a page with the commands.

The MAC capture's framing numbers a UE by its index in the DU plus one; F1AP's dissector takes the gNB-CU UE F1AP ID."""

import json
import os

PREFERENCES = """# Which LCID is which bearer: as RRC in the capture says
mac-nr.lcid_to_drb_mapping_source: From configuration protocol
rlc-nr.call_pdcp_for_ul_drb: Use signalled value
rlc-nr.call_pdcp_for_dl_drb: Use signalled value
pdcp-nr.decipher_signalling: TRUE
pdcp-nr.decipher_userplane: TRUE
pdcp-nr.verify_integrity: TRUE
"""

# PDCP is not inside RLC here. tshark takes every F1-U tunnel for bearer 1 of UE 1, so it cannot decipher their payload.
PREFERENCES_F1 = """pdcp-nr.decipher_signalling: TRUE
pdcp-nr.verify_integrity: TRUE
pdcp-nr.check_sequence_numbers: Only-PDCP-frames
pdcp-nr.show_user_plane_as_ip: FALSE
gtp.dissect_tpdu_as: PDCP-NR
"""

HEURISTICS = "mac_nr_udp,1\nrlc_nr_udp,1\npdcp_nr_udp,1\n"

README = """The demo's captures. Run from the project's root; tests/referee/tshark is Debian 13's tshark 4.4, and any later
tshark or Wireshark does as well (Debian 12's 4.0 reads E2AP as an older version).

    export WIRESHARK_CONFIG_DIR={dir}/tshark
    tests/referee/tshark       -r {dir}/mac.pcapng    MAC-NR, and in it RLC, PDCP, RRC, NAS and IP, deciphered
    tests/referee/tshark -C f1 -r {dir}/f1.pcapng     F1AP with RRC deciphered, GTP-U with NR-U
    tests/referee/tshark -2    -r {dir}/e2.pcapng     E2AP with KPM and RC
    tests/referee/tshark       -r {dir}/rrc.pcapng    RRC as the UEs sent and read it
    tests/referee/tshark       -r {dir}/nas.pcapng    NAS, ciphered messages also in the clear

Add -V for every field, -Y FILTER to choose. tests/referee/demo_pcaps holds the captures against what must be in them.
Keys of each UE: keys.json; for tshark: tshark/pdcp_nr_ue_keys.
What tshark gets wrong:
  e2   it needs a second pass (-2) to tell RC from KPM;
  mac, f1   it checks the MAC-I of RRC's Security Mode Command with NIA0, since it learns the algorithm from that very
       message: add -o pdcp-nr.default_integrity_algorithm:NIA2 to see it match;
  f1   it counts all F1-U tunnels as one bearer: its remarks about missing and repeated PDCP SNs there mean nothing.
"""

# Columns: destination, TEID, direction, SDAP, MAC-I, plane, SN length, ROHC, profile
GTP_ROW = '"%s","*","%s","SDAP header present","MAC-I NOT present","User plane","18 bits","RoHC NOT compressed","Uncompressed (0)"\n'


class Profile:
    def __init__(self, pcap_dir, cu_address, du_address):
        self.dir = pcap_dir
        self.cu, self.du = cu_address, du_address
        self.mac_keys, self.f1_keys = {}, {}

    def look(self, du_ues):
        """Notes the keys of the UEs that the DU has now; captures hold the beginning, so the first keys of an id stay."""
        try:
            with open(os.path.join(self.dir, "keys.json")) as f:
                keys = {k["c_rnti"]: k for k in map(json.loads, f) if "c_rnti" in k}
        except FileNotFoundError:
            return
        for ue in du_ues or []:
            k = keys.get(ue["rnti"])
            if k:
                self.mac_keys.setdefault(ue["ue"] + 1, k)
                self.f1_keys.setdefault(ue["cu_ue_f1ap_id"], k)

    def write(self):
        base = os.path.join(self.dir, "tshark")
        f1 = os.path.join(base, "profiles", "f1")
        os.makedirs(f1, exist_ok=True)
        self._file(base, "preferences", PREFERENCES)
        self._file(base, "heuristic_protos", HEURISTICS)
        self._file(base, "pdcp_nr_ue_keys", rows(self.mac_keys))
        self._file(f1, "preferences", PREFERENCES_F1)
        self._file(f1, "pdcp_nr_ue_keys", rows(self.f1_keys))
        self._file(f1, "gtp_pdcp_nr_keys2", GTP_ROW % (self.cu, "UL") + GTP_ROW % (self.du, "DL"))
        self._file(self.dir, "README.txt", README.format(dir=os.path.relpath(self.dir)))

    @staticmethod
    def _file(folder, name, text):
        with open(os.open(os.path.join(folder, name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as f:
            f.write(text)


def rows(keys):
    return "".join('"%d",%s\n' % (ue, ",".join('"%s"' % k[name] for name in ("rrc_enc", "up_enc", "rrc_int", "up_int")))
                   for ue, k in sorted(keys.items()))
