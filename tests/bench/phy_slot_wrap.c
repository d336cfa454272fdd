/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that are stamped. The functions come by the linker's --wrap (a call that stays inside of its own file
 * is not seen), the kernels by tables that stand in for the real ones. */
#include "du/phy/du_phy.h"
#include "lib/phy/ctrl/pucch.h"
#include "lib/phy/ctrl/srs.h"
#include "lib/phy/dl/csi_rs.h"
#include "lib/phy/dl/dl_ops.h"
#include "lib/phy/dl/pdcch.h"
#include "lib/phy/dl/pdsch.h"
#include "lib/phy/dl/ssb.h"
#include "lib/phy/ldpc/crc.h"
#include "lib/phy/ldpc/encode.h"
#include "lib/phy/ldpc/rate_match.h"
#include "lib/phy/pusch/pusch.h"
#include "lib/phy/signal/demap.h"
#include "lib/phy/signal/gold.h"
#include "tests/bench/phy_slot_probe.h"

#define WRAP(title, name, params, args)                                                                      \
    void __real_##name params;                                                                               \
    void __wrap_##name params;                                                                               \
    void __wrap_##name params                                                                                \
    {                                                                                                        \
        probe_enter(title);                                                                                  \
        __real_##name args;                                                                                  \
        probe_leave();                                                                                       \
    }
#define WRAP_RET(title, type, name, params, args)                                                            \
    type __real_##name params;                                                                               \
    type __wrap_##name params;                                                                               \
    type __wrap_##name params                                                                                \
    {                                                                                                        \
        probe_enter(title);                                                                                  \
        type got_ = __real_##name args;                                                                      \
        probe_leave();                                                                                       \
        return got_;                                                                                         \
    }
#define WRAP_CHANNEL(channel, title, name, params, args)                                                     \
    void __real_##name params;                                                                               \
    void __wrap_##name params;                                                                               \
    void __wrap_##name params                                                                                \
    {                                                                                                        \
        bool both = probe_enter_channel(channel, title);                                                     \
        __real_##name args;                                                                                  \
        probe_leave_channel(both);                                                                           \
    }
#define WRAP_CHANNEL_RET(channel, title, type, name, params, args)                                           \
    type __real_##name params;                                                                               \
    type __wrap_##name params;                                                                               \
    type __wrap_##name params                                                                                \
    {                                                                                                        \
        bool both = probe_enter_channel(channel, title);                                                     \
        type got_ = __real_##name args;                                                                      \
        probe_leave_channel(both);                                                                           \
        return got_;                                                                                         \
    }

/* ---- downlink ---- */

WRAP_CHANNEL_RET("PDSCH", "plan", int, pdsch_plan,
                 (const phy_t *phy, const pdsch_cfg_t *cfg, unsigned n, pdsch_plan_t *ret,
                  phy_refusal_t *why),
                 (phy, cfg, n, ret, why))
WRAP_CHANNEL_RET("PDSCH", "block CRC", uint32_t, pdsch_tb_crc,
                 (const phy_t *phy, const pdsch_plan_t *plan, const uint8_t *tb), (phy, plan, tb))
WRAP_CHANNEL("PDSCH", "code blocks", pdsch_code_block,
             (const phy_t *phy, const pdsch_plan_t *p, const uint8_t *tb, uint32_t crc, unsigned r,
              pdsch_work_t *work, const phy_grid_t *grid),
             (phy, p, tb, crc, r, work, grid))
WRAP_CHANNEL("PDSCH", "DMRS, PTRS", pdsch_signals,
             (const phy_t *phy, const pdsch_plan_t *p, pdsch_work_t *work, const phy_grid_t *grid),
             (phy, p, work, grid))
WRAP("encode", sch_encode_cb,
     (const phy_t *phy, const sch_plan_t *plan, const uint8_t *tb, uint32_t crc, unsigned r, uint8_t *f),
     (phy, plan, tb, crc, r, f))
WRAP_RET("CRC", uint32_t, crc_bits, (const phy_t *phy, crc_kind_t kind, const uint8_t *bits, size_t n),
         (phy, kind, bits, n))
WRAP("LDPC", ldpc_encode,
     (const phy_t *phy, const graph_t *g, unsigned rows, const uint8_t *message, uint8_t *parity),
     (phy, g, rows, message, parity))
WRAP("rate match", rate_match,
     (const phy_t *phy, uint8_t *circ, uint32_t n_circ, uint32_t start, unsigned qm, uint32_t e, uint8_t *f),
     (phy, circ, n_circ, start, qm, e, f))
WRAP("Gold start", gold_init, (const phy_t *phy, gold_t *g, uint32_t c_init, uint32_t offset),
     (phy, g, c_init, offset))
WRAP("scramble", gold_xor, (gold_t * g, uint8_t *bits, size_t n), (g, bits, n))
WRAP("r(m)", dmrs_sequence_ci16,
     (const phy_t *phy, uint32_t c_init, unsigned type, unsigned first, unsigned n, float a, ci16_t *ret),
     (phy, c_init, type, first, n, a, ret))
WRAP_CHANNEL_RET("PDCCH", "plan", int, pdcch_tx_plan,
                 (const pdcch_tx_cfg_t *cfg, unsigned n, pdcch_tx_plan_t *ret, phy_refusal_t *why),
                 (cfg, n, ret, why))
WRAP_CHANNEL("PDCCH", "encode to grid", pdcch_tx_run,
             (const phy_t *phy, const pdcch_tx_plan_t *plan, const uint8_t *dci, const phy_grid_t *grid),
             (phy, plan, dci, grid))
WRAP_CHANNEL("SSB", "encode to grid", ssb_run,
             (const phy_t *phy, const ssb_cfg_t *cfg, const phy_grid_t *grid), (phy, cfg, grid))
WRAP_CHANNEL("CSI-RS", "to grid", csi_rs_run,
             (const phy_t *phy, const csi_rs_plan_t *plan, const phy_grid_t *grid), (phy, plan, grid))
WRAP("clear grid", du_phy_dl_release, (du_phy_t * p, uint64_t abs_slot), (p, abs_slot))

/* ---- uplink ---- */

WRAP_CHANNEL_RET("PUSCH", "plan", int, pusch_plan,
                 (const phy_t *phy, const pusch_cfg_t *cfg, pusch_plan_t *ret, phy_refusal_t *why),
                 (phy, cfg, ret, why))
WRAP_CHANNEL("PUSCH", "plan", pusch_rx_begin,
             (pusch_rx_t * rx, const pusch_plan_t *plan, const phy_grid_t *grid, sch_rx_cb_t *cb,
              void *memory),
             (rx, plan, grid, cb, memory))
WRAP_CHANNEL("PUSCH", "channel", pusch_rx_dmrs,
             (const phy_t *phy, pusch_rx_t *rx, pusch_work_t *work, unsigned hop), (phy, rx, work, hop))
WRAP_CHANNEL("PUSCH", "symbols", pusch_rx_symbol,
             (const phy_t *phy, pusch_rx_t *rx, pusch_work_t *work, unsigned symbol), (phy, rx, work, symbol))
WRAP_CHANNEL("PUSCH", "code blocks", pusch_rx_cb,
             (const phy_t *phy, pusch_rx_t *rx, pusch_work_t *work, unsigned r), (phy, rx, work, r))
WRAP_CHANNEL_RET("PUSCH", "assemble", const pusch_result_t *, pusch_rx_finish,
                 (const phy_t *phy, pusch_rx_t *rx, uint8_t *tb), (phy, rx, tb))
WRAP("r(m)", pusch_dmrs, (const phy_t *phy, const pusch_plan_t *plan, unsigned symbol, cf_t *ret),
     (phy, plan, symbol, ret))
WRAP("LS", chest_symbol,
     (const phy_t *phy, chest_t *c, const phy_grid_t *grid, unsigned i, unsigned s, const cf_t *const ref[3]),
     (phy, c, grid, i, s, ref))
WRAP("estimate", chest_finish, (const phy_t *phy, chest_t *c, chest_work_t *work), (phy, c, work))
WRAP("over time", chest_at_symbol, (const phy_t *phy, const chest_t *c, unsigned symbol, float *ret),
     (phy, c, symbol, ret))
WRAP("filter", eq_filter,
     (const phy_t *phy, const eq_shape_t *shape, const float *h, const float *noise, float *g, float *inv),
     (phy, shape, h, noise, g, inv))
WRAP("order noise", eq_order_noise,
     (const phy_t *phy, const eq_shape_t *shape, const float *inv, unsigned first, unsigned n, float *out),
     (phy, shape, inv, first, n, out))
WRAP("equalise", eq_apply,
     (const phy_t *phy, const eq_shape_t *shape, const float *g, unsigned first, unsigned n,
      const ci16_t *const *rows, cf_t rotation, cf_t *out),
     (phy, shape, g, first, n, rows, rotation, out))
WRAP("demap", demap,
     (const phy_t *phy, unsigned qm, const cf_t *sym, const float *inv, size_t n, int8_t *llr),
     (phy, qm, sym, inv, n, llr))
WRAP("descramble", gold_flip_llr, (gold_t * g, int8_t *llr, size_t n), (g, llr, n))
WRAP("dematch", ldpc_dematch,
     (const phy_t *phy, const ldpc_dematch_plan_t *plan, const int8_t *llr, int8_t *soft, uint32_t *n),
     (phy, plan, llr, soft, n))
WRAP("decode", ldpc_decode,
     (const phy_t *phy, const ldpc_dec_plan_t *plan, const int8_t *soft, uint32_t n, unsigned iterations,
      ldpc_dec_work_t *work, uint8_t *bits, ldpc_dec_stats_t *stats),
     (phy, plan, soft, n, iterations, work, bits, stats))
WRAP_CHANNEL_RET("PUCCH", "plan", int, pucch_plan,
                 (const phy_t *phy, const pucch_cfg_t *cfg, pucch_plan_t *ret, phy_refusal_t *why),
                 (phy, cfg, ret, why))
WRAP_CHANNEL("PUCCH", "format 1", pucch_f1_detect,
             (const phy_t *phy, const pucch_plan_t *const *plans, size_t n, const phy_grid_t *grid,
              pucch_result_t *results),
             (phy, plans, n, grid, results))
WRAP_CHANNEL("PUCCH", "format 2", pucch_decode,
             (const phy_t *phy, const pucch_plan_t *plan, const phy_grid_t *grid, pucch_work_t *work,
              pucch_result_t *ret),
             (phy, plan, grid, work, ret))
WRAP_CHANNEL_RET("SRS", "plan", int, srs_plan,
                 (const phy_t *phy, const srs_cfg_t *cfg, srs_plan_t *ret, phy_refusal_t *why),
                 (phy, cfg, ret, why))
WRAP_CHANNEL("SRS", "receive", srs_receive,
             (const phy_t *phy, const srs_plan_t *plan, const phy_grid_t *grid, srs_work_t *work,
              const srs_channel_t *channel, unsigned first, srs_result_t *ret),
             (phy, plan, grid, work, channel, first, ret))

/* ---- tables of kernels ---- */

static dl_ops_t dl, dl_real;
static chest_ops_t chest, chest_real;

#define KERNEL(title, table, name, params, args)                                                             \
    static void table##_##name params                                                                        \
    {                                                                                                        \
        probe_enter(title);                                                                                  \
        table##_real.name args;                                                                              \
        probe_leave();                                                                                       \
    }
KERNEL("modulate, map", dl, map, (const dl_map_t *m, const uint8_t *bits, size_t n, ci16_t *const out[]),
       (m, bits, n, out))
KERNEL("precode", dl, precode,
       (const precoding_t *w, const ci16_t *const in[], ci16_t *const out[], size_t n, bool add),
       (w, in, out, n, add))
KERNEL("onto REs", dl, expand, (uint16_t re, const ci16_t *in, size_t n, ci16_t *out, bool more),
       (re, in, n, out, more))
KERNEL("despread", chest, despread,
       (const float *const a[2], const float *const b[2], unsigned n, float outer, float w_f, float w_t,
        float *re, float *im),
       (a, b, n, outer, w_f, w_t, re, im))
KERNEL("lags", chest, lags, (const float *re, const float *im, unsigned n, float sums[6]), (re, im, n, sums))
KERNEL("correlate", chest, correlate,
       (const float *const a[2], const float *const b[2], unsigned n, float sum[2]), (a, b, n, sum))
KERNEL("rotate", chest, rotate, (float *re, float *im, const float *const phase[2], cf_t factor, unsigned n),
       (re, im, phase, factor, n))
KERNEL("smooth", chest, smooth,
       (const chest_window_t *w, const float *const in[2], unsigned n, float *const out[2]), (w, in, n, out))
KERNEL("residual", chest, explain,
       (float *re, float *im, unsigned type, unsigned delta, const float *const h[2], const float w[2],
        unsigned n),
       (re, im, type, delta, h, w, n))

void probe_tables(phy_t *phy)
{
    if (phy->dl == &dl)
        return;
    dl = dl_real = *phy->dl;
    dl.map = dl_map;
    dl.precode = dl_precode;
    dl.expand = dl_expand;
    phy->dl = &dl;
    chest = chest_real = *phy->chest;
    chest.despread = chest_despread;
    chest.lags = chest_lags;
    chest.correlate = chest_correlate;
    chest.rotate = chest_rotate;
    chest.smooth = chest_smooth;
    chest.explain = chest_explain;
    phy->chest = &chest;
}
