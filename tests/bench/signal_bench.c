/* SPDX-License-Identifier: Apache-2.0 */
/* Sequences, mapping, demapping and transforms, one thread, every SIMD level of this CPU; transforms side by
 * side with FFTW (measured plans), a sample of ours and one of FFTW's by turns. */
#include "lib/phy/signal/demap.h"
#include "lib/phy/signal/dft.h"
#include "lib/phy/signal/gold.h"
#include "lib/phy/signal/modulation.h"
#include "tests/bench/bench.h"

#include <complex.h>
#include <fftw3.h>
#include <math.h>

#define SAMPLES 301
#define N_SC 3276
#define N_BITS 868584 /* of a slot: 273 PRB, 4 layers, 256QAM */

static double t[2][SAMPLES];
static _Alignas(64) uint8_t bits[N_BITS / 8 + 64];
static _Alignas(64) int8_t llr[N_BITS + 64];
static _Alignas(64) cf_t sym[N_SC + 16], in[DFT_MAX], out[DFT_MAX];
static _Alignas(64) ci16_t grid[N_SC + 16];
static float inv_noise[N_SC + 16];
static dft_work_t work;

/* Each sample is the mean of `inner` runs, in seconds. */
#define MEASURE(which, i, inner, ...)                                                                        \
    do {                                                                                                     \
        double t0_ = bench_now_ns();                                                                         \
        for (int r_ = 0; r_ < (inner); r_++) {                                                               \
            __VA_ARGS__;                                                                                     \
        }                                                                                                    \
        t[which][i] = (bench_now_ns() - t0_) / (inner)*1e-9;                                                 \
    } while (0)

/* Work done in a run over seconds, as a rate. */
static void print_rate(const char *name, const char *params, const char *unit, double work_done, double *s)
{
    for (int i = 0; i < SAMPLES; i++)
        s[i] = work_done / s[i];
    bench_print(name, params, unit, s, SAMPLES);
}

static void bench_gold(const phy_t *phy)
{
    char params[96];
    const char *isa = phy_isa_name(phy->isa);
    gold_t g;
    snprintf(params, sizeof params, "\"isa\":\"%s\",\"bits\":%d", isa, N_BITS);
    for (int i = 0; i < SAMPLES; i++) {
        MEASURE(0, i, 2, gold_init(phy, &g, (uint32_t)i, 0); gold_xor(&g, bits, N_BITS));
        MEASURE(1, i, 2, gold_init(phy, &g, (uint32_t)i, 0); gold_flip_llr(&g, llr, N_BITS));
    }
    print_rate("scramble", params, "Gbit/s", N_BITS * 1e-9, t[0]);
    print_rate("descramble-llr", params, "Gbit/s", N_BITS * 1e-9, t[1]);
    snprintf(params, sizeof params, "\"isa\":\"%s\",\"symbols\":%d", isa, N_SC / 2);
    for (int i = 0; i < SAMPLES; i++) {
        MEASURE(0, i, 20, gold_init(phy, &g, (uint32_t)i, 0); gold_qpsk_ci16(&g, PHY_UNIT, N_SC / 2, grid));
        MEASURE(1, i, 100, gold_init(phy, &g, (uint32_t)i, 100000 + (uint32_t)r_));
    }
    for (int i = 0; i < SAMPLES; i++) {
        t[0][i] *= 1e9;
        t[1][i] *= 1e9;
    }
    bench_print("dmrs-sequence", params, "ns", t[0], SAMPLES);
    snprintf(params, sizeof params, "\"isa\":\"%s\"", isa);
    bench_print("gold-jump", params, "ns", t[1], SAMPLES);
}

static void bench_modulation(const phy_t *phy)
{
    for (unsigned qm = 2; qm <= 10; qm += 2) {
        char params[96];
        snprintf(params, sizeof params, "\"isa\":\"%s\",\"qm\":%u,\"symbols\":%d", phy_isa_name(phy->isa), qm,
                 N_SC);
        for (int i = 0; i < SAMPLES; i++) {
            MEASURE(0, i, 5, modulate(phy, qm, bits, N_SC, PHY_UNIT, grid));
            MEASURE(1, i, 5, demap(phy, qm, sym, inv_noise, N_SC, llr));
        }
        print_rate("modulate", params, "Gbit/s", N_SC * qm * 1e-9, t[0]);
        print_rate("demap", params, "Gbit/s", N_SC * qm * 1e-9, t[1]);
    }
}

static void bench_dft(const phy_t *phy)
{
    static const unsigned sizes[] = {4096, 3240, 2048, 1200, 1024, 839, 300, 139, 12};
    for (unsigned s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        unsigned n = sizes[s];
        char params[96];
        const dft_plan_t *ours = dft_plan(phy, n);
        fftwf_complex *x = fftwf_alloc_complex(n), *y = fftwf_alloc_complex(n);
        fftwf_plan theirs = fftwf_plan_dft_1d((int)n, x, y, FFTW_FORWARD, FFTW_MEASURE);
        for (unsigned i = 0; i < n; i++)
            x[i] = in[i].re + I * in[i].im;
        int inner = 1 + (int)(20000 / n);
        for (int i = 0; i < SAMPLES; i++) {
            MEASURE(0, i, inner, dft(ours, DFT_FORWARD, in, out, &work));
            MEASURE(1, i, inner, fftwf_execute(theirs));
        }
        snprintf(params, sizeof params, "\"isa\":\"%s\",\"size\":%u", phy_isa_name(phy->isa), n);
        print_rate("fft", params, "Msample/s", n * 1e-6, t[0]);
        if (phy->isa == phy_isa_detect()) {
            snprintf(params, sizeof params, "\"size\":%u", n);
            print_rate("fft-fftw", params, "Msample/s", n * 1e-6, t[1]);
        }
        fftwf_destroy_plan(theirs);
        fftwf_free(x);
        fftwf_free(y);
    }
}

int main(void)
{
    uint64_t x = 1;
    for (size_t i = 0; i < sizeof bits; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        bits[i] = (uint8_t)x;
    }
    for (unsigned i = 0; i < DFT_MAX; i++)
        in[i] = (cf_t){cosf((float)i * 0.7f), sinf((float)i * 1.3f)};
    for (unsigned i = 0; i < N_SC; i++) {
        sym[i] = in[i];
        inv_noise[i] = 100;
    }
    for (int isa = 0; isa <= (int)phy_isa_detect(); isa++) {
        phy_t *phy;
        if (phy_create((phy_isa_t)isa, &phy) < 0)
            return 1;
        bench_gold(phy);
        bench_modulation(phy);
        bench_dft(phy);
        phy_destroy(phy);
    }
    return 0;
}
