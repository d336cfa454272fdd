/* SPDX-License-Identifier: Apache-2.0 */
/* Link simulations: what `link` (link.c) knows of a channel's simulator. One simulator does one trial after
 * the other at a fixed SNR: a transmission, the radio channel (channel.h), reception, comparison. SNR is that
 * of TS 38.104: power of the signal of all transmit antennas on a resource element over the noise, at one
 * receive antenna. Deterministic for a seed. Single-threaded. */
#ifndef VITRAN_TESTS_LINK_LINK_H
#define VITRAN_TESTS_LINK_LINK_H

#include "tests/link/channel.h"

/* key=value arguments. */
typedef struct {
    int n;
    char **arg;
    bool used[64];
} link_args_t;

const char *link_text(link_args_t *a, const char *key, const char *otherwise);
double link_real(link_args_t *a, const char *key, double otherwise);
unsigned link_int(link_args_t *a, const char *key, unsigned otherwise);
/* Says why and ends the process. */
_Noreturn void link_die(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void link_refused(const phy_refusal_t *why);

/* What was counted: a rate is errors over trials (of blocks, bits or transmissions, as the metric says). */
typedef struct {
    uint64_t trials, errors;
} link_count_t;

typedef struct {
    const char *name, *help;
    /* Reads its arguments (all of them: link.c refuses what nobody read). snr_db is this point's. */
    void *(*create)(const phy_t *phy, link_args_t *args, double snr_db);
    void (*trial)(void *self, link_count_t *count);
    void (*destroy)(void *self);
} link_sim_t;

extern const link_sim_t link_pusch, link_pucch, link_prach, link_pdsch, link_pdcch;

/* Arguments that all share: channel=, doppler=, delay_ns=, cfo=, seed=, rx=, and the SNR -> a channel, gain
 * set so that int16 samples keep 21 dB of headroom. ret_noise: for channel_apply. */
channel_t *link_channel(link_args_t *a, channel_cfg_t base, double snr_db, float *ret_noise);
/* A grid of zeros; the memory is grid.re (free). */
phy_grid_t link_grid(unsigned n_prb, unsigned n_ant);
/* 64-byte aligned, zeroed; never NULL. */
void *link_memory(size_t bytes);
void link_random_bits(link_random_t *r, uint8_t *bits, unsigned n);

#endif
