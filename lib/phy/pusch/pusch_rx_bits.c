/* SPDX-License-Identifier: Apache-2.0 */
/* The PUSCH receiver behind its LLRs: UCI, code blocks, the result. */
#include "lib/phy/pusch/pusch_rx.h"
#include "lib/phy/signal/gold.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define ACK_FALSE_ALARM 0.01f

/* A UE that missed the assignment sends data where the HARQ-ACK of 1 or 2 bits would be: LLRs of any size and
 * random sign. Hoeffding: one code word's metric passes z sqrt(sum of squares) with a probability below
 * exp(-z^2 / 2), one of 2^k with 2^k times that. Returns z / sqrt(n), what metric / energy has to pass. So
 * few LLRs that no word reaches it only show a sign. */
static float least_ack(unsigned k, uint32_t e_bits, unsigned qm)
{
    const float n = (float)(qm > 2 ? 2 * (e_bits / qm) : e_bits);
    const float least = sqrtf(2 * logf((float)(1u << k) / ACK_FALSE_ALARM) / n);
    return least < 0.7f ? least : 0;
}

/* Decodes one kind of UCI from its gathered LLRs. */
static void decode_uci(const phy_t *phy, pusch_rx_t *rx, pusch_work_t *work, ulsch_stream_t stream,
                       unsigned n_bits, pusch_uci_t *ret)
{
    uci_cfg_t cfg = {(uint16_t)n_bits, rx->ulsch.g_stream[stream], rx->plan->cfg.qm};
    uci_plan_t code;
    uci_result_t r;
    *ret = (pusch_uci_t){.present = true, .n_bits = (uint16_t)n_bits};
    if (uci_plan(&cfg, &code, NULL) < 0)
        return; /* a CSI part 2 that does not fit its REs: not valid */
    /* UL-SCH's place is free until all UCI is decoded. */
    ulsch_gather(&rx->ulsch, stream, rx->llr, rx->scrambling, rx->sch_llr);
    uci_decode(phy, &code, rx->sch_llr, &work->polar, ret->bits, &r);
    ret->valid = r.ok;
    if (r.has_metric) {
        /* Noise alone correlates about sqrt(2 k ln 2 / 32) with its best code word; CSI of 1 and 2 bits only
         * shows a sign. */
        float least = n_bits > 2 ? sqrtf(2 * (float)n_bits * 0.6931f / 32) : 0;
        if (stream == ULSCH_ACK && n_bits <= 2)
            least = least_ack(n_bits, cfg.e_bits, cfg.qm);
        ret->valid = r.small.metric > least * r.small.energy;
    }
}

static bool has_sch(const pusch_rx_t *rx)
{
    return rx->plan->cfg.tb_bytes > 0;
}

bool pusch_rx_uci(const phy_t *phy, pusch_rx_t *rx, pusch_work_t *work)
{
    const pusch_cfg_t *c = &rx->plan->cfg;
    if (!rx->plan->ulsch.has_uci)
        return true;
    if (rx->ulsch.has_placeholders || rx->ulsch.csi2_pending) {
        gold_t g;
        gold_init(phy, &g, rx->plan->c_init, 0);
        gold_bits(&g, rx->plan->g_bits, rx->scrambling);
    }
    if (c->n_harq_ack)
        decode_uci(phy, rx, work, ULSCH_ACK, c->n_harq_ack, &rx->result.harq_ack);
    if (c->n_csi1)
        decode_uci(phy, rx, work, ULSCH_CSI1, c->n_csi1, &rx->result.csi1);
    if (rx->ulsch.csi2_pending)
        return false;
    if (c->n_csi2)
        decode_uci(phy, rx, work, ULSCH_CSI2, c->n_csi2, &rx->result.csi2);
    if (has_sch(rx))
        ulsch_gather(&rx->ulsch, ULSCH_SCH, rx->llr, rx->scrambling, rx->sch_llr);
    return true;
}

int pusch_rx_csi2(const phy_t *phy, pusch_rx_t *rx, pusch_work_t *work, unsigned n_csi2, phy_refusal_t *why)
{
    const pusch_cfg_t *c = &rx->plan->cfg;
    rx->sch.n_cb = 0;
    if (n_csi2 > UCI_MAX_BITS)
        return phy_refuse(why, "n_csi2", n_csi2, "0..1706");
    if (ulsch_plan_csi2(&rx->ulsch, (uint16_t)n_csi2, why) < 0)
        return -EINVAL;
    if (n_csi2)
        decode_uci(phy, rx, work, ULSCH_CSI2, n_csi2, &rx->result.csi2);
    if (!has_sch(rx))
        return 0;
    sch_cfg_t s = {.tb_bytes = c->tb_bytes,
                   .g_bits = rx->ulsch.g_stream[ULSCH_SCH],
                   .tbs_lbrm = c->tbs_lbrm,
                   .rate_x10 = c->rate_x10,
                   .rv = c->rv,
                   .qm = c->qm,
                   .n_layers = c->n_layers};
    if (sch_plan(phy, &s, &rx->sch, why) < 0) {
        rx->sch.n_cb = 0;
        return -EINVAL;
    }
    ulsch_gather(&rx->ulsch, ULSCH_SCH, rx->llr, rx->scrambling, rx->sch_llr);
    return 0;
}

void pusch_rx_cb_op(pusch_rx_t *rx, unsigned r, ldpc_dec_op_t *ret)
{
    const unsigned iterations = rx->plan->cfg.max_iterations ? rx->plan->cfg.max_iterations : 8;
    sch_rx_op(&rx->sch, r, rx->sch_llr + sch_e_start(&rx->sch, r), &rx->cb[r], iterations, ret);
}

void pusch_rx_cb_done(pusch_rx_t *rx, unsigned r, const ldpc_dec_op_t *op)
{
    rx->iterations[r] = op->stats.iterations;
}

void pusch_rx_cb(const phy_t *phy, pusch_rx_t *rx, pusch_work_t *work, unsigned r)
{
    ldpc_dec_op_t op;
    pusch_rx_cb_op(rx, r, &op);
    ldpc_dec_op_run(phy, &op, &work->ldpc);
    pusch_rx_cb_done(rx, r, &op);
}

/* dB, -200 for nothing. */
static float db(double x)
{
    return x > 1e-20 ? (float)(10 * log10(x)) : -200;
}

const pusch_result_t *pusch_rx_finish(const phy_t *phy, pusch_rx_t *rx, uint8_t *tb)
{
    const pusch_plan_t *plan = rx->plan;
    pusch_result_t *r = &rx->result;
    double rsrp = 0, epre = 0, noise = 0, sinr = 0, ta = 0, cfo = 0, sum = 0, n = 0;
    for (unsigned h = 0; h < plan->n_hops; h++) {
        const chest_result_t *c = &rx->chest[h].result;
        rsrp += (double)c->rsrp / plan->n_hops;
        epre += (double)c->epre / plan->n_hops;
        noise += (double)c->noise / plan->n_hops;
        sinr += (double)c->sinr / plan->n_hops;
        ta += (double)c->ta_s / plan->n_hops;
        cfo += (double)c->cfo_hz / plan->n_hops;
    }
    for (unsigned l = 0; l < PHY_SYMBOLS; l++) {
        sum += (double)rx->noise_sum[l];
        n += (double)rx->noise_n[l];
    }
    r->rsrp_db = db(rsrp);
    r->epre_db = db(epre);
    r->noise_db = db(noise);
    r->sinr_db = db(sinr);
    r->post_sinr_db = sum > 0 ? db(n / sum) : -200;
    r->ta_s = (float)ta;
    r->cfo_hz = (float)cfo;
    r->ta_command = (uint8_t)chest_ta_command(r->ta_s, plan->cfg.mu);
    if (!has_sch(rx))
        return r;
    r->tb_present = true;
    for (unsigned i = 0; i < rx->sch.n_cb; i++) {
        r->n_cb_ok = (uint16_t)(r->n_cb_ok + rx->cb[i].done);
        r->iterations_max = rx->iterations[i] > r->iterations_max ? rx->iterations[i] : r->iterations_max;
    }
    r->crc_ok = rx->sch.n_cb > 0 && sch_assemble(phy, &rx->sch, rx->cb, tb);
    return r;
}
