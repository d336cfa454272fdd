#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Hostile bytes on every socket, while four UEs ping: nothing dies, each cause is counted, associations stay or come
back. Chance is seeded: a run that fails can be had again."""

import os
import random
import re
import socket
import struct
import sys
import threading
import time

from rig import HOSTS, TOP, check, main, wait_for
import sctp

SEED = 20382


class Watch:
    """UEs ping while the block runs; afterwards none is missing and the named counters have grown."""

    def __init__(self, rig, **grow):
        self.rig, self.grow = rig, grow  # node -> counters, of which each must grow

    def __enter__(self):
        self.before = {n: self.rig.counters(n) for n in self.grow}
        self.running = self.rig.ping_start(15)
        return self

    def __exit__(self, kind, *_):
        lost = self.rig.ping_end(self.running, 15)
        if kind:
            return
        self.rig.check_alive()
        check(lost == 0, "UEs lost %d pings" % lost)
        for node, names in self.grow.items():
            now = self.rig.counters(node)
            for name in names:
                check(now.get(name, 0) > self.before[node].get(name, 0), "vitran-%s: %s did not grow; %s" % (
                    node, name, {k: v - self.before[node].get(k, 0) for k, v in now.items() if v != self.before[node].get(k, 0)}))


def samples():
    """F1AP PDUs, one of each message at least: those of the unit tests' goldens."""
    with open(os.path.join(TOP, "tests/unit/lib/f1ap/f1ap.ok")) as f:
        return [bytes.fromhex(m) for m in re.findall(r"^\w+ ([0-9a-f]{8,})$", f.read(), re.M)]


def mutations(rnd, messages, n):
    """n damaged messages: cut, flipped, with a piece of another, longer, or all chance."""
    for i in range(n):
        m = bytearray(rnd.choice(messages))
        how = i % 5
        if how == 0:
            m = m[:rnd.randrange(1, len(m))]
        elif how == 1:
            for _ in range(rnd.randrange(1, 6)):
                m[rnd.randrange(len(m))] ^= 1 << rnd.randrange(8)
        elif how == 2:
            other = rnd.choice(messages)
            at = rnd.randrange(len(m))
            m[at:at + 8] = other[at:at + 8] or b"\xff"
        elif how == 3:
            m += rnd.randbytes(rnd.randrange(1, 3000))
        else:
            m = bytearray(rnd.randbytes(rnd.randrange(1, 200)))
        yield bytes(m)


def in_host(rig, host, function, *args):
    """Runs function in a host's network: a thread of its own, as a namespace belongs to a thread."""
    result = []

    def body():
        try:
            rig.enter(host)
            result.append((function(*args), None))
        except Exception as e:
            result.append((None, e))

    t = threading.Thread(target=body, daemon=True)
    t.start()
    t.join(90)
    check(result, "%s does not end" % function.__name__)
    if result[0][1]:
        raise result[0][1]
    return result[0][0]


# ---- UDP: SCTP's port and GTP-U ----

def datagrams(rnd, remote, port, n):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for i in range(n):
        length = (0, 1, 11, 12, 15, 16, 20, 100, 1400)[i % 9]
        s.sendto(rnd.randbytes(length), (remote, port))
        # well-formed packets that belong to nothing, and chunks with impossible lengths
        kind = rnd.randrange(256)
        bad = sctp.chunk(kind, rnd.randrange(256), rnd.randbytes(rnd.randrange(64)), rnd.choice((None, 0, 3, 65535)))
        s.sendto(sctp.packet(rnd.randrange(65536), rnd.choice((38472, 36421, 1)), rnd.choice((0, rnd.randrange(1 << 32))), bad),
                 (remote, port))
    s.close()


def udp_garbage(rig):
    """Garbage on the UDP ports of SCTP."""
    rnd = random.Random(SEED)
    with Watch(rig, cu=["assoc.udp_rx_short", "assoc.udp_rx_checksum", "assoc.udp_rx_stranger"],
               ric=["assoc.udp_rx_short", "assoc.udp_rx_checksum", "assoc.udp_rx_stranger"]):
        for host, port in (("cu", 9899), ("ric", 9899), ("du", 9899), ("du", 9900)):
            in_host(rig, "x", datagrams, rnd, HOSTS[host], port, 150)
    check(rig.status("du")["f1"] == "ready" and rig.status("du")["e2"] == "up", "an association went down")


def gtpu(rnd, remote, n):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for i in range(n):
        head = bytes([rnd.choice((0x30, 0x34, 0x36, 0x37))])
        kind = rnd.choice((1, 2, 26, 31, 254, 255, 255, 255, rnd.randrange(256)))
        length = rnd.choice((0, 4, 20, 65535, rnd.randrange(65536)))
        s.sendto(head + struct.pack("!BHI", kind, length, rnd.randrange(1 << 32)) + rnd.randbytes(rnd.randrange(80)), (remote, 2152))
        s.sendto(rnd.randbytes(rnd.randrange(1, 30)), (remote, 2152))  # truncated or no GTP-U at all
        # an honest G-PDU for a tunnel that is not there, and one with an extension header that claims too much
        s.sendto(struct.pack("!BBHI", 0x30, 255, 20, rnd.randrange(1 << 31, 1 << 32)) + bytes(20), (remote, 2152))
        s.sendto(struct.pack("!BBHIHBBB", 0x34, 255, 20, 1, 0, 0, 0x84, 255) + bytes(15), (remote, 2152))
    s.close()


def f1u(rig):
    """F1-U: unknown tunnels, truncated headers, lengths and extension headers that lie."""
    rnd = random.Random(SEED)
    with Watch(rig, cu=["up.f1u_rx_malformed", "up.f1u_rx_unknown_teid"], du=["f1u.rx_malformed", "f1u.rx_unknown_teid"]):
        for host in ("cu", "du"):
            in_host(rig, "x", gtpu, rnd, HOSTS[host], 200)


# ---- F1AP and E2AP over an association of our own ----

def attack(rnd, remote, port, ppid, messages, n):
    """Associations that send damaged messages, wrong identifiers and procedures out of state. How many messages got
    through, how many answers came, and how many associations it took."""
    sent = answers = associations = 0
    todo = [(messages[0], 0), (messages[0], 9999)]  # the right message under a wrong identifier
    todo += [(m, ppid) for m in messages]  # every procedure, before any setup
    todo += [(m, ppid) for m in mutations(rnd, messages, n)]
    a = None
    while todo:
        if a is None:
            associations += 1
            a = sctp.Assoc(HOSTS["x"], 9899 + associations).connect(remote, port)
        message, p = todo[0]
        try:
            a.send(message, p, rnd.randrange(4))
            todo.pop(0)
            sent += 1
        except sctp.Closed:
            a.close()
            a = None
            check(associations < 60, "the peer ends every association: %d of them for %d messages" % (associations, sent))
    answers = len(a.answers(0.5))
    a.raw(sctp.chunk(sctp.DATA, 3, b"\0\0"), sctp.chunk(sctp.SACK, 0, b"\xff" * 12))  # SCTP's own rules broken as well
    a.abort()
    return sent, answers, associations


def f1c(rig):
    """F1-C of the CU: every message out of state, damaged ones, wrong payload identifiers."""
    with Watch(rig, cu=["f1ap_cu.rx_wrong_ppid", "f1ap_cu.rx_transfer_syntax", "f1ap_cu.rx_wrong_state"]):
        print("    %d messages, %d answers, %d associations" %
              in_host(rig, "x", attack, random.Random(SEED), HOSTS["cu"], 38472, sctp.F1AP, samples(), 300))
    check(rig.status("du")["f1"] == "ready", "the DU lost F1")


def e2_samples(rig):
    """What the real node and the real RIC say to each other at setup and after, taken off the wire."""
    def sniff():
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        s.settimeout(0.5)
        s.bind(("eth0", 0))
        ready.set()
        end, out, parts = time.monotonic() + 40, [], {}
        while time.monotonic() < end and not (done.is_set() and len(out) > 3):
            try:
                f = s.recv(65536)
            except socket.timeout:
                continue
            if len(f) < 60 or f[12:14] != b"\x08\0" or f[23] != 17:
                continue
            for kind, flags, v in sctp.chunks_of(f[42:]):
                if kind != sctp.DATA or struct.unpack_from("!I", v, 8)[0] not in (70, 71, 72):
                    continue
                parts[f[26:30]] = (b"" if flags & 2 else parts.get(f[26:30], b"")) + v[12:]
                if flags & 1:
                    out.append(parts.pop(f[26:30]))
        s.close()
        return out

    ready, done = threading.Event(), threading.Event()
    out = []
    t = threading.Thread(target=lambda: out.extend(in_host(rig, "ric", sniff)), daemon=True)
    t.start()
    ready.wait(10)
    rig.kill("ric")
    rig.start("ric")
    wait_for("E2 is set up", lambda: rig.status("ric").get("connected") == 1)
    done.set()
    t.join(60)
    check(len(out) >= 2, "only %d E2AP messages on the wire" % len(out))
    return out


def e2(rig):
    """E2 of the RIC: the same with messages of E2AP."""
    messages = e2_samples(rig)
    with Watch(rig, ric=["e2term.rx_transfer_syntax", "e2term.rx_unexpected"]):
        print("    %d messages, %d answers, %d associations" %
              in_host(rig, "x", attack, random.Random(SEED), HOSTS["ric"], 36421, sctp.E2_DU, messages, 300))
    wait_for("the RIC still has its node", lambda: rig.status("ric").get("connected", 0) >= 1 and rig.status("du")["e2"] == "up")


def impostor(rnd, host, port, ppid, messages, n):
    """Takes the place of the CU or the RIC and answers the DU's setup with nonsense."""
    a, sent = None, 0
    todo = [(messages[0], 9999)] + [(m, ppid) for m in messages] + [(m, ppid) for m in mutations(rnd, messages, n)]
    associations = 0
    while todo:
        if a is None:
            associations += 1
            check(associations < 25, "the DU ends every association")
            a = sctp.Assoc(HOSTS[host]).accept(port)
        try:
            a.send(todo[0][0], todo[0][1])
            todo.pop(0)
            sent += 1
        except sctp.Closed:
            a.close()
            a = None
    a.abort()
    return sent, associations


def false_ric(rig):
    """An impostor in the RIC's place says what it likes to the DU; then the real one comes back."""
    messages = e2_samples(rig)
    rig.kill("ric")
    wait_for("the DU says that the RIC is gone", lambda: rig.status("du")["e2"] == "down")
    with Watch(rig, du=["e2agent.rx_transfer_syntax", "e2agent.rx_unexpected"]):
        print("    %d messages, %d associations" %
              in_host(rig, "ric", impostor, random.Random(SEED), "ric", 36421, sctp.E2_DU, messages, 100))
    rig.start("ric")
    wait_for("E2 is set up again", lambda: rig.status("ric").get("connected") == 1)


def false_cu(rig):
    """An impostor in the CU's place says what it likes to the DU; then the real one comes back."""
    rig.kill("cu")
    wait_for("the DU says that F1 is down", lambda: rig.status("du")["f1"] != "ready")
    before = rig.counters("du")
    print("    %d messages, %d associations" %
          in_host(rig, "cu", impostor, random.Random(SEED), "cu", 38472, sctp.F1AP, samples(), 150))
    now = rig.counters("du")
    for name in ("f1ap_du.rx_wrong_ppid", "f1ap_du.rx_transfer_syntax", "f1ap_du.rx_wrong_state"):
        check(now[name] > before[name], "vitran-du: %s did not grow" % name)
    rig.check_alive()
    rig.start("cu")
    wait_for("F1 is set up again", lambda: rig.status("du")["f1"] == "ready")
    rig.wait_attached()


# ---- unix sockets ----

def l1(rig):
    """The L1 socket while an L1 is attached: garbage, silence, another L1; then without one."""
    def connect():
        s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
        wait_for("room in the L1 socket's queue", lambda: s.connect_ex(rig.dir + "/l1.sock") == 0)
        s.settimeout(5)
        return s

    def say(data, fds=()):
        s = connect()
        try:
            s.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("%di" % len(fds), *fds))] if fds else [])
            s.recv(4096)
        except OSError:
            pass
        s.close()

    rnd = random.Random(SEED)
    with Watch(rig, du=["du_l1.second"]):
        silent = [connect() for _ in range(5)]
        for n in (1, 16, 32, 4000):
            say(rnd.randbytes(n))
        for s in silent:
            s.close()
    rig.kill("emu")
    wait_for("the DU says that the L1 is gone", lambda: rig.status("du")["l1"] is False)
    before = rig.counters("du")
    silent = [connect() for _ in range(3)]
    small = os.memfd_create("small", os.MFD_ALLOW_SEALING)
    os.ftruncate(small, 4096)
    hello = hello_of(rig)
    for data, fds in ((b"\0" * 32, ()), (rnd.randbytes(32), (small,)), (hello, ()), (hello, (small,)),
                      (hello, (small, small, small)), (hello[:-8] + b"\xff" * 8, (small,))):
        say(data, fds)
    big = os.memfd_create("big", os.MFD_ALLOW_SEALING)
    os.ftruncate(big, struct.unpack_from("<Q", hello, 16)[0])
    say(hello, (big,))  # the right size, but it could shrink under the DU's feet
    for s in silent:
        s.close()
    os.close(small)
    os.close(big)
    now = rig.counters("du")
    for name in ("du_l1.refused", "du_l1.silent"):
        check(now[name] > before[name], "vitran-du: %s did not grow" % name)
    check(now["du_l1.attached"] == before["du_l1.attached"], "the DU took an L1 that it must not trust")
    rig.start("emu")
    rig.wait_attached()


def hello_of(rig):
    """The hello of a real L1: the emulator's, overheard by a socket of ours."""
    path = rig.dir + "/fake.sock"
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.bind(path)
    s.listen(1)
    s.settimeout(20)
    os.makedirs(rig.dir, exist_ok=True)
    rig.start("emu", lambda text: text.replace(rig.dir + "/l1.sock", path))
    c, _ = s.accept()
    c.settimeout(20)
    hello, anc, _, _ = c.recvmsg(4096, 64)
    for _, _, data in anc:
        for fd in struct.unpack("%di" % (len(data) // 4), data):
            os.close(fd)
    rig.kill("emu")
    c.close()
    s.close()
    return hello


def grpc_sockets(rig):
    """Admin and xApp sockets: no HTTP/2, broken HTTP/2, methods that are not there."""
    rnd = random.Random(SEED)
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    frames = [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", preface, preface + b"\xff" * 9, preface + rnd.randbytes(500),
              preface + b"\0\0\0\4\0\0\0\0\0" + b"\xff\xff\xff\1\4\0\0\0\1" + rnd.randbytes(3000),
              preface + b"\0\0\0\4\0\0\0\0\0" + b"\0\0\4\3\0\0\0\0\1" * 50, b"\0" * 4000, rnd.randbytes(4000)]

    def poke(path):
        for f in frames:
            s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            s.settimeout(0.3)
            try:
                s.connect(path)
                s.sendall(f)
                s.recv(4096)
            except OSError:
                pass
            s.close()

    with Watch(rig, ric=["rpc.unimplemented"]):
        for name in ("ric", "cu", "du", "emu", "xapp"):
            poke("%s/%s.sock" % (rig.dir, name))
        import grpc
        for name in ("ric", "cu", "du", "emu", "xapp"):
            with grpc.insecure_channel("unix:%s/%s.sock" % (rig.dir, name)) as channel:
                service = "vitran.ric.v1.Ric" if name == "xapp" else "vitran.admin.v1.Admin"
                for method in ("/no.such.Service/Method", "/" + service + "/NoSuchMethod"):
                    code = call(grpc, channel, method, rnd.randbytes(50))
                    check(code == grpc.StatusCode.UNIMPLEMENTED, "%s: %s answers %s" % (name, method, code))
                for method in ("/vitran.admin.v1.Admin/Counters",) if name != "xapp" else xapp_methods(rig):
                    code = call(grpc, channel, method, b"\xff" * 40)
                    check(code not in (grpc.StatusCode.OK, grpc.StatusCode.DEADLINE_EXCEEDED), "%s: %s answers %s to garbage" %
                          (name, method, code))
    for n in ("ric", "cu", "du", "emu"):
        check(rig.status(n), "vitran-%s does not answer any more" % n)


def xapp_methods(rig):
    with open(os.path.join(TOP, "ric/xapp/vitran_ric.proto")) as f:
        text = f.read()
    package = re.search(r"^package ([\w.]+);", text, re.M).group(1)
    service, body = re.search(r"^service (\w+) \{(.*?)^\}", text, re.M | re.S).groups()
    return ["/%s.%s/%s" % (package, service, m) for m, q in re.findall(r"rpc (\w+)\((\w+)\)", body) if not q.startswith("List")]  # those are empty


def call(grpc, channel, method, body):
    """Status of one call with raw bytes as its message."""
    try:
        for _ in channel.unary_stream(method)(body, timeout=10):
            pass
    except grpc.RpcError as e:
        return e.code()
    return grpc.StatusCode.OK


GROUPS = {"user": [udp_garbage, f1u, l1, grpc_sockets], "f1": [f1c, false_cu], "e2": [e2, false_ric]}

if __name__ == "__main__":
    names = sys.argv[2:] or list(GROUPS)
    sys.exit(main([t for g in names for t in (GROUPS.get(g) or [globals()[g]])]))
