/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/cu/rrc/rig.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/crypto/kdf.h"
#include "lib/pdcp/pdcp.h"
#ifdef RIG_ABORTS /* under a fuzzer there is no CUnit: what does not hold ends the process */
#define CU_ASSERT_FATAL(x)                                                                                   \
    do {                                                                                                     \
        if (!(x))                                                                                            \
            abort();                                                                                         \
    } while (0)
#define CU_ASSERT_EQUAL(a, b) CU_ASSERT_FATAL((a) == (b))
#define CU_ASSERT_EQUAL_FATAL(a, b) CU_ASSERT_FATAL((a) == (b))
#define CU_ASSERT_PTR_NOT_NULL(p) CU_ASSERT_FATAL(p)
#define CU_ASSERT_PTR_NOT_NULL_FATAL(p) CU_ASSERT_FATAL(p)
#else
#include "tests/unit/cu.h"
#endif

static const f1ap_cgi_t cgi = {{0x00, 0xf1, 0x10}, 0x66c001};
static const uint8_t cell_group[] = {0x5c, 0x00, 0xb0, 0x10};

/* ---- the core's end ---- */

static rig_t *the_rig; /* the core's vtable carries its own ctx; one rig at a time */

static void call(int kind, ngap_ue_ids_t ue, ngap_cause_t cause)
{
    core_call_t *c = &the_rig->calls[the_rig->n_calls++ % 64];
    *c = (core_call_t){.ue = ue, .cause = cause};
    c->kind = (__typeof__(c->kind))kind;
}

static void on_initial(void *ctx, const ngap_initial_ue_message_t *m)
{
    (void)ctx;
    call(CORE_INITIAL, (ngap_ue_ids_t){UINT64_MAX, m->ran_ue_ngap_id}, (ngap_cause_t){0, 0});
}

static void on_nas(void *ctx, const ngap_nas_transport_t *m)
{
    (void)ctx;
    call(CORE_NAS, m->ue, (ngap_cause_t){0, 0});
}

static void sessions(int kind, const ngap_setup_response_t *m)
{
    call(kind, m->ue, (ngap_cause_t){0, 0});
    core_call_t *c = &the_rig->calls[the_rig->n_calls - 1];
    c->n_sessions = m->n_sessions;
    for (uint32_t i = 0; i < m->n_sessions; i++)
        c->n_ok += m->sessions[i].ok;
}

static void on_context_ok(void *ctx, const ngap_setup_response_t *m)
{
    (void)ctx;
    sessions(CORE_CONTEXT_OK, m);
}

static void on_context_failed(void *ctx, const ngap_ue_cause_t *m)
{
    (void)ctx;
    call(CORE_CONTEXT_FAILED, m->ue, m->cause);
}

static void on_sessions(void *ctx, const ngap_setup_response_t *m)
{
    (void)ctx;
    sessions(CORE_SESSIONS, m);
}

static void on_sessions_released(void *ctx, const ngap_pdu_session_release_t *m)
{
    (void)ctx;
    call(CORE_SESSIONS_RELEASED, m->ue, m->cause);
}

static void on_capability(void *ctx, const ngap_capability_t *m)
{
    (void)ctx;
    call(CORE_CAPABILITY, m->ue, (ngap_cause_t){0, 0});
}

/* As a core does: a request to release is commanded at once, from within the call. */
static void on_release_request(void *ctx, const ngap_ue_cause_t *m)
{
    (void)ctx;
    call(CORE_RELEASE_REQUEST, m->ue, m->cause);
    ngap_ran_t ran = rrc_cu_ran(the_rig->rrc);
    ran.ue_context_release_command(ran.ctx, m);
}

static void on_release_complete(void *ctx, const ngap_ue_cause_t *m)
{
    (void)ctx;
    call(CORE_RELEASE_COMPLETE, m->ue, m->cause);
}

static void on_error(void *ctx, const ngap_ue_cause_t *m)
{
    (void)ctx;
    call(CORE_ERROR, m->ue, m->cause);
}

static void on_reset(void *ctx, ngap_cause_t cause)
{
    (void)ctx;
    (void)cause;
}

static const ngap_core_t core = {NULL,
                                 on_initial,
                                 on_nas,
                                 on_context_ok,
                                 on_context_failed,
                                 on_sessions,
                                 on_sessions_released,
                                 on_capability,
                                 on_release_request,
                                 on_release_complete,
                                 on_error,
                                 on_reset};

/* ---- the user plane's end ---- */

static int up_ue_add_(void *ctx, const up_ue_config_t *config, uint32_t *ret_ue)
{
    (void)config;
    rig_t *r = ctx;
    *ret_ue = r->up.ues++;
    return 0;
}

static int up_ue_remove_(void *ctx, uint32_t ue)
{
    (void)ue;
    ((rig_t *)ctx)->up.ues--;
    return 0;
}

static int up_rekey(void *ctx, uint32_t ue, const pdcp_security_t *security)
{
    (void)ue;
    (void)security;
    ((rig_t *)ctx)->up.rekeys++;
    return 0;
}

static int up_session_add_(void *ctx, uint32_t ue, const up_session_config_t *config)
{
    (void)ue;
    (void)config;
    rig_t *r = ctx;
    if (r->up_refuses)
        return -ENOSPC;
    r->up.sessions++;
    return 0;
}

static int up_session_remove_(void *ctx, uint32_t ue, uint8_t session_id)
{
    (void)ue;
    (void)session_id;
    ((rig_t *)ctx)->up.sessions--;
    return 0;
}

static int up_drb_add_(void *ctx, uint32_t ue, const up_drb_config_t *config, uint32_t *ret_local_teid)
{
    (void)ue;
    (void)config;
    rig_t *r = ctx;
    r->up.drbs++;
    *ret_local_teid = ++r->next_teid;
    return 0;
}

static int up_remote(void *ctx, uint32_t ue, uint8_t drb_id, uint32_t ipv4_be, uint16_t port, uint32_t teid)
{
    (void)ue;
    (void)drb_id;
    (void)ipv4_be;
    (void)port;
    (void)teid;
    ((rig_t *)ctx)->up.remotes++;
    return 0;
}

static int up_drb_remove_(void *ctx, uint32_t ue, uint8_t drb_id)
{
    (void)ue;
    (void)drb_id;
    ((rig_t *)ctx)->up.drbs--;
    return 0;
}

/* ---- F1 ---- */

static int send_f1(void *ctx, void *peer, uint16_t stream, const uint8_t *bytes, size_t n)
{
    rig_t *r = ctx;
    (void)peer;
    (void)stream;
    uint32_t at = r->n_sent++ % RIG_MAX_SENT;
    arena_t a;
    f1ap_fault_t fault;
    CU_ASSERT_FATAL(n <= sizeof r->sent_mem[0]);
    memcpy(r->sent_mem[at], bytes, n);
    arena_init(&a, r->arena_mem[at], sizeof r->arena_mem[at]);
    CU_ASSERT_EQUAL(f1ap_parse(r->sent_mem[at], n, &a, &r->sent[at], &fault), 0);
    return 0;
}

rig_t *rig_new(void (*change)(rrc_cu_config_t *))
{
    rig_t *r = calloc(1, sizeof *r);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    the_rig = r;
    CU_ASSERT_EQUAL_FATAL(loop_create(&r->loop), 0);
    loop_set_virtual(r->loop);
    CU_ASSERT_EQUAL_FATAL(pool_create(&r->pool, 64, 9216), 0);
    CU_ASSERT_EQUAL_FATAL(crypto_create(&r->crypto), 0);
    rrc_cu_config_t c = {.max_ues = 4,
                         .n_nea = 2,
                         .nea = {NEA2, NEA0},
                         .n_nia = 1,
                         .nia = {NIA2},
                         .reestablishment = true,
                         .procedure_ms = 1000,
                         .f1u_address = 0x0a0a0014,
                         .pool = r->pool,
                         .crypto = r->crypto};
    if (change)
        change(&c);
    rrc_up_t up = {r,           up_ue_add_, up_ue_remove_, up_rekey, up_session_add_, up_session_remove_,
                   up_drb_add_, up_remote,  up_drb_remove_};
    CU_ASSERT_EQUAL_FATAL(rrc_cu_create(r->loop, &c, &up, &r->rrc), 0);
    f1ap_cu_config_t f = {.name = "cu", .plmn = {0x00, 0xf1, 0x10}};
    f1ap_cu_user_t user = rrc_cu_f1_user(r->rrc);
    f1ap_cu_transport_t t = {r, send_f1};
    CU_ASSERT_EQUAL_FATAL(f1ap_cu_create(r->loop, &f, &user, &t, &r->f1), 0);
    rrc_cu_set_f1(r->rrc, r->f1);
    rrc_cu_set_core(r->rrc, &core);
    r->du = f1ap_cu_link_up(r->f1, r, 8);
    return r;
}

void rig_free(rig_t *r)
{
    rrc_cu_destroy(r->rrc);
    CU_ASSERT_EQUAL(r->up.ues, 0);
    CU_ASSERT_EQUAL(r->up.drbs, 0);
    CU_ASSERT_EQUAL(r->up.sessions, 0);
    f1ap_cu_destroy(r->f1);
    crypto_destroy(r->crypto);
    CU_ASSERT_EQUAL(pool_free_count(r->pool), 64);
    pool_destroy(r->pool);
    loop_destroy(r->loop);
    free(r);
}

void rig_f1_bytes(rig_t *r, const void *bytes, size_t n)
{
    f1ap_cu_link_message(r->du, bytes, n);
}

void rig_f1(rig_t *r, const f1ap_msg_t *m)
{
    uint8_t wire[8192];
    size_t n;
    arena_init(&r->arena, r->mem, sizeof r->mem);
    CU_ASSERT_EQUAL_FATAL(f1ap_build(m, &r->arena, wire, sizeof wire, &n, NULL), 0);
    rig_f1_bytes(r, wire, n);
}

void rig_f1_setup(rig_t *r)
{
    f1ap_msg_t m = {.type = F1AP_SETUP_REQUEST};
    m.u.setup_request.du_id = 1;
    m.u.setup_request.n_cells = 1;
    m.u.setup_request.cells[0] = (f1ap_cell_t){.cgi = cgi,
                                               .pci = 1,
                                               .has_tac = true,
                                               .tac = 7,
                                               .tdd = true,
                                               .arfcn = 632004,
                                               .band = 78,
                                               .scs = 1,
                                               .n_prb = 51,
                                               .measurement_timing = {cell_group, 1}};
    rig_f1(r, &m);
}

const f1ap_msg_t *rig_sent(rig_t *r, f1ap_msg_type_t type)
{
    for (uint32_t i = r->n_sent; i > 0 && r->n_sent - i < RIG_MAX_SENT; i--)
        if (r->sent[(i - 1) % RIG_MAX_SENT].type == type)
            return &r->sent[(i - 1) % RIG_MAX_SENT];
    return NULL;
}

const core_call_t *rig_call(rig_t *r, int kind)
{
    for (uint32_t i = r->n_calls; i > 0; i--)
        if ((int)r->calls[(i - 1) % 64].kind == kind)
            return &r->calls[(i - 1) % 64];
    return NULL;
}

void rig_clear(rig_t *r)
{
    r->n_sent = r->n_calls = 0;
    memset(r->sent, 0, sizeof r->sent);
    memset(r->calls, 0, sizeof r->calls);
}

/* ---- the UE ---- */

static void ue_deliver(void *ctx, buf_t *sdu)
{
    rig_ue_t *ue = ctx;
    ue->rx_n = sdu->len < sizeof ue->rx ? sdu->len : sizeof ue->rx;
    memcpy(ue->rx, sdu->data, ue->rx_n);
    buf_free(sdu);
}

void ue_new(rig_ue_t *ue, uint32_t du_ue_id)
{
    memset(ue, 0, sizeof *ue);
    ue->du_ue_id = du_ue_id;
    for (uint8_t i = 0; i < 32; i++)
        ue->k_gnb[i] = i;
    for (uint8_t srb = 1; srb <= 2; srb++) {
        pdcp_config_t c = {.srb = true, .rb_id = srb, .sn_bits = 12, .t_reordering_ns = PDCP_INFINITY_NS};
        pdcp_ops_t ops = {.ctx = ue, .deliver = ue_deliver};
        CU_ASSERT_EQUAL_FATAL(pdcp_create(&ue->srb[srb], &c, &ops), 0);
    }
}

void ue_free(rig_ue_t *ue)
{
    pdcp_destroy(ue->srb[1]);
    pdcp_destroy(ue->srb[2]);
}

static void initial_ul(rig_t *r, uint32_t du_ue_id, uint16_t crnti, rrc_UL_CCCH_MessageType_c1_t *c1)
{
    rrc_UL_CCCH_Message_t m = {.message = {.choice = rrc_UL_CCCH_MessageType_choice_c1, .u.c1 = c1}};
    f1ap_msg_t f = {.type = F1AP_INITIAL_UL_RRC};
    uint8_t bytes[64];
    size_t n;
    CU_ASSERT_EQUAL_FATAL(
        asn1_encode(&rrc_UL_CCCH_Message_type, ASN1_UPER, &m, bytes, sizeof bytes, &n, NULL), 0);
    f.u.initial_ul = (f1ap_initial_ul_t){.du_ue_id = du_ue_id,
                                         .cell = cgi,
                                         .crnti = crnti,
                                         .rrc_container = {bytes, (uint32_t)n},
                                         .cell_group = {cell_group, sizeof cell_group}};
    rig_f1(r, &f);
}

static void learn_cu_id(rig_t *r, rig_ue_t *ue)
{
    const f1ap_msg_t *m = rig_sent(r, F1AP_DL_RRC);
    if (m && m->u.dl_rrc.du_ue_id == ue->du_ue_id)
        ue->cu_ue_id = m->u.dl_rrc.cu_ue_id;
}

void ue_setup_request(rig_t *r, rig_ue_t *ue)
{
    static const uint8_t random[5] = {1, 2, 3, 4, 4}, spare[1] = {0};
    rrc_RRCSetupRequest_t q = {
        .rrcSetupRequest = {.ue_Identity = {.choice = rrc_InitialUE_Identity_choice_randomValue,
                                            .u.randomValue = {random, 39}},
                            .establishmentCause = rrc_EstablishmentCause_mo_Signalling,
                            .spare = {spare, 1}}};
    rrc_UL_CCCH_MessageType_c1_t c1 = {.choice = rrc_UL_CCCH_MessageType_c1_choice_rrcSetupRequest,
                                       .u.rrcSetupRequest = &q};
    initial_ul(r, ue->du_ue_id, 0x4601, &c1);
    learn_cu_id(r, ue);
}

void ue_reestablishment_request(rig_t *r, rig_ue_t *ue, uint32_t du_ue_id, uint16_t crnti, uint16_t short_mac)
{
    uint8_t mac[2] = {(uint8_t)(short_mac >> 8), (uint8_t)short_mac};
    static const uint8_t spare[1] = {0};
    rrc_RRCReestablishmentRequest_t q = {
        .rrcReestablishmentRequest = {
            .ue_Identity = {.c_RNTI = crnti, .physCellId = 1, .shortMAC_I = {mac, 16}}, .spare = {spare, 1}}};
    rrc_UL_CCCH_MessageType_c1_t c1 = {.choice = rrc_UL_CCCH_MessageType_c1_choice_rrcReestablishmentRequest,
                                       .u.rrcReestablishmentRequest = &q};
    ue->du_ue_id = du_ue_id;
    initial_ul(r, du_ue_id, 0x4602, &c1);
    learn_cu_id(r, ue);
}

void ue_send(rig_t *r, rig_ue_t *ue, uint8_t srb_id, rrc_UL_DCCH_MessageType_c1_t *c1)
{
    rrc_UL_DCCH_Message_t m = {.message = {.choice = rrc_UL_DCCH_MessageType_choice_c1, .u.c1 = c1}};
    f1ap_msg_t f = {.type = F1AP_UL_RRC};
    uint8_t bytes[512];
    size_t n;
    CU_ASSERT_EQUAL_FATAL(
        asn1_encode(&rrc_UL_DCCH_Message_type, ASN1_UPER, &m, bytes, sizeof bytes, &n, NULL), 0);
    buf_t *b = buf_from(r->pool, bytes, (uint32_t)n);
    CU_ASSERT_EQUAL_FATAL(pdcp_tx(ue->srb[srb_id], r->crypto, b, 0), 0);
    f.u.ul_rrc = (f1ap_ul_rrc_t){.cu_ue_id = ue->cu_ue_id,
                                 .du_ue_id = ue->du_ue_id,
                                 .srb_id = srb_id,
                                 .rrc_container = {b->data, b->len}};
    rig_f1(r, &f);
    buf_free(b);
}

void ue_nas(rig_t *r, rig_ue_t *ue, uint8_t srb_id, const char *nas)
{
    rrc_ULInformationTransfer_IEs_t ies = {
        .has.dedicatedNAS_Message = 1, .dedicatedNAS_Message = {(const uint8_t *)nas, (uint32_t)strlen(nas)}};
    rrc_ULInformationTransfer_t t = {
        .criticalExtensions = {.choice =
                                   rrc_ULInformationTransfer_criticalExtensions_choice_ulInformationTransfer,
                               .u.ulInformationTransfer = &ies}};
    rrc_UL_DCCH_MessageType_c1_t c1 = {.choice = rrc_UL_DCCH_MessageType_c1_choice_ulInformationTransfer,
                                       .u.ulInformationTransfer = &t};
    ue_send(r, ue, srb_id, &c1);
}

void ue_setup_complete(rig_t *r, rig_ue_t *ue, const char *nas)
{
    rrc_RRCSetupComplete_IEs_t ies = {.selectedPLMN_Identity = 1,
                                      .dedicatedNAS_Message = {(const uint8_t *)nas, (uint32_t)strlen(nas)}};
    rrc_RRCSetupComplete_t c = {
        .rrc_TransactionIdentifier = 1,
        .criticalExtensions = {.choice = rrc_RRCSetupComplete_criticalExtensions_choice_rrcSetupComplete,
                               .u.rrcSetupComplete = &ies}};
    rrc_UL_DCCH_MessageType_c1_t c1 = {.choice = rrc_UL_DCCH_MessageType_c1_choice_rrcSetupComplete,
                                       .u.rrcSetupComplete = &c};
    ue_send(r, ue, 1, &c1);
}

uint32_t ue_receive(rig_t *r, rig_ue_t *ue, rrc_DL_DCCH_Message_t *ret)
{
    asn1_bytes_t c = {NULL, 0};
    uint8_t srb = 1;
    for (uint32_t i = r->n_sent; i > 0 && !c.n && r->n_sent - i < RIG_MAX_SENT; i--) {
        const f1ap_msg_t *m = &r->sent[(i - 1) % RIG_MAX_SENT];
        if (m->type == F1AP_DL_RRC) {
            c = m->u.dl_rrc.rrc_container;
            srb = m->u.dl_rrc.srb_id;
        } else if (m->type == F1AP_RELEASE_COMMAND) {
            c = m->u.release_command.rrc_container;
            srb = m->u.release_command.srb_id;
        }
    }
    if (!c.n || srb < 1 || srb > 2)
        return 0;
    ue->rx_n = 0;
    buf_t *b = buf_from(r->pool, c.p, c.n);
    pdcp_rx(ue->srb[srb], r->crypto, b, 0);
    arena_init(&r->arena, r->mem, sizeof r->mem);
    if (!ue->rx_n ||
        asn1_decode(&rrc_DL_DCCH_Message_type, ASN1_UPER, ue->rx, ue->rx_n, &r->arena, ret, NULL) < 0)
        return 0;
    return ret->message.u.c1->choice;
}

void ue_secure(rig_t *r, rig_ue_t *ue, nea_t nea, nia_t nia)
{
    ue->keys.nea = nea;
    ue->keys.nia = nia;
    kdf_alg_key(ue->k_gnb, KDF_RRC_ENC, (uint8_t)nea, ue->keys.enc_key);
    kdf_alg_key(ue->k_gnb, KDF_RRC_INT, (uint8_t)nia, ue->keys.int_key);
    for (uint8_t srb = 1; srb <= 2; srb++)
        CU_ASSERT_EQUAL(pdcp_set_security(ue->srb[srb], r->crypto, &ue->keys), 0);
}

/* ---- steps ---- */

void rig_context_request(rig_t *r, uint32_t ran_id)
{
    ngap_ran_t ran = rrc_cu_ran(r->rrc);
    ngap_initial_context_setup_t m = {.ue = {7, ran_id},
                                      .nea_mask = 0xe000,
                                      .nia_mask = 0xe000,
                                      .ambr_ul_bps = 1000000,
                                      .nas_pdu = {(const uint8_t *)"accept", 6}};
    for (uint8_t i = 0; i < 32; i++)
        m.k_gnb[i] = i;
    ran.initial_context_setup_request(ran.ctx, &m);
}

void rig_session_request(rig_t *r, uint32_t ran_id, uint8_t session_id)
{
    ngap_ran_t ran = rrc_cu_ran(r->rrc);
    ngap_pdu_session_setup_request_t m = {.ue = {7, ran_id}, .n_sessions = 1};
    m.sessions[0] = (ngap_pdu_session_setup_t){.pdu_session_id = session_id,
                                               .snssai = {1, 0xffffff},
                                               .ue_ipv4 = 0x0a2d0002,
                                               .nas_pdu = {(const uint8_t *)"session", 7},
                                               .n_qos_flows = 1,
                                               .qos_flows = {{.qfi = 1, .five_qi = 9, .arp_priority = 8}}};
    ran.pdu_session_setup_request(ran.ctx, &m);
}

void rig_context_response(rig_t *r, rig_ue_t *ue)
{
    const f1ap_msg_t *setup = rig_sent(r, F1AP_CONTEXT_SETUP_REQUEST),
                     *modify = rig_sent(r, F1AP_CONTEXT_MODIFY_REQUEST), *q = modify ? modify : setup;
    CU_ASSERT_PTR_NOT_NULL_FATAL(q);
    f1ap_msg_t m = {.type = modify ? F1AP_CONTEXT_MODIFY_RESPONSE : F1AP_CONTEXT_SETUP_RESPONSE};
    f1ap_context_response_t *c = &m.u.context_response;
    c->cu_ue_id = ue->cu_ue_id;
    c->du_ue_id = ue->du_ue_id;
    c->cell_group = (asn1_bytes_t){cell_group, sizeof cell_group};
    for (uint32_t i = 0; i < q->u.context_request.n_drbs; i++)
        c->drbs[c->n_drbs++] = (f1ap_drb_result_t){.drb_id = q->u.context_request.drbs[i].drb_id,
                                                   .ok = true,
                                                   .dl = {0x0a0a001e, 0x100 + i},
                                                   .lcid = 4};
    rig_f1(r, &m);
}

void ue_reconfigured(rig_t *r, rig_ue_t *ue)
{
    rrc_DL_DCCH_Message_t dl;
    CU_ASSERT_EQUAL_FATAL(ue_receive(r, ue, &dl), rrc_DL_DCCH_MessageType_c1_choice_rrcReconfiguration);
    rrc_RRCReconfigurationComplete_IEs_t ies = {.has.lateNonCriticalExtension = 0};
    rrc_RRCReconfigurationComplete_t c = {
        .rrc_TransactionIdentifier = dl.message.u.c1->u.rrcReconfiguration->rrc_TransactionIdentifier,
        .criticalExtensions = {
            .choice = rrc_RRCReconfigurationComplete_criticalExtensions_choice_rrcReconfigurationComplete,
            .u.rrcReconfigurationComplete = &ies}};
    rrc_UL_DCCH_MessageType_c1_t c1 = {.choice = rrc_UL_DCCH_MessageType_c1_choice_rrcReconfigurationComplete,
                                       .u.rrcReconfigurationComplete = &c};
    ue_send(r, ue, 1, &c1);
}

static void secure(rig_t *r, rig_ue_t *ue)
{
    rrc_DL_DCCH_Message_t dl;
    ue_secure(r, ue, NEA2, NIA2);
    pdcp_activate_rx(ue->srb[1], true, false);
    CU_ASSERT_EQUAL_FATAL(ue_receive(r, ue, &dl), rrc_DL_DCCH_MessageType_c1_choice_securityModeCommand);
    const rrc_SecurityModeCommand_t *smc = dl.message.u.c1->u.securityModeCommand;
    CU_ASSERT_EQUAL(smc->criticalExtensions.u.securityModeCommand->securityConfigSMC.securityAlgorithmConfig
                        .cipheringAlgorithm,
                    rrc_CipheringAlgorithm_nea2);
    pdcp_activate_rx(ue->srb[1], true, true);
    pdcp_activate_tx(ue->srb[1], true, false); /* the answer is not ciphered */
    rrc_SecurityModeComplete_IEs_t ies = {.has.lateNonCriticalExtension = 0};
    rrc_SecurityModeComplete_t c = {
        .rrc_TransactionIdentifier = smc->rrc_TransactionIdentifier,
        .criticalExtensions = {.choice =
                                   rrc_SecurityModeComplete_criticalExtensions_choice_securityModeComplete,
                               .u.securityModeComplete = &ies}};
    rrc_UL_DCCH_MessageType_c1_t c1 = {.choice = rrc_UL_DCCH_MessageType_c1_choice_securityModeComplete,
                                       .u.securityModeComplete = &c};
    ue_send(r, ue, 1, &c1);
    pdcp_activate_tx(ue->srb[1], true, true);
    pdcp_activate_tx(ue->srb[2], true, true);
    pdcp_activate_rx(ue->srb[2], true, true);
}

static void capability(rig_t *r, rig_ue_t *ue)
{
    rrc_DL_DCCH_Message_t dl;
    CU_ASSERT_EQUAL_FATAL(ue_receive(r, ue, &dl), rrc_DL_DCCH_MessageType_c1_choice_ueCapabilityEnquiry);
    rrc_UE_CapabilityRAT_Container_t nr = {.rat_Type = rrc_RAT_Type_nr,
                                           .ue_CapabilityRAT_Container = {cell_group, sizeof cell_group}};
    rrc_UE_CapabilityRAT_ContainerList_t list = {1, &nr};
    rrc_UECapabilityInformation_IEs_t ies = {.ue_CapabilityRAT_ContainerList = &list};
    rrc_UECapabilityInformation_t c = {
        .rrc_TransactionIdentifier = dl.message.u.c1->u.ueCapabilityEnquiry->rrc_TransactionIdentifier,
        .criticalExtensions = {
            .choice = rrc_UECapabilityInformation_criticalExtensions_choice_ueCapabilityInformation,
            .u.ueCapabilityInformation = &ies}};
    rrc_UL_DCCH_MessageType_c1_t c1 = {.choice = rrc_UL_DCCH_MessageType_c1_choice_ueCapabilityInformation,
                                       .u.ueCapabilityInformation = &c};
    ue_send(r, ue, 1, &c1);
}

void rig_attach(rig_t *r, rig_ue_t *ue, bool session)
{
    ue_setup_request(r, ue);
    ue_setup_complete(r, ue, "register");
    CU_ASSERT_PTR_NOT_NULL_FATAL(rig_call(r, CORE_INITIAL));
    uint32_t ran_id = rig_call(r, CORE_INITIAL)->ue.ran_ue_ngap_id;
    rig_context_request(r, ran_id);
    secure(r, ue);
    capability(r, ue);
    rig_context_response(r, ue);
    ue_reconfigured(r, ue);
    CU_ASSERT_PTR_NOT_NULL(rig_call(r, CORE_CONTEXT_OK));
    if (!session)
        return;
    rig_session_request(r, ran_id, 1);
    rig_context_response(r, ue);
    ue_reconfigured(r, ue);
}
