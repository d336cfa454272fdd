/* SPDX-License-Identifier: Apache-2.0 */
/* The CU's layers put together on one loop. Control thread. */
#ifndef VITRAN_CU_NODE_H
#define VITRAN_CU_NODE_H

#include "cu/config.h"
#include "lib/core/log.h"
#include "lib/core/loop.h"

typedef struct cu_node cu_node_t;

/* Starts all layers. `config` and `log` must outlive the node. 0 or -errno, with the reason logged. */
int cu_node_create(loop_t *loop, const cu_config_t *config, const log_t *log, cu_node_t **ret);
/* Ends all layers: DUs see their association end. NULL is fine. */
void cu_node_destroy(cu_node_t *n);

#endif
