/* SPDX-License-Identifier: Apache-2.0 */
/* Paging of an idle UE for downlink data: TS 24.501 5.6.2.2, TS 38.413 8.5. */
#include "cu/core/core_internal.h"

#include "lib/core/clock.h"

#include <errno.h>

static void page(ue_t *u)
{
    core_t *c = u->core;
    op_t *op = core_op_add(c, OP_PAGING);
    if (op)
        op->u.paging = (ngap_paging_t){.amf_set_id = (uint16_t)c->config->amf_set_id,
                                       .amf_pointer = (uint8_t)c->config->amf_pointer,
                                       .tmsi_5g = u->tmsi,
                                       .ue_id_mod_1024 = (uint16_t)(u->tmsi & 1023), /* 5G-S-TMSI mod 1024 */
                                       .tac = (uint32_t)c->config->tac};
    c->counters.pagings++;
    u->pagings++;
    loop_timer_start(&u->t3513, c->config->t3513_ms * NS_PER_MS);
}

static void on_t3513(void *ctx)
{
    ue_t *u = ctx;
    core_enter(u->core);
    if (u->pagings < MAX_TRIES)
        page(u);
    else
        u->core->counters.gave_up++; /* the next packet pages anew */
    core_leave(u->core);
}

void core_paging_stop(ue_t *u)
{
    loop_timer_stop(&u->t3513);
}

int core_downlink_data(core_t *c, uint32_t ipv4)
{
    ue_t *u = NULL;
    for (uint32_t i = 0; i < c->n_ues && !u; i++)
        if (c->ues[i].used && core_sm_owns(&c->ues[i], ipv4))
            u = &c->ues[i];
    if (!u)
        return -ENOENT;
    if (u->connected)
        return -EISCONN;
    if (loop_timer_running(&u->t3513))
        return 0;
    core_enter(c);
    loop_timer_init(c->loop, &u->t3513, on_t3513, u);
    u->pagings = 0;
    page(u);
    core_leave(c);
    return 0;
}
