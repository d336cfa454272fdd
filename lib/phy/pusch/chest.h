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

#include "lib/phy/dl/dmrs.h"

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
    dmrs_port_t port[PHY_MAX_LAYERS];
    uint16_t n_prb, n_sc;                    /* of all runs */
    uint16_t n_re;                           /* DMRS REs of one CDM group in one symbol: 6 or 4 a PRB */
    uint16_t n_pairs;                        /* n_re / 2: what is left after despreading */
    uint32_t stride, re_stride, pair_stride; /* floats between planes */
    uint8_t n_groups;                        /* CDM groups in use */
    uint8_t group[3], delta[3];              /* their numbers and first subcarriers */
    uint8_t layer_group[PHY_MAX_LAYERS];     /* index into group */
    double scs_hz;
    float symbol_time[PHY_SYMBOLS]; /* of each symbol's useful part in the slot, s */
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
    float *ls; /* [occasion][symbol of it][group][rx][re, im][re_stride]; after chest_finish what is left of
                  it when the estimate is taken off */
    float *pairs; /* [occasion][layer][rx][re, im][pair_stride]: despread */
    float *h;     /* [occasion][layer][rx][re, im][stride] */
    float re_power[PHY_MAX_PORTS];
    float
        noise_gain; /* mean |ref|^2: chest_begin says 1, callers with other references set it before finish */
    chest_result_t result;
    float error; /* variance of an estimate over the noise's, after weighting over time (rough) */
    float drift[PHY_SYMBOLS]; /* variance of what weighting over time misses, over rsrp */
    float weight[PHY_SYMBOLS][CHEST_MAX_OCCASIONS]; /* of each occasion, for a data symbol; sum 1 */
    bool steady;                /* one set of weights does for all symbols: that of every symbol */
    cf_t rotation[PHY_SYMBOLS]; /* multiply an equalised symbol with this: undoes the CFO's phase */
} chest_t;

/* Memory of a worker, one a thread; its content does not live from call to call. */
typedef struct {
    float phase[2][PHY_GRID_STRIDE] __attribute__((aligned(PHY_ALIGN)));
    float pilot_phase[2][PHY_GRID_STRIDE] __attribute__((aligned(PHY_ALIGN)));
} chest_work_t;

/* [any thread] 0 or -EINVAL with the field's name. PRBs are below n_grid_prb. */
int chest_plan(const chest_cfg_t *cfg, unsigned n_grid_prb, chest_plan_t *ret, phy_refusal_t *why);
/* Bytes that chest_begin wants, a multiple of PHY_ALIGN. */
size_t chest_bytes(const chest_plan_t *plan);
/* memory [chest_bytes, 64-byte aligned] stays the caller's and holds the estimates until the caller drops it.
 */
void chest_begin(chest_t *chest, const chest_plan_t *plan, void *memory);

/* Takes symbol s (0, or 1 of a pair) of occasion i from the grid's antennas 0..n_rx-1. ref[j]: what was sent
 * on the DMRS REs of CDM group plan->group[j], before w_f, w_t and amplitude: [size: plan->n_re], unit
 * magnitude, compact. Groups may share one sequence. Symbols come in any order. */
void chest_symbol(const phy_t *phy, chest_t *chest, const phy_grid_t *grid, unsigned i, unsigned s,
                  const cf_t *const ref[3]);
/* When all symbols are there: the result, h on every subcarrier, weights over time. In h the time alignment
 * is in, the CFO's phase is taken out (relative to the slot's start). Subcarriers n_sc..stride-1 are 0. */
void chest_finish(const phy_t *phy, chest_t *chest, chest_work_t *work);

/* h of a data symbol: sum over occasions of weight x h, [layer][rx][re, im][stride], into ret. */
void chest_at_symbol(const phy_t *phy, const chest_t *chest, unsigned symbol, float *ret);
/* Covariance of noise and interference on the antennas over PRBs first..first+n-1 (compact), hermitian,
 * [rx][rx], with a hundredth of the mean noise on its diagonal. */
void chest_covariance(const phy_t *phy, const chest_t *chest, unsigned first_prb, unsigned n_prb, cf_t *ret);

/* T_A of a MAC timing advance command: 31 + ta in units of 16 * 64 * Tc / 2^mu, 0..63 (31: stay). TS 38.213
 * 4.2. */
unsigned chest_ta_command(float ta_s, unsigned mu);
/* The same time as SCF-222's and 38.213's N_TA, in Tc, rounded. */
int32_t chest_ta_tc(float ta_s);

/* Despreading takes a pair from four pilots, its own two and one on each side, so weighted that another
 * port's channel may slope: weights outer, 1/2 - outer, 1/2 - outer, outer. At a run's ends from its own two.
 */
static inline float chest_outer(unsigned dmrs_type)
{
    return dmrs_type == 1 ? 1.0f / 8 : 1.0f / 24;
}

/* A smoothing filter: the PRB at position `pos` of a window of n_prb PRBs from the window's despread pilots.
 */
#define CHEST_WINDOW_PRB 5
typedef struct {
    uint8_t n_prb, taps;            /* taps: pairs of n_prb PRBs */
    const float *weight;            /* [pos][tap][16]: lanes 0..11 are the PRB's subcarriers */
    float own[CHEST_WINDOW_PRB];    /* mean weight at a pilot of that pilot itself, by position */
    float energy[CHEST_WINDOW_PRB]; /* mean sum of squared weights of pilots */
} chest_window_t;

struct chest_windows;
/* Internal, of phy_create and phy_destroy: filters for all sizes, DMRS patterns, delay spreads and SNRs. */
int chest_windows_create(struct chest_windows **ret);
void chest_windows_destroy(struct chest_windows *w);
/* spread: rms delay spread times subcarrier spacing; nsr: noise over signal power of a despread pair; n_prb
 * of the run. */
const chest_window_t *chest_window(const struct chest_windows *w, unsigned dmrs_type, unsigned delta,
                                   unsigned n_prb, float spread, float nsr);

/* Kernels on re and im planes, chosen by isa; see chest_kernel.h. Internal. They write up to 15 floats behind
 * the end. */
typedef struct chest_ops {
    float (*ls)(const ci16_t *row, unsigned type, unsigned delta, const cf_t *ref, unsigned n_prb,
                float scale, float *re, float *im);
    void (*despread)(const float *const a[2], const float *const b[2], unsigned n_pairs, float outer,
                     float w_f, float w_t, float *re, float *im);
    void (*lags)(const float *re, const float *im, unsigned n, float sums[6]);
    void (*correlate)(const float *const a[2], const float *const b[2], unsigned n, float sum[2]);
    void (*rotate)(float *re, float *im, const float *const phase[2], cf_t factor, unsigned n);
    void (*smooth)(const chest_window_t *w, const float *const in[2], unsigned n_prb, float *const out[2]);
    void (*explain)(float *re, float *im, unsigned type, unsigned delta, const float *const h[2],
                    const float w[2], unsigned n_prb);
    void (*combine)(const float *const *in, const float *weight, unsigned n_in, size_t n, float *out);
} chest_ops_t;
const chest_ops_t *chest_ops(phy_isa_t isa);
extern const chest_ops_t chest_ops_generic, chest_ops_avx2, chest_ops_avx512;

#endif
