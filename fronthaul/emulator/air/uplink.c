/* SPDX-License-Identifier: Apache-2.0 */
/* The uplink half of the air: what the DU listens to is matched with what UEs sent in the slot. */
#include <math.h>
#include <string.h>

#include "fronthaul/emulator/air/internal.h"

#define TA_NO_CHANGE 31
#define PRACH_MIN_DB (-14.0)    /* where a preamble of 12 repetitions is still found. TS 38.104 8.4.2 */
#define PUCCH_F01_MIN_DB (-6.0) /* TS 38.104 8.3.2, 8.3.3: one resource block, two receive branches */
#define DTX_DB (-40)

static int16_t x10(double db)
{
    return (int16_t)lrint(fmax(fmin(db, 100), -100) * 10);
}

/* n bits of a word, the first is the most significant, to bytes. */
static void put_bits(uint8_t *to, uint32_t word, uint8_t n)
{
    memset(to, 0, FAPI_MAX_UCI_BYTES);
    for (uint8_t i = 0; i < n; i++)
        if (word >> (n - 1 - i) & 1)
            to[i / 8] |= (uint8_t)(0x80 >> i % 8);
}

/* ---- PUSCH ---- */

static bool overlap(const ue_sch_t *a, const ue_sch_t *b)
{
    return a->prb_start < b->prb_start + b->n_prb && b->prb_start < a->prb_start + a->n_prb &&
           a->start_symbol < b->start_symbol + b->n_symbols &&
           b->start_symbol < a->start_symbol + a->n_symbols;
}

static void find_collisions(air_t *a)
{
    for (uint32_t i = 0; i < a->n_ues; i++)
        a->ue[i].collided = a->ue[i].heard = false;
    for (uint32_t i = 0; i < a->n_ues; i++)
        for (uint32_t k = i + 1; a->ue[i].sends_pusch && k < a->n_ues; k++)
            if (a->ue[k].sends_pusch && overlap(&a->ue[i].pusch.sch, &a->ue[k].pusch.sch))
                a->ue[i].collided = a->ue[k].collided = true;
}

static bool matches(const fapi_pusch_pdu_t *p, const ue_sch_t *s)
{
    return p->bwp_start + p->rb_start == s->prb_start && p->rb_size == s->n_prb &&
           p->start_symbol == s->start_symbol && p->n_symbols == s->n_symbols && p->tb_bytes == s->tb_bytes &&
           p->qam_mod_order == s->qm && p->rv_index == s->rv;
}

static void receive_pusch(air_t *a, const fapi_pusch_pdu_t *p, fapi_ul_slot_t *ul)
{
    fapi_pusch_ind_t *ind = &ul->pusch[ul->n_pusch++];
    air_ue_t *from = NULL;
    *ind = (fapi_pusch_ind_t){.rnti = p->rnti,
                              .handle = p->handle,
                              .harq_id = p->harq_id,
                              .dtx = 1,
                              .sinr_db_x10 = x10(DTX_DB),
                              .timing_advance = 0xffff,
                              .harq_crc = 2,
                              .csi1_crc = 2};
    /* several UEs may send under one RNTI: those that took the same Msg2. The strongest is heard, if any. */
    uint32_t n = 0;
    for (uint32_t i = 0; i < a->n_ues; i++)
        if (a->ue[i].sends_pusch && a->ue[i].pusch.sch.rnti == p->rnti) {
            a->ue[i].heard = true;
            n++;
            if (!from || air_sinr(&a->ue[i], 1) > air_sinr(from, 1))
                from = &a->ue[i];
        }
    if (!from) {
        a->counters.pusch_dtx++;
        return;
    }
    const ue_pusch_tx_t *tx = &from->pusch;
    double sinr = air_sinr(from, 1) - tx->power_short_db;
    ind->dtx = 0;
    ind->sinr_db_x10 = x10(sinr);
    ind->timing_advance = TA_NO_CHANGE;
    if (!matches(p, &tx->sch)) {
        a->counters.pusch_mismatch++;
        return;
    }
    if (n > 1) /* one interferes with the other at full power */
        sinr = fmin(sinr, 0);
    else if (from->collided) {
        a->counters.pusch_collision++;
        return;
    }
    soft_t *s = &from->ul[tx->sch.harq_id % N_HARQ];
    bool ok = air_decode(a, s, &tx->sch, sinr);
    ind->crc_ok = ok;
    if (ok && tx->sch.tb_bytes <= FAPI_RX_BYTES - ul->rx_bytes) {
        a->counters.pusch_ok++;
        ind->tb_bytes = tx->sch.tb_bytes;
        ind->tb_offset = ul->rx_bytes;
        memcpy(ul->rx + ul->rx_bytes, tx->tb, tx->sch.tb_bytes);
        ul->rx_bytes = (ul->rx_bytes + tx->sch.tb_bytes + 63u) & ~63u;
    } else {
        ind->crc_ok = 0;
        a->counters.pusch_lost++;
    }
    /* UCI has a code of its own with its beta offset: it holds where the block is near its limit */
    bool uci = sinr > PUCCH_F01_MIN_DB;
    if (p->harq_ack_bits) {
        ind->harq_ack_bits = (uint8_t)p->harq_ack_bits;
        ind->harq_crc = !uci ? 2 : tx->n_harq == p->harq_ack_bits ? 0 : 1;
        put_bits(ind->harq, tx->harq, tx->n_harq);
    }
    if (p->csi1_bits) {
        ind->csi1_bits = (uint8_t)p->csi1_bits;
        ind->csi1_crc = uci && tx->n_csi == p->csi1_bits ? 0 : 1;
        put_bits(ind->csi1, tx->csi, tx->n_csi);
    }
}

/* ---- PUCCH ---- */

static bool same_place(const fapi_pucch_pdu_t *p, const ue_pucch_tx_t *t)
{
    return p->rnti == t->rnti && p->format == t->format && p->bwp_start + p->prb_start == t->prb &&
           p->start_symbol == t->start_symbol && p->n_symbols == t->n_symbols &&
           (t->format == 2 || p->initial_cyclic_shift == t->cyclic_shift) &&
           (t->format != 1 || p->time_domain_occ == t->occ);
}

static void receive_pucch(air_t *a, const fapi_pucch_pdu_t *p, fapi_ul_slot_t *ul)
{
    fapi_uci_ind_t *ind = &ul->uci[ul->n_uci++];
    air_ue_t *from = NULL;
    *ind = (fapi_uci_ind_t){.rnti = p->rnti,
                            .handle = p->handle,
                            .format = p->format,
                            .dtx = 1,
                            .sinr_db_x10 = x10(DTX_DB),
                            .timing_advance = 0xffff};
    for (uint32_t i = 0; i < a->n_ues && !from; i++)
        if (a->ue[i].sends_pucch && same_place(p, &a->ue[i].pucch))
            from = &a->ue[i];
    if (!from) {
        a->counters.pucch_dtx++;
        return;
    }
    from->heard = true;
    const ue_pucch_tx_t *t = &from->pucch;
    double sinr = air_sinr(from, 1);
    uint32_t bits = t->n_harq + t->n_csi + (t->sr && t->format == 2 ? 1u : 0u);
    /* format 2: 8 of 12 REs carry data. TS 38.211 6.4.1.3.2 */
    double lost = t->format == 2 ? bler_control(a->bler, 8u * t->n_prb * t->n_symbols, bits ? bits : 1, sinr)
                                 : (sinr < PUCCH_F01_MIN_DB ? 1 : 0);
    if (air_uniform(a) < lost) {
        a->counters.pucch_lost++;
        return;
    }
    ind->dtx = 0;
    ind->sinr_db_x10 = x10(sinr);
    ind->timing_advance = TA_NO_CHANGE;
    ind->sr = t->sr && p->sr_flag;
    if (t->n_harq != p->harq_bits || t->n_csi != p->csi1_bits)
        a->counters.pucch_mismatch++;
    else
        a->counters.pucch_ok++;
    if (p->harq_bits) {
        ind->n_harq = (uint8_t)p->harq_bits;
        ind->harq_crc = t->n_harq != p->harq_bits;
        put_bits(ind->harq, t->harq, t->n_harq);
    }
    if (p->csi1_bits && t->n_csi == p->csi1_bits) {
        ind->n_csi1 = t->n_csi;
        put_bits(ind->csi1, t->csi, t->n_csi);
    }
}

/* ---- PRACH ---- */

static void receive_prach(air_t *a, const fapi_prach_pdu_t *p, fapi_ul_slot_t *ul)
{
    bool reported[64] = {false};
    for (uint32_t i = 0; i < a->n_ues; i++) {
        air_ue_t *u = &a->ue[i];
        if (!u->sends_prach || u->prach.preamble > 63 || u->prach.start_symbol != p->start_symbol)
            continue;
        u->heard = true;
        if (air_sinr(u, 1) + u->prach.ramp_db < PRACH_MIN_DB) {
            a->counters.prach_lost++;
            continue;
        }
        if (reported[u->prach.preamble] || ul->n_rach >= FAPI_MAX_PREAMBLES) {
            a->counters.prach_collision++;
            continue;
        }
        reported[u->prach.preamble] = true;
        a->counters.prach_heard++;
        ul->rach[ul->n_rach++] = (fapi_rach_ind_t){.symbol_index = u->prach.start_symbol,
                                                   .slot_index = u->prach.slot_in_frame,
                                                   .ra_index = p->index,
                                                   .preamble_index = u->prach.preamble,
                                                   .timing_advance = u->config.timing_advance,
                                                   .power_db_x10 = x10(air_sinr(u, 1))};
    }
}

void air_end(air_t *a, fapi_ul_slot_t *ul)
{
    ul->n_pusch = ul->n_uci = ul->n_rach = ul->n_srs = 0;
    ul->rx_bytes = 0;
    find_collisions(a);
    for (uint32_t i = 0; i < a->n_pusch; i++)
        receive_pusch(a, &a->dl->pusch[i], ul);
    for (uint32_t i = 0; i < a->n_ues; i++)
        a->counters.pusch_unheard += a->ue[i].sends_pusch && !a->ue[i].heard;
    for (uint32_t i = 0; i < a->n_ues; i++)
        a->ue[i].heard = false;
    for (uint32_t i = 0; i < a->n_pucch; i++)
        receive_pucch(a, &a->dl->pucch[i], ul);
    for (uint32_t i = 0; i < a->n_ues; i++)
        a->counters.pucch_unheard += a->ue[i].sends_pucch && !a->ue[i].heard;
    for (uint32_t i = 0; i < a->n_ues; i++)
        a->ue[i].heard = false;
    for (uint32_t i = 0; i < a->n_prach; i++)
        receive_prach(a, &a->dl->prach[i], ul);
    for (uint32_t i = 0; i < a->n_ues; i++)
        a->counters.prach_unheard += a->ue[i].sends_prach && !a->ue[i].heard;
    ul->abs_slot = a->abs_slot;
}
