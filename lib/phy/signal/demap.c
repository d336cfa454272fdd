/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/signal/demap_ops.h"
#include "lib/phy/signal/modulation.h"

#include <assert.h>
#include <stddef.h>

static bool finite_cf(cf_t y)
{
    return fabsf(y.re) <= FLT_MAX && fabsf(y.im) <= FLT_MAX;
}

/* f(v) of demap_ops.h for half = 2^(m-1). */
static float slope(float v, float half)
{
    float a = fabsf(v), k = floorf(a * 0.5f);
    k = k < half - 1 ? k : half - 1;
    return copysignf((k + 1) * (a - k), v);
}

static int8_t saturate(float x)
{
    x = x == x ? x : 0;
    x = x < 127 ? x : 127;
    x = x > -127 ? x : -127;
    return (int8_t)(int)rintf(x);
}

/* The LLRs of one symbol, unscaled but for w: each store(b, value). */
#define DEMAP_ONE(qm, y, w, store)                                                                           \
    do {                                                                                                     \
        const demap_scale_t *s_ = &demap_scales[(qm) / 2];                                                   \
        float half_ = (float)(1u << ((qm) / 2 - 1));                                                         \
        float i_ = (y).re * s_->per_half, q_ = (y).im * s_->per_half;                                        \
        for (unsigned b = 0; b < (qm); b += 2) {                                                             \
            store(b, slope(i_, half_) * (w));                                                                \
            store(b + 1, slope(q_, half_) * (w));                                                            \
            i_ = half_ - fabsf(i_);                                                                          \
            q_ = half_ - fabsf(q_);                                                                          \
            half_ = half_ * 0.5f;                                                                            \
        }                                                                                                    \
    } while (0)

static float weight_of(unsigned qm, cf_t y, float inv_noise, float scale)
{
    float w = inv_noise > 0 && inv_noise <= FLT_MAX && finite_cf(y) ? inv_noise : 0;
    w = w * (demap_scales[qm / 2].weight * scale);
    return w < FLT_MAX ? w : FLT_MAX;
}

/* The two points are (1 + j) / sqrt(2) and its negative, or for odd i (-1 + j) / sqrt(2) and its negative. */
static float demap_pi2(size_t i, cf_t y, float inv_noise, float scale)
{
    float w = inv_noise > 0 && inv_noise <= FLT_MAX && finite_cf(y) ? inv_noise : 0;
    w = w * (2 * (float)M_SQRT2 * scale);
    float sum = i & 1 ? y.im - y.re : y.im + y.re;
    return sum * (w < FLT_MAX ? w : FLT_MAX);
}

void demap(const phy_t *phy, unsigned qm, const cf_t *sym, const float *inv_noise, size_t n, int8_t *llr)
{
    assert(modulation_valid(qm));
    if (qm == 1) {
        for (size_t i = 0; i < n; i++)
            llr[i] = saturate(demap_pi2(i, sym[i], inv_noise[i], PHY_LLR_SCALE));
        return;
    }
    size_t i = phy->demap ? phy->demap->demap(qm, sym, inv_noise, n, llr) : 0;
#define STORE(b, x) llr[i * qm + (b)] = saturate(x)
    for (; i < n; i++) {
        float w = weight_of(qm, sym[i], inv_noise[i], PHY_LLR_SCALE);
        DEMAP_ONE(qm, sym[i], w, STORE);
    }
#undef STORE
}

void demap_float(unsigned qm, const cf_t *sym, const float *inv_noise, size_t n, float *llr)
{
    assert(modulation_valid(qm));
#define STORE(b, x) llr[i * qm + (b)] = (x)
    for (size_t i = 0; i < n; i++) {
        if (qm == 1) {
            llr[i] = demap_pi2(i, sym[i], inv_noise[i], 1);
            continue;
        }
        float w = weight_of(qm, sym[i], inv_noise[i], 1);
        DEMAP_ONE(qm, sym[i], w, STORE);
    }
#undef STORE
    for (size_t i = 0; i < n * qm; i++)
        llr[i] = llr[i] == llr[i] ? llr[i] : 0;
}

const struct demap_ops *demap_ops(phy_isa_t isa)
{
#if defined(__x86_64__)
    if (isa >= PHY_ISA_AVX512)
        return &demap_ops_avx512;
    if (isa >= PHY_ISA_AVX2)
        return &demap_ops_avx2;
#endif
    (void)isa;
    return NULL;
}
