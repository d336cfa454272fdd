/* SPDX-License-Identifier: Apache-2.0 */
/* Contention-based random access with four steps: TS 38.321 5.1. A preamble in a PRACH occasion, the response
 * in ra-ResponseWindow, Msg3, contention resolution by identity (CCCH) or by a PDCCH for the C-RNTI. */
#include "fronthaul/emulator/ue/ue_int.h"

/* Backoff parameter values, ms. TS 38.321 table 7.2-1; the last two are reserved. */
static const uint16_t backoff_ms[16] = {5,   10,  20,  30,  40,  60,   80,   120,
                                        160, 240, 320, 480, 960, 1920, 1920, 1920};

void ue_ra_start(ue_t *u, const uint8_t *ccch, uint8_t n)
{
    ue_ra_t *ra = &u->mac.ra;
    if (!ccch && ra->state != UE_RA_IDLE)
        return; /* one is under way */
    memset(ra, 0, sizeof *ra);
    ra->state = UE_RA_PREAMBLE;
    ra->for_ccch = ccch != NULL;
    if (ccch) {
        memcpy(ra->msg3, ccch, n);
        ra->msg3_n = n;
    }
}

void ue_ra_stop(ue_t *u)
{
    memset(&u->mac.ra, 0, sizeof u->mac.ra);
}

static void succeed(ue_t *u)
{
    u->counters.ra_ok++;
    memset(&u->mac.ra, 0, sizeof u->mac.ra);
    ue_rrc_on_ra_ok(u);
}

/* The attempt failed: another one after a backoff, or the end. TS 38.321 5.1.4, 5.1.5 */
static void fail(ue_t *u, uint32_t backoff)
{
    ue_ra_t *ra = &u->mac.ra;
    u->mac.ul[0].used = false; /* Msg3's buffer is flushed */
    if (++ra->tries >= u->cell.radio.preamble_trans_max) {
        u->counters.ra_failed++;
        ue_ra_stop(u);
        ue_rrc_on_ra_failed(u);
        return;
    }
    ra->state = UE_RA_PREAMBLE;
    ra->not_before = u->t + (backoff ? ue_random(u) % ue_ms(u, backoff) : 0);
}

/* Sends the preamble if this slot holds the occasion. */
static void try_preamble(ue_t *u)
{
    ue_ra_t *ra = &u->mac.ra;
    const radio_cell_t *c = &u->cell.radio;
    uint16_t slot = slot_in_frame(u->t, c->mu);
    if (u->t < ra->not_before || slot != c->prach_slot)
        return;
    ra->preamble = (uint8_t)(ue_random(u) & 63);
    ra->ra_rnti = ra_rnti(c->prach_start_symbol, (uint8_t)slot, 0, 0);
    ra->deadline = u->t + 1 + c->ra_window_slots;
    ra->state = UE_RA_WINDOW;
    u->counters.preambles++;
    ue_prach_tx_t tx = {.preamble = ra->preamble,
                        .start_symbol = c->prach_start_symbol,
                        .slot_in_frame = (uint8_t)slot,
                        .ramp_db = (uint8_t)(ra->tries * c->power_ramp_db)};
    u->air.prach(u->air.ctx, &tx);
}

void ue_ra_tick(ue_t *u)
{
    ue_ra_t *ra = &u->mac.ra;
    switch (ra->state) {
    case UE_RA_PREAMBLE:
        try_preamble(u);
        break;
    case UE_RA_WINDOW:
        if (u->t > ra->deadline)
            fail(u, 0);
        break;
    case UE_RA_CONTENTION:
        if (u->t > ra->deadline)
            fail(u, 0);
        break;
    case UE_RA_MSG3:
    case UE_RA_IDLE:
        break;
    }
}

/* The UL grant of a RAR: TS 38.213 8.2, 8.3; Msg3 without transform precoding, table 5.1.3.1-1. */
static bool msg3_grant(ue_t *u, const mac_rar_t *r)
{
    const radio_cell_t *c = &u->cell.radio;
    mcs_t m;
    if (r->grant.tdra >= c->n_ul_tdra || !mcs_get(MCS_TABLE_QAM64, r->grant.mcs, &m) || r->grant.freq_hopping)
        return false;
    const radio_tdra_t *row = &c->ul_tdra[r->grant.tdra];
    radio_dmrs_t dmrs = radio_dmrs_common(c, row);
    ue_ul_grant_t g = {.slot = u->t + row->k + tdra_msg3_delta(c->mu),
                       .sch = {.rnti = r->tc_rnti,
                               .start_symbol = row->start_symbol,
                               .n_symbols = row->n_symbols,
                               .qm = m.qm,
                               .rate_x10 = m.rate_x10,
                               .re_per_prb = dmrs.re_per_prb},
                       .msg3 = true,
                       .is_new = true,
                       .ul_dai = 0xff};
    if (!riv_decode(c->n_prb, mac_rar_riv(c->n_prb, r->grant.fdra), &g.sch.prb_start, &g.sch.n_prb))
        return false;
    g.sch.tb_bytes = tbs_bits(dmrs.re_per_prb, g.sch.n_prb, m.qm, m.rate_x10, 1, 0) / 8;
    if (g.sch.tb_bytes < (uint32_t)(u->mac.ra.for_ccch ? 1 + u->mac.ra.msg3_n : 4))
        return false;
    ue_ul_grant(u, &g);
    return true;
}

void ue_ra_on_rar(ue_t *u, const uint8_t *pdu, uint32_t n)
{
    ue_ra_t *ra = &u->mac.ra;
    uint32_t at = 0, backoff = 0;
    mac_rar_t r;
    int more;
    if (ra->state != UE_RA_WINDOW)
        return;
    while ((more = mac_rar_next(pdu, n, &at, &r)) == 1) {
        if (r.kind == MAC_RAR_BACKOFF)
            backoff = backoff_ms[r.backoff & 15];
        if (r.kind != MAC_RAR_RESPONSE || r.rapid != ra->preamble)
            continue;
        u->counters.rar++;
        ra->tc_rnti = r.tc_rnti;
        ra->ta = r.ta;
        u->mac.n_ta = r.ta;
        ra->state = UE_RA_MSG3;
        if (!r.tc_rnti || r.tc_rnti >= 0xfff0 || !msg3_grant(u, &r)) {
            u->counters.rar_bad++;
            fail(u, backoff);
        }
        return;
    }
    if (more < 0)
        u->counters.rar_bad++;
    if (backoff) /* for whoever is not answered within the window */
        ra->not_before = u->t + ue_random(u) % ue_ms(u, backoff);
}

void ue_ra_msg3_sent(ue_t *u)
{
    ue_ra_t *ra = &u->mac.ra;
    if (ra->state != UE_RA_MSG3 && ra->state != UE_RA_CONTENTION)
        return;
    ra->state = UE_RA_CONTENTION; /* (re)started with each transmission of Msg3 */
    ra->deadline = u->t + ue_ms(u, u->cell.radio.contention_ms);
}

void ue_ra_on_contention_id(ue_t *u, const uint8_t id[6])
{
    ue_ra_t *ra = &u->mac.ra;
    if (ra->state != UE_RA_CONTENTION || !ra->for_ccch)
        return;
    if (memcmp(id, ra->msg3, 6)) { /* the first 48 bits of the CCCH SDU. TS 38.321 6.1.3.3 */
        u->counters.ra_contention_lost++;
        fail(u, 0);
        return;
    }
    u->mac.c_rnti = ra->tc_rnti;
    succeed(u);
}

void ue_ra_on_c_rnti_grant(ue_t *u)
{
    if (u->mac.ra.state == UE_RA_CONTENTION && !u->mac.ra.for_ccch)
        succeed(u);
}
