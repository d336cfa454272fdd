/* SPDX-License-Identifier: Apache-2.0 */
/* Does a grant hold? Everything a plugin may get wrong is checked here against the standard and against what
 * was offered in this very call; nothing of it is trusted. [slot] */
#include "du/sched/internal.h"
#include "lib/mac/mcs.h"

/* Bits of `m` where a run of set PRBs begins, or has just ended. */
static void edges(const uint64_t m[PRB_WORDS], uint64_t ret[PRB_WORDS])
{
    uint64_t carry = 0;
    for (uint32_t w = 0; w < PRB_WORDS; w++) {
        ret[w] = m[w] ^ (m[w] << 1 | carry);
        carry = m[w] >> 63;
    }
}

static bool whole_rbgs(const side_t *side, const uint64_t m[PRB_WORDS])
{
    uint64_t e[PRB_WORDS], bad = 0;
    edges(m, e);
    for (uint32_t w = 0; w < PRB_WORDS; w++)
        bad |= e[w] & ~side->rbg_starts[w];
    return bad == 0;
}

/* First and last set bit; the mask is not empty. */
static void extent(const uint64_t m[PRB_WORDS], uint32_t *first, uint32_t *last)
{
    uint32_t a = 0, b = PRB_WORDS - 1;
    while (!m[a])
        a++;
    while (!m[b])
        b--;
    *first = 64 * a + (uint32_t)__builtin_ctzll(m[a]);
    *last = 64 * b + 63 - (uint32_t)__builtin_clzll(m[b]);
}

/* The candidate: is it one, is it free; or finds one. */
static uint32_t take_cces(const sched_t *s, const vtn_ues_t *ues, const vtn_grant_t *g,
                          uint64_t free_cces[PDCCH_CCE_WORDS], sched_grant_t *ret)
{
    uint32_t level = g->aggregation_level, index = (uint32_t)__builtin_ctz(level | 0x80);
    if (level == 0 || level & (level - 1) || index >= PDCCH_LEVELS || index < ues->cce_level[g->ue])
        return VTN_REFUSED_CCE;
    const uint8_t *of = ues->cce + (size_t)g->ue * PDCCH_LEVELS * PDCCH_MAX_CANDIDATES;
    bool any = g->first_cce == VTN_CCE_ANY, known = false;
    for (; index < PDCCH_LEVELS; index++) {
        for (uint32_t i = 0; i < PDCCH_MAX_CANDIDATES; i++) {
            uint32_t first = of[index * PDCCH_MAX_CANDIDATES + i], n = 1u << index;
            if (first == PDCCH_NO_CCE)
                break;
            if (!any && first != g->first_cce)
                continue;
            known = true;
            if (first + n <= s->n_cce && cce_test(free_cces, first, n)) {
                cce_clear(free_cces, first, n);
                ret->first_cce = (uint16_t)first;
                ret->aggregation_level = (uint8_t)n;
                return 0;
            }
        }
        if (!any)
            break;
    }
    return known ? VTN_REFUSED_CCE_BUSY : VTN_REFUSED_CCE;
}

uint32_t grant_check(sched_t *s, const sched_slot_t *in, const vtn_grant_t *g,
                     uint64_t free_prbs[2][SCHED_MAX_OPTIONS][PRB_WORDS], uint64_t free_cces[PDCCH_CCE_WORDS],
                     sched_grant_t *ret)
{
    /* where */
    if (g->dir > VTN_UL || in->dir[g->dir].n_options == 0)
        return VTN_REFUSED_DIRECTION;
    const sched_direction_t *d = &in->dir[g->dir];
    side_t *side = &s->side[g->dir];
    const vtn_ues_t *u = &side->view;
    if (g->slot_index >= d->n_options)
        return VTN_REFUSED_SLOT;

    /* who */
    if (g->ue >= s->cfg.max_ues || s->generation[g->ue] == 0 || side->active_in[g->ue] != s->run)
        return VTN_REFUSED_UE;
    if (s->generation[g->ue] != g->ue_generation)
        return VTN_REFUSED_GENERATION;
    if (side->granted_in[g->slot_index][g->ue] == s->run)
        return VTN_REFUSED_TWICE;
    uint8_t reserved = g->mu_group | g->dmrs_ports;
    for (size_t i = 0; i < sizeof g->reserved; i++)
        reserved |= g->reserved[i];
    if (reserved || g->is_retx > 1)
        return VTN_REFUSED_RESERVED;

    /* PRBs */
    uint64_t *left = free_prbs[g->dir][g->slot_index];
    uint64_t any = 0, taken = 0;
    for (uint32_t w = 0; w < PRB_WORDS; w++) {
        any |= g->prbs.bits[w];
        taken |= g->prbs.bits[w] & ~left[w];
    }
    if (!any)
        return VTN_REFUSED_PRB_EMPTY;
    if (taken)
        return VTN_REFUSED_PRB_BUSY;
    uint32_t n_prb = prb_count(g->prbs.bits), first, last;
    extent(g->prbs.bits, &first, &last);
    bool shape = u->alloc_type[g->ue] == VTN_ALLOC_CONTIGUOUS ? last - first + 1 == n_prb
                                                              : whole_rbgs(side, g->prbs.bits);
    if (!shape || n_prb > u->max_prb[g->ue])
        return VTN_REFUSED_PRB_SHAPE;

    /* what: HARQ, layers, MCS, size */
    uint8_t table = u->mcs_table[g->ue];
    uint16_t re = d->re_per_prb[g->slot_index];
    uint32_t tbs;
    if (g->is_retx) {
        if (u->harq_retx[g->ue] == VTN_NONE || g->harq_id != u->harq_retx[g->ue])
            return VTN_REFUSED_HARQ;
        if (g->layers != u->retx_layers[g->ue])
            return VTN_REFUSED_LAYERS;
        tbs = u->retx_tbs_bytes[g->ue];
        mcs_t row;
        if (!mcs_get(table, g->mcs, &row))
            return VTN_REFUSED_MCS;
        if (row.rate_x10 == 0 ? g->mcs != u->retx_mcs_any[g->ue]
                              : tbs_bytes(table, g->mcs, re, (uint16_t)n_prb, g->layers) != tbs)
            return VTN_REFUSED_TBS;
    } else {
        if (u->harq_new[g->ue] == VTN_NONE || g->harq_id != u->harq_new[g->ue])
            return VTN_REFUSED_HARQ;
        if (g->layers < 1 || g->layers > u->max_layers[g->ue])
            return VTN_REFUSED_LAYERS;
        if (g->mcs > u->mcs_max[g->ue])
            return VTN_REFUSED_MCS;
        tbs = tbs_bytes(table, g->mcs, re, (uint16_t)n_prb, g->layers);
    }
    if (tbs == 0)
        return VTN_REFUSED_TBS;

    /* when the answer comes */
    if (g->dir == VTN_DL && g->k1 != VTN_K1_ANY && (g->k1 > 15 || !(u->k1_mask[g->ue] >> g->k1 & 1)))
        return VTN_REFUSED_K1;

    /* PDCCH last: it takes something */
    sched_grant_t out = {.prb_start = (uint16_t)first,
                         .n_prb = (uint16_t)n_prb,
                         .ue = g->ue,
                         .tbs_bytes = tbs,
                         .dir = g->dir,
                         .option = g->slot_index,
                         .k = d->k[g->slot_index],
                         .tda_row = d->tda_row[g->slot_index],
                         .mcs = g->mcs,
                         .mcs_table = table,
                         .layers = g->layers,
                         .harq_id = g->harq_id,
                         .is_retx = g->is_retx,
                         .k1 = g->dir == VTN_DL ? g->k1 : VTN_K1_ANY,
                         .lc_first = g->lc_first,
                         .beam = g->beam};
    uint32_t reason = take_cces(s, u, g, free_cces, &out);
    if (reason)
        return reason;
    for (uint32_t w = 0; w < PRB_WORDS; w++) {
        out.prbs[w] = g->prbs.bits[w];
        left[w] &= ~g->prbs.bits[w];
    }
    side->granted_in[g->slot_index][g->ue] = s->run;
    *ret = out;
    return 0;
}
