/* SPDX-License-Identifier: Apache-2.0 */
/* Inside du/e2. */
#ifndef VITRAN_DU_E2_INNER_H
#define VITRAN_DU_E2_INNER_H

#include "du/e2/e2.h"
#include "du/sched/control.h"
#include "plugins/host/host.h"

/* Bytes of UEs that are gone: the cell's sums never go back. */
typedef struct {
    uint64_t dl_bytes, ul_bytes;
} traffic_t;

struct du_e2 {
    du_e2_config_t config;
    sched_t *sched;
    tunables_t *tunables;
    e2agent_t *agent;

    /* plugins: loaded once for what they declare; the slot thread runs an instance of its own */
    plugin_t *plugins[DU_E2_MAX_PLUGINS + 1];      /* NULL: the built-in scheduler */
    tunables_plugin_t rows[DU_E2_MAX_PLUGINS + 1]; /* [0]: the built-in one, or the file that has its id */
    uint32_t n_plugins;
    char running[64]; /* plugin id */

    /* the one request that is under way: tunables asks for one after another */
    bool waiting;   /* for at_slot */
    bool under_way; /* with the slot thread */
    bool is_swap;
    uint64_t token, ticket, at_slot;
    vtn_set_t sets[TUNABLES_MAX_ITEMS]; /* own copy: tunables may give a request up */
    uint32_t n_sets;
    char swap_path[256]; /* "": the built-in one */
    loop_timer_t timer;

    mac_ue_stats_t last[MAC_MAX_UES]; /* as last seen, by UE index */
    bool seen[MAC_MAX_UES];
    traffic_t past;
};

extern const tunables_provider_t du_e2_tunables_provider; /* e2_plugins.c */
extern const e2agent_provider_t du_e2_agent_provider;     /* e2_measure.c */

int du_e2_plugins_load(du_e2_t *d);
void du_e2_plugins_free(du_e2_t *d);
void du_e2_plugins_on_result(du_e2_t *d, const sched_result_t *r);
void du_e2_plugins_on_timer(void *ctx);

#endif
