/* SPDX-License-Identifier: Apache-2.0 */
/* vitran/sched_util.h: what nearly every scheduler needs, header-only and no part of the ABI: PRB masks,
 * taking PRBs for either allocation type, taking a PDCCH candidate, how many PRBs some bytes want. All [any],
 * no state. */
#ifndef VITRAN_SCHED_UTIL_H
#define VITRAN_SCHED_UTIL_H

#include <string.h>

#include "vitran/plugin.h"

/* ---- PRB masks ---- */

static inline uint32_t vtn_prb_count(const vtn_prb_mask_t *m)
{
    uint32_t n = 0;
    for (int w = 0; w < 5; w++)
        n += (uint32_t)__builtin_popcountll(m->bits[w]);
    return n;
}

static inline void vtn_prb_set(vtn_prb_mask_t *m, uint32_t start, uint32_t n)
{
    while (n > 0) {
        uint32_t at = start & 63, here = 64 - at < n ? 64 - at : n;
        m->bits[start >> 6] |= (here == 64 ? ~UINT64_C(0) : ((UINT64_C(1) << here) - 1)) << at;
        start += here;
        n -= here;
    }
}

static inline void vtn_prb_remove(vtn_prb_mask_t *m, const vtn_prb_mask_t *taken)
{
    for (int w = 0; w < 5; w++)
        m->bits[w] &= ~taken->bits[w];
}

/* First bit at or after `from` that is `set`; 320: none. */
static inline uint32_t vtn_prb_next(const vtn_prb_mask_t *m, uint32_t from, int set)
{
    for (uint32_t w = from >> 6; w < 5; w++) {
        uint64_t v = set ? m->bits[w] : ~m->bits[w];
        if (w == from >> 6)
            v &= ~UINT64_C(0) << (from & 63);
        if (v)
            return 64 * w + (uint32_t)__builtin_ctzll(v);
    }
    return 320;
}

/* Longest run of free PRBs; 0: none. */
static inline uint32_t vtn_prb_longest(const vtn_prb_mask_t *m, uint32_t *ret_start)
{
    uint32_t best = 0;
    for (uint32_t s = vtn_prb_next(m, 0, 1); s < 320;) {
        uint32_t e = vtn_prb_next(m, s, 0);
        if (e - s > best) {
            best = e - s;
            *ret_start = s;
        }
        s = e < 320 ? vtn_prb_next(m, e, 1) : 320;
    }
    return best;
}

/* Takes up to `want` PRBs out of *free_prbs as the allocation type asks and sets them in *ret (which is
 * overwritten). Contiguous: the shortest run that holds them all, or else the longest one. RBGs: whole ones,
 * from below; it may be more than `want` by less than one RBG, never more than `most`. Returns how many. */
static inline uint32_t vtn_prb_take(vtn_prb_mask_t *free_prbs, uint32_t want, uint32_t most,
                                    uint8_t alloc_type, const vtn_direction_t *d, vtn_prb_mask_t *ret)
{
    uint32_t got = 0;
    memset(ret, 0, sizeof *ret);
    if (want > most)
        want = most;
    if (want == 0)
        return 0;
    if (alloc_type == VTN_ALLOC_CONTIGUOUS) {
        uint32_t start = 0, len = 0;
        for (uint32_t s = vtn_prb_next(free_prbs, 0, 1); s < 320;) {
            uint32_t e = vtn_prb_next(free_prbs, s, 0), n = e - s;
            if (len < want ? n > len : n >= want && n < len) {
                start = s;
                len = n;
            }
            s = e < 320 ? vtn_prb_next(free_prbs, e, 1) : 320;
        }
        got = len < want ? len : want;
        vtn_prb_set(ret, start, got);
    } else {
        uint32_t first = 0, end = d->rbg_size - d->rbg_offset;
        while (first < d->n_prb && got < want) {
            uint32_t stop = end < d->n_prb ? end : d->n_prb;
            if (got + (stop - first) > most)
                break;
            if (vtn_prb_next(free_prbs, first, 0) >= stop) {
                vtn_prb_set(ret, first, stop - first);
                got += stop - first;
            }
            first = stop;
            end += d->rbg_size;
        }
    }
    vtn_prb_remove(free_prbs, ret);
    return got;
}

/* ---- PDCCH ---- */

/* Takes a free candidate of the UE, of its level or else of the next one (higher ones would cost others more
 * than they help); 1 and the grant's two members are set, or 0. */
static inline int vtn_cce_take(const vtn_ues_t *ues, uint16_t ue, uint64_t free_cces[3], vtn_grant_t *g)
{
    const uint8_t *of = ues->cce + (size_t)ue * 40;
    for (uint32_t l = ues->cce_level[ue], end = l < 3 ? l + 2 : 5; l < end; l++) {
        uint32_t n = 1u << l;
        uint64_t ones = (UINT64_C(1) << n) - 1;
        for (uint32_t i = 0; i < 8 && of[8 * l + i] != VTN_NONE; i++) {
            uint32_t c = of[8 * l + i]; /* a multiple of n: never over a word's edge */
            if (c < 192 && (free_cces[c >> 6] >> (c & 63) & ones) == ones) {
                free_cces[c >> 6] &= ~(ones << (c & 63));
                g->first_cce = (uint16_t)c;
                g->aggregation_level = (uint8_t)n;
                return 1;
            }
        }
    }
    return 0;
}

static inline void vtn_cce_give_back(uint64_t free_cces[3], const vtn_grant_t *g)
{
    free_cces[g->first_cce >> 6] |= ((UINT64_C(1) << g->aggregation_level) - 1) << (g->first_cce & 63);
}

/* ---- sizes ---- */

/* PRBs that carry `bytes` of new data at the UE's limit in a slot of re_per_prb. At least 1. */
static inline uint32_t vtn_prbs_for(const vtn_ues_t *ues, uint16_t ue, uint32_t re_per_prb, uint32_t bytes)
{
    uint64_t per_prb_x256 = (uint64_t)ues->bits_per_re_x256[ue] * re_per_prb;
    if (per_prb_x256 == 0)
        return 1;
    uint64_t n = ((uint64_t)bytes * 8 * 256 + per_prb_x256 - 1) / per_prb_x256;
    return n < 1 ? 1 : n > VTN_MAX_PRB ? VTN_MAX_PRB : (uint32_t)n;
}

/* A grant with everything in place but PRBs, PDCCH and, for new data, MCS and layers at the UE's limits. */
static inline void vtn_grant_init(vtn_grant_t *g, const vtn_ues_t *ues, uint16_t ue, uint8_t dir,
                                  uint8_t slot_index, int is_retx)
{
    memset(g, 0, sizeof *g);
    g->ue = ue;
    g->ue_generation = ues->generation[ue];
    g->dir = dir;
    g->slot_index = slot_index;
    g->is_retx = is_retx ? 1 : 0;
    g->harq_id = is_retx ? ues->harq_retx[ue] : ues->harq_new[ue];
    g->mcs = is_retx ? ues->retx_mcs[ue] : ues->mcs_max[ue];
    g->layers = is_retx ? ues->retx_layers[ue] : ues->max_layers[ue];
    g->k1 = VTN_K1_ANY;
    g->lc_first = VTN_LC_ANY;
}

/* Retransmission: as it was sent where the slot has as many REs a PRB; otherwise as many PRBs as keep the
 * code rate, with the row that has no rate of its own. Takes PRBs and PDCCH. 1: the grant is complete; 0: no
 * room, nothing taken. */
static inline int vtn_retx_take(const vtn_direction_t *d, uint16_t ue, uint8_t slot_index,
                                vtn_prb_mask_t *free_prbs, uint64_t free_cces[3], vtn_grant_t *g)
{
    const vtn_ues_t *ues = d->ues;
    uint32_t n = ues->retx_n_prb[ue], re = d->re_per_prb[slot_index];
    uint8_t mcs = g->mcs;
    if (re == 0)
        return 0;
    if (re != ues->retx_re_per_prb[ue] || ues->alloc_type[ue] == VTN_ALLOC_RBG) {
        n = (n * ues->retx_re_per_prb[ue] + re - 1) / re;
        mcs = ues->retx_mcs_any[ue];
    }
    vtn_prb_mask_t left = *free_prbs;
    uint32_t got = vtn_prb_take(&left, n, d->n_prb, ues->alloc_type[ue], d, &g->prbs);
    if (got < n || !vtn_cce_take(ues, ue, free_cces, g))
        return 0;
    g->mcs = mcs;
    *free_prbs = left;
    return 1;
}

#endif
