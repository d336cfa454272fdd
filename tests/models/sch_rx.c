/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/models/sch_rx.h"

#include "tests/models/ldpc_sum_product.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Remainder of bits (one a byte, CRC at their end) by a generator without its highest term: 0 when it holds.
 */
static uint32_t remainder_of(const uint8_t *bits, unsigned n, unsigned length, uint32_t generator)
{
    uint32_t r = 0;
    for (unsigned i = 0; i < n; i++) {
        uint32_t out = r >> (length - 1) & 1;
        r = (r << 1 | bits[i]) & ((1u << length) - 1);
        r ^= out ? generator : 0;
    }
    return r;
}

/* Table 5.3.2-1: a 2^j. */
static unsigned lifting_size(unsigned kb, unsigned k_prime)
{
    unsigned best = 1000;
    for (unsigned a = 2; a <= 15; a += a == 2 ? 1 : 2)
        for (unsigned z = a; z <= 384; z *= 2)
            if (kb * z >= k_prime && z < best)
                best = z;
    return best;
}

bool model_sch_receive(const phy_t *phy, const model_sch_t *m, unsigned n_iterations, const double *llr,
                       uint8_t *tb)
{
    static const unsigned k0_of[2][4] = {{0, 17, 33, 56}, {0, 13, 25, 43}};
    unsigned a = m->tb_bytes * 8, l = a > 3824 ? 24 : 16, b = a + l;
    unsigned bg = a <= 292 || (a <= 3824 && m->rate <= 0.67) || m->rate <= 0.25 ? 2 : 1;
    unsigned k_cb = bg == 1 ? 8448 : 3840, c = b <= k_cb ? 1 : (b + k_cb - 25) / (k_cb - 24);
    unsigned k_prime = (c == 1 ? b : b + 24 * c) / c;
    unsigned kb = bg == 1 ? 22 : b > 640 ? 10 : b > 560 ? 9 : b > 192 ? 8 : 6;
    unsigned z = lifting_size(kb, k_prime), k = (bg == 1 ? 22 : 10) * z, n = (bg == 1 ? 66 : 50) * z;
    unsigned k0 = k0_of[bg - 1][m->rv] * z, res = m->g_bits / (m->n_layers * m->qm), at = 0;
    const graph_t *graph = graph_get(phy, bg, z);
    uint8_t *bits = calloc(b + 1, 1), *block = calloc(k + 1, 1);
    double *word = calloc(n + 2 * z, sizeof *word);
    bool ok = graph && bits && block && word;
    for (unsigned r = 0; ok && r < c; r++) {
        unsigned e = m->n_layers * m->qm * (r < c - res % c ? res / c : res / c + 1), last = k - 2 * z;
        memset(word, 0, (n + 2 * z) * sizeof *word);
        double *d = word + 2 * z;
        for (unsigned i = 0, j = 0; i < e; j++) {
            unsigned place = (k0 + j) % n;
            if (place >= k_prime - 2 * z && place < k - 2 * z)
                continue; /* filler */
            /* e_i left the interleaver as number i / (E / Q_m) + (i mod E / Q_m) Q_m */
            d[place] += llr[at + i / (e / m->qm) + i % (e / m->qm) * m->qm];
            last = place > last ? place : last;
            i++;
        }
        for (unsigned i = k_prime; i < k; i++)
            word[i] = 100;
        unsigned rows = last / z + 3 - (bg == 1 ? 22 : 10);
        ldpc_sum_product(graph, rows < 4 ? 4 : rows, n_iterations, word);
        for (unsigned i = 0; i < k_prime; i++)
            block[i] = word[i] < 0;
        if (c > 1)
            ok = remainder_of(block, k_prime, 24, 0x800063) == 0;
        unsigned payload = k_prime - (c > 1 ? 24 : 0);
        memcpy(bits + r * payload, block, payload);
        at += e;
    }
    ok = ok && remainder_of(bits, b, l, l == 24 ? 0x864cfb : 0x1021) == 0;
    for (unsigned i = 0; i < m->tb_bytes; i++) {
        tb[i] = 0;
        for (unsigned j = 0; j < 8; j++)
            tb[i] = (uint8_t)(tb[i] << 1 | bits[8 * i + j]);
    }
    free(bits);
    free(block);
    free(word);
    return ok;
}
