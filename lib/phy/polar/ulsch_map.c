/* SPDX-License-Identifier: Apache-2.0 */
/* Bits and LLRs through a plan of ulsch.h: multiplexing, placeholders, demultiplexing. */
#include "lib/phy/polar/ulsch.h"
#include "lib/phy/polar/words.h"

#include <assert.h>

/* A walk over a stream's REs: runs of REs that lie side by side in the code word. */
typedef struct {
    const ulsch_plan_t *plan;
    const ulsch_res_t *re;
    unsigned symbol, next; /* next: RE of the symbol to look at */
    uint32_t base;         /* of the symbol, in the code word */
} walk_t;

static walk_t walk_begin(const ulsch_plan_t *plan, ulsch_stream_t stream)
{
    return (walk_t){.plan = plan, .re = &plan->re[stream], .symbol = plan->cfg.start_symbol};
}

/* From RE `at` on, the first whose membership is `member`; n_re when there is none. */
static unsigned find(const uint64_t *set, unsigned n_re, unsigned at, bool member)
{
    while (at < n_re) {
        uint64_t w = (member ? set[at / 64] : ~set[at / 64]) >> (at % 64);
        if (w) {
            at += (unsigned)__builtin_ctzll(w);
            return at < n_re ? at : n_re;
        }
        at = (at / 64 + 1) * 64;
    }
    return n_re;
}

static bool walk_next(walk_t *w, uint32_t *ret_first, uint32_t *ret_n)
{
    const ulsch_cfg_t *cfg = &w->plan->cfg;
    for (; w->symbol < PHY_SYMBOLS; w->base += cfg->n_re[w->symbol], w->symbol++, w->next = 0) {
        unsigned n_re = cfg->n_re[w->symbol], count = w->re->count[w->symbol];
        if (count == 0 || w->next >= n_re)
            continue;
        unsigned first = 0, end = n_re;
        if (count < n_re) {
            first = find(w->re->set[w->symbol], n_re, w->next, true);
            if (first == n_re)
                continue;
            end = find(w->re->set[w->symbol], n_re, first, false);
        }
        w->next = end;
        *ret_first = w->base + first;
        *ret_n = end - first;
        return true;
    }
    return false;
}

static void write_stream(const ulsch_plan_t *plan, ulsch_stream_t stream, const uint8_t *bits, uint8_t *out)
{
    walk_t w = walk_begin(plan, stream);
    uint32_t first, n, at = 0, b = plan->bits_per_re;
    while (walk_next(&w, &first, &n)) {
        copy_bits(out, first * b, bits, at, n * b);
        at += n * b;
    }
}

void ulsch_multiplex(const ulsch_plan_t *plan, const uint8_t *const streams[ULSCH_N_STREAMS], uint8_t *out)
{
    assert(!plan->csi2_pending);
    uint32_t bytes = (plan->g_bits + 7) / 8;
    if (!plan->has_uci) {
        memcpy(out, streams[ULSCH_SCH], bytes);
    } else {
        memset(out, 0, bytes);
        /* HARQ-ACK of up to 2 bits goes over the others. */
        static const ulsch_stream_t order[] = {ULSCH_SCH, ULSCH_CSI1, ULSCH_CSI2, ULSCH_ACK};
        for (unsigned i = 0; i < ULSCH_N_STREAMS; i++)
            if (plan->g_stream[order[i]])
                write_stream(plan, order[i], streams[order[i]], out);
    }
    if (plan->g_bits & 7)
        out[bytes - 1] &= (uint8_t)(0xff00 >> (plan->g_bits & 7));
}

static unsigned information_bits(const ulsch_plan_t *plan, ulsch_stream_t stream)
{
    const ulsch_cfg_t *cfg = &plan->cfg;
    return stream == ULSCH_ACK    ? cfg->o_ack
           : stream == ULSCH_CSI1 ? cfg->o_csi1
           : stream == ULSCH_CSI2 ? cfg->o_csi2
                                  : 0;
}

static bool has_placeholders(const ulsch_plan_t *plan, ulsch_stream_t stream)
{
    unsigned o = information_bits(plan, stream);
    return o >= 1 && o <= 2 && plan->cfg.qm > 1;
}

static bool is_in(const ulsch_res_t *re, const ulsch_cfg_t *cfg, unsigned l, unsigned k)
{
    return re->count[l] && (re->count[l] == cfg->n_re[l] || (re->set[l][k / 64] >> (k % 64) & 1));
}

void ulsch_fix_placeholders(const ulsch_plan_t *plan, uint8_t *scrambled)
{
    /* HARQ-ACK last: what it took from CSI part 2 is its own. */
    static const ulsch_stream_t order[] = {ULSCH_CSI1, ULSCH_CSI2, ULSCH_ACK};
    for (unsigned i = 0; i < 3; i++) {
        if (!has_placeholders(plan, order[i]))
            continue;
        unsigned o = information_bits(plan, order[i]);
        walk_t w = walk_begin(plan, order[i]);
        uint32_t first, n, b = plan->bits_per_re;
        while (walk_next(&w, &first, &n))
            for (uint32_t j = first * b; j < (first + n) * b; j++) {
                small_block_place_t place = small_block_place(o, plan->cfg.qm, j % b);
                if (order[i] == ULSCH_CSI2 &&
                    is_in(&plan->re[ULSCH_ACK], &plan->cfg, w.symbol, j / b - w.base))
                    continue;
                if (place == SMALL_BLOCK_X)
                    put_bit(scrambled, j, 1);
                else if (place == SMALL_BLOCK_Y)
                    put_bit(scrambled, j, get_bit(scrambled, j - 1));
            }
    }
}

/* Sets to 0 those LLRs of the stream where HARQ-ACK was written over it. */
static void erase_punctured(const ulsch_plan_t *plan, ulsch_stream_t stream, int8_t *ret)
{
    const ulsch_res_t *re = &plan->re[stream], *ack = &plan->re[ULSCH_ACK];
    uint32_t b = plan->bits_per_re, at = 0;
    for (unsigned l = 0; l < PHY_SYMBOLS; l++) {
        unsigned n_re = plan->cfg.n_re[l];
        if (re->count[l] && ack->count[l]) {
            unsigned rank = 0;
            for (unsigned i = 0; i < n_re; i++) {
                bool mine = re->count[l] == n_re || re->set[l][i / 64] >> (i % 64) & 1;
                if (mine && (ack->count[l] == n_re || ack->set[l][i / 64] >> (i % 64) & 1))
                    memset(ret + at + rank * b, 0, b);
                rank += mine;
            }
        }
        at += re->count[l] * b;
    }
}

/* y carries the bit before it under that bit's scrambling. */
static void turn_repeated(const ulsch_plan_t *plan, uint32_t first, uint32_t n, const uint8_t *scrambling,
                          int8_t *llr)
{
    uint32_t b = plan->bits_per_re;
    for (uint32_t i = 0; i < n * b; i++) {
        if (small_block_place(1, plan->cfg.qm, i % b) != SMALL_BLOCK_Y)
            continue;
        uint32_t j = first * b + i;
        if (!scrambling)
            llr[i] = 0;
        else if (get_bit(scrambling, j) != get_bit(scrambling, j - 1))
            llr[i] = (int8_t)-llr[i];
    }
}

void ulsch_gather(const ulsch_plan_t *plan, ulsch_stream_t stream, const int8_t *llr,
                  const uint8_t *scrambling, int8_t *ret)
{
    assert(!plan->csi2_pending || stream == ULSCH_ACK || stream == ULSCH_CSI1);
    if (!plan->has_uci) {
        if (stream == ULSCH_SCH)
            memcpy(ret, llr, plan->g_bits);
        return;
    }
    if (plan->g_stream[stream] == 0)
        return;
    walk_t w = walk_begin(plan, stream);
    uint32_t first, n, at = 0, b = plan->bits_per_re;
    while (walk_next(&w, &first, &n)) {
        memcpy(ret + at, llr + first * b, n * b);
        if (information_bits(plan, stream) == 1)
            turn_repeated(plan, first, n, scrambling, ret + at);
        at += n * b;
    }
    if ((stream == ULSCH_SCH || stream == ULSCH_CSI2) && plan->cfg.o_ack && plan->cfg.o_ack <= 2)
        erase_punctured(plan, stream, ret);
}
