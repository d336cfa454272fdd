# SPDX-License-Identifier: Apache-2.0
"""Asks tshark 4.4 (tests/referee/tshark) what it reads in messages: they go to it as exported PDUs (pcap link type 252),
each with the name of the dissector that is to read it. One run of tshark reads any number of messages.

    read = dissect([("f1ap", octets), ...])
    read[0].fields["f1ap.procedureCode"]    -> ["1"], all values of a field in order
    read[0].malformed                       -> what tshark calls malformed or an error, [] if nothing"""

import os
import struct
import subprocess
import tempfile
import xml.etree.ElementTree as ET

HERE = os.path.dirname(os.path.abspath(__file__))
LINKTYPE_WIRESHARK_UPPER_PDU = 252
TAG_DISSECTOR, TAG_END = 12, 0


class Packet:
    def __init__(self):
        self.fields = {}
        self.malformed = []

    def add(self, element):
        name, show = element.get("name", ""), element.get("show", "")
        if name == "_ws.malformed" or (name == "_ws.expert" and "(Error" in element.get("showname", "")):
            self.malformed.append(element.get("showname") or show)
        self.fields.setdefault(name, []).append(show)
        for child in element:
            self.add(child)


def exported(dissector, octets):
    """A frame's bytes: tags, then the PDU."""
    name = dissector.encode()
    name += b"\0" * (-len(name) % 4)
    return struct.pack(">HH", TAG_DISSECTOR, len(name)) + name + struct.pack(">HH", TAG_END, 0) + octets


def write_pcap(path, messages):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, LINKTYPE_WIRESHARK_UPPER_PDU))
        for i, (dissector, octets) in enumerate(messages):
            frame = exported(dissector, octets)
            f.write(struct.pack("<IIII", i, 0, len(frame), len(frame)) + frame)


def dissect(messages, options=()):
    """A Packet for each (dissector, octets)."""
    with tempfile.TemporaryDirectory(prefix="vitran-tshark-") as folder:
        path = os.path.join(folder, "messages.pcap")
        write_pcap(path, messages)
        done = subprocess.run([os.path.join(HERE, "tshark"), "-r", path, "-T", "pdml", *options], capture_output=True)
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace"))
    packets = []
    for element in ET.fromstring(done.stdout).iter("packet"):
        packet = Packet()
        for proto in element:
            packet.add(proto)
        packets.append(packet)
    return packets
