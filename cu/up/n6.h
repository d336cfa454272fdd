/* SPDX-License-Identifier: Apache-2.0 */
/* N6 as the user plane thread sees it: packets of UEs in, packets of UEs out, one descriptor to wait on.
 * Today it is a TUN device (n6_tun.c), whose packets are told apart by their IPv4 address; an N3 GTP-U would
 * fill in the session's key from the TEID and put its header where n6_send puts none. */
#ifndef VITRAN_CU_UP_N6_H
#define VITRAN_CU_UP_N6_H

#include <stdint.h>

#include "lib/core/pool.h"

typedef struct {
    int fd;
    bool own; /* closed by n6_close */
} n6_t;

/* What finds the PDU session of a downlink packet. */
typedef struct {
    uint32_t ue_ipv4_be;
} n6_key_t;

/* [control] Makes the device, gives it the address (0: none) and MTU, sets it up. 0, -errno. */
int n6_open_tun(n6_t *n, const char *name, uint32_t ipv4_be, uint8_t prefix, uint32_t mtu);
void n6_close(n6_t *n);
/* One packet into an empty buffer. 0; -EAGAIN: none now; -EPROTONOSUPPORT: a packet that is not IPv4. */
int n6_receive(n6_t *n, buf_t *b, n6_key_t *ret);
/* One packet, an IP packet as it stands; the buffer stays the caller's. 0, -errno. */
int n6_send(n6_t *n, const buf_t *b);
/* The source address of an IPv4 packet, network byte order. 0, -EPROTONOSUPPORT. */
int n6_source(const buf_t *b, uint32_t *ret_ipv4_be);

#endif
