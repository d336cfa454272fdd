/* SPDX-License-Identifier: Apache-2.0 */
/* Soft demapping of arbitrary bit patterns as symbols and noise, all variants: nothing traps, nothing leaves
 * the range of an LLR, what is not a number says nothing, and every variant gives the same bytes.
 *
 * Input: byte 0 the order, then 12 bytes a symbol (re, im, inverse noise). */
#include "lib/phy/signal/demap.h"
#include "lib/phy/signal/gold.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static phy_t *phys[PHY_N_ISA];

static void check(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned orders[] = {1, 2, 4, 6, 8, 10};
    for (int isa = 0; isa <= (int)phy_isa_detect(); isa++)
        if (!phys[isa])
            check(phy_create((phy_isa_t)isa, &phys[isa]) == 0);
    if (size < 1)
        return 0;
    unsigned qm = orders[data[0] % 6];
    size_t n = (size - 1) / 12;
    cf_t *sym = malloc(n * sizeof *sym + 1);
    float *inv_noise = malloc(n * sizeof *inv_noise + 1);
    int8_t *want = malloc(n * qm + 1), *got = malloc(n * qm + 1);
    check(sym && inv_noise && want && got);
    for (size_t i = 0; i < n; i++) {
        memcpy(&sym[i], data + 1 + 12 * i, 8);
        memcpy(&inv_noise[i], data + 1 + 12 * i + 8, 4);
    }
    demap(phys[PHY_ISA_GENERIC], qm, sym, inv_noise, n, want);
    for (size_t i = 0; i < n * qm; i++) {
        cf_t y = sym[i / qm];
        bool known =
            isfinite(y.re) && isfinite(y.im) && inv_noise[i / qm] > 0 && inv_noise[i / qm] <= FLT_MAX;
        check(want[i] != -128 && (known || want[i] == 0));
    }
    for (int isa = 1; isa < PHY_N_ISA && phys[isa]; isa++) {
        demap(phys[isa], qm, sym, inv_noise, n, got);
        check(memcmp(got, want, n * qm) == 0);
        /* Descrambling twice gives back what was there. */
        gold_t g;
        gold_init(phys[isa], &g, data[0], (uint32_t)size);
        gold_t again = g;
        gold_flip_llr(&g, got, n * qm);
        gold_flip_llr(&again, got, n * qm);
        check(memcmp(got, want, n * qm) == 0);
    }
    free(sym);
    free(inv_noise);
    free(want);
    free(got);
    return 0;
}
