/* SPDX-License-Identifier: Apache-2.0 */
/* See air.h: the channel, the downlink half. */
#include "fronthaul/emulator/air/air.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fronthaul/emulator/air/internal.h"
#include "lib/mac/mcs.h"

COUNTERS_DEFINE(air, AIR_COUNTERS)

#define PBCH_RE 432 /* QPSK symbols of PBCH data in an SSB. TS 38.211 7.4.3.1 */
#define PBCH_BITS (32 + 24)
#define PDCCH_RE_PER_CCE 54 /* 6 REGs with 9 REs beside DM-RS */
#define CRC_BITS 24
#define FADE_SLOTS 20 /* the fading process moves on once in so many slots */
#define CQI_BLER 0.1  /* TS 38.214 5.2.2.1 */

/* ---- chance ---- */

static uint64_t next(air_t *a)
{
    a->rng ^= a->rng >> 12;
    a->rng ^= a->rng << 25;
    a->rng ^= a->rng >> 27;
    return a->rng * UINT64_C(0x2545f4914f6cdd1d);
}

double air_uniform(air_t *a)
{
    return (double)(next(a) >> 11) * 0x1p-53;
}

static double gaussian(air_t *a)
{
    double u = 1 - air_uniform(a);
    return sqrt(-2 * log(u)) * cos(2 * M_PI * air_uniform(a));
}

double air_sinr(const air_ue_t *u, int uplink)
{
    return (uplink ? u->config.sinr_ul_db : u->config.sinr_dl_db) + u->fade[uplink];
}

static void fade(air_t *a)
{
    for (uint32_t i = 0; i < a->n_ues; i++) {
        air_ue_t *u = &a->ue[i];
        if (u->config.fading_db <= 0)
            continue;
        /* x' = r x + sqrt(1 - r^2) s w; half a millisecond a slot at 30 kHz */
        double r = exp(-FADE_SLOTS * 0.5 / (u->config.coherence_ms ? u->config.coherence_ms : 1));
        for (int d = 0; d < 2; d++)
            u->fade[d] = r * u->fade[d] + sqrt(1 - r * r) * u->config.fading_db * gaussian(a);
    }
}

bool air_decode(air_t *a, soft_t *s, const ue_sch_t *sch, double sinr_db)
{
    if (sch->new_data || s->rnti != sch->rnti)
        *s = (soft_t){.bler = 1, .rnti = sch->rnti};
    s->sinr += pow(10, sinr_db / 10);
    double p = bler_ldpc(a->bler, sch->qm, (uint32_t)sch->re_per_prb * sch->n_prb, sch->tb_bytes * 8,
                         10 * log10(s->sinr));
    double lost = s->bler > 1e-12 ? fmin(p / s->bler, 1) : 0;
    s->bler = fmin(p, s->bler);
    return air_uniform(a) >= lost;
}

/* ---- CQI ---- */

/* SINR at which a wideband block of this efficiency is lost with CQI_BLER. */
static double threshold(const bler_t *b, const mcs_t *m, uint32_t n_re)
{
    double lo = -20, hi = 45;
    uint32_t bits = (uint32_t)((uint64_t)n_re * m->qm * m->rate_x10 / 10240);
    while (hi - lo > 0.01) {
        double mid = (lo + hi) / 2;
        if (bler_ldpc(b, m->qm, n_re, bits, mid) > CQI_BLER)
            lo = mid;
        else
            hi = mid;
    }
    return hi;
}

static uint8_t face_cqi(void *ctx, uint8_t table)
{
    const air_ue_t *u = ctx;
    double sinr = air_sinr(u, 0);
    uint8_t cqi = 0;
    if (table < 1 || table > 3)
        return 0;
    while (cqi < 15 && sinr >= u->air->cqi_threshold[table - 1][cqi + 1])
        cqi++;
    return cqi;
}

/* ---- life ---- */

int air_create(const air_ue_config_t *ues, uint32_t n_ues, uint16_t n_prb, uint64_t seed, air_t **ret)
{
    if (n_ues > AIR_MAX_UES || !n_prb)
        return -EINVAL;
    air_t *a = calloc(1, sizeof *a);
    if (!a)
        return -ENOMEM;
    a->bler = bler_create();
    a->tb = malloc(FAPI_TX_BYTES);
    if (!a->bler || !a->tb) {
        air_destroy(a);
        return -ENOMEM;
    }
    a->rng = (seed ? seed : 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
    a->n_ues = n_ues;
    for (uint32_t i = 0; i < n_ues; i++) {
        a->ue[i] = (air_ue_t){.air = a, .index = i, .config = ues[i]};
        for (int d = 0; d < 2; d++)
            a->ue[i].fade[d] = ues[i].fading_db > 0 ? ues[i].fading_db * gaussian(a) : 0;
    }
    air_set_carrier(a, n_prb);
    *ret = a;
    return 0;
}

void air_set_carrier(air_t *a, uint16_t n_prb)
{
    for (uint8_t t = 1; t <= 3; t++)
        for (uint8_t c = 1; c <= 15; c++) {
            mcs_t m;
            /* reference resource: 12 symbols, two of them DM-RS and control: 120 REs a PRB (38.214 5.2.2.5)
             */
            if (cqi_get(t, c, &m))
                a->cqi_threshold[t - 1][c] = threshold(a->bler, &m, n_prb * 120u);
        }
}

void air_destroy(air_t *a)
{
    if (!a)
        return;
    bler_destroy(a->bler);
    free(a->tb);
    free(a);
}

static void face_pusch(void *ctx, const ue_pusch_tx_t *tx)
{
    air_ue_t *u = ctx;
    u->pusch = *tx;
    u->sends_pusch = true;
}

static void face_pucch(void *ctx, const ue_pucch_tx_t *tx)
{
    air_ue_t *u = ctx;
    u->pucch = *tx;
    u->sends_pucch = true;
}

static void face_prach(void *ctx, const ue_prach_tx_t *tx)
{
    air_ue_t *u = ctx;
    u->prach = *tx;
    u->sends_prach = true;
}

ue_air_t air_face(air_t *a, uint32_t i)
{
    return (ue_air_t){.ctx = &a->ue[i],
                      .pdsch = air_pdsch,
                      .pusch = face_pusch,
                      .pucch = face_pucch,
                      .prach = face_prach,
                      .cqi = face_cqi};
}

void air_set_sinr(air_t *a, uint32_t i, double dl_db, double ul_db)
{
    a->ue[i].config.sinr_dl_db = dl_db;
    a->ue[i].config.sinr_ul_db = ul_db;
}

double air_sinr_dl(const air_t *a, uint32_t i)
{
    return air_sinr(&a->ue[i], 0);
}

const air_counters_t *air_counters(const air_t *a)
{
    return &a->counters;
}

/* ---- downlink ---- */

static uint32_t checked(air_t *a, uint32_t n, uint32_t cap)
{
    if (n <= cap)
        return n;
    a->counters.slab_bad++;
    return 0;
}

void air_begin(air_t *a, uint64_t abs_slot, const fapi_dl_slot_t *dl)
{
    a->abs_slot = abs_slot;
    a->dl = dl;
    a->counters.slots++;
    a->n_ssb = a->n_pdcch = a->n_ul_dci = a->n_pdsch = a->n_pusch = a->n_pucch = a->n_prach = 0;
    if (dl) {
        a->n_ssb = checked(a, dl->n_ssb, FAPI_MAX_SSB);
        a->n_pdcch = checked(a, dl->n_pdcch, FAPI_MAX_DCI);
        a->n_ul_dci = checked(a, dl->n_ul_dci, FAPI_MAX_DCI);
        a->n_pdsch = checked(a, dl->n_pdsch, FAPI_MAX_PDSCH);
        a->n_pusch = checked(a, dl->n_pusch, FAPI_MAX_PUSCH);
        a->n_pucch = checked(a, dl->n_pucch, FAPI_MAX_PUCCH);
        a->n_prach = checked(a, dl->n_prach, FAPI_MAX_PRACH);
    } else {
        a->counters.slots_silent++;
    }
    if (abs_slot % FADE_SLOTS == 0)
        fade(a);
    for (uint32_t i = 0; i < a->n_ues; i++)
        a->ue[i].sends_pusch = a->ue[i].sends_pucch = a->ue[i].sends_prach = false;
}

/* PDCCHs that this UE could not use anyway are not drawn for: chance goes to its own RNTIs only, which the
 * air does not know; so each PDCCH is drawn for each UE, which costs little. */
static void hear_pdcch(air_t *a, const fapi_pdcch_pdu_t *p, uint32_t n, double sinr_db, ue_rx_t *ret)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t re = p[i].aggregation_level * PDCCH_RE_PER_CCE;
        /* beyond any doubt: no draw */
        if (sinr_db < 3 && air_uniform(a) < bler_control(a->bler, re, (uint32_t)p[i].payload_bits + CRC_BITS,
                                                         sinr_db + p[i].power_offset_db))
            continue;
        ret->pdcch[ret->n_pdcch++] = &p[i];
    }
}

void air_rx(air_t *a, uint32_t i, ue_rx_t *ret)
{
    air_ue_t *u = &a->ue[i];
    double sinr = air_sinr(u, 0);
    ret->abs_slot = a->abs_slot;
    ret->sinr_db = sinr;
    ret->n_ssb = ret->n_pdcch = 0;
    if (!a->dl)
        return;
    for (uint32_t k = 0; k < a->n_ssb; k++)
        if (air_uniform(a) >= bler_control(a->bler, PBCH_RE, PBCH_BITS, sinr))
            ret->ssb[ret->n_ssb++] = &a->dl->ssb[k];
    hear_pdcch(a, a->dl->pdcch, a->n_pdcch, sinr, ret);
    hear_pdcch(a, a->dl->ul_dci, a->n_ul_dci, sinr, ret);
}

const uint8_t *air_pdsch(void *ctx, const ue_sch_t *t)
{
    air_ue_t *u = ctx;
    air_t *a = u->air;
    soft_t once = {0};
    soft_t *s = t->rnti >= 0xfff0 || t->harq_id >= N_HARQ ? &once : &u->dl[t->harq_id];
    for (uint32_t i = 0; i < a->n_pdsch; i++) {
        const fapi_pdsch_pdu_t *p = &a->dl->pdsch[i];
        uint32_t bytes = p->tb_bytes, offset = p->tb_offset;
        if (p->rnti != t->rnti)
            continue;
        if (bytes > FAPI_TX_BYTES || offset > FAPI_TX_BYTES - bytes) {
            a->counters.slab_bad++;
            return NULL;
        }
        bool same = p->start_symbol == t->start_symbol && p->n_symbols == t->n_symbols &&
                    p->rb_size == t->n_prb &&
                    (t->prb_start == UE_UNKNOWN_PRB || p->bwp_start + p->rb_start == t->prb_start) &&
                    bytes == t->tb_bytes && p->qam_mod_order == t->qm && p->rv_index == t->rv;
        if (!same)
            continue; /* another PDSCH for the same RNTI (paging, SI) may be the one */
        if (!air_decode(a, s, t, air_sinr(u, 0) + p->power_offset_db)) {
            a->counters.pdsch_lost++;
            return NULL;
        }
        a->counters.pdsch_ok++;
        return memcpy(a->tb, a->dl->tx + offset, bytes);
    }
    a->counters.pdsch_mismatch++;
    return NULL;
}
