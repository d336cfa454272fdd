#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The demo's xApp: nothing but gRPC and the published vitran_ric.proto.

While the UEs download it subscribes to KPM, swaps the scheduler rr -> pf, raises one UE's weight through PLG and one
slice's PRB quota through E2SM-RC until the share of the throughput has at least doubled, reads back what it set, and
lets a lease end. Prints one JSON object a line: {"step": text} as it goes, and {"swap": ...}, {"control": ...},
{"rc_quota": ...}, {"lease": ...} with what was done and seen. Exit status 0 when all of it came true."""

import argparse
import collections
import json
import sys
import threading
import time

import grpc

NAME = "demo-xapp"
PERIOD_MS = 100
SETTLE_S = 2.0
WINDOW_S = 3.0
LEASE_MS = 1500


class Failed(Exception):
    pass


def say(**what):
    print(json.dumps(what), flush=True)


def step(text):
    say(step=text)


class Xapp:
    def __init__(self, pb, stub):
        self.pb, self.ric = pb, stub
        self.who = pb.Requester(xapp=NAME, priority=10)
        self.lock = threading.Lock()
        self.samples = collections.deque(maxlen=6000)  # (arrival, UE key, kbit in the period)
        self.events = []
        self.streams = []

    # ---- what there is ----

    def node(self, timeout_s=15):
        """The connected node that offers KPM, RC and PLG, and its PLG definition."""
        end = time.monotonic() + timeout_s
        while True:
            for n in self.ric.ListNodes(self.pb.ListNodesRequest(), timeout=5).nodes:
                kinds = {f.WhichOneof("definition"): f for f in n.functions}
                if n.connected and {"kpm", "rc", "plg"} <= set(kinds):
                    return n, kinds["plg"].plg
            if time.monotonic() > end:
                raise Failed("no E2 node with KPM, RC and PLG is connected")
            time.sleep(0.2)

    def running(self):
        return next(p for p in self.node()[1].plugins if p.state == self.pb.Plugin.RUNNING)

    # ---- KPM ----

    def follow(self, call, handle):
        def read():
            try:
                for indication in call:
                    handle(indication)
            except grpc.RpcError as e:
                if e.code() != grpc.StatusCode.CANCELLED:
                    step("stream ended: %s: %s" % (e.code().name, e.details()))

        self.streams.append(call)
        threading.Thread(target=read, daemon=True).start()

    def on_kpm(self, indication):
        now = time.monotonic()
        with self.lock:
            for u in indication.kpm.ues:
                for m in u.rows[-1].measurements if u.rows else []:
                    if m.name == "DRB.RlcSduTransmittedVolumeDL":
                        self.samples.append((now, (u.ue.gnb_cu_ue_f1ap_id, bytes(u.ue.ran_ue_id)), m.integer))

    def on_plg(self, indication):
        with self.lock:
            self.events += [e.value for e in indication.plg.events if e.WhichOneof("event") == "value"]

    def subscribe(self, node):
        ues = self.pb.KpmSubscription(style=4, period_ms=PERIOD_MS, measurements=[
            "DRB.RlcSduTransmittedVolumeDL", "DRB.UEThpDl", "RRU.PrbUsedDl", "CQI", "TB.TotNbrDl", "TB.ErrTotalNbrDl"])
        cell = self.pb.KpmSubscription(style=1, period_ms=1000, measurements=["RRU.PrbTotDl", "DRB.UEThpDl"],
                                       slices=self.node()[1].slices)
        self.follow(self.ric.Subscribe(self.pb.SubscribeRequest(node_id=node.id, kpm=ues)), self.on_kpm)
        self.follow(self.ric.Subscribe(self.pb.SubscribeRequest(node_id=node.id, kpm=cell)), lambda i: None)
        self.follow(self.ric.Subscribe(self.pb.SubscribeRequest(
            node_id=node.id, plg=self.pb.PlgSubscription(plugins=True, values=True))), self.on_plg)

    def volumes(self, seconds=WINDOW_S):
        """kbit of each UE, downlink, over the next seconds."""
        start = time.monotonic()
        time.sleep(seconds)
        total = collections.Counter()
        with self.lock:
            for at, ue, kbit in self.samples:
                if at >= start:
                    total[ue] += kbit
        if not sum(total.values()):
            raise Failed("KPM reports no downlink volume")
        return total

    # ---- steps ----

    def swap(self, node, to):
        step("swapping the scheduler to %s" % to)
        sent = time.monotonic()
        r = self.ric.SwapPlugin(self.pb.SwapPluginRequest(node_id=node.id, requester=self.who, to=to), timeout=10)
        say(swap={"from": r.__getattribute__("from"), "to": r.to, "applied_slot": r.slot,
                  "set_to_applied_us": r.elapsed_us, "call_us": round((time.monotonic() - sent) * 1e6)})
        end = time.monotonic() + 5
        while self.running().id != r.to:  # the RIC service update follows the swap
            if time.monotonic() > end:
                raise Failed("the node's RAN function definition does not show %s as running" % r.to)
            time.sleep(0.02)

    def set(self, node, settings, lease_ms=0):
        return self.ric.SetParameters(self.pb.SetParametersRequest(
            node_id=node.id, requester=self.who, settings=settings, lease_ms=lease_ms), timeout=10)

    def get_one(self, node, setting):
        values = self.ric.GetParameters(self.pb.GetParametersRequest(node_id=node.id, settings=[setting]),
                                        timeout=10).values
        value = values[0].value
        return getattr(value, value.WhichOneof("value"))

    def setting(self, name, ue, value):
        return self.pb.Setting(name=name, ue=self.pb.UeId(gnb_cu_ue_f1ap_id=ue[0], ran_ue_id=ue[1]),
                               value=self.pb.Value(real=value))

    def weight_parameter(self):
        for p in self.running().parameters:
            if p.scope == self.pb.Parameter.UE and p.name.endswith("weight") and p.max.WhichOneof("value") == "real":
                return p
        raise Failed("%s has no weight for a UE" % self.running().id)

    def control(self, node):
        p = self.weight_parameter()
        value = min(p.max.real, 16.0)
        before = self.volumes()
        ue = min(before, key=lambda u: before[u])
        share_before = before[ue] / sum(before.values())
        step("raising %s of UE %d to %g through PLG; its share is %.3f" % (p.name, ue[0], value, share_before))
        r = self.set(node, [self.setting(p.name, ue, value)])
        time.sleep(SETTLE_S)
        after = self.volumes()
        share_after = after[ue] / sum(after.values())
        say(control={"param": "%s[UE %d]" % (p.name, ue[0]), "value": value,
                     "readback": self.get_one(node, self.setting(p.name, ue, 0)), "applied_slot": r.slot,
                     "set_to_applied_us": r.elapsed_us, "share_before": round(share_before, 4),
                     "share_after": round(share_after, 4)})
        self.set(node, [self.setting(p.name, ue, p.initial.real)])

    def quota(self, node, slice_, low, high, dedicated):
        return self.ric.SetSlicePrbQuota(self.pb.SetSlicePrbQuotaRequest(
            node_id=node.id, requester=self.who, slice=slice_, min_percent=low, max_percent=high,
            dedicated_percent=dedicated), timeout=10)

    def slice_share(self, node, slice_):
        """The slice's share of the cell's downlink volume, from KPM's labels."""
        q = self.pb.KpmSubscription(style=1, period_ms=1000, measurements=["DRB.RlcSduTransmittedVolumeDL"],
                                    slices=self.node()[1].slices)
        ours = total = 0
        call = self.ric.Subscribe(self.pb.SubscribeRequest(node_id=node.id, kpm=q), timeout=20)
        for n, indication in enumerate(call):
            for m in indication.kpm.cell[-1].measurements:
                if m.HasField("slice"):
                    total += m.integer
                    ours += m.integer if m.slice == slice_ else 0
            if n + 1 >= WINDOW_S:
                break
        call.cancel()
        if not total:
            raise Failed("KPM reports no downlink volume by slice")
        return ours / total

    def rc_quota(self, node, slices):
        """From a cap of a fifth of the PRBs to four fifths of its own: what the slice gets follows."""
        slice_ = slices[-1]
        name = "%d-%06x" % (slice_.sst, slice_.sd) if slice_.WhichOneof("differentiator") else "%d" % slice_.sst
        step("capping slice %s at 20 %% of the PRBs through E2SM-RC" % name)
        self.quota(node, slice_, 0, 20, 0)
        time.sleep(SETTLE_S)
        share_before = self.slice_share(node, slice_)
        step("giving slice %s 80 %% of the PRBs through E2SM-RC; its share is %.3f" % (name, share_before))
        r = self.quota(node, slice_, 80, 100, 0)
        time.sleep(SETTLE_S)
        share_after = self.slice_share(node, slice_)
        value = {"min_percent": 80, "max_percent": 100, "dedicated_percent": 0}
        say(rc_quota={"param": "RRMPolicyRatio[slice %s]" % name, "value": value,
                      "readback": {"min_percent": r.min_percent, "max_percent": r.max_percent,
                                   "dedicated_percent": r.dedicated_percent},
                      "applied_slot": r.slot, "set_to_applied_us": r.elapsed_us,
                      "share_before": round(share_before, 4), "share_after": round(share_after, 4)})
        self.quota(node, slice_, 0, 100, 0)

    def lease(self, node):
        p = self.weight_parameter()
        with self.lock:
            ue = self.samples[-1][1]
            self.events.clear()
        setting = self.setting(p.name, ue, 2.0)
        earlier = self.get_one(node, setting)
        step("setting %s of UE %d to 2 under a lease of %d ms" % (p.name, ue[0], LEASE_MS))
        r = self.set(node, [setting], LEASE_MS)
        held = self.get_one(node, setting)
        end = time.monotonic() + LEASE_MS / 1000 + 5
        ended = False
        while not ended and time.monotonic() < end:
            time.sleep(0.05)
            with self.lock:
                ended = any(e.cause == self.pb.ValueEvent.LEASE_EXPIRED for e in self.events)
        readback = self.get_one(node, setting)
        say(lease={"expired": ended and held == 2.0 and readback == earlier, "readback": readback,
                   "param": "%s[UE %d]" % (p.name, ue[0]), "held": held, "applied_slot": r.slot, "lease_ms": LEASE_MS})
        if not ended or readback != earlier:
            raise Failed("the lease did not return %s to %s: it is %s" % (p.name, earlier, readback))

    def run(self):
        node, plg = self.node()
        step("%s offers %s" % (node.id, ", ".join("%s (revision %d)" % (f.name, f.revision) for f in node.functions)))
        self.subscribe(node)
        if not self.running().id.endswith("rr"):
            self.swap_back(node)
        before = self.volumes(1.5)
        step("downlink shares with rr: %s" % ", ".join(
            "UE %d %.2f" % (u[0], v / sum(before.values())) for u, v in sorted(before.items())))
        self.swap(node, "pf")
        self.control(node)
        self.rc_quota(node, list(plg.slices))
        self.lease(node)
        for s in self.streams:
            s.cancel()

    def swap_back(self, node):
        """A run before this one may have left pf."""
        self.ric.SwapPlugin(self.pb.SwapPluginRequest(node_id=node.id, requester=self.who, to="rr"), timeout=10)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--ric", default="127.0.0.1:50051", help="the RIC's xApp service")
    parser.add_argument("--stubs", required=True, help="folder with vitran_ric_pb2.py and vitran_ric_pb2_grpc.py")
    args = parser.parse_args()
    sys.path.insert(0, args.stubs)
    import vitran_ric_pb2
    import vitran_ric_pb2_grpc

    with grpc.insecure_channel(args.ric) as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=10)
            Xapp(vitran_ric_pb2, vitran_ric_pb2_grpc.RicStub(channel)).run()
        except grpc.FutureTimeoutError:
            sys.exit("xapp: nothing answers at %s" % args.ric)
        except grpc.RpcError as e:
            sys.exit("xapp: %s: %s" % (e.code().name, e.details()))
        except Failed as e:
            sys.exit("xapp: %s" % e)


if __name__ == "__main__":
    main()
