/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/models/ulsch.h"

#include <string.h>

typedef struct {
    unsigned n, k[MODEL_ULSCH_MAX_SC];
} set_t;

typedef struct {
    const model_ulsch_t *m;
    set_t uci[MODEL_ULSCH_SYMBOLS], sch[MODEL_ULSCH_SYMBOLS], reserved[MODEL_ULSCH_SYMBOLS];
    int owner[MODEL_ULSCH_SYMBOLS][MODEL_ULSCH_MAX_SC];
    uint32_t index[MODEL_ULSCH_SYMBOLS][MODEL_ULSCH_MAX_SC];
} walk_t;

static bool has(const set_t *s, unsigned k)
{
    for (unsigned i = 0; i < s->n; i++)
        if (s->k[i] == k)
            return true;
    return false;
}

static set_t without(const set_t *a, const set_t *b)
{
    set_t r = {0};
    for (unsigned i = 0; i < a->n; i++)
        if (!has(b, a->k[i]))
            r.k[r.n++] = a->k[i];
    return r;
}

/* One symbol's share of what is left of `want` REs, taken from `from`: spread evenly when it is less than
 * all. */
static set_t spread(const set_t *from, unsigned want)
{
    set_t r = {0};
    unsigned d = want >= from->n ? 1 : from->n / want, n = want >= from->n ? from->n : want;
    for (unsigned j = 0; j < n; j++)
        r.k[r.n++] = from->k[j * d];
    return r;
}

static void give(walk_t *w, unsigned l, const set_t *s, int owner, uint32_t *index)
{
    for (unsigned i = 0; i < s->n; i++) {
        w->owner[l][s->k[i]] = owner;
        w->index[l][s->k[i]] = (*index)++;
    }
}

static void hop_range(const model_ulsch_t *m, unsigned hop, unsigned *first, unsigned *end)
{
    unsigned half = m->n_symbols / 2;
    *first = hop ? half : 0;
    *end = m->hopping && !hop ? half : m->n_symbols;
}

/* l^(i): the first symbol behind the hop's first run of DM-RS. */
static unsigned after_dmrs(const model_ulsch_t *m, unsigned hop)
{
    unsigned l, end;
    hop_range(m, hop, &l, &end);
    while (l < end && !m->dmrs[l])
        l++;
    while (l < end && m->dmrs[l])
        l++;
    return l;
}

static unsigned min(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* REs of UCI in the hop, from symbol `from`. */
static unsigned hop_res(const model_ulsch_t *m, unsigned hop, unsigned from)
{
    unsigned l, end, n = 0;
    hop_range(m, hop, &l, &end);
    for (l = from > l ? from : l; l < end; l++)
        n += m->dmrs[l] ? 0 : m->n_re[l];
    return n;
}

size_t model_ulsch_map(const model_ulsch_t *m, uint8_t *ret_stream, uint32_t *ret_index)
{
    static walk_t w;
    memset(&w, 0, sizeof w);
    w.m = m;
    for (unsigned l = 0; l < m->n_symbols; l++)
        for (unsigned k = 0; k < m->n_re[l]; k++) {
            w.sch[l].k[w.sch[l].n++] = k;
            if (!m->dmrs[l])
                w.uci[l].k[w.uci[l].n++] = k;
        }
    bool few = m->o_ack <= 2;
    unsigned n_hops = m->hopping ? 2 : 1;
    unsigned rvd[2] = {m->reserved, 0}, ack[2] = {m->ack, 0}, csi1[2] = {m->csi1, 0}, csi2[2] = {m->csi2, 0};
    if (m->hopping) {
        unsigned m1 = hop_res(m, 0, 0), m3 = hop_res(m, 0, after_dmrs(m, 0));
        /* The standard limits these by the hop's room without UL-SCH only; with it they must fit as well. */
        rvd[0] = min(m->reserved / 2, m3);
        ack[0] = min(m->ack / 2, m3);
        unsigned room = m1 - (few ? rvd[0] : ack[0]);
        csi1[0] = !m->ulsch && !m->o_csi2 ? min(room, m->csi1) : min(m->csi1 / 2, room);
        room = m1 - (few ? 0 : ack[0]) - csi1[0];
        csi2[0] = !m->ulsch ? min(room, m->csi2) : min(m->csi2 / 2, room);
        rvd[1] = m->reserved - rvd[0];
        ack[1] = m->ack - ack[0];
        csi1[1] = m->csi1 - csi1[0];
        csi2[1] = m->csi2 - csi2[0];
    }
    uint32_t index = 0;
    if (few) /* step 1 */
        for (unsigned h = 0; h < n_hops; h++)
            for (unsigned l = after_dmrs(m, h), done = 0; done < rvd[h] && l < m->n_symbols; l++)
                if (w.uci[l].n) {
                    w.reserved[l] = spread(&w.uci[l], rvd[h] - done);
                    done += w.reserved[l].n;
                }
    if (!few) /* step 2 */
        for (unsigned h = 0; h < n_hops; h++)
            for (unsigned l = after_dmrs(m, h), done = 0; done < ack[h] && l < m->n_symbols; l++)
                if (w.uci[l].n) {
                    set_t s = spread(&w.uci[l], ack[h] - done);
                    give(&w, l, &s, MODEL_ULSCH_ACK, &index);
                    done += s.n;
                    w.uci[l] = without(&w.uci[l], &s);
                    w.sch[l] = without(&w.sch[l], &s);
                }
    index = 0; /* step 3 */
    for (unsigned h = 0; h < n_hops; h++) {
        unsigned l, end, done = 0;
        for (hop_range(m, h, &l, &end); done < csi1[h] && l < m->n_symbols; l++) {
            set_t from = without(&w.uci[l], &w.reserved[l]);
            if (!from.n)
                continue;
            set_t s = spread(&from, csi1[h] - done);
            give(&w, l, &s, MODEL_ULSCH_CSI1, &index);
            done += s.n;
            w.uci[l] = without(&w.uci[l], &s);
            w.sch[l] = without(&w.sch[l], &s);
        }
    }
    index = 0;
    for (unsigned h = 0; h < n_hops; h++) {
        unsigned l, end, done = 0;
        for (hop_range(m, h, &l, &end); done < csi2[h] && l < m->n_symbols; l++) {
            if (!w.uci[l].n)
                continue;
            set_t s = spread(&w.uci[l], csi2[h] - done);
            give(&w, l, &s, MODEL_ULSCH_CSI2, &index);
            done += s.n;
            w.uci[l] = without(&w.uci[l], &s);
            w.sch[l] = without(&w.sch[l], &s);
        }
    }
    index = 0; /* step 4 */
    for (unsigned l = 0; l < m->n_symbols; l++)
        give(&w, l, &w.sch[l], MODEL_ULSCH_SCH, &index);
    index = 0; /* step 5 */
    if (few)
        for (unsigned h = 0; h < n_hops; h++)
            for (unsigned l = after_dmrs(m, h), done = 0; done < ack[h] && l < m->n_symbols; l++)
                if (w.reserved[l].n) {
                    set_t s = spread(&w.reserved[l], ack[h] - done);
                    give(&w, l, &s, MODEL_ULSCH_ACK, &index);
                    done += s.n;
                }
    size_t n = 0;
    for (unsigned l = 0; l < m->n_symbols; l++)
        for (unsigned k = 0; k < m->n_re[l]; k++, n++) {
            ret_stream[n] = (uint8_t)w.owner[l][k];
            ret_index[n] = w.index[l][k];
        }
    return n;
}
