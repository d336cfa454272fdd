/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/models/polar_list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/phy/polar/tables.h"

#define LIST 8

static int least(int a, int b)
{
    return a < b ? a : b;
}

static void find_n(polar_model_t *m)
{
    int up = (int)ceil(log2(m->e)), n1 = up;
    if (m->e <= 9.0 / 8 * pow(2, up - 1) && (double)m->k / m->e < 9.0 / 16)
        n1 = up - 1;
    int n2 = (int)ceil(log2(8.0 * m->k));
    m->log2_n = least(least(n1, n2), m->n_max);
    if (m->log2_n < 5)
        m->log2_n = 5;
    m->n = 1 << m->log2_n;
}

static int sub_block(const polar_model_t *m, int place)
{
    int i = 32 * place / m->n;
    return polar_sub_blocks[i] * (m->n / 32) + place % (m->n / 32);
}

/* 5.4.1.1, the sets. */
static void choose_bits(polar_model_t *m)
{
    bool frozen[1024] = {false};
    int n = m->n, e = m->e, n_pc = m->n_max == 10 && m->k >= 18 && m->k <= 25 ? 3 : 0;
    if (e < n && (double)m->k / e <= 7.0 / 16) {
        for (int i = 0; i < n - e; i++)
            frozen[sub_block(m, i)] = true;
        int until = e >= 3.0 * n / 4 ? (int)ceil(3.0 * n / 4 - e / 2.0) : (int)ceil(9.0 * n / 16 - e / 4.0);
        for (int i = 0; i < until; i++)
            frozen[i] = true;
    } else if (e < n) {
        for (int i = e; i < n; i++)
            frozen[sub_block(m, i)] = true;
    }
    /* Least reliable first: what is left, its last K + n_PC. */
    int left[1024], n_left = 0;
    for (int i = 0; i < 1024; i++)
        if (polar_sequence[i] < n && !frozen[polar_sequence[i]])
            left[n_left++] = polar_sequence[i];
    int *info = left + n_left - m->k - n_pc;
    memset(m->kind, POLAR_MODEL_FROZEN, sizeof m->kind);
    for (int i = 0; i < m->k + n_pc; i++)
        m->kind[info[i]] = POLAR_MODEL_INFO;
    if (n_pc == 0)
        return;
    int by_weight = m->e - m->k + 3 > 192 ? 1 : 0;
    for (int i = 0; i < n_pc - by_weight; i++)
        m->kind[info[i]] = POLAR_MODEL_PARITY;
    if (by_weight) {
        int chosen = -1, weight = 99;
        for (int i = m->k + n_pc - 1; i >= n_pc; i--) {
            int ones = 0;
            for (int b = 0; b < 10; b++)
                ones += info[i] >> b & 1;
            if (ones < weight) {
                weight = ones;
                chosen = info[i];
            }
        }
        m->kind[chosen] = POLAR_MODEL_PARITY;
    }
}

static void find_selection(polar_model_t *m)
{
    int selected[8192], n = m->n, e = m->e;
    m->shortened = e < n && (double)m->k / e > 7.0 / 16;
    for (int i = 0; i < e; i++) {
        int place = e >= n ? i % n : m->shortened ? i : i + n - e;
        selected[i] = sub_block(m, place);
    }
    if (!m->i_bil) {
        memcpy(m->select, selected, sizeof selected);
        return;
    }
    int t = 1, out = 0;
    while (t * (t + 1) / 2 < e)
        t++;
    int *v = malloc((size_t)t * (size_t)t * sizeof *v), in = 0;
    for (int i = 0; i < t; i++)
        for (int j = 0; j < t - i; j++)
            v[i * t + j] = in < e ? selected[in++] : -1;
    for (int j = 0; j < t; j++)
        for (int i = 0; i < t - j; i++)
            if (v[i * t + j] >= 0)
                m->select[out++] = v[i * t + j];
    free(v);
}

void polar_model_make(polar_model_t *m)
{
    find_n(m);
    choose_bits(m);
    find_selection(m);
    int n = 0;
    for (int i = 0; i < (m->i_il ? 164 : m->k); i++) {
        int from = m->i_il ? polar_interleaving[i] - (164 - m->k) : i;
        if (from >= 0)
            m->input[n++] = from;
    }
}

/* Row i, column j of the n-fold Kronecker power of (1 0; 1 1): 1 when j's ones are all among i's. */
static int generator(int i, int j)
{
    return (i & j) == j;
}

void polar_model_encode(const polar_model_t *m, const uint8_t *bits, uint8_t *out)
{
    uint8_t u[1024] = {0}, d[1024];
    int y[5] = {0}, k = 0;
    for (int i = 0; i < m->n; i++) {
        int first = y[0];
        for (int j = 0; j < 4; j++)
            y[j] = y[j + 1];
        y[4] = first;
        if (m->kind[i] == POLAR_MODEL_INFO) {
            u[i] = bits[m->input[k++]];
            y[0] ^= u[i];
        } else if (m->kind[i] == POLAR_MODEL_PARITY) {
            u[i] = (uint8_t)y[0];
        }
    }
    for (int j = 0; j < m->n; j++) {
        int sum = 0;
        for (int i = 0; i < m->n; i++)
            sum += u[i] * generator(i, j);
        d[j] = sum & 1;
    }
    for (int i = 0; i < m->e; i++)
        out[i] = d[m->select[i]];
}

/* Stage s: LLRs and left halves' code words of nodes with 2^s bits. */
typedef struct {
    float llr[11][1024];
    uint8_t left[11][1024];
    uint8_t u[1024];
    int y[5];
    double metric;
} path_t;

static float both(float a, float b)
{
    float small = fminf(fabsf(a), fabsf(b)), sign = (a < 0) != (b < 0) ? -1.0f : 1.0f;
    return sign * small + log1pf(expf(-fabsf(a + b))) - log1pf(expf(-fabsf(a - b)));
}

static void advance(const polar_model_t *m, path_t *p, int i)
{
    int s = i == 0 ? m->log2_n : __builtin_ctz((unsigned)i);
    if (i > 0)
        for (int j = 0; j < 1 << s; j++) {
            float a = p->llr[s + 1][j], b = p->llr[s + 1][j + (1 << s)];
            p->llr[s][j] = p->left[s][j] ? b - a : b + a;
        }
    for (s--; s >= 0; s--)
        for (int j = 0; j < 1 << s; j++)
            p->llr[s][j] = both(p->llr[s + 1][j], p->llr[s + 1][j + (1 << s)]);
}

static void settle(path_t *p, int i, int bit, bool info)
{
    uint8_t word[1024] = {(uint8_t)bit};
    int s = 0;
    double x = bit ? p->llr[0][0] : -p->llr[0][0];
    p->metric += x > 30 ? x : log1p(exp(x));
    p->u[i] = (uint8_t)bit;
    if (info)
        p->y[0] ^= bit;
    for (; i >> s & 1; s++)
        for (int j = 0; j < 1 << s; j++) {
            word[j + (1 << s)] = word[j];
            word[j] ^= p->left[s][j];
        }
    if (s <= 10)
        memcpy(p->left[s], word, (size_t)1 << s);
}

static int by_metric(const void *a, const void *b)
{
    double x = (*(path_t *const *)a)->metric, y = (*(path_t *const *)b)->metric;
    return (x > y) - (x < y);
}

int polar_model_decode(const polar_model_t *m, const float *llr, uint8_t paths[8][1024])
{
    path_t *all = calloc(2 * LIST, sizeof *all), *sorted[2 * LIST];
    for (int i = 0; i < 2 * LIST; i++)
        sorted[i] = &all[i];
    int n_paths = 1;
    bool sent[1024] = {false};
    for (int i = 0; i < m->e; i++) {
        all[0].llr[m->log2_n][m->select[i]] += llr[i];
        sent[m->select[i]] = true;
    }
    for (int i = 0; i < m->n && m->shortened; i++)
        if (!sent[i])
            all[0].llr[m->log2_n][i] = 1e6f;
    for (int i = 0; i < m->n; i++) {
        for (int p = 0; p < n_paths; p++) {
            int *y = sorted[p]->y, first = y[0];
            memmove(y, y + 1, 4 * sizeof *y);
            y[4] = first;
            advance(m, sorted[p], i);
        }
        if (m->kind[i] != POLAR_MODEL_INFO) {
            for (int p = 0; p < n_paths; p++)
                settle(sorted[p], i, m->kind[i] == POLAR_MODEL_PARITY ? sorted[p]->y[0] : 0, false);
            continue;
        }
        for (int p = 0; p < n_paths; p++) {
            memcpy(sorted[n_paths + p], sorted[p], sizeof *all);
            settle(sorted[p], i, 0, true);
            settle(sorted[n_paths + p], i, 1, true);
        }
        n_paths *= 2;
        qsort(sorted, (size_t)n_paths, sizeof *sorted, by_metric);
        if (n_paths > LIST)
            n_paths = LIST;
    }
    qsort(sorted, (size_t)n_paths, sizeof *sorted, by_metric);
    for (int p = 0; p < n_paths; p++) {
        int k = 0;
        for (int i = 0; i < m->n; i++)
            if (m->kind[i] == POLAR_MODEL_INFO)
                paths[p][m->input[k++]] = sorted[p]->u[i];
    }
    free(all);
    return n_paths;
}
