/* SPDX-License-Identifier: Apache-2.0 */
/* RRC's end of the seam to the core: what the core asks becomes jobs and events; answers go back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cu/rrc/rrc_inner.h"

/* ---- jobs ---- */

job_t *rrc_job_new(job_kind_t kind, uint32_t n_bytes)
{
    job_t *j = calloc(1, sizeof *j + n_bytes);
    if (j)
        j->kind = kind;
    return j;
}

static ngap_bytes_t keep(job_t *j, ngap_bytes_t b)
{
    uint8_t *to = j->bytes + j->n_bytes;
    if (b.n)
        memcpy(to, b.p, b.n);
    j->n_bytes += b.n;
    return (ngap_bytes_t){to, b.n};
}

static uint32_t nas_bytes(const ngap_pdu_session_setup_t *s, uint32_t n)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += s[i].nas_pdu.n;
    return sum;
}

static void keep_sessions(job_t *j, const ngap_pdu_session_setup_t *s, uint8_t n)
{
    j->n_sessions = n < NGAP_MAX_PDU_SESSIONS ? n : NGAP_MAX_PDU_SESSIONS;
    for (uint32_t i = 0; i < j->n_sessions; i++) {
        j->sessions[i] = s[i];
        j->sessions[i].nas_pdu = keep(j, s[i].nas_pdu);
    }
}

void rrc_job_add(rrc_ue_t *ue, job_t *job)
{
    job_t **at = &ue->jobs;
    while (*at)
        at = &(*at)->next;
    *at = job;
}

void rrc_job_pop(rrc_ue_t *ue)
{
    job_t *j = ue->jobs;
    if (!j)
        return;
    ue->jobs = j->next;
    free(j);
}

/* ---- from the core ---- */

/* The UE that the core names; an unknown one is answered. */
static rrc_ue_t *ue_of(rrc_cu_t *rrc, const ngap_ue_ids_t *ids)
{
    rrc_ue_t *ue = rrc_ue_of_ran_id(rrc, ids->ran_ue_ngap_id);
    if (ue && (ue->amf_id == UINT64_MAX || ue->amf_id == ids->amf_ue_ngap_id)) {
        ue->amf_id = ids->amf_ue_ngap_id;
        return ue;
    }
    rrc->counters.core_unknown_ue++;
    ngap_ue_cause_t e = {.ue = *ids, .cause = {NGAP_CAUSE_RADIO_NETWORK, 15}}; /* unknown-local-UE-NGAP-ID */
    rrc->core->error_indication(rrc->core->ctx, &e);
    return NULL;
}

static void on_downlink_nas(void *ctx, const ngap_nas_transport_t *m)
{
    rrc_cu_t *rrc = ctx;
    rrc_ue_t *ue = ue_of(rrc, &m->ue);
    if (!ue || ue->state == UE_SETUP || ue->state == UE_RELEASING || !ue->f1_alive)
        return;
    rrc_capture_nas(rrc, m->nas_pdu.p, m->nas_pdu.n);
    if (rrc_build_dl_information(rrc_next_transaction(ue), (asn1_bytes_t){m->nas_pdu.p, m->nas_pdu.n},
                                 &rrc->out) < 0)
        rrc->counters.tx_failed++;
    else
        rrc_send_dcch(ue, ue->srb[2] ? 2 : 1);
}

/* What the core still knows of the UE need not be asked for again. */
static void take_capability(rrc_ue_t *ue, ngap_bytes_t b)
{
    asn1_bytes_t list;
    uint8_t *mem = b.n && !ue->capability ? malloc(b.n) : NULL;
    if (mem && rrc_parse_radio_capability(b.p, b.n, mem, &list) == 0 && list.n) {
        memmove(mem, list.p, list.n);
        ue->capability = mem;
        ue->capability_n = list.n;
    } else {
        free(mem);
    }
}

static void on_initial_context(void *ctx, const ngap_initial_context_setup_t *m)
{
    rrc_cu_t *rrc = ctx;
    rrc_ue_t *ue = ue_of(rrc, &m->ue);
    if (!ue)
        return;
    job_t *j = rrc_job_new(JOB_CONTEXT, m->nas_pdu.n + nas_bytes(m->sessions, m->n_sessions));
    if (!j || ue->secure || ue->jobs) {
        ngap_ue_cause_t e = {.ue = m->ue, .cause = {NGAP_CAUSE_PROTOCOL, NGAP_PROTOCOL_SEMANTIC_ERROR}};
        free(j);
        rrc->core->initial_context_setup_failure(rrc->core->ctx, &e);
        return;
    }
    j->context = *m;
    j->context.nas_pdu = j->context.ue_radio_capability = (ngap_bytes_t){NULL, 0};
    j->nas = keep(j, m->nas_pdu);
    keep_sessions(j, m->sessions, m->n_sessions);
    take_capability(ue, m->ue_radio_capability);
    memcpy(ue->k_gnb, m->k_gnb, sizeof ue->k_gnb);
    ue->ncc = 0;
    ue->ambr_ul_bps = m->ambr_ul_bps;
    rrc_job_add(ue, j);
    rrc_step(ue, EV_JOB, NULL);
}

static void on_session_setup(void *ctx, const ngap_pdu_session_setup_request_t *m)
{
    rrc_cu_t *rrc = ctx;
    rrc_ue_t *ue = ue_of(rrc, &m->ue);
    if (!ue)
        return;
    job_t *j = rrc_job_new(JOB_SESSIONS, m->nas_pdu.n + nas_bytes(m->sessions, m->n_sessions));
    if (!j || !ue->f1_alive) {
        ngap_setup_response_t r = {.ue = m->ue, .n_sessions = m->n_sessions};
        for (uint32_t i = 0; i < m->n_sessions; i++)
            r.sessions[i] =
                (ngap_pdu_session_result_t){.pdu_session_id = m->sessions[i].pdu_session_id,
                                            .cause = {NGAP_CAUSE_RADIO_NETWORK, NGAP_RADIO_CONNECTION_LOST}};
        free(j);
        rrc->core->pdu_session_setup_response(rrc->core->ctx, &r);
        return;
    }
    j->nas = keep(j, m->nas_pdu);
    keep_sessions(j, m->sessions, m->n_sessions);
    rrc_job_add(ue, j);
    rrc_step(ue, EV_JOB, NULL);
}

static void on_session_release(void *ctx, const ngap_pdu_session_release_t *m)
{
    rrc_cu_t *rrc = ctx;
    rrc_ue_t *ue = ue_of(rrc, &m->ue);
    job_t *j = ue && ue->f1_alive ? rrc_job_new(JOB_RELEASE_SESSIONS, m->nas_pdu.n) : NULL;
    if (!ue)
        return;
    if (!j) {
        ngap_pdu_session_release_t r = *m;
        r.nas_pdu = (ngap_bytes_t){NULL, 0};
        rrc->core->pdu_session_release_response(rrc->core->ctx, &r);
        return;
    }
    j->nas = keep(j, m->nas_pdu);
    j->n_sessions = m->n_sessions < NGAP_MAX_PDU_SESSIONS ? m->n_sessions : NGAP_MAX_PDU_SESSIONS;
    memcpy(j->release, m->pdu_session_id, j->n_sessions);
    rrc_job_add(ue, j);
    rrc_step(ue, EV_JOB, NULL);
}

static void on_release(void *ctx, const ngap_ue_cause_t *m)
{
    rrc_ue_t *ue = ue_of(ctx, &m->ue);
    if (!ue)
        return;
    ue->release_cause = m->cause;
    rrc_step(ue, EV_RELEASE, NULL);
}

static void on_paging(void *ctx, const ngap_paging_t *m)
{
    rrc_cu_t *rrc = ctx;
    uint64_t s_tmsi =
        (uint64_t)(m->amf_set_id & 0x3ff) << 38 | (uint64_t)(m->amf_pointer & 0x3f) << 32 | m->tmsi_5g;
    f1ap_cu_page(rrc->f1, m->tac, m->ue_id_mod_1024, s_tmsi);
}

static void on_error(void *ctx, const ngap_ue_cause_t *m)
{
    rrc_cu_t *rrc = ctx;
    rrc_ue_t *ue = rrc_ue_of_ran_id(rrc, m->ue.ran_ue_ngap_id);
    log_warning(rrc->config.log, "the core reports an error, group %d value %d", m->cause.group,
                m->cause.value);
    if (ue && m->cause.group == NGAP_CAUSE_RADIO_NETWORK) {
        ue->core_knows = false; /* nothing more to say to it */
        rrc_step(ue, EV_RELEASE, NULL);
    }
}

static void on_reset(void *ctx, ngap_cause_t cause)
{
    rrc_cu_t *rrc = ctx;
    for (uint32_t i = 0; i < rrc->config.max_ues; i++)
        if (rrc->ues[i].used) {
            rrc->ues[i].core_knows = false;
            rrc->ues[i].release_cause = cause;
            rrc_step(&rrc->ues[i], EV_RELEASE, NULL);
        }
}

ngap_ran_t rrc_cu_ran(rrc_cu_t *rrc)
{
    return (ngap_ran_t){.ctx = rrc,
                        .downlink_nas_transport = on_downlink_nas,
                        .initial_context_setup_request = on_initial_context,
                        .pdu_session_setup_request = on_session_setup,
                        .pdu_session_release_command = on_session_release,
                        .ue_context_release_command = on_release,
                        .paging = on_paging,
                        .error_indication = on_error,
                        .ng_reset = on_reset};
}

/* ---- to the core ---- */

static ngap_ue_ids_t ids_of(const rrc_ue_t *ue)
{
    return (ngap_ue_ids_t){ue->amf_id, ue->ran_id};
}

void rrc_core_initial_message(rrc_ue_t *ue, asn1_bytes_t nas)
{
    rrc_cu_t *rrc = ue->rrc;
    ngap_initial_ue_message_t m = {
        .ran_ue_ngap_id = ue->ran_id,
        .nas_pdu = {nas.p, nas.n},
        .location = {.nr_cell_id = ue->cell.nr_cell_id, .tac = ue->tac},
        .rrc_establishment_cause = ue->establishment_cause,
        .has_s_tmsi = ue->has_tmsi,
        .amf_set_id = (uint16_t)(ue->tmsi >> 38 & 0x3ff),
        .amf_pointer = (uint8_t)(ue->tmsi >> 32 & 0x3f),
        .tmsi_5g = (uint32_t)ue->tmsi,
    };
    memcpy(m.location.plmn, ue->cell.plmn, 3);
    rrc_capture_nas(rrc, nas.p, nas.n);
    ue->core_knows = true;
    rrc->core->initial_ue_message(rrc->core->ctx, &m);
}

void rrc_core_uplink_nas(rrc_ue_t *ue, asn1_bytes_t nas)
{
    rrc_cu_t *rrc = ue->rrc;
    ngap_nas_transport_t m = {.ue = ids_of(ue), .nas_pdu = {nas.p, nas.n}};
    rrc_capture_nas(rrc, nas.p, nas.n);
    if (ue->core_knows)
        rrc->core->uplink_nas_transport(rrc->core->ctx, &m);
}

static void tell_sessions(rrc_ue_t *ue, const job_t *j)
{
    rrc_cu_t *rrc = ue->rrc;
    ngap_setup_response_t r = {.ue = ids_of(ue), .n_sessions = j->n_sessions};
    memcpy(r.sessions, j->results, sizeof r.sessions);
    for (uint32_t i = 0; i < j->n_sessions; i++)
        rrc->counters.sessions_failed += !j->results[i].ok;
    if (j->kind == JOB_CONTEXT)
        rrc->core->initial_context_setup_response(rrc->core->ctx, &r);
    else
        rrc->core->pdu_session_setup_response(rrc->core->ctx, &r);
}

/* The next job may begin once the core has heard of this one: it may have asked for more meanwhile. */
static void finish_job(rrc_ue_t *ue, void (*tell)(rrc_ue_t *, const job_t *))
{
    job_t *j = ue->jobs;
    uint32_t ran_id = ue->ran_id;
    rrc_cu_t *rrc = ue->rrc;
    ue->jobs = j->next;
    if (tell && ue->core_knows)
        tell(ue, j);
    free(j);
    if (rrc_ue_of_ran_id(rrc, ran_id) == ue && ue->jobs &&
        (ue->state == UE_READY || ue->state == UE_CONNECTED))
        rrc_step(ue, EV_JOB, NULL);
}

static void tell_released(rrc_ue_t *ue, const job_t *j)
{
    ngap_pdu_session_release_t r = {.ue = ids_of(ue), .n_sessions = j->n_sessions};
    memcpy(r.pdu_session_id, j->release, sizeof r.pdu_session_id);
    ue->rrc->core->pdu_session_release_response(ue->rrc->core->ctx, &r);
}

void rrc_core_job_done(rrc_ue_t *ue)
{
    job_t *j = ue->jobs;
    if (!j)
        return;
    ue->rrc->counters.contexts += j->kind == JOB_CONTEXT;
    finish_job(ue, j->kind == JOB_RESTORE            ? NULL
                   : j->kind == JOB_RELEASE_SESSIONS ? tell_released
                                                     : tell_sessions);
}

static void tell_context_failed(rrc_ue_t *ue, const job_t *j)
{
    ngap_ue_cause_t e = {.ue = ids_of(ue), .cause = ue->release_cause};
    (void)j;
    ue->rrc->core->initial_context_setup_failure(ue->rrc->core->ctx, &e);
}

void rrc_core_job_failed(rrc_ue_t *ue, ngap_cause_t cause)
{
    job_t *j = ue->jobs;
    if (!j)
        return;
    rrc_bearer_fail(ue, cause);
    if (j->kind != JOB_CONTEXT) {
        rrc_core_job_done(ue);
        return;
    }
    ue->rrc->counters.contexts_failed++;
    ue->release_cause = cause;
    finish_job(ue, tell_context_failed);
}

void rrc_core_ask_release(rrc_ue_t *ue)
{
    rrc_cu_t *rrc = ue->rrc;
    ngap_ue_cause_t m = {.ue = ids_of(ue), .cause = ue->release_cause};
    if (ue->core_knows)
        rrc->core->ue_context_release_request(rrc->core->ctx, &m);
    else
        rrc_step(ue, EV_RELEASE, NULL);
}

void rrc_core_release_complete(rrc_ue_t *ue)
{
    rrc_cu_t *rrc = ue->rrc;
    ngap_ue_cause_t m = {.ue = ids_of(ue), .cause = ue->release_cause};
    bool tell = ue->core_knows;
    rrc_ue_free(ue);
    if (tell)
        rrc->core->ue_context_release_complete(rrc->core->ctx, &m);
}
