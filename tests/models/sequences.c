/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/models/sequences.h"

#include "tests/models/tables.h"

#include <math.h>
#include <stdlib.h>

#define NC 1600

void model_gold(uint32_t c_init, size_t n, uint8_t *ret)
{
    size_t length = NC + n + 31;
    uint8_t *x1 = calloc(length, 1), *x2 = calloc(length, 1);
    if (!x1 || !x2)
        abort();
    x1[0] = 1;
    for (unsigned i = 0; i < 31; i++)
        x2[i] = c_init >> i & 1;
    for (size_t i = 0; i + 31 < length; i++) {
        x1[i + 31] = (x1[i + 3] + x1[i]) % 2;
        x2[i + 31] = (x2[i + 3] + x2[i + 2] + x2[i + 1] + x2[i]) % 2;
    }
    for (size_t i = 0; i < n; i++)
        ret[i] = (x1[i + NC] + x2[i + NC]) % 2;
    free(x1);
    free(x2);
}

unsigned model_gold_bit(uint32_t c_init, size_t at)
{
    uint8_t *c = calloc(at + 1, 1);
    if (!c)
        abort();
    model_gold(c_init, at + 1, c);
    unsigned bit = c[at];
    free(c);
    return bit;
}

unsigned model_gold_byte(uint32_t c_init, size_t at)
{
    unsigned sum = 0;
    for (unsigned m = 0; m < 8; m++)
        sum += model_gold_bit(c_init, 8 * at + m) << m;
    return sum;
}

void model_qpsk_sequence(uint32_t c_init, size_t first, size_t n, cplx_t *ret)
{
    uint8_t *c = calloc(2 * (first + n) + 1, 1);
    if (!c)
        abort();
    model_gold(c_init, 2 * (first + n), c);
    for (size_t i = 0; i < n; i++) {
        size_t m = first + i;
        ret[i] = (1 - 2 * c[2 * m]) / sqrt(2) + I * (1 - 2 * c[2 * m + 1]) / sqrt(2);
    }
    free(c);
}

static bool is_prime(unsigned n)
{
    for (unsigned d = 2; d * d <= n; d++)
        if (n % d == 0)
            return false;
    return n >= 2;
}

static cplx_t zadoff_chu_base(unsigned u, unsigned v, unsigned m_zc, unsigned n)
{
    unsigned n_zc = m_zc - 1;
    while (!is_prime(n_zc))
        n_zc--;
    double q_bar = n_zc * (u + 1) / 31.0;
    double q = floor(q_bar + 0.5) + v * ((long)floor(2 * q_bar) % 2 ? -1.0 : 1.0);
    double m = n % n_zc;
    return cexp(-I * M_PI * fmod(q * m * (m + 1), 2.0 * n_zc) / n_zc);
}

void model_low_papr(unsigned u, unsigned v, unsigned m_zc, double alpha, cplx_t *ret)
{
    for (unsigned n = 0; n < m_zc; n++) {
        cplx_t base;
        if (m_zc == 6)
            base = cexp(I * M_PI / 4 * model_phi_6[u][n]);
        else if (m_zc == 12)
            base = cexp(I * M_PI / 4 * model_phi_12[u][n]);
        else if (m_zc == 18)
            base = cexp(I * M_PI / 4 * model_phi_18[u][n]);
        else if (m_zc == 24)
            base = cexp(I * M_PI / 4 * model_phi_24[u][n]);
        else if (m_zc == 30)
            base = cexp(-I * M_PI * (u + 1.0) * (n + 1.0) * (n + 2.0) / 31);
        else
            base = zadoff_chu_base(u, v, m_zc, n);
        ret[n] = cexp(I * alpha * n) * base;
    }
}

cplx_t model_symbol(unsigned qm, size_t i, const uint8_t *b)
{
    double s[10];
    for (unsigned k = 0; k < qm; k++)
        s[k] = 1 - 2 * b[k];
    switch (qm) {
    case 1:
        return cexp(I * M_PI / 2 * (double)(i % 2)) / sqrt(2) * (s[0] + I * s[0]);
    case 2:
        return (s[0] + I * s[1]) / sqrt(2);
    case 4:
        return (s[0] * (2 - s[2]) + I * s[1] * (2 - s[3])) / sqrt(10);
    case 6:
        return (s[0] * (4 - s[2] * (2 - s[4])) + I * s[1] * (4 - s[3] * (2 - s[5]))) / sqrt(42);
    case 8:
        return (s[0] * (8 - s[2] * (4 - s[4] * (2 - s[6]))) +
                I * s[1] * (8 - s[3] * (4 - s[5] * (2 - s[7])))) /
               sqrt(170);
    default:
        abort();
    }
}
