/* SPDX-License-Identifier: Apache-2.0 */
/* PDCCH mapping by REGs one at a time (TS 38.211 7.3.2.2 to 7.3.2.5, 7.4.1.3): what foreign vectors do not
 * have, sets with gaps, both DMRS references, precoding, CORESET 0. The coded bits are the coder's own (it
 * has vectors). */
#include "lib/phy/dl/pdcch.h"
#include "tests/unit/lib/phy/dl/model.h"

#define CARRIER 106

static void model(const phy_t *phy, const pdcch_tx_plan_t *plan, const uint8_t *dci, const cf_t *beam,
                  unsigned n_ports, pair_t *p)
{
    const pdcch_tx_cfg_t *c = &plan->cfg;
    /* REGs in time first over the set's PRBs */
    unsigned reg_prb[3 * 270], reg_symbol[3 * 270], n_reg = 0;
    for (unsigned g = 0; g < 45; g++)
        for (unsigned i = 0; (c->freq_resources >> (44 - g) & 1) && i < 6; i++)
            for (unsigned s = 0; s < c->duration; s++) {
                reg_prb[n_reg] = c->coreset_start - c->carrier_start + 6 * g + i;
                reg_symbol[n_reg++] = s;
            }
    unsigned size = c->interleaved ? c->reg_bundle : 6, n_bundles = n_reg / size;
    bool used[3][CARRIER] = {{0}}, in_set[CARRIER] = {0}, dmrs[CARRIER];
    for (unsigned i = 0; i < n_reg; i++)
        in_set[reg_prb[i]] = true;
    for (unsigned cce = c->first_cce; cce < (unsigned)c->first_cce + c->aggregation_level; cce++)
        for (unsigned i = 0; i < 6 / size; i++) {
            unsigned x = cce * 6 / size + i, f = x;
            if (c->interleaved) {
                unsigned rows = c->interleaver, columns = n_bundles / rows;
                for (unsigned row = 0; row < rows; row++)
                    for (unsigned column = 0; column < columns; column++)
                        if (column * rows + row == x)
                            f = (row * columns + column + c->shift_index) % n_bundles;
            }
            for (unsigned j = 0; j < size; j++)
                used[reg_symbol[f * size + j]][reg_prb[f * size + j]] = true;
        }
    for (unsigned prb = 0; prb < CARRIER; prb++) {
        dmrs[prb] = used[0][prb];
        if (!c->all_contiguous_rbs || !in_set[prb])
            continue;
        for (unsigned q = prb; q < CARRIER && in_set[q]; q++)
            dmrs[prb] = dmrs[prb] || used[0][q];
        for (unsigned q = prb + 1; q-- && in_set[q];)
            dmrs[prb] = dmrs[prb] || used[0][q];
    }
    uint8_t coded[256], other[256], scrambling[16 * 108];
    pdcch_tx_bits(phy, plan, dci, coded, other);
    model_gold((uint32_t)((((uint64_t)c->scrambling_rnti << 16) + c->scrambling_id) % (1ull << 31)),
               sizeof scrambling, scrambling);
    unsigned at = 0;
    for (unsigned s = 0; s < c->duration; s++) {
        static uint8_t bits[2 * 3 * 400];
        unsigned l = c->start_symbol + s;
        uint64_t id = c->dmrs_id;
        model_gold((uint32_t)((((14ull * c->slot + l + 1) * (2 * id + 1) << 17) + 2 * id) % (1ull << 31)),
                   sizeof bits, bits);
        for (unsigned prb = 0; prb < CARRIER; prb++)
            for (unsigned k = 0; k < 12; k++) {
                cd x;
                if (k % 4 == 1) {
                    unsigned n = c->carrier_start + prb - (c->dmrs_coreset0 ? c->coreset_start : 0),
                             m = 3 * n + k / 4;
                    if (!dmrs[prb])
                        continue;
                    x = pow(10, c->dmrs_power_db / 20.0) * model_qpsk(bits[2 * m], bits[2 * m + 1]);
                } else {
                    unsigned b[2];
                    if (!used[s][prb])
                        continue;
                    for (unsigned i = 0; i < 2; i++, at++)
                        b[i] = (coded[at / 8] >> (7 - at % 8) & 1) ^ scrambling[at];
                    x = pow(10, c->power_db / 20.0) * model_qpsk(b[0], b[1]);
                }
                for (unsigned a = 0; a < n_ports; a++)
                    *want_at(p, a, l, 12 * prb + k) = x * (beam ? beam[a].re + I * beam[a].im : 1);
            }
    }
    CU_ASSERT_EQUAL(at, 108u * c->aggregation_level);
}

static void test_model(void)
{
    phy_t *phys[PHY_N_ISA];
    unsigned n_isa = (unsigned)phy_isa_detect() + 1, run = 0, levels[5] = {0};
    for (unsigned i = 0; i < n_isa; i++)
        CU_ASSERT_FATAL(phy_create((phy_isa_t)i, &phys[i]) == 0);
    rnd_t r = {31};
    for (unsigned round = 0; round < 600; round++) {
        cf_t beam[4];
        precoding_t w;
        unsigned n_ports = 1 + pick(&r, 4), log_level = pick(&r, 5);
        for (unsigned i = 0; i < 4; i++)
            beam[i] =
                (cf_t){(float)((int)pick(&r, 801) - 400) / 1000, (float)((int)pick(&r, 801) - 400) / 1000};
        precoding_set(n_ports, 1, beam, &w, NULL);
        pdcch_tx_cfg_t c = {.slot = (uint16_t)pick(&r, 160),
                            .carrier_start = (uint16_t)pick(&r, 20),
                            .carrier_size = CARRIER,
                            .start_symbol = (uint8_t)pick(&r, 11),
                            .duration = (uint8_t)(1 + pick(&r, 3)),
                            .interleaved = pick(&r, 2),
                            .interleaver = (uint8_t[]){2, 3, 6}[pick(&r, 3)],
                            .shift_index = (uint16_t)pick(&r, 1008),
                            .dmrs_coreset0 = pick(&r, 2),
                            .all_contiguous_rbs = pick(&r, 2),
                            .aggregation_level = (uint8_t)(1u << log_level),
                            .rnti = (uint16_t)rnd(&r),
                            .scrambling_rnti = (uint16_t)rnd(&r),
                            .scrambling_id = (uint16_t)rnd(&r),
                            .dmrs_id = (uint16_t)rnd(&r),
                            .power_db = (float)pick(&r, 7) - 3,
                            .dmrs_power_db = (float)pick(&r, 7) - 3,
                            .payload_bits = (uint16_t)(12 + pick(&r, 40)),
                            .precoding = pick(&r, 3) ? &w : NULL};
        c.reg_bundle = pick(&r, 2) ? 6 : c.duration == 3 ? 3 : 2;
        c.coreset_start = (uint16_t)(c.carrier_start + pick(&r, 7));
        c.freq_resources = (((uint64_t)rnd(&r) << 32 | rnd(&r)) & 0xffff) << 29; /* 16 groups */
        unsigned n_cce = (unsigned)__builtin_popcountll(c.freq_resources) * c.duration;
        c.first_cce = (uint16_t)(pick(&r, n_cce / c.aggregation_level + 1) * c.aggregation_level);
        pdcch_tx_plan_t plan;
        if (pdcch_tx_plan(&c, 4, &plan, NULL) < 0)
            continue;
        run++;
        levels[log_level]++;
        uint8_t dci[24];
        for (unsigned i = 0; i < sizeof dci; i++)
            dci[i] = (uint8_t)rnd(&r);
        pair_t p = pair_create(4, CARRIER);
        model(phys[0], &plan, dci, c.precoding ? beam : NULL, c.precoding ? n_ports : 1, &p);
        for (unsigned isa = 0; isa < n_isa; isa++) {
            pair_clear(&p);
            pdcch_tx_run(phys[isa], &plan, dci, &p.grid);
            CU_ASSERT(pair_worst(&p) <= 1.6);
        }
        pair_destroy(&p);
    }
    CU_ASSERT(run > 150);
    for (unsigned i = 0; i < 5; i++)
        CU_ASSERT(levels[i] > 10);
    for (unsigned i = 0; i < n_isa; i++)
        phy_destroy(phys[i]);
}

static pdcch_tx_cfg_t good;

#define BAD(member, bad_value)                                                                               \
    do {                                                                                                     \
        pdcch_tx_cfg_t c_ = good;                                                                            \
        phy_refusal_t why_ = {0};                                                                            \
        pdcch_tx_plan_t plan_;                                                                               \
        c_.member = bad_value;                                                                               \
        CU_ASSERT(pdcch_tx_plan(&c_, 2, &plan_, &why_) < 0);                                                 \
        CU_ASSERT_STRING_EQUAL(why_.field ? why_.field : "", #member);                                       \
    } while (0)

static void test_refusals(void)
{
    pdcch_tx_plan_t plan;
    good = (pdcch_tx_cfg_t){.carrier_start = 3,
                            .carrier_size = 52,
                            .coreset_start = 6,
                            .freq_resources = UINT64_C(0xff) << 37,
                            .duration = 1,
                            .interleaved = true,
                            .reg_bundle = 2,
                            .interleaver = 3,
                            .aggregation_level = 2,
                            .payload_bits = 40};
    CU_ASSERT_EQUAL(pdcch_tx_plan(&good, 1, &plan, NULL), 0);
    BAD(slot, 160);
    BAD(carrier_size, 0);
    BAD(carrier_size, 276);
    BAD(coreset_start, 2);
    BAD(coreset_start, 55);
    BAD(freq_resources, 0);
    BAD(freq_resources, UINT64_C(1) << 45);
    BAD(freq_resources, UINT64_C(0x1ff) << 36); /* 54 PRBs */
    BAD(duration, 0);
    BAD(duration, 4);
    BAD(start_symbol, 14);
    BAD(reg_bundle, 3);
    BAD(reg_bundle, 0);
    BAD(interleaver, 4);
    BAD(interleaver, 0);
    BAD(shift_index, 1008);
    BAD(aggregation_level, 0);
    BAD(aggregation_level, 3);
    BAD(aggregation_level, 32);
    BAD(first_cce, 1);
    BAD(first_cce, 8);
    BAD(power_db, 16);
    BAD(dmrs_power_db, NAN);
    BAD(payload_bits, 11);
    BAD(payload_bits, 141);
    good.interleaver = 6;
    good.reg_bundle = 6; /* 8 bundles in rows of 6 */
    BAD(interleaver, 6);
    good.interleaver = 2;
    precoding_t w;
    precoding_identity(3, 1, &w);
    BAD(precoding, &w);
    precoding_identity(2, 2, &w);
    BAD(precoding, &w);
}

static void test_coreset_prbs(void)
{
    uint64_t prb[5];
    pdcch_coreset_prbs(4, 6, UINT64_C(5) << 42, prb); /* groups 0 and 2: PRBs 2..7, 14..19 */
    CU_ASSERT(prb[0] == (UINT64_C(0x3f) << 2 | UINT64_C(0x3f) << 14) && prb[1] == 0 && prb[4] == 0);
}

CU_MAIN("pdcch", {"against the model", test_model}, {"refusals", test_refusals},
        {"CORESET PRBs", test_coreset_prbs})
