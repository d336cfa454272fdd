/* SPDX-License-Identifier: Apache-2.0 */
/* A cell of 100 MHz with four antennas in the pattern DDDSU, four UEs with four antennas, radio channels both
 * ways: every block that slot messages ask for goes over the air until it is acknowledged there. UEs decode
 * PDCCH and PDSCH; their PUCCH tells the base station what to send again; PUSCH comes back on two layers and
 * the S slot ends with SRS. UEs are told what the standard's signalling would tell them by the PDUs
 * themselves.
 *
 *     du_phy_pattern_test                     the unit test
 *     du_phy_pattern_test PERIODS DL_DB UL_DB  block error rates of first transmissions, a line each */
#include "lib/phy/dl/pdcch_rx.h"
#include "lib/phy/dl/pdsch_rx.h"
#include "tests/unit/cu.h"
#include "tests/unit/du/phy/rig.h"

#include <math.h>
#include <stdlib.h>

#define N_PRB 273
#define N_UE 4
#define UE_PRB 68  /* of PDSCH */
#define DL_SLOTS 4 /* of a period: DDDS; a HARQ process each */
#define MAX_CB 64
#define MAX_TB 65536
#define DL_MCS 9 /* of table 2: 16QAM, rate 616 / 1024 */
#define UL_MCS 9
#define N_PUSCH 4
#define PUSCH_PRB 67
#define DL_RATE 0.106 /* of 200 periods at 12 dB: 308 of 2893 */
#define UL_RATE 0.133 /* ... at 6 dB: 94 of 709 */

typedef struct {
    uint8_t block[MAX_TB];
    uint32_t bytes;
    unsigned sent;  /* times; 0: free for a new block */
    bool delivered; /* the receiver has it, whatever was acknowledged */
} process_t;

typedef struct {
    process_t dl[DL_SLOTS];
    sch_rx_cb_t cb[DL_SLOTS][MAX_CB];
    uint8_t ack; /* bit i: process i of this period */
} ue_t;

typedef struct {
    unsigned dci, dci_lost;
    unsigned first, first_lost; /* transmissions of new blocks, and those of them that failed */
    unsigned blocks, lost;      /* that ended, and those of them that never came over */
    unsigned wrong;             /* CRC held on another block */
} count_t;

typedef struct {
    rig_t *rig;
    ue_t *ue;
    process_t *ul; /* [N_PUSCH] */
    channel_t *down, *up;
    phy_grid_t rx; /* of the UEs: they hear the same, on their own PRBs */
    pdsch_rx_plan_t *plan;
    pdsch_rx_t *state;
    pdsch_rx_work_t *work;
    pdcch_rx_work_t *pdcch;
    pdcch_rx_plan_t *pdcch_plan;
    void *memory;
    size_t memory_bytes;
    uint8_t *got;
    float dl_noise, ul_noise;
    count_t dl, up_count;
    unsigned acks, acks_wrong, srs, srs_lost;
} pattern_t;

static const uint8_t rvs[4] = {0, 2, 3, 1};

static void *memory(size_t n)
{
    void *p = aligned_alloc(PHY_ALIGN, (n + PHY_ALIGN - 1) / PHY_ALIGN * PHY_ALIGN);
    if (!p)
        abort();
    memset(p, 0, n);
    return p;
}

static uint16_t rnti_of(unsigned ue)
{
    return (uint16_t)(0x4601 + ue);
}

static pattern_t *pattern_create(float dl_db, float ul_db, uint64_t seed)
{
    const fapi_cell_config_t cell = rig_cell(N_PRB, 4, 4);
    channel_cfg_t cc = {.profile = CHANNEL_TDLA30,
                        .n_tx = 4,
                        .n_rx = 4,
                        .mu = 1,
                        .n_sc = N_PRB * 12,
                        .gain = 0.25f,
                        .delay_ns = 100,
                        .seed = seed};
    pattern_t *t = memory(sizeof *t);
    t->rig = rig_create(&cell, 0, PHY_ISA_BEST);
    t->ue = memory(N_UE * sizeof *t->ue);
    t->ul = memory(N_PUSCH * sizeof *t->ul);
    if (channel_create(&cc, &t->down))
        abort();
    cc.seed++;
    if (channel_create(&cc, &t->up))
        abort();
    t->rx = (phy_grid_t){.n_sc = N_PRB * 12, .n_ant = 4, .n_symbols = PHY_SYMBOLS, .stride = PHY_GRID_STRIDE};
    t->rx.re = memory((size_t)4 * PHY_SYMBOLS * PHY_GRID_STRIDE * sizeof(ci16_t));
    t->plan = memory(sizeof *t->plan);
    t->state = memory(sizeof *t->state);
    t->work = memory(pdsch_rx_work_bytes());
    t->pdcch = memory(sizeof *t->pdcch);
    t->pdcch_plan = memory(sizeof *t->pdcch_plan);
    t->memory_bytes = 8u << 20;
    t->memory = memory(t->memory_bytes);
    t->got = memory(MAX_TB);
    for (unsigned u = 0; u < N_UE; u++)
        for (unsigned p = 0; p < DL_SLOTS; p++)
            for (unsigned r = 0; r < MAX_CB; r++) {
                t->ue[u].cb[p][r].soft = memory(LDPC_MAX_SOFT);
                t->ue[u].cb[p][r].bits = memory(LDPC_MAX_K_BYTES);
            }
    t->dl_noise = powf(10, -dl_db / 10);
    t->ul_noise = powf(10, -ul_db / 10);
    return t;
}

static void pattern_destroy(pattern_t *t)
{
    for (unsigned u = 0; u < N_UE; u++)
        for (unsigned p = 0; p < DL_SLOTS; p++)
            for (unsigned r = 0; r < MAX_CB; r++) {
                free(t->ue[u].cb[p][r].soft);
                free(t->ue[u].cb[p][r].bits);
            }
    rig_destroy(t->rig);
    channel_destroy(t->down);
    channel_destroy(t->up);
    free(t->ue);
    free(t->ul);
    free(t->rx.re);
    free(t->plan);
    free(t->state);
    free(t->work);
    free(t->pdcch);
    free(t->pdcch_plan);
    free(t->memory);
    free(t->got);
    free(t);
}

static pdu_slot_t at_slot(const pattern_t *t)
{
    return pdu_slot(&t->rig->cell, 0, 8, t->rig->slab->abs_slot);
}

/* A block's end, or its next transmission: what the sender believes. */
static void acknowledged(process_t *p, bool ack, count_t *c)
{
    if (ack || p->sent == 4) {
        c->blocks++;
        c->lost += !p->delivered;
        p->sent = 0;
    }
}

/* ---- downlink ---- */

/* The new block of `bytes` at `fresh`, or the old one again in its place. */
static void put_block(process_t *p, uint8_t *fresh, uint32_t bytes)
{
    if (p->sent == 0) {
        p->bytes = bytes;
        p->delivered = false;
        memcpy(p->block, fresh, bytes);
    } else {
        memcpy(fresh, p->block, bytes);
    }
    p->sent++;
}

static bool ue_hears_dci(pattern_t *t, unsigned u)
{
    const fapi_pdcch_pdu_t *pdu = &t->rig->slab->pdcch[u];
    const uint16_t rntis[2] = {rnti_of(u), 0xffff};
    pdcch_rx_cfg_t cfg = {.n_rx = 4};
    pdcch_rx_result_t r;
    uint8_t dci[(DCI_CODE_MAX_BITS + 7) / 8];
    const pdu_slot_t at = at_slot(t);
    if (pdu_pdcch(&at, pdu, &cfg.pdcch, NULL) || pdcch_rx_plan(&cfg, t->pdcch_plan, NULL))
        abort();
    t->dl.dci++;
    const bool found = pdcch_rx(t->rig->phy, t->pdcch_plan, &t->rx, rntis, 2, t->pdcch, dci, &r);
    const bool same = found && r.rnti == 0 && memcmp(dci, pdu->payload, pdu->payload_bits / 8) == 0;
    t->dl.wrong += found && !same;
    t->dl.dci_lost += !same;
    return same;
}

static void ue_receives(pattern_t *t, unsigned u, unsigned process)
{
    const fapi_pdsch_pdu_t *pdu = &t->rig->slab->pdsch[u];
    process_t *p = &t->ue[u].dl[process];
    sch_rx_cb_t *cb = t->ue[u].cb[process];
    pdsch_rx_cfg_t cfg = {.mu = 1, .n_rx = 4};
    pdsch_reserved_t reserved[PDU_MAX_RESERVED];
    phy_refusal_t why = {0};
    const pdu_slot_t at = at_slot(t);
    if (pdu_pdsch(&at, t->rig->slab, pdu, &cfg.pdsch, &why))
        abort();
    cfg.pdsch.reserved = reserved;
    cfg.pdsch.n_reserved = (uint16_t)pdu_pdsch_reserved(&at, t->rig->slab, pdu, NULL, reserved);
    if (pdsch_rx_plan(t->rig->phy, &cfg, t->plan, &why) || t->plan->pdsch.n_code_blocks > MAX_CB ||
        pdsch_rx_bytes(t->plan) > t->memory_bytes) {
        fprintf(stderr, "PDSCH refused: %s\n", why.field ? why.field : "too large for this test");
        abort();
    }
    for (unsigned r = 0; pdu->new_data && r < MAX_CB; r++) {
        cb[r].n_soft = 0;
        cb[r].done = false;
    }
    const bool ok = pdsch_rx(t->rig->phy, t->state, t->work, t->plan, &t->rx, cb, t->memory, t->got)->crc_ok;
    const bool same = ok && memcmp(t->got, p->block, p->bytes) == 0;
    t->dl.wrong += ok && !same;
    p->delivered = p->delivered || same;
    t->dl.first_lost += pdu->new_data && !same;
    if (same)
        t->ue[u].ack |= (uint8_t)(1u << process);
}

static void add_srs(pattern_t *t)
{
    rig_t *r = t->rig;
    fapi_srs_pdu_t *p = &r->slab->srs[r->slab->n_srs++];
    *p = (fapi_srs_pdu_t){.rnti = rnti_of(0),
                          .bwp_size = N_PRB,
                          .scs = 1,
                          .n_ports = 4,
                          .n_symbols = 1,
                          .n_repetitions = 1,
                          .start_symbol = 13,
                          .config_index = 63,
                          .comb_size = 2,
                          .sequence_id = 40,
                          .t_srs = 5};
    srs_cfg_t cfg;
    srs_plan_t plan;
    const pdu_slot_t at = at_slot(t);
    if (pdu_srs(&at, p, &cfg, NULL) || srs_plan(r->phy, &cfg, &plan, NULL))
        abort();
    srs_transmit(r->phy, &plan, 1, &r->tx, 0);
}

static void downlink_slot(pattern_t *t, uint64_t n, unsigned process)
{
    rig_t *r = t->rig;
    const bool special = process == DL_SLOTS - 1;
    rig_begin(r, n);
    for (unsigned u = 0; u < N_UE; u++) {
        process_t *p = &t->ue[u].dl[process];
        rig_pdcch(r, rnti_of(u), 4, 4 * u, 40);
        fapi_pdsch_pdu_t *pdu = rig_pdsch(r, rnti_of(u), u * UE_PRB, UE_PRB, 2, special ? 8 : 12, DL_MCS, 4);
        if (pdu->tb_bytes > MAX_TB)
            abort();
        put_block(p, r->slab->tx + pdu->tb_offset, pdu->tb_bytes);
        pdu->new_data = p->sent == 1;
        pdu->rv_index = rvs[p->sent - 1];
        t->dl.first += pdu->new_data;
    }
    if (special)
        add_srs(t);
    const phy_grid_t *grid = rig_transmit(r, n);
    channel_slot(t->down, n);
    channel_apply(t->down, grid, t->dl_noise, false, &t->rx);
    du_phy_dl_release(r->l1, n);
    for (unsigned u = 0; u < N_UE; u++) {
        if (ue_hears_dci(t, u))
            ue_receives(t, u, process);
        else
            t->dl.first_lost += r->slab->pdsch[u].new_data;
    }
    if (!special)
        return;
    channel_slot(t->up, n);
    const fapi_ul_slot_t *out = rig_receive(r, n, t->up, t->ul_noise);
    t->srs++;
    t->srs_lost += out->n_srs != 1 || out->srs[0].n_ports != 4 || out->srs[0].n_prgs == 0;
    du_phy_ul_release(r->l1, n);
}

/* ---- uplink ---- */

static void uplink_slot(pattern_t *t, uint64_t n)
{
    rig_t *r = t->rig;
    rig_begin(r, n);
    for (unsigned i = 0; i < N_PUSCH; i++) {
        process_t *p = &t->ul[i];
        fapi_pusch_pdu_t *pdu = rig_pusch(r, rnti_of(i), 4 + PUSCH_PRB * i, PUSCH_PRB, 0, 14, UL_MCS, 2);
        if (pdu->tb_bytes > MAX_TB)
            abort();
        put_block(p, r->payload[i], pdu->tb_bytes);
        pdu->harq_id = 3;
        pdu->new_data = p->sent == 1;
        pdu->rv_index = rvs[p->sent - 1];
        t->up_count.first += pdu->new_data;
        rig_send_pusch(r, i);
    }
    for (unsigned u = 0; u < N_UE; u++) {
        const uint8_t bits = (uint8_t)(t->ue[u].ack << 4); /* process 3 first */
        rig_pucch(r, rnti_of(u), 2, u, 1, 12, 2, DL_SLOTS);
        rig_send_pucch(r, u, 0, false, &bits);
    }
    channel_slot(t->up, n);
    const fapi_ul_slot_t *out = rig_receive(r, n, t->up, t->ul_noise);
    for (unsigned i = 0; i < N_PUSCH; i++) {
        process_t *p = &t->ul[i];
        const fapi_pusch_ind_t *ind = &out->pusch[i];
        const bool same = ind->crc_ok && ind->tb_bytes == p->bytes &&
                          memcmp(out->rx + ind->tb_offset, p->block, p->bytes) == 0;
        t->up_count.wrong += ind->crc_ok && !same;
        t->up_count.first_lost += p->sent == 1 && !same;
        p->delivered = p->delivered || same;
        acknowledged(p, ind->crc_ok, &t->up_count);
    }
    for (unsigned u = 0; u < N_UE; u++) {
        const fapi_uci_ind_t *ind = &out->uci[u];
        const unsigned heard = ind->dtx ? 0 : ind->harq[0] >> 4;
        for (unsigned p = 0; p < DL_SLOTS; p++) {
            t->acks++;
            t->acks_wrong += (heard >> p & 1) != (t->ue[u].ack >> p & 1u);
            acknowledged(&t->ue[u].dl[p], heard >> p & 1, &t->dl);
        }
        t->ue[u].ack = 0;
    }
    du_phy_ul_release(r->l1, n);
}

static void pattern_run(pattern_t *t, unsigned periods)
{
    for (unsigned i = 0; i < periods; i++) {
        for (unsigned p = 0; p < DL_SLOTS; p++)
            downlink_slot(t, 5 * i + p, p);
        uplink_slot(t, 5 * i + 4);
    }
}

static void print(const char *way, float db, const count_t *c)
{
    printf("%s at %.1f dB: %u of %u first transmissions failed (%.3f), %u of %u blocks lost\n", way,
           (double)db, c->first_lost, c->first, c->first ? (double)c->first_lost / c->first : 0, c->lost,
           c->blocks);
}

static void print_all(const pattern_t *t, float dl_db, float ul_db)
{
    print("downlink", dl_db, &t->dl);
    print("uplink", ul_db, &t->up_count);
    printf("%u of %u DCIs lost, %u of %u ACKs wrong, %u of %u SRS lost\n", t->dl.dci_lost, t->dl.dci,
           t->acks_wrong, t->acks, t->srs_lost, t->srs);
}

/* Where there is room, all blocks come over, those that fail at first by a second transmission. */
static void test_every_block_comes_over(void)
{
    pattern_t *t = pattern_create(30, 30, 5);
    pattern_run(t, 3);
    CU_ASSERT_EQUAL(t->dl.lost, 0);
    CU_ASSERT_EQUAL(t->dl.wrong, 0);
    CU_ASSERT_EQUAL(t->dl.dci_lost, 0);
    CU_ASSERT(t->dl.first >= 3 * DL_SLOTS * N_UE - 4);
    CU_ASSERT(t->dl.blocks >= 3 * DL_SLOTS * N_UE - 4);
    CU_ASSERT_EQUAL(t->up_count.lost, 0);
    CU_ASSERT_EQUAL(t->up_count.wrong, 0);
    CU_ASSERT(t->up_count.blocks >= 3 * N_PUSCH - 1);
    CU_ASSERT_EQUAL(t->acks_wrong, 0);
    CU_ASSERT_EQUAL(t->srs_lost, 0);
    CU_ASSERT_EQUAL(t->srs, 3);
    CU_ASSERT_EQUAL(du_phy_counters(t->rig->l1)->dl_refused + du_phy_counters(t->rig->l1)->ul_refused, 0);
    pattern_destroy(t);
}

/* Of n blocks that fail with probability p, independently: k is within three and a half deviations. */
static bool likely(unsigned k, unsigned n, double p)
{
    return n > 0 && fabs(k - n * p) <= 3.5 * sqrt(n * p * (1 - p)) + 0.5;
}

/* Where one block in ten fails. A receiver that loses a dB has two to three times as many errors. */
static void test_error_rates(void)
{
    const float dl_db = 12, ul_db = 6;
    pattern_t *t = pattern_create(dl_db, ul_db, 5);
    pattern_run(t, 20);
    print_all(t, dl_db, ul_db);
    CU_ASSERT(t->dl.first >= 250);
    CU_ASSERT_TRUE(likely(t->dl.first_lost, t->dl.first, DL_RATE));
    CU_ASSERT(t->up_count.first >= 60);
    CU_ASSERT_TRUE(likely(t->up_count.first_lost, t->up_count.first, UL_RATE));
    CU_ASSERT_EQUAL(t->dl.lost + t->up_count.lost, 0); /* four transmissions are enough */
    CU_ASSERT_EQUAL(t->dl.wrong + t->up_count.wrong, 0);
    CU_ASSERT(t->dl.dci_lost <= 1);
    CU_ASSERT(t->acks_wrong <= 2);
    pattern_destroy(t);
}

static int unit_tests(void)
{
    if (CU_initialize_registry() != CUE_SUCCESS)
        return 2;
    CU_pSuite suite = CU_add_suite("du/phy pattern", NULL, NULL);
    if (!suite || !CU_add_test(suite, "every block comes over", test_every_block_comes_over) ||
        !CU_add_test(suite, "error rates", test_error_rates))
        return 2;
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    const unsigned failed = CU_get_number_of_failures(), ran = CU_get_number_of_asserts();
    CU_cleanup_registry();
    return failed || !ran ? 1 : 0;
}

int main(int argc, char **argv)
{
    if (argc == 1)
        return unit_tests();
    if (argc != 4) {
        fprintf(stderr, "usage: %s [PERIODS DL_DB UL_DB]\n", argv[0]);
        return 2;
    }
    const float dl = strtof(argv[2], NULL), ul = strtof(argv[3], NULL);
    pattern_t *t = pattern_create(dl, ul, 5);
    pattern_run(t, (unsigned)strtoul(argv[1], NULL, 10));
    print_all(t, dl, ul);
    pattern_destroy(t);
    return 0;
}
