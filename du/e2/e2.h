/* SPDX-License-Identifier: Apache-2.0 */
/* The DU's answers to E2: which scheduler plugins there are, what runs and with which values, changing either
 * on a slot edge, and what the cell and its UEs measure. It implements the two provider faces of lib/e2agent
 * over du/sched's control face, du/slot's figures and du/f1ap's UE identities, and owns the E2 agent and the
 * tunables.
 *
 * Thread: the DU's control thread only. du_e2_poll() must be called after the slot thread has woken it. */
#ifndef VITRAN_DU_E2_H
#define VITRAN_DU_E2_H

#include "du/f1ap/f1ap_du.h"
#include "du/slot/slot.h"
#include "lib/e2agent/e2agent.h"
#include "lib/e2agent/tunables.h"

#define DU_E2_MAX_PLUGINS 64u

typedef struct {
    loop_t *loop;
    du_slot_t *slot;
    const f1ap_du_t *f1ap;
    radio_cell_t cell;
    uint8_t k;               /* scheduling advance, slots */
    const char *plugin_dir;  /* what can be swapped to: every .so in it that passes the host's checks */
    const char *plugin_path; /* what runs at start; "" or NULL: the built-in scheduler */
    bool has_ric;            /* false: no E2, but tunables for the admin service */
    e2agent_config_t e2;     /* its arrays outlive the object */
    const log_t *log;
} du_e2_config_t;

typedef struct du_e2 du_e2_t;

/* Scans plugin_dir (what is refused there is logged with its line) and starts to connect. 0; -ENOMEM; what
 * e2agent_create returns. A plugin_dir that cannot be read is logged, and there is nothing to swap to. */
int du_e2_create(const du_e2_config_t *config, du_e2_t **ret);
/* The slot thread has stopped. NULL is fine. */
void du_e2_destroy(du_e2_t *d);

/* Takes what the slot thread has answered. */
void du_e2_poll(du_e2_t *d);
/* A UE index has no owner any more. */
void du_e2_ue_removed(du_e2_t *d, du_ue_ref_t ue);

tunables_t *du_e2_tunables(du_e2_t *d);
/* NULL without a RIC. */
e2agent_t *du_e2_agent(du_e2_t *d);

#endif
