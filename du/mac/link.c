/* SPDX-License-Identifier: Apache-2.0 */
/* Link adaptation: CQI (downlink) and measured SINR (uplink) give an MCS row; an outer loop moves it so that
 * the first transmissions fail no more often than the target says. Rows are counted in thousandths. Timing
 * advance commands. [slot]
 *
 * One row up or down changes the rate by a tenth, and with code blocks of thousands of bits the loss by
 * nearly everything. So the loop does not swing between a row that always works and one that never does to
 * meet the target on the average: it stays on the highest row that meets it, and tries the one above ever
 * more rarely while that keeps failing. Blocks that were under way when the row changed say nothing about the
 * new row. */
#include "du/mac/internal.h"

#include <math.h>

#define OLLA_DOWN                                                                                            \
    500 /* thousandths of a row per NACK; up is so much smaller that the two balance at the target */
#define OLLA_MAX 8000
#define HOLD_MIN 128              /* blocks for which a row that failed is left alone */
#define HOLD_MAX 2048             /* and at most, when it fails each time it is tried */
#define PROBATION 64              /* blocks after which a new row is no trial any more */
#define IMPLEMENTATION_GAP_DB 2.0 /* of a receiver to Shannon's bound */

void link_init(mac_t *m)
{
    for (uint8_t t = 1; t <= 3; t++)
        for (uint8_t i = 0; i <= mcs_max_index(t); i++) {
            double eff = mcs_efficiency_x256(t, i) / 256.0;
            m->mcs_sinr_x10[t][i] =
                (int16_t)lround(10 * (10 * log10(pow(2, eff) - 1) + IMPLEMENTATION_GAP_DB));
        }
    m->olla_up = (int32_t)lround(OLLA_DOWN * m->cfg.bler_target / (1 - m->cfg.bler_target));
}

static uint8_t clamp_row(int32_t row, uint8_t max)
{
    return row < 0 ? 0 : row > max ? max : (uint8_t)row;
}

static int32_t bound(int32_t x)
{
    return x > OLLA_MAX ? OLLA_MAX : x < -OLLA_MAX ? -OLLA_MAX : x;
}

/* The channel has changed: what was learnt of the next row is void. */
static void outer_loop_restart(outer_loop_t *o)
{
    o->hold = o->left = 0;
    o->age = PROBATION;
}

void link_dl_update(mac_t *m, ue_t *u)
{
    uint8_t table = (uint8_t)(u->cfg.mcs_table_dl + 1), cqi_table = (uint8_t)(u->cfg.cqi_table + 1);
    uint8_t top = mcs_max_index(table);
    /* before the first report: QPSK that nearly everybody in the cell can hear */
    int32_t base = u->cqi ? mcs_from_cqi(cqi_table, u->cqi, table) : 2;
    if (base != u->olla_dl.base)
        outer_loop_restart(&u->olla_dl);
    u->olla_dl.base = (uint8_t)base;
    uint8_t mcs = clamp_row(base + (int32_t)floor(u->olla_dl.offset / 1000.0), top);
    sched_set_link(m->sched, VTN_DL, u->index, table, mcs, u->cfg.max_layers ? u->cfg.max_layers : 1);
    m->col[VTN_DL]->cqi[u->index] = u->cqi;
    m->col[VTN_DL]->ri[u->index] = 1;
    uint8_t level = u->cqi >= 10 ? 0 : u->cqi >= 7 ? 1 : 2;
    m->col[VTN_DL]->cce_level[u->index] = level;
    m->col[VTN_UL]->cce_level[u->index] = level;
    m->col[VTN_DL]->sinr_db_x10[u->index] = m->mcs_sinr_x10[table][mcs];
    u->stats.mcs_dl = mcs;
}

void link_ul_update(mac_t *m, ue_t *u)
{
    uint8_t table = (uint8_t)(u->cfg.mcs_table_ul + 1), top = mcs_max_index(table);
    int32_t base = 2;
    if (u->has_sinr) {
        int32_t sinr = u->sinr_ul_x10_f / 16;
        for (base = top; base > 0 && m->mcs_sinr_x10[table][base] > sinr; base--)
            ;
        m->col[VTN_UL]->sinr_db_x10[u->index] = (int16_t)sinr;
        u->stats.ul_sinr_db_x10 = (int16_t)sinr;
    }
    if (base != u->olla_ul.base)
        outer_loop_restart(&u->olla_ul);
    u->olla_ul.base = (uint8_t)base;
    uint8_t mcs = clamp_row(base + (int32_t)floor(u->olla_ul.offset / 1000.0), top);
    sched_set_link(m->sched, VTN_UL, u->index, table, mcs, 1);
    u->stats.mcs_ul = mcs;
}

static int32_t rows_of(int32_t offset)
{
    return (int32_t)floor(offset / 1000.0);
}

/* One first transmission that used `row`; `now` is the row in force. true: the offset has changed. */
static bool outer_loop(const mac_t *m, outer_loop_t *o, bool ack, uint8_t row, uint8_t now)
{
    int32_t at = rows_of(o->offset);
    if (ack ? row < now : row > now)
        return false;
    o->age += o->age < PROBATION;
    if (ack) {
        int32_t to = bound(o->offset + m->olla_up);
        if (o->left) {
            o->left--;
            to = to > 1000 * at + 999 ? 1000 * at + 999 : to;
        }
        o->offset = to;
    } else {
        o->offset = bound(o->offset - OLLA_DOWN);
    }
    if (rows_of(o->offset) > at) {
        o->age = 0;
    } else if (rows_of(o->offset) < at) {
        bool trial = o->age < PROBATION && o->hold;
        o->hold = (uint16_t)(!trial ? HOLD_MIN : 2 * o->hold > HOLD_MAX ? HOLD_MAX : 2 * o->hold);
        o->left = o->hold;
        o->age = PROBATION; /* it was good enough before */
    }
    return true;
}

void link_dl_outcome(mac_t *m, ue_t *u, bool ack, uint8_t row)
{
    if (outer_loop(m, &u->olla_dl, ack, row, u->stats.mcs_dl))
        link_dl_update(m, u);
}

void link_ul_outcome(mac_t *m, ue_t *u, bool ack, uint8_t row)
{
    if (outer_loop(m, &u->olla_ul, ack, row, u->stats.mcs_ul))
        link_ul_update(m, u);
}

void link_ul_sinr(mac_t *m, ue_t *u, int16_t sinr_db_x10)
{
    if (!u->has_sinr)
        u->sinr_ul_x10_f = 16 * sinr_db_x10;
    else
        u->sinr_ul_x10_f += (16 * sinr_db_x10 - u->sinr_ul_x10_f) / 8;
    u->has_sinr = 1;
    if (u->state == UE_CONNECTED)
        link_ul_update(m, u);
}

/* Power headroom is what was left over at the PRBs of the report's PUSCH; PRBs that need no more power than
 * there is. TS 38.213 7.7 */
void link_phr(mac_t *m, ue_t *u)
{
    uint32_t n = m->cell.n_prb;
    if (u->phr_db < 0 && u->stats.ul_prbs && u->last_ul_prbs) {
        double fit = u->last_ul_prbs * pow(10, u->phr_db / 10.0);
        n = fit < 1 ? 1 : (uint32_t)fit;
    }
    m->col[VTN_UL]->phr_db[u->index] = (int8_t)u->phr_db;
    m->col[VTN_UL]->max_prb[u->index] = (uint16_t)n;
}

/* L1 reports 31 for "in time" (TS 38.213 4.2); a command goes out when the mean of 8 reports is off by two
 * steps or more. */
void link_ta(mac_t *m, ue_t *u, uint16_t ta)
{
    if (ta == 0xffff)
        return;
    if (ta > 63) {
        m->c.ind_bad_value++;
        return;
    }
    u->ta_sum += ta - 31;
    if (++u->ta_n < 8)
        return;
    int32_t mean = (u->ta_sum + (u->ta_sum >= 0 ? 4 : -4)) / 8;
    u->ta_sum = 0;
    u->ta_n = 0;
    if (u->state != UE_CONNECTED || m->now < u->ta_next || (mean < 2 && mean > -2))
        return;
    u->ta_pending = (uint8_t)(31 + mean + 1);
    u->ta_next = m->now + (200u << m->cell.mu);
    u->dirty = 1;
}
