/* SPDX-License-Identifier: Apache-2.0 */
/* What the cell and its UEs measure, as growing sums: lib/e2agent makes the measurements of TS 28.552 out of
 * them. */
#include "du/e2/e2_inner.h"

/* Figures of the UEs that are there now, [size: returned]; remembered by index for the cell's sums. */
static uint32_t snapshot(du_e2_t *d, mac_ue_stats_t stats[MAC_MAX_UES])
{
    uint32_t n = du_slot_ue_stats(d->config.slot, stats, MAC_MAX_UES);
    for (uint32_t i = 0; i < n; i++) {
        uint16_t at = stats[i].ue.index;
        if (at >= MAC_MAX_UES)
            continue;
        if (d->seen[at] && d->last[at].ue.generation != stats[i].ue.generation) {
            d->past.dl_bytes += d->last[at].dl_bytes;
            d->past.ul_bytes += d->last[at].ul_bytes;
        }
        d->last[at] = stats[i];
        d->seen[at] = true;
    }
    return n;
}

static void fill_ids(const f1ap_du_ue_status_t *ids, uint32_t n_ids, const mac_ue_stats_t *s,
                     e2agent_ue_t *out)
{
    for (uint32_t i = 0; i < n_ids; i++) {
        if (ids[i].ref.index != s->ue.index || ids[i].ref.generation != s->ue.generation)
            continue;
        out->du_ue_f1ap_id = ids[i].du_ue_id;
        out->cu_ue_f1ap_id = ids[i].cu_ue_id;
        out->has_cu_id = ids[i].has_cu_ue_id;
        return;
    }
}

static uint32_t provide_ues(void *ctx, e2agent_ue_t *out, uint32_t cap)
{
    du_e2_t *d = ctx;
    mac_ue_stats_t stats[MAC_MAX_UES];
    f1ap_du_ue_status_t ids[MAC_MAX_UES];
    uint32_t n = snapshot(d, stats);
    uint32_t n_ids = f1ap_du_ues(d->config.f1ap, ids, MAC_MAX_UES);
    if (n_ids > MAC_MAX_UES)
        n_ids = MAC_MAX_UES;
    for (uint32_t i = 0; i < n && i < cap; i++) {
        const mac_ue_stats_t *s = &stats[i];
        out[i] = (e2agent_ue_t){
            .rnti = s->rnti,
            .ue = s->ue.index,
            .ue_generation = s->ue.generation,
            .slice = s->slice,
            .cqi_x10 = (uint16_t)(s->cqi * 10),
            .dl_bytes = s->dl_bytes,
            .ul_bytes = s->ul_bytes,
            .dl_prbs = s->dl_prbs,
            .ul_prbs = s->ul_prbs,
            .dl_tbs = s->dl_tb,
            .dl_tbs_nack = s->dl_nack,
            .ul_tbs = s->ul_tb,
            .ul_tbs_crc_error = s->ul_crc_failed,
            .dl_queued_bytes = s->dl_queued_bytes,
        };
        fill_ids(ids, n_ids, s, &out[i]);
    }
    return n;
}

static void provide_cell(void *ctx, e2agent_cell_t *out)
{
    du_e2_t *d = ctx;
    const radio_cell_t *c = &d->config.cell;
    mac_ue_stats_t stats[MAC_MAX_UES];
    uint32_t n = snapshot(d, stats);
    uint64_t slots = du_slot_counters(d->config.slot)->slots;
    uint32_t dl = 1, ul = 1,
             period = 1; /* downlink and uplink slots of a period; a special slot is downlink */
    if (c->tdd_period_slots) {
        period = c->tdd_period_slots;
        dl = c->tdd_dl_slots + (c->tdd_dl_symbols > 0);
        ul = c->tdd_ul_slots;
    }
    counter_set_t sched = sched_counters(d->sched);
    const sched_counters_t *counts = (const sched_counters_t *)(const void *)sched.values;
    *out = (e2agent_cell_t){
        .slot = du_slot_now(d->config.slot) == UINT64_MAX ? 0 : du_slot_now(d->config.slot),
        .dl_slots_prbs = slots * dl / period * c->n_prb,
        .ul_slots_prbs = slots * ul / period * c->n_prb,
        .dl_prbs = counts->prbs_dl,
        .ul_prbs = counts->prbs_ul,
        .dl_bytes = d->past.dl_bytes,
        .ul_bytes = d->past.ul_bytes,
        .n_prb_dl = c->n_prb,
        .n_prb_ul = c->n_prb,
    };
    for (uint32_t i = 0; i < n; i++) {
        out->dl_bytes += stats[i].dl_bytes;
        out->ul_bytes += stats[i].ul_bytes;
    }
}

static void on_link(void *ctx, bool up)
{
    du_e2_t *d = ctx;
    log_notice(d->config.log, "E2 to %s is %s", e2agent_remote(d->agent), up ? "up" : "down");
}

const e2agent_provider_t du_e2_agent_provider = {.ues = provide_ues, .cell = provide_cell, .link = on_link};
