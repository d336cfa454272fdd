/* SPDX-License-Identifier: Apache-2.0 */
/* Where an abstract L1 connects: a unix socket; each one that comes and says hello becomes the slot engine's
 * L1. One at a time: while it lives, another is refused; its death shows at once on the socket. Control
 * thread. */
#ifndef VITRAN_DU_L1_H
#define VITRAN_DU_L1_H

#include "du/slot/slot.h"
#include "lib/core/counters.h"
#include "lib/core/loop.h"

#define DU_L1_COUNTERS(X)                                                                                    \
    X(attached, COUNTER_INFO, "L1s", "became the slot engine's")                                             \
    X(gone, COUNTER_WARNING, "L1s", "died or hung up")                                                       \
    X(refused, COUNTER_WARNING, "connections", "closed: no hello of ours, or memory that cannot be trusted") \
    X(silent, COUNTER_WARNING, "connections", "closed: nothing said when the next one came")                 \
    X(second, COUNTER_WARNING, "connections", "closed: another L1 is attached and alive")
COUNTERS_DECLARE(du_l1, DU_L1_COUNTERS)

typedef struct du_l1 du_l1_t;

/* Listens at `path`. `log` must outlive the object. 0 or -errno. */
int du_l1_create(loop_t *loop, const char *path, const radio_cell_t *cell, du_slot_t *slot, const log_t *log,
                 du_l1_t **ret);
/* NULL is fine. The slot thread has stopped. */
void du_l1_destroy(du_l1_t *l);
bool du_l1_attached(const du_l1_t *l);
const du_l1_counters_t *du_l1_counters(const du_l1_t *l);
/* The slot engine has given the link back. */
void du_l1_down(du_l1_t *l, fapi_link_t *link);

#endif
