/* SPDX-License-Identifier: Apache-2.0 */
/* A fake radio below the slot engine: answers what the DL slabs ask for, as the test says, without a thread,
 * clock or emulator. The UE side here is as simple as can be: it obeys PDUs, not DCIs, but for the tests that
 * look at DCIs. */
#ifndef VITRAN_TESTS_DU_MAC_FAKE_H
#define VITRAN_TESTS_DU_MAC_FAKE_H

#include <stdlib.h>

#include "du/mac/internal.h"
#include "du/slot/slot.h"
#include "tests/unit/cu.h"

#define FAKE_K 2
#define FAKE_HISTORY 16

typedef enum { FAKE_ACK, FAKE_NACK, FAKE_DTX, FAKE_SILENT } fake_answer_t;

typedef struct fake fake_t;
struct fake {
    pool_t *pool;
    du_slot_t *d;
    radio_cell_t *cell;
    uint64_t n;         /* slot that runs next */
    fapi_dl_slot_t *dl; /* [FAKE_HISTORY] by slot */
    fapi_ul_slot_t ul;
    bool have_ul;

    fake_answer_t harq, pusch; /* to every question of that kind */
    uint16_t sr_rnti;          /* sends SR at its next occasion; cleared then */
    uint8_t cqi;               /* 0: CSI is not sent */
    int16_t sinr_x10;
    uint16_t ta;      /* what the radio measures; 31: in time */
    int16_t preamble; /* >= 0: sent at the next PRACH occasion */
    /* Fills an uplink block; default: CCCH with the RNTI in it for Msg3, padding else. */
    void (*fill)(fake_t *f, const fapi_pusch_pdu_t *p, uint8_t *tb);
    void *fill_ctx;
    /* Sees the indications before they go up: to spoil them. */
    void (*spoil)(fake_t *f, fapi_ul_slot_t *ul);
    uint16_t msg3_of[MAC_MAX_UES * 4]; /* RNTIs that have sent Msg3 */
    uint32_t n_msg3;

    /* events, with the counts of each type */
    du_event_t ccch[MAC_MAX_UES];
    uint32_t n_ccch, count[16];
    du_event_t last[16];
    uint8_t last_sdu[2048];
    uint32_t last_sdu_n;
};

static inline void fake_fill_default(fake_t *f, const fapi_pusch_pdu_t *p, uint8_t *tb)
{
    mac_build_t b = mac_build(tb, p->tb_bytes);
    bool seen = false;
    for (uint32_t i = 0; i < f->n_msg3; i++)
        seen |= f->msg3_of[i] == p->rnti;
    if (!seen) {
        uint8_t ccch[6] = {0xc0, 0xff, 0xee, 0x00, (uint8_t)(p->rnti >> 8), (uint8_t)p->rnti};
        f->msg3_of[f->n_msg3++] = p->rnti;
        mac_build_ul_ccch(&b, ccch, 6);
    }
    mac_build_end(&b);
}

static inline fake_t *fake_create_k(uint16_t n_prb, uint16_t max_ues, const char *plugin)
{
    char err[256];
    fake_t *f = calloc(1, sizeof *f);
    du_slot_config_t c = {.cpu = -1};
    pool_create(&f->pool, 8192, 2048);
    if (radio_cell_defaults(&c.mac.cell, n_prb) < 0)
        return NULL;
    c.mac.max_ues = max_ues;
    c.mac.k = FAKE_K;
    c.mac.pool = f->pool;
    c.mac.n_slices = 2;
    c.mac.slice_sst_sd[0] = 0x01ffffff;
    c.mac.slice_sst_sd[1] = 0x01000002;
    c.mac.inactivity_ms = 1000;
    c.mac.plugin_path = plugin;
    if (du_slot_create(&c, err, &f->d) < 0) {
        fprintf(stderr, "du_slot_create: %s\n", err);
        return NULL;
    }
    f->cell = malloc(sizeof *f->cell);
    *f->cell = c.mac.cell;
    f->dl = calloc(FAKE_HISTORY, sizeof *f->dl);
    for (uint32_t i = 0; i < FAKE_HISTORY; i++)
        f->dl[i].abs_slot = UINT64_MAX;
    f->fill = fake_fill_default;
    f->preamble = -1;
    f->cqi = 10;
    f->sinr_x10 = 200;
    f->ta = 31;
    return f;
}

static inline fake_t *fake_create(uint16_t max_ues)
{
    return fake_create_k(51, max_ues, NULL);
}

static inline void fake_destroy(fake_t *f)
{
    du_event_t e;
    while (du_slot_poll(f->d, &e))
        buf_free(e.sdu);
    du_slot_destroy(f->d);
    pool_destroy(f->pool);
    free(f->dl);
    free(f->cell);
    free(f);
}

static inline fapi_dl_slot_t *fake_dl(fake_t *f, uint64_t slot)
{
    fapi_dl_slot_t *s = &f->dl[slot % FAKE_HISTORY];
    return s->abs_slot == slot ? s : NULL;
}

static inline void fake_pusch(fake_t *f, const fapi_dl_slot_t *s)
{
    for (uint32_t i = 0; i < s->n_pusch && f->pusch != FAKE_SILENT; i++) {
        const fapi_pusch_pdu_t *p = &s->pusch[i];
        fapi_pusch_ind_t *o = &f->ul.pusch[f->ul.n_pusch++];
        *o = (fapi_pusch_ind_t){.rnti = p->rnti,
                                .handle = p->handle,
                                .harq_id = p->harq_id,
                                .sinr_db_x10 = f->sinr_x10,
                                .timing_advance = f->ta};
        o->dtx = f->pusch == FAKE_DTX;
        o->crc_ok = f->pusch == FAKE_ACK;
        if (o->crc_ok) {
            o->tb_offset = f->ul.rx_bytes;
            o->tb_bytes = p->tb_bytes;
            f->fill(f, p, f->ul.rx + f->ul.rx_bytes);
            f->ul.rx_bytes += p->tb_bytes;
        }
        o->harq_ack_bits = (uint8_t)p->harq_ack_bits;
        o->harq_crc = f->harq == FAKE_DTX || f->harq == FAKE_SILENT ? 2 : 0;
        memset(o->harq, f->harq == FAKE_ACK ? 0xff : 0, sizeof o->harq);
        o->csi1_bits = (uint8_t)p->csi1_bits;
        o->csi1[0] = (uint8_t)(f->cqi << 4);
        o->csi1_crc = !f->cqi;
    }
}

static inline void fake_pucch(fake_t *f, const fapi_dl_slot_t *s)
{
    for (uint32_t i = 0; i < s->n_pucch; i++) {
        const fapi_pucch_pdu_t *p = &s->pucch[i];
        fapi_uci_ind_t *o = &f->ul.uci[f->ul.n_uci];
        *o = (fapi_uci_ind_t){
            .rnti = p->rnti, .handle = p->handle, .format = p->format, .timing_advance = f->ta};
        bool sr = p->sr_flag && f->sr_rnti == p->rnti;
        if (sr)
            f->sr_rnti = 0;
        o->sr = sr;
        /* format 1: the SR's place is only used for a positive SR, and carries the bits then */
        bool answers = !(p->format == 1 && p->sr_flag && !sr);
        if (p->harq_bits && (f->harq == FAKE_SILENT || f->harq == FAKE_DTX))
            answers = false;
        o->dtx = !answers;
        if (f->harq == FAKE_SILENT && !answers)
            continue;
        o->n_harq = (uint8_t)p->harq_bits;
        memset(o->harq, f->harq == FAKE_ACK ? 0xff : 0, sizeof o->harq);
        o->n_csi1 = f->cqi ? (uint8_t)p->csi1_bits : 0;
        o->csi1[0] = (uint8_t)(f->cqi << 4);
        f->ul.n_uci++;
    }
}

static inline void fake_events(fake_t *f)
{
    du_event_t e;
    while (du_slot_poll(f->d, &e)) {
        f->count[e.type]++;
        f->last[e.type] = e;
        if (e.type == DU_EVENT_CCCH)
            f->ccch[f->n_ccch++ % MAC_MAX_UES] = e;
        if (e.sdu) {
            f->last_sdu_n = e.sdu->len < sizeof f->last_sdu ? e.sdu->len : sizeof f->last_sdu;
            memcpy(f->last_sdu, e.sdu->data, f->last_sdu_n);
            buf_free(e.sdu);
        }
    }
}

static inline void fake_air(fake_t *f, uint64_t n);

static inline void fake_step(fake_t *f)
{
    uint64_t n = f->n++;
    du_slot_run_one(f->d, n, f->have_ul ? &f->ul : NULL, &f->dl[(n + FAKE_K) % FAKE_HISTORY]);
    fake_air(f, n);
}

/* What comes back of slot n, and the events. */
static inline void fake_air(fake_t *f, uint64_t n)
{
    const fapi_dl_slot_t *s = fake_dl(f, n);
    f->ul.abs_slot = n;
    f->ul.n_pusch = f->ul.n_uci = f->ul.n_rach = f->ul.n_srs = 0;
    f->ul.rx_bytes = 0;
    f->have_ul = true;
    if (s) {
        fake_pusch(f, s);
        fake_pucch(f, s);
        if (s->n_prach && f->preamble >= 0) {
            f->ul.rach[f->ul.n_rach++] = (fapi_rach_ind_t){.symbol_index = s->prach[0].start_symbol,
                                                           .slot_index = (uint8_t)(n % 20),
                                                           .preamble_index = (uint8_t)f->preamble,
                                                           .timing_advance = 5};
            f->preamble = -1;
        }
    }
    if (f->spoil)
        f->spoil(f, &f->ul);
    fake_events(f);
}

static inline void fake_steps(fake_t *f, uint32_t n)
{
    while (n--)
        fake_step(f);
}

/* Runs until the condition holds, at most `max` slots. */
#define FAKE_UNTIL(f, cond, max)                                                                             \
    do {                                                                                                     \
        for (uint32_t i__ = 0; i__ < (max) && !(cond); i__++)                                                \
            fake_step(f);                                                                                    \
    } while (0)

/* Configuration of a UE with SRB1 and, if asked, SRB2 and DRB 1. */
static inline radio_ue_t fake_config(fake_t *f, du_ue_ref_t ue, bool drb)
{
    radio_ue_t u;
    radio_ue_defaults(&u, f->cell, ue.index);
    if (drb) {
        radio_srb_defaults(&u.lc[u.n_lc++], 2);
        radio_drb_defaults(&u.lc[u.n_lc++], 1, 9);
    }
    return u;
}

/* RRCSetup as the CU would bring it: configuration, then a CCCH message of n bytes. */
static inline void fake_setup(fake_t *f, du_ue_ref_t ue, uint32_t n, bool drb)
{
    uint8_t ccch[1024];
    radio_ue_t u = fake_config(f, ue, drb);
    memset(ccch, 0x5a, sizeof ccch);
    CU_ASSERT_EQUAL(du_slot_ue_config(f->d, ue, &u), 0);
    CU_ASSERT_EQUAL(du_slot_srb_send(f->d, ue, 0, buf_from(f->pool, ccch, n), false, 0), 0);
}

/* From preamble to a connected UE. */
static inline du_ue_ref_t fake_attach(fake_t *f, uint8_t preamble, bool drb)
{
    uint32_t had = f->n_ccch, set = f->count[DU_EVENT_SRB_DELIVERED];
    f->preamble = preamble;
    FAKE_UNTIL(f, f->n_ccch > had, 100);
    CU_ASSERT_EQUAL(f->n_ccch, had + 1);
    du_ue_ref_t ue = f->last[DU_EVENT_CCCH].ue;
    fake_setup(f, ue, 150, drb);
    FAKE_UNTIL(f, f->count[DU_EVENT_SRB_DELIVERED] > set, 100);
    CU_ASSERT_EQUAL(f->count[DU_EVENT_SRB_DELIVERED], set + 1);
    return ue;
}

#endif
