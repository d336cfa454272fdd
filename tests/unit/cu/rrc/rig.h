/* SPDX-License-Identifier: Apache-2.0 */
/* A CU's control plane between a scripted DU, a scripted core, a UE made of PDCP and RRC bytes, and a user
 * plane that only counts; in virtual time. */
#ifndef VITRAN_TESTS_CU_RRC_RIG_H
#define VITRAN_TESTS_CU_RRC_RIG_H

#include "cu/rrc/rrc_build.h"
#include "cu/rrc/rrc_cu.h"
#include "lib/asn1/schema/rrc.asn.h"

enum { RIG_MAX_SENT = 32 };

typedef struct { /* one call into the core */
    enum {
        CORE_INITIAL,
        CORE_NAS,
        CORE_CONTEXT_OK,
        CORE_CONTEXT_FAILED,
        CORE_SESSIONS,
        CORE_SESSIONS_RELEASED,
        CORE_CAPABILITY,
        CORE_RELEASE_REQUEST,
        CORE_RELEASE_COMPLETE,
        CORE_ERROR
    } kind;
    ngap_ue_ids_t ue;
    ngap_cause_t cause;
    uint8_t n_sessions, n_ok;
} core_call_t;

typedef struct {
    uint32_t ues, sessions, drbs, remotes, rekeys;
} up_count_t;

typedef struct { /* the UE's end */
    pdcp_t *srb[3];
    uint32_t du_ue_id, cu_ue_id;
    uint8_t k_gnb[32];
    pdcp_security_t keys;
    /* the last DL-DCCH or DL-CCCH message */
    uint8_t rx[4096];
    uint32_t rx_n;
} rig_ue_t;

typedef struct {
    loop_t *loop;
    pool_t *pool;
    crypto_t *crypto;
    f1ap_cu_t *f1;
    rrc_cu_t *rrc;
    f1ap_du_link_t *du;
    /* what the CU sent over F1 */
    uint32_t n_sent;
    f1ap_msg_t sent[RIG_MAX_SENT];
    uint8_t sent_mem[RIG_MAX_SENT][4096], arena_mem[RIG_MAX_SENT][16384];
    uint32_t n_calls;
    core_call_t calls[64];
    up_count_t up;
    uint32_t next_teid;
    bool up_refuses;
    arena_t arena;
    uint8_t mem[65536];
} rig_t;

/* `change` may alter the configuration; NULL: none. */
rig_t *rig_new(void (*change)(rrc_cu_config_t *));
void rig_free(rig_t *r);
void rig_f1_setup(rig_t *r);

/* The DU's messages. */
void rig_f1(rig_t *r, const f1ap_msg_t *m);
void rig_f1_bytes(rig_t *r, const void *bytes, size_t n);
/* The latest F1 message of that type; NULL: none. */
const f1ap_msg_t *rig_sent(rig_t *r, f1ap_msg_type_t type);
void rig_clear(rig_t *r); /* forgets what was sent and called */
/* The latest call of that kind; NULL: none. */
const core_call_t *rig_call(rig_t *r, int kind);

/* The UE's messages. */
void ue_new(rig_ue_t *ue, uint32_t du_ue_id);
void ue_free(rig_ue_t *ue);
void ue_setup_request(rig_t *r, rig_ue_t *ue);
void ue_reestablishment_request(rig_t *r, rig_ue_t *ue, uint32_t du_ue_id, uint16_t crnti,
                                uint16_t short_mac);
/* Any UL-DCCH message, through the UE's PDCP. */
void ue_send(rig_t *r, rig_ue_t *ue, uint8_t srb_id, rrc_UL_DCCH_MessageType_c1_t *c1);
void ue_nas(rig_t *r, rig_ue_t *ue, uint8_t srb_id, const char *nas);
void ue_setup_complete(rig_t *r, rig_ue_t *ue, const char *nas);
/* Takes the container of the latest DL RRC, CONTEXT or RELEASE message through PDCP into ue->rx; the DL-DCCH
 * message's choice, or 0. */
uint32_t ue_receive(rig_t *r, rig_ue_t *ue, rrc_DL_DCCH_Message_t *ret);
/* Security as the command on air wants it, with `k_gnb`. */
void ue_secure(rig_t *r, rig_ue_t *ue, nea_t nea, nia_t nia);
/* The whole way to a context with SRB2 and, if asked, one PDU session. */
void rig_attach(rig_t *r, rig_ue_t *ue, bool session);
/* Steps of it. */
void rig_context_request(rig_t *r, uint32_t ran_id);
void rig_session_request(rig_t *r, uint32_t ran_id, uint8_t session_id);
void rig_context_response(rig_t *r, rig_ue_t *ue);
void ue_reconfigured(rig_t *r, rig_ue_t *ue);

#endif
