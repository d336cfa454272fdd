/* SPDX-License-Identifier: Apache-2.0 */
/* The abstract L1's link: slabs of fapi.h in memory shared by the MAC (the DU, which listens) and an L1 in
 * another process (the emulator, which connects and brings the memory). The L1 makes a sealed memfd, passes
 * it over a unix SEQPACKET socket and gets the cell configuration back; from then on both sides write slabs
 * in place and wake each other by futex. The socket carries nothing more: it tells each side that the other
 * died.
 *
 * One slot, lockstep:
 *     L1  fapi_link_ul(n - 1) filled in place, fapi_link_tick(n)       "slot_indication(n)" and all that slot
 * n - 1 brought DU  fapi_link_wait_tick -> n; schedules slot n + k into fapi_link_dl(n + k);
 * fapi_link_done(n) L1  fapi_link_wait_done(n); runs the air of slot n from fapi_link_dl(n) if its abs_slot
 * is n (else nothing was sent) With the DU on the `system` clock the DU does not wait for ticks: it publishes
 * done(n) on time, the L1 follows done, and the DU takes the indications that are there
 * (fapi_link_poll_tick).
 *
 * Threads: create, connect, hang-up and destroy on a control thread; wait/tick/done on one slot thread a
 * side; those call the system only to sleep and to wake a sleeper. Trust: the DU takes what the memory holds
 * as hostile (counts, lengths and offsets are copied once and checked by du/phy/abstract); it accepts only a
 * memfd of the right size that cannot shrink, so that no access can fault. */
#ifndef VITRAN_FAPI_LINK_H
#define VITRAN_FAPI_LINK_H

#include "lib/fapi/fapi.h"

#include <stdbool.h>

#define FAPI_LINK_SLABS 8 /* DL and UL slabs each; the scheduling advance k must be below it */
#define FAPI_LINK_MAX_K 4

typedef struct fapi_link fapi_link_t;

/* ---- the DU's end, [control] ---- */

/* Listens at `path` (an old socket file is replaced; mode 0600). Returns the non-blocking descriptor for the
 * event loop, or -errno. */
int fapi_link_listen(const char *path);
/* Accepts one L1 if one waits: its hello may still be under way. Returns a non-blocking descriptor, or -errno
 * (-EAGAIN: none). */
int fapi_link_accept(int listen_fd);
/* Reads the hello from an accepted descriptor, maps the memory and answers with the cell. On success the link
 * owns conn_fd. 0; -EAGAIN: not here yet; -EPROTO: not our hello, wrong version or size, memory that could
 * shrink; -errno. */
int fapi_link_serve(int conn_fd, const fapi_cell_config_t *cell, fapi_link_t **ret);

/* ---- the L1's end, [control] ---- */

/* Makes the memory, connects, waits up to timeout_ms for the cell. 0; -ENOENT, -ECONNREFUSED: no DU there
 * (try again); -ETIMEDOUT; -EPROTO; -errno. */
int fapi_link_connect(const char *path, int timeout_ms, fapi_link_t **ret, fapi_cell_config_t *ret_cell);

/* ---- both, [control] ---- */

/* The socket: readable with end of file, or EPOLLHUP, when the peer is gone: then call fapi_link_hangup. */
int fapi_link_fd(const fapi_link_t *l);
/* Any byte or end of file on the socket ends the link. true: the peer is gone. */
bool fapi_link_peer_gone(fapi_link_t *l);
/* [any] Marks the link as down and wakes the slot thread that waits on it: its wait returns -EPIPE from now
 * on. */
void fapi_link_hangup(fapi_link_t *l);
bool fapi_link_is_down(const fapi_link_t *l);
/* No thread may be using it. NULL is fine. */
void fapi_link_destroy(fapi_link_t *l);

/* ---- slots ---- */

/* Slab of a slot, by slot modulo FAPI_LINK_SLABS. The writer sets abs_slot last thing before it publishes. */
fapi_dl_slot_t *fapi_link_dl(fapi_link_t *l, uint64_t abs_slot);
fapi_ul_slot_t *fapi_link_ul(fapi_link_t *l, uint64_t abs_slot);

/* [L1 slot] Indicates slot n. The UL slab of slot n - 1 is the DU's from here on. Slots are indicated one by
 * one. */
void fapi_link_tick(fapi_link_t *l, uint64_t n);
/* [L1 slot] Waits until the DU has published done(n). timeout_ns < 0: for ever. 0, -ETIMEDOUT, -EPIPE. */
int fapi_link_wait_done(fapi_link_t *l, uint64_t n, int64_t timeout_ns);
/* [L1 slot] The latest slot that is done; UINT64_MAX: none yet. */
uint64_t fapi_link_done_slot(const fapi_link_t *l);

/* [DU slot] Waits for slot `next` to be indicated (UINT64_MAX: whatever comes first) and returns the slot.
 * 0; -ETIMEDOUT; -EPIPE; -EPROTO: the L1 jumped. */
int fapi_link_wait_tick(fapi_link_t *l, uint64_t next, int64_t timeout_ns, uint64_t *ret_slot);
/* [DU slot] The latest slot indicated, without waiting; UINT64_MAX: none yet. */
uint64_t fapi_link_poll_tick(const fapi_link_t *l);
/* [DU slot] Publishes that slot n has been worked and the slab of slot n + k is written. */
void fapi_link_done(fapi_link_t *l, uint64_t n);

#endif
