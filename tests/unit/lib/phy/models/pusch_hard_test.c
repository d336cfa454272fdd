/* SPDX-License-Identifier: Apache-2.0 */
/* PUSCH where receivers break: antennas dead or much stronger than the others, samples at full scale, strong
 * neighbours in frequency, the narrowest and the widest allocations at the ends of the carrier, every DM-RS
 * type and length, UCI of every size with and without UL-SCH. Signals are the model's. */
#include "lib/mac/mcs.h"
#include "tests/unit/lib/phy/models/air.h"
#include "tests/unit/lib/phy/models/pusch_case.h"
#include "tests/unit/lib/phy/pusch/rig.h"

static rig_random_t payload_random = {5};
static unsigned slot_number;

/* The model's signal of a rig's payload, on its tx grid. */
static void send(rig_t *r, const pusch_cfg_t *cfg)
{
    model_shared_t m = pusch_model(cfg);
    size_t n = model_shared_bits(&m);
    CU_ASSERT_EQUAL_FATAL(n, r->plan.g_bits);
    uint8_t *word = calloc(n / 8 + 64, 1);
    int8_t *bits = malloc(n + 1);
    cplx_t *grid = make_model_grid(cfg->n_tx_ports, cfg->n_grid_prb);
    pusch_payload_t p = {r->tb, r->uci[0], r->uci[1], r->uci[2]};
    pusch_tx_codeword(r->phy, &r->plan, &p, r->tx_work, word);
    /* Placeholders of 1 and 2 bits are what they are behind scrambling: taken back through it. */
    uint8_t *c = malloc(n + 1);
    model_gold(m.c_init, n, c);
    for (size_t i = 0; i < n; i++)
        word[i / 8] ^= (uint8_t)(c[i] << (7 - i % 8));
    if (r->plan.ulsch.has_uci && r->plan.ulsch.has_placeholders)
        ulsch_fix_placeholders(&r->plan.ulsch, word);
    for (size_t i = 0; i < n; i++)
        bits[i] = (int8_t)((word[i / 8] >> (7 - i % 8) & 1) ^ c[i]);
    free(c);
    model_shared_transmit(&m, bits, grid);
    air_send(grid, 1, &r->tx);
    free(word);
    free(bits);
    free(grid);
}

static rig_t *through(const pusch_cfg_t *cfg, double snr_db)
{
    phy_refusal_t why = {0};
    rig_t *r = rig_create(phys[phy_isa_detect()], cfg, &payload_random, &why);
    if (!r) {
        printf("\nrefused: %s %ld, not %s\n", why.field, (long)why.value, why.expected);
        CU_FAIL_FATAL("refused");
    }
    send(r, cfg);
    channel_t *c = air_channel(CHANNEL_AWGN, cfg->n_tx_ports, cfg->n_rx, cfg->mu, cfg->n_grid_prb, 100, 0,
                               600 + slot_number);
    channel_slot(c, slot_number++);
    channel_apply(c, &r->tx, (float)db(-snr_db), false, &r->rx);
    channel_destroy(c);
    return r;
}

static bool heard(rig_t *r, const pusch_cfg_t *cfg)
{
    const pusch_result_t *got = rig_receive(r, &r->plan, 0);
    const float all[] = {got->rsrp_db, got->epre_db, got->noise_db, got->sinr_db, got->post_sinr_db};
    for (unsigned i = 0; i < 5; i++)
        CU_ASSERT(isfinite(all[i]));
    return got->crc_ok && memcmp(r->got, r->tb, cfg->tb_bytes) == 0;
}

static pusch_cfg_t plain(unsigned n_prb, unsigned n_layers, unsigned n_rx, unsigned qm)
{
    pusch_cfg_t c = rig_cfg(n_prb, n_layers, n_rx, qm);
    c.rate_x10 = 5000;
    c.tb_bytes = tbs_bits(12 * 10, n_prb, qm, 5000, n_layers, 0) / 8;
    return c;
}

static void scale(rig_t *r, unsigned ant, double by)
{
    for (unsigned l = 0; l < PHY_SYMBOLS; l++)
        for (unsigned k = 0; k < r->rx.n_sc; k++) {
            ci16_t *x = &phy_grid_symbol(&r->rx, ant, l)[k];
            *x = (ci16_t){rig_sample(x->re * by), rig_sample(x->im * by)};
        }
}

static void test_antennas(void)
{
    make_phys();
    for (unsigned kind = EQ_MMSE; kind <= EQ_IRC; kind++)
        for (unsigned layers = 1; layers <= 2; layers++)
            for (unsigned what = 0; what < 5; what++) {
                pusch_cfg_t c = plain(8, layers, 4, 4);
                c.equalizer = (eq_kind_t)kind;
                rig_t *r = through(&c, 20);
                if (what == 0)
                    scale(r, 1, 0); /* dead */
                else if (what == 1)
                    scale(r, 2, 1 / 31.6); /* 30 dB weaker */
                else if (what == 2)
                    for (unsigned a = 1; a < 4; a++)
                        scale(r, a, 1 / 31.6);
                else if (what == 3)
                    for (unsigned a = 0; a < 4; a++)
                        scale(r, a, 8); /* peaks at full scale */
                else
                    for (unsigned a = 0; a < 4; a++)
                        scale(r, a, 1 / 16.0);
                bool ok = heard(r, &c);
                /* one strong antenna cannot tell layers apart, nor do the weak ones' few bits */
                if (what != 2 || layers == 1) {
                    CU_ASSERT(ok);
                    if (!ok)
                        printf("\nlost: equalizer %u, layers %u, what %u", kind, layers, what);
                }
                rig_destroy(r);
            }
    destroy_phys();
}

/* Nothing, and anything at full scale: no result, and no trap on the way. */
static void test_no_signal(void)
{
    make_phys();
    for (unsigned what = 0; what < 4; what++)
        for (unsigned transform = 0; transform < 2; transform++) {
            pusch_cfg_t c = plain(5, 1, 2, 2);
            c.transform_precoding = transform;
            c.n_harq_ack = 2;
            c.beta_harq_ack_x1000 = ulsch_beta_ack(8);
            rig_t *r = through(&c, 20);
            for (unsigned a = 0; a < 2; a++)
                for (unsigned l = 0; l < PHY_SYMBOLS; l++)
                    for (unsigned k = 0; k < r->rx.n_sc; k++) {
                        int16_t x = what == 0                       ? 0
                                    : what == 1                     ? 32767
                                    : what == 2                     ? -32767
                                    : rig_next(&payload_random) & 1 ? 32767
                                                                    : -32768;
                        phy_grid_symbol(&r->rx, a, l)[k] = (ci16_t){x, x};
                    }
            CU_ASSERT_FALSE(heard(r, &c));
            rig_destroy(r);
        }
    destroy_phys();
}

/* A UE 30 dB stronger on the PRBs beside. */
static void test_neighbour(void)
{
    make_phys();
    for (unsigned type = 1; type <= 2; type++) {
        pusch_cfg_t c = plain(2, 1, 2, 6);
        c.dmrs_type = (uint8_t)type;
        rig_t *r = through(&c, 25);
        for (unsigned a = 0; a < 2; a++)
            for (unsigned l = 0; l < PHY_SYMBOLS; l++)
                for (unsigned k = 0; k < r->rx.n_sc; k++)
                    if (k / 12 < c.prb_start || k / 12 >= c.prb_start + 2u)
                        phy_grid_symbol(&r->rx, a, l)[k] =
                            (ci16_t){(int16_t)(rig_next(&payload_random) & 1 ? 20000 : -20000),
                                     (int16_t)(rig_next(&payload_random) & 1 ? 20000 : -20000)};
        CU_ASSERT(heard(r, &c));
        rig_destroy(r);
    }
    destroy_phys();
}

/* Widths and places, all DM-RS. */
static void test_edges(void)
{
    make_phys();
    static const uint16_t widths[] = {1, 2, 3, 7};
    for (unsigned type = 1; type <= 2; type++)
        for (unsigned length = 1; length <= 2; length++)
            for (unsigned w = 0; w < 4; w++)
                for (unsigned top = 0; top < 2; top++) {
                    pusch_cfg_t c = plain(widths[w], 1, 2, 4);
                    c.n_grid_prb = 24;
                    c.prb_start = (uint16_t)(top ? 24 - widths[w] : 0);
                    c.dmrs_type = (uint8_t)type;
                    c.dmrs_length = (uint8_t)length;
                    c.dmrs_symbols = length == 2 ? 0xc0c : 0x804;
                    c.dmrs_port[0] = (uint8_t)random_below(type * 2 + 2);
                    c.n_cdm_groups_no_data = (uint8_t)(type + 1);
                    rig_t *r = through(&c, 20);
                    bool ok = heard(r, &c);
                    CU_ASSERT(ok);
                    if (!ok)
                        print_pusch(&c);
                    rig_destroy(r);
                }
    pusch_cfg_t c = plain(1, 1, 1, 2);
    c.n_grid_prb = 275;
    c.n_prb = 275;
    c.prb_start = 0;
    c.grid_start = 0;
    c.n_symbols = 3;
    c.dmrs_symbols = 1;
    c.tb_bytes = tbs_bits(12, 275, 2, 5000, 1, 0) / 8;
    rig_t *r = through(&c, 12);
    CU_ASSERT(heard(r, &c));
    rig_destroy(r);
    destroy_phys();
}

static bool same_uci(const pusch_uci_t *got, const uint8_t *sent, unsigned n)
{
    return n == 0 || (got->present && got->valid && got->n_bits == n && memcmp(got->bits, sent, n / 8) == 0 &&
                      (n % 8 == 0 || (got->bits[n / 8] ^ sent[n / 8]) >> (8 - n % 8) == 0));
}

static void test_uci(void)
{
    make_phys();
    static const uint16_t acks[] = {0, 1, 2, 3, 11, 12, 30}, csis[] = {0, 1, 2, 5, 14, 40};
    unsigned n = 0;
    for (unsigned i = 0; i < 120; i++) {
        pusch_cfg_t c = plain((unsigned)between(4, 12), between(1, 2), 4, 2u * between(1, 3));
        c.n_prb = c.n_prb == 7 || c.n_prb == 11 ? 8 : c.n_prb;
        bool data = random_below(2);
        c.tb_bytes = data ? tbs_bits(12 * 6, c.n_prb, c.qm, 5000, c.n_layers, 0) / 8 : 0;
        c.rate_x10 = data ? 5000 : 3000;
        c.transform_precoding = c.n_layers == 1 && random_below(2);
        c.freq_hopping = random_below(2);
        c.prb_start = 0;
        c.second_hop_prb = (uint16_t)(c.n_grid_prb - c.n_prb);
        c.dmrs_symbols = c.freq_hopping ? 1u << 2 | 1u << 9 : 1u << 2 | 1u << 11;
        c.n_harq_ack = acks[random_below(7)];
        c.n_csi1 = csis[random_below(6)];
        c.n_csi2 = c.n_csi1 ? csis[random_below(6)] : 0;
        c.beta_harq_ack_x1000 = ulsch_beta_ack(9);
        c.beta_csi1_x1000 = c.beta_csi2_x1000 = ulsch_beta_csi(9);
        if (c.n_harq_ack + c.n_csi1 == 0)
            continue;
        phy_refusal_t why;
        pusch_plan_t *plan = malloc(sizeof *plan);
        int refused = pusch_plan(phys[0], &c, plan, &why);
        /* UCI may leave the UL-SCH too little */
        bool hopeless = !refused && data && c.tb_bytes * 8.0 > 0.85 * plan->sch.g_bits;
        free(plan);
        if (refused || hopeless)
            continue;
        n++;
        rig_t *r = through(&c, 22);
        pusch_plan_t *first = malloc(sizeof *first); /* the receiver learns csi2's size from csi1 */
        pusch_cfg_t late = c;
        late.csi2_follows = c.n_csi2 > 0;
        CU_ASSERT_EQUAL_FATAL(pusch_plan(r->phy, &late, first, &why), 0);
        const pusch_result_t *got = rig_receive(r, first, c.n_csi2);
        bool ok = same_uci(&got->harq_ack, r->uci[0], c.n_harq_ack) &&
                  same_uci(&got->csi1, r->uci[1], c.n_csi1) && same_uci(&got->csi2, r->uci[2], c.n_csi2) &&
                  (!data || (got->crc_ok && memcmp(r->got, r->tb, c.tb_bytes) == 0));
        CU_ASSERT(ok);
        if (!ok) {
            printf("\nack %u csi1 %u csi2 %u data %u: ack %d csi1 %d csi2 %d crc %d ", c.n_harq_ack, c.n_csi1,
                   c.n_csi2, c.tb_bytes, same_uci(&got->harq_ack, r->uci[0], c.n_harq_ack),
                   same_uci(&got->csi1, r->uci[1], c.n_csi1), same_uci(&got->csi2, r->uci[2], c.n_csi2),
                   got->crc_ok);
            print_pusch(&c);
        }
        free(first);
        rig_destroy(r);
    }
    CU_ASSERT(n > 60);
    destroy_phys();
}

CU_MAIN("pusch in hard places", {"antennas", test_antennas}, {"no signal", test_no_signal},
        {"strong neighbour", test_neighbour}, {"edges", test_edges}, {"UCI", test_uci})
