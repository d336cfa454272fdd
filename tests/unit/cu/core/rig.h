/* SPDX-License-Identifier: Apache-2.0 */
/* A core and emulated UEs' NAS in one loop of virtual time, joined by a RAN that is a queue: messages wait in
 * it, so that a test can lose, change or repeat any of them. */
#ifndef VITRAN_TESTS_CORE_RIG_H
#define VITRAN_TESTS_CORE_RIG_H

#include "cu/core/core.h"
#include "fronthaul/emulator/ue/nas.h"

#define RIG_UES 4
#define RIG_QUEUE 2048

typedef struct rig rig_t;

typedef struct {
    rig_t *rig;
    ue_nas_t *nas;
    bool connected;
    ngap_ue_ids_t ids;
    uint8_t k_gnb[32]; /* of the last context setup */
    unsigned context_setups, session_setups, releases, registered, session_ups, session_downs, failures;
    ue_nas_fail_t fail;
    uint8_t fail_cause;
    ngap_initial_context_setup_t context; /* the last one; its NAS PDU is gone */
    ngap_pdu_session_setup_t session;
    ue_nas_session_t up;
} rig_ue_t;

typedef struct {
    bool uplink, initial, induced; /* induced: an answer to what a hook injected */
    unsigned ue;
    ngap_ue_ids_t ids;
    size_t n;
    uint8_t pdu[2048];
} rig_message_t;

struct rig {
    loop_t *loop;
    core_t *core;
    core_config_t config;
    rig_ue_t ue[RIG_UES];
    uint32_t next_ran_id;
    rig_message_t queue[RIG_QUEUE];
    unsigned head, count;
    unsigned carried; /* messages taken from the queue so far */
    int lose;         /* loses the message of this number; -1: none */
    bool refuse_sessions, refuse_contexts;
    /* Sees each message before it is delivered; may change it; false loses it. */
    bool (*hook)(rig_t *r, rig_message_t *m, void *ctx);
    void *hook_ctx;
    bool in_hook;
    unsigned errors; /* error indications from the core */
    unsigned pagings;
    ngap_paging_t paged; /* the last one */
};

/* Fills the configuration with subscribers 001010000000001.. and the UEs' with the same; the caller may
 * change both before rig_begin. */
void rig_defaults(rig_t *r, ue_nas_config_t ue[RIG_UES]);
void rig_begin(rig_t *r, const ue_nas_config_t ue[RIG_UES]);
void rig_end(rig_t *r);
void rig_start(rig_t *r, unsigned ue);
/* Delivers what waits, and what comes of it. */
void rig_pump(rig_t *r);
/* The same while `ms` of virtual time pass. */
void rig_run(rig_t *r, int64_t ms);
/* The RAN loses or releases the UE's radio: the core is asked and does it. */
void rig_radio_lost(rig_t *r, unsigned ue);
/* What a UE or the network would say, from nowhere. */
void rig_inject_ul(rig_t *r, unsigned ue, const uint8_t *pdu, size_t n);
void rig_inject_dl(rig_t *r, unsigned ue, const uint8_t *pdu, size_t n);

#endif
