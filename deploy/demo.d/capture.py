# SPDX-License-Identifier: Apache-2.0
"""Captures on the demo's wires: an AF_PACKET socket in a host's namespace, written as pcapng.

A capture is a process of its own (this file run inside the namespace), so that it can enter the namespace and be
stopped by a signal. It takes UDP packets of the given ports and stops writing after a number of frames, so that
iperf3's load on F1-U does not fill the disk; what it left out is said in its closing line."""

import signal
import socket
import struct
import sys
import time

ETH_P_ALL = 3


def block(kind, body):
    pad = -len(body) % 4
    total = 12 + len(body) + pad
    return struct.pack("<II", kind, total) + body + bytes(pad) + struct.pack("<I", total)


def main():
    interface, path, ports, most = sys.argv[1], sys.argv[2], {int(p) for p in sys.argv[3].split(",")}, int(sys.argv[4])
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    s.bind((interface, 0))
    s.settimeout(0.2)
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    frames = left_out = 0
    with open(path, "wb") as f:
        f.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        # interface: Ethernet, if_tsresol 9 (ns)
        f.write(block(1, struct.pack("<HHI", 1, 0, 0) + struct.pack("<HHB3xI", 9, 1, 9, 0)))
        f.flush()
        print("ready", flush=True)
        while not stop:
            try:
                frame = s.recv(65536)
            except socket.timeout:
                continue
            except InterruptedError:
                continue
            if len(frame) < 42 or frame[12:14] != b"\x08\x00" or frame[23] != 17:
                continue
            at = 14 + (frame[14] & 15) * 4
            src, dst = struct.unpack_from("!HH", frame, at)
            if src not in ports and dst not in ports:
                continue
            if frames >= most:
                left_out += 1
                continue
            now = time.time_ns()
            f.write(block(6, struct.pack("<IIIII", 0, now >> 32, now & 0xFFFFFFFF, len(frame), len(frame)) + frame))
            frames += 1
    print("%d frames, %d left out" % (frames, left_out), flush=True)


if __name__ == "__main__":
    main()
