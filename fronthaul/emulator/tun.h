/* SPDX-License-Identifier: Apache-2.0 */
/* A UE's IP interface: a TUN device in a network namespace of its own, with the address that the core gave
 * and a default route. The calls block for the moments that the kernel needs; needs CAP_NET_ADMIN, and
 * CAP_SYS_ADMIN to enter another namespace. The calling thread's own namespace is what it was when a call
 * returns. */
#ifndef VITRAN_EMULATOR_TUN_H
#define VITRAN_EMULATOR_TUN_H

#include <stdint.h>

/* Makes (or finds) device `name` in the namespace /run/netns/<netns> ("": the thread's own), gives it ipv4
 * (host byte order) and mtu, brings it up and routes everything to it where the namespace is its own. Returns
 * a non-blocking descriptor whose reads and writes are one IP packet each, or -errno. */
int tun_open(const char *netns, const char *name, uint32_t ipv4, uint16_t mtu);
/* Gives an open device another address. 0 or -errno. */
int tun_set_address(const char *netns, const char *name, uint32_t ipv4, uint16_t mtu);

#endif
