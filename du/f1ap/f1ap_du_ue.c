/* SPDX-License-Identifier: Apache-2.0 */
/* A UE at the gNB-DU: from its first message to its release. Its radio configuration is made here, from
 * radio_ue_defaults and what the CU asks for; CellGroupConfig tells the UE, ue_config the slot engine. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "du/f1ap/f1ap_du_inner.h"

/* ---- the table of UEs ---- */

du_ue_t *f1ap_du_ue_of_ref(f1ap_du_t *d, du_ue_ref_t ref)
{
    if (ref.index >= MAC_MAX_UES)
        return NULL;
    du_ue_t *ue = &d->ues[ref.index];
    return ue->used && ue->ref.generation == ref.generation ? ue : NULL;
}

du_ue_t *f1ap_du_ue_of_id(f1ap_du_t *d, uint32_t du_ue_id)
{
    return f1ap_du_ue_of_ref(d, (du_ue_ref_t){(uint16_t)(du_ue_id & 0xffff), (uint16_t)(du_ue_id >> 16)});
}

static void drop_tunnel(f1ap_du_t *d, du_ue_t *ue, uint8_t drb_id)
{
    if (ue->teid[drb_id])
        d->radio.tunnel_remove(d->radio.ctx, ue->teid[drb_id]);
    ue->teid[drb_id] = 0;
}

void f1ap_du_ue_forget(f1ap_du_t *d, du_ue_t *ue, bool tell_radio)
{
    for (uint8_t drb = 1; drb <= 32; drb++)
        drop_tunnel(d, ue, drb);
    if (tell_radio && d->radio.ue_remove(d->radio.ctx, ue->ref, 0) < 0)
        d->counters.radio_refused++;
    free(ue->pending);
    ue->pending = NULL;
    ue->used = false;
}

void f1ap_du_ue_forget_all(f1ap_du_t *d)
{
    bool any = false;
    for (uint32_t i = 0; i < MAC_MAX_UES; i++)
        if (d->ues[i].used) {
            f1ap_du_ue_forget(d, &d->ues[i], false);
            any = true;
        }
    if (any && d->radio.remove_all(d->radio.ctx) < 0)
        d->counters.radio_refused++;
}

/* ---- radio configuration ---- */

static radio_lc_t *find_bearer(radio_ue_t *r, bool drb, uint8_t id)
{
    for (uint32_t i = 0; i < r->n_lc; i++)
        if (r->lc[i].is_drb == drb && r->lc[i].rb_id == id)
            return &r->lc[i];
    return NULL;
}

static uint8_t slice_index(const f1ap_du_t *d, f1ap_snssai_t s)
{
    for (uint8_t i = 0; i < d->config.n_slices; i++)
        if (d->config.slices[i].sst == s.sst && d->config.slices[i].sd == s.sd)
            return i;
    return UINT8_MAX;
}

static int build_cell_group(f1ap_du_t *d, const rrc_cell_group_t *cg, uint8_t *buf, size_t cap, size_t *ret_n)
{
    rrc_why_t why = {.text = ""};
    arena_reset(&d->rrc_arena);
    int r = rrc_cell_group_build(cg, &d->config.cell, &d->rrc_arena, buf, cap, ret_n, &why);
    if (r < 0)
        log_error(d->config.log, "cannot build CellGroupConfig: %s", why.text);
    return r;
}

/* ---- access ---- */

void f1ap_du_ue_new(f1ap_du_t *d, const du_event_t *e)
{
    rrc_cell_group_t cg = {.present = RRC_CG_ALL};
    uint8_t bytes[1024];
    size_t n = 0;
    du_ue_t *ue = e->ue.index < MAC_MAX_UES ? &d->ues[e->ue.index] : NULL;
    if (!ue || d->state != LINK_READY || radio_ue_defaults(&cg.ue, &d->config.cell, e->ue.index) < 0) {
        d->counters.ues_refused++;
        d->radio.ue_remove(d->radio.ctx, e->ue, 0);
        return;
    }
    if (ue->used) /* its end was not seen: the index would not be there again otherwise */
        f1ap_du_ue_forget(d, ue, false);
    memset(ue, 0, sizeof *ue);
    ue->used = true;
    ue->state = UE_ACCESS;
    ue->ref = e->ue;
    ue->rnti = e->rnti;
    ue->du_ue_id = (uint32_t)e->ue.generation << 16 | e->ue.index;
    cg.ue.c_rnti = e->rnti;
    ue->radio = cg.ue;
    if (build_cell_group(d, &cg, bytes, sizeof bytes, &n) < 0)
        n = 0; /* without it the CU rejects the UE, 8.4.1.2 */
    f1ap_msg_t m = {.type = F1AP_INITIAL_UL_RRC};
    f1ap_initial_ul_t *q = &m.u.initial_ul;
    q->du_ue_id = ue->du_ue_id;
    memcpy(q->cell.plmn, d->config.cell.plmn, 3);
    q->cell.nr_cell_id = d->config.cell.nr_cell_id;
    q->crnti = e->rnti;
    q->rrc_container = (asn1_bytes_t){e->sdu->data, e->sdu->len};
    q->cell_group = (asn1_bytes_t){bytes, (uint32_t)n};
    q->transaction_id = d->next_transaction++;
    d->counters.ues++;
    log_info(d->config.log, "UE %u, RNTI %04x: first message to the CU", e->ue.index, e->rnti);
    if (f1ap_du_send_ue(d, ue, &m) < 0)
        f1ap_du_ue_forget(d, ue, true);
}

/* ---- RRC messages ---- */

static int send_srb(f1ap_du_t *d, du_ue_t *ue, uint8_t srb_id, asn1_bytes_t bytes, bool notify)
{
    /* The delivery report names the PDCP SN: 12 bits behind 4 reserved ones. */
    uint32_t tag = (uint32_t)srb_id << 16;
    if (srb_id && bytes.n >= 2)
        tag |= (uint32_t)(bytes.p[0] & 0xf) << 8 | bytes.p[1];
    buf_t *b = buf_from(d->config.pool, bytes.p, bytes.n);
    if (!b) {
        d->counters.no_buffer++;
        return -ENOBUFS;
    }
    int r = d->radio.srb_send(d->radio.ctx, ue->ref, srb_id, b, notify, tag);
    if (r < 0)
        d->counters.radio_refused++;
    return r;
}

/* The dedicated configuration starts with the message that tells the UE of it. */
static void configure_first(f1ap_du_t *d, du_ue_t *ue)
{
    if (ue->configured)
        return;
    if (d->radio.ue_config(d->radio.ctx, ue->ref, &ue->radio) < 0)
        d->counters.radio_refused++;
    ue->configured = true;
}

int f1ap_du_ue_dl_rrc(void *ctx, void *arg)
{
    du_ue_t *ue = ctx;
    ue_arg_t *a = arg;
    f1ap_du_t *d = a->d;
    const f1ap_dl_rrc_t *m = &a->m->u.dl_rrc;
    if (m->srb_id > 2 || (m->srb_id && ue->configured && !find_bearer(&ue->radio, false, m->srb_id))) {
        f1ap_du_send_error(d, (f1ap_ue_ref_t){true, true, ue->cu_ue_id, ue->du_ue_id},
                           F1AP_PROTOCOL(semantic_error));
        return 0;
    }
    if (m->has_old_du_ue_id) { /* re-establishment: the UE's former self ends here, 8.4.2.2 */
        du_ue_t *old = f1ap_du_ue_of_id(d, m->old_du_ue_id);
        if (old && old != ue)
            f1ap_du_ue_forget(d, old, true);
        ue->untold |= m->srb_id == 1 && !ue->configured;
    }
    configure_first(d, ue);
    send_srb(d, ue, m->srb_id, m->rrc_container, m->want_delivery_report);
    return 0;
}

int f1ap_du_ue_dcch(void *ctx, void *arg)
{
    du_ue_t *ue = ctx;
    ue_arg_t *a = arg;
    f1ap_msg_t m = {.type = F1AP_UL_RRC};
    m.u.ul_rrc = (f1ap_ul_rrc_t){.cu_ue_id = ue->cu_ue_id,
                                 .du_ue_id = ue->du_ue_id,
                                 .srb_id = a->e->srb_id,
                                 .rrc_container = {a->e->sdu->data, a->e->sdu->len}};
    f1ap_du_send_ue(a->d, ue, &m);
    return 0;
}

int f1ap_du_ue_delivered(void *ctx, void *arg)
{
    du_ue_t *ue = ctx;
    ue_arg_t *a = arg;
    f1ap_msg_t m = {.type = F1AP_DELIVERY_REPORT};
    uint16_t sn = a->e->tag & 0xfff;
    m.u.delivery_report = (f1ap_delivery_report_t){.cu_ue_id = ue->cu_ue_id,
                                                   .du_ue_id = ue->du_ue_id,
                                                   .srb_id = (uint8_t)(a->e->tag >> 16),
                                                   .delivered_sn = sn,
                                                   .triggering_sn = sn};
    if (m.u.delivery_report.srb_id)
        f1ap_du_send_ue(a->d, ue, &m);
    return 0;
}

/* ---- context setup and modification ---- */

void f1ap_du_ue_refuse_setup(f1ap_du_t *d, const f1ap_context_request_t *q, f1ap_cause_t cause)
{
    f1ap_msg_t m = {.type = F1AP_CONTEXT_SETUP_FAILURE};
    m.u.ue_cause = (f1ap_ue_cause_t){
        .cu_ue_id = q->cu_ue_id, .has_du_ue_id = q->has_du_ue_id, .du_ue_id = q->du_ue_id, .cause = cause};
    f1ap_du_send(d, &m, 0);
}

/* One DRB: bearer in `to`, tunnel at F1-U. What cannot be done is said in *ret. */
static void add_drb(f1ap_du_t *d, du_ue_t *ue, const f1ap_drb_t *q, radio_ue_t *to, f1ap_drb_result_t *ret)
{
    uint8_t slice = slice_index(d, q->snssai);
    uint32_t teid = 0;
    *ret = (f1ap_drb_result_t){.drb_id = q->drb_id};
    if (q->drb_id < 1 || q->drb_id > 29 || find_bearer(to, true, q->drb_id)) {
        ret->cause = F1AP_RADIO(multiple_drb_id_instances);
        return;
    }
    if (slice == UINT8_MAX) {
        ret->cause = F1AP_RADIO(resources_not_available_for_the_slice);
        return;
    }
    if (to->n_lc == RADIO_MAX_LC) {
        ret->cause = F1AP_RADIO(no_radio_resources_available);
        return;
    }
    f1u_tunnel_config_t t = {.bearer = du_bearer_handle(ue->ref, q->drb_id),
                             .remote_ipv4_be = htonl(q->ul.address),
                             .remote_teid = q->ul.teid,
                             .sn_bits = q->dl_sn_bits ? q->dl_sn_bits : 18};
    if (d->radio.tunnel_add(d->radio.ctx, &t, &teid) < 0) {
        d->counters.radio_refused++;
        ret->cause = F1AP_TRANSPORT(transport_resource_unavailable);
        return;
    }
    radio_lc_t *lc = &to->lc[to->n_lc++];
    radio_drb_defaults(lc, q->drb_id, q->qos.five_qi);
    lc->slice = slice;
    if (q->rlc_mode != f1ap_RLCMode_rlc_am) {
        lc->rlc.mode = RADIO_RLC_UM;
        lc->rlc.sn_bits = 12;
    }
    if (q->qos.gbr) {
        lc->gbr_dl_kbps = (uint32_t)(q->qos.gfbr_dl_bps / 1000);
        lc->gbr_ul_kbps = (uint32_t)(q->qos.gfbr_ul_bps / 1000);
    }
    ue->teid[q->drb_id] = teid;
    ret->ok = true;
    ret->lcid = lc->lcid;
    ret->dl = (f1ap_tunnel_t){d->config.f1u_address, teid};
}

static void remove_drb(f1ap_du_t *d, du_ue_t *ue, uint8_t drb_id, radio_ue_t *to, rrc_cell_group_t *cg)
{
    radio_lc_t *lc = find_bearer(to, true, drb_id);
    if (!lc)
        return;
    cg->release_lcid[cg->n_release++] = lc->lcid;
    *lc = to->lc[--to->n_lc];
    drop_tunnel(d, ue, drb_id);
}

/* Setup and modification are one: bearers come and go, the slot engine is told, the response waits for it. */
int f1ap_du_ue_configure(void *ctx, void *arg)
{
    du_ue_t *ue = ctx;
    ue_arg_t *a = arg;
    f1ap_du_t *d = a->d;
    const f1ap_context_request_t *q = &a->m->u.context_request;
    bool setup = a->m->type == F1AP_CONTEXT_SETUP_REQUEST;
    radio_ue_t to = ue->radio;
    rrc_cell_group_t cg = {.present = 0};
    f1ap_context_response_t *rsp;
    size_t n = 0;
    int r;
    f1ap_msg_t *m = calloc(1, sizeof *m);
    if (!m)
        return -ENOMEM;
    m->type = setup ? F1AP_CONTEXT_SETUP_RESPONSE : F1AP_CONTEXT_MODIFY_RESPONSE;
    rsp = &m->u.context_response;
    rsp->cu_ue_id = ue->cu_ue_id;
    rsp->du_ue_id = ue->du_ue_id;
    ue->monitor_inactivity |= q->monitor_inactivity;

    /* What is new or gone goes into CellGroupConfig; what stays is not repeated. */
    uint32_t first_new = 0;
    for (uint32_t i = 0; i < q->n_release; i++)
        remove_drb(d, ue, q->release[i], &to, &cg);
    first_new = to.n_lc;
    for (uint8_t srb = 1; srb <= 2; srb++)
        if (q->srb_mask & 1u << srb && !find_bearer(&to, false, srb) && to.n_lc < RADIO_MAX_LC)
            radio_srb_defaults(&to.lc[to.n_lc++], srb);
    if (q->srb_mask & 1u << 3) /* SRB3 is of dual connectivity */
        rsp->srb_failed_mask |= 1u << 3;
    for (uint32_t i = 0; i < q->n_drbs; i++)
        add_drb(d, ue, &q->drbs[i], &to, &rsp->drbs[rsp->n_drbs++]);
    if (to.n_lc > first_new || cg.n_release) {
        cg.ue = to;
        cg.present = RRC_CG_BEARERS;
        cg.ue.n_lc = 0;
        for (uint32_t i = first_new; i < to.n_lc; i++)
            cg.ue.lc[cg.ue.n_lc++] = to.lc[i];
    }
    if (ue->untold) { /* its former self had the same bearers, and lost all else: TS 38.331 5.3.7.2 */
        uint32_t bearers = cg.present;
        radio_ue_t with = to;
        with.n_lc = bearers ? cg.ue.n_lc : 0;
        if (bearers)
            memcpy(with.lc, cg.ue.lc, sizeof with.lc);
        cg.ue = with;
        cg.present = RRC_CG_MAC | RRC_CG_PHY | RRC_CG_SP_CELL | bearers;
        for (uint32_t i = 0; i < cg.ue.n_lc; i++)
            cg.reestablish |= UINT64_C(1) << cg.ue.lc[i].lcid;
    }
    if (setup || cg.present) {
        r = build_cell_group(d, &cg, ue->pending_bytes, sizeof ue->pending_bytes, &n);
        if (r < 0)
            goto fail;
        rsp->cell_group = (asn1_bytes_t){ue->pending_bytes, (uint32_t)n};
    }
    if (q->rrc_container.n)
        send_srb(d, ue, 1, q->rrc_container, false);
    r = d->radio.ue_config(d->radio.ctx, ue->ref, &to);
    if (r < 0) {
        d->counters.radio_refused++;
        goto fail;
    }
    ue->radio = to;
    ue->configured = true;
    ue->untold = false;
    ue->pending = m;
    return 0;
fail:
    for (uint32_t i = 0; i < rsp->n_drbs; i++)
        if (rsp->drbs[i].ok)
            drop_tunnel(d, ue, rsp->drbs[i].drb_id);
    free(m);
    f1ap_du_send_ue_cause(d, ue, setup ? F1AP_CONTEXT_SETUP_FAILURE : F1AP_CONTEXT_MODIFY_FAILURE,
                          F1AP_RADIO(no_radio_resources_available));
    return r;
}

int f1ap_du_ue_configured(void *ctx, void *arg)
{
    du_ue_t *ue = ctx;
    ue_arg_t *a = arg;
    if (!ue->pending)
        return 0;
    if (a->e->status == 0) {
        f1ap_du_send_ue(a->d, ue, ue->pending);
    } else {
        bool setup = ue->pending->type == F1AP_CONTEXT_SETUP_RESPONSE;
        f1ap_du_send_ue_cause(a->d, ue, setup ? F1AP_CONTEXT_SETUP_FAILURE : F1AP_CONTEXT_MODIFY_FAILURE,
                              F1AP_RADIO(no_radio_resources_available));
    }
    free(ue->pending);
    ue->pending = NULL;
    return 0;
}

/* A second request before the first is answered, or one for a lost UE. */
int f1ap_du_ue_busy(void *ctx, void *arg)
{
    du_ue_t *ue = ctx;
    ue_arg_t *a = arg;
    f1ap_cause_t cause =
        ue->state == UE_LOST ? F1AP_RADIO(rl_failure_others) : F1AP_RADIO(interaction_with_other_procedure);
    f1ap_du_send_ue_cause(a->d, ue,
                          a->m->type == F1AP_CONTEXT_SETUP_REQUEST ? F1AP_CONTEXT_SETUP_FAILURE
                                                                   : F1AP_CONTEXT_MODIFY_FAILURE,
                          cause);
    return 0;
}

int f1ap_du_ue_confirm(void *ctx, void *arg)
{
    du_ue_t *ue = ctx;
    ue_arg_t *a = arg;
    if (a->m->u.context_confirm.rrc_container.n)
        send_srb(a->d, ue, 1, a->m->u.context_confirm.rrc_container, false);
    return 0;
}

/* ---- the end ---- */

int f1ap_du_ue_release(void *ctx, void *arg)
{
    du_ue_t *ue = ctx;
    ue_arg_t *a = arg;
    f1ap_du_t *d = a->d;
    const f1ap_release_command_t *m = &a->m->u.release_command;
    uint32_t drain_ms = 0;
    if (m->has_old_du_ue_id) {
        du_ue_t *old = f1ap_du_ue_of_id(d, m->old_du_ue_id);
        if (old && old != ue)
            f1ap_du_ue_forget(d, old, true);
    }
    if (m->rrc_container.n && ue->state != UE_LOST &&
        send_srb(d, ue, m->srb_id, m->rrc_container, false) == 0)
        drain_ms = d->config.release_drain_ms ? d->config.release_drain_ms : 200;
    for (uint8_t drb = 1; drb <= 32; drb++)
        drop_tunnel(d, ue, drb);
    free(ue->pending);
    ue->pending = NULL;
    if (d->radio.ue_remove(d->radio.ctx, ue->ref, drain_ms) < 0) {
        d->counters.radio_refused++;
        f1ap_du_ue_released(ue, arg);
    }
    return 0;
}

int f1ap_du_ue_released(void *ctx, void *arg)
{
    du_ue_t *ue = ctx;
    ue_arg_t *a = arg;
    f1ap_msg_t m = {.type = F1AP_RELEASE_COMPLETE};
    m.u.ue_cause =
        (f1ap_ue_cause_t){.cu_ue_id = ue->cu_ue_id, .has_du_ue_id = true, .du_ue_id = ue->du_ue_id};
    f1ap_du_send_ue(a->d, ue, &m);
    log_info(a->d->config.log, "UE %u is released", ue->ref.index);
    f1ap_du_ue_forget(a->d, ue, false);
    return 0;
}

static const char *loss_name(uint8_t cause)
{
    static const char *const names[] = {"no HARQ feedback", "no uplink energy", "RLC retransmissions",
                                        "L1 gone",          "no Msg4",          "back on another index"};
    return cause < sizeof names / sizeof names[0] ? names[cause] : "?";
}

int f1ap_du_ue_radio_lost(void *ctx, void *arg)
{
    du_ue_t *ue = ctx;
    ue_arg_t *a = arg;
    f1ap_du_t *d = a->d;
    d->counters.ues_lost++;
    log_warning(d->config.log, "UE %u, RNTI %04x: radio link failure: %s", ue->ref.index, ue->rnti,
                loss_name(a->e->cause));
    free(ue->pending);
    ue->pending = NULL;
    if (!ue->has_cu_ue_id) {
        f1ap_du_ue_forget(d, ue, true);
        return 0;
    }
    f1ap_du_send_ue_cause(d, ue, F1AP_RELEASE_REQUEST,
                          a->e->cause == MAC_LOSS_RLC_RETX ? F1AP_RADIO(rl_failure_rlc)
                                                           : F1AP_RADIO(rl_failure_others));
    return 0;
}

int f1ap_du_ue_gone(void *ctx, void *arg)
{
    du_ue_t *ue = ctx;
    ue_arg_t *a = arg;
    if (ue->has_cu_ue_id)
        f1ap_du_send_ue_cause(a->d, ue, F1AP_RELEASE_REQUEST, F1AP_RADIO(rl_failure_others));
    f1ap_du_ue_forget(a->d, ue, false);
    return 0;
}

int f1ap_du_ue_inactive(void *ctx, void *arg)
{
    du_ue_t *ue = ctx;
    ue_arg_t *a = arg;
    f1ap_msg_t m = {.type = F1AP_INACTIVITY};
    f1ap_drb_states_t *s = &m.u.drb_states;
    s->cu_ue_id = ue->cu_ue_id;
    s->du_ue_id = ue->du_ue_id;
    for (uint32_t i = 0; i < ue->radio.n_lc; i++)
        if (ue->radio.lc[i].is_drb && s->n_drbs < F1AP_MAX_DRBS)
            s->drbs[s->n_drbs++].drb_id = ue->radio.lc[i].rb_id;
    if (ue->monitor_inactivity && s->n_drbs)
        f1ap_du_send_ue(a->d, ue, &m);
    return 0;
}
