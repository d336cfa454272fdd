/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/polar/polar.h"
#include "lib/phy/polar/list.h"
#include "lib/phy/polar/tables.h"
#include "lib/phy/polar/words.h"

#define SHORTENED 16383 /* LLR of a bit that is known to be 0 */

const polar_ops_t *polar_ops(phy_isa_t isa)
{
#if defined(__x86_64__)
    if (isa >= PHY_ISA_AVX512)
        return &polar_ops_avx512;
    if (isa >= PHY_ISA_AVX2)
        return &polar_ops_avx2;
#endif
    (void)isa;
    return &polar_ops_generic;
}

/* u G_N in place: word i bit j is bit 64 i + j. */
static void transform(uint64_t *w, unsigned n)
{
    static const uint64_t low[6] = {0x5555555555555555, 0x3333333333333333, 0x0f0f0f0f0f0f0f0f,
                                    0x00ff00ff00ff00ff, 0x0000ffff0000ffff, 0x00000000ffffffff};
    unsigned words = (n + 63) / 64;
    for (unsigned s = 0; s < 6 && 1u << s < n; s++)
        for (unsigned i = 0; i < words; i++)
            w[i] ^= w[i] >> (1u << s) & low[s];
    for (unsigned step = 1; step < words; step *= 2)
        for (unsigned i = 0; i < words; i++)
            if (!(i & step))
                w[i] ^= w[i + step];
}

void polar_transform(uint8_t *bits, unsigned n)
{
    uint64_t w[POLAR_MAX_N / 64];
    words_from_bytes(bits, n / 8, w);
    transform(w, n);
    words_to_bytes(w, n / 8, bits);
}

static void place(const polar_plan_t *plan, const uint8_t *bits, uint64_t *u)
{
    unsigned k = 0;
    memset(u, 0, POLAR_MAX_N / 8);
    if (plan->n_pc == 0) {
        for (unsigned w = 0; w < (plan->n + 63u) / 64; w++)
            for (uint64_t left = plan->info[w]; left; left &= left - 1)
                u[w] |= (left & -left) * get_bit(bits, plan->input[k++]);
        return;
    }
    unsigned y[5] = {0};
    for (unsigned i = 0; i < plan->n; i++) {
        unsigned first = y[0], bit = 0;
        memmove(y, y + 1, 4 * sizeof *y);
        y[4] = first;
        if (plan->info[i / 64] >> (i % 64) & 1) {
            bit = get_bit(bits, plan->input[k++]);
            y[0] ^= bit;
        } else if (plan->parity[i / 64] >> (i % 64) & 1) {
            bit = y[0];
        }
        u[i / 64] |= (uint64_t)bit << (i % 64);
    }
}

void polar_place(const polar_plan_t *plan, const uint8_t *bits, uint8_t *ret_u)
{
    uint64_t u[POLAR_MAX_N / 64];
    place(plan, bits, u);
    words_to_bytes(u, plan->n / 8, ret_u);
}

/* 5.4.1.3: rows of a triangle of T, T-1, ... 1 places are written and its columns read. */
static unsigned triangle(unsigned e)
{
    unsigned t = 0;
    while (t * (t + 1) / 2 < e)
        t++;
    return t;
}

/* Sub-block interleaving: N coded bits to y. */
static void sub_blocks(const polar_plan_t *plan, const uint8_t *coded, uint8_t *y)
{
    const unsigned size = plan->n / 32;
    memset(y, 0, POLAR_MAX_N / 8 + 1);
    for (unsigned i = 0; i < 32; i++)
        copy_bits(y, i * size, coded, polar_sub_blocks[i] * size, size);
}

/* Selection, which repeats y as often as it takes, and the interleaver of coded bits. */
static void select_interleaved(const polar_plan_t *plan, const uint8_t *y, uint8_t *out, size_t at)
{
    const unsigned e = plan->e, t = triangle(e), mask = plan->n - 1u;
    const unsigned first = plan->matching == POLAR_PUNCTURE ? plan->n - e : 0;
    size_t k = at;
    for (unsigned column = 0; column < t; column++)
        for (unsigned row = 0, i = column; row < t - column && i < e; i += t - row, row++, k++)
            out[k >> 3] |= (uint8_t)(get_bit(y, (first + i) & mask) << (7 - (k & 7)));
}

void polar_rate_match(const polar_plan_t *plan, const uint8_t *coded, uint8_t *out)
{
    unsigned n = plan->n, e = plan->e;
    uint8_t y[POLAR_MAX_N / 8 + 1];
    sub_blocks(plan, coded, y);
    if (plan->i_bil) {
        memset(out, 0, (e + 7) / 8);
        select_interleaved(plan, y, out, 0);
        return;
    }
    if (plan->matching == POLAR_REPEAT) {
        for (unsigned at = 0; at < e; at += n)
            copy_bits(out, at, y, 0, e - at < n ? e - at : n);
    } else {
        copy_bits(out, 0, y, plan->matching == POLAR_PUNCTURE ? n - e : 0, e);
    }
    if (e & 7)
        out[e / 8] &= (uint8_t)(0xff00 >> (e & 7));
}

/* More repetitions than int16 holds: sums of int32, scaled down. */
static void recover_many(const polar_plan_t *plan, const int8_t *llr, int16_t *ret_llr)
{
    const unsigned n = plan->n, e = plan->e, size = n / 32, mask = n - 1;
    int32_t y[POLAR_MAX_N] = {0};
    if (plan->i_bil) {
        unsigned t = triangle(e), k = 0;
        for (unsigned column = 0; column < t; column++)
            for (unsigned row = 0, i = column; row < t - column && i < e; i += t - row, row++)
                y[i & mask] += llr[k++];
    } else {
        for (unsigned i = 0; i < e; i++)
            y[i & mask] += llr[i];
    }
    int32_t divisor = 1;
    while ((int64_t)((e + n - 1) / n) * 127 / divisor > INT16_MAX)
        divisor *= 2;
    for (unsigned i = 0; i < 32; i++)
        for (unsigned j = 0; j < size; j++)
            ret_llr[polar_sub_blocks[i] * size + j] = (int16_t)(y[i * size + j] / divisor);
}

void polar_rate_recover(const polar_plan_t *plan, const int8_t *llr, int16_t *ret_llr)
{
    unsigned n = plan->n, e = plan->e, size = n / 32;
    if (e > POLAR_MAX_E) {
        recover_many(plan, llr, ret_llr);
        return;
    }
    int8_t straight[POLAR_MAX_E];
    int16_t y[POLAR_MAX_N];
    const int8_t *in = llr;
    if (plan->i_bil) {
        unsigned t = triangle(e), k = 0;
        for (unsigned column = 0; column < t; column++)
            for (unsigned row = 0, i = column; row < t - column && i < e; i += t - row, row++)
                straight[i] = llr[k++];
        in = straight;
    }
    unsigned first = plan->matching == POLAR_PUNCTURE ? n - e : 0;
    for (unsigned i = 0; i < first; i++)
        y[i] = 0;
    for (unsigned i = 0; i < e && first + i < n; i++)
        y[first + i] = in[i];
    for (unsigned i = e; first == 0 && i < n; i++)
        y[i] = SHORTENED;
    /* At most 8192 / 32 values of 127 meet: no overflow. */
    for (unsigned at = n; at < e; at += n)
        for (unsigned i = 0; i < n && at + i < e; i++)
            y[i] = (int16_t)(y[i] + in[at + i]);
    for (unsigned i = 0; i < 32; i++)
        memcpy(ret_llr + polar_sub_blocks[i] * size, y + i * size, size * sizeof *y);
}

void polar_encode_at(const phy_t *phy, const polar_plan_t *plan, const uint8_t *bits, uint8_t *out, size_t at)
{
    (void)phy;
    uint64_t u[POLAR_MAX_N / 64];
    uint8_t coded[POLAR_MAX_N / 8], y[POLAR_MAX_N / 8 + 1];
    place(plan, bits, u);
    transform(u, plan->n);
    words_to_bytes(u, plan->n / 8, coded);
    sub_blocks(plan, coded, y);
    select_interleaved(plan, y, out, at);
}

void polar_encode(const phy_t *phy, const polar_plan_t *plan, const uint8_t *bits, uint8_t *out)
{
    (void)phy;
    uint64_t u[POLAR_MAX_N / 64];
    uint8_t coded[POLAR_MAX_N / 8];
    place(plan, bits, u);
    transform(u, plan->n);
    words_to_bytes(u, plan->n / 8, coded);
    polar_rate_match(plan, coded, out);
}

unsigned polar_decode(const phy_t *phy, const polar_plan_t *plan, const int8_t *llr, polar_work_t *work)
{
    polar_rate_recover(plan, llr, work->root);
    phy->polar->run(plan, work);
    unsigned n = 0;
    for (unsigned p = 0; p < POLAR_LIST; p++) {
        if (work->metric[p] >= 1 << 26)
            continue; /* never used */
        unsigned i = n++;
        for (; i > 0 && work->metric[work->order[i - 1]] > work->metric[p]; i--)
            work->order[i] = work->order[i - 1];
        work->order[i] = (uint8_t)p;
    }
    work->n_paths = (uint8_t)n;
    return n;
}

void polar_path(const phy_t *phy, const polar_plan_t *plan, const polar_work_t *work, unsigned rank,
                uint8_t *ret_bits)
{
    uint64_t u[POLAR_MAX_N / 64];
    unsigned k = 0;
    phy->polar->code_word(work->sums + plan->n, plan->n, work->order[rank], u);
    transform(u, plan->n); /* its own inverse */
    memset(ret_bits, 0, (plan->k + 7u) / 8);
    for (unsigned w = 0; w < (plan->n + 63u) / 64; w++)
        for (uint64_t left = plan->info[w]; left; left &= left - 1) {
            unsigned to = plan->input[k++];
            ret_bits[to >> 3] |= (uint8_t)((u[w] >> __builtin_ctzll(left) & 1) << (7 - (to & 7)));
        }
}
