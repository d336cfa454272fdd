/* SPDX-License-Identifier: Apache-2.0 */
/* The air's statistics: if BLER, HARQ gain or CQI were off, link adaptation would be tuned to a radio that
 * does not exist. */
#include <math.h>
#include <stdlib.h>

#include "fronthaul/emulator/air/internal.h"
#include "lib/mac/mcs.h"
#include "tests/unit/cu.h"

static air_t *one(double dl, double ul)
{
    air_ue_config_t c = {.sinr_dl_db = dl, .sinr_ul_db = ul};
    air_t *a = NULL;
    CU_ASSERT_EQUAL_FATAL(air_create(&c, 1, 51, 7, &a), 0);
    return a;
}

/* Information of QPSK against its closed forms: 2 bits far above the noise, SNR/ln 2 far below. */
static void test_information(void)
{
    bler_t *b = bler_create();
    CU_ASSERT_PTR_NOT_NULL_FATAL(b);
    for (uint8_t qm = 2; qm <= 8; qm += 2) {
        CU_ASSERT_DOUBLE_EQUAL(bler_info(b, qm, 40).mean, qm, 1e-6);
        CU_ASSERT_DOUBLE_EQUAL(bler_info(b, qm, -18).mean, pow(10, -1.8) / log(2), 5e-4);
        /* never above Shannon's bound, and growing */
        for (double db = -20; db < 44; db += 0.5) {
            CU_ASSERT(bler_info(b, qm, db).mean <= log2(1 + pow(10, db / 10)) + 1e-9);
            CU_ASSERT(bler_info(b, qm, db + 0.5).mean >= bler_info(b, qm, db).mean - 1e-9);
        }
    }
    /* QPSK at 0 dB: 0.486 bit a dimension (published capacity of BPSK at Es/N0 = 0 dB over a complex channel)
     */
    CU_ASSERT_DOUBLE_EQUAL(bler_info(b, 2, 0).mean, 0.972, 0.004);
    bler_destroy(b);
}

/* Every MCS has its waterfall, above that of the MCS below, less than 3 dB from 90% to 0.1% on a large block.
 */
static void test_waterfalls(void)
{
    bler_t *b = bler_create();
    for (uint8_t table = 1; table <= 2; table++) {
        double before = -100;
        for (uint8_t i = 0; i <= mcs_max_index(table); i++) {
            mcs_t m;
            CU_ASSERT_FATAL(mcs_get(table, i, &m));
            const uint32_t n_re = 51 * 132;
            uint32_t bits = tbs_bits(132, 51, m.qm, m.rate_x10, 1, 0);
            double at90 = 0, at10 = 0, at01 = 0;
            for (double db = -15; db < 40; db += 0.05) {
                double p = bler_ldpc(b, m.qm, n_re, bits, db);
                if (p > 0.9)
                    at90 = db;
                if (p > 0.1)
                    at10 = db;
                if (p > 0.001)
                    at01 = db;
            }
            CU_ASSERT(at01 - at90 < 3);
            CU_ASSERT(at10 > before - 0.5); /* where the modulation changes two rows are nearly equal */
            before = at10;
        }
    }
    bler_destroy(b);
}

static ue_sch_t block(uint8_t mcs)
{
    mcs_t m;
    CU_ASSERT_FATAL(mcs_get(1, mcs, &m));
    return (ue_sch_t){.rnti = 0x4601,
                      .prb_start = 0,
                      .n_prb = 20,
                      .start_symbol = 2,
                      .n_symbols = 12,
                      .qm = m.qm,
                      .rate_x10 = m.rate_x10,
                      .re_per_prb = 132,
                      .new_data = true,
                      .tb_bytes = tbs_bits(132, 20, m.qm, m.rate_x10, 1, 0) / 8};
}

/* Drawn losses follow the curve: mean within four standard deviations. */
static void test_draws(void)
{
    air_t *a = one(0, 0);
    ue_sch_t s = block(10);
    for (double db = 4; db < 8; db += 0.5) {
        double p = bler_ldpc(a->bler, s.qm, 132 * 20, s.tb_bytes * 8, db);
        uint32_t lost = 0;
        const uint32_t n = 4000;
        for (uint32_t i = 0; i < n; i++) {
            soft_t soft = {0};
            lost += !air_decode(a, &soft, &s, db);
        }
        CU_ASSERT_DOUBLE_EQUAL((double)lost / n, p, 4 * sqrt(p * (1 - p) / n) + 1e-3);
    }
    air_destroy(a);
}

/* Two transmissions are as one at twice the SINR: residual loss after the second is the curve at + 3 dB. */
static void test_harq_gain(void)
{
    air_t *a = one(0, 0);
    ue_sch_t s = block(10);
    double db = 0; /* 3 dB below where one block in three is lost */
    while (bler_ldpc(a->bler, s.qm, 132 * 20, s.tb_bytes * 8, db + 10 * log10(2)) > 0.33)
        db += 0.01;
    double p2 = bler_ldpc(a->bler, s.qm, 132 * 20, s.tb_bytes * 8, db + 10 * log10(2));
    uint32_t lost = 0, both = 0;
    const uint32_t n = 4000;
    for (uint32_t i = 0; i < n; i++) {
        soft_t soft = {0};
        s.new_data = true;
        if (air_decode(a, &soft, &s, db))
            continue;
        lost++;
        s.new_data = false;
        both += !air_decode(a, &soft, &s, db);
    }
    CU_ASSERT(lost > n / 2);
    CU_ASSERT_DOUBLE_EQUAL((double)both / n, p2, 4 * sqrt(p2 * (1 - p2) / n) + 1e-3);
    air_destroy(a);
}

/* A CQI promises at most 10% loss of its own efficiency, the next one more. TS 38.214 5.2.2.1 */
static void test_cqi(void)
{
    air_t *a = one(0, 0);
    ue_air_t face = air_face(a, 0);
    uint8_t last = 0;
    for (double db = -10; db < 32; db += 0.25) {
        air_set_sinr(a, 0, db, db);
        for (uint8_t table = 1; table <= 2; table++) {
            uint8_t cqi = face.cqi(face.ctx, table);
            mcs_t m;
            const uint32_t n_re = 51 * 120;
            if (cqi_get(table, cqi, &m))
                CU_ASSERT(bler_ldpc(a->bler, m.qm, n_re, n_re * m.qm * m.rate_x10 / 10240, db) <= 0.1);
            if (cqi_get(table, (uint8_t)(cqi + 1), &m))
                CU_ASSERT(bler_ldpc(a->bler, m.qm, n_re, n_re * m.qm * m.rate_x10 / 10240, db) > 0.1);
            if (table == 2) {
                CU_ASSERT(cqi >= last);
                last = cqi;
            }
        }
    }
    CU_ASSERT_EQUAL(last, 15);
    air_destroy(a);
}

/* Slow fading: repeatable, of the configured spread, correlated over its coherence time. */
static void test_fading(void)
{
    air_ue_config_t c = {.sinr_dl_db = 10, .sinr_ul_db = 10, .fading_db = 4, .coherence_ms = 100};
    air_t *a = NULL, *b = NULL;
    static fapi_ul_slot_t ul;
    double sum = 0, square = 0, lag = 0, before = 0;
    const uint32_t n = 400000;
    CU_ASSERT_EQUAL_FATAL(air_create(&c, 1, 51, 3, &a), 0);
    CU_ASSERT_EQUAL_FATAL(air_create(&c, 1, 51, 3, &b), 0);
    uint32_t samples = 0;
    for (uint32_t i = 0; i < n; i++) {
        air_begin(a, i, NULL);
        air_end(a, &ul);
        if (i < 1000) {
            air_begin(b, i, NULL);
            CU_ASSERT_EQUAL(air_sinr_dl(a, 0), air_sinr_dl(b, 0));
        }
        if (i % 200)
            continue;
        double x = air_sinr_dl(a, 0) - 10; /* once in 100 ms: lag one is the coherence time */
        sum += x;
        square += x * x;
        lag += x * before;
        before = x;
        samples++;
    }
    CU_ASSERT_DOUBLE_EQUAL(sum / samples, 0, 0.5);
    CU_ASSERT_DOUBLE_EQUAL(sqrt(square / samples), 4, 0.4);
    CU_ASSERT_DOUBLE_EQUAL(lag / square, exp(-1), 0.08);
    air_destroy(a);
    air_destroy(b);
}

/* A slab with every count and offset wrong is survived and counted. */
static void test_hostile_slab(void)
{
    air_t *a = one(20, 20);
    ue_air_t face = air_face(a, 0);
    fapi_dl_slot_t *dl = aligned_alloc(64, sizeof *dl);
    fapi_ul_slot_t *ul = aligned_alloc(64, sizeof *ul);
    ue_rx_t rx;
    uint32_t x = 1;
    CU_ASSERT_PTR_NOT_NULL_FATAL(dl);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ul);
    for (uint32_t round = 0; round < 50; round++) {
        uint8_t *p = (uint8_t *)dl;
        for (size_t i = 0; i < sizeof *dl - FAPI_TX_BYTES; i++) {
            x = x * 1664525 + 1013904223;
            p[i] = (uint8_t)(x >> 24);
        }
        dl->n_pdsch = FAPI_MAX_PDSCH;
        if (round & 1)
            dl->n_pdcch = dl->n_ul_dci = FAPI_MAX_DCI, dl->n_pusch = FAPI_MAX_PUSCH,
            dl->n_pucch = FAPI_MAX_PUCCH;
        air_begin(a, round, dl);
        air_rx(a, 0, &rx);
        for (uint32_t i = 0; i < FAPI_MAX_PDSCH; i++) {
            ue_sch_t t = block(5);
            t.rnti = dl->pdsch[i].rnti;
            t.n_prb = dl->pdsch[i].rb_size;
            t.tb_bytes = dl->pdsch[i].tb_bytes;
            t.harq_id = dl->pdsch[i].harq_id;
            face.pdsch(face.ctx, &t);
        }
        ue_pusch_tx_t tx = {.sch = block(3), .tb = (const uint8_t *)dl};
        tx.sch.rnti = dl->pusch[0].rnti;
        face.pusch(face.ctx, &tx);
        air_end(a, ul);
        CU_ASSERT(ul->n_pusch <= FAPI_MAX_PUSCH && ul->n_uci <= FAPI_MAX_PUCCH &&
                  ul->rx_bytes <= FAPI_RX_BYTES);
    }
    CU_ASSERT(air_counters(a)->slab_bad > 50);
    free(dl);
    free(ul);
    air_destroy(a);
}

CU_MAIN("air", {"information of QAM", test_information}, {"waterfalls", test_waterfalls},
        {"draws", test_draws}, {"HARQ gain", test_harq_gain}, {"CQI", test_cqi}, {"fading", test_fading},
        {"hostile slab", test_hostile_slab})
