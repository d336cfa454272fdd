/* SPDX-License-Identifier: Apache-2.0 */
/* The gNB-DU's F1AP as an object, and the slot engine's events on their way into the machines. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "du/f1ap/f1ap_du_inner.h"

COUNTERS_DEFINE(f1ap_du, F1AP_DU_COUNTERS)

static void on_timer(void *ctx)
{
    f1ap_du_t *d = ctx;
    fsm_step(&f1ap_du_fsm, &d->state, LINK_EV_TIMER, d, NULL);
}

int f1ap_du_create(loop_t *loop, const f1ap_du_config_t *config, const f1ap_du_radio_t *radio,
                   const f1ap_du_transport_t *transport, f1ap_du_t **ret)
{
    f1ap_du_t *d = calloc(1, sizeof *d);
    if (!d)
        return -ENOMEM;
    d->loop = loop;
    d->config = *config;
    d->radio = *radio;
    d->transport = *transport;
    arena_init(&d->rx_arena, d->rx_mem, sizeof d->rx_mem);
    arena_init(&d->tx_arena, d->tx_mem, sizeof d->tx_mem);
    arena_init(&d->rrc_arena, d->rrc_mem, sizeof d->rrc_mem);
    loop_timer_init(loop, &d->timer, on_timer, d);
    int r = f1ap_du_build_si(d);
    if (r < 0) {
        free(d);
        return r;
    }
    *ret = d;
    return 0;
}

void f1ap_du_destroy(f1ap_du_t *d)
{
    if (!d)
        return;
    loop_timer_stop(&d->timer);
    for (uint32_t i = 0; i < MAC_MAX_UES; i++)
        free(d->ues[i].pending);
    free(d);
}

uint32_t f1ap_du_mib(const f1ap_du_t *d)
{
    return d->mib;
}

asn1_bytes_t f1ap_du_sib1(const f1ap_du_t *d)
{
    return (asn1_bytes_t){d->sib1, d->sib1_n};
}

void f1ap_du_event(f1ap_du_t *d, const du_event_t *e)
{
    static const uint16_t event_of[] = {
        [DU_EVENT_DCCH] = UE_EV_DCCH,
        [DU_EVENT_SRB_DELIVERED] = UE_EV_DELIVERED,
        [DU_EVENT_UE_CONFIGURED] = UE_EV_CONFIGURED,
        [DU_EVENT_UE_REMOVED] = UE_EV_REMOVED,
        [DU_EVENT_UE_LOST] = UE_EV_RADIO_LOST,
        [DU_EVENT_UE_INACTIVE] = UE_EV_INACTIVE,
    };
    if (e->type == DU_EVENT_CCCH) {
        f1ap_du_ue_new(d, e);
    } else if (e->type < sizeof event_of / sizeof event_of[0] && event_of[e->type]) {
        du_ue_t *ue = f1ap_du_ue_of_ref(d, e->ue);
        ue_arg_t a = {.d = d, .e = e};
        if (ue)
            fsm_step(&f1ap_du_ue_fsm, &ue->state, event_of[e->type], ue, &a);
        else if (e->type == DU_EVENT_UE_LOST) /* never was a UE for the CU */
            d->radio.ue_remove(d->radio.ctx, e->ue, 0);
    }
    buf_free(e->sdu);
}

uint32_t f1ap_du_ues(const f1ap_du_t *d, f1ap_du_ue_status_t *ret, uint32_t cap)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < MAC_MAX_UES; i++) {
        const du_ue_t *ue = &d->ues[i];
        if (!ue->used)
            continue;
        if (n < cap)
            ret[n] = (f1ap_du_ue_status_t){.ref = ue->ref,
                                           .rnti = ue->rnti,
                                           .du_ue_id = ue->du_ue_id,
                                           .cu_ue_id = ue->cu_ue_id,
                                           .has_cu_ue_id = ue->has_cu_ue_id,
                                           .state = f1ap_du_ue_fsm.states[ue->state],
                                           .radio = &ue->radio};
        n++;
    }
    return n;
}

const char *f1ap_du_state(const f1ap_du_t *d)
{
    return f1ap_du_fsm.states[d->state];
}

const char *f1ap_du_cu_name(const f1ap_du_t *d)
{
    return d->cu_name;
}

const f1ap_du_counters_t *f1ap_du_counters(const f1ap_du_t *d)
{
    return &d->counters;
}
