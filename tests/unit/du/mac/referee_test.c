/* SPDX-License-Identifier: Apache-2.0 */
/* A UE's strict view of the cell. Every DCI that MAC sends to connected UEs is unpacked from its bits and
 * held against the standard and against what L1 is asked to do: is it where the UE looks for it, does it say
 * what the PDSCH or PUSCH is, is a process used again only after its answer, do DAIs count, is every HARQ-ACK
 * asked for, once, in the place that the DCI named, and does nothing collide. UEs with full buffers both
 * ways; blocks and answers are lost at random (fixed seed), answers without detection too. What MAC believes
 * is not looked at. */
#include "du/slot/internal.h"
#include "lib/mac/mcs.h"
#include "tests/unit/du/mac/fake.h"

#define UES 8
#define TALKERS 5 /* of them send; the others answer on PUCCH */
#define AHEAD 32
#define SDU 1200

typedef struct {
    bool seen, ndi;
    uint32_t tbs;
    uint64_t answer_slot;
} process_t;

typedef struct { /* what the UE expects of an uplink slot */
    uint64_t slot;
    uint8_t n_harq, pri; /* pri: of the last DCI */
    bool granted;
    dci_0_1_t grant;
    uint32_t tbs;
} expected_t;

typedef struct {
    du_ue_ref_t ref;
    uint16_t rnti;
    radio_ue_t cfg;
    dci_plan_t plan;
    process_t dl[16], ul[16];
    expected_t at[AHEAD];
} referee_ue_t;

static referee_ue_t ues[UES];
static fake_t *f;
static uint32_t n_dl, n_dl_again, n_dl_free_row, n_ul, n_ul_again, n_pucch, n_uci_on_pusch, n_f2;

static expected_t *expect(referee_ue_t *u, uint64_t slot)
{
    expected_t *e = &u->at[slot % AHEAD];
    if (e->slot != slot)
        *e = (expected_t){.slot = slot};
    return e;
}

static referee_ue_t *ue_with(uint16_t rnti)
{
    for (uint32_t i = 0; i < UES; i++)
        if (ues[i].rnti == rnti)
            return &ues[i];
    return NULL;
}

static dci_bits_t bits_of(const fapi_pdcch_pdu_t *p)
{
    dci_bits_t b = {.n_bits = (uint8_t)p->payload_bits};
    memcpy(b.bytes, p->payload, sizeof b.bytes);
    return b;
}

/* The CCEs are a candidate of the UE in this slot, and nobody else's. */
static void check_pdcch(const referee_ue_t *u, const fapi_pdcch_pdu_t *p, uint64_t slot)
{
    coreset_t c = radio_coreset(&u->cfg.coreset);
    search_space_t ss = radio_search_space(&u->cfg.uss);
    uint8_t at[PDCCH_LEVELS][PDCCH_MAX_CANDIDATES];
    bool found = false;
    pdcch_search_space(&c, &ss, u->rnti, slot_in_frame(slot, f->cell->mu), at);
    for (uint32_t l = 0; l < PDCCH_LEVELS; l++)
        for (uint32_t i = 0; i < PDCCH_MAX_CANDIDATES; i++)
            found |= p->aggregation_level == 1u << l && at[l][i] == p->cce_index;
    CU_ASSERT_FATAL(found);
}

static uint16_t re_of(const radio_ue_t *cfg, const radio_tdra_t *row)
{
    return radio_dmrs(f->cell, row, cfg->dmrs_add_pos, RADIO_PORTS_CDM_GROUPS).re_per_prb;
}

/* Size, NDI and process of a block. Returns true for new data. 38.214 5.1.3, 38.321 5.3.2.2. */
static bool check_block(process_t *h, uint8_t table, uint8_t mcs, uint8_t ndi, uint16_t re, uint16_t n_prb,
                        uint32_t tb_bytes, uint64_t slot)
{
    mcs_t m;
    bool is_new = !h->seen || h->ndi != ndi;
    CU_ASSERT_FATAL(mcs_get(table, mcs, &m));
    if (m.rate_x10) {
        CU_ASSERT_EQUAL(tbs_bytes(table, mcs, re, n_prb, 1), tb_bytes);
    } else {
        CU_ASSERT(!is_new);
    }
    if (!is_new)
        CU_ASSERT_EQUAL(h->tbs, tb_bytes);
    CU_ASSERT(!h->seen || h->answer_slot + FAKE_K < slot); /* the answer was known when this was decided */
    h->seen = true;
    h->ndi = ndi;
    h->tbs = tb_bytes;
    return is_new;
}

static void check_dl_dci(referee_ue_t *u, const fapi_dl_slot_t *s, const fapi_pdcch_pdu_t *p)
{
    dci_1_1_t d;
    dci_bits_t b = bits_of(p);
    const fapi_pdsch_pdu_t *pdsch = NULL;
    uint16_t start, n;
    uint32_t found = 0;
    CU_ASSERT_EQUAL_FATAL(dci_unpack_1_1(&u->plan, &b, &d), 0);
    check_pdcch(u, p, s->abs_slot);
    for (uint32_t i = 0; i < s->n_pdsch; i++)
        if (s->pdsch[i].rnti == u->rnti) {
            pdsch = &s->pdsch[i];
            found++;
        }
    CU_ASSERT_EQUAL_FATAL(found, 1);
    CU_ASSERT(riv_decode(f->cell->n_prb, d.fdra, &start, &n) && start == pdsch->rb_start &&
              n == pdsch->rb_size);
    CU_ASSERT_FATAL(d.tdra < f->cell->n_dl_tdra);
    const radio_tdra_t *row = &f->cell->dl_tdra[d.tdra];
    CU_ASSERT(row->k == 0 && row->start_symbol == pdsch->start_symbol && row->n_symbols == pdsch->n_symbols);
    CU_ASSERT(row->start_symbol >= u->cfg.coreset.n_symbols &&
              row->start_symbol + row->n_symbols <= radio_dl_symbols(f->cell, s->abs_slot));
    CU_ASSERT(d.mcs == pdsch->mcs_index && d.rv == pdsch->rv_index && d.harq_id == pdsch->harq_id);
    process_t *h = &u->dl[d.harq_id];
    mcs_t m;
    bool is_new = check_block(h, (uint8_t)(u->cfg.mcs_table_dl + 1), d.mcs, d.ndi, re_of(&u->cfg, row), n,
                              pdsch->tb_bytes, s->abs_slot);
    CU_ASSERT_EQUAL(pdsch->new_data, is_new);
    if (is_new)
        CU_ASSERT_EQUAL(d.rv, 0);
    n_dl_free_row += mcs_get((uint8_t)(u->cfg.mcs_table_dl + 1), d.mcs, &m) && !m.rate_x10;
    n_dl++;
    n_dl_again += !is_new;

    CU_ASSERT_FATAL(d.k1 < u->cfg.n_k1);
    uint64_t answer = s->abs_slot + u->cfg.k1[d.k1];
    CU_ASSERT_EQUAL(radio_ul_symbols(f->cell, answer), 14);
    expected_t *e = expect(u, answer);
    CU_ASSERT(!e->granted);                /* a grant has said how many bits it carries */
    CU_ASSERT_EQUAL(d.dai, e->n_harq & 3); /* counter DAI: 38.213 9.1.3 */
    e->n_harq++;
    e->pri = d.pucch_resource;
    h->answer_slot = answer;
}

static void check_ul_dci(referee_ue_t *u, const fapi_dl_slot_t *s, const fapi_pdcch_pdu_t *p)
{
    dci_0_1_t d;
    dci_bits_t b = bits_of(p);
    CU_ASSERT_EQUAL_FATAL(dci_unpack_0_1(&u->plan, &b, &d), 0);
    check_pdcch(u, p, s->abs_slot);
    CU_ASSERT_FATAL(d.tdra < f->cell->n_ul_tdra);
    const radio_tdra_t *row = &f->cell->ul_tdra[d.tdra];
    uint64_t slot = s->abs_slot + row->k;
    CU_ASSERT_EQUAL(radio_ul_symbols(f->cell, slot), 14);
    expected_t *e = expect(u, slot);
    CU_ASSERT(!e->granted && d.ulsch == 1);
    CU_ASSERT_EQUAL(d.dai, (e->n_harq + 3) & 3); /* V_T-DAI = n, or 4 for none: 38.213 table 9.1.3-2 */
    e->granted = true;
    e->grant = d;
}

static void check_pusch(const fapi_dl_slot_t *s, const fapi_pusch_pdu_t *p, uint64_t busy[PRB_WORDS])
{
    referee_ue_t *u = ue_with(p->rnti);
    uint64_t mine[PRB_WORDS] = {0};
    uint16_t start, n;
    CU_ASSERT_PTR_NOT_NULL_FATAL(u);
    expected_t *e = expect(u, s->abs_slot);
    CU_ASSERT_FATAL(e->granted);
    const dci_0_1_t *d = &e->grant;
    const radio_tdra_t *row = &f->cell->ul_tdra[d->tdra];
    CU_ASSERT(riv_decode(f->cell->n_prb, d->fdra, &start, &n) && start == p->rb_start && n == p->rb_size);
    CU_ASSERT(row->start_symbol == p->start_symbol && row->n_symbols == p->n_symbols &&
              d->mcs == p->mcs_index && d->rv == p->rv_index && d->harq_id == p->harq_id);
    process_t *h = &u->ul[d->harq_id];
    bool is_new = check_block(h, (uint8_t)(u->cfg.mcs_table_ul + 1), d->mcs, d->ndi, re_of(&u->cfg, row), n,
                              p->tb_bytes, s->abs_slot - row->k);
    CU_ASSERT_EQUAL(p->new_data, is_new);
    h->answer_slot = s->abs_slot;
    CU_ASSERT_EQUAL(p->harq_ack_bits, e->n_harq);
    n_uci_on_pusch += e->n_harq > 0;
    n_ul++;
    n_ul_again += !is_new;
    prb_set_range(mine, p->rb_start, p->rb_size);
    for (uint32_t w = 0; w < PRB_WORDS; w++) {
        CU_ASSERT_EQUAL(mine[w] & busy[w], 0);
        busy[w] |= mine[w];
    }
    e->granted = false; /* done: a second PUSCH would fail above */
    e->n_harq = 0;
}

static void check_uplink(const fapi_dl_slot_t *s)
{
    uint64_t busy[PRB_WORDS] = {0};
    for (uint32_t i = 0; i < s->n_pucch; i++) {
        prb_set_range(busy, s->pucch[i].prb_start, s->pucch[i].prb_size);
        if (s->pucch[i].freq_hop)
            prb_set_range(busy, s->pucch[i].second_hop_prb, 1);
    }
    if (s->n_prach)
        prb_set_range(busy, f->cell->prach_freq_start, f->cell->prach_n_prb);
    bool has_pusch[UES] = {0};
    for (uint32_t i = 0; i < s->n_pusch; i++) {
        check_pusch(s, &s->pusch[i], busy);
        has_pusch[ue_with(s->pusch[i].rnti) - ues] = true;
    }
    for (uint32_t i = 0; i < UES; i++) {
        referee_ue_t *u = &ues[i];
        expected_t *e = expect(u, s->abs_slot);
        bool csi = s->abs_slot % u->cfg.csi_period_slots == u->cfg.csi_offset_slots, asked = false;
        CU_ASSERT(!e->granted); /* each grant came with its PUSCH */
        for (uint32_t k = 0; k < s->n_pucch; k++) {
            const fapi_pucch_pdu_t *p = &s->pucch[k];
            if (p->rnti != u->rnti)
                continue;
            CU_ASSERT(!has_pusch[i]); /* UCI goes on the PUSCH: 38.213 9.3 */
            CU_ASSERT_EQUAL(p->harq_bits, e->n_harq);
            if (!e->n_harq || (p->sr_flag && p->format == 1))
                continue;
            /* 38.213 9.2.1: the first set for up to two bits, the second one for more; the DCI selects within
             * it */
            bool second = e->n_harq + (csi ? 4 : 0) > 2;
            const radio_pucch_res_t *r = &u->cfg.res[second ? u->cfg.n_set0 + e->pri : e->pri];
            CU_ASSERT(r->format == p->format && r->prb_start == p->prb_start &&
                      r->start_symbol == p->start_symbol && r->n_symbols == p->n_symbols &&
                      r->time_domain_occ == p->time_domain_occ &&
                      r->initial_cyclic_shift == p->initial_cyclic_shift);
            CU_ASSERT_EQUAL(p->csi1_bits, csi ? 4 : 0);
            CU_ASSERT(!asked);
            asked = true;
            n_pucch++;
            n_f2 += p->format == 2;
        }
        CU_ASSERT(asked || e->n_harq == 0 || has_pusch[i]);
    }
}

static void check_downlink(const fapi_dl_slot_t *s)
{
    uint64_t prbs[PRB_WORDS] = {0}, cces[2][PDCCH_CCE_WORDS] = {{0}};
    if (s->n_ssb)
        prb_set_range(prbs, f->cell->ssb_prb, 20);
    for (uint32_t i = 0; i < s->n_pdsch; i++) {
        uint64_t mine[PRB_WORDS] = {0};
        prb_set_range(mine, s->pdsch[i].rb_start, s->pdsch[i].rb_size);
        for (uint32_t w = 0; w < PRB_WORDS; w++) {
            CU_ASSERT_EQUAL(mine[w] & prbs[w], 0);
            prbs[w] |= mine[w];
        }
        CU_ASSERT(s->pdsch[i].tb_offset + s->pdsch[i].tb_bytes <= s->tx_bytes);
    }
    for (uint32_t i = 0; i < (uint32_t)s->n_pdcch + s->n_ul_dci; i++) {
        bool ul = i >= s->n_pdcch;
        const fapi_pdcch_pdu_t *p = ul ? &s->ul_dci[i - s->n_pdcch] : &s->pdcch[i];
        for (uint32_t c = p->cce_index; c < (uint32_t)p->cce_index + p->aggregation_level; c++) {
            uint64_t *of = cces[p->coreset_type]; /* the two CORESETs share no PRB */
            CU_ASSERT(!(of[c >> 6] >> (c & 63) & 1));
            of[c >> 6] |= UINT64_C(1) << (c & 63);
        }
        referee_ue_t *u = ue_with(p->rnti);
        if (u && ul)
            check_ul_dci(u, s, p);
        else if (u)
            check_dl_dci(u, s, p);
    }
}

/* ---- traffic and losses ---- */

static uint32_t dice = 2026;
static uint32_t roll(uint32_t n)
{
    dice = dice * 1664525u + 1013904223u;
    return (dice >> 8) % n;
}

static void lose(fake_t *fake, fapi_ul_slot_t *ul)
{
    (void)fake;
    for (uint32_t i = 0; i < ul->n_uci; i++) {
        if (!roll(30))
            ul->uci[i].dtx = 1;
        for (uint32_t b = 0; b < ul->uci[i].n_harq; b++)
            if (!roll(5))
                ul->uci[i].harq[0] &= (uint8_t) ~(0x80 >> b);
    }
    for (uint32_t i = 0; i < ul->n_pusch; i++) {
        for (uint32_t b = 0; b < ul->pusch[i].harq_ack_bits; b++)
            if (!roll(5))
                ul->pusch[i].harq[0] &= (uint8_t) ~(0x80 >> b);
        if (!roll(5)) {
            ul->pusch[i].crc_ok = 0;
            ul->pusch[i].tb_bytes = 0;
            ul->pusch[i].dtx = !roll(5);
        }
    }
}

static void fill(fake_t *fake, const fapi_pusch_pdu_t *p, uint8_t *tb)
{
    if (p->tb_bytes < 40) {
        fake_fill_default(fake, p, tb);
        return;
    }
    bool talks = ue_with(p->rnti) && ue_with(p->rnti) < ues + TALKERS;
    mac_build_t b = mac_build(tb, p->tb_bytes);
    mac_bsr_t bsr = {
        .lcid = MAC_LCID_UL_SHORT_BSR, .n = 1, .lcg = {1}, .index = {talks ? (uint8_t)roll(31) : 0}};
    mac_build_bsr(&b, &bsr);
    mac_build_end(&b);
}

static void attach(uint32_t i)
{
    uint32_t had = f->n_ccch, set = f->count[DU_EVENT_SRB_DELIVERED];
    uint8_t ccch[150] = {0};
    referee_ue_t *u = &ues[i];
    f->preamble = (int16_t)i;
    FAKE_UNTIL(f, f->n_ccch > had, 200);
    u->ref = f->last[DU_EVENT_CCCH].ue;
    radio_ue_defaults(&u->cfg, f->cell, u->ref.index);
    radio_drb_defaults(&u->cfg.lc[u->cfg.n_lc++], 1, 9);
    u->cfg.lc[1].rlc.mode = RADIO_RLC_UM;
    u->cfg.lc[1].rlc.sn_bits = 12;
    u->cfg.lc[1].slice = i & 1;
    CU_ASSERT_EQUAL(du_slot_ue_config(f->d, u->ref, &u->cfg), 0);
    CU_ASSERT_EQUAL(du_slot_srb_send(f->d, u->ref, 0, buf_from(f->pool, ccch, sizeof ccch), false, 0), 0);
    FAKE_UNTIL(f, f->count[DU_EVENT_SRB_DELIVERED] > set, 200);
    dci_cfg_t c;
    radio_dci_cfg(f->cell, &u->cfg, &c);
    CU_ASSERT_EQUAL(dci_plan(&c, &u->plan), 0);
    u->rnti = f->ccch[had % MAC_MAX_UES].rnti;
}

static void run(const char *plugin, uint16_t n_prb)
{
    static uint8_t sdu[SDU];
    memset(ues, 0, sizeof ues);
    n_dl = n_dl_again = n_dl_free_row = n_ul = n_ul_again = n_pucch = n_uci_on_pusch = n_f2 = 0;
    dice = 2026;
    f = fake_create_k(n_prb, 16, plugin);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    for (uint32_t i = 0; i < UES; i++)
        attach(i);
    fake_steps(f, 40);
    f->spoil = lose;
    f->fill = fill;
    for (uint32_t i = 0; i < 6000; i++) {
        for (uint32_t k = 0; k < UES; k++) {
            ue_t *u = ue_get(f->d->mac, ues[k].ref);
            CU_ASSERT_PTR_NOT_NULL_FATAL(u);
            if (i % 16 == 2 * k && k < TALKERS && !f->sr_rnti)
                f->sr_rnti = ues[k].rnti;
            for (uint32_t m = 0; m < 4 && u->dl_queued < 20000 && roll(3); m++) {
                buf_t *b = buf_from(f->pool, sdu, SDU);
                if (b)
                    mac_sdu_send(f->d->mac, ues[k].ref, DU_DRB_LCID(1), b);
            }
        }
        fake_step(f);
        const fapi_dl_slot_t *s = fake_dl(f, f->n - 1 + FAKE_K);
        CU_ASSERT_PTR_NOT_NULL_FATAL(s);
        check_downlink(s);
        check_uplink(s);
    }
    CU_ASSERT_EQUAL(f->count[DU_EVENT_UE_LOST], 0);
    /* All of it was met, not only passed by. */
    CU_ASSERT(n_dl > 3000 && n_dl_again > 500 && n_dl_free_row > 10 && n_ul > 1000 && n_ul_again > 200);
    CU_ASSERT(n_pucch > 300 && n_uci_on_pusch > 300 && n_f2 > 50);
    fake_destroy(f);
}

static void test_pf(void)
{
    run(PLUGIN_PF, 51);
}

static void test_rr(void)
{
    run(NULL, 51);
}

static void test_wide(void)
{
    run(PLUGIN_PF, 273);
}

CU_MAIN("du/mac referee", {"pf", test_pf}, {"rr", test_rr}, {"pf at 100 MHz", test_wide})
