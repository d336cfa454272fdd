/* SPDX-License-Identifier: Apache-2.0 */
/* Radio channels for link tests, in the frequency domain: every resource element of a slot passes through
 * H(subcarrier, symbol) of its antenna pair, then noise, delay and frequency offset are added. Right while
 * the delay spread stays inside of the cyclic prefix and the Doppler shift is far below the subcarrier
 * spacing; what is left out (interference between subcarriers) is below -40 dB for 400 Hz at 15 kHz.
 *
 * Tapped delay lines TDLA30, TDLB100, TDLC300 of TS 38.104 annex G.2, Rayleigh taps with Jakes' spectrum,
 * antennas uncorrelated ("low"). Deterministic: one seed, one channel. Single-threaded objects. */
#ifndef VITRAN_TESTS_LINK_CHANNEL_H
#define VITRAN_TESTS_LINK_CHANNEL_H

#include "lib/phy/phy.h"

typedef enum { CHANNEL_AWGN, CHANNEL_TDLA30, CHANNEL_TDLB100, CHANNEL_TDLC300, N_CHANNELS } channel_profile_t;

const char *channel_name(channel_profile_t profile); /* "AWGN", "TDLA30", ... */
/* false: no such profile. */
bool channel_parse(const char *name, channel_profile_t *ret);

/* Pseudo-random numbers of a test. */
typedef struct {
    uint64_t s[4];
} link_random_t;
void link_random_seed(link_random_t *r, uint64_t seed);
uint64_t link_random_u64(link_random_t *r);
double link_random_uniform(link_random_t *r); /* (0, 1) */
/* One complex Gaussian value of variance 1. */
cf_t link_random_gauss(link_random_t *r);

typedef struct {
    channel_profile_t profile;
    uint8_t n_tx, n_rx; /* 1..8 */
    uint8_t mu;
    uint16_t n_sc;
    float doppler_hz; /* maximum; 0: taps stay for one slot and are drawn anew for each (block fading) */
    float delay_ns;   /* of all paths on top of the profile's */
    float cfo_hz;
    float gain; /* of the received grid: amplitude of a unit-power symbol of unit channel gain is gain x
                   PHY_UNIT */
    uint64_t seed;
    /* A narrow grid may stand for the ends of a wide carrier: subcarriers from split_sc on lie gap_sc higher
     * than their index says. 0: they do not. */
    uint16_t split_sc, gap_sc;
} channel_cfg_t;

typedef struct channel channel_t;
/* AWGN with more than one antenna: tx i reaches rx j with the phases of a DFT matrix, so that layers can be
 * told apart: orthogonal columns, each of unit gain per antenna. 0, -EINVAL, -ENOMEM. */
int channel_create(const channel_cfg_t *cfg, channel_t **ret);
void channel_destroy(channel_t *c);
/* Moves on to slot n (time n x slot duration). */
void channel_slot(channel_t *c, uint64_t n);
/* Another channel of the same profile: all taps anew, from the next channel_slot on. */
void channel_redraw(channel_t *c);
/* Complex gains of the profile's taps of an antenna pair at a time from the slot's start, and their delays
 * [size: CHANNEL_MAX_TAPS]; returns how many. For simulations of their own, in time. */
#define CHANNEL_MAX_TAPS 12
unsigned channel_taps(const channel_t *c, double time_s, unsigned tx, unsigned rx, cf_t *ret,
                      double *ret_delay_s);
/* rx = H tx + noise, all symbols, all subcarriers; rx is overwritten. noise: variance per RE and antenna
 * where a unit symbol has power 1 (before gain). tx antennas 0..n_tx-1. Several transmitters: `add` puts
 * another one's signal on top of what rx holds (noise then usually 0 for all but one). */
void channel_apply(channel_t *c, const phy_grid_t *tx, float noise, bool add, const phy_grid_t *rx);
/* The true channel of a symbol: [n_sc], without gain, CFO in. For tests of estimators. */
void channel_response(const channel_t *c, unsigned symbol, unsigned tx, unsigned rx, cf_t *ret);

#endif
