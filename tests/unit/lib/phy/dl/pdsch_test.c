/* SPDX-License-Identifier: Apache-2.0 */
/* PDSCH against a slow model: RE by RE, in doubles, from the text of TS 38.211 7.3.1, 7.4.1.1 and 7.4.1.2.
 * What foreign vectors lack is here: interleaved VRBs, PRGs, reserved REs, PTRS, double symbols, type 2,
 * higher orders, power, several users on the same PRBs. The coded bits are the coder's (it has its own
 * vectors). */
#include "lib/phy/dl/pdsch.h"

#include "lib/phy/dl/dmrs.h"
#include "tests/unit/lib/phy/dl/model.h"

#define CARRIER 60
#define MAX_MATRICES 40

static phy_t *phys[PHY_N_ISA];
static unsigned n_isa;
static pdsch_plan_t plan;
static pdsch_work_t work, other_work;
static uint8_t tb[32768];

static void setup(void)
{
    for (n_isa = 0; n_isa <= phy_isa_detect() && n_isa < PHY_N_ISA; n_isa++)
        CU_ASSERT_FATAL(phy_create((phy_isa_t)n_isa, &phys[n_isa]) == 0);
    rnd_t r = {99};
    for (size_t i = 0; i < sizeof tb; i++)
        tb[i] = (uint8_t)rnd(&r);
}

static void teardown(void)
{
    while (n_isa)
        phy_destroy(phys[--n_isa]);
}

/* ---- the model ---- */

/* 7.3.1.6: PRB (in the BWP) of each VRB. Bundles are lists of RBs. */
static unsigned model_vrb(const pdsch_cfg_t *c, int prb[PHY_MAX_PRB])
{
    unsigned origin = 0, size = c->bwp_size, bundle = c->vrb_bundle,
             phase = c->bwp_start % (bundle ? bundle : 1);
    switch (c->vrb_mapping) {
    case PDSCH_VRB_DIRECT:
    case PDSCH_VRB_DIRECT_COMMON:
        origin = c->vrb_mapping == PDSCH_VRB_DIRECT_COMMON ? c->coreset_start : 0;
        for (unsigned i = 0; i + origin < size; i++)
            prb[i] = (int)(i + origin);
        return size - origin;
    case PDSCH_VRB_INTERLEAVED_COMMON:
        origin = c->coreset_start, size = c->n_initial_bwp, bundle = 2;
        phase = (c->bwp_start + c->coreset_start) % 2u;
        break;
    case PDSCH_VRB_INTERLEAVED_CORESET0:
        origin = c->coreset_start, size = c->n_initial_bwp, bundle = 2, phase = 0;
        break;
    default:
        break;
    }
    static int members[PHY_MAX_PRB][4];
    static unsigned count[PHY_MAX_PRB];
    unsigned n = 0;
    memset(count, 0, sizeof count);
    for (unsigned i = 0; i < size; i++) {
        unsigned b = (i + phase) / bundle;
        members[b][count[b]++] = (int)(origin + i);
        n = b + 1;
    }
    unsigned columns = n / 2, vrb = 0;
    for (unsigned j = 0; j < n; j++) {
        unsigned to = n - 1;
        if (j != n - 1)
            for (unsigned row = 0; row < 2; row++)
                for (unsigned col = 0; col < columns; col++)
                    if (col * 2 + row == j)
                        to = row * columns + col;
        CU_ASSERT_EQUAL(count[j], count[to]);
        for (unsigned i = 0; i < count[to]; i++)
            prb[vrb++] = members[to][i];
    }
    return vrb;
}

typedef struct {
    unsigned n;
    unsigned prb[PHY_MAX_PRB]; /* carrier, in VRB order */
    bool has[PHY_MAX_PRB];
} model_alloc_t;

static model_alloc_t model_alloc(const pdsch_cfg_t *c)
{
    int map[PHY_MAX_PRB];
    model_alloc_t a = {0};
    unsigned n = model_vrb(c, map);
    for (unsigned v = 0; v < n; v++) {
        bool in = c->resource_alloc ? v >= c->rb_start && v < (unsigned)c->rb_start + c->rb_size
                                    : c->rb_bitmap[v / 64] >> (v % 64) & 1;
        if (in) {
            unsigned prb = (unsigned)map[v] + c->bwp_start - c->carrier_start;
            a.prb[a.n++] = prb;
            a.has[prb] = true;
        }
    }
    return a;
}

static bool model_reserved(const pdsch_cfg_t *c, unsigned prb, unsigned k, unsigned l)
{
    for (unsigned i = 0; i < c->n_reserved; i++)
        if ((c->reserved[i].symbols >> l & 1) && (c->reserved[i].re >> k & 1) &&
            (c->reserved[i].prb[prb / 64] >> (prb % 64) & 1))
            return true;
    return false;
}

static cd coefficient(const pdsch_cfg_t *c, const cf_t w[][32], unsigned prb, unsigned port, unsigned layer)
{
    if (!c->n_prgs)
        return port == layer;
    unsigned g = c->prg_size ? (c->carrier_start + prb) / c->prg_size - c->bwp_start / c->prg_size : 0;
    cf_t x = w[g][port * c->n_layers + layer];
    return x.re + I * x.im;
}

/* PTRS symbols by the steps of 7.4.1.2.2, on symbols of the slot. */
static unsigned model_ptrs_symbols(const pdsch_cfg_t *c)
{
    unsigned set = 0;
    int first = c->start_symbol, end = first + c->n_symbols, l_ref = first, i = 0, step = c->ptrs_l;
    while (l_ref + i * step < end) {
        int from = l_ref + (i - 1) * step + 1, to = l_ref + i * step, hit = -1;
        for (int l = from > l_ref ? from : l_ref; l <= to; l++)
            if (c->dmrs_symbols >> l & 1)
                hit = l;
        if (hit >= 0) {
            if (c->dmrs_length == 2 && (c->dmrs_symbols >> (hit + 1) & 1) &&
                (hit == 0 || !(c->dmrs_symbols >> (hit - 1) & 1)))
                hit++;
            l_ref = hit;
            i = 1;
        } else {
            set |= 1u << to;
            i++;
        }
    }
    return set;
}

static unsigned nth_port(unsigned mask, unsigned n)
{
    for (unsigned p = 0;; p++)
        if ((mask >> p & 1) && n-- == 0)
            return p;
}

static const unsigned k_ref[2][6][4] = {
    {{0, 2, 6, 8}, {2, 4, 8, 10}, {1, 3, 7, 9}, {3, 5, 9, 11}, {0}, {0}},
    {{0, 1, 6, 7}, {1, 6, 7, 0}, {2, 3, 8, 9}, {3, 8, 9, 2}, {4, 5, 10, 11}, {5, 10, 11, 4}}};

/* DMRS of one port at subcarrier k of a PRB; 0 where it has none. l: symbol whose sequence it is. */
static cd model_dmrs(const pdsch_cfg_t *c, unsigned port, unsigned prb, unsigned k, unsigned l,
                     unsigned l_prime, bool cover)
{
    unsigned single = c->dmrs_type == 1 ? 4 : 6, group = port % single / 2;
    double w_f = 1, w_t = port >= single && l_prime ? -1 : 1;
    unsigned m, reference = c->carrier_start + prb;
    if (c->dmrs_coreset0)
        reference -= c->bwp_start + c->coreset_start;
    if (c->dmrs_type == 1) { /* k = 4n + 2k' + delta */
        if (k % 2 != group)
            return 0;
        m = (reference * 12 + k - group) / 2;
    } else { /* k = 6n + k' + delta */
        if (k % 6 / 2 != group)
            return 0;
        m = (reference * 12 + k) / 6 * 2 + k % 2;
    }
    if (port % 2 && m % 2)
        w_f = -1;
    unsigned scid = c->dmrs_r16 && group == 1 ? 1 - c->dmrs_n_scid : c->dmrs_n_scid;
    uint64_t id = c->dmrs_n_id[scid];
    uint64_t init = ((uint64_t)(14 * c->slot + l + 1) * (2 * id + 1) << 17) + 2 * id + scid;
    if (c->dmrs_r16)
        init += (uint64_t)(group / 2) << 17;
    static uint32_t cached_init = UINT32_MAX;
    static uint8_t bits[2 * 6 * 400];
    if (cached_init != (init & 0x7fffffff))
        model_gold(cached_init = init & 0x7fffffff, sizeof bits, bits);
    return (cover ? w_f * w_t : 1) * model_qpsk(bits[2 * m], bits[2 * m + 1]);
}

/* Adds (or writes) the PDSCH to p->want. bits: the codeword before scrambling. */
static unsigned model_pdsch(const pdsch_cfg_t *c, const cf_t w[][32], unsigned n_ports, const uint8_t *bits,
                            pair_t *p)
{
    model_alloc_t a = model_alloc(c);
    double amplitude = pow(10, c->power_db / 20.0), dmrs_db[] = {0, 0, 3, 4.77},
           beta = pow(10, dmrs_db[c->n_cdm_groups_without_data] / 20);
    unsigned ptrs_symbols = c->ptrs ? model_ptrs_symbols(c) : 0, ptrs_k = 12;
    bool ptrs_prb[PHY_MAX_PRB] = {0};
    if (c->ptrs) {
        ptrs_k = k_ref[c->dmrs_type - 1][nth_port(c->dmrs_ports, c->ptrs_layer)][c->ptrs_re_offset];
        unsigned ref = a.n % c->ptrs_k == 0 ? c->rnti % c->ptrs_k : c->rnti % (a.n % c->ptrs_k), n = 0;
        for (unsigned prb = 0; prb < c->carrier_size; prb++)
            if (a.has[prb]) {
                ptrs_prb[prb] = n >= ref && (n - ref) % c->ptrs_k == 0;
                n++;
            }
    }
    size_t max_bits = (size_t)a.n * 12 * 14 * c->n_layers * c->qm;
    uint8_t *scrambling = malloc(max_bits + 1);
    model_gold(((uint32_t)c->rnti << 15) + c->n_id, max_bits, scrambling);
    size_t at = 0;
    unsigned l_prime = 0;
    for (unsigned l = c->start_symbol; l < (unsigned)c->start_symbol + c->n_symbols; l++) {
        bool dmrs = c->dmrs_symbols >> l & 1;
        for (unsigned i = 0; i < a.n; i++)
            for (unsigned k = 0; k < 12; k++) {
                unsigned prb = a.prb[i];
                bool ptrs = (ptrs_symbols >> l & 1) && ptrs_prb[prb] && k == ptrs_k;
                unsigned group = c->dmrs_type == 1 ? k % 2 : k % 6 / 2;
                bool without_data = dmrs && group < c->n_cdm_groups_without_data;
                cd layers[4] = {0};
                bool send = true;
                if (without_data) {
                    send = false;
                    for (unsigned v = 0; v < c->n_layers; v++) {
                        unsigned port = nth_port(c->dmrs_ports, v);
                        layers[v] = amplitude * beta * model_dmrs(c, port, prb, k, l, l_prime, true);
                        send = send || port % (c->dmrs_type == 1 ? 4 : 6) / 2 == group;
                    }
                } else if (model_reserved(c, prb, k, l)) {
                    send = false;
                } else if (ptrs) {
                    static const double db[4] = {0, 3, 4.77, 6};
                    double b = c->ptrs_epre_ratio ? 1 : pow(10, db[c->n_layers - 1] / 20);
                    unsigned l0 = 0;
                    while (!(c->dmrs_symbols >> l0 & 1))
                        l0++;
                    layers[c->ptrs_layer] =
                        amplitude * b *
                        model_dmrs(c, nth_port(c->dmrs_ports, c->ptrs_layer), prb, k, l0, 0, false);
                } else {
                    for (unsigned v = 0; v < c->n_layers; v++) {
                        uint8_t b[8];
                        for (unsigned q = 0; q < c->qm; q++, at++)
                            b[q] = (bits[at / 8] >> (7 - at % 8) & 1) ^ scrambling[at];
                        layers[v] = amplitude * model_modulate(c->qm, b);
                    }
                }
                for (unsigned port = 0; send && port < n_ports; port++) {
                    cd y = 0;
                    for (unsigned v = 0; v < c->n_layers; v++)
                        y += coefficient(c, w, prb, port, v) * layers[v];
                    cd *to = want_at(p, port, l, 12 * prb + k);
                    *to = c->add ? *to + y : y;
                }
            }
        if (dmrs)
            l_prime = c->dmrs_length == 2 ? !l_prime : 0;
    }
    free(scrambling);
    return (unsigned)at;
}

/* ---- random configurations ---- */

typedef struct {
    pdsch_cfg_t cfg;
    cf_t w[MAX_MATRICES][32];
    precoding_t matrix[MAX_MATRICES];
    const precoding_t *prg[MAX_MATRICES];
    pdsch_reserved_t reserved[4];
    unsigned n_ports;
} case_t;

static uint64_t random_prbs(rnd_t *r)
{
    return ((uint64_t)rnd(r) << 32 | rnd(r)) & ((UINT64_C(1) << CARRIER) - 1);
}

static void make_case(rnd_t *r, case_t *t)
{
    static const uint8_t orders[] = {2, 4, 6, 8};
    memset(t, 0, sizeof *t);
    pdsch_cfg_t *c = &t->cfg;
    c->slot = (uint16_t)pick(r, 160);
    c->carrier_start = (uint16_t)pick(r, 30);
    c->carrier_size = CARRIER;
    unsigned skip = pick(r, 12);
    c->bwp_start = (uint16_t)(c->carrier_start + skip);
    c->bwp_size = (uint16_t)(CARRIER - skip - pick(r, 12));
    c->resource_alloc = (uint8_t)pick(r, 2);
    c->vrb_mapping = (pdsch_vrb_t)pick(r, 5);
    c->vrb_bundle = pick(r, 2) ? 2 : 4;
    c->coreset_start = (uint16_t)pick(r, 9);
    c->n_initial_bwp = (uint16_t)(12 + pick(r, c->bwp_size - c->coreset_start - 12u + 1));
    int map[PHY_MAX_PRB];
    unsigned n_vrb = model_vrb(c, map);
    c->rb_start = (uint16_t)pick(r, n_vrb - 2);
    c->rb_size = (uint16_t)(1 + pick(r, n_vrb - c->rb_start));
    do {
        c->rb_bitmap[0] = random_prbs(r) & ((UINT64_C(1) << n_vrb) - 1);
    } while (c->rb_bitmap[0] == 0);
    c->dmrs_type = (uint8_t)(1 + pick(r, 2));
    c->dmrs_length = (uint8_t)(1 + pick(r, 2));
    dmrs_time_cfg_t time;
    do {
        time = (dmrs_time_cfg_t){pick(r, 2) ? DMRS_MAPPING_A : DMRS_MAPPING_B,
                                 (uint8_t)(2 + pick(r, 2)),
                                 (uint8_t)pick(r, 4),
                                 c->dmrs_length,
                                 (uint8_t)pick(r, 6),
                                 (uint8_t)(2 + pick(r, 13))};
    } while (dmrs_symbols_pdsch(&time, &c->dmrs_symbols, NULL) < 0 ||
             (unsigned)__builtin_popcount(c->dmrs_symbols) >= time.n_symbols);
    c->start_symbol = time.start_symbol;
    c->n_symbols = time.n_symbols;
    c->n_cdm_groups_without_data = (uint8_t)(1 + pick(r, c->dmrs_type == 1 ? 2 : 3));
    unsigned single = c->dmrs_type == 1 ? 4 : 6, n_ports = c->n_cdm_groups_without_data * 2u * c->dmrs_length;
    c->n_layers = (uint8_t)(1 + pick(r, n_ports < 4 ? n_ports : 4));
    while (__builtin_popcount(c->dmrs_ports) < c->n_layers) {
        unsigned p =
            pick(r, c->n_cdm_groups_without_data * 2u) + (c->dmrs_length == 2 ? single * pick(r, 2) : 0);
        c->dmrs_ports |= (uint16_t)(1u << p);
    }
    c->dmrs_n_id[0] = (uint16_t)rnd(r);
    c->dmrs_n_id[1] = (uint16_t)rnd(r);
    c->dmrs_n_scid = (uint8_t)pick(r, 2);
    c->dmrs_r16 = pick(r, 4) == 0;
    c->dmrs_coreset0 =
        c->vrb_mapping == PDSCH_VRB_INTERLEAVED_CORESET0 || c->vrb_mapping == PDSCH_VRB_DIRECT_COMMON;
    c->rnti = (uint16_t)(1 + pick(r, 65519));
    c->n_id = (uint16_t)pick(r, 1024);
    c->qm = orders[pick(r, 4)];
    c->rv = (uint8_t)pick(r, 4);
    c->power_db = (float)pick(r, 7) - 4;
    for (unsigned v = 0; v < c->n_layers; v++)
        if (nth_port(c->dmrs_ports, v) < single) {
            c->ptrs = pick(r, 2);
            c->ptrs_layer = (uint8_t)v;
            break;
        }
    c->ptrs_l = (uint8_t)(1u << pick(r, 3));
    c->ptrs_k = (uint8_t)(2u << pick(r, 2));
    c->ptrs_re_offset = (uint8_t)pick(r, 4);
    c->ptrs_epre_ratio = (uint8_t)pick(r, 2);
    t->n_ports = c->n_layers;
    if (pick(r, 4)) {
        t->n_ports = 1 + pick(r, 8);
        c->prg_size = (uint16_t)(pick(r, 3) ? 2u << pick(r, 3) : 0);
        c->n_prgs = (uint16_t)(c->prg_size ? (c->bwp_start + c->bwp_size - 1) / c->prg_size -
                                                 c->bwp_start / c->prg_size + 1
                                           : 1);
        c->prg = t->prg;
        for (unsigned g = 0; g < c->n_prgs; g++) {
            for (unsigned i = 0; i < 32; i++)
                t->w[g][i] =
                    (cf_t){(float)((int)pick(r, 801) - 400) / 1000, (float)((int)pick(r, 801) - 400) / 1000};
            CU_ASSERT_EQUAL_FATAL(precoding_set(t->n_ports, c->n_layers, t->w[g], &t->matrix[g], NULL), 0);
            t->prg[g] = &t->matrix[g];
        }
    }
    c->reserved = t->reserved;
    c->n_reserved = (uint16_t)pick(r, 5);
    for (unsigned i = 0; i < c->n_reserved; i++)
        t->reserved[i] = (pdsch_reserved_t){.symbols = (uint16_t)(rnd(r) & 0x3fff & ~c->dmrs_symbols),
                                            .re = (uint16_t)(pick(r, 2) ? 0xfff : 1 + pick(r, 0xfff)),
                                            .prb = {random_prbs(r) & random_prbs(r)}};
}

/* A transport block that the REs can carry: about half the coded bits. */
static bool plan_case(case_t *t, unsigned isa)
{
    phy_refusal_t why = {0};
    pdsch_cfg_t *c = &t->cfg;
    c->tb_bytes = 3;
    c->target_code_rate = 1200;
    if (pdsch_plan(phys[isa], c, t->n_ports, &plan, &why) < 0)
        return false;
    unsigned bytes = plan.g_bits / 16;
    c->tb_bytes = bytes < 3 ? 3 : bytes;
    c->target_code_rate = 5000;
    /* whole bytes in each block */
    for (unsigned i = 0; i < 24 && pdsch_plan(phys[isa], c, t->n_ports, &plan, &why) < 0; i++)
        c->tb_bytes++;
    return pdsch_plan(phys[isa], c, t->n_ports, &plan, &why) == 0;
}

static void test_model(void)
{
    setup();
    static case_t t;
    rnd_t r = {2024};
    unsigned run = 0, with_ptrs = 0, with_prgs = 0, with_reserved = 0, many_blocks = 0, mapped[5] = {0};
    for (unsigned round = 0; round < 150; round++) {
        make_case(&r, &t);
        if (!plan_case(&t, 0))
            continue;
        run++;
        with_ptrs += plan.n_ptrs > 0;
        with_prgs += t.cfg.n_prgs > 1;
        with_reserved += t.cfg.n_reserved > 0;
        many_blocks += plan.n_code_blocks > 1;
        mapped[t.cfg.vrb_mapping]++;
        uint8_t *bits = malloc(plan.g_bits / 8 + 64);
        pdsch_stages(phys[0], &plan, tb, &work, bits, NULL);
        pair_t p = pair_create(t.n_ports, CARRIER);
        unsigned n = model_pdsch(&t.cfg, (const cf_t(*)[32])t.w, t.n_ports, bits, &p);
        CU_ASSERT_EQUAL(n, plan.g_bits);
        pdsch_run(phys[0], &plan, tb, &work, &p.grid);
        double worst = pair_worst(&p);
        if (worst > 3) /* roundings of 4 layers' values and weights */
            printf(
                "\nround %u: off by %g: type %u length %u mapping %u ports %x ptrs %d prgs %u reserved %u\n",
                round, worst, t.cfg.dmrs_type, t.cfg.dmrs_length, t.cfg.vrb_mapping, t.cfg.dmrs_ports,
                t.cfg.ptrs, t.cfg.n_prgs, t.cfg.n_reserved);
        CU_ASSERT(worst <= 3);
        /* other variants, blocks last to first, signals first: the same grid */
        for (unsigned isa = 1; isa < n_isa; isa++) {
            pair_t q = pair_create(t.n_ports, CARRIER);
            CU_ASSERT_EQUAL(pdsch_plan(phys[isa], &t.cfg, t.n_ports, &plan, NULL), 0);
            pdsch_signals(phys[isa], &plan, &other_work, &q.grid);
            uint32_t crc = pdsch_tb_crc(phys[isa], &plan, tb);
            for (unsigned b = plan.n_code_blocks; b--;)
                pdsch_code_block(phys[isa], &plan, tb, crc, b, b % 2 ? &work : &other_work, &q.grid);
            CU_ASSERT(
                memcmp(q.grid.re, p.grid.re, (size_t)t.n_ports * 14 * PHY_GRID_STRIDE * sizeof(ci16_t)) == 0);
            pair_destroy(&q);
        }
        pair_destroy(&p);
        free(bits);
    }
    CU_ASSERT(run > 100 && with_ptrs > 20 && with_prgs > 20 && with_reserved > 40 && many_blocks > 5);
    for (unsigned i = 0; i < 5; i++)
        CU_ASSERT(mapped[i] > 10);
    teardown();
}

/* Two users on the same PRBs and antennas, told apart by their ports: the grid holds the sum. */
static void test_two_users(void)
{
    setup();
    static case_t t[2];
    for (unsigned isa = 0; isa < n_isa; isa++) {
        rnd_t r = {5};
        pair_t p = pair_create(4, CARRIER);
        for (unsigned u = 0; u < 2; u++) {
            do {
                make_case(&r, &t[u]);
            } while (t[u].n_ports != 4 || t[u].cfg.n_layers != 2 || t[u].cfg.dmrs_type != 1);
            pdsch_cfg_t *c = &t[u].cfg;
            c->resource_alloc = 1;
            c->vrb_mapping = PDSCH_VRB_DIRECT;
            c->dmrs_coreset0 = false;
            c->rb_start = 1;
            c->rb_size = 30;
            c->start_symbol = 1;
            c->n_symbols = 12;
            c->dmrs_length = 2;
            c->dmrs_symbols = 3 << 3 | 3 << 10;
            c->n_cdm_groups_without_data = 2;
            c->dmrs_ports = u ? 0x50 : 0x05; /* 0, 2 and 4, 6: the same REs, other covers */
            c->ptrs = false;
            c->n_reserved = 0;
            c->power_db = -6;
            c->add = true;
            CU_ASSERT_FATAL(plan_case(&t[u], isa));
            uint8_t *bits = malloc(plan.g_bits / 8 + 64);
            pdsch_stages(phys[isa], &plan, tb, &work, bits, NULL);
            model_pdsch(c, (const cf_t(*)[32])t[u].w, 4, bits, &p);
            pdsch_run(phys[isa], &plan, tb, &work, &p.grid);
            free(bits);
        }
        CU_ASSERT(pair_worst(&p) <= 4);
        pair_destroy(&p);
    }
    teardown();
}

/* Full scale on both users saturates and does not wrap. */
static void test_saturation(void)
{
    setup();
    static case_t t;
    rnd_t r = {5};
    for (unsigned isa = 0; isa < n_isa; isa++) {
        do {
            make_case(&r, &t);
        } while (t.cfg.n_prgs || t.cfg.ptrs);
        t.cfg.power_db = 13;
        t.cfg.add = true;
        t.cfg.n_reserved = 0;
        CU_ASSERT_FATAL(plan_case(&t, isa));
        pair_t once = pair_create(t.n_ports, CARRIER), often = pair_create(t.n_ports, CARRIER);
        pdsch_run(phys[isa], &plan, tb, &work, &once.grid);
        for (unsigned i = 0; i < 12; i++)
            pdsch_run(phys[isa], &plan, tb, &work, &often.grid);
        bool ok = true, hit = false;
        for (size_t i = 0; i < (size_t)t.n_ports * 14 * PHY_GRID_STRIDE; i++) {
            ci16_t a = once.grid.re[i], b = often.grid.re[i];
            ok = ok && (a.re > 0) == (b.re > 0) && (a.im > 0) == (b.im > 0) && abs(b.re) >= abs(a.re);
            hit = hit || b.re == INT16_MAX;
        }
        CU_ASSERT(ok && hit);
        pair_destroy(&once);
        pair_destroy(&often);
    }
    teardown();
}

static pdsch_cfg_t good;

static void refuse(const pdsch_cfg_t *c, const char *field)
{
    phy_refusal_t why = {0};
    CU_ASSERT(pdsch_plan(phys[0], c, 4, &plan, &why) < 0);
    CU_ASSERT_STRING_EQUAL(why.field ? why.field : "", field);
    if (!why.field || strcmp(why.field, field))
        printf("\nwanted %s, got %s\n", field, why.field ? why.field : "none");
}

#define BAD(member, bad_value)                                                                               \
    do {                                                                                                     \
        pdsch_cfg_t c_ = good;                                                                               \
        c_.member = bad_value;                                                                               \
        refuse(&c_, #member);                                                                                \
    } while (0)

static void test_refusals(void)
{
    setup();
    good = (pdsch_cfg_t){.carrier_start = 10,
                         .carrier_size = 52,
                         .bwp_start = 12,
                         .bwp_size = 48,
                         .resource_alloc = 1,
                         .rb_size = 20,
                         .start_symbol = 2,
                         .n_symbols = 12,
                         .tb_bytes = 480,
                         .qm = 4,
                         .target_code_rate = 5000,
                         .rnti = 1,
                         .n_layers = 2,
                         .dmrs_symbols = 1 << 2,
                         .dmrs_type = 1,
                         .dmrs_length = 1,
                         .dmrs_ports = 3,
                         .n_cdm_groups_without_data = 1,
                         .ptrs = true,
                         .ptrs_l = 1,
                         .ptrs_k = 2};
    CU_ASSERT_EQUAL(pdsch_plan(phys[0], &good, 4, &plan, NULL), 0);
    BAD(slot, 160);
    BAD(carrier_size, 0);
    BAD(carrier_size, 276);
    BAD(carrier_start, 2200);
    BAD(bwp_start, 9);
    BAD(bwp_start, 62);
    BAD(bwp_size, 0);
    BAD(bwp_size, 51);
    BAD(vrb_mapping, (pdsch_vrb_t)5);
    BAD(resource_alloc, 2);
    BAD(rb_start, 48);
    BAD(rb_size, 0);
    BAD(rb_size, 49);
    BAD(start_symbol, 14);
    BAD(n_symbols, 13);
    BAD(n_symbols, 0);
    BAD(n_layers, 0);
    BAD(n_layers, 5);
    BAD(dmrs_type, 0);
    BAD(dmrs_type, 3);
    BAD(dmrs_length, 0);
    BAD(dmrs_symbols, 0);
    BAD(dmrs_symbols, 1);
    BAD(n_cdm_groups_without_data, 0);
    BAD(n_cdm_groups_without_data, 3);
    BAD(dmrs_ports, 1);
    BAD(dmrs_ports, 0xc);  /* group 1 has data */
    BAD(dmrs_ports, 0x11); /* port 4 needs two symbols */
    BAD(dmrs_ports, 0x8001);
    BAD(dmrs_n_scid, 2);
    BAD(ptrs_layer, 2);
    BAD(ptrs_l, 3);
    BAD(ptrs_k, 1);
    BAD(ptrs_re_offset, 4);
    BAD(ptrs_epre_ratio, 2);
    BAD(qm, 3);
    BAD(qm, 10);
    BAD(rv, 4);
    BAD(n_id, 1024);
    BAD(power_db, 13.5f);
    BAD(power_db, NAN);
    BAD(n_reserved, 65);
    BAD(n_prgs, 276);
    BAD(tb_bytes, 0);
    BAD(tb_bytes, UINT32_MAX);
    pdsch_cfg_t c = good;
    c.n_reserved = 1;
    refuse(&c, "reserved");
    pdsch_reserved_t reserved = {.symbols = 1 << 2, .re = 1, .prb = {UINT64_C(1) << 5}};
    c.reserved = &reserved;
    refuse(&c, "reserved"); /* on DMRS */
    reserved.re = 2;        /* the other CDM group's */
    CU_ASSERT_EQUAL(pdsch_plan(phys[0], &c, 4, &plan, NULL), 0);
    reserved = (pdsch_reserved_t){.symbols = 0x3ff8, .re = 0xfff, .prb = {~UINT64_C(0)}};
    c.n_cdm_groups_without_data = 2;
    refuse(&c, "n_symbols"); /* nothing left for data */
    c = good;
    c.vrb_mapping = PDSCH_VRB_INTERLEAVED;
    refuse(&c, "vrb_bundle");
    c.vrb_mapping = PDSCH_VRB_INTERLEAVED_COMMON;
    refuse(&c, "n_initial_bwp");
    c.n_initial_bwp = 40;
    c.coreset_start = 9;
    refuse(&c, "n_initial_bwp");
    c.coreset_start = 48;
    refuse(&c, "coreset_start");
    c = good;
    c.coreset_start = 1;
    c.dmrs_coreset0 = true; /* VRB 0 lies below */
    refuse(&c, "dmrs_coreset0");
    c = good;
    c.dmrs_length = 2;
    refuse(&c, "dmrs_symbols");
    c = good;
    c.resource_alloc = 0;
    refuse(&c, "rb_bitmap");
    c.rb_bitmap[0] = UINT64_C(1) << 48;
    refuse(&c, "rb_bitmap");
    c.rb_bitmap[0] = 1;
    c.rb_bitmap[4] = UINT64_C(1) << 63;
    refuse(&c, "rb_bitmap");
    c = good;
    c.n_prgs = 1;
    refuse(&c, "prg");
    precoding_t w;
    const precoding_t *prg[] = {&w};
    c.prg = prg;
    precoding_identity(5, 2, &w);
    refuse(&c, "prg"); /* the grid has 4 antennas */
    precoding_identity(4, 1, &w);
    refuse(&c, "prg"); /* not the layers */
    precoding_identity(4, 2, &w);
    CU_ASSERT_EQUAL(pdsch_plan(phys[0], &c, 4, &plan, NULL), 0);
    c.prg_size = 4; /* 5 PRGs needed */
    refuse(&c, "n_prgs");
    c = good;
    phy_refusal_t why;
    CU_ASSERT(pdsch_plan(phys[0], &c, 1, &plan, &why) < 0 && !strcmp(why.field, "n_layers"));
    teardown();
}

static void test_reserve_sc(void)
{
    pdsch_reserved_t r;
    pdsch_reserve_sc(11, 240, 0x3c, &r); /* 11..250: PRBs 0..20 */
    CU_ASSERT(r.symbols == 0x3c && r.re == 0xfff && r.prb[0] == (1 << 21) - 1 && r.prb[1] == 0);
    pdsch_reserve_sc(12 * 60, 240, 1, &r);
    CU_ASSERT(r.prb[0] == UINT64_C(0xf) << 60 && r.prb[1] == 0xffff);
}

CU_MAIN("pdsch", {"against the model", test_model}, {"two users", test_two_users},
        {"saturation", test_saturation}, {"refusals", test_refusals}, {"reservation", test_reserve_sc})
