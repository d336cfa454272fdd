/* SPDX-License-Identifier: Apache-2.0 */
/* Buffer status, scheduling request and power headroom: when they are triggered and what they say.
 * TS 38.321 5.4.4, 5.4.5, 5.4.6. */
#include "fronthaul/emulator/ue/ue_int.h"

void ue_bsr_reset(ue_t *u)
{
    ue_mac_t *m = &u->mac;
    m->bsr_regular = m->bsr_periodic = m->sr_pending = m->phr_pending = false;
    m->bsr_periodic_at = m->bsr_retx_at = m->phr_periodic_at = UE_NEVER;
    m->sr_count = 0;
    m->sr_prohibit_until = m->phr_prohibit_until = 0;
    for (int i = 0; i < RADIO_MAX_LC; i++)
        m->lc[i].had_bytes = 0;
}

uint32_t ue_lc_bytes(ue_t *u, const ue_lc_t *lc)
{
    rlc_buffer_status_t s;
    rlc_buffer_status(lc->rlc, u->now_ns, &s);
    return s.data_bytes;
}

/* New data for a channel of higher priority than any that had some, or after there was none. */
static bool regular_trigger(ue_t *u)
{
    uint8_t best_before = 17;
    bool trigger = false;
    for (int i = 0; i < RADIO_MAX_LC; i++)
        if (u->mac.lc[i].used && u->mac.lc[i].had_bytes && u->mac.lc[i].cfg.priority < best_before)
            best_before = u->mac.lc[i].cfg.priority;
    for (int i = 0; i < RADIO_MAX_LC; i++) {
        ue_lc_t *lc = &u->mac.lc[i];
        if (!lc->used)
            continue;
        uint32_t bytes = ue_lc_bytes(u, lc);
        if (bytes && !lc->had_bytes && lc->cfg.priority < best_before)
            trigger = true;
        lc->had_bytes = bytes;
    }
    return trigger;
}

static bool any_data(const ue_t *u)
{
    for (int i = 0; i < RADIO_MAX_LC; i++)
        if (u->mac.lc[i].used && u->mac.lc[i].had_bytes)
            return true;
    return false;
}

static bool has_grant(const ue_t *u)
{
    for (int i = 0; i < UE_UL_RING; i++)
        if (u->mac.grant[i].slot != UE_NEVER && u->mac.grant[i].slot >= u->t && u->mac.grant[i].is_new)
            return true;
    return false;
}

void ue_bsr_tick(ue_t *u)
{
    ue_mac_t *m = &u->mac;
    if (!m->c_rnti)
        return;
    if (regular_trigger(u))
        m->bsr_regular = true;
    if (u->t >= m->bsr_retx_at) {
        m->bsr_retx_at = UE_NEVER;
        if (any_data(u))
            m->bsr_regular = true;
    }
    if (u->t >= m->bsr_periodic_at) {
        m->bsr_periodic_at = UE_NEVER;
        m->bsr_periodic = true;
    }
    if (u->t >= m->phr_periodic_at) {
        m->phr_periodic_at = UE_NEVER;
        m->phr_pending = true;
    }
    if (u->t >= m->ta_expires) { /* TS 38.321 5.2: uplink is out of step */
        m->ta_expires = UE_NEVER;
        m->configured = false;
        ue_uci_reset(u);
        ue_ul_reset(u);
        ue_dl_harq_reset(u);
    }
    if (m->bsr_regular && !has_grant(u) && !m->sr_pending && m->ra.state == UE_RA_IDLE) {
        if (m->configured) {
            m->sr_pending = true;
            m->sr_count = 0;
        } else {
            ue_ra_start(u, NULL, 0); /* no PUCCH for it */
        }
    }
}

/* Bytes of each group; returns how many groups have data. */
static uint32_t by_group(ue_t *u, uint32_t bytes[8])
{
    uint32_t n = 0;
    memset(bytes, 0, 8 * sizeof *bytes);
    for (int i = 0; i < RADIO_MAX_LC; i++)
        if (u->mac.lc[i].used)
            bytes[u->mac.lc[i].cfg.lcg & 7] += ue_lc_bytes(u, &u->mac.lc[i]);
    for (int g = 0; g < 8; g++)
        n += bytes[g] != 0;
    return n;
}

uint32_t ue_bsr_reserve(ue_t *u, bool *ret_long, bool *ret_phr)
{
    uint32_t bytes[8], groups = by_group(u, bytes), n = 0;
    *ret_long = groups > 1;
    *ret_phr = u->mac.phr_pending && u->t >= u->mac.phr_prohibit_until && u->mac.configured;
    if (u->mac.bsr_regular || u->mac.bsr_periodic)
        n += groups > 1 ? 3 + groups : 2;
    if (*ret_phr)
        n += 3;
    return n;
}

static void fill_report(ue_t *u, bool use_long, mac_bsr_t *r)
{
    uint32_t bytes[8], at = 0;
    by_group(u, bytes);
    memset(r, 0, sizeof *r);
    if (use_long) {
        r->lcid = MAC_LCID_UL_LONG_BSR;
        for (uint8_t g = 0; g < 8; g++)
            if (bytes[g]) {
                r->lcg_mask |= (uint8_t)(1 << g);
                r->lcg[r->n] = g;
                r->index[r->n++] = bsr_long_index(bytes[g]);
            }
        return;
    }
    for (uint32_t g = 0; g < 8; g++)
        if (bytes[g] > bytes[at])
            at = g;
    r->lcid = MAC_LCID_UL_SHORT_BSR;
    r->lcg_mask = (uint8_t)(1 << at);
    r->n = 1;
    r->lcg[0] = (uint8_t)at;
    r->index[0] = bsr_short_index(bytes[at]);
}

static void on_reported(ue_t *u)
{
    ue_mac_t *m = &u->mac;
    m->bsr_regular = m->bsr_periodic = m->sr_pending = false;
    m->bsr_periodic_at =
        m->cfg.periodic_bsr_slots_ms ? u->t + ue_ms(u, m->cfg.periodic_bsr_slots_ms) : UE_NEVER;
    m->bsr_retx_at = m->cfg.retx_bsr_ms ? u->t + ue_ms(u, m->cfg.retx_bsr_ms) : UE_NEVER;
    u->counters.bsr++;
}

void ue_bsr_append(ue_t *u, mac_build_t *b, bool reserved, bool use_long, bool phr, double headroom_db)
{
    ue_mac_t *m = &u->mac;
    mac_bsr_t report;
    /* a grant for new data: retxBSR-Timer starts again. 5.4.5 */
    m->bsr_retx_at = m->cfg.retx_bsr_ms ? u->t + ue_ms(u, m->cfg.retx_bsr_ms) : UE_NEVER;
    if (reserved && phr) {
        int db = (int)headroom_db;
        /* table 38.133 10.1.17.1-1: PH_0 below -32, then 1 dB a step to 22 dB, then 2 dB */
        int ph = db < -32 ? 0 : db < 22 ? db + 33 : db < 38 ? 55 + (db - 22) / 2 : 63;
        /* Pcmax 23 dBm is index 52: 1 dB a step from -29 dBm. 38.133 table 10.1.18.1-1 */
        int pcmax = (int)u->config.p_max_dbm + 29;
        if (mac_build_phr(b, (uint8_t)ph, (uint8_t)(pcmax < 0 ? 0 : pcmax > 63 ? 63 : pcmax))) {
            m->phr_pending = false;
            m->phr_prohibit_until = u->t + ue_ms(u, m->cfg.phr_prohibit_ms);
            m->phr_periodic_at = m->cfg.phr_periodic_ms ? u->t + ue_ms(u, m->cfg.phr_periodic_ms) : UE_NEVER;
            u->counters.phr++;
        }
    }
    bool triggered = m->bsr_regular || m->bsr_periodic;
    fill_report(u, use_long, &report);
    if (triggered && reserved) {
        if (report.n || !use_long) {
            if (mac_build_bsr(b, &report))
                on_reported(u);
        } else { /* all of it went into this block */
            on_reported(u);
        }
        return;
    }
    /* Padding BSR where there is room for one anyway. */
    if (report.lcid == MAC_LCID_UL_SHORT_BSR) {
        uint32_t bytes[8];
        if (by_group(u, bytes) > 1) {
            mac_bsr_t full;
            fill_report(u, true, &full);
            if (mac_bsr_bytes(&full) <= b->cap - b->n)
                report = full;
            else
                report.lcid = MAC_LCID_UL_SHORT_TRUNC_BSR;
        }
    }
    if (m->c_rnti && report.n && mac_bsr_bytes(&report) <= b->cap - b->n)
        if (mac_build_bsr(b, &report))
            on_reported(u);
}
