/* SPDX-License-Identifier: Apache-2.0 */
/* The DU's layers put together on one loop. Control thread. */
#ifndef VITRAN_DU_NODE_H
#define VITRAN_DU_NODE_H

#include "du/config.h"
#include "lib/core/log.h"
#include "lib/core/loop.h"

typedef struct du_node du_node_t;

/* Starts all layers. `config` and `log` must outlive the node. 0 or -errno, with the reason logged. */
int du_node_create(loop_t *loop, const du_config_t *config, const log_t *log, du_node_t **ret);
/* Ends all layers: the CU sees the association shut down. NULL is fine. */
void du_node_destroy(du_node_t *n);

#endif
