/* SPDX-License-Identifier: Apache-2.0 */
/* The CU's control plane against scripted F1 and NGAP, in virtual time: what a UE goes through, and what
 * happens when a UE, a DU or the core does something else. */
#include "tests/unit/cu/rrc/rig.h"

#include <stdlib.h>
#include <string.h>

#include "lib/crypto/kdf.h"
#include "lib/pdcp/pdcp.h"
#include "tests/unit/cu.h"

static const char *state_of(rig_t *r)
{
    static rrc_cu_ue_status_t s[8];
    return rrc_cu_ues(r->rrc, s, 8) ? s[0].state : "none";
}

static rig_t *up(void (*change)(rrc_cu_config_t *))
{
    rig_t *r = rig_new(change);
    rig_f1_setup(r);
    return r;
}

/* ---- F1 ---- */

static void test_f1_setup(void)
{
    rig_t *r = up(NULL);
    const f1ap_msg_t *m = rig_sent(r, F1AP_SETUP_RESPONSE);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CU_ASSERT_EQUAL(m->u.setup_response.n_activate, 1);
    CU_ASSERT_EQUAL(f1ap_cu_counters(r->f1)->setups, 1);

    /* A second DU with the same id is refused, and the first goes on. */
    f1ap_du_link_t *first = r->du;
    rig_clear(r);
    r->du = f1ap_cu_link_up(r->f1, r, 8);
    rig_f1_setup(r);
    CU_ASSERT_PTR_NOT_NULL(rig_sent(r, F1AP_SETUP_FAILURE));
    CU_ASSERT_PTR_NULL(rig_sent(r, F1AP_SETUP_RESPONSE));
    f1ap_cu_link_down(r->du);
    r->du = first;

    /* The DU of another PLMN too. */
    rig_clear(r);
    r->du = f1ap_cu_link_up(r->f1, r, 8);
    f1ap_msg_t q = {.type = F1AP_SETUP_REQUEST};
    q.u.setup_request.du_id = 2;
    q.u.setup_request.n_cells = 1;
    q.u.setup_request.cells[0] = (f1ap_cell_t){.cgi = {{0x62, 0xf2, 0x20}, 5},
                                               .tdd = true,
                                               .arfcn = 632004,
                                               .band = 78,
                                               .scs = 1,
                                               .n_prb = 51,
                                               .measurement_timing = {(const uint8_t *)"", 1}};
    rig_f1(r, &q);
    m = rig_sent(r, F1AP_SETUP_FAILURE);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CU_ASSERT_EQUAL(m->u.failure.cause.value, f1ap_CauseRadioNetwork_plmn_not_served_by_the_gNB_CU);
    CU_ASSERT_EQUAL(f1ap_cu_counters(r->f1)->setups_refused, 2);
    rig_free(r);
}

static void test_cell_updates(void)
{
    rig_t *r = up(NULL);
    f1ap_cgi_t cell = {{0x00, 0xf1, 0x10}, 0x66c001};
    f1ap_cu_du_status_t du[2];
    CU_ASSERT_EQUAL(f1ap_cu_cell_set_active(r->f1, cell, false), 0);
    CU_ASSERT_EQUAL(f1ap_cu_cell_set_active(r->f1, cell, false), -16); /* one at a time */
    f1ap_msg_t ack = {.type = F1AP_CU_UPDATE_ACK};
    ack.u.cu_update_ack.transaction_id = rig_sent(r, F1AP_CU_UPDATE)->u.cu_update.transaction_id;
    rig_f1(r, &ack);
    CU_ASSERT_EQUAL(f1ap_cu_dus(r->f1, du, 2), 1);
    CU_ASSERT_FALSE(du[0].active[0]);
    /* The DU takes the cell away: paging finds none. */
    f1ap_msg_t u = {.type = F1AP_DU_UPDATE};
    u.u.du_update.n_delete = 1;
    u.u.du_update.delete[0] = cell;
    rig_f1(r, &u);
    CU_ASSERT_PTR_NOT_NULL(rig_sent(r, F1AP_DU_UPDATE_ACK));
    CU_ASSERT_EQUAL(f1ap_cu_page(r->f1, 7, 1, 2), 0);
    rig_f1(r, &u); /* it is not there any more */
    CU_ASSERT_PTR_NOT_NULL(rig_sent(r, F1AP_DU_UPDATE_FAILURE));
    rig_free(r);
}

static void test_paging(void)
{
    rig_t *r = up(NULL);
    ngap_ran_t ran = rrc_cu_ran(r->rrc);
    ngap_paging_t p = {
        .amf_set_id = 1, .amf_pointer = 2, .tmsi_5g = 0xa2f490ea, .ue_id_mod_1024 = 0xea, .tac = 7};
    ran.paging(ran.ctx, &p);
    const f1ap_msg_t *m = rig_sent(r, F1AP_PAGING);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CU_ASSERT_EQUAL(m->u.paging.five_s_tmsi, (UINT64_C(1) << 38 | UINT64_C(2) << 32 | 0xa2f490ea));
    CU_ASSERT_EQUAL(m->u.paging.ue_index, 0xea);
    rig_clear(r);
    p.tac = 8;
    ran.paging(ran.ctx, &p);
    CU_ASSERT_PTR_NULL(rig_sent(r, F1AP_PAGING));
    rig_free(r);
}

/* ---- a UE's life ---- */

static void test_attach(void)
{
    rig_t *r = up(NULL);
    rig_ue_t ue;
    ue_new(&ue, 65536);
    rig_attach(r, &ue, true);
    CU_ASSERT_STRING_EQUAL(state_of(r), "ready");
    const core_call_t *c = rig_call(r, CORE_SESSIONS);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    CU_ASSERT_EQUAL(c->n_ok, 1);
    CU_ASSERT_EQUAL(r->up.drbs, 1);
    CU_ASSERT_EQUAL(r->up.remotes, 1);
    CU_ASSERT_PTR_NOT_NULL(rig_call(r, CORE_CAPABILITY));
    const f1ap_msg_t *q = rig_sent(r, F1AP_CONTEXT_SETUP_REQUEST);
    CU_ASSERT_PTR_NOT_NULL_FATAL(q);
    CU_ASSERT_EQUAL(q->u.context_request.srb_mask, 4);
    CU_ASSERT(q->u.context_request.capability.n > 0);
    q = rig_sent(r, F1AP_CONTEXT_MODIFY_REQUEST);
    CU_ASSERT_EQUAL(q->u.context_request.drbs[0].ul.address, 0x0a0a0014);
    CU_ASSERT_EQUAL(q->u.context_request.drbs[0].ul.teid, 1);

    /* NAS goes both ways, on SRB2. */
    ngap_ran_t ran = rrc_cu_ran(r->rrc);
    rrc_DL_DCCH_Message_t dl;
    ngap_nas_transport_t nas = {.ue = c->ue, .nas_pdu = {(const uint8_t *)"hello", 5}};
    ran.downlink_nas_transport(ran.ctx, &nas);
    CU_ASSERT_EQUAL(rig_sent(r, F1AP_DL_RRC)->u.dl_rrc.srb_id, 2);
    CU_ASSERT_EQUAL(ue_receive(r, &ue, &dl), rrc_DL_DCCH_MessageType_c1_choice_dlInformationTransfer);
    ue_nas(r, &ue, 2, "answer");
    CU_ASSERT_PTR_NOT_NULL(rig_call(r, CORE_NAS));

    /* The core lets it go: RRCRelease inside the release command, complete when the DU says so. */
    ngap_ue_cause_t rel = {.ue = c->ue, .cause = {NGAP_CAUSE_NAS, NGAP_NAS_DEREGISTER}};
    ran.ue_context_release_command(ran.ctx, &rel);
    CU_ASSERT_EQUAL(ue_receive(r, &ue, &dl), rrc_DL_DCCH_MessageType_c1_choice_rrcRelease);
    CU_ASSERT_EQUAL(r->up.drbs, 0);
    CU_ASSERT_PTR_NULL(rig_call(r, CORE_RELEASE_COMPLETE));
    f1ap_msg_t done = {.type = F1AP_RELEASE_COMPLETE};
    done.u.ue_cause =
        (f1ap_ue_cause_t){.cu_ue_id = ue.cu_ue_id, .has_du_ue_id = true, .du_ue_id = ue.du_ue_id};
    rig_f1(r, &done);
    CU_ASSERT_PTR_NOT_NULL(rig_call(r, CORE_RELEASE_COMPLETE));
    CU_ASSERT_EQUAL(rrc_cu_ues(r->rrc, NULL, 0), 0);
    ue_free(&ue);
    rig_free(r);
}

/* What the core asks while a procedure runs waits, in order. */
static void test_jobs_wait(void)
{
    rig_t *r = up(NULL);
    rig_ue_t ue;
    ue_new(&ue, 65536);
    rig_attach(r, &ue, false);
    uint32_t ran_id = rig_call(r, CORE_INITIAL)->ue.ran_ue_ngap_id;
    rig_session_request(r, ran_id, 1);
    rig_session_request(r, ran_id, 2);
    CU_ASSERT_EQUAL(r->up.drbs, 1);
    rig_context_response(r, &ue);
    ue_reconfigured(r, &ue);
    CU_ASSERT_EQUAL(r->up.drbs, 2);
    rig_context_response(r, &ue);
    ue_reconfigured(r, &ue);
    CU_ASSERT_EQUAL(r->up.remotes, 2);
    /* One session goes again. */
    ngap_ran_t ran = rrc_cu_ran(r->rrc);
    ngap_pdu_session_release_t rel = {.ue = {7, ran_id}, .n_sessions = 1, .pdu_session_id = {1}};
    ran.pdu_session_release_command(ran.ctx, &rel);
    CU_ASSERT_EQUAL(rig_sent(r, F1AP_CONTEXT_MODIFY_REQUEST)->u.context_request.n_release, 1);
    rig_context_response(r, &ue);
    ue_reconfigured(r, &ue);
    CU_ASSERT_PTR_NOT_NULL(rig_call(r, CORE_SESSIONS_RELEASED));
    CU_ASSERT_EQUAL(r->up.drbs, 1);
    ue_free(&ue);
    rig_free(r);
}

/* NAS that passes while RRC waits for an answer does not take the answer's transaction away. */
static void test_nas_during_procedure(void)
{
    rig_t *r = up(NULL);
    rig_ue_t ue;
    ue_new(&ue, 65536);
    rig_attach(r, &ue, false);
    uint32_t ran_id = rig_call(r, CORE_INITIAL)->ue.ran_ue_ngap_id;
    rig_session_request(r, ran_id, 1);
    rig_context_response(r, &ue);
    CU_ASSERT_STRING_EQUAL(state_of(r), "reconfiguring");
    rrc_DL_DCCH_Message_t dl;
    CU_ASSERT_EQUAL_FATAL(ue_receive(r, &ue, &dl), rrc_DL_DCCH_MessageType_c1_choice_rrcReconfiguration);
    uint8_t transaction = (uint8_t)dl.message.u.c1->u.rrcReconfiguration->rrc_TransactionIdentifier;
    ngap_ran_t ran = rrc_cu_ran(r->rrc);
    ngap_nas_transport_t nas = {.ue = {7, ran_id}, .nas_pdu = {(const uint8_t *)"hello", 5}};
    ran.downlink_nas_transport(ran.ctx, &nas);
    rrc_RRCReconfigurationComplete_IEs_t ies = {.has.lateNonCriticalExtension = 0};
    rrc_RRCReconfigurationComplete_t c = {
        .rrc_TransactionIdentifier = transaction,
        .criticalExtensions = {
            .choice = rrc_RRCReconfigurationComplete_criticalExtensions_choice_rrcReconfigurationComplete,
            .u.rrcReconfigurationComplete = &ies}};
    rrc_UL_DCCH_MessageType_c1_t c1 = {.choice = rrc_UL_DCCH_MessageType_c1_choice_rrcReconfigurationComplete,
                                       .u.rrcReconfigurationComplete = &c};
    ue_send(r, &ue, 1, &c1);
    CU_ASSERT_STRING_EQUAL(state_of(r), "ready");
    ue_free(&ue);
    rig_free(r);
}

static void test_session_refused(void)
{
    rig_t *r = up(NULL);
    rig_ue_t ue;
    ue_new(&ue, 65536);
    rig_attach(r, &ue, false);
    uint32_t ran_id = rig_call(r, CORE_INITIAL)->ue.ran_ue_ngap_id;
    rig_session_request(r, ran_id, 1);
    f1ap_msg_t m = {.type = F1AP_CONTEXT_MODIFY_FAILURE};
    m.u.ue_cause = (f1ap_ue_cause_t){.cu_ue_id = ue.cu_ue_id,
                                     .has_du_ue_id = true,
                                     .du_ue_id = ue.du_ue_id,
                                     .cause = F1AP_RADIO(no_radio_resources_available)};
    rig_f1(r, &m);
    CU_ASSERT_EQUAL(rig_call(r, CORE_SESSIONS)->n_ok, 0);
    CU_ASSERT_EQUAL(r->up.drbs, 0);
    CU_ASSERT_STRING_EQUAL(state_of(r), "ready");
    ue_free(&ue);
    rig_free(r);
}

/* ---- what goes wrong ---- */

static void two_ues(rrc_cu_config_t *c)
{
    c->max_ues = 1;
}

static void test_reject(void)
{
    rig_t *r = up(two_ues);
    rig_ue_t a, b;
    ue_new(&a, 65536);
    ue_new(&b, 65537);
    ue_setup_request(r, &a);
    rig_clear(r);
    ue_setup_request(r, &b);
    const f1ap_msg_t *m = rig_sent(r, F1AP_RELEASE_COMMAND);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CU_ASSERT_EQUAL(m->u.release_command.srb_id, 0);
    rrc_DL_CCCH_Message_t dl;
    arena_init(&r->arena, r->mem, sizeof r->mem);
    CU_ASSERT_EQUAL(asn1_decode(&rrc_DL_CCCH_Message_type, ASN1_UPER, m->u.release_command.rrc_container.p,
                                m->u.release_command.rrc_container.n, &r->arena, &dl, NULL),
                    0);
    CU_ASSERT_EQUAL(dl.message.u.c1->choice, rrc_DL_CCCH_MessageType_c1_choice_rrcReject);
    /* Its id is free again with the DU's answer. */
    f1ap_msg_t done = {.type = F1AP_RELEASE_COMPLETE};
    done.u.ue_cause =
        (f1ap_ue_cause_t){.cu_ue_id = m->u.release_command.cu_ue_id, .has_du_ue_id = true, .du_ue_id = 65537};
    rig_f1(r, &done);
    f1ap_cu_du_status_t du;
    f1ap_cu_dus(r->f1, &du, 1);
    CU_ASSERT_EQUAL(du.n_ues, 1);
    CU_ASSERT_EQUAL(rrc_cu_counters(r->rrc)->rejects, 1);
    ue_free(&a);
    ue_free(&b);
    rig_free(r);
}

/* A UE that falls silent is asked back from the core and released, with the DU's leave or without it. */
static void test_silent_ue(void)
{
    rig_t *r = up(NULL);
    rig_ue_t ue;
    ue_new(&ue, 65536);
    ue_setup_request(r, &ue);
    loop_advance(r->loop, 999000000);
    CU_ASSERT_EQUAL(rrc_cu_ues(r->rrc, NULL, 0), 1);
    loop_advance(r->loop, 2000000);
    CU_ASSERT_PTR_NOT_NULL(rig_sent(r, F1AP_RELEASE_COMMAND)); /* the core never knew it */
    CU_ASSERT_EQUAL(r->n_calls, 0);
    loop_advance(r->loop, 1100000000); /* nor does the DU answer */
    CU_ASSERT_EQUAL(rrc_cu_ues(r->rrc, NULL, 0), 0);
    ue_free(&ue);
    rig_free(r);
}

static void test_lost_du(void)
{
    rig_t *r = up(NULL);
    rig_ue_t ue;
    ue_new(&ue, 65536);
    rig_attach(r, &ue, true);
    f1ap_cu_link_down(r->du);
    CU_ASSERT_PTR_NOT_NULL(rig_call(r, CORE_RELEASE_REQUEST));
    CU_ASSERT_PTR_NOT_NULL(rig_call(r, CORE_RELEASE_COMPLETE));
    CU_ASSERT_EQUAL(rrc_cu_ues(r->rrc, NULL, 0), 0);
    CU_ASSERT_EQUAL(r->up.drbs, 0);
    CU_ASSERT_EQUAL(f1ap_cu_counters(r->f1)->links_lost, 1);
    /* It comes back, and so does the UE. */
    rig_clear(r);
    r->du = f1ap_cu_link_up(r->f1, r, 8);
    rig_f1_setup(r);
    ue_free(&ue);
    ue_new(&ue, 65536);
    rig_attach(r, &ue, true);
    CU_ASSERT_STRING_EQUAL(state_of(r), "ready");
    ue_free(&ue);
    rig_free(r);
}

static void test_reset(void)
{
    rig_t *r = up(NULL);
    rig_ue_t ue;
    ue_new(&ue, 65536);
    rig_attach(r, &ue, false);
    f1ap_msg_t m = {.type = F1AP_RESET};
    m.u.reset.n_ues = 1;
    m.u.reset.ues[0] = (f1ap_ue_ref_t){.has_du = true, .du_ue_id = 99}; /* nobody */
    rig_f1(r, &m);
    CU_ASSERT_EQUAL(rig_sent(r, F1AP_RESET_ACK)->u.reset.n_ues, 1);
    CU_ASSERT_EQUAL(rrc_cu_ues(r->rrc, NULL, 0), 1);
    m.u.reset.ues[0].du_ue_id = 65536;
    rig_f1(r, &m);
    CU_ASSERT_EQUAL(rrc_cu_ues(r->rrc, NULL, 0), 0);
    m.u.reset.n_ues = 0;
    m.u.reset.all = true;
    rig_f1(r, &m);
    CU_ASSERT_TRUE(rig_sent(r, F1AP_RESET_ACK)->u.reset.all);
    CU_ASSERT_EQUAL(f1ap_cu_counters(r->f1)->resets, 3);
    ue_free(&ue);
    rig_free(r);
}

static void test_radio_link_failure(void)
{
    rig_t *r = up(NULL);
    rig_ue_t ue;
    ue_new(&ue, 65536);
    rig_attach(r, &ue, true);
    f1ap_msg_t m = {.type = F1AP_RELEASE_REQUEST};
    m.u.ue_cause = (f1ap_ue_cause_t){.cu_ue_id = ue.cu_ue_id,
                                     .has_du_ue_id = true,
                                     .du_ue_id = ue.du_ue_id,
                                     .cause = F1AP_RADIO(rl_failure_rlc)};
    rig_f1(r, &m);
    CU_ASSERT_STRING_EQUAL(state_of(r), "radio lost"); /* it may still ask for re-establishment */
    CU_ASSERT_PTR_NULL(rig_call(r, CORE_RELEASE_REQUEST));
    loop_advance(r->loop, INT64_C(3100000000));
    CU_ASSERT_PTR_NOT_NULL_FATAL(rig_call(r, CORE_RELEASE_REQUEST));
    CU_ASSERT_EQUAL(rig_call(r, CORE_RELEASE_REQUEST)->cause.value, NGAP_RADIO_CONNECTION_LOST);
    CU_ASSERT_PTR_NOT_NULL(rig_sent(r, F1AP_RELEASE_COMMAND));
    CU_ASSERT_STRING_EQUAL(state_of(r), "releasing");
    ue_free(&ue);
    rig_free(r);
}

/* A message with a wrong MAC-I is dropped and counted; the UE and its keys stay. */
static void test_wrong_mac(void)
{
    rig_t *r = up(NULL);
    rig_ue_t ue;
    ue_new(&ue, 65536);
    rig_attach(r, &ue, false);
    static const uint8_t forged[] = {0x00, 0x55, 0x3a, 0x00, 0x12, 0x34, 0xde, 0xad, 0xbe, 0xef};
    f1ap_msg_t m = {.type = F1AP_UL_RRC};
    m.u.ul_rrc = (f1ap_ul_rrc_t){.cu_ue_id = ue.cu_ue_id,
                                 .du_ue_id = ue.du_ue_id,
                                 .srb_id = 1,
                                 .rrc_container = {forged, sizeof forged}};
    uint32_t before = r->n_calls;
    rig_f1(r, &m);
    CU_ASSERT_EQUAL(rrc_cu_counters(r->rrc)->rx_integrity, 1);
    CU_ASSERT_EQUAL(r->n_calls, before);
    m.u.ul_rrc.srb_id = 3;
    rig_f1(r, &m);
    CU_ASSERT_EQUAL(rrc_cu_counters(r->rrc)->rx_unprotected, 1);
    ue_nas(r, &ue, 1, "still here");
    CU_ASSERT_PTR_NOT_NULL(rig_call(r, CORE_NAS));
    ue_free(&ue);
    rig_free(r);
}

/* Bytes that are no F1AP, no RRC, or about nobody: counted, answered as clause 10 says; the UE goes on. */
static void test_malformed(void)
{
    rig_t *r = up(NULL);
    rig_ue_t ue;
    ue_new(&ue, 65536);
    rig_attach(r, &ue, false);
    static const uint8_t noise[] = {0xff, 0x00, 0xff}, unknown[] = {0x00, 200, 0x00, 0x03, 0x00, 0x00, 0x00};
    rig_clear(r);
    rig_f1_bytes(r, noise, sizeof noise);
    CU_ASSERT_EQUAL(rig_sent(r, F1AP_ERROR_INDICATION)->u.error.cause.value,
                    f1ap_CauseProtocol_transfer_syntax_error);
    rig_f1_bytes(r, unknown, sizeof unknown);
    CU_ASSERT_EQUAL(rig_sent(r, F1AP_ERROR_INDICATION)->u.error.cause.value,
                    f1ap_CauseProtocol_abstract_syntax_error_reject);
    CU_ASSERT_EQUAL(f1ap_cu_counters(r->f1)->rx_transfer_syntax, 1);
    CU_ASSERT_EQUAL(f1ap_cu_counters(r->f1)->rx_unknown_procedure, 1);

    f1ap_msg_t m = {.type = F1AP_UL_RRC}; /* an unknown UE, then a wrong pair */
    m.u.ul_rrc = (f1ap_ul_rrc_t){.cu_ue_id = 77, .du_ue_id = 1, .srb_id = 1, .rrc_container = {noise, 3}};
    rig_f1(r, &m);
    CU_ASSERT_EQUAL(rig_sent(r, F1AP_ERROR_INDICATION)->u.error.cause.value,
                    f1ap_CauseRadioNetwork_unknown_or_already_allocated_gnb_cu_ue_f1ap_id);
    m.u.ul_rrc.cu_ue_id = ue.cu_ue_id;
    rig_f1(r, &m);
    CU_ASSERT_EQUAL(rig_sent(r, F1AP_ERROR_INDICATION)->u.error.cause.value,
                    f1ap_CauseRadioNetwork_unknown_or_inconsistent_pair_of_ue_f1ap_id);
    CU_ASSERT_EQUAL(f1ap_cu_counters(r->f1)->rx_unknown_ue, 2);

    /* An answer that nobody waits for, and a CCCH message that is none. */
    f1ap_msg_t late = {.type = F1AP_CONTEXT_SETUP_RESPONSE};
    late.u.context_response =
        (f1ap_context_response_t){.cu_ue_id = ue.cu_ue_id, .du_ue_id = ue.du_ue_id, .cell_group = {noise, 3}};
    rig_f1(r, &late);
    CU_ASSERT_EQUAL(rrc_cu_counters(r->rrc)->rx_unexpected, 1);
    f1ap_msg_t first = {.type = F1AP_INITIAL_UL_RRC};
    first.u.initial_ul = (f1ap_initial_ul_t){.du_ue_id = 5,
                                             .cell = {{0x00, 0xf1, 0x10}, 0x66c001},
                                             .crnti = 0x4602,
                                             .rrc_container = {unknown, 1}, /* RRCSetupRequest cut short */
                                             .cell_group = {noise, 3}};
    rig_f1(r, &first);
    CU_ASSERT_EQUAL(rrc_cu_counters(r->rrc)->rx_malformed, 1);
    CU_ASSERT_PTR_NOT_NULL(rig_sent(r, F1AP_RELEASE_COMMAND));
    first.u.initial_ul.cell.nr_cell_id = 1; /* a cell that the DU does not serve */
    rig_f1(r, &first);
    CU_ASSERT_EQUAL(rig_sent(r, F1AP_ERROR_INDICATION)->u.error.cause.value,
                    f1ap_CauseRadioNetwork_cell_not_available);
    CU_ASSERT_STRING_EQUAL(state_of(r), "ready");
    ue_nas(r, &ue, 2, "still here");
    CU_ASSERT_PTR_NOT_NULL(rig_call(r, CORE_NAS));
    ue_free(&ue);
    rig_free(r);
}

/* UERadioAccessCapabilityInformation there and back, at both forms of its length, and cut anywhere. */
static void test_radio_capability(void)
{
    static uint8_t list[600], mem[700];
    static rrc_out_t o;
    asn1_bytes_t back;
    for (uint32_t i = 0; i < sizeof list; i++)
        list[i] = (uint8_t)(i * 7);
    for (uint32_t n = 1; n <= sizeof list; n += 13) {
        CU_ASSERT_EQUAL(rrc_build_radio_capability((asn1_bytes_t){list, n}, &o), 0);
        CU_ASSERT_EQUAL(o.bytes[0] >> 3, 0);
        CU_ASSERT_EQUAL_FATAL(rrc_parse_radio_capability(o.bytes, o.n, mem, &back), 0);
        CU_ASSERT_BYTES(back.p, back.n, list, n);
        CU_ASSERT_EQUAL(rrc_parse_radio_capability(o.bytes, o.n - 1, mem, &back), -74);
    }
    o.bytes[0] |= 0x80;
    CU_ASSERT_EQUAL(rrc_parse_radio_capability(o.bytes, o.n, mem, &back), -74);
}

static void test_core_names_nobody(void)
{
    rig_t *r = up(NULL);
    ngap_ran_t ran = rrc_cu_ran(r->rrc);
    ngap_nas_transport_t nas = {.ue = {1, 12345}, .nas_pdu = {(const uint8_t *)"x", 1}};
    ran.downlink_nas_transport(ran.ctx, &nas);
    CU_ASSERT_PTR_NOT_NULL(rig_call(r, CORE_ERROR));
    CU_ASSERT_EQUAL(rrc_cu_counters(r->rrc)->core_unknown_ue, 1);
    rig_free(r);
}

/* ---- re-establishment ---- */

static uint16_t short_mac(rig_t *r, rig_ue_t *ue, uint16_t crnti)
{
    uint8_t input[8], mac[4];
    nia_key_t key;
    rrc_build_short_mac_input(1, 0x66c001, crnti, input);
    CU_ASSERT_EQUAL(nia_key_init(r->crypto, &key, ue->keys.nia, ue->keys.int_key), 0);
    nia_mac(r->crypto, &key, UINT32_MAX, 31, 1, input, sizeof input, mac);
    return (uint16_t)(mac[2] << 8 | mac[3]);
}

static void test_reestablishment(void)
{
    rig_t *r = up(NULL);
    rig_ue_t ue;
    rrc_DL_DCCH_Message_t dl;
    ue_new(&ue, 65536);
    rig_attach(r, &ue, true);
    uint32_t before = ue.cu_ue_id;
    rig_clear(r);
    ue_reestablishment_request(r, &ue, 65540, 0x4601, short_mac(r, &ue, 0x4601));
    const f1ap_msg_t *m = rig_sent(r, F1AP_DL_RRC);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CU_ASSERT_EQUAL(m->u.dl_rrc.srb_id, 1);
    CU_ASSERT_TRUE(m->u.dl_rrc.has_old_du_ue_id);
    CU_ASSERT_EQUAL(m->u.dl_rrc.old_du_ue_id, 65536);
    CU_ASSERT_NOT_EQUAL(ue.cu_ue_id, before);
    CU_ASSERT_STRING_EQUAL(state_of(r), "reestablishing");
    /* The UE's side of the key change: PCI 1, no SSB ARFCN in the rig's F1 setup. */
    uint8_t k[32];

    CU_ASSERT_EQUAL(kdf_kgnb_star(ue.k_gnb, 1, 0, k), 0);
    memcpy(ue.k_gnb, k, 32);
    ue_secure(r, &ue, NEA2, NIA2);
    CU_ASSERT_EQUAL(pdcp_reestablish(ue.srb[1], r->crypto, &ue.keys), 0);
    CU_ASSERT_EQUAL(pdcp_reestablish(ue.srb[2], r->crypto, &ue.keys), 0);
    pdcp_activate_rx(ue.srb[1], true, false);
    CU_ASSERT_EQUAL_FATAL(ue_receive(r, &ue, &dl), rrc_DL_DCCH_MessageType_c1_choice_rrcReestablishment);
    pdcp_activate_rx(ue.srb[1], true, true);
    rrc_RRCReestablishmentComplete_IEs_t ies = {.has.lateNonCriticalExtension = 0};
    rrc_RRCReestablishmentComplete_t c = {
        .rrc_TransactionIdentifier = dl.message.u.c1->u.rrcReestablishment->rrc_TransactionIdentifier,
        .criticalExtensions = {
            .choice = rrc_RRCReestablishmentComplete_criticalExtensions_choice_rrcReestablishmentComplete,
            .u.rrcReestablishmentComplete = &ies}};
    rrc_UL_DCCH_MessageType_c1_t c1 = {.choice = rrc_UL_DCCH_MessageType_c1_choice_rrcReestablishmentComplete,
                                       .u.rrcReestablishmentComplete = &c};
    ue_send(r, &ue, 1, &c1);
    /* SRB2 and the DRB are set up again at the DU, the user plane gets new keys, and all is as before. */
    m = rig_sent(r, F1AP_CONTEXT_MODIFY_REQUEST);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CU_ASSERT_EQUAL(m->u.context_request.srb_mask, 4);
    CU_ASSERT_EQUAL(m->u.context_request.n_drbs, 1);
    CU_ASSERT_EQUAL(r->up.rekeys, 1);
    rig_context_response(r, &ue);
    ue_reconfigured(r, &ue);
    CU_ASSERT_STRING_EQUAL(state_of(r), "ready");
    CU_ASSERT_EQUAL(r->up.remotes, 2);
    ue_nas(r, &ue, 2, "still here");
    CU_ASSERT_PTR_NOT_NULL(rig_call(r, CORE_NAS));
    CU_ASSERT_EQUAL(rrc_cu_counters(r->rrc)->reestablishments, 1);
    ue_free(&ue);
    rig_free(r);
}

/* A shortMAC-I that does not fit proves nothing: the UE gets a setup, and who it claims to be stays. */
static void test_forged_reestablishment(void)
{
    rig_t *r = up(NULL);
    rig_ue_t ue, forger;
    ue_new(&ue, 65536);
    ue_new(&forger, 1);
    rig_attach(r, &ue, true);
    rig_clear(r);
    ue_reestablishment_request(r, &forger, 65540, 0x4601, (uint16_t)(short_mac(r, &ue, 0x4601) ^ 1));
    const f1ap_msg_t *m = rig_sent(r, F1AP_DL_RRC);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CU_ASSERT_EQUAL(m->u.dl_rrc.srb_id, 0);
    CU_ASSERT_FALSE(m->u.dl_rrc.has_old_du_ue_id);
    CU_ASSERT_EQUAL(rrc_cu_ues(r->rrc, NULL, 0), 2);
    CU_ASSERT_EQUAL(rrc_cu_counters(r->rrc)->reestablishments_fallen_back, 1);
    ue_nas(r, &ue, 2, "still here");
    CU_ASSERT_PTR_NOT_NULL(rig_call(r, CORE_NAS));
    ue_free(&ue);
    ue_free(&forger);
    rig_free(r);
}

/* Any octet of any message of the DU changed while a UE is there: nothing is read that is not there (ASan),
 * and the CU still answers afterwards. */
static void test_damage(void)
{
    rig_t *r = up(NULL);
    rig_ue_t ue;
    ue_new(&ue, 65536);
    rig_attach(r, &ue, true);
    uint8_t wire[1024];
    f1ap_msg_t m = {.type = F1AP_CONTEXT_REQUIRED};
    static const uint8_t group[] = {1, 2, 3, 4};
    m.u.context_required = (f1ap_context_required_t){.cu_ue_id = ue.cu_ue_id,
                                                     .du_ue_id = ue.du_ue_id,
                                                     .cause = F1AP_RADIO(unspecified),
                                                     .cell_group = {group, 4}};
    size_t n;
    arena_init(&r->arena, r->mem, sizeof r->mem);
    CU_ASSERT_EQUAL_FATAL(f1ap_build(&m, &r->arena, wire, sizeof wire, &n, NULL), 0);
    for (size_t at = 0; at < n; at++)
        for (int bit = 0; bit < 8; bit++) {
            wire[at] ^= (uint8_t)(1 << bit);
            rig_f1_bytes(r, wire, n);
            wire[at] ^= (uint8_t)(1 << bit);
        }
    rig_clear(r);
    rig_f1_bytes(r, "\xff", 1);
    CU_ASSERT_PTR_NOT_NULL(rig_sent(r, F1AP_ERROR_INDICATION));
    ue_free(&ue);
    rig_free(r);
}

CU_MAIN("cu-rrc", {"F1 setup", test_f1_setup}, {"cell updates", test_cell_updates}, {"paging", test_paging},
        {"attach", test_attach}, {"jobs wait", test_jobs_wait},
        {"NAS during a procedure", test_nas_during_procedure}, {"session refused", test_session_refused},
        {"reject", test_reject}, {"silent UE", test_silent_ue}, {"lost DU", test_lost_du},
        {"reset", test_reset}, {"radio link failure", test_radio_link_failure},
        {"wrong MAC-I", test_wrong_mac}, {"malformed", test_malformed},
        {"radio capability", test_radio_capability}, {"core names nobody", test_core_names_nobody},
        {"re-establishment", test_reestablishment}, {"forged re-establishment", test_forged_reestablishment},
        {"damage", test_damage})
