/* SPDX-License-Identifier: Apache-2.0 */
/* Bearers of a UE: a PDU session is one DRB with all its QoS flows, made in three places: the user plane
 * (CU's end of F1-U), the DU (its end, RLC and logical channel), the UE (RRCReconfiguration). */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "cu/rrc/rrc_inner.h"

static const ngap_cause_t unspecified = {NGAP_CAUSE_RADIO_NETWORK, NGAP_RADIO_UNSPECIFIED};

static session_t *find_session(rrc_ue_t *ue, uint8_t session_id)
{
    for (uint32_t i = 0; session_id && i < RRC_MAX_DRBS; i++)
        if (ue->sessions[i].session_id == session_id)
            return &ue->sessions[i];
    return NULL;
}

static session_t *find_drb(rrc_ue_t *ue, uint8_t drb_id)
{
    for (uint32_t i = 0; i < RRC_MAX_DRBS; i++)
        if (ue->sessions[i].session_id && ue->sessions[i].drb_id == drb_id)
            return &ue->sessions[i];
    return NULL;
}

void rrc_bearer_drop(rrc_ue_t *ue, session_t *s)
{
    rrc_up_t *up = &ue->rrc->up;
    if (!s->session_id)
        return;
    up->drb_remove(up->ctx, ue->up_ue, s->drb_id);
    up->session_remove(up->ctx, ue->up_ue, s->session_id);
    memset(s, 0, sizeof *s);
}

void rrc_bearer_drop_all(rrc_ue_t *ue)
{
    for (uint32_t i = 0; i < RRC_MAX_DRBS; i++)
        rrc_bearer_drop(ue, &ue->sessions[i]);
    if (ue->up_ue != UINT32_MAX)
        ue->rrc->up.ue_remove(ue->rrc->up.ctx, ue->up_ue);
    ue->up_ue = UINT32_MAX;
}

static f1ap_flow_t flow_of(const ngap_qos_flow_t *q)
{
    f1ap_flow_t f = {.qfi = q->qfi,
                     .five_qi = q->five_qi,
                     .arp_priority = q->arp_priority,
                     .preempt = q->preempt,
                     .preemptable = q->preemptable,
                     .gfbr_dl_bps = q->gfbr_dl_bps,
                     .gfbr_ul_bps = q->gfbr_ul_bps,
                     .mfbr_dl_bps = q->mfbr_dl_bps,
                     .mfbr_ul_bps = q->mfbr_ul_bps};
    f.gbr = q->gfbr_dl_bps || q->gfbr_ul_bps;
    return f;
}

static void fill_drb(const session_t *s, f1ap_drb_t *d)
{
    *d = (f1ap_drb_t){.drb_id = s->drb_id,
                      .qos = s->flows[0],
                      .snssai = s->snssai,
                      .n_flows = s->n_flows,
                      .ul = s->ul,
                      .rlc_mode = f1ap_RLCMode_rlc_am,
                      .dl_sn_bits = RRC_DRB_SN_BITS,
                      .ul_sn_bits = RRC_DRB_SN_BITS};
    memcpy(d->flows, s->flows, sizeof d->flows);
}

/* The user plane's part: session, DRB, and our end of the tunnel. */
static int open_session(rrc_ue_t *ue, const ngap_pdu_session_setup_t *q, session_t **ret)
{
    rrc_cu_t *rrc = ue->rrc;
    rrc_up_t *up = &rrc->up;
    session_t *s = NULL;
    uint8_t drb_id = 1;
    int r;
    if (find_session(ue, q->pdu_session_id))
        return -EEXIST;
    for (uint32_t i = 0; i < RRC_MAX_DRBS && !s; i++)
        if (!ue->sessions[i].session_id)
            s = &ue->sessions[i];
    if (!s || !q->pdu_session_id || !q->n_qos_flows || q->n_qos_flows > F1AP_MAX_FLOWS)
        return -EINVAL;
    while (find_drb(ue, drb_id))
        drb_id++;
    if (ue->up_ue == UINT32_MAX) {
        up_ue_config_t c = {.security = ue->up_security};
        r = up->ue_add(up->ctx, &c, &ue->up_ue);
        if (r < 0)
            return r;
    }
    up_session_config_t sc = {
        .session_id = q->pdu_session_id, .ue_ipv4_be = htonl(q->ue_ipv4), .default_qfi = q->qos_flows[0].qfi};
    r = up->session_add(up->ctx, ue->up_ue, &sc);
    if (r < 0)
        return r;
    up_drb_config_t dc = {.drb_id = drb_id,
                          .session_id = q->pdu_session_id,
                          .sdap_header_dl = true,
                          .sdap_header_ul = true,
                          .default_drb = true,
                          .n_qfis = q->n_qos_flows,
                          .pdcp = {.sn_bits = RRC_DRB_SN_BITS,
                                   .rlc_am = true,
                                   .integrity = rrc->config.up_integrity,
                                   .t_reordering_ns = RRC_DRB_T_REORDERING_MS * INT64_C(1000000)}};
    for (uint32_t i = 0; i < q->n_qos_flows; i++)
        dc.qfis[i] = q->qos_flows[i].qfi;
    memset(s, 0, sizeof *s);
    r = up->drb_add(up->ctx, ue->up_ue, &dc, &s->ul.teid);
    if (r < 0) {
        up->session_remove(up->ctx, ue->up_ue, q->pdu_session_id);
        return r;
    }
    s->session_id = q->pdu_session_id;
    s->drb_id = drb_id;
    s->snssai = (f1ap_snssai_t){q->snssai.sst, q->snssai.sd};
    s->ul.address = rrc->config.f1u_address;
    for (uint32_t i = 0; i < q->n_qos_flows; i++)
        s->flows[s->n_flows++] = flow_of(&q->qos_flows[i]);
    *ret = s;
    return 0;
}

static ngap_pdu_session_result_t *result_of(job_t *j, uint8_t session_id)
{
    for (uint32_t i = 0; i < j->n_sessions; i++)
        if (j->results[i].pdu_session_id == session_id)
            return &j->results[i];
    return NULL;
}

int rrc_bearer_request(rrc_ue_t *ue)
{
    job_t *j = ue->jobs;
    f1ap_msg_t m = {.type = ue->context_at_du ? F1AP_CONTEXT_MODIFY_REQUEST : F1AP_CONTEXT_SETUP_REQUEST};
    f1ap_context_request_t *q = &m.u.context_request;
    q->has_cell = !ue->context_at_du;
    q->cell = ue->cell;
    q->monitor_inactivity = ue->rrc->config.inactivity_release;
    if (!ue->context_at_du || j->kind == JOB_RESTORE) {
        q->srb_mask = 1u << 2;
        q->capability = (asn1_bytes_t){ue->capability, ue->capability_n};
        q->has_ambr_ul = ue->ambr_ul_bps != 0;
        q->ambr_ul_bps = ue->ambr_ul_bps;
    }
    for (uint32_t i = 0; i < j->n_sessions; i++) {
        session_t *s = NULL;
        if (j->kind == JOB_RELEASE_SESSIONS) {
            s = find_session(ue, j->release[i]);
            if (s)
                q->release[q->n_release++] = s->drb_id;
            continue;
        }
        j->results[i] = (ngap_pdu_session_result_t){.pdu_session_id = j->sessions[i].pdu_session_id};
        int r = open_session(ue, &j->sessions[i], &s);
        if (r < 0) {
            j->results[i].cause =
                r == -EEXIST ? (ngap_cause_t){NGAP_CAUSE_RADIO_NETWORK, NGAP_RADIO_MULTIPLE_PDU_SESSION}
                             : unspecified;
            log_warning(ue->rrc->config.log, "UE %u: PDU session %u: %s", ue->ran_id,
                        j->sessions[i].pdu_session_id, strerror(-r));
            continue;
        }
        fill_drb(s, &q->drbs[q->n_drbs++]);
    }
    for (uint32_t i = 0; j->kind == JOB_RESTORE && i < RRC_MAX_DRBS; i++)
        if (ue->sessions[i].session_id)
            fill_drb(&ue->sessions[i], &q->drbs[q->n_drbs++]);
    return f1ap_cu_ue_send(ue->rrc->f1, ue->cu_ue_id, &m);
}

/* One DRB that the DU answered for. */
static void take_result(rrc_ue_t *ue, job_t *j, const f1ap_drb_result_t *d)
{
    session_t *s = find_drb(ue, d->drb_id);
    ngap_pdu_session_result_t *r = s ? result_of(j, s->session_id) : NULL;
    if (!s || (!r && j->kind != JOB_RESTORE))
        return;
    if (!d->ok) {
        if (r)
            r->cause = unspecified;
        log_warning(ue->rrc->config.log, "UE %u: the DU did not set up DRB %u: %s", ue->ran_id, d->drb_id,
                    f1ap_cause_name(d->cause));
        rrc_bearer_drop(ue, s);
        return;
    }
    s->dl = d->dl;
    if (r)
        r->ok = true;
    rrc_drb_t *drb = &j->reconfiguration.drbs[j->reconfiguration.n_drbs++];
    *drb = (rrc_drb_t){.drb_id = s->drb_id,
                       .session_id = s->session_id,
                       .reestablish = j->kind == JOB_RESTORE,
                       .integrity = ue->rrc->config.up_integrity,
                       .n_qfis = s->n_flows};
    for (uint32_t i = 0; i < s->n_flows; i++)
        drb->qfis[i] = s->flows[i].qfi;
}

int rrc_bearer_response(rrc_ue_t *ue, const f1ap_context_response_t *m)
{
    job_t *j = ue->jobs;
    rrc_reconfiguration_t *c = &j->reconfiguration;
    if (m->cell_group.n > sizeof j->cell_group)
        return -EMSGSIZE;
    memset(c, 0, sizeof *c);
    for (uint32_t i = 0; i < m->n_drbs; i++)
        take_result(ue, j, &m->drbs[i]);
    /* What the DU did not name at all has failed. */
    for (uint32_t i = 0; j->kind != JOB_RELEASE_SESSIONS && i < j->n_sessions; i++) {
        session_t *s = find_session(ue, j->results[i].pdu_session_id);
        if (!j->results[i].ok && s && !s->up)
            rrc_bearer_drop(ue, s);
    }
    if (j->kind == JOB_RELEASE_SESSIONS)
        for (uint32_t i = 0; i < j->n_sessions; i++) {
            session_t *s = find_session(ue, j->release[i]);
            if (s) {
                c->release[c->n_release++] = s->drb_id;
                rrc_bearer_drop(ue, s);
            }
        }
    if (!ue->context_at_du) {
        if (m->srb_failed_mask & 1u << 2)
            return -EPROTO;
        c->srb2 = true;
    }
    if (j->kind == JOB_RESTORE)
        c->srb2_reestablish = ue->srb[2] != NULL;
    if (m->cell_group.n)
        memcpy(j->cell_group, m->cell_group.p, m->cell_group.n);
    c->cell_group = (asn1_bytes_t){j->cell_group, m->cell_group.n};
    /* NAS of the sessions that came to be, and the request's own. */
    if (j->nas.n)
        c->nas[c->n_nas++] = (asn1_bytes_t){j->nas.p, j->nas.n};
    for (uint32_t i = 0; j->kind != JOB_RELEASE_SESSIONS && i < j->n_sessions && c->n_nas < RRC_MAX_NAS; i++)
        if (j->results[i].ok && j->sessions[i].nas_pdu.n)
            c->nas[c->n_nas++] = (asn1_bytes_t){j->sessions[i].nas_pdu.p, j->sessions[i].nas_pdu.n};
    ue->context_at_du = true;
    return 0;
}

void rrc_bearer_start(rrc_ue_t *ue)
{
    rrc_up_t *up = &ue->rrc->up;
    for (uint32_t i = 0; i < RRC_MAX_DRBS; i++) {
        session_t *s = &ue->sessions[i];
        if (!s->session_id || s->up || !s->dl.teid)
            continue;
        up->drb_set_remote(up->ctx, ue->up_ue, s->drb_id, htonl(s->dl.address), 0, s->dl.teid);
        s->up = true;
        ue->rrc->counters.sessions++;
    }
}

void rrc_bearer_fail(rrc_ue_t *ue, ngap_cause_t cause)
{
    job_t *j = ue->jobs;
    for (uint32_t i = 0; j->kind != JOB_RELEASE_SESSIONS && i < j->n_sessions; i++) {
        session_t *s = find_session(ue, j->sessions[i].pdu_session_id);
        j->results[i].pdu_session_id = j->sessions[i].pdu_session_id;
        j->results[i].ok = false;
        j->results[i].cause = cause;
        if (s && !s->up)
            rrc_bearer_drop(ue, s);
    }
}
