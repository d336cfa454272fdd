/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "lib/phy/dl/dl_ops.h"

/* Gray-coded level of qm / 2 bits (38.211 5.1): sign, then which half of the remaining range. */
static int level_of(unsigned bits, unsigned n_bits)
{
    int level = 1;
    for (unsigned i = 0; i + 1 < n_bits; i++) { /* last bit first */
        int sign = bits >> i & 1 ? -1 : 1;
        level = (2 << i) - sign * level;
    }
    return bits >> (n_bits - 1) & 1 ? -level : level;
}

void dl_map_init(dl_map_t *map, unsigned qm, unsigned n_layers, float amplitude)
{
    unsigned half = qm / 2;
    memset(map, 0, sizeof *map);
    map->qm = (uint8_t)qm;
    map->n_layers = (uint8_t)n_layers;
    float norm = amplitude / sqrtf(2.0f / 3.0f * (float)((1u << qm) - 1));
    for (unsigned i = 0; i < 32; i++)
        map->level[i] = (int16_t)lrintf((float)level_of(i & ((1u << half) - 1), half) * norm);
    for (unsigned v = 0; v < 32; v++) { /* window of qm - 1 bits: b0 x b2 x b4 */
        unsigned bits = 0;
        for (unsigned i = 0; i < half; i++)
            bits = bits << 1 | (v >> (qm - 2 - 2 * i) & 1);
        map->window[v] = map->level[bits & ((1u << half) - 1)];
    }
    for (unsigned l = 0; l < n_layers; l++)
        for (unsigned w = 0; w < 32; w++) {
            unsigned p = (w / 2 * n_layers + l) * qm + (w & 1);
            map->perm[l][2 * w + 1] = (uint8_t)(p / 8);
            map->perm[l][2 * w] = (uint8_t)((p / 8 + 1) & 63);
            map->shift[l][w] = (uint16_t)(16 - p % 8 - (qm - 1));
        }
}

static void map_generic(const dl_map_t *map, const uint8_t *bits, size_t n_re, ci16_t *const out[])
{
    unsigned qm = map->qm, half = qm / 2;
    ci16_t table[256];
    for (unsigned v = 0; v < 1u << qm; v++) {
        unsigned i = 0, q = 0;
        for (unsigned b = 0; b < half; b++) {
            i = i << 1 | (v >> (qm - 1 - 2 * b) & 1);
            q = q << 1 | (v >> (qm - 2 - 2 * b) & 1);
        }
        table[v] = (ci16_t){map->level[i], map->level[q]};
    }
    uint32_t window = 0;
    unsigned have = 0, mask = (1u << qm) - 1;
    for (size_t i = 0; i < n_re; i++)
        for (unsigned l = 0; l < map->n_layers; l++) {
            if (have < qm) {
                window = window << 8 | *bits++;
                have += 8;
            }
            have -= qm;
            out[l][i] = table[window >> have & mask];
        }
}

static void precode_generic(const precoding_t *w, const ci16_t *const in[], ci16_t *const out[], size_t n,
                            bool add)
{
    for (unsigned p = 0; p < w->n_ports; p++)
        for (size_t i = 0; i < n; i++) {
            int32_t re = PRECODING_ONE / 2, im = PRECODING_ONE / 2;
            for (unsigned l = 0; l < w->n_layers; l++) {
                ci16_t x = in[l][i], c = w->w[p][l];
                re += x.re * c.re - x.im * c.im;
                im += x.re * c.im + x.im * c.re;
            }
            ci16_t y = {dl_saturate(re >> 14), dl_saturate(im >> 14)};
            if (w->identity)
                y = p < w->n_layers ? in[p][i] : (ci16_t){0, 0};
            if (add)
                y = (ci16_t){dl_saturate(out[p][i].re + y.re), dl_saturate(out[p][i].im + y.im)};
            out[p][i] = y;
        }
}

static void expand_generic(uint16_t re, const ci16_t *in, size_t n_prb, ci16_t *out, bool add)
{
    for (size_t i = 0; i < n_prb; i++, out += 12)
        for (unsigned k = 0; k < 12; k++)
            if (re >> k & 1) {
                ci16_t y = *in++;
                if (add)
                    y = (ci16_t){dl_saturate(out[k].re + y.re), dl_saturate(out[k].im + y.im)};
                out[k] = y;
            }
}

const dl_ops_t dl_ops_generic = {.map = map_generic, .precode = precode_generic, .expand = expand_generic};

const dl_ops_t *dl_ops(phy_isa_t isa)
{
#if defined(__x86_64__)
    if (isa >= PHY_ISA_AVX512)
        return &dl_ops_avx512;
    if (isa >= PHY_ISA_AVX2)
        return &dl_ops_avx2;
#endif
    (void)isa;
    return &dl_ops_generic;
}
