/* SPDX-License-Identifier: Apache-2.0 */
/* RRC as an object: its UEs, their timers, and the step of a UE's machine. */
#include "cu/rrc/rrc_cu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cu/rrc/rrc_inner.h"

COUNTERS_DEFINE(rrc_cu, RRC_CU_COUNTERS)

int rrc_cu_create(loop_t *loop, const rrc_cu_config_t *config, const rrc_up_t *up, rrc_cu_t **ret)
{
    if (!config->max_ues || config->max_ues > F1AP_CU_MAX_UES || !config->n_nea || !config->n_nia)
        return -EINVAL;
    rrc_cu_t *rrc = calloc(1, sizeof *rrc);
    if (!rrc)
        return -ENOMEM;
    rrc->loop = loop;
    rrc->config = *config;
    rrc->up = *up;
    if (!rrc->config.procedure_ms)
        rrc->config.procedure_ms = 10000;
    if (!rrc->config.reestablishment_ms)
        rrc->config.reestablishment_ms = 3000;
    if (!rrc->config.reject_wait_s)
        rrc->config.reject_wait_s = 4;
    arena_init(&rrc->arena, rrc->arena_mem, sizeof rrc->arena_mem);
    rrc->ues = calloc(config->max_ues, sizeof *rrc->ues);
    rrc->generations = calloc(config->max_ues, sizeof *rrc->generations);
    if (!rrc->ues || !rrc->generations) {
        rrc_cu_destroy(rrc);
        return -ENOMEM;
    }
    *ret = rrc;
    return 0;
}

void rrc_cu_destroy(rrc_cu_t *rrc)
{
    if (!rrc)
        return;
    for (uint32_t i = 0; rrc->ues && i < rrc->config.max_ues; i++)
        if (rrc->ues[i].used)
            rrc_ue_free(&rrc->ues[i]);
    free(rrc->ues);
    free(rrc->generations);
    free(rrc);
}

f1ap_cu_user_t rrc_cu_f1_user(rrc_cu_t *rrc)
{
    return (f1ap_cu_user_t){rrc, rrc_on_initial_ul, rrc_on_ue_message, rrc_on_ue_lost};
}

void rrc_cu_set_f1(rrc_cu_t *rrc, f1ap_cu_t *f1)
{
    rrc->f1 = f1;
}

void rrc_cu_set_core(rrc_cu_t *rrc, const ngap_core_t *core)
{
    rrc->core = core;
}

/* ---- UEs: RAN UE NGAP ID is the index with its generation above ---- */

static void on_timeout(void *ctx)
{
    rrc_ue_t *ue = ctx;
    ue->rrc->counters.timeouts += ue->state != UE_RADIO_LOST;
    log_warning(ue->rrc->config.log, "UE %u: no answer in time while %s", ue->ran_id,
                rrc_cu_fsm.states[ue->state]);
    rrc_step(ue, EV_TIMEOUT, NULL);
}

rrc_ue_t *rrc_ue_new(rrc_cu_t *rrc)
{
    for (uint32_t i = 0; i < rrc->config.max_ues; i++) {
        rrc_ue_t *ue = &rrc->ues[i];
        if (ue->used)
            continue;
        memset(ue, 0, sizeof *ue);
        ue->used = true;
        ue->rrc = rrc;
        ue->state = UE_SETUP;
        ue->ran_id = (uint32_t)++rrc->generations[i] * F1AP_CU_MAX_UES + i;
        ue->amf_id = UINT64_MAX;
        ue->up_ue = UINT32_MAX;
        ue->release_cause = (ngap_cause_t){NGAP_CAUSE_RADIO_NETWORK, NGAP_RADIO_UNSPECIFIED};
        loop_timer_init(rrc->loop, &ue->timer, on_timeout, ue);
        rrc->n_ues++;
        return ue;
    }
    return NULL;
}

rrc_ue_t *rrc_ue_of_ran_id(rrc_cu_t *rrc, uint32_t ran_id)
{
    uint32_t i = ran_id % F1AP_CU_MAX_UES;
    return i < rrc->config.max_ues && rrc->ues[i].used && rrc->ues[i].ran_id == ran_id ? &rrc->ues[i] : NULL;
}

void rrc_ue_free(rrc_ue_t *ue)
{
    rrc_cu_t *rrc = ue->rrc;
    loop_timer_stop(&ue->timer);
    rrc_bearer_drop_all(ue);
    if (ue->f1_alive && rrc->f1)
        f1ap_cu_ue_remove(rrc->f1, ue->cu_ue_id);
    while (ue->jobs)
        rrc_job_pop(ue);
    bufq_clear(&ue->received);
    pdcp_destroy(ue->srb[1]);
    pdcp_destroy(ue->srb[2]);
    free(ue->capability);
    rrc->n_ues--;
    memset(ue, 0, sizeof *ue); /* keys as well */
}

void rrc_timer(rrc_ue_t *ue, bool on)
{
    uint32_t ms =
        ue->state == UE_RADIO_LOST ? ue->rrc->config.reestablishment_ms : ue->rrc->config.procedure_ms;
    if (on)
        loop_timer_start(&ue->timer, (int64_t)ms * 1000000);
    else
        loop_timer_stop(&ue->timer);
}

int rrc_step(rrc_ue_t *ue, ue_event_t event, void *arg)
{
    static const bool waits[UE_N_STATES] = {
        [UE_SETUP] = true,          [UE_CONNECTED] = false,    [UE_SECURITY] = true,  [UE_CAPABILITY] = true,
        [UE_CONTEXT] = true,        [UE_RECONFIGURING] = true, [UE_READY] = false,    [UE_RADIO_LOST] = true,
        [UE_REESTABLISHING] = true, [UE_ASKED_RELEASE] = true, [UE_RELEASING] = true,
    };
    rrc_cu_t *rrc = ue->rrc;
    uint16_t before = ue->state;
    ue->after = NULL;
    int r = fsm_step(&rrc_cu_fsm, &ue->state, (uint16_t)event, ue, arg);
    if (r == -EPROTO) {
        rrc->counters.rx_unexpected++;
        log_warning(rrc->config.log, "UE %u: %s is not expected while %s", ue->ran_id,
                    rrc_cu_fsm.events[event], rrc_cu_fsm.states[ue->state]);
        return r;
    }
    if (ue->state != before) {
        log_debug(rrc->config.log, "UE %u: %s: %s -> %s", ue->ran_id, rrc_cu_fsm.events[event],
                  rrc_cu_fsm.states[before], rrc_cu_fsm.states[ue->state]);
        rrc_timer(ue, waits[ue->state]);
    }
    void (*after)(rrc_ue_t *) = ue->after;
    ue->after = NULL;
    if (after)
        after(ue);
    return r;
}

uint32_t rrc_cu_ues(const rrc_cu_t *rrc, rrc_cu_ue_status_t *ret, uint32_t cap)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < rrc->config.max_ues; i++) {
        const rrc_ue_t *ue = &rrc->ues[i];
        if (!ue->used)
            continue;
        if (n < cap) {
            rrc_cu_ue_status_t *s = &ret[n];
            *s = (rrc_cu_ue_status_t){.ran_ue_ngap_id = ue->ran_id,
                                      .cu_ue_id = ue->cu_ue_id,
                                      .amf_ue_ngap_id = ue->amf_id,
                                      .state = rrc_cu_fsm.states[ue->state],
                                      .crnti = ue->crnti,
                                      .pci = ue->pci,
                                      .nr_cell_id = ue->cell.nr_cell_id,
                                      .nea = ue->rrc_security.nea,
                                      .nia = ue->rrc_security.nia,
                                      .secure = ue->secure,
                                      .up_ue = ue->up_ue};
            f1ap_cu_ue_du_id(rrc->f1, ue->cu_ue_id, &s->du_ue_id);
            for (uint32_t k = 0; k < RRC_MAX_DRBS; k++)
                s->n_sessions += ue->sessions[k].up;
            memcpy(s->k_rrc_enc, ue->rrc_security.enc_key, 16);
            memcpy(s->k_up_enc, ue->up_security.enc_key, 16);
        }
        n++;
    }
    return n;
}

const rrc_cu_counters_t *rrc_cu_counters(const rrc_cu_t *rrc)
{
    return &rrc->counters;
}

/* ---- the user plane's reports ---- */

static rrc_ue_t *ue_of_up(rrc_cu_t *rrc, uint32_t up_ue)
{
    for (uint32_t i = 0; i < rrc->config.max_ues; i++)
        if (rrc->ues[i].used && rrc->ues[i].up_ue == up_ue)
            return &rrc->ues[i];
    return NULL;
}

/* The DU has lost the bearer, or COUNT is used up: without either the UE is better off anew. */
static void on_bearer_lost(void *ctx, uint32_t up_ue, uint8_t drb_id)
{
    rrc_ue_t *ue = ue_of_up(ctx, up_ue);
    if (!ue)
        return;
    log_warning(ue->rrc->config.log, "UE %u: DRB %u is lost", ue->ran_id, drb_id);
    rrc_step(ue, EV_UP_LOST, NULL);
}

static void on_integrity_failure(void *ctx, uint32_t up_ue, uint8_t drb_id)
{
    rrc_ue_t *ue = ue_of_up(ctx, up_ue);
    if (!ue)
        return;
    ue->rrc->counters.rx_integrity++;
    log_warning(ue->rrc->config.log, "UE %u: wrong MAC-I on DRB %u: dropped", ue->ran_id, drb_id);
}

up_events_t rrc_cu_up_events(rrc_cu_t *rrc)
{
    return (up_events_t){rrc, on_bearer_lost, on_bearer_lost, on_integrity_failure};
}
