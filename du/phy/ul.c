/* SPDX-License-Identifier: Apache-2.0 */
/* An uplink slot from its PDUs to its indications: the slot thread plans it before its first symbol, the
 * fronthaul thread says what came (the tasks of ul_tasks.c follow), the slot thread takes the result. */
#include "du/phy/slots.h"

#include "lib/core/clock.h"

#include <errno.h>
#include <string.h>

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
    if (!err && !ul_detector(s->p, cfg.format))
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

void du_phy_ul_symbol(du_phy_t *p, uint64_t abs_slot, unsigned symbol)
{
    ul_slot_t *s = running(p, abs_slot);
    if (!s || symbol >= PHY_SYMBOLS ||
        (atomic_load_explicit(&s->arrived, memory_order_relaxed) >> symbol & 1)) {
        p->counters.ul_stray++;
        return;
    }
    ul_symbol_came(s, symbol);
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
    workers_submit(p->workers, WORK_UL, ul_task_prach, s, pdu * 7 + i, SELF_FRONTHAUL);
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
                ul_end_unit(s);
            }
    for (unsigned l = 0; l < PHY_SYMBOLS; l++)
        if (!(atomic_load_explicit(&s->arrived, memory_order_relaxed) >> l & 1)) {
            for (unsigned a = 0; a < s->grid.n_ant; a++)
                memset(phy_grid_symbol(&s->grid, a, l), 0, s->grid.n_sc * sizeof(ci16_t));
            p->counters.ul_missing++;
            ul_symbol_came(s, l);
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
                    .power_db_x10 = ul_tenths(found->power_dbfs),
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
