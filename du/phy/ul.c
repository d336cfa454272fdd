/* SPDX-License-Identifier: Apache-2.0 */
/* An uplink slot. The slot thread plans it before its first symbol; the fronthaul thread says when symbols
 * came; tasks follow: a PUSCH's channel estimate when the last DMRS symbol of a hop is there, each data
 * symbol when it came and its hop's estimate is done, UCI when all symbols are done, then code blocks, the
 * last of which ends the PUSCH. PUCCH, SRS and PRACH are one task each when their last symbol is there;
 * format 0 and 1 UEs that share a resource are one.
 *
 * ul_pusch_t.progress holds what came, which estimates are done and which symbols were taken, in one word:
 * whoever changes it (fronthaul thread or an estimating task) takes what became ready by one
 * compare-and-swap, so that each symbol is one task's. */
#include "du/phy/slots.h"

#include "lib/core/clock.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define SYMBOL_MASK 0x3fffu
#define HOP_DONE(h) (1u << (14 + (h)))
#define TAKEN_SHIFT 16

/* dB to tenths, kept inside of int16. NaN becomes the lowest. */
static int16_t tenths(float db)
{
    return db > -3000 ? (int16_t)(db < 3000 ? lrintf(db * 10) : 30000) : -30000;
}

static void end_unit(ul_slot_t *s)
{
    if (atomic_fetch_sub_explicit(&s->pending, 1, memory_order_acq_rel) != 1)
        return;
    du_phy_account(s->p, 1, s->last_symbol_ns, s->deadline_ns);
    atomic_store_explicit(&s->state, SLOT_DONE, memory_order_release);
}

/* ---- PUSCH ---- */

static unsigned csi2_size(const ul_pusch_t *u, const uint8_t *csi1)
{
    unsigned v = 0;
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
    ind->sinr_db_x10 = tenths(r->post_sinr_db);
    ind->rssi_dbm_x10 = tenths(r->epre_db);
    ind->timing_advance = r->ta_command;
    /* No energy: the DMRS are not above what noise alone would make of them. */
    ind->dtx = !ind->crc_ok && !(r->sinr_db > -10);
    put_uci(&r->harq_ack, &ind->harq_ack_bits, &ind->harq_crc, ind->harq);
    put_uci(&r->csi1, &ind->csi1_bits, &ind->csi1_crc, ind->csi1);
    put_uci(&r->csi2, &ind->csi2_bits, &ind->csi2_crc, ind->csi2);
    end_unit(s);
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
        pusch_rx_csi2(p->phy, &u->rx, work, csi2_size(u, u->rx.result.csi1.bits), NULL);
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
    ind->sinr_db_x10 = tenths(r->sinr_db);
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
    end_unit(s);
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
    ind->wideband_snr_db_x10 = tenths(r.snr_db);
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
    end_unit(s);
}

static const prach_detector_t *detector(const du_phy_t *p, uint8_t format)
{
    for (unsigned i = 0; i < 2; i++)
        if (p->prach[i] && p->prach_format[i] == format)
            return p->prach[i];
    return NULL;
}

static void task_prach(void *ctx, uint32_t index, uint32_t self)
{
    ul_slot_t *s = ctx;
    ul_occasion_t *o = &s->occasion[index / 7][index % 7];
    prach_detect(detector(s->p, s->prach_pdu[index / 7].format), o->samples, o->ant_stride, o->rep_stride,
                 s->p->work[self].prach, &o->result);
    end_unit(s);
}

/* ---- planning, [slot] ---- */

static void *take_memory(ul_slot_t *s, size_t bytes)
{
    bytes = (bytes + PHY_ALIGN - 1) / PHY_ALIGN * PHY_ALIGN;
    if (bytes > s->p->cfg.ul_bytes - s->memory_used)
        return NULL;
    void *at = s->memory + s->memory_used;
    s->memory_used += bytes;
    return at;
}

/* Soft buffers from the pool; where it has none, of this slot only. */
static bool take_soft(ul_slot_t *s, ul_pusch_t *u, const fapi_pusch_pdu_t *pdu)
{
    unsigned n = u->plan.sch.n_cb;
    u->process = NULL;
    u->cb = NULL;
    if (pdu->tb_bytes == 0)
        return true;
    if (n > HARQ_MAX_BLOCKS)
        return false;
    u->process = harq_acquire(s->p->harq, pdu->rnti, pdu->harq_id, pdu->new_data, pdu->tb_bytes, (uint16_t)n);
    if (u->process) {
        u->cb = u->process->cb;
        return true;
    }
    u->cb = take_memory(s, n * sizeof(sch_rx_cb_t));
    for (unsigned r = 0; u->cb && r < n; r++) {
        u->cb[r] =
            (sch_rx_cb_t){.soft = take_memory(s, LDPC_MAX_SOFT), .bits = take_memory(s, LDPC_MAX_K_BYTES)};
        if (!u->cb[r].soft || !u->cb[r].bits)
            return false;
    }
    return u->cb != NULL;
}

static bool plan_pusch(ul_slot_t *s, const pdu_slot_t *at, const fapi_pusch_pdu_t *pdu, unsigned i)
{
    ul_pusch_t *u = &s->pusch[i];
    pusch_cfg_t cfg;
    phy_refusal_t why;
    uint32_t tb_offset = s->out.rx_bytes;
    if (pdu_pusch(at, pdu, &cfg, &why) || pusch_plan(s->p->phy, &cfg, &u->plan, &why)) {
        du_phy_refused(s->p, s->abs_slot, "PUSCH", pdu->rnti, &why);
        s->p->counters.ul_refused++;
        return false;
    }
    uint32_t tb_room = (pdu->tb_bytes + 63) / 64 * 64;
    void *memory = take_memory(s, pusch_rx_bytes(&u->plan));
    if (!memory || tb_room > FAPI_RX_BYTES - tb_offset || !take_soft(s, u, pdu)) {
        s->p->counters.ul_no_memory++;
        return false;
    }
    s->out.rx_bytes += tb_room;
    s->out.pusch[i].tb_offset = tb_offset;
    u->slot = s;
    u->tb = s->out.rx + tb_offset;
    u->csi2 = pdu->csi2;
    unsigned n_symbols = 0;
    for (unsigned h = 0; h < u->plan.n_hops; h++)
        n_symbols += (unsigned)__builtin_popcount(u->plan.hop[h].symbols);
    atomic_store_explicit(&u->progress, 0, memory_order_relaxed);
    atomic_store_explicit(&u->symbols_left, n_symbols, memory_order_relaxed);
    pusch_rx_begin(&u->rx, &u->plan, &s->grid, u->cb, memory);
    return true;
}

static void plan_pucch(ul_slot_t *s, const pdu_slot_t *at, unsigned i)
{
    const fapi_pucch_pdu_t *pdu = &s->pucch_pdu[i];
    pucch_cfg_t cfg;
    phy_refusal_t why;
    s->pucch_ok[i] = !pdu_pucch(at, pdu, &cfg, &why) && !pucch_plan(s->p->phy, &cfg, &s->pucch[i], &why);
    if (!s->pucch_ok[i]) {
        du_phy_refused(s->p, s->abs_slot, "PUCCH", pdu->rnti, &why);
        s->p->counters.ul_refused++;
        return;
    }
    if (cfg.format <= 1)
        for (unsigned g = 0; g < s->n_groups; g++)
            if (s->group[g].n < PUCCH_MAX_UES &&
                pucch_shared(&s->pucch[s->group[g].index[0]], &s->pucch[i])) {
                s->group[g].index[s->group[g].n++] = (uint16_t)i;
                return;
            }
    ul_pucch_group_t *g = &s->group[s->n_groups++];
    g->n = 1;
    g->index[0] = (uint16_t)i;
}

static void plan_srs(ul_slot_t *s, const pdu_slot_t *at, unsigned i)
{
    const fapi_srs_pdu_t *pdu = &s->srs_pdu[i];
    srs_cfg_t cfg;
    phy_refusal_t why;
    s->srs_ok[i] = !pdu_srs(at, pdu, &cfg, &why) && !srs_plan(s->p->phy, &cfg, &s->srs[i], &why);
    if (!s->srs_ok[i]) {
        du_phy_refused(s->p, s->abs_slot, "SRS", pdu->rnti, &why);
        s->p->counters.ul_refused++;
        return;
    }
    uint32_t room = ((uint32_t)s->srs[i].n_prg * cfg.n_rx * cfg.n_ports * 4 + 63) / 64 * 64;
    if (room > FAPI_RX_BYTES - s->out.rx_bytes) {
        s->srs_ok[i] = false;
        s->p->counters.ul_no_memory++;
        return;
    }
    s->out.srs[i].matrix_offset = s->out.rx_bytes;
    s->out.rx_bytes += room;
}

static void plan_prach(ul_slot_t *s, const pdu_slot_t *at, unsigned i)
{
    prach_cfg_t cfg;
    phy_refusal_t why;
    const fapi_prach_pdu_t *pdu = &s->prach_pdu[i];
    int err = pdu_prach(at, pdu, &cfg, &why);
    if (!err && !detector(s->p, cfg.format))
        err = phy_refuse(&why, "format", pdu->format, "the format of the cell's PRACH configuration");
    s->prach_ok[i] = !err;
    if (err) {
        du_phy_refused(s->p, s->abs_slot, "PRACH", 0, &why);
        s->p->counters.ul_refused++;
    }
    memset(s->occasion[i], 0, sizeof s->occasion[i]);
}

int du_phy_ul(du_phy_t *p, const fapi_dl_slot_t *slab, int64_t deadline_ns)
{
    if (slab->n_pusch + slab->n_pucch + slab->n_srs + slab->n_prach == 0)
        return 0;
    ul_slot_t *s = &p->ul[slab->abs_slot % DU_PHY_SLOTS];
    if (atomic_load_explicit(&s->state, memory_order_acquire) != SLOT_FREE) {
        p->counters.ul_overrun++;
        return -EBUSY;
    }
    s->abs_slot = slab->abs_slot;
    s->deadline_ns = deadline_ns;
    s->memory_used = 0;
    s->n_pusch = slab->n_pusch < FAPI_MAX_PUSCH ? slab->n_pusch : FAPI_MAX_PUSCH;
    s->n_pucch = slab->n_pucch < FAPI_MAX_PUCCH ? slab->n_pucch : FAPI_MAX_PUCCH;
    s->n_srs = slab->n_srs < FAPI_MAX_SRS ? slab->n_srs : FAPI_MAX_SRS;
    s->n_prach = slab->n_prach < FAPI_MAX_PRACH ? slab->n_prach : FAPI_MAX_PRACH;
    s->n_groups = 0;
    memcpy(s->pusch_pdu, slab->pusch, s->n_pusch * sizeof *s->pusch_pdu);
    memcpy(s->pucch_pdu, slab->pucch, s->n_pucch * sizeof *s->pucch_pdu);
    memcpy(s->srs_pdu, slab->srs, s->n_srs * sizeof *s->srs_pdu);
    memcpy(s->prach_pdu, slab->prach, s->n_prach * sizeof *s->prach_pdu);
    memset(&s->out, 0, offsetof(fapi_ul_slot_t, rx));
    s->out.abs_slot = slab->abs_slot;
    s->out.n_pusch = (uint8_t)s->n_pusch;
    s->out.n_uci = (uint8_t)s->n_pucch;
    s->out.n_srs = (uint8_t)s->n_srs;
    atomic_store_explicit(&s->arrived, 0, memory_order_relaxed);

    pdu_slot_t at = du_phy_pdu_slot(p, slab->abs_slot);
    unsigned units = 1; /* the slot itself, until all symbols came */
    for (unsigned i = 0; i < s->n_pusch; i++) {
        const fapi_pusch_pdu_t *pdu = &s->pusch_pdu[i];
        s->out.pusch[i] = (fapi_pusch_ind_t){.rnti = pdu->rnti,
                                             .handle = pdu->handle,
                                             .harq_id = pdu->harq_id,
                                             .timing_advance = 0xffff,
                                             .harq_crc = 1,
                                             .csi1_crc = 1,
                                             .csi2_crc = 1};
        s->pusch[i].process = NULL;
        s->pusch_ok[i] = plan_pusch(s, &at, pdu, i);
        s->out.pusch[i].dtx = !s->pusch_ok[i];
        units += s->pusch_ok[i];
    }
    for (unsigned i = 0; i < s->n_pucch; i++) {
        s->out.uci[i] = (fapi_uci_ind_t){.rnti = s->pucch_pdu[i].rnti,
                                         .handle = s->pucch_pdu[i].handle,
                                         .format = s->pucch_pdu[i].format,
                                         .timing_advance = 0xffff,
                                         .dtx = 1};
        plan_pucch(s, &at, i);
    }
    for (unsigned i = 0; i < s->n_srs; i++) {
        s->out.srs[i] = (fapi_srs_ind_t){
            .rnti = s->srs_pdu[i].rnti, .handle = s->srs_pdu[i].handle, .timing_advance = 0xffff};
        plan_srs(s, &at, i);
        units += s->srs_ok[i];
    }
    for (unsigned i = 0; i < s->n_prach; i++) {
        plan_prach(s, &at, i);
        units += s->prach_ok[i] ? s->prach_pdu[i].n_occasions : 0;
    }
    units += s->n_groups;
    atomic_store_explicit(&s->pending, units, memory_order_relaxed);
    p->counters.ul_slots++;
    atomic_store_explicit(&s->state, SLOT_RUNNING, memory_order_release);
    return 0;
}

/* ---- [fronthaul] ---- */

static ul_slot_t *running(du_phy_t *p, uint64_t abs_slot)
{
    ul_slot_t *s = &p->ul[abs_slot % DU_PHY_SLOTS];
    bool is =
        atomic_load_explicit(&s->state, memory_order_acquire) == SLOT_RUNNING && s->abs_slot == abs_slot;
    return is ? s : NULL;
}

const phy_grid_t *du_phy_ul_grid(du_phy_t *p, uint64_t abs_slot)
{
    ul_slot_t *s = running(p, abs_slot);
    return s ? &s->grid : NULL;
}

static void symbol_came(ul_slot_t *s, unsigned symbol)
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
        end_unit(s);
}

void du_phy_ul_symbol(du_phy_t *p, uint64_t abs_slot, unsigned symbol)
{
    ul_slot_t *s = running(p, abs_slot);
    if (!s || symbol >= PHY_SYMBOLS ||
        (atomic_load_explicit(&s->arrived, memory_order_relaxed) >> symbol & 1)) {
        p->counters.ul_stray++;
        return;
    }
    symbol_came(s, symbol);
}

void du_phy_ul_prach(du_phy_t *p, uint64_t abs_slot, unsigned pdu, unsigned i, const ci16_t *samples,
                     size_t ant_stride, size_t rep_stride)
{
    ul_slot_t *s = running(p, abs_slot);
    if (!s || pdu >= s->n_prach || !s->prach_ok[pdu] || i >= s->prach_pdu[pdu].n_occasions ||
        s->occasion[pdu][i].came || s->occasion[pdu][i].given_up) {
        p->counters.ul_stray++;
        return;
    }
    s->occasion[pdu][i] =
        (ul_occasion_t){.samples = samples, .ant_stride = ant_stride, .rep_stride = rep_stride, .came = true};
    workers_submit(p->workers, WORK_UL, task_prach, s, pdu * 7 + i, SELF_FRONTHAUL);
}

void du_phy_ul_close(du_phy_t *p, uint64_t abs_slot)
{
    ul_slot_t *s = running(p, abs_slot);
    if (!s)
        return;
    for (unsigned i = 0; i < s->n_prach; i++)
        for (unsigned k = 0; s->prach_ok[i] && k < s->prach_pdu[i].n_occasions; k++)
            if (!s->occasion[i][k].came && !s->occasion[i][k].given_up) {
                s->occasion[i][k].given_up = true;
                p->counters.ul_missing++;
                end_unit(s);
            }
    for (unsigned l = 0; l < PHY_SYMBOLS; l++)
        if (!(atomic_load_explicit(&s->arrived, memory_order_relaxed) >> l & 1)) {
            for (unsigned a = 0; a < s->grid.n_ant; a++)
                memset(phy_grid_symbol(&s->grid, a, l), 0, s->grid.n_sc * sizeof(ci16_t));
            p->counters.ul_missing++;
            symbol_came(s, l);
        }
}

/* ---- [slot] ---- */

/* OFDM symbols from one occasion to the next in a slot, by format: TS 38.211 tables 6.3.3.2-2 to -4. */
static const uint8_t occasion_symbols[PRACH_N_FORMATS] = {0, 0, 0, 0, 2, 4, 6, 2, 4, 6, 12, 2, 6};

/* PRACH occasions hold any number of preambles: their indications are put together here, once. */
static void put_preambles(ul_slot_t *s)
{
    s->out.n_rach = 0;
    for (unsigned i = 0; i < s->n_prach; i++)
        for (unsigned k = 0; s->prach_ok[i] && k < s->prach_pdu[i].n_occasions; k++) {
            const ul_occasion_t *o = &s->occasion[i][k];
            for (unsigned f = 0; o->came && f < o->result.n_found && s->out.n_rach < FAPI_MAX_PREAMBLES;
                 f++) {
                const prach_found_t *found = &o->result.found[f];
                uint8_t n = occasion_symbols[s->prach_pdu[i].format];
                s->out.rach[s->out.n_rach++] = (fapi_rach_ind_t){
                    .symbol_index = (uint8_t)(s->prach_pdu[i].start_symbol + k * n),
                    .slot_index = (uint8_t)slot_in_frame(s->abs_slot, s->p->cfg.cell.mu),
                    .ra_index = s->prach_pdu[i].index,
                    .preamble_index = found->preamble,
                    .timing_advance = found->timing_advance,
                    .power_db_x10 = tenths(found->power_dbfs),
                };
            }
        }
}

const fapi_ul_slot_t *du_phy_ul_take(du_phy_t *p, uint64_t abs_slot)
{
    ul_slot_t *s = &p->ul[abs_slot % DU_PHY_SLOTS];
    if (atomic_load_explicit(&s->state, memory_order_acquire) != SLOT_DONE || s->abs_slot != abs_slot)
        return NULL;
    put_preambles(s);
    return &s->out;
}

void du_phy_ul_release(du_phy_t *p, uint64_t abs_slot)
{
    ul_slot_t *s = &p->ul[abs_slot % DU_PHY_SLOTS];
    if (atomic_load_explicit(&s->state, memory_order_acquire) != SLOT_DONE || s->abs_slot != abs_slot)
        return;
    for (unsigned i = 0; i < s->n_pusch; i++)
        if (s->pusch[i].process)
            harq_commit(p->harq, s->pusch[i].process, s->out.pusch[i].crc_ok);
    atomic_store_explicit(&s->state, SLOT_FREE, memory_order_release);
}
