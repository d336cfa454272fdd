/* SPDX-License-Identifier: Apache-2.0 */
/* What the gNB-CU sends on its own or as an answer, UE-associated messages of RRC excepted. */
#include <stdio.h>
#include <string.h>

#include "cu/f1ap/f1ap_cu_inner.h"

int f1ap_cu_send(f1ap_du_link_t *du, const f1ap_msg_t *m, uint16_t stream)
{
    f1ap_cu_t *cu = du->cu;
    asn1_error_t err = {.what = "?"};
    size_t n;
    arena_reset(&cu->tx_arena);
    int r = f1ap_build(m, &cu->tx_arena, cu->tx_buf, sizeof cu->tx_buf, &n, &err);
    if (r < 0)
        log_error(cu->config.log, "cannot build %s: %s: %s", f1ap_msg_name(m->type), err.path, err.what);
    else
        r = cu->transport.send(cu->transport.ctx, du->peer, stream, cu->tx_buf, n);
    if (r < 0)
        cu->counters.tx_failed++;
    else
        cu->counters.tx_messages++;
    return r;
}

void f1ap_cu_send_error(f1ap_du_link_t *du, f1ap_ue_ref_t ue, f1ap_cause_t cause)
{
    f1ap_msg_t m = {.type = F1AP_ERROR_INDICATION};
    m.u.error =
        (f1ap_error_t){.transaction_id = du->next_transaction++, .ue = ue, .has_cause = true, .cause = cause};
    f1ap_cu_send(du, &m, 0);
}

void f1ap_cu_send_failure(f1ap_du_link_t *du, f1ap_msg_type_t type, uint8_t transaction_id,
                          f1ap_cause_t cause, uint8_t wait_s)
{
    f1ap_msg_t m = {.type = type};
    m.u.failure = (f1ap_failure_t){.transaction_id = transaction_id, .cause = cause, .wait_s = wait_s};
    f1ap_cu_send(du, &m, 0);
}

/* Every cell that the DU serves is wanted on the air, as long as it is in our PLMN. */
void f1ap_cu_send_setup_response(f1ap_du_link_t *du, f1ap_msg_type_t type, uint8_t transaction_id)
{
    f1ap_msg_t m = {.type = type};
    f1ap_setup_response_t *r = &m.u.setup_response;
    r->transaction_id = transaction_id;
    snprintf(r->cu_name, sizeof r->cu_name, "%s", du->cu->config.name);
    for (uint32_t i = 0; i < du->n_cells; i++) {
        if (du->active[i] || memcmp(du->cells[i].cgi.plmn, du->cu->config.plmn, 3))
            continue;
        du->active[i] = true;
        r->activate[r->n_activate].cgi = du->cells[i].cgi;
        r->activate[r->n_activate].has_pci = true;
        r->activate[r->n_activate++].pci = du->cells[i].pci;
    }
    f1ap_cu_send(du, &m, 0);
}

void f1ap_cu_send_transaction(f1ap_du_link_t *du, f1ap_msg_type_t type, uint8_t transaction_id)
{
    f1ap_msg_t m = {.type = type};
    m.u.transaction.transaction_id = transaction_id;
    f1ap_cu_send(du, &m, 0);
}
