/* SPDX-License-Identifier: Apache-2.0 */
/* PUCCH formats 2 to 4 beside models of both ends. */
#include "lib/phy/ctrl/pucch_tx.h"
#include "tests/models/pucch_coded.h"
#include "tests/unit/lib/phy/models/air.h"

#define PRBS 20
#define GRID (MODEL_SYMBOLS * PRBS * 12)
#define GAIN 0.25 /* of air_channel */
#define MAX_RX 4
#define DELAY_NS 100

typedef struct {
    pucch_cfg_t cfg;
    pucch_plan_t plan;
    model_pucch_t m;
    uint8_t bits[512], packed[64];
    phy_grid_t tx, rx;
    cplx_t sent[GRID], received[MAX_RX * GRID];
    pucch_work_t *work;
} link_t;

static void random_link(link_t *u, unsigned format)
{
    static const uint8_t sizes[] = {1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 15, 16};
    pucch_cfg_t *c = &u->cfg;
    do {
        *c = (pucch_cfg_t){.format = (uint8_t)format,
                           .mu = (uint8_t)random_below(2),
                           .slot = (uint16_t)random_below(10),
                           .n_grid_prb = PRBS,
                           .grid_crb = (uint16_t)random_below(100),
                           .intra_slot_hopping = random_below(2),
                           .group_hopping = (uint8_t)(format == 2 ? 0 : random_below(3)),
                           .hopping_id = (uint16_t)random_below(1024),
                           .rnti = (uint16_t)between(1, 65519),
                           .n_id = (uint16_t)random_below(1024),
                           .n_id0 = (uint16_t)random_below(65536),
                           .additional_dmrs = format > 2 && random_below(2),
                           .pi2_bpsk = format > 2 && random_below(2),
                           .n_rx = (uint8_t)(1u << random_below(3))};
        c->n_prb = format == 2 ? (uint8_t)between(1, 16) : format == 3 ? sizes[random_below(12)] : 1;
        if (c->n_prb >= 3 && c->n_prb <= 5 && c->group_hopping == 2)
            c->group_hopping = 1; /* no second sequence below 72 subcarriers */
        c->prb_start = (uint16_t)random_below(PRBS - c->n_prb + 1u);
        c->second_hop_prb = (uint16_t)random_below(PRBS - c->n_prb + 1u);
        c->n_symbols = (uint8_t)(format == 2 ? between(1, 2) : between(4, 14));
        c->intra_slot_hopping = c->intra_slot_hopping && c->n_symbols > 1;
        c->start_symbol = (uint8_t)random_below(15u - c->n_symbols);
        c->occ_length = (uint8_t)(format == 4 ? 2u << random_below(2) : 0);
        c->occ_index = (uint8_t)(format == 4 ? random_below(c->occ_length) : 0);
        c->n_harq = (uint16_t)(random_below(2) ? between(3, 11) : between(12, 60));
    } while (pucch_plan(phys[0], c, &u->plan, NULL) || c->n_harq * 2u > u->plan.e_bits);
    u->m = (model_pucch_t){.format = format,
                           .slot = c->slot,
                           .n_grid_prb = PRBS,
                           .grid_crb = c->grid_crb,
                           .prb = c->prb_start,
                           .second_prb = c->second_hop_prb,
                           .n_prb = c->n_prb,
                           .start_symbol = c->start_symbol,
                           .n_symbols = c->n_symbols,
                           .hopping = c->intra_slot_hopping,
                           .group_hopping = c->group_hopping,
                           .hopping_id = c->hopping_id,
                           .n_id = c->n_id,
                           .n_id0 = c->n_id0,
                           .rnti = c->rnti,
                           .additional_dmrs = c->additional_dmrs,
                           .pi2_bpsk = c->pi2_bpsk,
                           .n_sf = c->occ_length,
                           .occ = c->occ_index,
                           .n_bits = c->n_harq};
    CU_ASSERT_EQUAL_FATAL(model_pucch_e(&u->m), u->plan.e_bits);
}

static link_t *make_link(void)
{
    link_t *u = calloc(1, sizeof *u);
    u->tx = make_grid(1, PRBS);
    u->rx = make_grid(MAX_RX, PRBS);
    u->work = aligned_alloc(64, (pucch_work_size() + 63) / 64 * 64);
    return u;
}

static void free_link(link_t *u)
{
    free(u->tx.re);
    free(u->rx.re);
    free(u->work);
    free(u);
}

static void send(link_t *u)
{
    memset(u->packed, 0, sizeof u->packed);
    for (unsigned i = 0; i < u->m.n_bits; i++) {
        u->bits[i] = (uint8_t)random_below(2);
        u->packed[i / 8] |= (uint8_t)(u->bits[i] << (7 - i % 8));
    }
    memset(u->sent, 0, sizeof u->sent);
    model_pucch_transmit(&u->m, u->bits, u->sent);
    air_send(u->sent, 1, &u->tx);
}

static bool fast_ok(link_t *u, pucch_result_t *r)
{
    u->rx.n_ant = u->cfg.n_rx;
    pucch_decode(phys[phy_isa_detect()], &u->plan, &u->rx, u->work, r);
    return r->detected && r->crc_ok && r->n_uci == u->m.n_bits &&
           memcmp(r->uci, u->packed, (u->m.n_bits + 7) / 8) == 0;
}

static bool model_ok(link_t *u, double snr)
{
    uint8_t bits[512];
    air_receive(&u->rx, u->received);
    bool ok = model_pucch_receive(&u->m, u->received, u->cfg.n_rx, 15000.0 * (1 << u->cfg.mu),
                                  (DELAY_NS - 50) * 1e-9, (DELAY_NS + 250) * 1e-9, db(-snr) * GAIN * GAIN,
                                  GAIN * GAIN, bits);
    return ok && memcmp(bits, u->bits, u->m.n_bits) == 0;
}

static void print_link(const link_t *u)
{
    const pucch_cfg_t *c = &u->cfg;
    printf("\nformat %u, %u bits, E %u, prb %u+%u, symbols %u+%u, hop %d, groups %u, more %d, bpsk %d, occ "
           "%u/%u, rx %u",
           c->format, c->n_harq, u->plan.e_bits, c->prb_start, c->n_prb, c->start_symbol, c->n_symbols,
           c->intra_slot_hopping, c->group_hopping, c->additional_dmrs, c->pi2_bpsk, c->occ_index,
           c->occ_length, c->n_rx);
}

/* The transmitters' grids are the same, and what the model sends is heard by both receivers. */
static void test_strong(void)
{
    make_phys();
    link_t *u = make_link();
    phy_grid_t own = make_grid(1, PRBS);
    for (unsigned i = 0; i < 100; i++) {
        random_link(u, 2 + i % 3);
        send(u);
        memset(own.re, 0, 14u * PHY_GRID_STRIDE * sizeof *own.re);
        pucch_uci_t uci = {.uci = u->packed};
        CU_ASSERT(pucch_transmit(phys[0], &u->plan, &uci, 1, &own, 0));
        bool same = same_grid("PUCCH", &own, u->sent, ONE_LSB);
        CU_ASSERT(same);
        /* fading takes a single antenna away at times */
        channel_profile_t profile = u->cfg.n_rx == 4 && i % 2 ? CHANNEL_TDLA30 : CHANNEL_AWGN;
        channel_t *c = air_channel(profile, 1, u->cfg.n_rx, u->cfg.mu, PRBS, DELAY_NS, 30, 40 + i);
        double snr = 17;
        channel_slot(c, i);
        channel_apply(c, &u->tx, (float)db(-snr), false, &u->rx);
        pucch_result_t r;
        bool fast = fast_ok(u, &r), model = model_ok(u, snr);
        CU_ASSERT(fast);
        CU_ASSERT(model);
        if (!same || !fast || !model)
            print_link(u);
        if (profile == CHANNEL_AWGN) {
            CU_ASSERT_DOUBLE_EQUAL(r.rsrp_dbfs, 20 * log10(GAIN * PHY_UNIT / 32767), 1);
            CU_ASSERT_DOUBLE_EQUAL(r.ta_ns, DELAY_NS, 200.0 / (1 << u->cfg.mu));
        }
        channel_destroy(c);
    }
    free(own.re);
    free_link(u);
}

/* Far below the noise, words lost where the model, which knows the noise and that the channel is short and
 * has MARGIN dB less, loses some; false alarms. What the margin pays: channel estimates that assume nothing,
 * and the threshold against DTX. */
#define MARGIN 2.5
static void test_weak(void)
{
    make_phys();
    link_t *u = make_link();
    unsigned all_lost = 0, all_model = 0, alarms = 0, silent = 0;
    for (unsigned i = 0; i < 12; i++) {
        random_link(u, 2 + i % 3);
        channel_t *c = air_channel(CHANNEL_AWGN, 1, u->cfg.n_rx, u->cfg.mu, PRBS, DELAY_NS, 0, 400 + i);
        double rate = (double)(u->m.n_bits + (u->m.n_bits > 11 ? 11 : 3)) / u->plan.e_bits;
        double snr = 10 * log10(pow(2, 2 * rate) - 1) - 10 * log10(u->cfg.n_rx) + 3.5 -
                     (u->cfg.format == 4 ? 10 * log10(u->cfg.occ_length) : 0) - (u->cfg.pi2_bpsk ? 3 : 0) +
                     (u->m.n_bits < 12 ? 0.5 : 0);
        unsigned lost = 0, model = 0;
        pucch_result_t r;
        for (unsigned t = 0; t < 30; t++) {
            send(u);
            channel_slot(c, t);
            channel_apply(c, &u->tx, (float)db(-snr), false, &u->rx);
            lost += !fast_ok(u, &r);
            channel_apply(c, &u->tx, (float)db(MARGIN - snr), false, &u->rx);
            model += !model_ok(u, snr - MARGIN);
        }
        memset(u->tx.re, 0, 14u * PHY_GRID_STRIDE * sizeof *u->tx.re);
        for (unsigned t = 0; t < 150; t++, silent++) {
            channel_apply(c, &u->tx, 1, false, &u->rx);
            fast_ok(u, &r);
            alarms += r.detected && r.crc_ok;
        }
        if (getenv("VERBOSE")) {
            print_link(u);
            printf(", %.1f dB: lost %u, model %u", snr, lost, model);
        }
        all_lost += lost;
        all_model += model;
        channel_destroy(c);
    }
    if (getenv("VERBOSE"))
        printf("\nlost %u, model %u, alarms %u of %u", all_lost, all_model, alarms, silent);
    CU_ASSERT(at_most(alarms, silent, 0.01));
    CU_ASSERT(all_model > 20);
    CU_ASSERT(all_lost <= 1.2 * all_model + 5);
    free_link(u);
    destroy_phys();
}

CU_MAIN("pucch 2 to 4 beside a model", {"strong", test_strong}, {"weak", test_weak})
