/* SPDX-License-Identifier: Apache-2.0 */
/* Uplink control information: HARQ-ACK in a dynamic codebook (TS 38.213 9.1.3), its PUCCH resource (9.2.1),
 * scheduling requests, periodic CSI, and how they share a resource (9.2.5) or a PUSCH (9.3). */
#include "fronthaul/emulator/ue/ue_int.h"

void ue_uci_reset(ue_t *u)
{
    for (int i = 0; i < UE_UL_RING; i++)
        u->mac.ack[i].slot = UE_NEVER;
}

void ue_ack_add(ue_t *u, const ue_assignment_t *a, bool ok)
{
    if (a->ack_slot == UE_NEVER || a->ack_slot < u->t || a->ack_slot - u->t >= UE_UL_RING)
        return;
    ue_ack_t *k = &u->mac.ack[a->ack_slot % UE_UL_RING];
    if (k->slot != a->ack_slot)
        *k = (ue_ack_t){.slot = a->ack_slot};
    k->pri = a->pri;
    k->first_cce = a->first_cce;
    k->n_cce = a->n_cce;
    k->rnti = a->sch.rnti;
    if (a->common_pucch) {
        k->common = true;
        k->bits = ok;
        k->last_dai = 1;
        return;
    }
    /* counter DAI 1..4 of this DCI: its place in the codebook. TS 38.213 9.1.3.1 */
    uint8_t dai = (uint8_t)((a->dai & 3) + 1);
    if (dai <= k->last_dai)
        k->wraps++;
    k->last_dai = dai;
    uint32_t at = 4u * k->wraps + dai - 1u;
    if (at < UE_MAX_ACK && ok)
        k->bits |= 1u << at;
}

static uint8_t ack_bits(const ue_ack_t *k)
{
    uint32_t n = 4u * k->wraps + k->last_dai;
    return (uint8_t)(n < UE_MAX_ACK ? n : UE_MAX_ACK);
}

/* First bit is the first acknowledgement: bit n - 1 of the word. */
static uint32_t ack_word(const ue_ack_t *k, uint8_t n)
{
    uint32_t w = 0;
    for (uint8_t i = 0; i < n; i++)
        w = w << 1 | (k->bits >> i & 1);
    return w;
}

static bool sr_occasion(const ue_t *u)
{
    const radio_ue_t *c = &u->mac.cfg;
    return u->mac.configured && c->sr_period_slots && u->t % c->sr_period_slots == c->sr_offset_slots;
}

/* A positive SR if one is due in this slot. TS 38.321 5.4.4 */
static bool take_sr(ue_t *u)
{
    if (!u->mac.sr_pending || !sr_occasion(u) || u->t < u->mac.sr_prohibit_until)
        return false;
    if (u->mac.sr_count >= u->mac.cfg.sr_trans_max) {
        /* SR failure: PUCCH and SRS are released, random access is initiated */
        u->mac.sr_pending = false;
        u->mac.configured = false;
        ue_ra_start(u, NULL, 0);
        return false;
    }
    u->mac.sr_count++;
    u->mac.sr_prohibit_until = u->t + ue_ms(u, u->mac.cfg.sr_prohibit_ms);
    u->counters.sr++;
    return true;
}

static bool csi_due(const ue_t *u)
{
    const radio_ue_t *c = &u->mac.cfg;
    return u->mac.configured && c->csi_period_slots && u->t % c->csi_period_slots == c->csi_offset_slots;
}

static void set_resource(ue_pucch_tx_t *tx, const radio_pucch_res_t *r)
{
    tx->format = r->format;
    tx->prb = r->prb_start;
    tx->n_prb = r->n_prb;
    tx->start_symbol = r->start_symbol;
    tx->n_symbols = r->n_symbols;
    tx->cyclic_shift = r->initial_cyclic_shift;
    tx->occ = r->time_domain_occ;
}

/* The HARQ-ACK resource. TS 38.213 9.2.1 (common), 9.2.3: set 0 up to two bits, else set 1. */
static bool ack_resource(ue_t *u, const ue_ack_t *k, uint8_t n, ue_pucch_tx_t *tx)
{
    if (k->common) {
        pucch_common_t p;
        const radio_cell_t *c = &u->cell.radio;
        if (!k->n_cce || !pucch_common_get(c->pucch_common_index,
                                           pucch_common_r(k->first_cce, k->n_cce, k->pri), c->n_prb, &p))
            return false;
        tx->format = p.format;
        tx->prb = p.prb_first_hop;
        tx->n_prb = 1;
        tx->start_symbol = p.start_symbol;
        tx->n_symbols = p.n_symbols;
        tx->cyclic_shift = p.cyclic_shift;
        return true;
    }
    const radio_ue_t *c = &u->mac.cfg;
    uint8_t first = n > 2 ? c->n_set0 : 0, size = n > 2 ? c->n_set1 : c->n_set0, pri = k->pri;
    if (size > 8) { /* TS 38.213 9.2.3: more than eight resources under one indicator */
        uint32_t per = (size + 7u) / 8u;
        pri = (uint8_t)(k->n_cce ? (uint32_t)k->first_cce * per / k->n_cce + pri * per : pri);
    }
    if (pri >= size)
        return false;
    set_resource(tx, &c->res[first + pri]);
    return true;
}

/* The grant says how many acknowledgements the network expects, modulo 4: assignments that were missed at the
 * end are NACKs. Without any assignment "4" means none. TS 38.213 9.1.3.2 */
static void align_with_ul_dai(ue_pucch_tx_t *tx, bool has_ack, uint8_t ul_dai)
{
    if (ul_dai == 0xff)
        return;
    uint32_t total = (ul_dai & 3u) + 1u;
    if (!has_ack && total == 4)
        return;
    while (total < tx->n_harq)
        total += 4;
    if (total > UE_MAX_ACK)
        return;
    tx->harq <<= total - tx->n_harq;
    tx->n_harq = (uint8_t)total;
}

void ue_uci_tx(ue_t *u, ue_pusch_tx_t *pusch, uint8_t ul_dai)
{
    ue_ack_t *k = &u->mac.ack[u->t % UE_UL_RING];
    bool has_ack = k->slot == u->t;
    bool csi = csi_due(u);
    uint8_t cqi = 0;
    ue_pucch_tx_t tx = {.rnti = u->mac.c_rnti};

    if (csi) {
        cqi = u->air.cqi(u->air.ctx, (uint8_t)(u->mac.cfg.cqi_table + 1));
        u->status.cqi = cqi;
    }
    if (has_ack) {
        tx.rnti = k->rnti;
        tx.n_harq = ack_bits(k);
        tx.harq = ack_word(k, tx.n_harq);
        k->slot = UE_NEVER;
    }
    if (pusch) { /* SR is left out: the PUSCH says more */
        align_with_ul_dai(&tx, has_ack, ul_dai);
        pusch->n_harq = tx.n_harq;
        pusch->harq = tx.harq;
        pusch->n_csi = csi ? 4 : 0;
        pusch->csi = cqi;
        return;
    }
    if (!u->mac.c_rnti && !has_ack)
        return;
    bool sr = take_sr(u);
    if (has_ack) {
        /* the set is selected by all of the UCI: TS 38.213 9.2.5.2, simultaneousHARQ-ACK-CSI */
        bool with_csi = csi && !k->common;
        if (!ack_resource(u, k, (uint8_t)(tx.n_harq + (with_csi ? 4 : 0)), &tx))
            return;
        if (with_csi) {
            tx.n_csi = 4;
            tx.csi = cqi;
        } else if (sr && !k->common && tx.format == 1) {
            set_resource(&tx, &u->mac.cfg.res[u->mac.cfg.sr_res]); /* the bits go where the SR is. 9.2.5.1 */
        }
        tx.sr = sr;
    } else if (csi) { /* SR and CSI: one more bit on the CSI's resource */
        set_resource(&tx, &u->mac.cfg.res[u->mac.cfg.csi_res]);
        tx.n_csi = 4;
        tx.csi = cqi;
        tx.sr = sr;
    } else if (sr) {
        set_resource(&tx, &u->mac.cfg.res[u->mac.cfg.sr_res]);
        tx.sr = true;
    } else {
        return;
    }
    u->air.pucch(u->air.ctx, &tx);
}
