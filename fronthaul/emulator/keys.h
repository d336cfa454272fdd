/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of the UEs for whoever deciphers a capture: a file with one JSON object a UE, mode 0600, replaced as a
 * whole when something has changed. Lockstep thread, between slots. */
#ifndef VITRAN_EMULATOR_KEYS_H
#define VITRAN_EMULATOR_KEYS_H

#include "fronthaul/emulator/ue/ue.h"

typedef struct keys keys_t;

/* 0 or -ENOMEM. `path` must outlive it. */
int keys_create(const char *path, keys_t **ret);
void keys_destroy(keys_t *k); /* NULL is fine */
/* Collects one UE's line; keys_flush writes the file if any line differs from what it holds. */
void keys_collect(keys_t *k, const char *imsi, ue_t *ue);
/* 0 or -errno. */
int keys_flush(keys_t *k);

#endif
