# SPDX-License-Identifier: Apache-2.0
"""As much SCTP (RFC 9260) over UDP (RFC 6951) as it takes to send what no honest peer would: one association, either
end, written from the RFC and sharing nothing with the stacks under test."""

import os
import socket
import struct
import time

DATA, INIT, INIT_ACK, SACK, HEARTBEAT, HEARTBEAT_ACK, ABORT, SHUTDOWN = range(8)
COOKIE_ECHO, COOKIE_ACK = 10, 11
F1AP, E2_DU = 62, 72  # payload protocol identifiers


def crc_table():
    out = []
    for i in range(256):
        c = i
        for _ in range(8):
            c = c >> 1 ^ (0x82F63B78 if c & 1 else 0)
        out.append(c)
    return out


CRC = crc_table()


def crc32c(data):
    c = 0xFFFFFFFF
    for b in data:
        c = CRC[(c ^ b) & 255] ^ c >> 8
    return c ^ 0xFFFFFFFF


def packet(src, dst, tag, *chunks):
    body = b"".join(c + bytes(-len(c) % 4) for c in chunks)
    head = struct.pack("!HHI", src, dst, tag)
    return head + struct.pack("<I", crc32c(head + bytes(4) + body)) + body


def chunk(kind, flags, value=b"", length=None):
    return struct.pack("!BBH", kind, flags, len(value) + 4 if length is None else length) + value


def chunks_of(data):
    at = 12
    while at + 4 <= len(data):
        kind, flags, n = struct.unpack_from("!BBH", data, at)
        if n < 4:
            return
        yield kind, flags, data[at + 4:at + n]
        at += n + -n % 4


class Closed(Exception):
    """The association did not come up, or has ended."""


class Assoc:
    def __init__(self, local, local_udp=9899):
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.udp.bind((local, local_udp))
        self.src, self.tag, self.tsn = 40000 + os.getpid() % 20000, 0x5EED0001, 1000
        self.ssn = {}
        self.peer_tag = 0
        self.got = []  # (stream, ppid, bytes)
        self.cum = None
        self.parts = {}

    def close(self):
        self.udp.close()

    def raw(self, *chunks, tag=None):
        self.udp.sendto(packet(self.src, self.dst, self.peer_tag if tag is None else tag, *chunks), self.remote)

    def receive(self, seconds):
        """Chunks of one packet; None after the time. DATA is taken and acknowledged, HEARTBEAT answered."""
        end = time.monotonic() + seconds
        while True:
            self.udp.settimeout(max(0.001, end - time.monotonic()))
            try:
                data, self.remote_seen = self.udp.recvfrom(65536)
            except (socket.timeout, BlockingIOError):
                return None
            except OSError:  # ICMP: nobody there (yet)
                if time.monotonic() > end:
                    return None
                continue
            if len(data) >= 16:
                break
        out = list(chunks_of(data))
        for kind, flags, value in out:
            if kind == DATA and self.peer_tag:
                self.take(flags, value)
            elif kind == HEARTBEAT and self.peer_tag:
                self.raw(chunk(HEARTBEAT_ACK, 0, value))
        self.last = data
        return out

    def take(self, flags, value):
        tsn, stream, ssn, ppid = struct.unpack_from("!IHHI", value)
        if self.cum is None or tsn == self.cum + 1 & 0xFFFFFFFF:
            self.cum = tsn
            part = self.parts.get(stream, b"") + value[12:]
            if flags & 1:
                self.got.append((stream, ppid, part))
                part = b""
            self.parts[stream] = part
        self.raw(chunk(SACK, 0, struct.pack("!IIHH", self.cum, 1 << 20, 0, 0)))

    def init(self):
        return struct.pack("!IIHHI", self.tag, 1 << 20, 8, 8, self.tsn)

    def connect(self, remote, port, udp_port=9899, seconds=20):
        """The four-way handshake, as the one who asks."""
        self.remote, self.dst = (remote, udp_port), port
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.raw(chunk(INIT, 0, self.init()), tag=0)
            got = self.receive(1)
            ack = next((v for k, _, v in got or [] if k == INIT_ACK), None)
            if not ack:
                continue
            self.peer_tag = struct.unpack_from("!I", ack)[0]
            self.cum = struct.unpack_from("!I", ack, 12)[0] - 1 & 0xFFFFFFFF
            at = 16
            while at + 4 <= len(ack):
                kind, n = struct.unpack_from("!HH", ack, at)
                if kind == 7:
                    self.raw(chunk(COOKIE_ECHO, 0, ack[at + 4:at + n]))
                at += max(4, n + -n % 4)
            for _ in range(20):
                if any(k == COOKIE_ACK for k, _, _ in self.receive(1) or []):
                    return self
        raise Closed("no association with %s port %d" % (remote, port))

    def accept(self, port, seconds=60):
        """The other end: waits for an INIT to our port and plays the server."""
        self.src = port
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            got = self.receive(1)
            for kind, _, value in got or []:
                if kind == INIT:
                    self.remote = self.remote_seen
                    self.dst = struct.unpack_from("!H", self.last)[0]
                    self.peer_tag = struct.unpack_from("!I", value)[0]
                    self.cum = struct.unpack_from("!I", value, 12)[0] - 1 & 0xFFFFFFFF
                    self.raw(chunk(INIT_ACK, 0, self.init() + struct.pack("!HH", 7, 8) + b"cook"))
                elif kind == COOKIE_ECHO and self.peer_tag:
                    self.raw(chunk(COOKIE_ACK, 0))
                    return self
        raise Closed("nobody connected to port %d" % port)

    def send(self, message, ppid, stream=0, seconds=5):
        """One message, in chunks of 1000 bytes; waits until it is acknowledged. Closed when the peer aborts."""
        # flag 8: SACK at once, RFC 7053
        parts = [message[i:i + 1000] for i in range(0, len(message), 1000)] or [b""]
        ssn = self.ssn.get(stream, 0)
        self.ssn[stream] = ssn + 1 & 0xFFFF
        for i, part in enumerate(parts):
            flags = (2 if i == 0 else 0) | (1 if i == len(parts) - 1 else 0)
            c = chunk(DATA, flags | 8, struct.pack("!IHHI", self.tsn, stream, ssn, ppid) + part)
            end = time.monotonic() + seconds
            self.raw(c)
            while not self.acked(end):
                if time.monotonic() > end:
                    raise Closed("not acknowledged")
                self.raw(c)
            self.tsn = self.tsn + 1 & 0xFFFFFFFF

    def acked(self, end):
        until = min(end, time.monotonic() + 0.5)
        while time.monotonic() < until:
            for kind, _, value in self.receive(until - time.monotonic()) or []:
                if kind == SACK and struct.unpack_from("!I", value)[0] == self.tsn:
                    return True
                if kind in (ABORT, SHUTDOWN):
                    raise Closed("the peer has ended the association")
        return False

    def answers(self, seconds):
        """Waits so long; all messages that have come since the last call."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.receive(end - time.monotonic())
        out, self.got = self.got, []
        return out

    def abort(self):
        self.raw(chunk(ABORT, 0))
        self.close()
