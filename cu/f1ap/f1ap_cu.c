/* SPDX-License-Identifier: Apache-2.0 */
/* The gNB-CU's F1AP as an object: links, UE ids, and what RRC asks for. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cu/f1ap/f1ap_cu_inner.h"

COUNTERS_DEFINE(f1ap_cu, F1AP_CU_COUNTERS)

int f1ap_cu_create(loop_t *loop, const f1ap_cu_config_t *config, const f1ap_cu_user_t *user,
                   const f1ap_cu_transport_t *transport, f1ap_cu_t **ret)
{
    f1ap_cu_t *cu = calloc(1, sizeof *cu);
    if (!cu)
        return -ENOMEM;
    cu->loop = loop;
    cu->config = *config;
    cu->user = *user;
    cu->transport = *transport;
    arena_init(&cu->rx_arena, cu->rx_mem, sizeof cu->rx_mem);
    arena_init(&cu->tx_arena, cu->tx_mem, sizeof cu->tx_mem);
    for (uint32_t i = 0; i < F1AP_CU_MAX_DUS; i++)
        cu->dus[i].cu = cu;
    *ret = cu;
    return 0;
}

void f1ap_cu_destroy(f1ap_cu_t *cu)
{
    free(cu);
}

const f1ap_cu_counters_t *f1ap_cu_counters(const f1ap_cu_t *cu)
{
    return &cu->counters;
}

/* ---- links ---- */

f1ap_du_link_t *f1ap_cu_link_up(f1ap_cu_t *cu, void *peer, uint16_t n_streams)
{
    for (uint32_t i = 0; i < F1AP_CU_MAX_DUS; i++) {
        f1ap_du_link_t *du = &cu->dus[i];
        if (du->state != DU_FREE)
            continue;
        memset(du, 0, sizeof *du);
        du->cu = cu;
        du->state = DU_CONNECTED;
        du->peer = peer;
        du->n_streams = n_streams ? n_streams : 1;
        memcpy(du->name, "?", 2);
        return du;
    }
    return NULL;
}

void f1ap_cu_link_down(f1ap_du_link_t *du)
{
    if (du->state == DU_FREE)
        return;
    if (du->state == DU_READY || du->state == DU_RESETTING) {
        du->cu->counters.links_lost++;
        log_warning(du->cu->config.log, "F1 to DU %s lost, with %u UEs", du->name, du->n_ues);
    }
    du->peer = NULL;
    f1ap_cu_lose_ues(du, F1AP_TRANSPORT(unspecified));
    du->state = DU_FREE;
}

/* ---- UE ids: index in the low bits, generation of the index above ---- */

ue_id_t *f1ap_cu_ue_find(f1ap_cu_t *cu, uint32_t cu_ue_id)
{
    ue_id_t *id = &cu->ues[cu_ue_id % F1AP_CU_MAX_UES];
    return id->du && id->generation == (uint16_t)(cu_ue_id / F1AP_CU_MAX_UES) ? id : NULL;
}

int f1ap_cu_ue_add(f1ap_cu_t *cu, f1ap_du_link_t *du, uint32_t du_ue_id, void *ue, uint32_t *ret_cu_ue_id)
{
    for (uint32_t k = 0; k < F1AP_CU_MAX_UES; k++) {
        uint32_t i = (cu->ue_hint + k) % F1AP_CU_MAX_UES;
        ue_id_t *id = &cu->ues[i];
        if (id->du)
            continue;
        id->du = du;
        id->du_ue_id = du_ue_id;
        id->ue = ue;
        id->generation++;
        du->n_ues++;
        cu->ue_hint = i + 1;
        *ret_cu_ue_id = (uint32_t)id->generation * F1AP_CU_MAX_UES + i;
        return 0;
    }
    return -ENOSPC;
}

static void forget(ue_id_t *id)
{
    id->du->n_ues--;
    id->du = NULL;
    id->ue = NULL;
}

void f1ap_cu_ue_remove(f1ap_cu_t *cu, uint32_t cu_ue_id)
{
    ue_id_t *id = f1ap_cu_ue_find(cu, cu_ue_id);
    if (id)
        forget(id);
}

void f1ap_cu_lose_ue(f1ap_cu_t *cu, ue_id_t *id, f1ap_cause_t cause)
{
    void *ue = id->ue;
    forget(id);
    cu->user.ue_lost(cu->user.ctx, ue, cause);
}

void f1ap_cu_lose_ues(f1ap_du_link_t *du, f1ap_cause_t cause)
{
    for (uint32_t i = 0; du->n_ues && i < F1AP_CU_MAX_UES; i++)
        if (du->cu->ues[i].du == du)
            f1ap_cu_lose_ue(du->cu, &du->cu->ues[i], cause);
}

int f1ap_cu_ue_du_id(const f1ap_cu_t *cu, uint32_t cu_ue_id, uint32_t *ret_du_ue_id)
{
    const ue_id_t *id = f1ap_cu_ue_find((f1ap_cu_t *)cu, cu_ue_id);
    if (!id)
        return -ENOENT;
    *ret_du_ue_id = id->du_ue_id;
    return 0;
}

uint16_t f1ap_cu_ue_stream(const f1ap_du_link_t *du, uint32_t cu_ue_id)
{
    return du->n_streams > 1 ? (uint16_t)(1 + cu_ue_id % (du->n_streams - 1u)) : 0;
}

int f1ap_cu_ue_send(f1ap_cu_t *cu, uint32_t cu_ue_id, f1ap_msg_t *m)
{
    ue_id_t *id = f1ap_cu_ue_find(cu, cu_ue_id);
    if (!id)
        return -ENOENT;
    switch (m->type) {
    case F1AP_DL_RRC:
        m->u.dl_rrc.cu_ue_id = cu_ue_id;
        m->u.dl_rrc.du_ue_id = id->du_ue_id;
        break;
    case F1AP_CONTEXT_SETUP_REQUEST:
    case F1AP_CONTEXT_MODIFY_REQUEST:
        m->u.context_request.cu_ue_id = cu_ue_id;
        m->u.context_request.has_du_ue_id = true;
        m->u.context_request.du_ue_id = id->du_ue_id;
        break;
    case F1AP_RELEASE_COMMAND:
        m->u.release_command.cu_ue_id = cu_ue_id;
        m->u.release_command.du_ue_id = id->du_ue_id;
        break;
    case F1AP_CONTEXT_CONFIRM:
        m->u.context_confirm.cu_ue_id = cu_ue_id;
        m->u.context_confirm.du_ue_id = id->du_ue_id;
        break;
    case F1AP_CONTEXT_REFUSE:
        m->u.ue_cause.cu_ue_id = cu_ue_id;
        m->u.ue_cause.has_du_ue_id = true;
        m->u.ue_cause.du_ue_id = id->du_ue_id;
        break;
    default:
        return -EINVAL;
    }
    return f1ap_cu_send(id->du, m, f1ap_cu_ue_stream(id->du, cu_ue_id));
}

/* ---- the rest of what RRC and the administrator ask for ---- */

uint32_t f1ap_cu_page(f1ap_cu_t *cu, uint32_t tac, uint16_t ue_index, uint64_t five_s_tmsi)
{
    uint32_t sent = 0;
    for (uint32_t i = 0; i < F1AP_CU_MAX_DUS; i++) {
        f1ap_du_link_t *du = &cu->dus[i];
        f1ap_msg_t m = {.type = F1AP_PAGING};
        m.u.paging.ue_index = ue_index;
        m.u.paging.five_s_tmsi = five_s_tmsi;
        for (uint32_t k = 0; du->state == DU_READY && k < du->n_cells; k++)
            if (du->active[k] && du->cells[k].has_tac && du->cells[k].tac == tac)
                m.u.paging.cells[m.u.paging.n_cells++] = du->cells[k].cgi;
        if (m.u.paging.n_cells && f1ap_cu_send(du, &m, 0) == 0)
            sent++;
    }
    return sent;
}

int f1ap_cu_cell_set_active(f1ap_cu_t *cu, f1ap_cgi_t cell, bool active)
{
    for (uint32_t i = 0; i < F1AP_CU_MAX_DUS; i++) {
        f1ap_du_link_t *du = &cu->dus[i];
        for (uint32_t k = 0; du->state == DU_READY && k < du->n_cells; k++) {
            if (du->cells[k].cgi.nr_cell_id != cell.nr_cell_id || memcmp(du->cells[k].cgi.plmn, cell.plmn, 3))
                continue;
            if (du->updating)
                return -EBUSY;
            f1ap_msg_t m = {.type = F1AP_CU_UPDATE};
            f1ap_cu_update_t *u = &m.u.cu_update;
            u->transaction_id = du->next_transaction++;
            if (active)
                u->activate[u->n_activate++] =
                    (f1ap_cell_ref_t){.cgi = cell, .has_pci = true, .pci = du->cells[k].pci};
            else
                u->deactivate[u->n_deactivate++] = (f1ap_cell_ref_t){.cgi = cell};
            int r = f1ap_cu_send(du, &m, 0);
            if (r < 0)
                return r;
            du->updating = true;
            du->updating_cell = cell;
            du->updating_to = active;
            return 0;
        }
    }
    return -ENOENT;
}

int f1ap_cu_reset(f1ap_cu_t *cu, uint64_t du_id, f1ap_cause_t cause)
{
    for (uint32_t i = 0; i < F1AP_CU_MAX_DUS; i++) {
        f1ap_du_link_t *du = &cu->dus[i];
        if (du->du_id != du_id || (du->state != DU_READY && du->state != DU_RESETTING))
            continue;
        if (du->state == DU_RESETTING)
            return -EBUSY;
        f1ap_msg_t m = {.type = F1AP_RESET};
        m.u.reset.transaction_id = du->next_transaction++;
        m.u.reset.cause = cause;
        m.u.reset.all = true;
        int r = f1ap_cu_send(du, &m, 0);
        if (r < 0)
            return r;
        du->state = DU_RESETTING;
        f1ap_cu_lose_ues(du, cause);
        return 0;
    }
    return -ENOENT;
}

uint32_t f1ap_cu_dus(const f1ap_cu_t *cu, f1ap_cu_du_status_t *ret, uint32_t cap)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < F1AP_CU_MAX_DUS; i++) {
        const f1ap_du_link_t *du = &cu->dus[i];
        if (du->state == DU_FREE)
            continue;
        if (n < cap)
            ret[n] = (f1ap_cu_du_status_t){.du_id = du->du_id,
                                           .name = du->name,
                                           .state = f1ap_cu_fsm.states[du->state],
                                           .n_cells = du->n_cells,
                                           .cells = du->cells,
                                           .active = du->active,
                                           .n_ues = du->n_ues};
        n++;
    }
    return n;
}
