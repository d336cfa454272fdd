/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/models/shared.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Table 7.4.1.1.2-1 and -2 (6.4.1.1.3-1 and -2): CDM group, shift, sign of k' = 1, sign of l' = 1. */
static void port_parameters(unsigned type, unsigned port, unsigned *delta, double w_f[2], double w_t[2])
{
    unsigned half = type == 1 ? 4 : 6, p = port % half;
    *delta = type == 1 ? p / 2 : p / 2 * 2;
    w_f[0] = w_t[0] = 1;
    w_f[1] = p % 2 ? -1 : 1;
    w_t[1] = port >= half ? -1 : 1;
}

/* Is the subcarrier of a PRB one of the groups that DM-RS keeps free of data? */
static bool in_dmrs_groups(unsigned type, unsigned n_groups, unsigned k)
{
    unsigned group = type == 1 ? k % 2 : k % 6 / 2;
    return group < n_groups;
}

static unsigned hop_of(const model_shared_t *m, unsigned l)
{
    return m->hopping && l >= m->start_symbol + m->n_symbols / 2;
}

/* First symbol of a hop that has DM-RS: l_0 of the hop. */
static unsigned first_dmrs(const model_shared_t *m, unsigned hop)
{
    for (unsigned l = m->start_symbol; l < m->start_symbol + m->n_symbols; l++)
        if (hop_of(m, l) == hop && m->dmrs_symbol[l])
            return l;
    abort();
}

/* r(2n + k') of a symbol at subcarrier k (0..11) of a CRB, CP-OFDM. False: not one of the port's subcarriers.
 */
static bool dmrs_value(const model_shared_t *m, unsigned l, unsigned crb, unsigned k, unsigned delta,
                       cplx_t *ret, unsigned *ret_k_prime)
{
    unsigned n, k_prime, per_prb = m->dmrs_type == 1 ? 6 : 4;
    if (m->dmrs_type == 1) {
        if (k % 2 != delta)
            return false;
        n = k / 4;
        k_prime = k % 4 / 2;
    } else {
        if (k % 6 / 2 * 2 != delta)
            return false;
        n = k / 6;
        k_prime = k % 2;
    }
    uint64_t id = m->dmrs_id;
    uint32_t c_init =
        (uint32_t)(((((uint64_t)(14 * m->slot + l + 1) * (2 * id + 1)) << 17) + 2 * id + m->n_scid) &
                   0x7fffffff);
    model_qpsk_sequence(c_init, (size_t)crb * per_prb + 2 * n + k_prime, 1, ret);
    *ret_k_prime = k_prime;
    return true;
}

static double beta_dmrs(unsigned groups)
{
    static const double db[] = {0, 0, 3, 4.77};
    return pow(10, db[groups] / 20);
}

static void put(const model_shared_t *m, cplx_t *grid, unsigned layer, unsigned l, unsigned k, cplx_t x)
{
    for (unsigned p = 0; p < m->n_ports; p++)
        grid[((size_t)p * MODEL_SYMBOLS + l) * m->n_grid_prb * 12 + k] += m->w[p][layer] * x;
}

/* 6.4.1.1.1.2: one port, its sequence over all the hop's PRBs. */
static void put_low_papr_dmrs(const model_shared_t *m, unsigned l, unsigned l_first, double w_t, cplx_t *grid)
{
    unsigned hop = hop_of(m, l), m_zc = m->n_prb[hop] * 6, u = m->n_rs_id, v = 0, delta;
    double w_f[2], unused[2];
    if (m->group_hopping)
        u += model_gold_byte(m->n_rs_id / 30, 14 * m->slot + l_first);
    if (m->sequence_hopping && m_zc >= 72)
        v = model_gold_bit(m->n_rs_id, 14 * m->slot + l_first);
    /* f_gh is taken modulo 30 as well; the sum modulo 30 is the same. */
    cplx_t r[MODEL_MAX_PRB * 6];
    model_low_papr(u % 30, v, m_zc, 0, r);
    port_parameters(1, m->dmrs_port[0], &delta, w_f, unused);
    for (unsigned i = 0; i < m_zc; i++)
        put(m, grid, 0, l, m->prb[hop][0] * 12 + 4 * (i / 2) + 2 * (i % 2) + delta,
            beta_dmrs(m->n_cdm_groups_without_data) * w_f[i % 2] * w_t * r[i]);
}

static void put_dmrs(const model_shared_t *m, unsigned l, cplx_t *grid)
{
    bool second = m->dmrs_length == 2 && l > 0 && m->dmrs_symbol[l - 1] && !(l > 1 && m->dmrs_symbol[l - 2]);
    unsigned hop = hop_of(m, l);
    for (unsigned layer = 0; layer < m->n_layers; layer++) {
        unsigned delta, k_prime;
        double w_f[2], w_t[2];
        cplx_t r;
        port_parameters(m->dmrs_type, m->dmrs_port[layer], &delta, w_f, w_t);
        if (m->transform_precoding) {
            put_low_papr_dmrs(m, l, second ? l - 1 : l, w_t[second], grid);
            continue;
        }
        for (unsigned b = 0; b < m->n_prb[hop]; b++)
            for (unsigned k = 0; k < 12; k++)
                if (dmrs_value(m, l, m->grid_crb + m->prb[hop][b], k, delta, &r, &k_prime))
                    put(m, grid, layer, l, m->prb[hop][b] * 12 + k,
                        beta_dmrs(m->n_cdm_groups_without_data) * w_f[k_prime] * w_t[second] * r);
    }
}

/* Time indices of 6.4.1.2.2.1 (7.4.1.2.2): the procedure of the standard, for one hop. */
static void ptrs_symbols(const model_shared_t *m, unsigned hop, bool ret[MODEL_SYMBOLS])
{
    int first = -1, last = -1;
    for (unsigned l = m->start_symbol; l < m->start_symbol + m->n_symbols; l++)
        if (hop_of(m, l) == hop) {
            first = first < 0 ? (int)l : first;
            last = (int)l;
        }
    int i = 0, l_ref = first, step = (int)m->ptrs_l;
    while (l_ref + i * step <= last) {
        int from = l_ref + (i - 1) * step + 1 > l_ref ? l_ref + (i - 1) * step + 1 : l_ref,
            to = l_ref + i * step;
        int dmrs = -1;
        for (int l = from; l <= to; l++)
            if (m->dmrs_symbol[l])
                dmrs = l;
        if (dmrs >= 0) {
            i = 1;
            l_ref = dmrs; /* of a double one, its second symbol */
            if (m->dmrs_length == 2 && dmrs < last && m->dmrs_symbol[dmrs + 1] &&
                !(dmrs > 0 && m->dmrs_symbol[dmrs - 1]))
                l_ref = dmrs + 1;
            continue;
        }
        ret[to] = true;
        i++;
    }
}

/* k_ref^RE, tables 6.4.1.2.2.1-1 and 7.4.1.2.2-1, [port][resourceElementOffset]. */
static unsigned ptrs_k_ref(unsigned type, unsigned port, unsigned offset)
{
    static const uint8_t type1[4][4] = {{0, 2, 6, 8}, {2, 4, 8, 10}, {1, 3, 7, 9}, {3, 5, 9, 11}};
    static const uint8_t type2[6][4] = {{0, 1, 6, 7}, {1, 6, 7, 0},   {2, 3, 8, 9},
                                        {3, 8, 9, 2}, {4, 5, 10, 11}, {5, 10, 11, 4}};
    return type == 1 ? type1[port][offset] : type2[port][offset];
}

static unsigned nth_prb(const model_shared_t *m, unsigned hop, unsigned n)
{
    for (unsigned prb = 0; prb < MODEL_MAX_PRB; prb++)
        for (unsigned i = 0; i < m->n_prb[hop]; i++)
            if (m->prb[hop][i] == prb && n-- == 0)
                return prb;
    abort();
}

/* The subcarriers with PT-RS in a symbol; puts its values when grid is not NULL. */
static void ptrs_of_symbol(const model_shared_t *m, unsigned l, bool *taken, cplx_t *grid)
{
    bool symbols[MODEL_SYMBOLS] = {false};
    unsigned hop = hop_of(m, l);
    if (m->ptrs)
        ptrs_symbols(m, hop, symbols);
    if (!symbols[l])
        return;
    unsigned n_rb = m->n_prb[hop], rest = n_rb % m->ptrs_k, port = m->dmrs_port[m->ptrs_layer];
    unsigned rb_ref = rest ? m->ptrs_rnti % rest : m->ptrs_rnti % m->ptrs_k;
    unsigned k = ptrs_k_ref(m->dmrs_type, port, m->ptrs_offset), delta, k_prime;
    double w_f[2], w_t[2];
    port_parameters(m->dmrs_type, port, &delta, w_f, w_t);
    /* Resource blocks are counted from the lowest to the highest, however they are mapped. */
    for (unsigned b = rb_ref; b < n_rb; b += m->ptrs_k) {
        unsigned prb = nth_prb(m, hop, b);
        taken[prb * 12 + k] = true;
        cplx_t r;
        if (grid && dmrs_value(m, first_dmrs(m, hop), m->grid_crb + prb, k, delta, &r, &k_prime))
            put(m, grid, m->ptrs_layer, l, prb * 12 + k, m->ptrs_amplitude * r);
    }
}

/* Data subcarriers of a symbol in the order of mapping. */
static size_t data_of_symbol(const model_shared_t *m, unsigned l, unsigned *ret)
{
    bool taken[MODEL_MAX_PRB * 12] = {false};
    unsigned hop = hop_of(m, l);
    size_t n = 0;
    ptrs_of_symbol(m, l, taken, NULL);
    for (unsigned b = 0; b < m->n_prb[hop]; b++)
        for (unsigned k = 0; k < 12; k++) {
            unsigned at = m->prb[hop][b] * 12 + k;
            bool dmrs = m->dmrs_symbol[l] && in_dmrs_groups(m->dmrs_type, m->n_cdm_groups_without_data, k);
            if (!dmrs && !taken[at])
                ret[n++] = at;
        }
    return n;
}

size_t model_shared_bits(const model_shared_t *m)
{
    unsigned ignored[MODEL_MAX_PRB * 12];
    size_t n = 0;
    for (unsigned l = m->start_symbol; l < m->start_symbol + m->n_symbols; l++)
        n += data_of_symbol(m, l, ignored);
    return n * m->n_layers * m->qm;
}

/* 6.3.1.1 (7.3.1.1). */
static void scramble(uint32_t c_init, const int8_t *codeword, size_t n, uint8_t *ret)
{
    uint8_t *c = calloc(n + 1, 1);
    if (!c)
        abort();
    model_gold(c_init, n, c);
    for (size_t i = 0; i < n; i++)
        ret[i] = codeword[i] == -1 ? 1 : codeword[i] == -2 ? ret[i - 1] : (uint8_t)((codeword[i] + c[i]) % 2);
    free(c);
}

/* 6.3.1.4, in place. */
static void transform_precode(cplx_t *x, unsigned n)
{
    cplx_t y[MODEL_MAX_PRB * 12];
    for (unsigned k = 0; k < n; k++) {
        y[k] = 0;
        for (unsigned i = 0; i < n; i++)
            y[k] += x[i] * cexp(-I * 2 * M_PI * (double)((unsigned long)i * k % n) / n);
        y[k] /= sqrt(n);
    }
    memcpy(x, y, n * sizeof *x);
}

size_t model_shared_data(const model_shared_t *m, unsigned l, unsigned *ret)
{
    return data_of_symbol(m, l, ret);
}

void model_shared_dmrs(const model_shared_t *m, unsigned layer, cplx_t *grid)
{
    model_shared_t one = *m;
    one.n_layers = one.n_ports = 1;
    one.w[0][0] = 1;
    one.dmrs_port[0] = m->dmrs_port[layer];
    memset(grid, 0, (size_t)MODEL_SYMBOLS * m->n_grid_prb * 12 * sizeof *grid);
    for (unsigned l = m->start_symbol; l < m->start_symbol + m->n_symbols; l++)
        if (m->dmrs_symbol[l])
            put_dmrs(&one, l, grid);
}

void model_shared_transmit(const model_shared_t *m, const int8_t *codeword, cplx_t *grid)
{
    size_t n_bits = model_shared_bits(m), at = 0;
    uint8_t *bits = calloc(n_bits + 1, 1);
    if (!bits)
        abort();
    scramble(m->c_init, codeword, n_bits, bits);
    memset(grid, 0, (size_t)m->n_ports * MODEL_SYMBOLS * m->n_grid_prb * 12 * sizeof *grid);
    for (unsigned l = m->start_symbol; l < m->start_symbol + m->n_symbols; l++) {
        unsigned where[MODEL_MAX_PRB * 12];
        bool taken[MODEL_MAX_PRB * 12] = {false};
        size_t n = data_of_symbol(m, l, where);
        for (unsigned layer = 0; layer < m->n_layers; layer++) {
            cplx_t x[MODEL_MAX_PRB * 12];
            for (size_t i = 0; i < n; i++) {
                size_t symbol = at + i * m->n_layers + layer;
                x[i] = model_symbol(m->qm, symbol, bits + symbol * m->qm);
            }
            if (m->transform_precoding && n)
                transform_precode(x, (unsigned)n);
            for (size_t i = 0; i < n; i++)
                put(m, grid, layer, l, where[i], x[i]);
        }
        at += n * m->n_layers;
        if (m->dmrs_symbol[l])
            put_dmrs(m, l, grid);
        ptrs_of_symbol(m, l, taken, grid);
    }
    free(bits);
}

void model_interleave_vrb(unsigned size, unsigned start, unsigned bundle, unsigned *ret)
{
    unsigned shift = start % bundle, n_bundles = (size + shift + bundle - 1) / bundle,
             columns = n_bundles / 2;
    unsigned vrb = 0;
    for (unsigned j = 0; j < n_bundles; j++) {
        unsigned f = j == n_bundles - 1 ? j : j % 2 * columns + j / 2;
        /* PRBs of bundle f: cut at the set's ends. */
        for (unsigned i = 0; i < bundle; i++) {
            long prb = (long)(f * bundle + i) - (long)shift;
            if (prb >= 0 && prb < (long)size)
                ret[vrb++] = (unsigned)prb;
        }
    }
}
