/* SPDX-License-Identifier: Apache-2.0 */
/* What a gNB-DU says: read, judged, and given to the row of the table that expects it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cu/f1ap/f1ap_cu_inner.h"

static void count_fault(f1ap_cu_counters_t *c, f1ap_fault_type_t type)
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

void f1ap_cu_link_message(f1ap_du_link_t *du, const uint8_t *bytes, size_t n)
{
    f1ap_cu_t *cu = du->cu;
    f1ap_fault_t fault;
    f1ap_msg_t m;
    arena_reset(&cu->rx_arena);
    if (f1ap_parse(bytes, n, &cu->rx_arena, &m, &fault) < 0) {
        count_fault(&cu->counters, fault.type);
        log_warning(cu->config.log, "DU %s: %s: %s: %s", du->name, f1ap_fault_name(fault.type),
                    fault.detail.path, fault.detail.what ? fault.detail.what : "");
        if (fault.answer) {
            f1ap_fault_answer(&fault, &m);
            f1ap_cu_send(du, &m, 0);
        }
        return;
    }
    cu->counters.rx_messages++;
    log_debug(cu->config.log, "DU %s: %s", du->name, f1ap_msg_name(m.type));
    if (fsm_step(&f1ap_cu_fsm, &du->state, (uint16_t)m.type, du, &m) == -EPROTO) {
        cu->counters.rx_wrong_state++;
        log_warning(cu->config.log, "DU %s: %s is not expected while %s", du->name, f1ap_msg_name(m.type),
                    f1ap_cu_fsm.states[du->state]);
        f1ap_cu_send_error(du, (f1ap_ue_ref_t){.has_cu = false},
                           F1AP_PROTOCOL(message_not_compatible_with_receiver_state));
    }
}

/* ---- interface management ---- */

static void keep_cell(f1ap_cell_t *to, const f1ap_cell_t *from)
{
    *to = *from;
    to->measurement_timing = to->mib = to->sib1 = (asn1_bytes_t){NULL, 0};
}

static bool same_cell(const f1ap_cgi_t *a, const f1ap_cgi_t *b)
{
    return a->nr_cell_id == b->nr_cell_id && !memcmp(a->plmn, b->plmn, 3);
}

static f1ap_cell_t *find_cell(f1ap_du_link_t *du, const f1ap_cgi_t *cgi)
{
    for (uint32_t i = 0; i < du->n_cells; i++)
        if (same_cell(&du->cells[i].cgi, cgi))
            return &du->cells[i];
    return NULL;
}

/* A cell identity is served by one DU only. */
static bool cell_is_elsewhere(const f1ap_du_link_t *du, const f1ap_cgi_t *cgi)
{
    for (uint32_t i = 0; i < F1AP_CU_MAX_DUS; i++) {
        f1ap_du_link_t *other = &du->cu->dus[i];
        if (other != du && (other->state == DU_READY || other->state == DU_RESETTING) &&
            find_cell(other, cgi))
            return true;
    }
    return false;
}

int f1ap_cu_on_setup(void *ctx, void *arg)
{
    f1ap_du_link_t *du = ctx;
    f1ap_cu_t *cu = du->cu;
    const f1ap_setup_request_t *m = &((f1ap_msg_t *)arg)->u.setup_request;
    uint32_t in_plmn = 0;
    uint8_t wait_s = 10;
    f1ap_cause_t cause = F1AP_RADIO(plmn_not_served_by_the_gNB_CU);
    for (uint32_t i = 0; i < F1AP_CU_MAX_DUS; i++)
        if (&cu->dus[i] != du && cu->dus[i].du_id == m->du_id &&
            (cu->dus[i].state == DU_READY || cu->dus[i].state == DU_RESETTING)) {
            log_warning(cu->config.log, "a second DU says that it is gNB-DU %" PRIu64 ": refused", m->du_id);
            cause = F1AP_MISC(om_intervention);
            wait_s = 2; /* perhaps it is that one come back, whose association is not known to be dead yet */
            goto refuse;
        }
    for (uint32_t i = 0; i < m->n_cells; i++) {
        in_plmn += !memcmp(m->cells[i].cgi.plmn, cu->config.plmn, 3);
        if (cell_is_elsewhere(du, &m->cells[i].cgi)) {
            log_warning(cu->config.log, "DU %" PRIu64 " claims cell %" PRIx64 " of another DU: refused",
                        m->du_id, m->cells[i].cgi.nr_cell_id);
            cause = F1AP_MISC(om_intervention);
            goto refuse;
        }
    }
    if (m->n_cells && !in_plmn)
        goto refuse;
    f1ap_cu_lose_ues(du, F1AP_RADIO(interaction_with_other_procedure));
    du->du_id = m->du_id;
    snprintf(du->name, sizeof du->name, "%s", m->du_name);
    if (!du->name[0])
        snprintf(du->name, sizeof du->name, "%" PRIu64, m->du_id);
    du->n_cells = m->n_cells;
    du->updating = false;
    memset(du->active, 0, sizeof du->active);
    for (uint32_t i = 0; i < m->n_cells; i++)
        keep_cell(&du->cells[i], &m->cells[i]);
    cu->counters.setups++;
    log_notice(cu->config.log, "F1 setup with DU %s (id %" PRIu64 "), %u cells", du->name, du->du_id,
               du->n_cells);
    f1ap_cu_send_setup_response(du, F1AP_SETUP_RESPONSE, m->transaction_id);
    return 0;
refuse:
    cu->counters.setups_refused++;
    f1ap_cu_send_failure(du, F1AP_SETUP_FAILURE, m->transaction_id, cause, wait_s);
    return -EACCES;
}

int f1ap_cu_on_du_update(void *ctx, void *arg)
{
    f1ap_du_link_t *du = ctx;
    const f1ap_du_update_t *m = &((f1ap_msg_t *)arg)->u.du_update;
    f1ap_cause_t cause = F1AP_RADIO(cell_not_available);
    uint32_t n_deleted = 0;
    /* Judge all of it before any of it is done: the update succeeds or fails as a whole, 8.2.4. */
    for (uint32_t i = 0; i < m->n_modify; i++)
        if (!find_cell(du, &m->modify[i].old))
            goto refuse;
    for (uint32_t i = 0; i < m->n_delete; i++) {
        if (!find_cell(du, &m->delete[i]))
            goto refuse;
        n_deleted++;
    }
    for (uint32_t i = 0; i < m->n_add; i++)
        if (find_cell(du, &m->add[i].cgi) || cell_is_elsewhere(du, &m->add[i].cgi))
            goto refuse;
    if (du->n_cells + m->n_add - n_deleted > F1AP_MAX_CELLS) {
        cause = F1AP_RADIO(gNB_CU_Cell_Capacity_Exceeded);
        goto refuse;
    }
    for (uint32_t i = 0; i < m->n_delete; i++) {
        f1ap_cell_t *c = find_cell(du, &m->delete[i]);
        if (!c) /* named twice */
            continue;
        uint32_t at = (uint32_t)(c - du->cells), last = --du->n_cells;
        du->cells[at] = du->cells[last];
        du->active[at] = du->active[last];
    }
    for (uint32_t i = 0; i < m->n_modify; i++) {
        f1ap_cell_t *c = find_cell(du, &m->modify[i].old);
        if (c)
            keep_cell(c, &m->modify[i].cell);
    }
    for (uint32_t i = 0; i < m->n_add && du->n_cells < F1AP_MAX_CELLS; i++) {
        du->active[du->n_cells] = false;
        keep_cell(&du->cells[du->n_cells++], &m->add[i]);
    }
    f1ap_cu_send_setup_response(du, F1AP_DU_UPDATE_ACK, m->transaction_id);
    return 0;
refuse:
    f1ap_cu_send_failure(du, F1AP_DU_UPDATE_FAILURE, m->transaction_id, cause, 0);
    return -EACCES;
}

int f1ap_cu_on_cu_update_ack(void *ctx, void *arg)
{
    f1ap_du_link_t *du = ctx;
    const f1ap_cu_update_ack_t *m = &((f1ap_msg_t *)arg)->u.cu_update_ack;
    f1ap_cell_t *c = du->updating ? find_cell(du, &du->updating_cell) : NULL;
    bool failed = false;
    for (uint32_t i = 0; c && i < m->n_failed; i++)
        failed |= same_cell(&m->failed[i].cgi, &c->cgi);
    if (c && !failed)
        du->active[c - du->cells] = du->updating_to;
    du->updating = false;
    return 0;
}

int f1ap_cu_on_cu_update_failure(void *ctx, void *arg)
{
    f1ap_du_link_t *du = ctx;
    const f1ap_failure_t *m = &((f1ap_msg_t *)arg)->u.failure;
    log_warning(du->cu->config.log, "DU %s refused our update: %s", du->name, f1ap_cause_name(m->cause));
    du->updating = false;
    return 0;
}

int f1ap_cu_on_reset(void *ctx, void *arg)
{
    f1ap_du_link_t *du = ctx;
    f1ap_cu_t *cu = du->cu;
    f1ap_msg_t *m = arg;
    cu->counters.resets++;
    if (m->u.reset.all) {
        f1ap_cu_lose_ues(du, m->u.reset.cause);
    } else {
        for (uint32_t i = 0; i < m->u.reset.n_ues; i++) {
            const f1ap_ue_ref_t *ref = &m->u.reset.ues[i];
            if (ref->has_cu) {
                ue_id_t *id = f1ap_cu_ue_find(cu, ref->cu_ue_id);
                if (id && id->du == du)
                    f1ap_cu_lose_ue(cu, id, m->u.reset.cause);
                continue;
            }
            for (uint32_t k = 0; ref->has_du && k < F1AP_CU_MAX_UES; k++)
                if (cu->ues[k].du == du && cu->ues[k].du_ue_id == ref->du_ue_id)
                    f1ap_cu_lose_ue(cu, &cu->ues[k], m->u.reset.cause);
        }
    }
    m->type = F1AP_RESET_ACK; /* names what it was asked for, known here or not, 8.2.1.2.2 */
    f1ap_cu_send(du, m, 0);
    return 0;
}

int f1ap_cu_on_reset_ack(void *ctx, void *arg)
{
    (void)ctx;
    (void)arg;
    return 0;
}

int f1ap_cu_on_removal(void *ctx, void *arg)
{
    f1ap_du_link_t *du = ctx;
    f1ap_cu_lose_ues(du, F1AP_RADIO(normal_release));
    f1ap_cu_send_transaction(du, F1AP_REMOVAL_RESPONSE, ((f1ap_msg_t *)arg)->u.transaction.transaction_id);
    du->n_cells = 0;
    log_notice(du->cu->config.log, "DU %s removed its F1", du->name);
    return 0;
}

int f1ap_cu_on_error(void *ctx, void *arg)
{
    f1ap_du_link_t *du = ctx;
    const f1ap_error_t *m = &((f1ap_msg_t *)arg)->u.error;
    du->cu->counters.rx_error_indication++;
    log_warning(du->cu->config.log, "DU %s reports an error: %s", du->name,
                m->has_cause ? f1ap_cause_name(m->cause) : "no cause given");
    return 0;
}

int f1ap_cu_on_status(void *ctx, void *arg)
{
    f1ap_du_link_t *du = ctx;
    if (((f1ap_msg_t *)arg)->u.du_status.overloaded)
        log_warning(du->cu->config.log, "DU %s is overloaded", du->name);
    return 0;
}

/* ---- UEs ---- */

int f1ap_cu_on_initial_ul(void *ctx, void *arg)
{
    f1ap_du_link_t *du = ctx;
    f1ap_cu_t *cu = du->cu;
    const f1ap_initial_ul_t *m = &((f1ap_msg_t *)arg)->u.initial_ul;
    const f1ap_cell_t *cell = find_cell(du, &m->cell);
    if (!cell) {
        cu->counters.rx_unknown_ue++;
        f1ap_cu_send_error(du, (f1ap_ue_ref_t){.has_du = true, .du_ue_id = m->du_ue_id},
                           F1AP_RADIO(cell_not_available));
        return 0;
    }
    for (uint32_t k = 0; k < F1AP_CU_MAX_UES; k++)
        if (cu->ues[k].du == du && cu->ues[k].du_ue_id == m->du_ue_id) { /* 10.6: an id that is in use */
            cu->counters.rx_unknown_ue++;
            f1ap_cu_send_error(du, (f1ap_ue_ref_t){.has_du = true, .du_ue_id = m->du_ue_id},
                               F1AP_RADIO(unknown_or_already_allocated_gnb_du_ue_f1ap_id));
            return 0;
        }
    cu->user.initial_ul(cu->user.ctx, du, cell, m);
    return 0;
}

/* Both ids of a UE-associated message; has_du is false where the message may leave the DU's out. */
static f1ap_ue_ref_t ue_of(const f1ap_msg_t *m)
{
    f1ap_ue_ref_t r = {.has_cu = true, .has_du = true};
    switch (m->type) {
    case F1AP_UL_RRC:
        r.cu_ue_id = m->u.ul_rrc.cu_ue_id;
        r.du_ue_id = m->u.ul_rrc.du_ue_id;
        break;
    case F1AP_DELIVERY_REPORT:
        r.cu_ue_id = m->u.delivery_report.cu_ue_id;
        r.du_ue_id = m->u.delivery_report.du_ue_id;
        break;
    case F1AP_CONTEXT_SETUP_RESPONSE:
    case F1AP_CONTEXT_MODIFY_RESPONSE:
        r.cu_ue_id = m->u.context_response.cu_ue_id;
        r.du_ue_id = m->u.context_response.du_ue_id;
        break;
    case F1AP_CONTEXT_REQUIRED:
        r.cu_ue_id = m->u.context_required.cu_ue_id;
        r.du_ue_id = m->u.context_required.du_ue_id;
        break;
    case F1AP_INACTIVITY:
    case F1AP_NOTIFY:
        r.cu_ue_id = m->u.drb_states.cu_ue_id;
        r.du_ue_id = m->u.drb_states.du_ue_id;
        break;
    default:
        r.cu_ue_id = m->u.ue_cause.cu_ue_id;
        r.has_du = m->u.ue_cause.has_du_ue_id;
        r.du_ue_id = m->u.ue_cause.du_ue_id;
        break;
    }
    return r;
}

int f1ap_cu_on_ue(void *ctx, void *arg)
{
    f1ap_du_link_t *du = ctx;
    f1ap_cu_t *cu = du->cu;
    const f1ap_msg_t *m = arg;
    f1ap_ue_ref_t ref = ue_of(m);
    ue_id_t *id = f1ap_cu_ue_find(cu, ref.cu_ue_id);
    if (!id || id->du != du) {
        cu->counters.rx_unknown_ue++;
        f1ap_cu_send_error(du, ref, F1AP_RADIO(unknown_or_already_allocated_gnb_cu_ue_f1ap_id));
        return 0;
    }
    if (ref.has_du && id->du_ue_id != ref.du_ue_id) {
        cu->counters.rx_unknown_ue++;
        f1ap_cu_send_error(du, ref, F1AP_RADIO(unknown_or_inconsistent_pair_of_ue_f1ap_id));
        return 0;
    }
    cu->user.ue_message(cu->user.ctx, id->ue, m);
    return 0;
}
