/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/dl/precoding.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int precoding_set(unsigned n_ports, unsigned n_layers, const cf_t *w, precoding_t *ret, phy_refusal_t *why)
{
    if (n_ports < 1 || n_ports > PHY_MAX_PORTS)
        return phy_refuse(why, "n_ports", n_ports, "1..8");
    if (n_layers < 1 || n_layers > PHY_MAX_LAYERS)
        return phy_refuse(why, "n_layers", n_layers, "1..4");
    precoding_t p = {.n_ports = (uint8_t)n_ports, .n_layers = (uint8_t)n_layers, .identity = true};
    for (unsigned a = 0; a < n_ports; a++) {
        int32_t sum = 0;
        for (unsigned l = 0; l < n_layers; l++) {
            cf_t c = w[a * n_layers + l];
            if (!(fabsf(c.re) < 2.0f) || !(fabsf(c.im) < 2.0f))
                return phy_refuse(why, "w", a * n_layers + l, "|re| and |im| below 2");
            long re = lrintf(c.re * PRECODING_ONE), im = lrintf(c.im * PRECODING_ONE);
            re = re > INT16_MAX ? INT16_MAX : re < -INT16_MAX ? -INT16_MAX : re;
            im = im > INT16_MAX ? INT16_MAX : im < -INT16_MAX ? -INT16_MAX : im;
            p.w[a][l] = (ci16_t){(int16_t)re, (int16_t)im};
            sum += (int32_t)(labs(re) + labs(im));
            p.identity = p.identity && re == (a == l ? PRECODING_ONE : 0) && im == 0;
        }
        /* 32767 times this stays inside 32 bits */
        if (sum > 4 * PRECODING_ONE)
            return phy_refuse(why, "w", a * n_layers, "a port's sum of |re| + |im| up to 4");
    }
    p.identity = p.identity && n_ports >= n_layers;
    *ret = p;
    return 0;
}

void precoding_identity(unsigned n_ports, unsigned n_layers, precoding_t *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->n_ports = (uint8_t)n_ports;
    ret->n_layers = (uint8_t)n_layers;
    ret->identity = true;
    for (unsigned l = 0; l < n_layers && l < n_ports; l++)
        ret->w[l][l].re = PRECODING_ONE;
}

static cf_t mul(cf_t a, cf_t b)
{
    return (cf_t){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

static cf_t turn(double turns)
{
    return (cf_t){(float)cos(2 * M_PI * turns), (float)sin(2 * M_PI * turns)};
}

static cf_t scale(cf_t a, float s)
{
    return (cf_t){a.re * s, a.im * s};
}

/* Table 5.2.2.2.1-1: two ports, no grid of beams. */
static int type1_two_ports(unsigned n_layers, unsigned index, cf_t *w, phy_refusal_t *why)
{
    static const cf_t phase[4] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
    if (n_layers > 2)
        return phy_refuse(why, "n_layers", n_layers, "1..2 on 2 ports");
    if (index >= (n_layers == 1 ? 4u : 2u))
        return phy_refuse(why, "i2", index, n_layers == 1 ? "0..3" : "0..1");
    float s = n_layers == 1 ? sqrtf(0.5f) : 0.5f;
    for (unsigned l = 0; l < n_layers; l++) {
        w[l] = (cf_t){s, 0};
        w[n_layers + l] = scale(phase[index], l ? -s : s);
    }
    return 0;
}

/* One layer's column: beam (l, m), then the same with the co-phasing on the second polarisation. */
static void column(const type1_codebook_t *c, unsigned n_layers, unsigned layer, unsigned l, unsigned m,
                   cf_t phi, float s, cf_t *w)
{
    unsigned o2 = c->n2 > 1 ? 4 : 1, n = c->n1 * c->n2;
    for (unsigned a = 0; a < c->n1; a++)
        for (unsigned b = 0; b < c->n2; b++) {
            cf_t v = turn((double)(l * a) / (4 * c->n1) + (double)(m * b) / (o2 * c->n2));
            w[(a * c->n2 + b) * n_layers + layer] = scale(v, s);
            w[(n + a * c->n2 + b) * n_layers + layer] = scale(mul(v, phi), s);
        }
}

int precoding_type1(const type1_codebook_t *c, unsigned n_layers, unsigned i1_1, unsigned i1_2, unsigned i1_3,
                    unsigned i2, cf_t *ret_w, phy_refusal_t *why)
{
    if (n_layers < 1 || n_layers > PHY_MAX_LAYERS)
        return phy_refuse(why, "n_layers", n_layers, "1..4");
    if (c->n1 == 1 && c->n2 == 1)
        return type1_two_ports(n_layers, i2, ret_w, why);
    if (!(c->n1 == 2 && c->n2 == 1) && !(c->n1 == 4 && c->n2 == 1) && !(c->n1 == 2 && c->n2 == 2))
        return phy_refuse(why, "n1", c->n1 * 16 + c->n2, "(N1, N2) of 2, 4 or 8 ports");
    if (c->mode != 1 && c->mode != 2)
        return phy_refuse(why, "mode", c->mode, "1 or 2");
    unsigned o1 = 4, o2 = c->n2 > 1 ? 4 : 1, beams1 = c->n1 * o1, beams2 = c->n2 * o2;
    /* Mode 2 of 1 and 2 layers: i1 names a group of beams, i2 one of them (tables 5.2.2.2.1-5, -6). */
    bool grouped = c->mode == 2 && n_layers <= 2;
    unsigned n_i11 = grouped ? beams1 / 2 : beams1, n_i12 = grouped && c->n2 > 1 ? beams2 / 2 : beams2;
    if (i1_1 >= n_i11)
        return phy_refuse(why, "i1_1", i1_1, "a beam of the first dimension");
    if (i1_2 >= n_i12)
        return phy_refuse(why, "i1_2", i1_2, "a beam of the second dimension");
    unsigned l = i1_1, m = i1_2, n_phi = n_layers == 1 ? 4 : 2, phi = i2;
    if (grouped) {
        unsigned beam = i2 / n_phi;
        phi = i2 % n_phi;
        if (beam >= 4)
            return phy_refuse(why, "i2", i2, n_layers == 1 ? "0..15" : "0..7");
        l = 2 * i1_1 + (c->n2 > 1 ? beam & 1 : beam);
        m = c->n2 > 1 ? 2 * i1_2 + beam / 2 : 0;
    } else if (i2 >= n_phi) {
        return phy_refuse(why, "i2", i2, n_layers == 1 ? "0..3" : "0..1");
    }
    /* Second beam by i1_3: tables 5.2.2.2.1-3 (2 layers) and -4 (3 and 4 layers) */
    static const uint8_t wide2[2][4][2] = {{{0, 0}, {1, 0}, {2, 0}, {3, 0}},
                                           {{0, 0}, {1, 0}, {0, 1}, {1, 1}}};
    static const uint8_t wide3[2][3][2] = {{{1, 0}, {2, 0}, {3, 0}}, {{1, 0}, {0, 1}, {1, 1}}};
    unsigned k1 = 0, k2 = 0;
    if (n_layers == 2) {
        if (i1_3 >= (c->n1 == 2 && c->n2 == 1 ? 2u : 4u))
            return phy_refuse(why, "i1_3", i1_3, "a row of table 5.2.2.2.1-3");
        k1 = wide2[c->n2 > 1][i1_3][0] * o1;
        k2 = wide2[c->n2 > 1][i1_3][1] * o2;
    } else if (n_layers > 2) {
        if (i1_3 >= (c->n1 == 2 && c->n2 == 1 ? 1u : 3u))
            return phy_refuse(why, "i1_3", i1_3, "a row of table 5.2.2.2.1-4");
        k1 = wide3[c->n2 > 1][i1_3][0] * o1;
        k2 = wide3[c->n2 > 1][i1_3][1] * o2;
    } else if (i1_3 != 0) {
        return phy_refuse(why, "i1_3", i1_3, "0 for one layer");
    }
    cf_t co = turn(phi / 4.0), minus = scale(co, -1);
    float s = 1.0f / sqrtf((float)(2 * c->n1 * c->n2 * n_layers));
    unsigned l2 = l + k1, m2 = m + k2;
    column(c, n_layers, 0, l, m, co, s, ret_w);
    if (n_layers == 2)
        column(c, 2, 1, l2, m2, minus, s, ret_w);
    if (n_layers >= 3) {
        column(c, n_layers, 1, l2, m2, co, s, ret_w);
        column(c, n_layers, 2, l, m, minus, s, ret_w);
    }
    if (n_layers == 4)
        column(c, 4, 3, l2, m2, minus, s, ret_w);
    return 0;
}
