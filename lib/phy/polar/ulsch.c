/* SPDX-License-Identifier: Apache-2.0 */
/* TS 38.212 6.2.7. plan.re[ULSCH_SCH] is the set of REs that no other stream has taken yet while the plan is
 * made, and what is left for UL-SCH at its end. */
#include "lib/phy/polar/ulsch.h"
#include "lib/phy/polar/ulsch_size.h"
#include "lib/phy/polar/words.h"

#include <assert.h>

#define SET_WORDS ((PHY_MAX_SC + 63) / 64)
#define MAX_HOPS 2

/* For each hop. */
typedef struct {
    unsigned n;
    unsigned first[MAX_HOPS], after_dmrs[MAX_HOPS], end[MAX_HOPS];
} hops_t;

static unsigned symbols_end(const ulsch_cfg_t *cfg)
{
    return cfg->start_symbol + cfg->n_symbols;
}

static hops_t hops_of(const ulsch_cfg_t *cfg)
{
    hops_t h = {.n = cfg->hopping ? 2 : 1, .first = {cfg->start_symbol}, .end = {symbols_end(cfg)}};
    if (cfg->hopping) {
        h.end[0] = h.first[1] = cfg->start_symbol + cfg->n_symbols / 2;
        h.end[1] = symbols_end(cfg);
    }
    for (unsigned i = 0; i < h.n; i++)
        h.after_dmrs[i] = ulsch_after_dmrs(cfg, h.first[i]);
    return h;
}

static void all_res(uint64_t *set, unsigned n)
{
    memset(set, 0, SET_WORDS * sizeof *set);
    memset(set, 0xff, n / 64 * sizeof *set);
    if (n % 64)
        set[n / 64] = ((uint64_t)1 << (n % 64)) - 1;
}

/* The REs of symbol l as a set, whatever their number. */
static const uint64_t *set_of(const ulsch_res_t *re, const ulsch_cfg_t *cfg, unsigned l, uint64_t *memory)
{
    if (re->count[l] == cfg->n_re[l])
        all_res(memory, cfg->n_re[l]);
    else if (re->count[l] == 0)
        memset(memory, 0, SET_WORDS * sizeof *memory);
    else
        return re->set[l];
    return memory;
}

/* Gives to `to`, in symbol l, `count` REs of `from` [set of `have` REs]: the first, then each stride-th. */
static void pick(ulsch_res_t *to, const uint64_t *from, unsigned l, unsigned count, unsigned stride)
{
    memset(to->set[l], 0, sizeof to->set[l]);
    to->count[l] = (uint16_t)count;
    for (unsigned w = 0, skip = 0; w < SET_WORDS && count; w++)
        for (uint64_t bits = from[w]; bits && count; bits &= bits - 1) {
            if (skip) {
                skip--;
                continue;
            }
            to->set[l][w] |= bits & -bits;
            skip = stride - 1;
            count--;
        }
}

static void take_away(ulsch_res_t *from, const ulsch_res_t *taken, const ulsch_cfg_t *cfg, unsigned l)
{
    uint64_t memory[2][SET_WORDS];
    const uint64_t *a = set_of(from, cfg, l, memory[0]), *b = set_of(taken, cfg, l, memory[1]);
    for (unsigned w = 0; w < SET_WORDS; w++)
        from->set[l][w] = a[w] & ~b[w];
    from->count[l] = (uint16_t)(from->count[l] - taken->count[l]);
}

typedef enum { FROM_LEFT, FROM_LEFT_UNRESERVED, FROM_RESERVED } source_t;

/* The REs in symbol l that a stream may take: how many, and which (NULL: all of the symbol's). */
static unsigned offered(const ulsch_plan_t *plan, source_t source, unsigned l, uint64_t *memory,
                        const uint64_t **ret)
{
    const ulsch_cfg_t *cfg = &plan->cfg;
    const ulsch_res_t *left = source == FROM_RESERVED ? &plan->reserved : &plan->re[ULSCH_SCH];
    unsigned n = left->count[l];
    *ret = set_of(left, cfg, l, memory);
    if (source == FROM_LEFT_UNRESERVED && plan->reserved.count[l]) {
        uint64_t reserved[SET_WORDS];
        const uint64_t *r = set_of(&plan->reserved, cfg, l, reserved);
        for (unsigned w = 0; w < SET_WORDS; w++)
            memory[w] = (*ret)[w] & ~r[w];
        *ret = memory;
        n -= plan->reserved.count[l];
    }
    return n;
}

/* Maps `want` REs from symbol `from` on. False: they do not fit. */
static bool map_stream(ulsch_plan_t *plan, ulsch_res_t *to, source_t source, unsigned from, uint32_t want)
{
    const ulsch_cfg_t *cfg = &plan->cfg;
    for (unsigned l = from; want && l < symbols_end(cfg); l++) {
        if (ulsch_has_dmrs(cfg, l))
            continue;
        uint64_t memory[SET_WORDS];
        const uint64_t *set;
        unsigned have = offered(plan, source, l, memory, &set);
        if (have == 0)
            continue;
        unsigned take = want < have ? want : have;
        pick(to, set, l, take, want < have ? have / want : 1);
        want -= take;
    }
    return want == 0;
}

/* Maps a stream's REs in each hop and takes them from what is left. */
static bool map_hops(ulsch_plan_t *plan, ulsch_stream_t stream, source_t source, const unsigned *from,
                     unsigned n_hops, const uint32_t *n_re)
{
    ulsch_res_t *re = &plan->re[stream];
    for (unsigned i = 0; i < n_hops; i++)
        if (!map_stream(plan, re, source, from[i], n_re[i]))
            return false;
    if (source != FROM_RESERVED)
        for (unsigned l = 0; l < PHY_SYMBOLS; l++)
            if (re->count[l])
                take_away(&plan->re[ULSCH_SCH], re, &plan->cfg, l);
    return true;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* G(1) and G(2) of a stream, in REs. limit: what fits into the first hop; a stream that has to fill the PUSCH
 * takes it all. 6.2.7 limits G(1) without UL-SCH only: with it, its walk would go on into the second hop's
 * symbols and meet there what the second half takes. */
static void halve(unsigned n_hops, uint32_t n_re, uint32_t limit, bool fill, uint32_t ret[MAX_HOPS])
{
    ret[0] = n_hops == 1 ? n_re : fill ? smaller(limit, n_re) : smaller(n_re / 2, limit);
    ret[1] = n_re - ret[0];
}

static void count_bits(ulsch_plan_t *plan)
{
    for (unsigned s = 0; s < ULSCH_N_STREAMS; s++)
        plan->g_stream[s] = plan->n_re_stream[s] * plan->bits_per_re;
    plan->has_placeholders = (plan->cfg.o_ack && plan->cfg.o_ack <= 2) ||
                             (plan->cfg.o_csi1 && plan->cfg.o_csi1 <= 2) ||
                             (!plan->csi2_pending && plan->cfg.o_csi2 && plan->cfg.o_csi2 <= 2);
}

/* HARQ-ACK of more than 2 bits, or what is reserved for less; CSI part 1. */
static bool map_ack_and_csi1(ulsch_plan_t *plan)
{
    const ulsch_cfg_t *cfg = &plan->cfg;
    hops_t h = hops_of(cfg);
    bool reserve = cfg->o_ack <= 2, only_uci = cfg->sum_k_bits == 0;
    uint32_t m1 = ulsch_uci_res(cfg, h.first[0], h.end[0]),
             m3 = ulsch_uci_res(cfg, h.after_dmrs[0], h.end[0]);
    uint32_t ack[MAX_HOPS], csi1[MAX_HOPS];

    plan->n_re_ack_reserved = reserve ? ulsch_ack_size(cfg, 2) : 0;
    plan->n_re_stream[ULSCH_ACK] = ulsch_ack_size(cfg, cfg->o_ack);
    if (reserve) {
        halve(h.n, plan->n_re_ack_reserved, m3, false, ack);
        for (unsigned i = 0; i < h.n; i++)
            if (!map_stream(plan, &plan->reserved, FROM_LEFT, h.after_dmrs[i], ack[i]))
                return false;
    } else {
        halve(h.n, plan->n_re_stream[ULSCH_ACK], m3, false, ack);
        if (!map_hops(plan, ULSCH_ACK, FROM_LEFT, h.after_dmrs, h.n, ack))
            return false;
    }
    plan->n_re_stream[ULSCH_CSI1] =
        ulsch_csi1_size(cfg, reserve ? plan->n_re_ack_reserved : plan->n_re_stream[ULSCH_ACK]);
    /* Alone with HARQ-ACK, CSI part 1 fills the first hop; with part 2 it leaves room to HARQ-ACK. */
    halve(h.n, plan->n_re_stream[ULSCH_CSI1], m1 - smaller(ack[0], m1), only_uci && cfg->o_csi2 == 0, csi1);
    return map_hops(plan, ULSCH_CSI1, FROM_LEFT_UNRESERVED, h.first, h.n, csi1);
}

/* CSI part 2, UL-SCH, and HARQ-ACK of 1 and 2 bits over them. */
static bool map_rest(ulsch_plan_t *plan)
{
    const ulsch_cfg_t *cfg = &plan->cfg;
    hops_t h = hops_of(cfg);
    bool only_uci = cfg->sum_k_bits == 0;
    uint32_t taken = cfg->o_ack > 2 ? plan->n_re_stream[ULSCH_ACK] : 0, csi2[MAX_HOPS];
    plan->n_re_stream[ULSCH_CSI2] = ulsch_csi2_size(cfg, taken, plan->n_re_stream[ULSCH_CSI1]);
    uint32_t room = 0;
    for (unsigned l = h.first[0]; l < h.end[0]; l++)
        room += ulsch_has_dmrs(cfg, l) ? 0 : plan->re[ULSCH_SCH].count[l];
    halve(h.n, plan->n_re_stream[ULSCH_CSI2], room, only_uci, csi2);
    if (!map_hops(plan, ULSCH_CSI2, FROM_LEFT, h.first, h.n, csi2))
        return false;
    plan->n_re_stream[ULSCH_SCH] =
        cfg->sum_k_bits ? plan->n_re - taken - plan->n_re_stream[ULSCH_CSI1] - plan->n_re_stream[ULSCH_CSI2]
                        : 0;
    count_bits(plan);
    return true;
}

static bool map_small_ack(ulsch_plan_t *plan)
{
    const ulsch_cfg_t *cfg = &plan->cfg;
    hops_t h = hops_of(cfg);
    uint32_t ack[MAX_HOPS];
    if (cfg->o_ack == 0 || cfg->o_ack > 2)
        return true;
    uint32_t m3 = ulsch_uci_res(cfg, h.after_dmrs[0], h.end[0]);
    halve(h.n, plan->n_re_stream[ULSCH_ACK], m3, false, ack);
    return map_hops(plan, ULSCH_ACK, FROM_RESERVED, h.after_dmrs, h.n, ack);
}

static int check(const ulsch_cfg_t *cfg, phy_refusal_t *why)
{
    if (cfg->qm != 1 && cfg->qm != 2 && cfg->qm != 4 && cfg->qm != 6 && cfg->qm != 8)
        return phy_refuse(why, "qm", cfg->qm, "1, 2, 4, 6 or 8");
    if (cfg->n_layers < 1 || cfg->n_layers > PHY_MAX_LAYERS)
        return phy_refuse(why, "n_layers", cfg->n_layers, "1..4");
    if (cfg->start_symbol >= PHY_SYMBOLS)
        return phy_refuse(why, "start_symbol", cfg->start_symbol, "0..13");
    if (cfg->n_symbols < 1 || cfg->n_symbols > PHY_SYMBOLS - cfg->start_symbol)
        return phy_refuse(why, "n_symbols", cfg->n_symbols, "1 up to the end of the slot");
    uint32_t n_re = 0;
    for (unsigned l = cfg->start_symbol; l < symbols_end(cfg); l++) {
        if (cfg->n_re[l] > PHY_MAX_SC)
            return phy_refuse(why, "n_re", cfg->n_re[l], "0..3300");
        n_re += cfg->n_re[l];
    }
    if (n_re == 0)
        return phy_refuse(why, "n_re", 0, "at least one RE");
    return 0;
}

static int check_uci(const ulsch_cfg_t *cfg, phy_refusal_t *why)
{
    if (cfg->o_ack > UCI_MAX_BITS)
        return phy_refuse(why, "o_ack", cfg->o_ack, "0..1706");
    if (cfg->o_csi1 > UCI_MAX_BITS)
        return phy_refuse(why, "o_csi1", cfg->o_csi1, "0..1706");
    if (cfg->o_csi2 != ULSCH_CSI2_UNKNOWN && cfg->o_csi2 > UCI_MAX_BITS)
        return phy_refuse(why, "o_csi2", cfg->o_csi2, "0..1706");
    if (cfg->sum_k_bits == 0 && (cfg->rate_x10240 == 0 || cfg->rate_x10240 > 10240))
        return phy_refuse(why, "rate_x10240", cfg->rate_x10240, "1..10240 without UL-SCH");
    if (cfg->sum_k_bits > 100u * 1000 * 1000)
        return phy_refuse(why, "sum_k_bits", cfg->sum_k_bits, "up to 10^8");
    if (cfg->alpha_x100 != 50 && cfg->alpha_x100 != 65 && cfg->alpha_x100 != 80 && cfg->alpha_x100 != 100)
        return phy_refuse(why, "alpha_x100", cfg->alpha_x100, "50, 65, 80 or 100");
    if (cfg->beta_ack_x1000 < 1000 ||
        cfg->beta_ack_x1000 > 126000) /* REs are reserved without HARQ-ACK too */
        return phy_refuse(why, "beta_ack_x1000", cfg->beta_ack_x1000, "1000..126000");
    if (cfg->o_csi1 && (cfg->beta_csi1_x1000 < 1000 || cfg->beta_csi1_x1000 > 126000))
        return phy_refuse(why, "beta_csi1_x1000", cfg->beta_csi1_x1000, "1000..126000");
    if (cfg->o_csi2 && (cfg->beta_csi2_x1000 < 1000 || cfg->beta_csi2_x1000 > 126000))
        return phy_refuse(why, "beta_csi2_x1000", cfg->beta_csi2_x1000, "1000..126000");
    hops_t h = hops_of(cfg);
    for (unsigned i = 0; i < h.n; i++) {
        bool dmrs = false;
        for (unsigned l = h.first[i]; l < h.end[i]; l++)
            dmrs |= ulsch_has_dmrs(cfg, l);
        if (!dmrs || h.after_dmrs[i] >= h.end[i])
            return phy_refuse(why, "dmrs_symbols", cfg->dmrs_symbols,
                              "DM-RS and a symbol behind it in each hop");
    }
    return 0;
}

int ulsch_plan(const ulsch_cfg_t *cfg, ulsch_plan_t *ret, phy_refusal_t *why)
{
    int err = check(cfg, why);
    if (err < 0)
        return err;
    bool has_uci = cfg->o_ack || cfg->o_csi1 || cfg->o_csi2;
    if (has_uci)
        err = check_uci(cfg, why);
    if (err < 0)
        return err;
    ret->cfg = *cfg;
    ret->has_uci = has_uci;
    ret->csi2_pending = cfg->o_csi2 == ULSCH_CSI2_UNKNOWN;
    ret->bits_per_re = (uint8_t)(cfg->qm * cfg->n_layers);
    ret->n_re = ret->n_re_ack_reserved = 0;
    for (unsigned l = 0; l < PHY_SYMBOLS; l++) {
        if (l < cfg->start_symbol || l >= symbols_end(cfg))
            ret->cfg.n_re[l] = 0;
        ret->n_re += ret->cfg.n_re[l];
    }
    ret->g_bits = ret->n_re * ret->bits_per_re;
    memset(ret->n_re_stream, 0, sizeof ret->n_re_stream);
    if (!has_uci) {
        bool sized = cfg->beta_ack_x1000 && (cfg->sum_k_bits || cfg->rate_x10240);
        ret->n_re_stream[ULSCH_SCH] = cfg->sum_k_bits ? ret->n_re : 0;
        ret->n_re_ack_reserved = sized ? ulsch_ack_size(&ret->cfg, 2) : 0;
        count_bits(ret);
        return 0;
    }
    for (unsigned s = 0; s < ULSCH_SCH; s++)
        memset(ret->re[s].count, 0, sizeof ret->re[s].count);
    memset(ret->reserved.count, 0, sizeof ret->reserved.count);
    memcpy(ret->re[ULSCH_SCH].count, ret->cfg.n_re, sizeof ret->cfg.n_re);
    if (!map_ack_and_csi1(ret) || !map_small_ack(ret) || (!ret->csi2_pending && !map_rest(ret)))
        return phy_refuse(why, "n_re", ret->n_re, "enough for the UCI in each hop");
    if (ret->csi2_pending)
        count_bits(ret);
    return 0;
}

int ulsch_plan_csi2(ulsch_plan_t *plan, uint16_t o_csi2, phy_refusal_t *why)
{
    assert(plan->csi2_pending);
    if (o_csi2 > UCI_MAX_BITS)
        return phy_refuse(why, "o_csi2", o_csi2, "0..1706");
    plan->cfg.o_csi2 = o_csi2;
    plan->csi2_pending = false;
    if (!map_rest(plan))
        return phy_refuse(why, "o_csi2", o_csi2, "what the REs hold");
    return 0;
}
