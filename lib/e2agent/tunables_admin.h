/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin methods of the admin service (lib/rpc/admin.proto) over tunables.h: a node with plugins hands
 * them to admin_create. Loop's thread. */
#ifndef VITRAN_E2AGENT_TUNABLES_ADMIN_H
#define VITRAN_E2AGENT_TUNABLES_ADMIN_H

#include "lib/e2agent/tunables.h"
#include "lib/rpc/rpc.h"

#define TUNABLES_ADMIN_METHODS 3u

typedef struct tunables_admin tunables_admin_t;

/* Keys of a slice (0..n_slices - 1) or of the UEs that are there (VTN_UE_KEY); returns how many. */
typedef uint32_t (*tunables_keys_t)(void *ctx, uint32_t scope, uint32_t *out, uint32_t cap);

/* Fills methods [TUNABLES_ADMIN_METHODS]. 0, -ENOMEM. */
int tunables_admin_create(tunables_t *t, tunables_keys_t keys, void *ctx, rpc_method_t *methods,
                          tunables_admin_t **ret);
/* After admin_destroy. NULL is fine. */
void tunables_admin_destroy(tunables_admin_t *a);

#endif
