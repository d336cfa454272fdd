/* SPDX-License-Identifier: Apache-2.0 */
/* What the gNB-CU says about the interface: read, judged, and given to the row of the table that expects it.
 * UE-associated messages go on to the UE's own machine. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "du/f1ap/f1ap_du_inner.h"

static void count_fault(f1ap_du_counters_t *c, f1ap_fault_type_t type)
{
    switch (type) {
    case F1AP_FAULT_TRANSFER_SYNTAX:
        c->rx_transfer_syntax++;
        break;
    case F1AP_FAULT_UNKNOWN_PROCEDURE:
        c->rx_unknown_procedure++;
        break;
    case F1AP_FAULT_UNKNOWN_IE:
        c->rx_unknown_ie++;
        break;
    case F1AP_FAULT_MISSING_IE:
        c->rx_missing_ie++;
        break;
    case F1AP_FAULT_TOO_LARGE:
        c->rx_too_large++;
        break;
    default:
        c->rx_falsely_built++;
        break;
    }
}

void f1ap_du_link_message(f1ap_du_t *d, const uint8_t *bytes, size_t n)
{
    f1ap_fault_t fault;
    f1ap_msg_t m;
    arena_reset(&d->rx_arena);
    if (f1ap_parse(bytes, n, &d->rx_arena, &m, &fault) < 0) {
        count_fault(&d->counters, fault.type);
        log_warning(d->config.log, "from the CU: %s: %s: %s", f1ap_fault_name(fault.type), fault.detail.path,
                    fault.detail.what ? fault.detail.what : "");
        if (fault.answer) {
            f1ap_fault_answer(&fault, &m);
            f1ap_du_send(d, &m, 0);
        }
        return;
    }
    d->counters.rx_messages++;
    d->rx_bytes = bytes;
    d->rx_n = n;
    log_debug(d->config.log, "%s", f1ap_msg_name(m.type));
    if (fsm_step(&f1ap_du_fsm, &d->state, (uint16_t)m.type, d, &m) == -EPROTO) {
        d->counters.rx_wrong_state++;
        log_warning(d->config.log, "%s is not expected while %s", f1ap_msg_name(m.type),
                    f1ap_du_fsm.states[d->state]);
        f1ap_du_send_error(d, (f1ap_ue_ref_t){.has_cu = false},
                           F1AP_PROTOCOL(message_not_compatible_with_receiver_state));
    }
}

void f1ap_du_link_up(f1ap_du_t *d, uint16_t n_streams)
{
    d->n_streams = n_streams ? n_streams : 1;
    fsm_step(&f1ap_du_fsm, &d->state, LINK_EV_UP, d, NULL);
}

void f1ap_du_link_down(f1ap_du_t *d)
{
    fsm_step(&f1ap_du_fsm, &d->state, LINK_EV_DOWN, d, NULL);
}

/* ---- setup ---- */

static uint32_t retry_ms(const f1ap_du_t *d)
{
    return d->config.setup_retry_ms ? d->config.setup_retry_ms : 2000;
}

static void ask_for_setup(f1ap_du_t *d)
{
    f1ap_msg_t m = {.type = F1AP_SETUP_REQUEST};
    f1ap_setup_request_t *q = &m.u.setup_request;
    q->transaction_id = d->setup_transaction = d->next_transaction++;
    q->du_id = d->config.du_id;
    snprintf(q->du_name, sizeof q->du_name, "%s", d->config.name);
    f1ap_du_fill_cell(d, &q->cells[q->n_cells++]);
    d->refused = false;
    f1ap_du_send(d, &m, 0);
    loop_timer_start(&d->timer, (int64_t)retry_ms(d) * 1000000);
}

static void set_cell(f1ap_du_t *d, bool on)
{
    if (d->cell_on != on)
        log_notice(d->config.log, "cell %" PRIx64 " is %s", d->config.cell.nr_cell_id, on ? "active" : "off");
    d->cell_on = on;
    if (d->radio.cell_active(d->radio.ctx, on) < 0)
        d->counters.radio_refused++;
}

int f1ap_du_on_up(void *ctx, void *arg)
{
    (void)arg;
    ask_for_setup(ctx);
    return 0;
}

/* The CU has forgotten our UEs, or will: they are sent away, and the cell stays silent until the next setup.
 */
int f1ap_du_on_down(void *ctx, void *arg)
{
    (void)arg;
    f1ap_du_t *d = ctx;
    loop_timer_stop(&d->timer);
    if (d->state == LINK_READY || d->state == LINK_RESETTING) {
        d->counters.links_lost++;
        log_warning(d->config.log, "F1 to the CU is lost");
    }
    d->cu_name[0] = '\0';
    d->updating = false;
    f1ap_du_ue_forget_all(d);
    if (d->cell_on)
        set_cell(d, false);
    return 0;
}

int f1ap_du_on_timer(void *ctx, void *arg)
{
    (void)arg;
    f1ap_du_t *d = ctx;
    if (!d->refused) {
        d->counters.setup_failures++;
        log_warning(d->config.log, "no answer to F1 setup: asking again");
    }
    ask_for_setup(d);
    return 0;
}

static bool is_our_cell(const f1ap_du_t *d, const f1ap_cgi_t *cgi)
{
    return cgi->nr_cell_id == d->config.cell.nr_cell_id && !memcmp(cgi->plmn, d->config.cell.plmn, 3);
}

int f1ap_du_on_setup_response(void *ctx, void *arg)
{
    f1ap_du_t *d = ctx;
    const f1ap_setup_response_t *m = &((f1ap_msg_t *)arg)->u.setup_response;
    bool activate = false;
    if (m->transaction_id != d->setup_transaction) {
        d->counters.rx_wrong_state++;
        log_warning(d->config.log, "F1 setup response to transaction %u, not %u: dropped", m->transaction_id,
                    d->setup_transaction);
        return -EBADMSG;
    }
    loop_timer_stop(&d->timer);
    d->counters.setups++;
    snprintf(d->cu_name, sizeof d->cu_name, "%s", m->cu_name);
    log_notice(d->config.log, "F1 setup with CU %s", d->cu_name[0] ? d->cu_name : "(no name)");
    for (uint32_t i = 0; i < m->n_activate; i++)
        activate |= is_our_cell(d, &m->activate[i].cgi);
    set_cell(d, activate);
    if (d->config.on_setup)
        d->config.on_setup(d->config.on_setup_ctx, d->setup_request, d->setup_request_n, d->rx_bytes,
                           d->rx_n);
    return 0;
}

int f1ap_du_on_setup_failure(void *ctx, void *arg)
{
    f1ap_du_t *d = ctx;
    const f1ap_failure_t *m = &((f1ap_msg_t *)arg)->u.failure;
    uint32_t wait_ms = m->wait_s ? m->wait_s * 1000u : retry_ms(d);
    d->refused = true;
    d->counters.setup_failures++;
    log_error(d->config.log, "the CU refused F1 setup: %s; again in %u ms", f1ap_cause_name(m->cause),
              wait_ms);
    loop_timer_start(&d->timer, (int64_t)wait_ms * 1000000);
    return 0;
}

/* ---- configuration updates ---- */

int f1ap_du_update_cell(f1ap_du_t *d, const radio_cell_t *cell)
{
    f1ap_msg_t m = {.type = F1AP_DU_UPDATE};
    f1ap_du_update_t *u = &m.u.du_update;
    radio_cell_t before = d->config.cell;
    if (d->state != LINK_READY)
        return -ENOTCONN;
    if (d->updating)
        return -EBUSY;
    d->config.cell = *cell;
    int r = f1ap_du_build_si(d);
    if (r < 0) {
        d->config.cell = before;
        f1ap_du_build_si(d);
        return r;
    }
    u->transaction_id = d->next_transaction++;
    u->n_modify = 1;
    memcpy(u->modify[0].old.plmn, before.plmn, 3);
    u->modify[0].old.nr_cell_id = before.nr_cell_id;
    f1ap_du_fill_cell(d, &u->modify[0].cell);
    r = f1ap_du_send(d, &m, 0);
    d->updating = r == 0;
    return r;
}

int f1ap_du_on_update_answer(void *ctx, void *arg)
{
    f1ap_du_t *d = ctx;
    const f1ap_msg_t *m = arg;
    d->updating = false;
    if (m->type == F1AP_DU_UPDATE_FAILURE) {
        log_warning(d->config.log, "the CU refused our update: %s", f1ap_cause_name(m->u.failure.cause));
        return 0;
    }
    for (uint32_t i = 0; i < m->u.setup_response.n_activate; i++)
        if (is_our_cell(d, &m->u.setup_response.activate[i].cgi))
            set_cell(d, true);
    for (uint32_t i = 0; i < m->u.setup_response.n_deactivate; i++)
        if (is_our_cell(d, &m->u.setup_response.deactivate[i].cgi))
            set_cell(d, false);
    return 0;
}

int f1ap_du_on_cu_update(void *ctx, void *arg)
{
    f1ap_du_t *d = ctx;
    const f1ap_cu_update_t *m = &((f1ap_msg_t *)arg)->u.cu_update;
    f1ap_msg_t answer = {.type = F1AP_CU_UPDATE_ACK};
    f1ap_cu_update_ack_t *a = &answer.u.cu_update_ack;
    a->transaction_id = m->transaction_id;
    for (uint32_t i = 0; i < m->n_activate; i++)
        if (is_our_cell(d, &m->activate[i].cgi))
            set_cell(d, true);
        else
            a->failed[a->n_failed++] =
                (f1ap_cell_ref_t){.cgi = m->activate[i].cgi, .cause = F1AP_RADIO(cell_not_available)};
    for (uint32_t i = 0; i < m->n_deactivate; i++)
        if (is_our_cell(d, &m->deactivate[i].cgi))
            set_cell(d, false);
    f1ap_du_send(d, &answer, 0);
    return 0;
}

/* ---- reset, errors ---- */

int f1ap_du_on_reset(void *ctx, void *arg)
{
    f1ap_du_t *d = ctx;
    f1ap_msg_t *m = arg;
    if (m->u.reset.all) {
        log_warning(d->config.log, "reset by the CU: %s", f1ap_cause_name(m->u.reset.cause));
        f1ap_du_ue_forget_all(d);
    }
    for (uint32_t i = 0; i < m->u.reset.n_ues; i++) {
        const f1ap_ue_ref_t *ref = &m->u.reset.ues[i];
        for (uint32_t k = 0; k < MAC_MAX_UES; k++) {
            du_ue_t *ue = &d->ues[k];
            if (ue->used &&
                ((ref->has_du && ue->du_ue_id == ref->du_ue_id) ||
                 (!ref->has_du && ref->has_cu && ue->has_cu_ue_id && ue->cu_ue_id == ref->cu_ue_id)))
                f1ap_du_ue_forget(d, ue, true);
        }
    }
    m->type = F1AP_RESET_ACK;
    f1ap_du_send(d, m, 0);
    return 0;
}

int f1ap_du_do_reset(void *ctx, void *arg)
{
    f1ap_du_t *d = ctx;
    f1ap_msg_t m = {.type = F1AP_RESET};
    m.u.reset.transaction_id = d->next_transaction++;
    m.u.reset.cause = *(f1ap_cause_t *)arg;
    m.u.reset.all = true;
    int r = f1ap_du_send(d, &m, 0);
    if (r < 0)
        return r;
    f1ap_du_ue_forget_all(d);
    loop_timer_start(&d->timer, (int64_t)retry_ms(d) * 1000000);
    return 0;
}

int f1ap_du_reset(f1ap_du_t *d, f1ap_cause_t cause)
{
    int r = fsm_step(&f1ap_du_fsm, &d->state, LINK_EV_RESET, d, &cause);
    return r == -EPROTO ? -ENOTCONN : r;
}

int f1ap_du_on_reset_ack(void *ctx, void *arg)
{
    (void)arg;
    loop_timer_stop(&((f1ap_du_t *)ctx)->timer);
    return 0;
}

int f1ap_du_on_error(void *ctx, void *arg)
{
    f1ap_du_t *d = ctx;
    const f1ap_error_t *m = &((f1ap_msg_t *)arg)->u.error;
    d->counters.rx_error_indication++;
    log_warning(d->config.log, "the CU reports an error: %s",
                m->has_cause ? f1ap_cause_name(m->cause) : "no cause given");
    /* It does not know a UE of ours: there is nothing left to do for it. 8.2.2, 10.6 */
    du_ue_t *ue = m->ue.has_du ? f1ap_du_ue_of_id(d, m->ue.du_ue_id) : NULL;
    if (ue && m->has_cause && m->cause.group == F1AP_CAUSE_RADIO)
        f1ap_du_ue_forget(d, ue, true);
    return 0;
}

/* ---- paging, system information on demand ---- */

int f1ap_du_on_paging(void *ctx, void *arg)
{
    f1ap_du_t *d = ctx;
    const f1ap_paging_t *m = &((f1ap_msg_t *)arg)->u.paging;
    uint8_t pcch[64];
    size_t n;
    bool here = false;
    for (uint32_t i = 0; i < m->n_cells; i++)
        here |= is_our_cell(d, &m->cells[i]);
    if (!here || f1ap_du_build_paging(d, m->five_s_tmsi, pcch, sizeof pcch, &n) < 0)
        return 0;
    buf_t *b = buf_from(d->config.pool, pcch, (uint32_t)n);
    if (!b) {
        d->counters.no_buffer++;
        return 0;
    }
    if (d->radio.page(d->radio.ctx, m->ue_index, d->config.cell.paging_cycle_frames, 2, b) < 0)
        d->counters.radio_refused++;
    return 0;
}

/* On-demand SI: this cell broadcasts SIB1 only, so that there is nothing to start. 8.5 */
int f1ap_du_on_si_delivery(void *ctx, void *arg)
{
    (void)arg;
    log_info(((f1ap_du_t *)ctx)->config.log, "on-demand system information was asked for: the cell has none");
    return 0;
}

/* ---- to the UE's machine ---- */

static f1ap_ue_ref_t ue_of(const f1ap_msg_t *m)
{
    f1ap_ue_ref_t r = {.has_cu = true, .has_du = true};
    switch (m->type) {
    case F1AP_DL_RRC:
        r.cu_ue_id = m->u.dl_rrc.cu_ue_id;
        r.du_ue_id = m->u.dl_rrc.du_ue_id;
        break;
    case F1AP_RELEASE_COMMAND:
        r.cu_ue_id = m->u.release_command.cu_ue_id;
        r.du_ue_id = m->u.release_command.du_ue_id;
        break;
    case F1AP_CONTEXT_CONFIRM:
        r.cu_ue_id = m->u.context_confirm.cu_ue_id;
        r.du_ue_id = m->u.context_confirm.du_ue_id;
        break;
    case F1AP_CONTEXT_REFUSE:
        r.cu_ue_id = m->u.ue_cause.cu_ue_id;
        r.du_ue_id = m->u.ue_cause.du_ue_id;
        break;
    default:
        r.cu_ue_id = m->u.context_request.cu_ue_id;
        r.has_du = m->u.context_request.has_du_ue_id;
        r.du_ue_id = m->u.context_request.du_ue_id;
        break;
    }
    return r;
}

int f1ap_du_on_ue(void *ctx, void *arg)
{
    f1ap_du_t *d = ctx;
    const f1ap_msg_t *m = arg;
    f1ap_ue_ref_t ref = ue_of(m);
    f1ap_cause_t cause = F1AP_RADIO(unknown_or_already_allocated_gnb_du_ue_f1ap_id);
    du_ue_t *ue = ref.has_du ? f1ap_du_ue_of_id(d, ref.du_ue_id) : NULL;
    if (ue && ue->has_cu_ue_id && ue->cu_ue_id != ref.cu_ue_id) {
        cause = F1AP_RADIO(unknown_or_inconsistent_pair_of_ue_f1ap_id);
        ue = NULL;
    }
    if (!ue) {
        d->counters.rx_unknown_ue++;
        log_warning(d->config.log, "%s for a UE that is not here", f1ap_msg_name(m->type));
        if (m->type == F1AP_CONTEXT_SETUP_REQUEST)
            f1ap_du_ue_refuse_setup(d, &m->u.context_request, cause);
        else if (m->type == F1AP_RELEASE_COMMAND) {
            /* Released already on this side: the CU is told so and both are done. 8.3.3 */
            f1ap_msg_t done = {.type = F1AP_RELEASE_COMPLETE};
            done.u.ue_cause =
                (f1ap_ue_cause_t){.cu_ue_id = ref.cu_ue_id, .has_du_ue_id = true, .du_ue_id = ref.du_ue_id};
            f1ap_du_send(d, &done, 0);
        } else
            f1ap_du_send_error(d, ref, cause);
        return 0;
    }
    if (!ue->has_cu_ue_id) {
        ue->has_cu_ue_id = true;
        ue->cu_ue_id = ref.cu_ue_id;
    }
    ue_arg_t a = {.d = d, .m = m};
    if (fsm_step(&f1ap_du_ue_fsm, &ue->state, (uint16_t)m->type, ue, &a) == -EPROTO) {
        d->counters.rx_wrong_state++;
        log_warning(d->config.log, "UE %u: %s is not expected while %s", ue->ref.index,
                    f1ap_msg_name(m->type), f1ap_du_ue_fsm.states[ue->state]);
        f1ap_du_send_error(d, ref, F1AP_PROTOCOL(message_not_compatible_with_receiver_state));
    }
    return 0;
}
