/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/signal/gold_ops.h"

#include <string.h>

/* Bytes of 255 where the bits of c are 1; byte 0 (of memory) from bit 7. */
static uint64_t spread(uint8_t c)
{
    uint64_t v = c * UINT64_C(0x0101010101010101) & UINT64_C(0x0102040810204080);
    return (((v + UINT64_C(0x7f7f7f7f7f7f7f7f)) >> 7) & UINT64_C(0x0101010101010101)) * 255;
}

static void flip(int8_t *llr, const uint8_t *c, size_t n)
{
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t x, m = spread(c[i / 8]), low = UINT64_C(0x7f7f7f7f7f7f7f7f);
        memcpy(&x, llr + i, 8);
        /* -x = ~x + 1, byte by byte. */
        uint64_t a = x ^ m, b = m & UINT64_C(0x0101010101010101);
        x = ((a & low) + b) ^ (a & ~low);
        memcpy(llr + i, &x, 8);
    }
    for (; i < n; i++)
        llr[i] = c[i / 8] >> (7 - i % 8) & 1 ? (int8_t)-llr[i] : llr[i];
}

static void qpsk_ci16(ci16_t *out, const uint8_t *c, size_t n, int16_t a)
{
    for (size_t i = 0; i < n; i++) {
        unsigned two = c[i / 4] >> (6 - 2 * (i % 4));
        out[i] = (ci16_t){two & 2 ? (int16_t)-a : a, two & 1 ? (int16_t)-a : a};
    }
}

static void qpsk_cf(cf_t *out, const uint8_t *c, size_t n, float a)
{
    for (size_t i = 0; i < n; i++) {
        unsigned two = c[i / 4] >> (6 - 2 * (i % 4));
        out[i] = (cf_t){two & 2 ? -a : a, two & 1 ? -a : a};
    }
}

static uint64_t multiply(uint32_t a, uint32_t b)
{
    uint64_t by[16] = {0, a}; /* a times the polynomials of degree < 4 */
    for (unsigned i = 2; i < 16; i++)
        by[i] = i & 1 ? by[i - 1] ^ a : by[i / 2] << 1;
    uint64_t r = 0;
    for (int i = 28; i >= 0; i -= 4)
        r = r << 4 ^ by[b >> i & 15];
    return r;
}

#define GOLD_OPS gold_ops_generic
#include "lib/phy/signal/gold_kernel.h"
