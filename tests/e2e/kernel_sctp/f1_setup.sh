#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs inside the machine: vitran-cu and vitran-du in two network namespaces, F1 Setup over the kernel's SCTP, again when
# the CU is killed and comes back, and from a DU with usrsctp to a CU with the kernel's RFC 6951.
fails=0
ip() { /sbin/ip "$@"; }

for h in cu du; do ip netns add $h; ip netns exec $h /sbin/ip link set lo up; done
ip link add cu0 netns cu type veth peer name du0 netns du
ip netns exec cu /sbin/ip addr add 10.10.0.20/24 dev cu0
ip netns exec du /sbin/ip addr add 10.10.0.30/24 dev du0
ip netns exec cu /sbin/ip link set cu0 up
ip netns exec du /sbin/ip link set du0 up
mkdir -p /run/vitran

cu_config() {
    cat > /tmp/cu.yaml <<END
log: {level: info}
f1c: {local: 10.10.0.20, carrier: $1}
f1u: {address: 10.10.0.20}
n6: {tun: n6, address: 10.45.0.1, prefix: 16}
admin: {listen: "unix:/run/vitran/cu.sock"}
END
}

du_config() {
    cat > /tmp/du.yaml <<END
log: {level: info}
f1c: {local: 10.10.0.30, remote: 10.10.0.20, carrier: $1}
f1u: {address: 10.10.0.30}
l1: {socket: /run/vitran/l1.sock}
scheduler: {plugin: /plugins/sched-rr.so, directory: /plugins}
e2: {enabled: false}
admin: {listen: "unix:/run/vitran/du.sock"}
END
}

start_cu() { (exec /sbin/ip netns exec cu /sbin/vitran-cu --config /tmp/cu.yaml > /tmp/cu.log 2>&1) & cu_pid=$!; }
start_du() { (exec /sbin/ip netns exec du /sbin/vitran-du --config /tmp/du.yaml > /tmp/du.log 2>&1) & du_pid=$!; }
stop() { kill "$1" 2>/dev/null; wait "$1" 2>/dev/null; }

# within SECONDS FILE PATTERN
within() {
    n=$(($1 * 10))
    while [ $n -gt 0 ]; do
        grep -q "$3" "$2" && return 0
        sleep 0.1
        n=$((n - 1))
    done
    return 1
}

check() { # NAME; the exit status of the command before
    if [ $? = 0 ]; then echo "ok: $1"; else
        fails=$((fails + 1))
        echo "FAILED: $1"
        sed 's/^/  cu: /' /tmp/cu.log | tail -20
        sed 's/^/  du: /' /tmp/du.log | tail -20
    fi
}

both() { within 20 /tmp/du.log "F1 setup with CU" && within 5 /tmp/cu.log "F1 setup with DU"; }

cu_config kernel; du_config kernel
start_cu; start_du
both
check "F1 Setup over the kernel's SCTP"
grep -q "10.10.0.20:38472$\|10.10.0.20:38472 *$" /tmp/du.log && ! grep -q "over UDP" /tmp/du.log
check "nothing of it over UDP"

kill -9 $cu_pid; wait $cu_pid 2>/dev/null
: > /tmp/du.log
sleep 1
start_cu
both
check "F1 Setup again after the CU was killed"

: > /tmp/cu.log
stop $du_pid
within 5 /tmp/cu.log "is down\|lost"
check "the CU sees the DU leave"
stop $cu_pid

ip netns exec cu sh -c "echo 9899 > /proc/sys/net/sctp/udp_port; echo 9899 > /proc/sys/net/sctp/encap_port"
du_config udp
start_cu; start_du
both
check "F1 Setup from usrsctp to the kernel's RFC 6951"
grep -q "over UDP 9899" /tmp/du.log
check "this one over UDP"
stop $du_pid
stop $cu_pid

[ $fails = 0 ] && echo "F1 Setup: all passed"
exit $fails
