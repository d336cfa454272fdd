/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/signal/gold_ops.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(8 * GOLD_SPAN % 256 == 0 && 8 * GOLD_SPAN < 65536, "x_span is one entry of a table");

#define NC 1600
#define MASK31 0x7fffffffu
/* Words of a round; the LLRs, symbols or bits of one round stay in the first-level cache. */
#define ROUND_WORDS 1024
#define ROUND_BITS (ROUND_WORDS * 32)
#define KEPT_WORDS 128 /* from one round to the next: as far back as `expand` looks */

/* A window is 31 consecutive bits, the first in bit 30. In the Galois form of the register, whose top bit is
 * the next bit and whose steps multiply by x modulo the characteristic polynomial, only the lowest three bits
 * differ from it; the way back is the same function. */
static uint32_t galois_x1(uint32_t w)
{
    return w ^ w >> 28;
}

static uint32_t galois_x2(uint32_t w)
{
    return w ^ w >> 28 ^ w >> 29 ^ w >> 30;
}

/* Modulo x^31 + x^3 + 1. */
static uint32_t reduce_x1(uint64_t v)
{
    for (int i = 0; i < 2; i++) {
        uint64_t high = v >> 31;
        v = (v & MASK31) ^ high ^ high << 3;
    }
    return (uint32_t)v;
}

/* Modulo x^31 + x^3 + x^2 + x + 1. */
static uint32_t reduce_x2(uint64_t v)
{
    for (int i = 0; i < 2; i++) {
        uint64_t high = v >> 31;
        v = (v & MASK31) ^ high ^ high << 1 ^ high << 2 ^ high << 3;
    }
    return (uint32_t)v;
}

static void move(gold_t *g, uint32_t p1, uint32_t p2)
{
    const gold_ops_t *ops = g->t->ops;
    g->x1 = galois_x1(reduce_x1(ops->multiply(galois_x1(g->x1), p1)));
    g->x2 = galois_x2(reduce_x2(ops->multiply(galois_x2(g->x2), p2)));
}

static void jump(gold_t *g, uint32_t n)
{
    const struct gold_tables *t = g->t;
    uint32_t p1 = 0, p2 = 0;
    for (unsigned j = 0; n >> 8 * j; j++) {
        unsigned digit = n >> 8 * j & 255;
        p1 = p1 ? reduce_x1(t->ops->multiply(p1, t->x1_power[j][digit])) : t->x1_power[j][digit];
        p2 = p2 ? reduce_x2(t->ops->multiply(p2, t->x2_power[j][digit])) : t->x2_power[j][digit];
        if (j == 3)
            break;
    }
    if (p1) /* else n is 0; a power of x never is */
        move(g, p1, p2);
}

static void settle(gold_t *g)
{
    if (g->skip) {
        jump(g, g->skip);
        g->skip = 0;
    }
}

void gold_init(const phy_t *phy, gold_t *g, uint32_t c_init, uint32_t offset)
{
    const struct gold_tables *t = phy->gold;
    g->t = t;
    g->skip = 0;
    g->x1 = t->x1_start;
    g->x2 = t->x2_start[0][c_init & 255] ^ t->x2_start[1][c_init >> 8 & 255] ^
            t->x2_start[2][c_init >> 16 & 255] ^ t->x2_start[3][c_init >> 24 & 127];
    jump(g, offset);
}

void gold_skip(gold_t *g, uint32_t n)
{
    settle(g);
    jump(g, n);
}

/* The first 64 bits of the sequence, from the window; bit n + 31 = n + 3, n and for x2 n + 2, n + 1. */
static uint64_t first64_x1(uint32_t w)
{
    uint64_t s = (uint64_t)w << 33;
    s |= (s ^ s << 3) >> 36 << 36 >> 31;
    return s | (s ^ s << 3) << 28 >> 59;
}

static uint64_t first64_x2(uint32_t w)
{
    uint64_t s = (uint64_t)w << 33;
    s |= (s ^ s << 1 ^ s << 2 ^ s << 3) >> 36 << 36 >> 31;
    return s | (s ^ s << 1 ^ s << 2 ^ s << 3) << 28 >> 59;
}

/* The 64 bits behind `s`, by the squares of the polynomials: bit n + 62 = n + 6, n and for x2 n + 4, n + 2.
 */
static uint64_t next64_x1(uint64_t s)
{
    uint64_t n = (s ^ s << 6) << 2 & ~UINT64_C(0xff);
    uint64_t edge = (s & 0xff) << 8 | n >> 56; /* bits 56..71, all but the last 8 of bits 62 + 58.. */
    return n | ((edge >> 6 ^ edge) & 0xff);
}

static uint64_t next64_x2(uint64_t s)
{
    uint64_t n = (s ^ s << 2 ^ s << 4 ^ s << 6) << 2 & ~UINT64_C(0xff);
    uint64_t edge = (s & 0xff) << 8 | n >> 56;
    return n | ((edge >> 6 ^ edge >> 4 ^ edge >> 2 ^ edge) & 0xff);
}

uint32_t gold_next(gold_t *g, unsigned n)
{
    assert(n <= 32);
    if (!n)
        return 0;
    settle(g);
    uint64_t a = first64_x1(g->x1), b = first64_x2(g->x2);
    g->x1 = a << n >> 33 & MASK31;
    g->x2 = b << n >> 33 & MASK31;
    return (uint32_t)((a ^ b) >> (64 - n));
}

static void store_be64(uint32_t *at, uint64_t v)
{
    v = __builtin_bswap64(v);
    memcpy(at, &v, 8);
}

static uint32_t window(const uint32_t *words, size_t bit)
{
    uint64_t v;
    memcpy(&v, (const uint8_t *)words + bit / 8, 8);
    return (uint32_t)(__builtin_bswap64(v) << bit % 8 >> 33);
}

typedef struct {
    uint8_t *bits;
    int8_t *llr;
    ci16_t *ci16;
    cf_t *cf;
    int16_t a16;
    float a;
} target_t;

/* Writes `n` bits of c (from the first on) to what the target has. */
static void emit(const gold_ops_t *ops, target_t *to, const uint32_t *words, size_t n)
{
    const uint8_t *c = (const uint8_t *)words;
    if (to->bits) {
        ops->xor_bytes(to->bits, c, n / 8);
        if (n % 8)
            to->bits[n / 8] ^= (uint8_t)(c[n / 8] & 0xff00 >> n % 8);
        to->bits += n / 8;
    } else if (to->llr) {
        ops->flip(to->llr, c, n);
        to->llr += n;
    } else if (to->ci16) {
        ops->qpsk_ci16(to->ci16, c, n / 2, to->a16);
        to->ci16 += n / 2;
    } else {
        ops->qpsk_cf(to->cf, c, n / 2, to->a);
        to->cf += n / 2;
    }
}

/* Span by span; each starts from windows, none waits for what the one before has stored. */
static void run_spans(gold_t *g, size_t n, target_t to)
{
    const struct gold_tables *t = g->t;
    _Alignas(64) uint32_t c[GOLD_SPAN / 4];
    for (;;) {
        size_t round = n < 8 * GOLD_SPAN ? n : 8 * GOLD_SPAN;
        t->ops->span(t, first64_x1(g->x1), first64_x2(g->x2), (round + 511) / 512, (uint8_t *)c);
        emit(t->ops, &to, c, round);
        n -= round;
        if (!n) {
            g->skip = (uint32_t)round;
            return;
        }
        move(g, t->x1_span, t->x2_span);
    }
}

static void run(gold_t *g, size_t n, target_t to)
{
    const gold_ops_t *ops = g->t->ops;
    settle(g);
    if (n && ops->span) {
        run_spans(g, n, to);
        return;
    }
    _Alignas(64) uint32_t x1[ROUND_WORDS + KEPT_WORDS], x2[ROUND_WORDS + KEPT_WORDS], c[ROUND_WORDS + 16];
    if (!n)
        return;
    /* Known words. The first 32 come 64 bits at a time, as many of them as are asked for. */
    size_t known = 0, wanted = (n + 31 + 63) / 64 * 2;
    uint64_t a = first64_x1(g->x1), b = first64_x2(g->x2);
    do {
        store_be64(x1 + known, a);
        store_be64(x2 + known, b);
        known += 2;
        a = next64_x1(a);
        b = next64_x2(b);
    } while (known < 32 && known < wanted);
    for (;;) {
        size_t round = n < ROUND_BITS ? n : ROUND_BITS;
        /* The window behind the last bit is wanted too, or what the next round starts from. */
        size_t need = n > ROUND_BITS ? ROUND_WORDS + KEPT_WORDS : (round + 31 + 63) / 64 * 2;
        if (need > known)
            ops->expand(x1, x2, known, need);
        ops->combine(x1, x2, (round + 31) / 32, c);
        emit(ops, &to, c, round);
        n -= round;
        if (!n) {
            x1[need] = x2[need] = 0; /* read by `window`, not used */
            g->x1 = window(x1, round);
            g->x2 = window(x2, round);
            return;
        }
        known = need - ROUND_WORDS;
        memcpy(x1, x1 + ROUND_WORDS, known * 4);
        memcpy(x2, x2 + ROUND_WORDS, known * 4);
    }
}

void gold_xor(gold_t *g, uint8_t *bits, size_t n)
{
    run(g, n, (target_t){.bits = bits});
}

void gold_bits(gold_t *g, size_t n, uint8_t *out)
{
    memset(out, 0, (n + 7) / 8);
    run(g, n, (target_t){.bits = out});
}

void gold_flip_llr(gold_t *g, int8_t *llr, size_t n)
{
    run(g, n, (target_t){.llr = llr});
}

void gold_qpsk_ci16(gold_t *g, float amplitude, size_t n, ci16_t *out)
{
    float a = rintf(amplitude * (float)M_SQRT1_2);
    run(g, 2 * n, (target_t){.ci16 = out, .a16 = (int16_t)(a < 32767 ? a : 32767)});
}

void gold_qpsk_cf(gold_t *g, float amplitude, size_t n, cf_t *out)
{
    run(g, 2 * n, (target_t){.cf = out, .a = amplitude * (float)M_SQRT1_2});
}

static uint32_t bit_reverse31(uint32_t c_init)
{
    uint32_t r = 0;
    for (unsigned i = 0; i < 31; i++)
        r |= (c_init >> i & 1) << (30 - i);
    return r;
}

/* Bit n + 31 is the sum of bits n and n + 3, for x2 of n + 1 and n + 2 as well. */
static void make_parities(struct gold_tables *t)
{
    for (unsigned sequence = 0; sequence < 2; sequence++) {
        uint32_t bit[31]; /* ring: bit n as bits of the window */
        for (unsigned n = 0; n < 31; n++)
            bit[n] = 1u << (30 - n);
        for (unsigned n = 0; n < 8 * GOLD_SPAN; n++) {
            uint32_t b = bit[n % 31];
            for (unsigned j = 0; j < 4 && n % 8 == 0; j++)
                t->parity[n / 512][sequence][j][n / 8 % 64] = (uint8_t)(b >> 8 * j);
            b ^= bit[(n + 3) % 31];
            if (sequence)
                b ^= bit[(n + 1) % 31] ^ bit[(n + 2) % 31];
            bit[n % 31] = b;
        }
    }
}

static const gold_ops_t *ops_of(phy_isa_t isa)
{
#if defined(__x86_64__)
    if (isa >= PHY_ISA_AVX512)
        return &gold_ops_avx512;
    if (isa >= PHY_ISA_AVX2)
        return &gold_ops_avx2;
#endif
    (void)isa;
    return &gold_ops_generic;
}

int gold_tables_create(phy_isa_t isa, struct gold_tables **ret)
{
    struct gold_tables *t = aligned_alloc(_Alignof(struct gold_tables), sizeof *t);
    if (!t)
        return -ENOMEM;
    memset(t, 0, sizeof *t);
    t->ops = ops_of(isa);
    uint32_t base1 = 2, base2 = 2; /* x^(1 << 8j) */
    for (unsigned j = 0; j < 4; j++) {
        t->x1_power[j][0] = t->x2_power[j][0] = 1;
        for (unsigned d = 1; d < 256; d++) {
            t->x1_power[j][d] = reduce_x1(gold_ops_generic.multiply(t->x1_power[j][d - 1], base1));
            t->x2_power[j][d] = reduce_x2(gold_ops_generic.multiply(t->x2_power[j][d - 1], base2));
        }
        base1 = reduce_x1(gold_ops_generic.multiply(t->x1_power[j][255], base1));
        base2 = reduce_x2(gold_ops_generic.multiply(t->x2_power[j][255], base2));
    }
    gold_t g = {.t = t, .x1 = 1u << 30};
    t->x1_span = t->x1_power[1][8 * GOLD_SPAN / 256];
    t->x2_span = t->x2_power[1][8 * GOLD_SPAN / 256];
    make_parities(t);
    jump(&g, NC);
    t->x1_start = g.x1;
    for (unsigned j = 0; j < 4; j++)
        for (unsigned d = 0; d < 256; d++) {
            g.x1 = 0;
            g.x2 = bit_reverse31(d << 8 * j & MASK31);
            jump(&g, NC);
            t->x2_start[j][d] = g.x2;
        }
    *ret = t;
    return 0;
}

void gold_tables_destroy(struct gold_tables *t)
{
    free(t);
}
