/* SPDX-License-Identifier: Apache-2.0 */
/* Where an abstract L1 connects: a unix socket; each one that comes and says hello becomes the slot engine's
 * L1. One at a time: the latest wins, since the one before is usually dead. Control thread. */
#ifndef VITRAN_DU_L1_H
#define VITRAN_DU_L1_H

#include "du/slot/slot.h"
#include "lib/core/loop.h"

typedef struct du_l1 du_l1_t;

/* Listens at `path`. `log` must outlive the object. 0 or -errno. */
int du_l1_create(loop_t *loop, const char *path, const radio_cell_t *cell, du_slot_t *slot, const log_t *log,
                 du_l1_t **ret);
/* NULL is fine. The slot thread has stopped. */
void du_l1_destroy(du_l1_t *l);
/* The slot engine has given the link back. */
void du_l1_down(du_l1_t *l, fapi_link_t *link);

#endif
