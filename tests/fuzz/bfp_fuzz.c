/* SPDX-License-Identifier: Apache-2.0 */
/* A peer's compressed section: any width, count and length. What does not fit is refused and nothing written;
 * what fits expands alike in every variant, and goes through compression and expansion again unchanged.
 *
 * Input: byte 0 the width, byte 1 the PRBs asked for, then the section. */
#include "fronthaul/compression/bfp.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    unsigned w = data[0] % 20;
    size_t n = data[1], bytes = size - 2, need = n * bfp_prb_bytes(w);
    bool fits = w >= 1 && w <= 16 && need <= bytes;
    /* Exactly as large as they must be: the sanitizer sees every byte too much. */
    size_t had = fits ? need : bytes;
    uint8_t *in = malloc(had + 1), *wire = malloc(need + 1);
    ci16_t *want = malloc(n * 48 + 4), *got = malloc(n * 48 + 4), *again = malloc(n * 48 + 4);
    check(in && wire && want && got && again);
    uint8_t *section = in + 1; /* nothing is aligned on the wire */
    memcpy(section, data + 2, had);
    for (int isa = 0; isa <= (int)phy_isa_detect(); isa++) {
        const bfp_ops_t *ops = bfp_ops((phy_isa_t)isa);
        memset(got, 0xa5, n * 48);
        int64_t r = bfp_expand(ops, w, section, had, n, got);
        check(fits ? r == (int64_t)need : r < 0);
        if (!fits) {
            for (size_t i = 0; i < n * 48; i++)
                check(((uint8_t *)got)[i] == 0xa5);
            continue;
        }
        if (isa == 0)
            memcpy(want, got, n * 48);
        check(memcmp(got, want, n * 48) == 0);
        check(bfp_compress(ops, w, got, n, wire, need) == (int64_t)need);
        check(bfp_expand(ops, w, wire, need, n, again) == (int64_t)need);
        check(bfp_compress(ops, w, again, n, wire, need) == (int64_t)need);
        check(bfp_expand(ops, w, wire, need, n, got) == (int64_t)need);
        check(memcmp(got, again, n * 48) == 0);
    }
    free(in);
    free(wire);
    free(want);
    free(got);
    free(again);
    return 0;
}
