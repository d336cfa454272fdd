#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tshark 4.4 reads every NAS sample: nothing malformed or left over, and in named fields what was meant.

    referee.py TSHARK NAS_SAMPLES"""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

MM = "nas-5gs.mm."
SM = "nas-5gs.sm."
GUTI = {"nas-5gs.amf_region_id": ["2"], "nas-5gs.amf_set_id": ["341"], "nas-5gs.amf_pointer": ["42"],
        "nas-5gs.5g_tmsi": ["3735928559"]}
SUCI = {"e212.mcc": ["001"], "e212.mnc": ["01"], MM + "suci.scheme_id": ["0"], MM + "suci.msin": ["0000000001"]}

# Sample: field: the values that tshark shows, in the order of the message.
MEANT = {
    "registration request, SUCI": {
        **SUCI, MM + "message_type": ["0x41"], MM + "for": ["True"], MM + "5gs_reg_type": ["1"],
        MM + "nas_key_set_id.h1": ["7"], MM + "128_5g_ea2": ["True"], MM + "ia0": ["False"]},
    "registration request, GUTI": {
        **GUTI, MM + "nas_key_set_id.h1": ["3"], MM + "sst": ["1", "1"], MM + "mm_sd": ["2"], "nas-5gs.tac": ["7"],
        MM + "128eea2": ["True"], "nas-5gs.ul_data_sts_psi_1_b1": ["True"], "nas-5gs.pdu_ses_sts_psi_9_b1": ["True"],
        MM + "sms_requested": ["False"]},
    "registration accept": {
        **GUTI, MM + "reg_res.res": ["1"], "nas-5gs.tac": ["7", "66051"], MM + "sst": ["1", "1", "4", "6", "3"],
        MM + "mm_sd": ["2", "5", "11259375"], MM + "mapped_hplmn_sst": ["1"], MM + "rej_s_nssai.cause": ["0", "1"],
        "gsm_a.gm.gmm.gprs_timer3_unit": ["0"], "gsm_a.gm.gmm.gprs_timer3_value": ["6"],
        "gsm_a.gm.gmm.gprs_timer2_unit": ["1"], "gsm_a.gm.gmm.gprs_timer2_value": ["12"],
        "nas-5gs.nw_feat_sup.vops_3gpp": ["False"]},
    "registration complete": {MM + "message_type": ["0x43"]},
    "registration reject": {MM + "5gmm_cause": ["22"], "gsm_a.gm.gmm.gprs_timer2_value": ["30"]},
    "authentication request": {
        MM + "nas_key_set_id": ["1"], MM + "abba_contents": ["00:00"],
        "gsm_a.dtap.rand": ["00:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f"],
        "gsm_a.dtap.autn.amf": ["a6:a7"], "gsm_a.dtap.autn.mac": ["a8:a9:aa:ab:ac:ad:ae:af"]},
    "authentication response": {MM + "message_type": ["0x57"]},
    "authentication reject": {MM + "message_type": ["0x58"]},
    "authentication failure, synch": {MM + "5gmm_cause": ["21"], "gsm_a.dtap.auts": [":".join(["77"] * 14)]},
    "authentication failure, MAC": {MM + "5gmm_cause": ["20"]},
    "identity request": {MM + "type_id": ["1"]},
    "identity response, SUCI": SUCI,
    "identity response, IMEI": {MM + "imei": ["490154203237518"]},
    "security mode command": {
        MM + "nas_sec_algo_enc": ["2"], MM + "nas_sec_algo_ip": ["1"], MM + "nas_key_set_id": ["1"],
        MM + "128_5g_ea3": ["True"], "nas-eps.emm.imeisv_req": ["1"], MM + "rinmr": ["True"], MM + "hdp": ["False"]},
    "security mode complete": {**SUCI, MM + "imeisv": ["4901542032375101"], MM + "message_type": ["0x5e", "0x41"]},
    "security mode reject": {MM + "5gmm_cause": ["23"]},
    "deregistration request, UE": {**GUTI, MM + "switch_off": ["True"], MM + "acc_type": ["1"]},
    "deregistration accept, UE": {MM + "message_type": ["0x46"]},
    "deregistration request, network": {MM + "re_reg_req": ["True"], MM + "5gmm_cause": ["7"]},
    "deregistration accept, network": {MM + "message_type": ["0x48"]},
    "service request": {
        MM + "serv_type": ["2"], MM + "nas_key_set_id": ["1"], "nas-5gs.amf_set_id": ["341"],
        "nas-5gs.5g_tmsi": ["3735928559"], "nas-5gs.ul_data_sts_psi_1_b1": ["True"],
        "nas-5gs.pdu_ses_sts_psi_2_b2": ["True"], "nas-5gs.allow_pdu_ses_sts_psi_2_b2": ["True"]},
    "service accept": {"nas-5gs.pdu_ses_sts_psi_1_b1": ["True"], MM + "message_type": ["0x4e"]},
    "service reject": {MM + "5gmm_cause": ["9"]},
    "configuration update command": {
        **GUTI, MM + "conf_upd_ind.ack": ["True"], MM + "sst": ["1"], "gsm_a.dtap.text_string": ["Vit"]},
    "configuration update complete": {MM + "message_type": ["0x55"]},
    "5GMM status": {MM + "5gmm_cause": ["98"]},
    "PDU session establishment request": {
        SM + "message_type": ["0xc1"], SM + "int_prot_max_data_rate_ul": ["255"], SM + "pdu_session_type": ["1"],
        SM + "sc_mode": ["1"], SM + "max_nb_sup_pkt_flt.nb": ["16"], "gsm_a.gm.sm.pco_pid": ["0x000d", "0x0010"],
        MM + "req_type": ["1"], MM + "sst": ["1"], MM + "mm_sd": ["2"], "nas-5gs.cmn.dnn": ["internet.vitran"]},
    "PDU session establishment accept": {
        SM + "message_type": ["0xc2"], SM + "rop": ["1"], SM + "dqr": ["True"], SM + "pkt_flt_dir": ["3"],
        SM + "pf_type": ["1"], SM + "qos_rule_precedence": ["255"], SM + "qfi": ["1", "1"], SM + "5qi": ["9"],
        SM + "unit_for_session_ambr_dl": ["2"], SM + "session_ambr_dl": ["50000"],
        SM + "unit_for_session_ambr_ul": ["2"], SM + "session_ambr_ul": ["25000"], SM + "5gsm_cause": ["50"],
        SM + "pdu_addr_inf_ipv4": ["10.45.0.2"], "gsm_a.gm.sm.pco.dns.ipv4": ["8.8.8.8"],
        "gsm_a.gm.sm.pco.ipv4_link_mtu_size": ["1400"], "nas-5gs.cmn.dnn": ["internet"]},
    "PDU session establishment reject": {SM + "5gsm_cause": ["26"], "gsm_a.gm.gmm.gprs_timer3_value": ["4"]},
    "PDU session release request": {SM + "message_type": ["0xd1"], SM + "5gsm_cause": ["36"]},
    "PDU session release reject": {SM + "message_type": ["0xd2"], SM + "5gsm_cause": ["43"]},
    "PDU session release command": {SM + "message_type": ["0xd3"], SM + "5gsm_cause": ["36"]},
    "PDU session release complete": {SM + "message_type": ["0xd4"]},
    "PDU session modification reject": {SM + "message_type": ["0xca"], SM + "5gsm_cause": ["32"]},
    "5GSM status": {SM + "message_type": ["0xd6"], SM + "5gsm_cause": ["81"]},
}


def check(name, packet):
    """What is wrong with one packet, as lines."""
    shown, wrong = {}, []
    for f in packet.iter("field"):
        shown.setdefault(f.get("name"), []).append(f.get("show"))
    protocols = [p.get("name") for p in packet.findall("proto")]
    if "nas-5gs" not in protocols:
        wrong.append("is not taken for NAS: " + " ".join(protocols))
    if "_ws.malformed" in protocols or "_ws.malformed" in shown:
        wrong.append("is malformed")
    for text in shown.get("_ws.expert.message", []):
        wrong.append("tshark remarks: " + text)
    for field, values in MEANT.get(name, {}).items():
        if shown.get(field) != values:
            wrong.append("%s: meant %s, shown %s" % (field, values, shown.get(field)))
    return wrong


def main():
    tshark, samples = (os.path.abspath(p) for p in sys.argv[1:3])
    with tempfile.TemporaryDirectory() as folder:
        listing = subprocess.run([samples, "nas.pcapng"], cwd=folder, check=True, text=True, stdout=subprocess.PIPE)
        names = [line.rsplit(": ", 1)[0] for line in listing.stdout.splitlines()]
        pdml = subprocess.run([tshark, "-r", "nas.pcapng", "-T", "pdml"], cwd=folder, check=True, stdout=subprocess.PIPE)
    packets = ElementTree.fromstring(pdml.stdout).findall("packet")
    wrong = []
    if len(packets) != len(names):
        wrong.append("%d samples, %d packets read" % (len(names), len(packets)))
    wrong += ["no sample of: " + name for name in MEANT if name not in names]
    wrong += ["nothing is known of: " + name for name in names if name not in MEANT]
    for name, packet in zip(names, packets):
        wrong += ["%s: %s" % (name, line) for line in check(name, packet)]
    print("\n".join(wrong) or "%d NAS messages read as meant, %d fields" % (len(names), sum(map(len, MEANT.values()))))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
