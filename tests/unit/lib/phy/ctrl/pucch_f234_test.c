/* SPDX-License-Identifier: Apache-2.0 */
/* PUCCH formats 2, 3 and 4 through noise, delay, frequency offset, fading and other UEs; two-part CSI; how
 * often noise is taken for UCI; refusals. */
#include "lib/phy/ctrl/pucch_internal.h"
#include "tests/unit/cu.h"
#include "tests/unit/lib/phy/ctrl/rig.h"

#include <errno.h>

static phy_t *phy;
static pucch_work_t *work;
static rig_memory_t ue_memory, rx_memory;

static void setup(void)
{
    if (phy)
        return;
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_BEST, &phy), 0);
    work = aligned_alloc(PHY_ALIGN, (pucch_work_size() + PHY_ALIGN - 1) / PHY_ALIGN * PHY_ALIGN);
    CU_ASSERT_PTR_NOT_NULL_FATAL(work);
    memset(work, 0, pucch_work_size());
}

static pucch_cfg_t base_cfg(uint8_t format)
{
    return (pucch_cfg_t){.format = format,
                         .mu = 1,
                         .slot = 7,
                         .n_grid_prb = 24,
                         .grid_crb = 5,
                         .prb_start = 2,
                         .second_hop_prb = 12,
                         .n_prb = format == 4 ? 1 : 4,
                         .start_symbol = format == 2 ? 12 : 0,
                         .n_symbols = format == 2 ? 2 : 14,
                         .hopping_id = 321,
                         .occ_length = 2,
                         .rnti = 0x4601,
                         .n_id = 99,
                         .n_id0 = 12345,
                         .n_harq = 4,
                         .n_rx = 4};
}

static pucch_plan_t plan_of(const pucch_cfg_t *c)
{
    pucch_plan_t p;
    phy_refusal_t why = {0};
    int err = pucch_plan(phy, c, &p, &why);
    if (err)
        printf("refused %s %ld\n", why.field, (long)why.value);
    CU_ASSERT_EQUAL_FATAL(err, 0);
    return p;
}

static void random_bits(uint8_t *bits, unsigned n)
{
    memset(bits, 0, (n + 7) / 8);
    for (unsigned i = 0; i < n; i++)
        bits[i / 8] |= (uint8_t)(rig_below(2) << (7 - i % 8));
}

/* One transmission; true when the bits arrive. */
static bool once(const pucch_cfg_t *c, const rig_path_t *path, double sigma, pucch_result_t *r)
{
    pucch_plan_t p = plan_of(c);
    uint8_t bits[PUCCH_MAX_UCI_BYTES];
    random_bits(bits, p.n_uci);
    phy_grid_t g = rig_grid(&ue_memory, c->n_grid_prb, 1), rx = rig_grid(&rx_memory, c->n_grid_prb, c->n_rx);
    pucch_transmit(phy, &p, &(pucch_uci_t){.uci = bits}, 1, &g, 0);
    rig_clear();
    rig_add(&g, 0, c->n_rx, c->mu, path, NULL);
    rig_receive(&rx, sigma, (unsigned)(p.data_mask | p.dmrs_mask));
    pucch_decode(phy, &p, &rx, work, r);
    return r->detected && r->crc_ok && r->n_uci == p.n_uci && memcmp(bits, r->uci, (p.n_uci + 7) / 8) == 0;
}

/* Every format, modulation, DMRS and hop arrangement that fits, with delay and offset. */
static void test_arrangements(void)
{
    setup();
    rig_seed(11);
    for (unsigned t = 0; t < 240; t++) {
        pucch_cfg_t c = base_cfg((uint8_t)(2 + t % 3));
        static const uint8_t sizes[] = {1, 2, 3, 4, 5, 6, 8, 9, 10};
        if (c.format < 4)
            c.n_prb = sizes[rig_below(sizeof sizes)];
        c.n_symbols = (uint8_t)(c.format == 2 ? 1 + rig_below(2) : 4 + rig_below(11));
        c.start_symbol = (uint8_t)rig_below(15u - c.n_symbols);
        c.intra_slot_hopping = rig_below(2);
        c.additional_dmrs = rig_below(2);
        c.pi2_bpsk = rig_below(2);
        c.group_hopping = (uint8_t)rig_below(3);
        c.occ_length = (uint8_t)(2 << rig_below(2));
        c.occ_index = (uint8_t)rig_below(c.occ_length);
        c.slot = (uint16_t)rig_below(20);
        c.n_rx = (uint8_t)(1 + rig_below(8));
        c.n_harq = (uint16_t)(3 + rig_below(2));
        c.n_csi1 = 0;
        rig_path_t path = {
            .gain = 0.3, .delay_ns = 300 * rig_uniform() - 100, .offset_hz = 100 * rig_uniform() - 50};
        pucch_result_t r;
        bool ok = once(&c, &path, 0.03 * PHY_UNIT, &r);
        CU_ASSERT_TRUE(ok);
        if (!ok)
            printf("format %u prb %u symbols %u hop %d add %d bpsk %d sf %u rx %u det %d metric %.2f\n",
                   c.format, c.n_prb, c.n_symbols, c.intra_slot_hopping, c.additional_dmrs, c.pi2_bpsk,
                   c.occ_length, c.n_rx, r.detected, r.metric);
    }
}

/* Payloads over all codes: small blocks, CRC6, CRC11, two segments. */
static void test_payloads(void)
{
    setup();
    rig_seed(12);
    static const struct {
        uint8_t format, n_prb;
        uint16_t bits;
    } cases[] = {{2, 1, 10}, {2, 2, 11},  {2, 3, 12},   {2, 4, 19},    {2, 4, 20}, {2, 16, 180},
                 {3, 1, 60}, {3, 4, 200}, {3, 16, 400}, {3, 16, 1100}, {4, 1, 11}, {4, 1, 30}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
        for (unsigned t = 0; t < 2; t++) {
            pucch_cfg_t c = base_cfg(cases[i].format);
            c.n_prb = cases[i].n_prb;
            c.n_grid_prb = 32;
            c.prb_start = 8;
            c.n_harq = 2;
            c.sr_bits = 1;
            c.n_csi1 = (uint16_t)(cases[i].bits - 3);
            pucch_result_t r;
            CU_ASSERT_TRUE(once(&c, &(rig_path_t){.gain = 0.4, .delay_ns = 100}, 0.02 * PHY_UNIT, &r));
            CU_ASSERT_EQUAL(r.has_crc, cases[i].bits >= 12);
        }
}

/* A channel with an echo (fading in frequency) and Rayleigh antennas, four of them. */
static void test_fading(void)
{
    setup();
    rig_seed(13);
    for (uint8_t format = 2; format <= 4; format++) {
        unsigned ok = 0;
        for (unsigned t = 0; t < 60; t++) {
            pucch_cfg_t c = base_cfg(format);
            c.intra_slot_hopping = t % 2;
            pucch_result_t r;
            ok += once(
                &c, &(rig_path_t){.gain = 0.3, .echo = 0.5, .echo_ns = 250, .fading = true, .delay_ns = 50},
                0.06 * PHY_UNIT, &r);
        }
        CU_ASSERT(ok >= 59);
    }
}

/* Levels, noise and delay are what was put in. */
static void test_measured(void)
{
    setup();
    rig_seed(14);
    for (uint8_t format = 2; format <= 4; format++) {
        double delay = 0, sinr = 0, noise = 0, rsrp = 0;
        unsigned n = 60;
        for (unsigned t = 0; t < n; t++) {
            pucch_cfg_t c = base_cfg(format);
            pucch_result_t r;
            CU_ASSERT_TRUE(once(&c, &(rig_path_t){.gain = 0.25, .delay_ns = 200}, 0.1 * PHY_UNIT, &r));
            delay += r.ta_ns / n;
            sinr += r.sinr_db / n;
            noise += r.noise_dbfs / n;
            rsrp += r.rsrp_dbfs / n;
        }
        CU_ASSERT_DOUBLE_EQUAL(delay, 200, format == 4 ? 40 : 25);
        CU_ASSERT_DOUBLE_EQUAL(sinr, 20 * log10(2.5) + 6, 1);
        CU_ASSERT_DOUBLE_EQUAL(noise, 20 * log10(0.1 * PHY_UNIT / 32767), 0.7);
        CU_ASSERT_DOUBLE_EQUAL(rsrp, 20 * log10(0.25 * PHY_UNIT / 32767), 0.7);
        if (fabs(delay - 200) > 20)
            printf("format %u delay %.1f sinr %.2f noise %.2f rsrp %.2f\n", format, delay, sinr, noise, rsrp);
    }
}

/* Format 4: up to four UEs on one PRB. */
static void test_spread_ues(void)
{
    setup();
    rig_seed(15);
    for (uint8_t n_sf = 2; n_sf <= 4; n_sf += 2)
        for (unsigned t = 0; t < 20; t++) {
            pucch_plan_t plans[4];
            uint8_t bits[4][2];
            phy_grid_t rx = rig_grid(&rx_memory, 24, 4);
            rig_clear();
            for (uint8_t i = 0; i < n_sf; i++) {
                pucch_cfg_t c = base_cfg(4);
                c.occ_length = n_sf;
                c.occ_index = i;
                c.rnti = (uint16_t)(100 + i);
                c.n_harq = 8;
                c.intra_slot_hopping = t % 2;
                plans[i] = plan_of(&c);
                random_bits(bits[i], 8);
                phy_grid_t g = rig_grid(&ue_memory, 24, 1);
                pucch_transmit(phy, &plans[i], &(pucch_uci_t){.uci = bits[i]}, 1, &g, 0);
                rig_add(&g, 0, 4, 1, &(rig_path_t){.gain = 0.3, .delay_ns = 60 * rig_uniform()}, NULL);
            }
            rig_receive(&rx, 0.04 * PHY_UNIT, 0x3fff);
            for (unsigned i = 0; i < n_sf; i++) {
                pucch_result_t r;
                pucch_decode(phy, &plans[i], &rx, work, &r);
                CU_ASSERT(r.detected && r.uci[0] == bits[i][0]);
            }
        }
}

/* CSI of two parts: the second one's size is known from the first. */
static void test_two_parts(void)
{
    setup();
    rig_seed(16);
    for (unsigned t = 0; t < 60; t++) {
        pucch_cfg_t c = base_cfg(t % 2 ? 3 : 4);
        c.n_symbols = (uint8_t)(10 + rig_below(5));
        c.intra_slot_hopping = rig_below(2);
        c.n_harq = 1;
        c.n_csi1 = (uint16_t)(c.format == 3 ? 10 + rig_below(30) : 3 + rig_below(6));
        c.csi2 = true;
        c.n_csi2 = (uint16_t)(1 + rig_below(c.format == 3 ? 40 : 8));
        c.max_code_rate_x100 = c.format == 3 ? 25 : 35;
        c.occ_length = 2;
        pucch_plan_t p = plan_of(&c);
        uint8_t one[16], two[16];
        random_bits(one, p.n_uci);
        random_bits(two, c.n_csi2);
        phy_grid_t g = rig_grid(&ue_memory, 24, 1), rx = rig_grid(&rx_memory, 24, 4);
        pucch_transmit(phy, &p, &(pucch_uci_t){.uci = one, .csi2 = two}, 1, &g, 0);
        rig_clear();
        rig_add(&g, 0, 4, 1, &(rig_path_t){.gain = 0.4}, NULL);
        rig_receive(&rx, 0.02 * PHY_UNIT, 0x3fff);
        /* The receiver's plan does not know the second size. */
        pucch_cfg_t blind = c;
        blind.n_csi2 = 0;
        pucch_plan_t q = plan_of(&blind);
        pucch_result_t r;
        pucch_decode(phy, &q, &rx, work, &r);
        CU_ASSERT(r.detected && memcmp(r.uci, one, (p.n_uci + 7) / 8) == 0);
        phy_refusal_t why;
        CU_ASSERT_EQUAL(pucch_decode_csi2(phy, &q, c.n_csi2, work, &r, &why), 0);
        CU_ASSERT(r.n_csi2 == c.n_csi2 && r.crc_ok && memcmp(r.csi2, two, (c.n_csi2 + 7u) / 8u) == 0);
        CU_ASSERT_EQUAL(pucch_decode_csi2(phy, &q, 1706, work, &r, &why), -EINVAL);
    }
}

/* 38.212 table 6.3.1.6-1, some rows: which symbols the first part fills first. */
static void test_part1_order(void)
{
    setup();
    static const struct {
        uint8_t n_symbols;
        bool hop, add;
        uint8_t first[8], n_first; /* places among the symbols */
    } rows[] = {{4, false, false, {0, 2}, 2},
                {10, false, false, {1, 3, 6, 8}, 4},
                {13, false, true, {0, 2, 3, 5, 6, 8, 10, 12}, 8},
                {14, false, false, {2, 4, 9, 11}, 4},
                {5, true, false, {1, 2, 4}, 3}};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        pucch_cfg_t c = base_cfg(3);
        c.n_symbols = rows[i].n_symbols;
        c.intra_slot_hopping = rows[i].hop;
        c.additional_dmrs = rows[i].add;
        pucch_plan_t p = plan_of(&c);
        unsigned per = 48, n = 0, mask = 0;
        p.e_part1 = per * rows[i].n_first * p.qm; /* as many as the first set holds */
        uint16_t got[14];
        pucch_part1_symbols(&p, got);
        for (unsigned l = 0; l < c.n_symbols; l++)
            if (p.data_mask >> l & 1) {
                CU_ASSERT(got[n] == 0 || got[n] == per);
                mask |= got[n++] ? 1u << l : 0;
            }
        unsigned want = 0;
        for (unsigned k = 0; k < rows[i].n_first; k++)
            want |= 1u << rows[i].first[k];
        CU_ASSERT_EQUAL(mask, want);
    }
}

/* DTX to ACK at most 1% (TS 38.104 8.3.3 to 8.3.6). */
static void test_false_alarm(void)
{
    setup();
    rig_seed(17);
    static const struct {
        uint8_t format, n_prb, bits, n_rx;
        unsigned slots;
    } cases[] = {{2, 1, 4, 2, 1500}, {2, 4, 4, 4, 800}, {2, 4, 11, 2, 800}, {2, 4, 14, 2, 600},
                 {3, 1, 16, 2, 300}, {4, 1, 8, 2, 400}, {2, 6, 22, 2, 500}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        pucch_cfg_t c = base_cfg(cases[i].format);
        c.n_grid_prb = 6;
        c.prb_start = 0;
        c.n_prb = cases[i].n_prb;
        c.n_harq = cases[i].bits;
        c.n_rx = cases[i].n_rx;
        pucch_plan_t p = plan_of(&c);
        unsigned heard = 0;
        rig_clear();
        for (unsigned t = 0; t < cases[i].slots; t++) {
            phy_grid_t rx = rig_grid(&rx_memory, 6, c.n_rx);
            rig_receive(&rx, 200, (unsigned)(p.data_mask | p.dmrs_mask));
            pucch_result_t r;
            pucch_decode(phy, &p, &rx, work, &r);
            heard += r.detected;
        }
        CU_ASSERT(rig_rate_below(heard, cases[i].slots, 3.1) <= 0.01);
        if (rig_rate_below(heard, cases[i].slots, 3.1) > 0.01 || getenv("VERBOSE"))
            printf("format %u prb %u bits %u: %u of %u\n", cases[i].format, cases[i].n_prb, cases[i].bits,
                   heard, cases[i].slots);
    }
}

static void refused(pucch_cfg_t c, const char *field)
{
    pucch_plan_t p;
    phy_refusal_t why = {0};
    CU_ASSERT_EQUAL(pucch_plan(phy, &c, &p, &why), -EINVAL);
    CU_ASSERT(why.field && strcmp(why.field, field) == 0);
    if (!why.field || strcmp(why.field, field))
        printf("wanted %s, got %s\n", field, why.field ? why.field : "none");
}

static void test_refusals(void)
{
    setup();
#define REFUSED(format, member, value)                                                                       \
    do {                                                                                                     \
        pucch_cfg_t c_ = base_cfg(format);                                                                   \
        c_.member = value;                                                                                   \
        refused(c_, #member);                                                                                \
    } while (0)
    REFUSED(2, n_symbols, 3);
    REFUSED(3, n_symbols, 15);
    REFUSED(2, n_prb, 17);
    REFUSED(3, n_prb, 7);
    REFUSED(3, n_prb, 0);
    REFUSED(4, n_prb, 2);
    REFUSED(4, occ_length, 3);
    REFUSED(4, occ_index, 2);
    REFUSED(2, n_id, 1024);
    REFUSED(3, sr_bits, 5);
    REFUSED(2, n_harq, 1707);
    REFUSED(2, n_harq, 129); /* code rate above one: 128 coded bits */
    pucch_cfg_t c = base_cfg(2);
    c.n_harq = 2;
    refused(c, "n_csi1"); /* too few bits for the format */
    c = base_cfg(2);
    c.csi2 = true;
    refused(c, "csi2");
    c = base_cfg(3);
    c.csi2 = true;
    refused(c, "max_code_rate_x100");
}

/* Any samples: results stay finite, and a plan of another UE decodes as before. */
static void test_extremes(void)
{
    setup();
    rig_seed(18);
    for (unsigned kind = 0; kind < 3; kind++)
        for (uint8_t format = 2; format <= 4; format++) {
            pucch_cfg_t c = base_cfg(format);
            c.n_harq = 20;
            pucch_plan_t p = plan_of(&c);
            phy_grid_t rx = rig_grid(&rx_memory, 24, 4);
            for (unsigned i = 0; i < sizeof rx_memory.re / sizeof *rx_memory.re && kind; i++)
                rx_memory.re[i] =
                    kind == 1 ? (ci16_t){-32768, 32767} : (ci16_t){(int16_t)rig_next(), (int16_t)rig_next()};
            pucch_result_t r;
            pucch_decode(phy, &p, &rx, work, &r);
            CU_ASSERT(isfinite(r.sinr_db) && isfinite(r.noise_dbfs) && isfinite(r.ta_ns) &&
                      isfinite(r.rssi_dbfs));
            if (kind == 0)
                CU_ASSERT_FALSE(r.detected);
        }
    pucch_result_t r;
    pucch_cfg_t c = base_cfg(2);
    CU_ASSERT_TRUE(once(&c, &(rig_path_t){.gain = 0.3}, 0.02 * PHY_UNIT, &r));
}

CU_MAIN("pucch_f234", {"every arrangement arrives", test_arrangements}, {"every payload size", test_payloads},
        {"fading", test_fading}, {"levels, noise and delay", test_measured},
        {"UEs spread over a PRB", test_spread_ues}, {"CSI of two parts", test_two_parts},
        {"the first part lies near the DMRS", test_part1_order}, {"noise is not UCI", test_false_alarm},
        {"what the standard does not allow is refused by name", test_refusals},
        {"extreme samples", test_extremes})
