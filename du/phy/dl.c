/* SPDX-License-Identifier: Apache-2.0 */
/* A downlink slot: plan every PDU on the slot thread, then tasks: code blocks, signals, control channels. The
 * grid is clean when a slot begins (du_phy_dl_release clears it), so that tasks need no order among
 * themselves; only PDSCHs that add onto the same REs (several users on one set of PRBs) run one after the
 * other, behind all others. */
#include "du/phy/slots.h"

#include "lib/core/clock.h"

#include <errno.h>
#include <string.h>

static void end_task(dl_slot_t *s)
{
    if (atomic_fetch_sub_explicit(&s->pending, 1, memory_order_acq_rel) != 1)
        return;
    du_phy_account(s->p, 0, s->begin_ns, s->deadline_ns);
    atomic_store_explicit(&s->state, SLOT_DONE, memory_order_release);
}

static void task_code_block(void *ctx, uint32_t index, uint32_t self)
{
    dl_slot_t *s = ctx;
    const dl_pdsch_t *d = &s->pdsch[index >> 16];
    pdsch_code_block(s->p->phy, &d->plan, d->tb, d->tb_crc, index & 0xffff, s->p->work[self].pdsch, &s->grid);
    end_task(s);
}

static void task_signals(void *ctx, uint32_t index, uint32_t self)
{
    dl_slot_t *s = ctx;
    pdsch_signals(s->p->phy, &s->pdsch[index].plan, s->p->work[self].pdsch, &s->grid);
    end_task(s);
}

/* The block's CRC first, which its code blocks need. */
static void task_pdsch(void *ctx, uint32_t index, uint32_t self)
{
    dl_slot_t *s = ctx;
    dl_pdsch_t *d = &s->pdsch[index];
    d->tb_crc = pdsch_tb_crc(s->p->phy, &d->plan, d->tb);
    atomic_fetch_add_explicit(&s->pending, d->plan.n_code_blocks + 1u, memory_order_relaxed);
    workers_submit(s->p->workers, WORK_DL, task_signals, s, index, self);
    for (uint32_t r = 0; r < d->plan.n_code_blocks; r++)
        workers_submit(s->p->workers, WORK_DL, task_code_block, s, index << 16 | r, self);
    end_task(s);
}

static void task_adding(void *ctx, uint32_t index, uint32_t self)
{
    (void)index;
    dl_slot_t *s = ctx;
    for (unsigned i = 0; i < s->n_pdsch; i++)
        if (s->pdsch[i].plan.cfg.add)
            pdsch_run(s->p->phy, &s->pdsch[i].plan, s->pdsch[i].tb, s->p->work[self].pdsch, &s->grid);
    end_task(s);
}

static void task_pdcch(void *ctx, uint32_t index, uint32_t self)
{
    (void)self;
    dl_slot_t *s = ctx;
    pdcch_tx_run(s->p->phy, &s->pdcch[index], s->dci[index], &s->grid);
    end_task(s);
}

static void task_ssb(void *ctx, uint32_t index, uint32_t self)
{
    (void)self;
    dl_slot_t *s = ctx;
    ssb_run(s->p->phy, &s->ssb[index], &s->grid);
    end_task(s);
}

static void task_csi_rs(void *ctx, uint32_t index, uint32_t self)
{
    (void)self;
    dl_slot_t *s = ctx;
    csi_rs_run(s->p->phy, &s->csi_rs[index], &s->grid);
    end_task(s);
}

/* The matrix that a PRG of a PDU asks for, or NULL for identity. -EINVAL: an index that means nothing. */
static int precoder(dl_slot_t *s, const fapi_dl_slot_t *slab, uint16_t pm_idx, uint16_t beam_idx,
                    unsigned n_layers, const precoding_t **ret, phy_refusal_t *why)
{
    du_phy_t *p = s->p;
    *ret = NULL;
    if (beam_idx >= FAPI_DYNAMIC_BEAM && !p->cfg.category_b) {
        unsigned w = beam_idx - FAPI_DYNAMIC_BEAM;
        const fapi_weights_t *t = &slab->weights;
        if (t->n_trx != s->grid.n_ant || t->n_trx > PHY_MAX_PORTS)
            return phy_refuse(why, "weights.n_trx", t->n_trx, "as many as the grid has antennas, at most 8");
        if (t->n_weights > FAPI_MAX_WEIGHTS || w + n_layers > t->n_weights)
            return phy_refuse(why, "beam_idx", beam_idx, "weights of this slot for every layer");
        precoding_t *m = &s->weights[w][n_layers - 1];
        if (!(s->weights_made[w] >> (n_layers - 1) & 1)) {
            cf_t matrix[PHY_MAX_PORTS * PHY_MAX_LAYERS];
            for (unsigned a = 0; a < t->n_trx; a++)
                for (unsigned v = 0; v < n_layers; v++)
                    matrix[a * n_layers + v] =
                        (cf_t){t->iq[w + v][a][0] / 32768.0f, t->iq[w + v][a][1] / 32768.0f};
            int err = precoding_set(t->n_trx, n_layers, matrix, m, why);
            if (err)
                return err;
            s->weights_made[w] |= (uint8_t)(1u << (n_layers - 1));
        }
        *ret = m;
        return 0;
    }
    if (pm_idx == 0)
        return 0;
    if (pm_idx >= DU_PHY_MAX_PRECODING || !p->precoding_set[pm_idx])
        return phy_refuse(why, "pm_idx", pm_idx, "an index that du_phy_set_precoding has set");
    if (p->precoding[pm_idx].n_layers != n_layers)
        return phy_refuse(why, "pm_idx", pm_idx, "a matrix of as many layers as the PDU has");
    *ret = &p->precoding[pm_idx];
    return 0;
}

/* Category B: layers go out as they are, each on the stream of its DMRS port. */
static void streams(dl_slot_t *s, dl_pdsch_t *d, pdsch_cfg_t *cfg, precoding_t *matrix)
{
    memset(matrix, 0, sizeof *matrix);
    matrix->n_layers = cfg->n_layers;
    matrix->n_ports = s->grid.n_ant;
    unsigned layer = 0;
    for (unsigned port = 0; port < 16 && layer < cfg->n_layers; port++)
        if (cfg->dmrs_ports >> port & 1) {
            if (port < matrix->n_ports && layer < PHY_MAX_LAYERS)
                matrix->w[port][layer] = (ci16_t){PRECODING_ONE, 0};
            layer++;
        }
    d->prg[0] = matrix;
    cfg->n_prgs = 1;
    cfg->prg_size = 0;
    cfg->prg = d->prg;
}

static int precode_pdsch(dl_slot_t *s, const fapi_dl_slot_t *slab, const fapi_pdsch_pdu_t *pdu, unsigned i,
                         pdsch_cfg_t *cfg, phy_refusal_t *why)
{
    dl_pdsch_t *d = &s->pdsch[i];
    const fapi_precoding_t *pc = &pdu->precoding;
    if (cfg->n_layers == 0 || cfg->n_layers > PHY_MAX_LAYERS)
        return phy_refuse(why, "n_layers", cfg->n_layers, "1..4");
    if (s->p->cfg.category_b) {
        if (cfg->dmrs_ports >> s->grid.n_ant)
            return phy_refuse(why, "dmrs_ports", cfg->dmrs_ports, "ports below the number of streams");
        if (cfg->dmrs_ports + 1u != 1u << cfg->n_layers) /* not simply layer i on stream i */
            streams(s, d, cfg, &d->streams);
        return 0;
    }
    if (pc->n_prgs > FAPI_MAX_PRG)
        return phy_refuse(why, "precoding.n_prgs", pc->n_prgs, "0..69");
    bool any = false;
    for (unsigned g = 0; g < pc->n_prgs; g++) {
        int err = precoder(s, slab, pc->pm_idx[g], pc->beam_idx[g], cfg->n_layers, &d->prg[g], why);
        if (err)
            return err;
        any |= d->prg[g] != NULL;
    }
    if (!any)
        return 0;
    for (unsigned g = 0; g < pc->n_prgs; g++)
        if (!d->prg[g]) {
            precoding_identity(s->grid.n_ant, cfg->n_layers, &d->streams);
            d->prg[g] = &d->streams;
        }
    cfg->prg = d->prg;
    cfg->n_prgs = pc->n_prgs;
    cfg->prg_size = pc->n_prgs > 1 ? pc->prg_size : 0;
    return 0;
}

static bool prbs_meet(const pdsch_plan_t *a, const pdsch_plan_t *b)
{
    for (unsigned w = 0; w < PDSCH_PRB_WORDS; w++)
        if (a->prb[w] & b->prb[w])
            return true;
    return false;
}

/* Two PDSCHs of one slot that share PRBs and symbols are users told apart in space: both add. */
static void find_adding(dl_slot_t *s)
{
    for (unsigned i = 0; i < s->n_pdsch; i++)
        for (unsigned k = i + 1; k < s->n_pdsch; k++) {
            pdsch_plan_t *a = &s->pdsch[i].plan, *b = &s->pdsch[k].plan;
            bool together = a->cfg.start_symbol < b->cfg.start_symbol + b->cfg.n_symbols &&
                            b->cfg.start_symbol < a->cfg.start_symbol + a->cfg.n_symbols;
            if (together && prbs_meet(a, b))
                a->cfg.add = b->cfg.add = s->has_adding = true;
        }
}

static void plan_pdsch(dl_slot_t *s, const pdu_slot_t *at, const fapi_dl_slot_t *slab)
{
    const csi_rs_plan_t *csi_rs[FAPI_MAX_CSI_RS] = {0};
    for (unsigned i = 0; i < slab->n_csi_rs && i < FAPI_MAX_CSI_RS; i++)
        csi_rs[i] = s->csi_rs[i].cfg.n_rbs ? &s->csi_rs[i] : NULL;
    for (unsigned i = 0; i < slab->n_pdsch && i < FAPI_MAX_PDSCH; i++) {
        const fapi_pdsch_pdu_t *pdu = &slab->pdsch[i];
        dl_pdsch_t *d = &s->pdsch[s->n_pdsch];
        pdsch_cfg_t cfg;
        phy_refusal_t why;
        if (pdu_pdsch(at, slab, pdu, &cfg, &why) || precode_pdsch(s, slab, pdu, s->n_pdsch, &cfg, &why)) {
            du_phy_refused(s->p, s->abs_slot, "PDSCH", pdu->rnti, &why);
            s->p->counters.dl_refused++;
            continue;
        }
        cfg.n_reserved = (uint16_t)pdu_pdsch_reserved(at, slab, pdu, csi_rs, s->reserved);
        cfg.reserved = s->reserved;
        if (pdsch_plan(s->p->phy, &cfg, s->grid.n_ant, &d->plan, &why)) {
            du_phy_refused(s->p, s->abs_slot, "PDSCH", pdu->rnti, &why);
            s->p->counters.dl_refused++;
            continue;
        }
        d->tb = slab->tx + pdu->tb_offset;
        s->n_pdsch++;
    }
    find_adding(s);
}

static void plan_pdcch(dl_slot_t *s, const pdu_slot_t *at, const fapi_pdcch_pdu_t *pdus, unsigned n)
{
    for (unsigned i = 0; i < n && i < FAPI_MAX_DCI; i++) {
        pdcch_tx_cfg_t cfg;
        phy_refusal_t why;
        if (pdu_pdcch(at, &pdus[i], &cfg, &why) ||
            pdcch_tx_plan(&cfg, s->grid.n_ant, &s->pdcch[s->n_pdcch], &why)) {
            du_phy_refused(s->p, s->abs_slot, "PDCCH", pdus[i].rnti, &why);
            s->p->counters.dl_refused++;
            continue;
        }
        memcpy(s->dci[s->n_pdcch++], pdus[i].payload, sizeof *s->dci);
    }
}

static void plan_csi_rs(dl_slot_t *s, const pdu_slot_t *at, const fapi_dl_slot_t *slab)
{
    for (unsigned i = 0; i < slab->n_csi_rs && i < FAPI_MAX_CSI_RS; i++) {
        csi_rs_cfg_t cfg;
        phy_refusal_t why;
        s->csi_rs[i].cfg.n_rbs = 0; /* none, until it is planned: PDSCHs look here by index */
        if (pdu_csi_rs(at, &slab->csi_rs[i], &cfg, &why) ||
            csi_rs_plan(&cfg, s->grid.n_ant, &s->csi_rs[i], &why)) {
            du_phy_refused(s->p, s->abs_slot, "CSI-RS", 0, &why);
            s->p->counters.dl_refused++;
        }
        s->n_csi_rs = (uint16_t)(i + 1);
    }
}

static void plan_ssb(dl_slot_t *s, const pdu_slot_t *at, const fapi_dl_slot_t *slab)
{
    for (unsigned i = 0; i < slab->n_ssb && i < FAPI_MAX_SSB; i++) {
        phy_refusal_t why;
        if (pdu_ssb(at, &slab->ssb[i], &s->ssb[s->n_ssb], &why) ||
            ssb_check(&s->ssb[s->n_ssb], s->grid.n_sc, s->grid.n_ant, &why)) {
            du_phy_refused(s->p, s->abs_slot, "SSB", 0, &why);
            s->p->counters.dl_refused++;
            continue;
        }
        s->n_ssb++;
    }
}

int du_phy_dl(du_phy_t *p, const fapi_dl_slot_t *slab, int64_t deadline_ns)
{
    dl_slot_t *s = &p->dl[slab->abs_slot % DU_PHY_SLOTS];
    if (atomic_load_explicit(&s->state, memory_order_acquire) != SLOT_FREE) {
        p->counters.dl_overrun++;
        return -EBUSY;
    }
    s->begin_ns = time_ns(CLOCK_MONOTONIC);
    s->deadline_ns = deadline_ns;
    s->abs_slot = slab->abs_slot;
    s->n_pdsch = s->n_pdcch = s->n_ssb = s->n_csi_rs = 0;
    s->has_adding = false;
    memset(s->weights_made, 0, sizeof s->weights_made);
    atomic_store_explicit(&s->pending, 1, memory_order_relaxed);
    atomic_store_explicit(&s->state, SLOT_RUNNING, memory_order_relaxed);
    p->counters.dl_slots++;

    pdu_slot_t at = du_phy_pdu_slot(p, slab->abs_slot);
    plan_csi_rs(s, &at, slab);
    plan_ssb(s, &at, slab);
    plan_pdsch(s, &at, slab);
    plan_pdcch(s, &at, slab->pdcch, slab->n_pdcch);
    plan_pdcch(s, &at, slab->ul_dci, slab->n_ul_dci);

    unsigned tasks = s->has_adding;
    for (unsigned i = 0; i < s->n_pdsch; i++)
        tasks += !s->pdsch[i].plan.cfg.add;
    for (unsigned i = 0; i < s->n_csi_rs; i++)
        tasks += s->csi_rs[i].cfg.n_rbs != 0;
    tasks += s->n_pdcch + s->n_ssb;
    s->dirty = tasks > 0;
    atomic_fetch_add_explicit(&s->pending, tasks, memory_order_relaxed);
    for (unsigned i = 0; i < s->n_pdsch; i++)
        if (!s->pdsch[i].plan.cfg.add)
            workers_submit(p->workers, WORK_DL, task_pdsch, s, i, SELF_SLOT);
    if (s->has_adding)
        workers_submit(p->workers, WORK_DL, task_adding, s, 0, SELF_SLOT);
    for (unsigned i = 0; i < s->n_pdcch; i++)
        workers_submit(p->workers, WORK_DL, task_pdcch, s, i, SELF_SLOT);
    for (unsigned i = 0; i < s->n_ssb; i++)
        workers_submit(p->workers, WORK_DL, task_ssb, s, i, SELF_SLOT);
    for (unsigned i = 0; i < s->n_csi_rs; i++)
        if (s->csi_rs[i].cfg.n_rbs)
            workers_submit(p->workers, WORK_DL, task_csi_rs, s, i, SELF_SLOT);
    end_task(s);
    return 0;
}

const phy_grid_t *du_phy_dl_grid(du_phy_t *p, uint64_t abs_slot)
{
    dl_slot_t *s = &p->dl[abs_slot % DU_PHY_SLOTS];
    bool ready =
        atomic_load_explicit(&s->state, memory_order_acquire) == SLOT_DONE && s->abs_slot == abs_slot;
    return ready ? &s->grid : NULL;
}

void du_phy_dl_release(du_phy_t *p, uint64_t abs_slot)
{
    dl_slot_t *s = &p->dl[abs_slot % DU_PHY_SLOTS];
    if (atomic_load_explicit(&s->state, memory_order_acquire) != SLOT_DONE || s->abs_slot != abs_slot)
        return;
    if (s->dirty)
        for (unsigned a = 0; a < s->grid.n_ant; a++)
            for (unsigned l = 0; l < s->grid.n_symbols; l++)
                memset(phy_grid_symbol(&s->grid, a, l), 0, s->grid.n_sc * sizeof(ci16_t));
    atomic_store_explicit(&s->state, SLOT_FREE, memory_order_release);
}
