/* SPDX-License-Identifier: Apache-2.0 */
/* The PRACH detector, 64 preambles on four antennas: microseconds an occasion, of noise with one preamble in
 * it. */
#include "lib/phy/ctrl/prach.h"
#include "tests/bench/bench.h"

#define N 400
#define STRIDE 864

static _Alignas(64) ci16_t samples[4 * 12 * STRIDE];
static double times[N];

static void bench(const phy_t *phy, prach_work_t *work, const char *name, prach_cfg_t c)
{
    prach_plan_t p;
    prach_detector_t *d;
    phy_refusal_t why = {0};
    c.n_rx = 4;
    if (prach_plan(&c, &p, &why) || prach_detector_create(phy, &p, &d, &why))
        exit(1);
    cf_t y[PRACH_MAX_L_RA];
    prach_sequence(&p, 7, y);
    uint32_t seed = 1;
    for (unsigned i = 0; i < 4 * 12 * STRIDE; i++) {
        seed = seed * 1664525 + 1013904223;
        unsigned k = i % STRIDE;
        cf_t x = k < p.l_ra ? y[k] : (cf_t){0, 0};
        samples[i] = (ci16_t){(int16_t)((float)((int)(seed >> 23) - 256) + 150 * x.re),
                              (int16_t)((float)((int)(seed >> 14 & 511) - 256) + 150 * x.im)};
    }
    prach_result_t r;
    for (unsigned i = 0; i < N + 20; i++) {
        double t = bench_now_ns();
        prach_detect(d, samples, 12 * STRIDE, STRIDE, work, &r);
        if (i >= 20)
            times[i - 20] = (bench_now_ns() - t) / 1000;
    }
    if (r.n_found != 1 || r.found[0].preamble != 7) {
        fprintf(stderr, "%s: the preamble was not found\n", name);
        exit(1);
    }
    char params[128];
    snprintf(params, sizeof params, "\"isa\":\"%s\",\"rx\":4,\"zcz\":%u,\"roots\":%u,\"preambles\":64",
             phy_isa_name(phy->isa), c.zero_correlation_zone, p.n_roots);
    bench_print(name, params, "us", times, N);
    prach_detector_destroy(d);
}

int main(void)
{
    prach_work_t *work = aligned_alloc(64, (prach_work_size() + 63) / 64 * 64);
    if (!work)
        return 1;
    phy_isa_t best = phy_isa_detect();
    for (int isa = PHY_ISA_GENERIC; isa <= (int)best; isa++) {
        phy_t *phy;
        if (phy_create((phy_isa_t)isa, &phy))
            return 1;
        bench(phy, work, "prach_b4",
              (prach_cfg_t){.format = PREAMBLE_B4, .mu = 1, .ul_mu = 1, .root_sequence = 1});
        bench(
            phy, work, "prach_b4",
            (prach_cfg_t){
                .format = PREAMBLE_B4, .mu = 1, .ul_mu = 1, .root_sequence = 1, .zero_correlation_zone = 11});
        bench(phy, work, "prach_0", (prach_cfg_t){.format = PREAMBLE_0, .root_sequence = 1});
        bench(phy, work, "prach_0",
              (prach_cfg_t){.format = PREAMBLE_0, .root_sequence = 1, .zero_correlation_zone = 8});
        phy_destroy(phy);
    }
    free(work);
    return 0;
}
