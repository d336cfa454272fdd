/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/signal/low_papr.h"
#include "lib/phy/signal/gold.h"
#include "lib/phy/signal/low_papr_tables.h"
#include "lib/phy/signal/modulation.h"

#include <errno.h>
#include <math.h>

#define GROUPS 30

static cf_t polar(double turns)
{
    double a = 2 * M_PI * turns;
    return (cf_t){(float)cos(a), (float)sin(a)};
}

static cf_t multiply(cf_t a, cf_t b)
{
    return (cf_t){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

void zadoff_chu(unsigned q, unsigned n_zc, size_t n, cf_t *out)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t m = i % n_zc;
        /* The phase modulo 2 pi, in units of pi / n_zc. */
        uint64_t k = q * (m * (m + 1)) % (2 * (uint64_t)n_zc);
        out[i] = polar(-(double)k / (2.0 * n_zc));
    }
}

static unsigned largest_prime_below(unsigned n)
{
    for (unsigned p = n - 1;; p--) {
        unsigned d = 2;
        while (d * d <= p && p % d)
            d++;
        if (d * d > p)
            return p;
    }
}

int low_papr_base(unsigned u, unsigned v, unsigned m_zc, cf_t *out)
{
    if (u >= GROUPS || v > (m_zc >= 72) || m_zc % 6 || m_zc < 6 || m_zc > PHY_MAX_SC)
        return -EINVAL;
    const int8_t *phi = m_zc == 6    ? low_papr_phi_6[u]
                        : m_zc == 12 ? low_papr_phi_12[u]
                        : m_zc == 18 ? low_papr_phi_18[u]
                        : m_zc == 24 ? low_papr_phi_24[u]
                                     : NULL;
    if (phi) {
        for (unsigned n = 0; n < m_zc; n++)
            out[n] = (cf_t){phi[n] == 1 || phi[n] == -1 ? (float)M_SQRT1_2 : -(float)M_SQRT1_2,
                            phi[n] > 0 ? (float)M_SQRT1_2 : -(float)M_SQRT1_2};
    } else if (m_zc == 30) {
        for (unsigned n = 0; n < m_zc; n++)
            out[n] = polar(-(double)((u + 1) * (n + 1) * (n + 2) % 62) / 62);
    } else {
        /* q = floor(q_bar + 1/2) + v (-1)^floor(2 q_bar), q_bar = n_zc (u + 1) / 31. */
        unsigned n_zc = largest_prime_below(m_zc), x = n_zc * (u + 1);
        unsigned q = (2 * x + 31) / 62;
        if (v)
            q = 2 * x / 31 % 2 ? q - 1 : q + 1;
        zadoff_chu(q, n_zc, m_zc, out);
    }
    return 0;
}

void low_papr_shift(cf_t *x, size_t n, unsigned cs, unsigned n_cs, bool conjugated)
{
    cs %= n_cs;
    if (!cs)
        return;
    for (size_t i = 0; i < n; i++) {
        double turns = (double)(cs * i % n_cs) / n_cs;
        x[i] = multiply(x[i], polar(conjugated ? -turns : turns));
    }
}

int low_papr_sequence(unsigned u, unsigned v, unsigned m_zc, unsigned cs, unsigned n_cs, cf_t *out)
{
    if (!n_cs)
        return -EINVAL;
    int err = low_papr_base(u, v, m_zc, out);
    if (err < 0)
        return err;
    low_papr_shift(out, m_zc, cs, n_cs, false);
    return 0;
}

static unsigned hop(const phy_t *phy, uint32_t c_init, uint32_t offset, unsigned n)
{
    /* Sum of 2^m c(offset + m): the first bit is the lowest. */
    gold_t g;
    gold_init(phy, &g, c_init, offset);
    unsigned bits = gold_next(&g, n), r = 0;
    for (unsigned m = 0; m < n; m++)
        r |= (bits >> (n - 1 - m) & 1) << m;
    return r;
}

void low_papr_hop_pucch(const phy_t *phy, low_papr_hop_t mode, uint32_t n_id, uint32_t n_s, unsigned n_hop,
                        unsigned *ret_u, unsigned *ret_v)
{
    unsigned f_gh = 0, f_ss = n_id % GROUPS;
    *ret_v = 0;
    if (mode == LOW_PAPR_HOP_GROUP)
        f_gh = hop(phy, n_id / GROUPS, 8 * (2 * n_s + n_hop), 8) % GROUPS;
    else if (mode == LOW_PAPR_HOP_SEQUENCE)
        *ret_v = hop(phy, 32 * (n_id / GROUPS) + n_id % GROUPS, 2 * n_s + n_hop, 1);
    *ret_u = (f_gh + f_ss) % GROUPS;
}

unsigned low_papr_pucch_n_cs(const phy_t *phy, uint32_t n_id, uint32_t n_s, unsigned l)
{
    return hop(phy, n_id, 8 * (PHY_SYMBOLS * n_s + l), 8);
}

static void hop_by_symbol(const phy_t *phy, low_papr_hop_t mode, uint32_t n_id, uint32_t n_s, unsigned l,
                          unsigned m_zc, uint32_t c_init_group, unsigned *ret_u, unsigned *ret_v)
{
    unsigned f_gh = 0;
    *ret_v = 0;
    if (mode == LOW_PAPR_HOP_GROUP)
        f_gh = hop(phy, c_init_group, 8 * (PHY_SYMBOLS * n_s + l), 8) % GROUPS;
    else if (mode == LOW_PAPR_HOP_SEQUENCE && m_zc >= 72)
        *ret_v = hop(phy, n_id, PHY_SYMBOLS * n_s + l, 1);
    *ret_u = (f_gh + n_id) % GROUPS;
}

void low_papr_hop_pusch(const phy_t *phy, low_papr_hop_t mode, uint32_t n_id, uint32_t n_s, unsigned l,
                        unsigned m_zc, unsigned *ret_u, unsigned *ret_v)
{
    hop_by_symbol(phy, mode, n_id, n_s, l, m_zc, n_id / GROUPS, ret_u, ret_v);
}

void low_papr_hop_srs(const phy_t *phy, low_papr_hop_t mode, uint32_t n_id, uint32_t n_s, unsigned l,
                      unsigned m_zc, unsigned *ret_u, unsigned *ret_v)
{
    hop_by_symbol(phy, mode, n_id, n_s, l, m_zc, n_id, ret_u, ret_v);
}

int low_papr_type2(const phy_t *phy, uint32_t c_init, unsigned m_zc, cf_t *out, dft_work_t *work)
{
    const dft_plan_t *plan = m_zc >= 30 && m_zc <= PHY_MAX_SC ? dft_plan(phy, m_zc) : NULL;
    if (!plan)
        return -EINVAL;
    uint8_t bits[PHY_MAX_SC / 8 + 1];
    gold_t g;
    gold_init(phy, &g, c_init, 0);
    gold_bits(&g, m_zc, bits);
    modulate_cf(phy, 1, bits, m_zc, 1 / sqrtf((float)m_zc), out);
    dft(plan, DFT_FORWARD, out, out, work);
    return 0;
}
