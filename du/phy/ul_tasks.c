/* SPDX-License-Identifier: Apache-2.0 */
/* What runs of an uplink slot as samples come: a PUSCH's channel estimate when the last DMRS symbol of a hop
 * is there, each data symbol when it came and its hop's estimate is done, UCI when all symbols are done, then
 * code blocks, the last of which ends the PUSCH. PUCCH, SRS and PRACH are one task each when their last
 * symbol is there; format 0 and 1 UEs that share a resource are one.
 *
 * ul_pusch_t.progress holds what came, which estimates are done and which symbols were taken, in one word:
 * whoever changes it (fronthaul thread or an estimating task) takes what became ready by one
 * compare-and-swap, so that each symbol is one task's. */
#include "du/phy/slots.h"

#include "lib/core/clock.h"

#include <math.h>
#include <string.h>

#define SYMBOL_MASK 0x3fffu
#define HOP_DONE(h) (1u << (14 + (h)))
#define TAKEN_SHIFT 16

int16_t ul_tenths(float db)
{
    return db > -3000 ? (int16_t)(db < 3000 ? lrintf(db * 10) : 30000) : -30000;
}

void ul_end_unit(ul_slot_t *s)
{
    if (atomic_fetch_sub_explicit(&s->pending, 1, memory_order_acq_rel) != 1)
        return;
    du_phy_account(s->p, 1, s->last_symbol_ns, s->deadline_ns);
    atomic_store_explicit(&s->state, SLOT_DONE, memory_order_release);
}

/* ---- PUSCH ---- */

/* Bits of CSI part 2. A part 1 that is not valid tells no size. */
static unsigned csi2_size(const ul_pusch_t *u, const pusch_uci_t *part1)
{
    const uint8_t *csi1 = part1->bits;
    unsigned v = 0;
    if (!part1->valid)
        return 0;
    for (unsigned i = 0; i < u->csi2.param_bits; i++) {
        unsigned bit = u->csi2.param_offset + i;
        v = v << 1 | (csi1[bit / 8] >> (7 - bit % 8) & 1);
    }
    return u->csi2.bits[v];
}

static void put_uci(const pusch_uci_t *uci, uint8_t *n_bits, uint8_t *crc, uint8_t *bits)
{
    *n_bits = uci->present ? (uint8_t)uci->n_bits : 0;
    *crc = uci->valid ? 0 : 1;
    memcpy(bits, uci->bits, FAPI_MAX_UCI_BYTES);
}

static void finish_pusch(ul_pusch_t *u)
{
    ul_slot_t *s = u->slot;
    unsigned i = (unsigned)(u - s->pusch);
    fapi_pusch_ind_t *ind = &s->out.pusch[i];
    const pusch_result_t *r = pusch_rx_finish(s->p->phy, &u->rx, u->tb);
    ind->crc_ok = r->tb_present && r->crc_ok;
    ind->tb_bytes = ind->crc_ok ? u->plan.cfg.tb_bytes : 0;
    ind->sinr_db_x10 = ul_tenths(r->post_sinr_db);
    ind->rssi_dbm_x10 = ul_tenths(r->epre_db);
    ind->timing_advance = r->ta_command;
    /* No energy: the DMRS are not above what noise alone would make of them. */
    ind->dtx = !ind->crc_ok && !(r->sinr_db > -10);
    put_uci(&r->harq_ack, &ind->harq_ack_bits, &ind->harq_crc, ind->harq);
    put_uci(&r->csi1, &ind->csi1_bits, &ind->csi1_crc, ind->csi1);
    put_uci(&r->csi2, &ind->csi2_bits, &ind->csi2_crc, ind->csi2);
    ul_end_unit(s);
}

static void task_code_block(void *ctx, uint32_t index, uint32_t self)
{
    ul_pusch_t *u = ctx;
    pusch_rx_cb(u->slot->p->phy, &u->rx, u->slot->p->work[self].pusch, index);
    if (atomic_fetch_sub_explicit(&u->blocks_left, 1, memory_order_acq_rel) == 1)
        finish_pusch(u);
}

/* All blocks of a PUSCH as one batch for the accelerator. */
static void task_device(void *ctx, uint32_t index, uint32_t self)
{
    (void)index;
    ul_pusch_t *u = ctx;
    du_phy_t *p = u->slot->p;
    thread_work_t *w = &p->work[self];
    unsigned n = u->rx.sch.n_cb;
    for (unsigned r = 0; r < n; r++)
        pusch_rx_cb_op(&u->rx, r, &w->ops[r]);
    ldpc_dec_backend_t *device = bbdev_decoder(p->bbdev, self);
    device->run(device, w->ops, n, w->ldpc); /* what the device fails on it decodes here */
    for (unsigned r = 0; r < n; r++)
        pusch_rx_cb_done(&u->rx, r, &w->ops[r]);
    finish_pusch(u);
}

static void task_uci(ul_pusch_t *u, uint32_t self)
{
    du_phy_t *p = u->slot->p;
    pusch_work_t *work = p->work[self].pusch;
    if (!pusch_rx_uci(p->phy, &u->rx, work))
        pusch_rx_csi2(p->phy, &u->rx, work, csi2_size(u, &u->rx.result.csi1), NULL);
    unsigned n = u->plan.cfg.tb_bytes ? u->rx.sch.n_cb : 0;
    if (n == 0) {
        finish_pusch(u);
        return;
    }
    if (p->bbdev) {
        workers_submit(p->workers, WORK_UL, task_device, u, 0, self);
        return;
    }
    atomic_store_explicit(&u->blocks_left, n, memory_order_relaxed);
    for (uint32_t r = 0; r < n; r++)
        workers_submit(p->workers, WORK_UL, task_code_block, u, r, self);
}

static void task_symbol(void *ctx, uint32_t index, uint32_t self)
{
    ul_pusch_t *u = ctx;
    pusch_rx_symbol(u->slot->p->phy, &u->rx, u->slot->p->work[self].pusch, index);
    if (atomic_fetch_sub_explicit(&u->symbols_left, 1, memory_order_acq_rel) == 1)
        task_uci(u, self);
}

static uint32_t ready_symbols(const ul_pusch_t *u, uint32_t progress)
{
    uint32_t ready = 0;
    for (unsigned h = 0; h < u->plan.n_hops; h++)
        if (progress & HOP_DONE(h))
            ready |= u->plan.hop[h].symbols;
    return ready & progress & SYMBOL_MASK & ~(progress >> TAKEN_SHIFT);
}

/* Notes what is new and submits the symbols that became ready by it. */
static void advance(ul_pusch_t *u, uint32_t news, uint32_t self)
{
    uint32_t old = atomic_load_explicit(&u->progress, memory_order_relaxed), ready;
    do
        ready = ready_symbols(u, old | news);
    while (!atomic_compare_exchange_weak_explicit(&u->progress, &old, old | news | ready << TAKEN_SHIFT,
                                                  memory_order_acq_rel, memory_order_relaxed));
    for (unsigned l = 0; ready; l++, ready >>= 1)
        if (ready & 1)
            workers_submit(u->slot->p->workers, WORK_UL, task_symbol, u, l, self);
}

static void task_estimate(void *ctx, uint32_t index, uint32_t self)
{
    ul_pusch_t *u = ctx;
    pusch_rx_dmrs(u->slot->p->phy, &u->rx, u->slot->p->work[self].pusch, index);
    advance(u, HOP_DONE(index), self);
}

/* [fronthaul] */
static void pusch_symbol(ul_pusch_t *u, unsigned symbol, uint32_t arrived)
{
    uint32_t bit = 1u << symbol;
    bool of_it = false;
    for (unsigned h = 0; h < u->plan.n_hops; h++)
        of_it |= u->plan.hop[h].symbols & bit;
    if (!of_it)
        return;
    advance(u, bit, SELF_FRONTHAUL);
    for (unsigned h = 0; h < u->plan.n_hops; h++) {
        uint32_t dmrs = u->plan.hop[h].symbols & u->plan.cfg.dmrs_symbols;
        if ((dmrs & bit) && (arrived & dmrs) == dmrs)
            workers_submit(u->slot->p->workers, WORK_UL, task_estimate, u, h, SELF_FRONTHAUL);
    }
}

/* ---- PUCCH, SRS, PRACH ---- */

static void put_bits(uint8_t *to, const uint8_t *from, unsigned first, unsigned n)
{
    memset(to, 0, FAPI_MAX_UCI_BYTES);
    for (unsigned i = 0; i < n; i++)
        to[i / 8] |= (uint8_t)((from[(first + i) / 8] >> (7 - (first + i) % 8) & 1) << (7 - i % 8));
}

static void put_pucch(ul_slot_t *s, unsigned i)
{
    const pucch_result_t *r = &s->pucch_result[i];
    const pucch_cfg_t *c = &s->pucch[i].cfg;
    fapi_uci_ind_t *ind = &s->out.uci[i];
    ind->sinr_db_x10 = ul_tenths(r->sinr_db);
    ind->timing_advance = r->detected ? (uint16_t)chest_ta_command(r->ta_ns * 1e-9f, c->mu) : 0xffff;
    ind->dtx = !r->detected;
    if (c->format <= 1) {
        ind->sr = r->detected && r->sr;
        ind->n_harq = (uint8_t)c->n_harq;
        ind->harq[0] = (uint8_t)((r->harq & 1) << 7 | (r->harq >> 1 & 1) << 6);
        return;
    }
    ind->n_harq = (uint8_t)c->n_harq;
    ind->n_csi1 = (uint8_t)c->n_csi1;
    ind->harq_crc = ind->csi1_crc = !r->crc_ok;
    put_bits(ind->harq, r->uci, 0, c->n_harq);
    for (unsigned b = 0; b < c->sr_bits; b++)
        ind->sr |= r->uci[(c->n_harq + b) / 8] >> (7 - (c->n_harq + b) % 8) & 1;
    put_bits(ind->csi1, r->uci, c->n_harq + c->sr_bits, c->n_csi1);
}

static void task_pucch(void *ctx, uint32_t index, uint32_t self)
{
    ul_slot_t *s = ctx;
    ul_pucch_group_t *g = &s->group[index];
    du_phy_t *p = s->p;
    const pucch_plan_t *plans[FAPI_MAX_PUCCH];
    pucch_result_t results[FAPI_MAX_PUCCH];
    for (unsigned i = 0; i < g->n; i++)
        plans[i] = &s->pucch[g->index[i]];
    if (plans[0]->cfg.format == 0)
        pucch_f0_detect(p->phy, plans, g->n, &s->grid, results);
    else if (plans[0]->cfg.format == 1)
        pucch_f1_detect(p->phy, plans, g->n, &s->grid, results);
    else
        pucch_decode(p->phy, plans[0], &s->grid, p->work[self].pucch, results);
    for (unsigned i = 0; i < g->n; i++) {
        s->pucch_result[g->index[i]] = results[i];
        put_pucch(s, g->index[i]);
    }
    ul_end_unit(s);
}

static void task_srs(void *ctx, uint32_t index, uint32_t self)
{
    ul_slot_t *s = ctx;
    du_phy_t *p = s->p;
    const srs_plan_t *plan = &s->srs[index];
    fapi_srs_ind_t *ind = &s->out.srs[index];
    srs_channel_t channel = {.h = p->work[self].srs_h,
                             .n_prg = plan->n_prg,
                             .n_rx = plan->cfg.n_rx,
                             .n_ports = plan->cfg.n_ports,
                             .prg_size = plan->cfg.prg_size};
    srs_result_t r;
    srs_receive(p->phy, plan, &s->grid, p->work[self].srs, &channel, 0, &r);
    ind->wideband_snr_db_x10 = ul_tenths(r.snr_db);
    ind->timing_advance = r.detected ? (uint16_t)chest_ta_command(r.ta_ns * 1e-9f, plan->cfg.mu) : 0xffff;
    if (r.detected && r.end_prg > r.first_prg) {
        float scale;
        ind->n_prgs = r.end_prg - r.first_prg;
        ind->prg_size = channel.prg_size;
        ind->prb_start = r.first_prg * channel.prg_size;
        ind->n_ports = channel.n_ports;
        ind->n_rx = channel.n_rx;
        srs_channel_ci16(&channel, r.first_prg, r.end_prg, (ci16_t *)(void *)(s->out.rx + ind->matrix_offset),
                         &scale);
    }
    ul_end_unit(s);
}

const prach_detector_t *ul_detector(const du_phy_t *p, uint8_t format)
{
    for (unsigned i = 0; i < 2; i++)
        if (p->prach[i] && p->prach_format[i] == format)
            return p->prach[i];
    return NULL;
}

void ul_task_prach(void *ctx, uint32_t index, uint32_t self)
{
    ul_slot_t *s = ctx;
    ul_occasion_t *o = &s->occasion[index / 7][index % 7];
    prach_detect(ul_detector(s->p, s->prach_pdu[index / 7].format), o->samples, o->ant_stride, o->rep_stride,
                 s->p->work[self].prach, &o->result);
    ul_end_unit(s);
}

/* ---- what came, [fronthaul] ---- */

void ul_symbol_came(ul_slot_t *s, unsigned symbol)
{
    du_phy_t *p = s->p;
    uint32_t arrived = atomic_load_explicit(&s->arrived, memory_order_relaxed) | 1u << symbol;
    atomic_store_explicit(&s->arrived, arrived, memory_order_relaxed);
    bool last = arrived == SYMBOL_MASK;
    if (last)
        s->last_symbol_ns = time_ns(CLOCK_MONOTONIC);
    for (unsigned i = 0; i < s->n_pusch; i++)
        if (s->pusch_ok[i])
            pusch_symbol(&s->pusch[i], symbol, arrived);
    /* What ends at symbol l needs all before it as well; symbols may come in any order. */
    for (unsigned g = 0; g < s->n_groups; g++) {
        const pucch_cfg_t *c = &s->pucch[s->group[g].index[0]].cfg;
        uint32_t need = ((1u << c->n_symbols) - 1) << c->start_symbol;
        if ((need >> symbol & 1) && (arrived & need) == need)
            workers_submit(p->workers, WORK_UL, task_pucch, s, g, SELF_FRONTHAUL);
    }
    for (unsigned i = 0; i < s->n_srs; i++) {
        const srs_cfg_t *c = &s->srs[i].cfg;
        uint32_t need = s->srs_ok[i] ? ((1u << c->n_symbols) - 1) << c->start_symbol : 0;
        if ((need >> symbol & 1) && (arrived & need) == need)
            workers_submit(p->workers, WORK_UL, task_srs, s, i, SELF_FRONTHAUL);
    }
    if (last)
        ul_end_unit(s);
}
