/* SPDX-License-Identifier: Apache-2.0 */
/* Channel estimation from DMRS, for PUSCH in the base station and PDSCH in the UE: least squares at the DMRS
 * REs, despreading of the CDM groups, time alignment, carrier frequency offset, smoothing and interpolation
 * over frequency, weights over time, noise, powers. Knows nothing of channels: it is told the runs of PRBs
 * that see one continuous channel, the ports, the DMRS symbols and, symbol by symbol, what was sent there.
 * With frequency hopping each hop is an estimation of its own.
 *
 * Frequency axis of everything here: the allocation's subcarriers without gaps ("compact"), run after run.
 * Stateless; the state of one estimation is the caller's and has one writer at a time. */
#ifndef VITRAN_PHY_PUSCH_CHEST_H
#define VITRAN_PHY_PUSCH_CHEST_H

#include "lib/phy/phy.h"

#define CHEST_MAX_OCCASIONS 4    /* single DMRS symbols, or pairs of a double-symbol DMRS */
#define CHEST_MAX_RUNS 138       /* PRB runs: every second PRB pair of 275 */
#define CHEST_TC_HZ 1966080000.0 /* 1 / Tc. TS 38.211 4.1 */

typedef struct {
    uint16_t prb_start; /* in the grid */
    uint16_t n_prb;
} chest_run_t;

typedef struct {
    uint8_t mu;          /* subcarrier spacing 15 kHz << mu, 0..3 */
    uint8_t dmrs_type;   /* configuration type 1 or 2. TS 38.211 6.4.1.1.3, 7.4.1.1.2 */
    uint8_t dmrs_length; /* 1 or 2 symbols: the second doubles the ports by TD-OCC */
    uint8_t n_layers;    /* 1..4 */
    uint8_t
        port[PHY_MAX_LAYERS]; /* DMRS port of each layer, without the 1000: 0..7 or 0..11, all different */
    uint8_t n_rx;             /* 1..8 */
    uint8_t n_occasions;      /* 1..4 */
    uint8_t symbol[CHEST_MAX_OCCASIONS]; /* the (first) symbol of each, ascending */
    float amplitude; /* of a DMRS RE over a data RE of one layer, e.g. sqrt(2) for two CDM groups without data
                      */
    uint16_t n_runs; /* 1..138 */
    chest_run_t run[CHEST_MAX_RUNS];
} chest_cfg_t;

typedef struct {
    chest_cfg_t cfg;
    uint16_t n_prb, n_sc; /* of all runs */
    uint16_t n_re;        /* DMRS REs of one CDM group in one symbol: 6 or 4 a PRB */
    uint16_t n_pairs;     /* n_re / 2: what is left after despreading */
    uint32_t stride;      /* floats from one plane of h to the next */
    uint32_t pair_stride; /* same for the despread planes */
    uint8_t n_groups;     /* CDM groups in use */
    uint8_t group[3];     /* their numbers */
    double scs_hz;
    float symbol_time[PHY_SYMBOLS]; /* start of each symbol's useful part in the slot, s */
} chest_plan_t;

/* What is known after chest_finish. Powers are relative to PHY_UNIT^2 (0 dB: a unit-power symbol). */
typedef struct {
    float rsrp;  /* mean |h|^2 of a layer on an antenna */
    float epre;  /* mean power of a DMRS RE on an antenna, as received, over amplitude^2 */
    float noise; /* variance of noise and interference on one antenna, mean of all */
    float sinr;  /* sum over the antennas of rsrp / noise of each, mean of the layers (before equalisation) */
    float noise_ant[PHY_MAX_PORTS];
    float rsrp_layer[PHY_MAX_LAYERS]; /* mean |h|^2 over the antennas */
    float ta_s;                       /* arrival after the start of the receiver's window, s */
    float cfo_hz;                     /* 0 where there is one occasion only */
    float spread_s;                   /* rms delay spread, rough */
} chest_result_t;

typedef struct {
    const chest_plan_t *plan;
    float *ls;       /* despread: plane [occasion][layer][rx] of pair_stride complex as re and im planes */
    float *h;        /* [occasion][layer][rx][re, im][stride]; time alignment and CFO: see chest_finish */
    float *residual; /* [occasion][group][rx][re, im][stride of REs]: what the estimate does not explain */
    float re_power[PHY_MAX_PORTS]; /* sums of |y|^2 */
    chest_result_t result;
    float weight[PHY_SYMBOLS][CHEST_MAX_OCCASIONS]; /* of each occasion, for a data symbol */
    cf_t rotation[PHY_SYMBOLS]; /* multiply an equalised symbol with this: undoes the CFO's phase */
    float doppler_span;         /* largest difference of weights between symbols: 0 = one channel all slot */
    uint8_t done;               /* bit per occasion */
} chest_t;

/* Memory of a worker, one a thread; its content does not live from call to call. */
typedef struct {
    float pilot[PHY_MAX_PORTS][2][PHY_MAX_SC / 2 + 64] __attribute__((aligned(PHY_ALIGN)));
    float scratch[2][PHY_MAX_SC + 256] __attribute__((aligned(PHY_ALIGN)));
    float phase[2][PHY_MAX_SC + 256] __attribute__((aligned(PHY_ALIGN)));
} chest_work_t;

/* [any thread] 0 or -EINVAL with the field's name. PRBs are below n_grid_prb. */
int chest_plan(const chest_cfg_t *cfg, unsigned n_grid_prb, chest_plan_t *ret, phy_refusal_t *why);
/* Bytes that chest_begin wants, a multiple of PHY_ALIGN. */
size_t chest_bytes(const chest_plan_t *plan);
/* memory [chest_bytes, 64-byte aligned] stays the caller's and holds the estimates until the caller drops it.
 */
void chest_begin(chest_t *chest, const chest_plan_t *plan, void *memory);

/* Takes occasion i (its one or two symbols) from the grid's antennas 0..n_rx-1. ref[group][s]: what was sent
 * on the DMRS REs of the CDM group plan->group[group] in symbol s of the occasion, before w_f, w_t and
 * amplitude: [size: plan->n_re], unit power, compact. Groups may share one sequence. Occasions come in any
 * order. */
void chest_occasion(const phy_t *phy, chest_t *chest, chest_work_t *work, const phy_grid_t *grid, unsigned i,
                    const cf_t *const ref[3][2]);
/* When all occasions are there: result, smoothed h on every subcarrier, weights over time, residuals. In h
 * the time alignment is in, the CFO's phase is taken out (relative to symbol 0). */
void chest_finish(const phy_t *phy, chest_t *chest, chest_work_t *work, const cf_t *const ref[][3][2]);

/* h of a data symbol: sum over occasions of weight x h, [layer][rx][re, im][stride] into ret. Returns h's own
 * planes where there is one occasion only. */
const float *chest_at_symbol(const phy_t *phy, const chest_t *chest, unsigned symbol, float *ret);
/* Covariance of noise and interference on the antennas over PRBs first..first+n-1 (compact): hermitian,
 * ret[rx][rx], from the residuals of all occasions. */
void chest_covariance(const chest_t *chest, unsigned first_prb, unsigned n_prb, cf_t *ret);

/* TA in units of 16 * 64 * Tc / 2^mu relative to the present one, as the MAC's command counts: 31 is "stay".
 * TS 38.213 4.2. Clamped to 0..63. */
unsigned chest_ta_command(float ta_s, unsigned mu);

/* Kernels, chosen by phy_t. Planes are float re/im. */
typedef struct chest_ops {
    /* out[i] = in[i] * conj(ref[i]) * scale; power += sum |in|^2. in is every `step`-th pattern RE, gathered.
     */
    float (*ls)(const ci16_t *symbol, unsigned dmrs_type, unsigned delta, const cf_t *ref, unsigned n_prb,
                float scale, float *re, float *im);
    /* out[p] = (a[2p] + sign * a[2p+1]) / 2 */
    void (*despread)(const float *re, const float *im, unsigned n_pairs, float sign, float *ret_re,
                     float *ret_im);
    /* Window smoothing of one run: out[12 * n_prb] from pairs. See chest_smooth.h. */
    void (*smooth)(const struct chest_window *w, const float *in, unsigned n_prb, float *scratch, float *out);
    /* re, im *= (pre, pim) */
    void (*rotate)(float *re, float *im, const float *pre, const float *pim, unsigned n);
    /* out = sum of n_in planes with weights */
    void (*combine)(const float *const *in, const float *weight, unsigned n_in, unsigned n, float *out);
} chest_ops_t;
const chest_ops_t *chest_ops(phy_isa_t isa);

#endif
