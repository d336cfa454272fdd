#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""vitran-ric as any gRPC client sees it: Debian's python3-grpcio against the process, with an E2 node without a radio
behind it. Arguments: vitran-ric, e2_node, vitran-ctl, folder of the stubs."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import grpc

RIC, NODE, CTL, STUBS = sys.argv[1:5]
sys.path.insert(0, STUBS)
import vitran_ric_pb2 as pb  # noqa: E402
import vitran_ric_pb2_grpc as pb_grpc  # noqa: E402


class RicTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.TemporaryDirectory()
        cls.udp = 20000 + random.SystemRandom().randrange(5000) * 2
        cls.xapp = "unix:%s/xapp.sock" % cls.dir.name
        cls.config = cls.dir.name + "/ric.yaml"
        with open(cls.config, "w") as f:
            f.write("e2:\n  address: 127.0.0.1\n  carrier: udp\n  udp_port: %d\nxapp:\n  listen: %s\n"
                    "admin:\n  listen: unix:%s/ric.sock\n" % (cls.udp, cls.xapp, cls.dir.name))
        cls.ric = subprocess.Popen([RIC, "--config", cls.config], stderr=subprocess.DEVNULL)
        cls.node = subprocess.Popen([NODE, "127.0.0.1", str(cls.udp), str(cls.udp + 1), "unix:%s/node.sock" % cls.dir.name],
                                    stderr=subprocess.DEVNULL)
        cls.channel = grpc.insecure_channel(cls.xapp)
        cls.stub = pb_grpc.RicStub(cls.channel)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                if any(n.connected for n in cls.stub.ListNodes(pb.ListNodesRequest(), timeout=2).nodes):
                    return
            except grpc.RpcError:
                pass
            time.sleep(0.1)
        raise RuntimeError("no node came up")

    @classmethod
    def tearDownClass(cls):
        cls.channel.close()
        for p in (cls.node, cls.ric):
            p.send_signal(signal.SIGTERM)
        took = time.monotonic()
        codes = [p.wait(timeout=10) for p in (cls.node, cls.ric)]
        took = time.monotonic() - took
        cls.dir.cleanup()
        assert codes == [0, 0], codes
        assert took < 2, "SIGTERM took %.1f s" % took

    def ctl(self, name, *args):
        out = subprocess.run([CTL, "--json", "--socket", "unix:%s/%s.sock" % (self.dir.name, name)] + list(args),
                             stdout=subprocess.PIPE, check=True, text=True).stdout
        return json.loads(out)

    def test_unknown_methods_are_unimplemented(self):
        for path in ("/vitran.ric.v1.Ric/NoSuch", "/no.such.Service/Method"):
            for kind in (self.channel.unary_unary, self.channel.unary_stream):
                with self.assertRaises(grpc.RpcError) as e:
                    answer = kind(path)(b"\x01\x02", timeout=3)
                    for _ in answer:
                        pass
                self.assertEqual(e.exception.code(), grpc.StatusCode.UNIMPLEMENTED)

    def test_garbage_is_refused(self):
        for method in ("Subscribe", "SwapPlugin", "SetParameters", "GetParameters", "SetSlicePrbQuota", "Control"):
            with self.assertRaises(grpc.RpcError) as e:
                for _ in self.channel.unary_stream("/vitran.ric.v1.Ric/" + method)(b"\xff" * 50, timeout=3):
                    pass
            self.assertEqual(e.exception.code(), grpc.StatusCode.INVALID_ARGUMENT, method)

    def test_a_reader_that_sleeps_loses_the_oldest_and_is_told(self):
        # A small window that does not grow, or it would take this reader long to fall behind.
        channel = grpc.insecure_channel(self.xapp, [("grpc.http2.lookahead_bytes", 65536), ("grpc.http2.bdp_probe", 0),
                                                    ("grpc.use_local_subchannel_pool", 1)])
        self.addCleanup(channel.close)
        call = pb_grpc.RicStub(channel).Subscribe(pb.SubscribeRequest(queue=4, kpm=pb.KpmSubscription(
            style=4, period_ms=10, measurements=["DRB.UEThpDl", "RRU.PrbUsedDl", "CQI"] * 10)))
        first = next(call)
        self.assertEqual((first.sequence, first.dropped), (0, 0))
        end = time.monotonic() + 20
        dropped = 0
        while not dropped and time.monotonic() < end:
            time.sleep(0.3)  # nothing is read: HTTP/2's window fills, then the RIC's queue
            counters = {(s["layer"], s["instance"], c["name"]): c["value"] for s in self.ctl("ric", "counters")
                        for c in s["counters"]}
            dropped = counters.get(("rpc", "xapp", "dropped"), 0)
        self.assertGreater(dropped, 0)
        sequence, gap = first.sequence, 0
        for indication in call:
            self.assertGreater(indication.sequence, sequence)
            gap = max(gap, indication.sequence - sequence)
            sequence = indication.sequence
            if indication.dropped:
                break
        self.assertGreater(gap, 1)
        call.cancel()

    def test_kpm_period(self):
        call = self.stub.Subscribe(pb.SubscribeRequest(kpm=pb.KpmSubscription(
            style=1, period_ms=200, granularity_ms=50, measurements=["RRU.PrbTotDl"])), timeout=10)
        reports = [next(call).kpm for _ in range(3)]
        call.cancel()
        self.assertEqual([len(r.cell) for r in reports], [4, 4, 4])
        self.assertEqual(reports[0].granularity_ms, 50)
        starts = [r.collection_start_ms for r in reports]
        self.assertEqual(starts, sorted(set(starts)))

    def test_deadline_cancels(self):
        call = self.stub.Subscribe(pb.SubscribeRequest(plg=pb.PlgSubscription(values=True)), timeout=0.5)
        with self.assertRaises(grpc.RpcError) as e:
            next(call)
        self.assertEqual(e.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)

    def test_raw_control_of_an_unknown_function(self):
        with self.assertRaises(grpc.RpcError) as e:
            self.stub.Control(pb.ControlRequest(function_id=77, header=b"x", message=b"y"), timeout=3)
        self.assertEqual(e.exception.code(), grpc.StatusCode.NOT_FOUND)
        with self.assertRaises(grpc.RpcError) as e:
            self.stub.Control(pb.ControlRequest(function_id=4, header=b"\xff", message=b"\xff"), timeout=3)
        self.assertEqual(e.exception.code(), grpc.StatusCode.FAILED_PRECONDITION)

    def test_plg_events_of_a_swap(self):
        call = self.stub.Subscribe(pb.SubscribeRequest(plg=pb.PlgSubscription(plugins=True)), timeout=10)
        time.sleep(0.3)
        running = [p["id"] for p in self.ctl("node", "plugins") if p["state"] == "running"][0]
        to = "rr" if running.endswith("pf") else "pf"
        self.ctl("node", "swap", to)
        while True:
            event = next(call).plg.events[0].plugin
            if event.state == pb.Plugin.RUNNING:
                break
        self.assertTrue(event.id.endswith(to))
        call.cancel()

    def test_ctl_sets_with_a_lease(self):
        before = self.ctl("node", "get", "slice.prb_min")[0]["values"][1]
        self.assertEqual(before["lease_left_ms"], 0)
        answer = self.ctl("node", "set", "slice.prb_min", "25", "--key", "1", "--lease", "300")
        self.assertEqual(answer["readback"], 25)
        end = time.monotonic() + 5
        while self.ctl("node", "get", "slice.prb_min")[0]["values"][1]["value"] != before["value"]:
            self.assertLess(time.monotonic(), end, "the lease did not end")
            time.sleep(0.05)

    def test_check_config(self):
        done = subprocess.run([RIC, "--config", self.config, "--check-config"], stderr=subprocess.PIPE, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        bad = self.dir.name + "/bad.yaml"
        with open(bad, "w") as f:
            f.write("plmn: \"00101\"\ne2:\n  port: 70000\n")
        done = subprocess.run([RIC, "--config", bad, "--check-config"], stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("bad.yaml:3", done.stderr)
        self.assertIn("port", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
