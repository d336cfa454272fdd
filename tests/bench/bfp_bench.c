/* SPDX-License-Identifier: Apache-2.0 */
/* Block floating point of one symbol of 273 PRBs (what a U-plane message pair carries; in cache), and of a
 * slot of four antennas, 14 symbols each (its samples, 2.9 MB with the wire's bytes, come from L3 or memory),
 * by width and variant. */
#include "fronthaul/compression/bfp.h"
#include "tests/bench/bench.h"

enum { PRBS = 273, SYMBOLS = 56, REPEATS = 16 };

static double samples[4000];
static ci16_t grid[SYMBOLS][PRBS * 12] __attribute__((aligned(64)));
static uint8_t wire[SYMBOLS][PRBS * 49 + 63] __attribute__((aligned(64)));

static void one(const bfp_ops_t *ops, phy_isa_t isa, unsigned w, int symbols, bool expand)
{
    size_t n = symbols == 1 ? 4000 : 100, bytes = PRBS * bfp_prb_bytes(w);
    int repeats = symbols == 1 ? REPEATS : 1;
    for (size_t k = 0; k < n; k++) {
        double start = bench_now_ns();
        for (int r = 0; r < repeats; r++)
            for (int s = 0; s < symbols; s++)
                if (expand)
                    bfp_expand(ops, w, wire[s], bytes, PRBS, grid[s]);
                else
                    bfp_compress(ops, w, grid[s], PRBS, wire[s], bytes);
        samples[k] = (bench_now_ns() - start) / repeats / symbols / 1e3;
    }
    char params[96];
    snprintf(params, sizeof params, "\"isa\":\"%s\",\"width\":%u,\"prb\":%d,\"symbols\":%d",
             phy_isa_name(isa), w, PRBS, symbols);
    bench_print(expand ? "bfp_expand" : "bfp_compress", params, "us", samples, n);
}

int main(void)
{
    static const unsigned widths[] = {8, 9, 10, 12, 14, 16};
    uint32_t seed = 1;
    for (int s = 0; s < SYMBOLS; s++)
        for (int i = 0; i < PRBS * 12; i++) {
            seed = seed * 1664525 + 1013904223;
            grid[s][i] = (ci16_t){(int16_t)((int16_t)(seed >> 16) >> 2), (int16_t)((int16_t)seed >> 2)};
        }
    for (int isa = (int)phy_isa_detect(); isa >= 0; isa--)
        for (int symbols = 1; symbols <= SYMBOLS; symbols += SYMBOLS - 1)
            for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
                const bfp_ops_t *ops = bfp_ops((phy_isa_t)isa);
                one(ops, (phy_isa_t)isa, widths[i], symbols, false);
                one(ops, (phy_isa_t)isa, widths[i], symbols, true);
            }
    return 0;
}
