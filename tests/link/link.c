/* SPDX-License-Identifier: Apache-2.0 */
/* Runs one curve of a link simulation:
 *
 *   link CHANNEL from=DB step=DB points=N stop=RATE blocks=N errors=N seconds=S least=N [key=value ...]
 *
 * goes up in SNR from `from` and prints "snr_db,trials,errors" a point, until a rate is below `stop` or
 * `points` are done. A point ends after `blocks` trials, or `errors` errors, or its share of `seconds`, but
 * not before `least` trials. tests/link/run calls it. `link` alone says which channels there are and what
 * they take. */
#include "tests/link/link.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const link_sim_t *const sims[] = {&link_pusch, &link_pucch, &link_prach, &link_pdsch, &link_pdcch};
#define N_SIMS (sizeof sims / sizeof *sims)

void link_die(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    fprintf(stderr, "link: ");
    vfprintf(stderr, format, ap);
    fprintf(stderr, "\n");
    va_end(ap);
    exit(2);
}

void link_refused(const phy_refusal_t *why)
{
    link_die("%s %lld: expected %s", why->field, (long long)why->value, why->expected);
}

const char *link_text(link_args_t *a, const char *key, const char *otherwise)
{
    size_t n = strlen(key);
    for (int i = 0; i < a->n; i++)
        if (strncmp(a->arg[i], key, n) == 0 && a->arg[i][n] == '=') {
            a->used[i] = true;
            return a->arg[i] + n + 1;
        }
    return otherwise;
}

double link_real(link_args_t *a, const char *key, double otherwise)
{
    const char *s = link_text(a, key, NULL);
    if (!s)
        return otherwise;
    char *end;
    double x = strtod(s, &end);
    if (end == s || *end)
        link_die("%s: not a number: %s", key, s);
    return x;
}

unsigned link_int(link_args_t *a, const char *key, unsigned otherwise)
{
    double x = link_real(a, key, otherwise);
    if (x < 0 || x > 4e9 || x != floor(x))
        link_die("%s: not a whole number", key);
    return (unsigned)x;
}

void *link_memory(size_t bytes)
{
    bytes = (bytes + 63) & ~(size_t)63;
    void *p = aligned_alloc(PHY_ALIGN, bytes);
    if (!p)
        link_die("out of memory");
    memset(p, 0, bytes);
    return p;
}

phy_grid_t link_grid(unsigned n_prb, unsigned n_ant)
{
    phy_grid_t g = {.n_sc = (uint16_t)(12 * n_prb), .n_ant = (uint8_t)n_ant, .n_symbols = PHY_SYMBOLS};
    g.stride = (12 * n_prb + PHY_PAD_SC + 15) & ~15u;
    g.re = link_memory(((size_t)n_ant * PHY_SYMBOLS * g.stride + PHY_PAD_SC) * sizeof(ci16_t));
    return g;
}

void link_random_bits(link_random_t *r, uint8_t *bits, unsigned n)
{
    for (unsigned i = 0; i < (n + 7) / 8; i++)
        bits[i] = (uint8_t)(link_random_u64(r) >> 32);
    if (n % 8)
        bits[n / 8] &= (uint8_t)(0xff00 >> n % 8);
}

channel_t *link_channel(link_args_t *a, channel_cfg_t base, double snr_db, float *ret_noise)
{
    channel_t *c;
    const char *name = link_text(a, "channel", "AWGN");
    if (!channel_parse(name, &base.profile))
        link_die("channel: AWGN, TDLA30, TDLB100 or TDLC300, not %s", name);
    base.doppler_hz = (float)link_real(a, "doppler", 0);
    base.delay_ns = (float)link_real(a, "delay_ns", 0);
    base.cfo_hz = (float)link_real(a, "cfo", 0);
    base.seed = link_int(a, "seed", 1);
    *ret_noise = (float)pow(10, -snr_db / 10);
    base.gain = 0.7f / sqrtf(1 + *ret_noise);
    if (channel_create(&base, &c) < 0)
        link_die("channel_create failed");
    return c;
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void usage(void)
{
    fprintf(stderr,
            "usage: link CHANNEL from=DB step=DB points=N stop=RATE blocks=N errors=N seconds=S least=N "
            "[key=value ...]\n");
    for (size_t i = 0; i < N_SIMS; i++)
        fprintf(stderr, "  %-6s %s\n", sims[i]->name, sims[i]->help);
    exit(2);
}

int main(int argc, char **argv)
{
    link_args_t a = {argc - 2, argv + 2, {false}};
    const link_sim_t *sim = NULL;
    for (size_t i = 0; argc > 1 && i < N_SIMS; i++)
        if (strcmp(argv[1], sims[i]->name) == 0)
            sim = sims[i];
    if (!sim || a.n > 64)
        usage();
    double from = link_real(&a, "from", 0), step = link_real(&a, "step", 1), stop = link_real(&a, "stop", 0);
    unsigned points = link_int(&a, "points", 1), blocks = link_int(&a, "blocks", 1000),
             errors = link_int(&a, "errors", 100), least = link_int(&a, "least", 50);
    /* A curve seldom takes all of its points. */
    double seconds = link_real(&a, "seconds", 1e9) / (points < 6 ? points : 6);
    phy_t *phy;
    if (phy_create(PHY_ISA_BEST, &phy) < 0)
        link_die("phy_create failed");
    for (unsigned i = 0; i < points; i++) {
        double snr_db = from + i * step, start = now_s();
        link_count_t count = {0};
        void *self = sim->create(phy, &a, snr_db);
        for (int k = 0; i == 0 && k < a.n; k++)
            if (!a.used[k])
                link_die("nobody reads %s", a.arg[k]);
        while (count.trials < blocks && count.errors < errors) {
            sim->trial(self, &count);
            if (count.trials >= least && now_s() - start > seconds)
                break;
        }
        sim->destroy(self);
        printf("%.3f,%llu,%llu\n", snr_db, (unsigned long long)count.trials,
               (unsigned long long)count.errors);
        fflush(stdout);
        if ((double)count.errors < stop * (double)count.trials)
            break;
    }
    phy_destroy(phy);
    return 0;
}
