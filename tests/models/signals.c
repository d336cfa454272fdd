/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/models/signals.h"

#include "tests/models/tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static cplx_t *at(cplx_t *grid, unsigned n_prb, unsigned antenna, unsigned l, unsigned k)
{
    return &grid[((size_t)antenna * MODEL_SYMBOLS + l) * n_prb * 12 + k];
}

/* ---- CSI-RS ---- */

/* Table 7.4.1.5.3-1. places: "k index, which of l0 and l1, added to it" in the order of CDM groups. */
typedef struct {
    uint8_t ports, n_k, n_l; /* ports; k' and l' of a group */
    const char *places;      /* triples of digits */
} csi_rs_row_t;

static const csi_rs_row_t rows[19] = {
    [1] = {1, 1, 1, ""}, /* three places, of the one port */
    [2] = {1, 1, 1, "000"},
    [3] = {2, 2, 1, "000"},
    [4] = {4, 2, 1, ""}, /* k0 and k0 + 2 */
    [5] = {4, 2, 1, "000001"},
    [6] = {8, 2, 1, "000100200300"},
    [7] = {8, 2, 1, "000100001101"},
    [8] = {8, 2, 2, "000100"},
    [9] = {12, 2, 1, "000100200300400500"},
    [10] = {12, 2, 2, "000100200"},
    [11] = {16, 2, 1, "000100200300001101201301"},
    [12] = {16, 2, 2, "000100200300"},
    [13] = {24, 2, 1, "000100200001101201010110210011111211"},
    [14] = {24, 2, 2, "000100200010110210"},
    [15] = {24, 2, 4, "000100200"},
    [16] = {32, 2, 1, "000100200300001101201301010110210310011111211311"},
    [17] = {32, 2, 2, "000100200300010110210310"},
    [18] = {32, 2, 4, "000100200300"},
};

unsigned model_csi_rs_ports(unsigned row)
{
    return rows[row].ports;
}

static unsigned nth_set_bit(unsigned mask, unsigned n)
{
    for (unsigned i = 0; i < 16; i++)
        if (mask >> i & 1 && n-- == 0)
            return i;
    abort();
}

/* Tables 7.4.1.5.3-2 to -5: w_f(k') w_t(l') of port s of a group. */
static double cdm_weight(unsigned s, unsigned k_prime, unsigned l_prime, unsigned n_l)
{
    static const int8_t w_t4[4][4] = {{1, 1, 1, 1}, {1, -1, 1, -1}, {1, 1, -1, -1}, {1, -1, -1, 1}};
    double w_f = s % 2 && k_prime ? -1 : 1;
    if (n_l == 4)
        return w_f * w_t4[s / 2][l_prime];
    return w_f * (s / 2 && l_prime ? -1 : 1);
}

/* One CDM group (j) at k-bar, l-bar over all resource blocks. */
static void csi_rs_group(const model_csi_rs_t *c, unsigned j, unsigned k_bar, unsigned l_bar, cplx_t *grid)
{
    const csi_rs_row_t *row = &rows[c->row];
    unsigned size = row->ports == 1 ? 1 : row->n_k * row->n_l;
    for (unsigned n = c->start_crb; n < c->start_crb + c->n_rbs; n++) {
        if (c->density_x2 == 1 && n % 2 != (unsigned)c->odd_prbs)
            continue;
        for (unsigned l_prime = 0; l_prime < row->n_l; l_prime++)
            for (unsigned k_prime = 0; k_prime < row->n_k; k_prime++) {
                unsigned l = l_bar + l_prime;
                /* alpha = rho for one port, 2 rho for more: here halves are counted */
                unsigned alpha_x2 = row->ports == 1 ? c->density_x2 : 2 * c->density_x2;
                unsigned m = n * alpha_x2 / 2 + k_prime + k_bar * c->density_x2 / 2 / 12;
                uint32_t c_init =
                    (uint32_t)((((uint64_t)(14 * c->slot + l + 1) * (2 * c->n_id + 1)) * 1024 + c->n_id) &
                               0x7fffffff);
                cplx_t r;
                model_qpsk_sequence(c_init, m, 1, &r);
                for (unsigned s = 0; s < size; s++)
                    *at(grid, c->n_grid_prb, j * size + s, l, (n - c->grid_crb) * 12 + k_bar + k_prime) +=
                        cdm_weight(s, k_prime, l_prime, row->n_l) * r;
            }
    }
}

void model_csi_rs(const model_csi_rs_t *c, cplx_t *grid)
{
    unsigned k0 = nth_set_bit(c->freq_domain, 0);
    if (c->row == 1) {
        for (unsigned i = 0; i < 3; i++)
            csi_rs_group(c, 0, k0 + 4 * i, c->l0, grid);
    } else if (c->row == 2) {
        csi_rs_group(c, 0, k0, c->l0, grid);
    } else if (c->row == 4) {
        csi_rs_group(c, 0, 4 * k0, c->l0, grid);
        csi_rs_group(c, 1, 4 * k0 + 2, c->l0, grid);
    } else {
        const char *p = rows[c->row].places;
        for (unsigned j = 0; p[3 * j]; j++) {
            unsigned k = 2 * nth_set_bit(c->freq_domain, (unsigned)(p[3 * j] - '0'));
            unsigned l = (p[3 * j + 1] == '0' ? c->l0 : c->l1) + (unsigned)(p[3 * j + 2] - '0');
            csi_rs_group(c, j, k, l, grid);
        }
    }
}

/* ---- PUCCH format 1 ---- */

/* phi(m) of table 6.3.2.4.1-2 is i m, but for length 4. */
static cplx_t occ(unsigned length, unsigned i, unsigned m)
{
    static const uint8_t four[4][4] = {{0, 0, 0, 0}, {0, 2, 0, 2}, {0, 0, 2, 2}, {0, 2, 2, 0}};
    unsigned phi = length == 4 ? four[i][m] : i * m % length;
    return cexp(I * 2 * M_PI * phi / length);
}

static void pucch_group(const model_pucch1_t *c, unsigned hop, unsigned *u, unsigned *v)
{
    *u = c->n_id % 30;
    *v = 0;
    if (c->group_hopping == 1)
        *u = (model_gold_byte(c->n_id / 30, 2 * c->slot + hop) % 30 + c->n_id % 30) % 30;
    else if (c->group_hopping == 2)
        *v = model_gold_bit(32 * (c->n_id / 30) + c->n_id % 30, 2 * c->slot + hop);
}

void model_pucch1(const model_pucch1_t *c, cplx_t *grid)
{
    const uint8_t none[1] = {0};
    const uint8_t *b = c->n_bits ? c->bits : none;
    uint8_t bpsk[2] = {b[0], b[0]};
    cplx_t d = model_symbol(2, 0, c->n_bits == 2 ? b : bpsk); /* BPSK of 5.1.2 has equal parts */
    unsigned first_hop = c->hopping ? c->n_symbols / 2 : c->n_symbols;
    for (unsigned hop = 0; hop < (c->hopping ? 2u : 1u); hop++) {
        unsigned from = hop ? first_hop : 0, to = hop ? c->n_symbols : first_hop;
        unsigned n_data = 0, n_dmrs = 0, u, v;
        for (unsigned i = from; i < to; i++)
            i % 2 ? n_data++ : n_dmrs++;
        pucch_group(c, hop, &u, &v);
        unsigned m_data = 0, m_dmrs = 0;
        for (unsigned i = from; i < to; i++) {
            unsigned l = c->start_symbol + i;
            unsigned n_cs = model_gold_byte(c->n_id, 14 * c->slot + l);
            cplx_t r[12], w = i % 2 ? occ(n_data, c->occ, m_data++) * d : occ(n_dmrs, c->occ, m_dmrs++);
            model_low_papr(u, v, 12, 2 * M_PI / 12 * ((c->m0 + n_cs) % 12), r);
            for (unsigned k = 0; k < 12; k++)
                *at(grid, c->n_grid_prb, 0, l, (hop ? c->second_prb : c->prb) * 12 + k) += w * r[k];
        }
    }
}

/* ---- PRACH ---- */

unsigned model_prach_n_cs(unsigned scs_hz, unsigned set, unsigned zone, bool *ret_ok)
{
    static const uint16_t long_1250[2][16] = {
        {0, 13, 15, 18, 22, 26, 32, 38, 46, 59, 76, 93, 119, 167, 279, 419},
        {15, 18, 22, 26, 32, 38, 46, 55, 68, 82, 100, 128, 158, 202, 237, 0}};
    static const uint16_t long_5000[2][16] = {
        {0, 13, 26, 33, 38, 41, 49, 55, 64, 76, 93, 119, 139, 209, 279, 419},
        {36, 57, 72, 81, 89, 94, 103, 112, 121, 132, 137, 152, 173, 195, 216, 237}};
    static const uint16_t of_short[16] = {0, 2, 4, 6, 8, 10, 12, 13, 15, 17, 19, 23, 27, 34, 46, 69};
    unsigned n = scs_hz == 1250   ? long_1250[set][zone]
                 : scs_hz == 5000 ? long_5000[set][zone]
                                  : of_short[zone];
    *ret_ok = set == 0 || n > 0;
    return n;
}

unsigned model_prach_d_u(unsigned l_ra, unsigned u)
{
    unsigned q = 0;
    while (q * u % l_ra != 1)
        q++;
    return q < l_ra / 2.0 ? q : l_ra - q;
}

/* Cyclic shifts of one root, in order; their number. */
static unsigned cyclic_shifts(unsigned l_ra, unsigned u, unsigned n_cs, unsigned set, unsigned ret[839])
{
    unsigned n = 0;
    if (set == 0) {
        for (unsigned v = 0; n_cs ? v < l_ra / n_cs : v < 1; v++)
            ret[n++] = v * n_cs;
        return n;
    }
    int l = (int)l_ra, cs = (int)n_cs, d = (int)model_prach_d_u(l_ra, u), n_shift, d_start, n_group, more;
    if (cs <= d && 3 * d < l) {
        n_shift = d / cs;
        d_start = 2 * d + n_shift * cs;
        n_group = l / d_start;
        int left = l - 2 * d - n_group * d_start;
        more = left > 0 ? left / cs : 0;
    } else if (3 * d >= l && 2 * d <= l - cs) {
        n_shift = (l - 2 * d) / cs;
        d_start = l - 2 * d + n_shift * cs;
        n_group = d / d_start;
        int left = d - n_group * d_start;
        more = left > 0 ? left / cs : 0;
        more = more < n_shift ? more : n_shift;
    } else {
        return 0;
    }
    for (int v = 0; v < n_shift * n_group + more; v++)
        ret[n++] = (unsigned)(d_start * (v / n_shift) + v % n_shift * cs);
    return n;
}

unsigned model_prach_preambles(unsigned l_ra, unsigned logical_root, unsigned n_cs, unsigned set,
                               unsigned ret_u[64], unsigned ret_c_v[64])
{
    unsigned n = 0, shifts[839];
    for (unsigned i = 0; i < l_ra - 1 && n < 64; i++) {
        unsigned logical = (logical_root + i) % (l_ra - 1);
        unsigned u = l_ra == 839 ? model_roots_839[logical] : model_roots_139[logical];
        unsigned count = cyclic_shifts(l_ra, u, n_cs, set, shifts);
        for (unsigned v = 0; v < count && n < 64; v++) {
            ret_u[n] = u;
            ret_c_v[n++] = shifts[v];
        }
    }
    return n;
}

void model_prach_y(unsigned l_ra, unsigned u, unsigned c_v, cplx_t *ret)
{
    cplx_t x[839];
    for (unsigned n = 0; n < l_ra; n++) {
        unsigned long i = (n + c_v) % l_ra;
        x[n] = cexp(-I * M_PI * (double)(u * i * (i + 1) % (2ul * l_ra)) / l_ra);
    }
    for (unsigned n = 0; n < l_ra; n++) {
        ret[n] = 0;
        for (unsigned m = 0; m < l_ra; m++)
            ret[n] += x[m] * cexp(-I * 2 * M_PI * (double)((unsigned long)m * n % l_ra) / l_ra);
    }
}

/* ---- SRS ---- */

/* n_b of 6.4.1.4.3. */
static unsigned srs_n_b(const model_srs_t *c, unsigned b, unsigned l_prime)
{
    unsigned m_srs = model_srs_bandwidth[c->c_srs][b][0], n_b = model_srs_bandwidth[c->c_srs][b][1];
    unsigned position = 4 * c->n_rrc / m_srs;
    if (c->b_hop >= c->b_srs || b <= c->b_hop)
        return position % n_b;
    unsigned n_srs = l_prime / c->repetition;
    if (!c->aperiodic)
        n_srs +=
            ((10u << c->mu) * c->sfn + c->slot - c->t_offset) / c->t_srs * (c->n_symbols / c->repetition);
    unsigned upto = 1, below = 1; /* products of N_b' from b_hop, which counts as 1, to b and to b - 1 */
    for (unsigned i = c->b_hop + 1; i <= b; i++) {
        upto *= model_srs_bandwidth[c->c_srs][i][1];
        below *= i < b ? model_srs_bandwidth[c->c_srs][i][1] : 1;
    }
    unsigned f =
        n_b % 2 ? n_b / 2 * (n_srs / below) : n_b / 2 * (n_srs % upto / below) + n_srs % upto / (2 * below);
    return (f + position) % n_b;
}

static void srs_port_symbol(const model_srs_t *c, unsigned port, unsigned l_prime, cplx_t *grid)
{
    unsigned cs_max = c->comb == 2 ? 8 : c->comb == 4 ? 12 : 6, l = c->start_symbol + l_prime;
    unsigned cs = c->n_ports == 4 && cs_max == 6 ? (c->cyclic_shift + cs_max * (port / 2) / 2) % cs_max
                                                 : (c->cyclic_shift + cs_max * port / c->n_ports) % cs_max;
    unsigned comb = c->comb_offset;
    if (c->n_ports == 4 && port % 2 && (cs_max == 6 || c->cyclic_shift >= cs_max / 2))
        comb = (comb + c->comb / 2) % c->comb;

    unsigned m_sc = model_srs_bandwidth[c->c_srs][c->b_srs][0] * 12 / c->comb;
    long k0 = (long)c->n_shift * 12 + comb;
    for (unsigned b = 0; b <= c->b_srs; b++)
        k0 += (long)(model_srs_bandwidth[c->c_srs][b][0] * 12 * srs_n_b(c, b, l_prime));
    /* k = 0 is CRB 0, or the BWP's first subcarrier where n_shift is below the BWP's start. */
    long bwp_crb = (long)(c->grid_crb + c->bwp_start);
    long first = bwp_crb <= (long)c->n_shift ? k0 - 12 * (long)c->grid_crb : k0 + 12 * (long)c->bwp_start;

    unsigned u = c->sequence_id % 30, v = 0;
    if (c->group_hopping == 1)
        u = (model_gold_byte(c->sequence_id, c->slot * 14 + l) % 30 + c->sequence_id) % 30;
    else if (c->group_hopping == 2 && m_sc >= 72)
        v = model_gold_bit(c->sequence_id, c->slot * 14 + l);
    cplx_t r[MODEL_MAX_PRB * 12];
    model_low_papr(u, v, m_sc, 2 * M_PI * cs / cs_max, r);
    for (unsigned i = 0; i < m_sc; i++)
        *at(grid, c->n_grid_prb, port, l, (unsigned)(first + (long)(i * c->comb))) += r[i];
}

void model_srs(const model_srs_t *c, cplx_t *grid)
{
    for (unsigned port = 0; port < c->n_ports; port++)
        for (unsigned l = 0; l < c->n_symbols; l++)
            srs_port_symbol(c, port, l, grid);
}
