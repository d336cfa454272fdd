/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/signal/modulation_ops.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* 2 / sqrt(2/3 (4^w - 1)) by w = qm / 2. */
static const constellation_t constellations[] = {
    {0},
    {.width = 1, .csf = 1, .spacing = 1.41421356f, .peak = 0.70710678f, .scaler = 1.41421356f},
    {.width = 2, .csf = 1, .spacing = 0.632455532f, .peak = 0.948683298f, .scaler = 1.26491106f},
    {.width = 3, .csf = 1, .spacing = 0.308606700f, .peak = 1.08012345f, .scaler = 1.23442680f},
    {.width = 4, .csf = 1, .spacing = 0.153392998f, .peak = 1.15044748f, .scaler = 1.22714398f},
    {.width = 5, .csf = 1, .spacing = 0.0765839581f, .peak = 1.18705135f, .scaler = 1.22534333f},
};

const constellation_t *constellation(unsigned qm)
{
    assert(modulation_valid(qm));
    return &constellations[qm == 1 ? 1 : qm / 2];
}

int modulation_pam(unsigned width, unsigned bits)
{
    int level = 1;
    for (unsigned i = 0; i < width; i++) {
        /* From the innermost bracket out: (1 - 2b)[2^i - inner]. */
        int sign = bits >> i & 1 ? -1 : 1;
        level = i ? sign * ((1 << i) - level) : sign;
    }
    return (level - 1) / 2;
}

/* The next qm bits at each call. */
typedef struct {
    const uint8_t *next;
    uint32_t bits;
    unsigned n;
} bit_reader_t;

static unsigned take(bit_reader_t *r, unsigned qm)
{
    while (r->n < qm) {
        r->bits = r->bits << 8 | *r->next++;
        r->n += 8;
    }
    r->n -= qm;
    return r->bits >> r->n & ((1u << qm) - 1);
}

static void make_levels(unsigned qm, float amplitude, modulation_levels_t *l)
{
    unsigned w = qm / 2;
    float half = amplitude * constellations[w].spacing * 0.5f;
    for (unsigned i = 0; i < 32; i++) {
        l->level[i] = half * (float)(2 * modulation_pam(w, i & ((1u << w) - 1)) + 1);
        l->level16[i] = (int16_t)rintf(l->level[i]);
    }
}

void modulate_cf(const phy_t *phy, unsigned qm, const uint8_t *bits, size_t n_symbols, float amplitude,
                 cf_t *out)
{
    assert(modulation_valid(qm));
    if (qm == 1) {
        float a = amplitude * (float)M_SQRT1_2;
        for (size_t i = 0; i < n_symbols; i++) {
            float s = bits[i / 8] >> (7 - i % 8) & 1 ? -a : a;
            out[i] = (cf_t){i & 1 ? -s : s, s};
        }
        return;
    }
    const struct modulation_tables *t = phy->modulation;
    unsigned w = qm / 2;
    modulation_levels_t l;
    make_levels(qm, amplitude, &l);
    size_t i = t->ops ? t->ops->map_cf(qm, bits, n_symbols, &l, out) : 0;
    bit_reader_t r = {.next = bits + i * qm / 8};
    float by_v[32];
    for (unsigned g = 0; g < 1u << w; g++)
        by_v[modulation_pam(w, g) + 16] = l.level[g];
    for (; i < n_symbols; i++) {
        const int8_t *v = t->points[w][take(&r, qm)];
        out[i] = (cf_t){by_v[v[0] + 16], by_v[v[1] + 16]};
    }
}

void modulate(const phy_t *phy, unsigned qm, const uint8_t *bits, size_t n_symbols, float amplitude,
              ci16_t *out)
{
    assert(modulation_valid(qm) && amplitude * constellation(qm)->peak < 32767.5f);
    if (qm == 1) {
        int16_t a = (int16_t)rintf(amplitude * (float)M_SQRT1_2);
        for (size_t i = 0; i < n_symbols; i++) {
            int16_t s = bits[i / 8] >> (7 - i % 8) & 1 ? (int16_t)-a : a;
            out[i] = (ci16_t){i & 1 ? (int16_t)-s : s, s};
        }
        return;
    }
    const struct modulation_tables *t = phy->modulation;
    unsigned w = qm / 2;
    modulation_levels_t l;
    make_levels(qm, amplitude, &l);
    size_t i = t->ops ? t->ops->map_ci16(qm, bits, n_symbols, &l, out) : 0;
    bit_reader_t r = {.next = bits + i * qm / 8};
    int16_t by_v[32];
    for (unsigned g = 0; g < 1u << w; g++)
        by_v[modulation_pam(w, g) + 16] = l.level16[g];
    for (; i < n_symbols; i++) {
        const int8_t *v = t->points[w][take(&r, qm)];
        out[i] = (ci16_t){by_v[v[0] + 16], by_v[v[1] + 16]};
    }
}

void modulation_points(const phy_t *phy, unsigned qm, const uint8_t *bits, size_t n_symbols, int8_t *out)
{
    assert(modulation_valid(qm) && qm > 1);
    bit_reader_t r = {.next = bits};
    for (size_t i = 0; i < n_symbols; i++) {
        const int8_t *v = phy->modulation->points[qm / 2][take(&r, qm)];
        out[2 * i] = v[0];
        out[2 * i + 1] = v[1];
    }
}

void layer_map(const ci16_t *in, unsigned n_layers, size_t n, ci16_t *const out[])
{
    for (unsigned l = 0; l < n_layers; l++)
        for (size_t i = 0; i < n; i++)
            out[l][i] = in[i * n_layers + l];
}

void layer_map_cf(const cf_t *in, unsigned n_layers, size_t n, cf_t *const out[])
{
    for (unsigned l = 0; l < n_layers; l++)
        for (size_t i = 0; i < n; i++)
            out[l][i] = in[i * n_layers + l];
}

void layer_demap_llr(const int8_t *const in[], unsigned n_layers, unsigned qm, size_t n, int8_t *out)
{
    for (size_t i = 0; i < n; i++)
        for (unsigned l = 0; l < n_layers; l++)
            for (unsigned b = 0; b < qm; b++)
                *out++ = in[l][i * qm + b];
}

int modulation_tables_create(phy_isa_t isa, struct modulation_tables **ret)
{
    struct modulation_tables *t = calloc(1, sizeof *t);
    if (!t)
        return -ENOMEM;
#if defined(__x86_64__)
    t->ops = isa >= PHY_ISA_AVX512 ? &modulation_ops_avx512
             : isa >= PHY_ISA_AVX2 ? &modulation_ops_avx2
                                   : NULL;
#endif
    (void)isa;
    for (unsigned w = 1; w <= MODULATION_MAX_QM / 2; w++)
        for (unsigned s = 0; s < 1u << 2 * w; s++) {
            unsigned i = 0, q = 0;
            for (unsigned b = 0; b < w; b++) {
                i |= (s >> (2 * b + 1) & 1) << b;
                q |= (s >> 2 * b & 1) << b;
            }
            t->points[w][s][0] = (int8_t)modulation_pam(w, i);
            t->points[w][s][1] = (int8_t)modulation_pam(w, q);
        }
    *ret = t;
    return 0;
}

void modulation_tables_destroy(struct modulation_tables *t)
{
    free(t);
}
