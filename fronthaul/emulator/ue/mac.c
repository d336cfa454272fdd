/* SPDX-License-Identifier: Apache-2.0 */
/* MAC as a whole: reset (TS 38.321 5.12) and the UE's configuration. */
#include "fronthaul/emulator/ue/ue_int.h"

/* TimeAlignmentTimer in ms; 0: infinity. TS 38.331 6.3.2 */
static const uint16_t ta_ms[8] = {500, 750, 1280, 1920, 2560, 5120, 10240, 0};

void ue_mac_reset(ue_t *u)
{
    ue_ra_stop(u);
    ue_dl_harq_reset(u);
    ue_ul_reset(u);
    ue_uci_reset(u);
    ue_bsr_reset(u);
    for (int i = 0; i < RADIO_MAX_LC; i++)
        u->mac.lc[i].bj = 0;
}

ue_lc_t *ue_mac_lc(ue_t *u, uint8_t lcid)
{
    for (int i = 0; i < RADIO_MAX_LC; i++)
        if (u->mac.lc[i].used && u->mac.lc[i].cfg.lcid == lcid)
            return &u->mac.lc[i];
    return NULL;
}

void ue_mac_configure(ue_t *u, const rrc_cell_group_t *cg)
{
    radio_ue_t *to = &u->mac.cfg;
    const radio_ue_t *from = &cg->ue;
    if (cg->present & RRC_CG_MAC) {
        to->periodic_bsr_slots_ms = from->periodic_bsr_slots_ms;
        to->retx_bsr_ms = from->retx_bsr_ms;
        to->phr_periodic_ms = from->phr_periodic_ms;
        to->phr_prohibit_ms = from->phr_prohibit_ms;
        to->sr_prohibit_ms = from->sr_prohibit_ms;
        to->sr_trans_max = from->sr_trans_max;
        to->ta_timer = from->ta_timer;
        u->mac.phr_pending = true; /* on (re)configuration. TS 38.321 5.4.6 */
    }
    if (cg->present & RRC_CG_SP_CELL) {
        radio_ue_t old = *to;
        dci_cfg_t cfg;
        *to = *from;
        to->periodic_bsr_slots_ms = old.periodic_bsr_slots_ms;
        to->retx_bsr_ms = old.retx_bsr_ms;
        to->phr_periodic_ms = old.phr_periodic_ms;
        to->phr_prohibit_ms = old.phr_prohibit_ms;
        to->sr_prohibit_ms = old.sr_prohibit_ms;
        to->sr_trans_max = old.sr_trans_max;
        to->ta_timer = old.ta_timer;
        radio_dci_cfg(&u->cell.radio, to, &cfg);
        if (dci_plan(&cfg, &u->mac.plan) == 0)
            u->mac.configured = true;
    }
    u->mac.ta_expires =
        u->mac.configured && ta_ms[to->ta_timer & 7] ? u->t + ue_ms(u, ta_ms[to->ta_timer & 7]) : UE_NEVER;
}
