/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the agent: e2agent.c holds the association, E2 setup and the procedures of the interface;
 * subscription.c subscriptions and their indications; control.c controls. */
#ifndef VITRAN_E2AGENT_AGENT_H
#define VITRAN_E2AGENT_AGENT_H

#include "e2sm/e2sm.h"
#include "e2sm/kpm/kpm.h"
#include "lib/e2agent/e2agent.h"
#include "lib/e2ap/e2ap.h"

enum { FUNCTION_KPM = 2, FUNCTION_RC = 3, FUNCTION_PLG = 4 }; /* RAN function IDs, ours to choose */

#define AGENT_MAX_SUBSCRIPTIONS 64u
#define AGENT_MAX_ACTIONS 16u         /* maxofRICactionID */
#define AGENT_DEFINITION_BYTES 65536u /* of one RAN function definition */
#define AGENT_CELLS_OF_PERIOD 1024u   /* rows x measurements that one action may gather */

typedef enum { AGENT_DOWN, AGENT_SETUP_SENT, AGENT_SETUP_WAIT, AGENT_UP, AGENT_REMOVED } agent_state_t;

typedef struct subscription subscription_t;
typedef struct pending_control pending_control_t;

typedef struct {
    uint8_t *bytes; /* [size: n], encoded */
    size_t n;
    int64_t revision;
} definition_t;

struct e2agent {
    loop_t *loop;
    const e2agent_config_t *config;
    const e2agent_provider_t *provider;
    void *ctx;
    tunables_t *tunables;
    log_t log;
    assoc_t *assoc;
    assoc_config_t sctp;
    uint32_t ppid;
    agent_state_t state;
    loop_timer_t timer; /* E2 setup: no answer, or when to ask again */
    uint8_t transaction;
    bool update_pending,
        update_again; /* a RIC service update waits for its answer; the table changed since */
    uint8_t update_transaction, f1_transaction;
    bool f1_pending;
    uint8_t *f1_request, *f1_response; /* own copies */
    uint32_t f1_request_n, f1_response_n;
    e2sm_cell_t cell;
    definition_t kpm, rc, plg;
    subscription_t *subscriptions[AGENT_MAX_SUBSCRIPTIONS];
    pending_control_t *controls; /* asked for, not answered yet */
    e2agent_ue_t *ues;           /* [E2AGENT_MAX_UES] scratch for the provider's list */
    arena_t rx, tx;
    uint8_t *out;              /* [E2AP_MAX_MESSAGE] an encoded PDU */
    uint8_t *header, *message; /* [E2AP_MAX_MESSAGE / 2] encoded service model parts */
    e2agent_counters_t counters;
};

/* Encodes and sends; failures are counted. 0 or -errno. */
int agent_send(e2agent_t *a, const e2ap_E2AP_PDU_t *pdu);
void agent_send_error(e2agent_t *a, const e2ap_error_t *e);

/* The provider's UEs, those with a name on E2 only; returns how many of a->ues are filled. */
uint32_t agent_ues(e2agent_t *a);
void agent_ue_name(const e2agent_ue_t *ue, e2sm_ue_t *ret);
/* Index of a slice in the configuration; -1. */
int agent_slice_index(const e2agent_t *a, uint32_t slice);

void subscription_handle_request(e2agent_t *a, const e2ap_RICsubscriptionRequest_t *m);
void subscription_handle_delete(e2agent_t *a, const e2ap_RICsubscriptionDeleteRequest_t *m);
void subscription_delete_all(e2agent_t *a);
void subscription_plugins_changed(e2agent_t *a, const char *why);
void subscription_value_changed(e2agent_t *a, const vtn_set_t *now, tunables_cause_t cause, uint64_t slot);

void control_handle(e2agent_t *a, const e2ap_RICcontrolRequest_t *m);
/* Those under way answer to nobody from now on. */
void control_orphan_all(e2agent_t *a);

#endif
