/* SPDX-License-Identifier: Apache-2.0 */
/* DU slot engine, air and emulated UEs in one thread and in virtual time: no socket, no clock. The other side
 * of F1 is the test's: it gets the DU's events and answers them. */
#ifndef VITRAN_TESTS_INPROC_H
#define VITRAN_TESTS_INPROC_H

#include <stdlib.h>

#include "du/slot/slot.h"
#include "fronthaul/emulator/air/air.h"
#include "fronthaul/emulator/ue/ue.h"
#include "lib/rrc/cell_group.h"
#include "lib/rrc/sysinfo.h"
#include "tests/unit/cu.h"

/* The harness itself must work, in a test or in a bench. */
#define INPROC_CHECK(x)                                                                                      \
    do {                                                                                                     \
        if (!(x)) {                                                                                          \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #x);                            \
            exit(1);                                                                                         \
        }                                                                                                    \
    } while (0)

#define INPROC_K 2
#define INPROC_RING 8
#define INPROC_MAX_UES 64

typedef struct inproc inproc_t;
struct inproc {
    radio_cell_t cell;
    pool_t *pool;
    crypto_t *crypto;
    log_t log;
    log_sink_t sink;
    du_slot_t *du;
    air_t *air;
    ue_t *ue[INPROC_MAX_UES];
    uint32_t n_ues;
    uint64_t n;         /* slot that runs next */
    fapi_dl_slot_t *dl; /* [size: INPROC_RING] by slot */
    fapi_ul_slot_t *ul;
    bool have_ul;
    uint8_t scratch[RRC_SCRATCH_BYTES];
    void (*on_event)(inproc_t *p, du_event_t *e); /* the sdu is freed after it unless it is taken: set NULL */
    void *ctx;
    uint32_t events[16]; /* by type */
};

static inline arena_t inproc_scratch(inproc_t *p)
{
    arena_t a;
    arena_init(&a, p->scratch, sizeof p->scratch);
    return a;
}

static inline void inproc_drop_ip(void *ctx, buf_t *b)
{
    (void)ctx;
    buf_free(b);
}

/* UE i: IMSI 001010000000001 + i, the SINR of ues[i]. */
static inline void inproc_create(inproc_t *p, const radio_cell_t *cell, const air_ue_config_t *ues,
                                 uint32_t n, struct f1u *f1u)
{
    char err[256] = "";
    uint32_t mib = 0;
    uint8_t sib1[RRC_SIB1_BYTES];
    size_t sib1_n = 0;
    rrc_why_t why;
    memset(p, 0, sizeof *p);
    p->cell = *cell;
    p->sink = (log_sink_t){.level = getenv("VITRAN_TEST_LOG") ? LOG_DEBUG : LOG_ERROR, .node = "emu"};
    p->log = (log_t){&p->sink, "test"};
    INPROC_CHECK(pool_create(&p->pool, 4096 + 512 * n, 2048) == 0);
    INPROC_CHECK(crypto_create(&p->crypto) == 0);
    du_slot_config_t cfg = {.mac = {.cell = *cell,
                                    .max_ues = INPROC_MAX_UES,
                                    .k = INPROC_K,
                                    .max_harq_tx = 4,
                                    .n_slices = 1,
                                    .slice_sst_sd = {1u << 24 | 0xffffff},
                                    .dtx_limit = 20,
                                    .bler_target = 0.1,
                                    .seed = 1,
                                    .pool = p->pool},
                            .clock = DU_CLOCK_LOCKSTEP,
                            .cpu = -1,
                            .f1u = f1u};
    int r = du_slot_create(&cfg, err, &p->du);
    if (r)
        printf("du_slot_create: %s\n", err);
    INPROC_CHECK(r == 0);
    arena_t a = inproc_scratch(p);
    INPROC_CHECK(rrc_mib_build(cell, 0, &mib) == 0);
    INPROC_CHECK(rrc_sib1_build(cell, &a, sib1, sizeof sib1, &sib1_n, &why) == 0);
    INPROC_CHECK(du_slot_set_si(p->du, mib, buf_from(p->pool, sib1, (uint32_t)sib1_n)) == 0);
    INPROC_CHECK(air_create(ues, n, cell->n_prb, 1, &p->air) == 0);
    p->n_ues = n;
    for (uint32_t i = 0; i < n; i++) {
        ue_config_t c = {.index = (uint16_t)i, .p_max_dbm = 23, .path_loss_db = 80, .seed = 100 + i};
        snprintf(c.nas.imsi, sizeof c.nas.imsi, "0010100000%05u", i + 1);
        c.nas.mnc_digits = 2;
        for (int k = 0; k < 16; k++) {
            c.nas.k[k] = (uint8_t)(k * 7 + (int)i);
            c.nas.opc[k] = (uint8_t)(k * 11 + 3);
        }
        c.nas.nea_mask = 0x0f;
        c.nas.nia_mask = 0x0e;
        c.nas.n_slices = 1;
        c.nas.slices[0] = (ue_nas_snssai_t){1, 0xffffff};
        snprintf(c.nas.dnn, sizeof c.nas.dnn, "internet");
        ue_ops_t ops = {.deliver_ip = inproc_drop_ip};
        ue_air_t face = air_face(p->air, i);
        INPROC_CHECK(ue_create(&c, &ops, &face, p->pool, p->crypto, &p->log, &p->ue[i]) == 0);
    }
    p->dl = aligned_alloc(64, INPROC_RING * sizeof *p->dl);
    p->ul = aligned_alloc(64, sizeof *p->ul);
    INPROC_CHECK(p->dl);
    INPROC_CHECK(p->ul);
    memset(p->dl, 0, INPROC_RING * sizeof *p->dl);
    for (int i = 0; i < INPROC_RING; i++)
        p->dl[i].abs_slot = UINT64_MAX;
}

static inline void inproc_destroy(inproc_t *p)
{
    for (uint32_t i = 0; i < p->n_ues; i++)
        ue_destroy(p->ue[i]);
    air_destroy(p->air);
    du_slot_destroy(p->du);
    crypto_destroy(p->crypto);
    pool_destroy(p->pool);
    free(p->dl);
    free(p->ul);
}

static inline void inproc_slot(inproc_t *p)
{
    uint64_t n = p->n++;
    du_event_t e;
    du_slot_run_one(p->du, n, p->have_ul ? p->ul : NULL, &p->dl[(n + INPROC_K) % INPROC_RING]);
    while (du_slot_poll(p->du, &e)) {
        p->events[e.type & 15]++;
        if (p->on_event)
            p->on_event(p, &e);
        buf_free(e.sdu);
    }
    const fapi_dl_slot_t *dl = &p->dl[n % INPROC_RING];
    air_begin(p->air, n, dl->abs_slot == n ? dl : NULL);
    for (uint32_t i = 0; i < p->n_ues; i++) {
        ue_rx_t rx;
        air_rx(p->air, i, &rx);
        ue_rx(p->ue[i], &rx);
        ue_tx(p->ue[i]);
    }
    air_end(p->air, p->ul);
    p->have_ul = true;
}

static inline void inproc_print(const inproc_t *p)
{
    counter_set_t sets[] = {air_counter_set(air_counters(p->air)),
                            mac_counter_set(du_slot_mac_counters(p->du)),
                            ue_counter_set(ue_counters(p->ue[0]))};
    for (size_t s = 0; s < 3; s++)
        for (uint32_t i = 0; i < sets[s].n; i++)
            if (sets[s].values[i])
                printf("    %s.%s %llu\n", sets[s].layer, sets[s].desc[i].name,
                       (unsigned long long)sets[s].values[i]);
}

#endif
