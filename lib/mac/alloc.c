/* SPDX-License-Identifier: Apache-2.0 */
/* TS 38.214 5.1.2, 6.1.2 and DM-RS positions of 38.211 7.4.1.1.2, 6.4.1.1.3. */
#include "lib/mac/alloc.h"

#include <assert.h>
#include <string.h>

uint32_t riv_encode(uint16_t bwp_n_prb, uint16_t prb_start, uint16_t n_prb)
{
    assert(n_prb >= 1 && prb_start + n_prb <= bwp_n_prb);
    uint32_t n = bwp_n_prb, l = n_prb, s = prb_start;
    if (l - 1 <= n / 2)
        return n * (l - 1) + s;
    return n * (n - l + 1) + (n - 1 - s);
}

bool riv_decode(uint16_t bwp_n_prb, uint32_t riv, uint16_t *ret_prb_start, uint16_t *ret_n_prb)
{
    uint32_t n = bwp_n_prb;
    if (n == 0 || riv >= n * (n + 1) / 2)
        return false;
    uint32_t l = riv / n + 1, s = riv % n;
    if (l + s > n) {
        l = n - l + 2;
        s = n - 1 - s;
    }
    *ret_prb_start = (uint16_t)s;
    *ret_n_prb = (uint16_t)l;
    return true;
}

static uint8_t log2_ceil(uint32_t n)
{
    return n <= 1 ? 0 : (uint8_t)(32 - __builtin_clz(n - 1));
}

uint8_t riv_bits(uint16_t bwp_n_prb)
{
    return log2_ceil((uint32_t)bwp_n_prb * (bwp_n_prb + 1u) / 2);
}

bool riv_scaled_decode(uint16_t initial_n_prb, uint16_t active_n_prb, uint32_t riv, uint16_t *ret_prb_start,
                       uint16_t *ret_n_prb)
{
    uint16_t s, l, k = 1;
    if (!riv_decode(initial_n_prb, riv, &s, &l))
        return false;
    /* K: the largest of 1, 2, 4, 8 that is not above N_active / N_initial */
    while (k < 8 && 2u * k * initial_n_prb <= active_n_prb)
        k = (uint16_t)(2 * k);
    if ((s + l) * k > active_n_prb)
        return false;
    *ret_prb_start = (uint16_t)(s * k);
    *ret_n_prb = (uint16_t)(l * k);
    return true;
}

uint8_t rbg_size(uint16_t bwp_n_prb, uint8_t config)
{
    static const uint8_t size[2][4] = {{2, 4, 8, 16}, {4, 8, 16, 16}};
    return size[config == 2][bwp_n_prb <= 36 ? 0 : bwp_n_prb <= 72 ? 1 : bwp_n_prb <= 144 ? 2 : 3];
}

uint8_t rbg_count(uint16_t bwp_start, uint16_t bwp_n_prb, uint8_t rbg)
{
    return (uint8_t)((bwp_n_prb + bwp_start % rbg + rbg - 1) / rbg);
}

uint16_t rbg_prbs(uint16_t bwp_start, uint16_t bwp_n_prb, uint8_t rbg, uint8_t i, uint16_t *ret_first)
{
    if (i >= rbg_count(bwp_start, bwp_n_prb, rbg))
        return 0;
    int offset = bwp_start % rbg;
    int first = i * rbg - offset, end = first + rbg;
    if (first < 0)
        first = 0;
    if (end > bwp_n_prb)
        end = bwp_n_prb;
    *ret_first = (uint16_t)first;
    return (uint16_t)(end - first);
}

bool rbg_from_prbs(uint16_t bwp_start, uint16_t bwp_n_prb, uint8_t rbg, const uint64_t prbs[PRB_WORDS],
                   uint32_t *ret_field)
{
    uint64_t again[PRB_WORDS];
    uint32_t field = 0;
    uint8_t n = rbg_count(bwp_start, bwp_n_prb, rbg);
    for (uint8_t i = 0; i < n; i++) {
        uint16_t first;
        if (rbg_prbs(bwp_start, bwp_n_prb, rbg, i, &first) && prb_test(prbs, first))
            field |= 1u << (n - 1 - i);
    }
    if (!rbg_to_prbs(bwp_start, bwp_n_prb, rbg, field, again) || memcmp(again, prbs, sizeof again) != 0)
        return false;
    *ret_field = field;
    return true;
}

bool rbg_to_prbs(uint16_t bwp_start, uint16_t bwp_n_prb, uint8_t rbg, uint32_t field,
                 uint64_t ret_prbs[PRB_WORDS])
{
    uint8_t n = rbg_count(bwp_start, bwp_n_prb, rbg);
    if (n > 32 || (n < 32 && field >> n))
        return false;
    memset(ret_prbs, 0, PRB_WORDS * sizeof *ret_prbs);
    for (uint8_t i = 0; i < n; i++) {
        uint16_t first, len;
        if (field >> (n - 1 - i) & 1 && (len = rbg_prbs(bwp_start, bwp_n_prb, rbg, i, &first)) > 0)
            prb_set_range(ret_prbs, first, len);
    }
    return true;
}

static uint64_t word_range(uint32_t w, uint32_t start, uint32_t end)
{
    uint32_t low = 64 * w, high = low + 64;
    if (end <= low || start >= high)
        return 0;
    uint64_t mask = ~UINT64_C(0);
    if (start > low)
        mask &= ~UINT64_C(0) << (start - low);
    if (end < high)
        mask &= ~UINT64_C(0) >> (high - end);
    return mask;
}

void prb_set_range(uint64_t m[PRB_WORDS], uint16_t start, uint16_t n)
{
    for (uint32_t w = 0; w < PRB_WORDS; w++)
        m[w] |= word_range(w, start, (uint32_t)start + n);
}

void prb_clear_range(uint64_t m[PRB_WORDS], uint16_t start, uint16_t n)
{
    for (uint32_t w = 0; w < PRB_WORDS; w++)
        m[w] &= ~word_range(w, start, (uint32_t)start + n);
}

uint16_t prb_count(const uint64_t m[PRB_WORDS])
{
    int n = 0;
    for (uint32_t w = 0; w < PRB_WORDS; w++)
        n += __builtin_popcountll(m[w]);
    return (uint16_t)n;
}

/* First bit at or after `from` that equals `set`; 64 * PRB_WORDS: none. */
static uint32_t next_bit(const uint64_t m[PRB_WORDS], uint32_t from, bool set)
{
    for (uint32_t w = from / 64; w < PRB_WORDS; w++) {
        uint64_t v = set ? m[w] : ~m[w];
        if (w == from / 64)
            v &= ~UINT64_C(0) << (from & 63);
        if (v)
            return 64 * w + (uint32_t)__builtin_ctzll(v);
    }
    return 64 * PRB_WORDS;
}

uint16_t prb_next_run(const uint64_t m[PRB_WORDS], uint16_t from, uint16_t *ret_start)
{
    uint32_t start = next_bit(m, from, true);
    if (start >= 64 * PRB_WORDS)
        return 0;
    *ret_start = (uint16_t)start;
    return (uint16_t)(next_bit(m, start, false) - start);
}

uint8_t sliv_encode(uint8_t start, uint8_t len)
{
    assert(len >= 1 && start + len <= 14);
    return (uint8_t)(len - 1 <= 7 ? 14 * (len - 1) + start : 14 * (14 - len + 1) + (14 - 1 - start));
}

bool sliv_decode(uint8_t sliv, uint8_t *ret_start, uint8_t *ret_len)
{
    if (sliv > 127)
        return false;
    uint32_t l = sliv / 14u + 1, s = sliv % 14u;
    if (l + s > 14) {
        l = 14 - l + 2;
        s = 13 - s;
    }
    if (l == 0 || l + s > 14 || sliv_encode((uint8_t)s, (uint8_t)l) != sliv)
        return false;
    *ret_start = (uint8_t)s;
    *ret_len = (uint8_t)l;
    return true;
}

bool tdra_pdsch_default_a(uint8_t row, uint8_t dmrs_typea_pos, tdra_t *ret)
{
    /* Table 5.1.2.1.1-2: mapping, then start and length for dmrs-TypeA-Position 2, then for 3 */
    static const uint8_t t[16][5] = {
        {0, 2, 12, 3, 11}, {0, 2, 10, 3, 9}, {0, 2, 9, 3, 8},   {0, 2, 7, 3, 6},
        {0, 2, 5, 3, 4},   {1, 9, 4, 10, 4}, {1, 4, 4, 6, 4},   {1, 5, 7, 5, 7},
        {1, 5, 2, 5, 2},   {1, 9, 2, 9, 2},  {1, 12, 2, 12, 2}, {0, 1, 13, 1, 13},
        {0, 1, 6, 1, 6},   {0, 2, 4, 2, 4},  {1, 4, 7, 4, 7},   {1, 8, 4, 8, 4}};
    if (row > 15)
        return false;
    const uint8_t *r = t[row];
    int at = dmrs_typea_pos == 3 ? 3 : 1;
    *ret = (tdra_t){0, r[0], r[at], r[at + 1]};
    return true;
}

bool tdra_pusch_default_a(uint8_t row, uint8_t mu, tdra_t *ret)
{
    /* Table 6.1.2.1.1-2: mapping, k2 - j, start, length */
    static const uint8_t t[16][4] = {{0, 0, 0, 14}, {0, 0, 0, 12}, {0, 0, 0, 10}, {1, 0, 2, 10},
                                     {1, 0, 4, 10}, {1, 0, 4, 8},  {1, 0, 4, 6},  {0, 1, 0, 14},
                                     {0, 1, 0, 12}, {0, 1, 0, 10}, {0, 2, 0, 14}, {0, 2, 0, 12},
                                     {0, 2, 0, 10}, {1, 0, 8, 6},  {0, 3, 0, 14}, {0, 3, 0, 10}};
    static const uint8_t j[4] = {1, 1, 2, 3}; /* table 6.1.2.1.1-4 */
    if (row > 15 || mu > 3)
        return false;
    *ret = (tdra_t){(uint8_t)(t[row][1] + j[mu]), t[row][0], t[row][2], t[row][3]};
    return true;
}

uint8_t tdra_msg3_delta(uint8_t mu)
{
    static const uint8_t delta[4] = {2, 3, 4, 6}; /* table 6.1.2.1.1-5 */
    return delta[mu & 3];
}

uint8_t tdra_bits(uint8_t n_rows)
{
    return log2_ceil(n_rows);
}

uint16_t dmrs_symbol_mask(const tdra_t *t, uint8_t typea_pos, uint8_t additional_pos)
{
    if (additional_pos > 3 || t->len == 0 || t->start + t->len > 14)
        return 0;
    if (t->mapping == 0) {
        /* Tables 7.4.1.1.2-3, 6.4.1.1.3-3, type A: l_d counts from the slot's start, l0 is 2 or 3 */
        uint32_t ld = (uint32_t)t->start + t->len;
        uint32_t l0 = typea_pos == 3 ? 3 : 2;
        if (ld < l0 + 1 || t->start > l0)
            return 0;
        uint16_t m = (uint16_t)(1u << l0);
        if (additional_pos == 0 || ld < 8)
            return m;
        if (additional_pos == 1)
            return (uint16_t)(m | (ld >= 13 ? 1u << 11 : ld >= 10 ? 1u << 9 : 1u << 7));
        if (additional_pos == 2) {
            if (ld >= 13)
                return (uint16_t)(m | 1u << 7 | 1u << 11);
            if (ld >= 10)
                return (uint16_t)(m | 1u << 6 | 1u << 9);
            return (uint16_t)(m | 1u << 7);
        }
        if (ld >= 12) /* with l0 = 3 a PDSCH is never configured so */
            return (uint16_t)(m | 1u << 5 | 1u << 8 | 1u << 11);
        if (ld >= 10)
            return (uint16_t)(m | 1u << 6 | 1u << 9);
        return (uint16_t)(m | 1u << 7);
    }
    /* Type B: l_d is the length, positions count from the allocation's start, l0 = 0. Lengths 2..14 for PUSCH
     * (columns of 6.4.1.1.3-3); a PDSCH uses 2, 4 and 7 of them, where both tables agree. */
    uint32_t ld = t->len;
    uint16_t m = 1;
    if (additional_pos > 0 && ld >= 5) {
        static const uint16_t further[3][4] = {
            /* lengths 5-7, 8-9, 10-11, 12-14 for dmrs-AdditionalPosition 1, 2, 3 */
            {1 << 4, 1 << 6, 1 << 8, 1 << 10},
            {1 << 4, 1 << 3 | 1 << 6, 1 << 4 | 1 << 8, 1 << 5 | 1 << 10},
            {1 << 4, 1 << 3 | 1 << 6, 1 << 3 | 1 << 6 | 1 << 9, 1 << 3 | 1 << 6 | 1 << 9}};
        m |= further[additional_pos - 1][ld <= 7 ? 0 : ld <= 9 ? 1 : ld <= 11 ? 2 : 3];
    }
    return (uint16_t)(m << t->start);
}
