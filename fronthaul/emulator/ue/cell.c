/* SPDX-License-Identifier: Apache-2.0 */
/* Cell search: from an SSB to SIB1 (TS 38.331 5.2.2, TS 38.213 4.1, 13). The UE takes its slot count from the
 * SSB's place and the MIB, CORESET 0 from the MIB, the rest from SIB1. */
#include "fronthaul/emulator/ue/ue_int.h"

#define BARRED_MS 300000 /* a barred cell is left alone for 300 s. TS 38.304 5.3.1 */

void ue_cell_reset(ue_t *u)
{
    uint64_t barred = u->cell.barred_until;
    memset(&u->cell, 0, sizeof u->cell);
    u->cell.barred_until = barred;
}

/* What can be said of PDCCH before SIB1: widths count in CORESET 0. */
static int plan_before_sib1(ue_cell_t *c)
{
    coreset0_t c0;
    if (!coreset0_get(c->mib.mu, false, c->mib.coreset0_index, &c0))
        return -EINVAL;
    c->coreset0 = coreset0_make(&c0, 0, c->pci);
    dci_cfg_t cfg = {.n_prb_coreset0 = c0.n_prb, .n_prb_initial_dl = c0.n_prb, .n_prb_initial_ul = c0.n_prb};
    return dci_plan(&cfg, &c->plan);
}

void ue_cell_on_ssb(ue_t *u, const fapi_ssb_pdu_t *ssb)
{
    ue_cell_t *c = &u->cell;
    rrc_mib_t mib;

    if (u->abs_slot < c->barred_until || ssb->phys_cell_id > 1007 || ssb->ssb_block_index > 7 ||
        (c->have_mib && ssb->phys_cell_id != c->pci))
        return;
    if (rrc_mib_parse(ssb->bch_payload & 0xffffff, &mib) || mib.mu > 1) {
        u->counters.mib_bad++;
        return;
    }
    /* SFN: 6 bits of the MIB, 4 of the PBCH payload. Two blocks lie in a slot in cases A to C. */
    mib.sfn = (uint16_t)(mib.sfn | (ssb->sfn & 15));
    uint64_t spf = slots_per_frame(mib.mu), t = mib.sfn * spf + ssb->ssb_block_index / 2u;
    if (c->have_mib && (u->abs_slot - (uint64_t)c->offset - t) % (1024 * spf) == 0)
        return; /* still in step */
    if (mib.barred) {
        u->counters.mib_bad++;
        c->barred_until = u->abs_slot + ((uint64_t)BARRED_MS << mib.mu);
        return;
    }
    memset(c, 0, sizeof *c);
    c->mib = mib;
    c->pci = ssb->phys_cell_id;
    c->offset = (int64_t)(u->abs_slot - t);
    if (plan_before_sib1(c)) {
        u->counters.mib_bad++;
        memset(c, 0, sizeof *c);
        return;
    }
    c->have_mib = true;
    u->t = t;
}

void ue_cell_on_sib1(ue_t *u, const uint8_t *bytes, uint32_t n)
{
    ue_cell_t *c = &u->cell;
    arena_t a = ue_scratch(u);
    radio_cell_t radio;
    dci_cfg_t cfg;
    dci_plan_t plan;
    rrc_why_t why;

    if (c->have_sib1) /* value tags are not followed: a cell of ours does not change while it runs */
        return;
    int r = rrc_sib1_parse(bytes, n, c->pci, &c->mib, &a, &radio, &why);
    if (!r) {
        radio_dci_cfg(&radio, NULL, &cfg);
        r = dci_plan(&cfg, &plan);
        snprintf(why.text, sizeof why.text, "DCI sizes");
    }
    if (r) {
        if (!u->counters.sib1_bad++)
            log_warning(&u->log, "ue %u: SIB1 refused: %s", u->config.index, why.text);
        return;
    }
    c->radio = radio;
    c->plan = plan;
    c->coreset0 = radio_coreset(&radio.coreset0);
    c->have_sib1 = true;
    ue_rrc_on_camped(u);
}
