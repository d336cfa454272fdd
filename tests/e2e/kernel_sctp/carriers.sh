#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs inside the machine: both carriers between two network namespaces, which are two hosts joined by two cables.
fails=0

ip() { /sbin/ip "$@"; }
host() { h=$1; shift; ip netns exec "$h" "$@"; }

for h in a b; do ip netns add $h; host $h ip link set lo up; done
for n in 1 2; do
    ip link add a$n netns a type veth peer name b$n netns b
    host a ip addr add 10.$n.0.1/24 dev a$n
    host b ip addr add 10.$n.0.2/24 dev b$n
    host a ip link set a$n up
    host b ip link set b$n up
done
# RFC 6951 in the kernel of host b: it takes SCTP from UDP 9899 and sends it there. Host a's kernel knows nothing of it.
encapsulate() { host b sh -c "echo $1 > /proc/sys/net/sctp/udp_port; echo $1 > /proc/sys/net/sctp/encap_port"; }

server() { # HOST CARRIER LOCAL
    (exec /sbin/ip netns exec "$1" /sbin/peer listen "$2" "$3" 38472 > /tmp/server.log 2>&1) &
    server_pid=$!
    sleep 0.3
}

# within SECONDS FILE PATTERN
within() {
    n=$(($1 * 10))
    while [ $n -gt 0 ]; do
        grep -q "$3" "$2" 2>/dev/null && return 0
        sleep 0.1
        n=$((n - 1))
    done
    return 1
}

stop_server() { kill $server_pid 2>/dev/null; wait $server_pid 2>/dev/null; }

# check NAME LINE...: the client's log has each line's beginning, in order, and it ended well
check() {
    name=$1 rest=/tmp/client.log
    shift
    ok=$client_status
    for line in "$@"; do
        if ! grep -q "^$line" $rest; then ok=1; echo "  missing: $line"; fi
    done
    if [ "$ok" = 0 ]; then echo "ok: $name"; else
        fails=$((fails + 1))
        echo "FAILED: $name"
        sed 's/^/  client: /' /tmp/client.log
        sed 's/^/  server: /' /tmp/server.log
    fi
}

client() { host a peer connect "$@" > /tmp/client.log 2>&1; client_status=$?; }

server b kernel 10.1.0.2
client kernel 10.1.0.1 10.1.0.2 38472 shutdown
check "kernel to kernel" "up kernel 10.1.0.2:38472" "all came back"
if within 10 /tmp/server.log "^down .*: shutdown"; then echo "ok: SHUTDOWN arrives as one"; else
    fails=$((fails + 1)); echo "FAILED: SHUTDOWN arrives as one"; cat /tmp/server.log; fi
stop_server

server b auto 10.1.0.2
client auto 10.1.0.1 10.1.0.2 38472
check "auto takes the kernel's" "up kernel" "all came back"
stop_server

# a cable is cut: messages go the other way
server b kernel 10.1.0.2,10.2.0.2
rm -f /tmp/client.log
(within 20 /tmp/client.log "^round of" && host a /sbin/ip link set a1 down) &
client kernel 10.1.0.1,10.2.0.1 10.1.0.2,10.2.0.2 38472 failover
check "multi-homing: a path fails, the association goes on" "up kernel" "path down 10.1.0.2" "all came back"
host a /sbin/ip link set a1 up
stop_server

# the listener dies and comes back
server b kernel 10.1.0.2
rm -f /tmp/client.log
(within 20 /tmp/client.log "^round of"; kill -9 $server_pid; sleep 1; exec /sbin/ip netns exec b /sbin/peer listen kernel 10.1.0.2 38472 > /tmp/server.log 2>&1) &
server_pid=$!
client kernel 10.1.0.1 10.1.0.2 38472 reconnect
check "the peer is killed and comes back" "down 10.1.0.2:38472: " "all came back"
stop_server

encapsulate 9899
server b kernel 10.1.0.2
client udp 10.1.0.1 10.1.0.2 38472 shutdown
check "usrsctp to the kernel's RFC 6951" "up udp 10.1.0.2:38472 over UDP 9899" "all came back"
if within 10 /tmp/server.log "^down .*: shutdown"; then echo "ok: SHUTDOWN arrives as one over UDP"; else
    fails=$((fails + 1)); echo "FAILED: SHUTDOWN arrives as one over UDP"; cat /tmp/server.log; fi
stop_server

server a udp 10.1.0.1
host b peer connect kernel 10.1.0.2 10.1.0.1 38472 > /tmp/client.log 2>&1
client_status=$?
check "the kernel's RFC 6951 to usrsctp" "up kernel 10.1.0.1:38472" "all came back"
stop_server
encapsulate 0

server b udp 10.1.0.2
client udp 10.1.0.1 10.1.0.2 38472
check "usrsctp to usrsctp, both on UDP 9899" "up udp" "all came back"
stop_server

[ $fails = 0 ] && echo "carriers: all passed"
exit $fails
