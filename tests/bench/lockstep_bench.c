/* SPDX-License-Identifier: Apache-2.0 */
/* Lockstep throughput: what DU and emulated UEs carry in virtual time, full buffers both ways, against what
 * the cell's configuration and the SINR allow; and how fast that runs on one core.
 *
 * The bound: in each slot the one MCS that carries most, TBS x (1 - BLER), on all PRBs that the configuration
 * leaves to data. Downlink: all PRBs, but those of an SSB, of the symbols behind the CORESET in full and
 * special slots. Uplink: all but those of PUCCH, and of PRACH where its occasion is. SIB1, CSI-RS, PRBs
 * beside an SSB that one allocation cannot reach, small blocks, headers and what link adaptation misses come
 * out of what is measured: VITRAN_BENCH_COUNTERS in the environment has each of them printed. Traffic enters
 * and leaves at RLC (UM), so that no key and no core is needed. */
#include "du/slot/internal.h"
#include "fronthaul/emulator/ue/ue_int.h"
#include "lib/asn1/asn1.h"
#include "lib/asn1/schema/rrc.asn.h"
#include "lib/mac/access.h"
#include "lib/mac/mcs.h"
#include "tests/bench/bench.h"
#include "tests/e2e/inproc.h"
#include "tests/e2e/ue_load.h"

#define WARM_UP 4000
#define BOUND_SLOTS 320u /* holds whole frames and SSB periods up to 160 ms */
#define SLOTS 20000
#define QUEUE 120000u /* bytes */

typedef struct {
    du_ue_ref_t ue[INPROC_MAX_UES];
    uint32_t n, completes;
} cu_t;

static size_t build_setup(inproc_t *p, const radio_ue_t *ue, uint8_t *buf, size_t cap)
{
    uint8_t cg_bytes[1500];
    size_t n = 0;
    rrc_why_t why;
    rrc_cell_group_t cg = {.present = RRC_CG_ALL, .ue = *ue};
    arena_t a = inproc_scratch(p);
    if (rrc_cell_group_build(&cg, &p->cell, &a, cg_bytes, sizeof cg_bytes, &n, &why))
        exit(1);
    rrc_SRB_ToAddMod_t srb = {.srb_Identity = 1};
    rrc_SRB_ToAddModList_t srbs = {1, &srb};
    rrc_RRCSetup_IEs_t ies = {.radioBearerConfig = {.srb_ToAddModList = &srbs},
                              .masterCellGroup = {cg_bytes, (uint32_t)n}};
    rrc_RRCSetup_t setup = {.criticalExtensions = {.choice = rrc_RRCSetup_criticalExtensions_choice_rrcSetup,
                                                   .u.rrcSetup = &ies}};
    rrc_DL_CCCH_MessageType_c1_t c1 = {.choice = rrc_DL_CCCH_MessageType_c1_choice_rrcSetup,
                                       .u.rrcSetup = &setup};
    rrc_DL_CCCH_Message_t m = {.message = {.choice = rrc_DL_CCCH_MessageType_choice_c1, .u.c1 = &c1}};
    if (asn1_encode(&rrc_DL_CCCH_Message_type, ASN1_UPER, &m, buf, cap, &n, NULL))
        exit(1);
    return n;
}

/* The CU's part: RRCSetup with SRB1 and, out of turn, one UM bearer. */
static void on_event(inproc_t *p, du_event_t *e)
{
    cu_t *cu = p->ctx;
    uint8_t buf[1800];
    radio_ue_t cfg;
    if (e->type == DU_EVENT_DCCH)
        cu->completes++;
    if (e->type != DU_EVENT_CCCH || radio_ue_defaults(&cfg, &p->cell, e->ue.index))
        return;
    radio_lc_t *drb = &cfg.lc[cfg.n_lc++];
    radio_drb_defaults(drb, 1, 9);
    drb->rlc.mode = RADIO_RLC_UM;
    drb->rlc.sn_bits = 12;
    size_t n = build_setup(p, &cfg, buf, sizeof buf);
    cu->ue[cu->n++] = e->ue;
    du_slot_ue_config(p->du, e->ue, &cfg);
    du_slot_srb_send(p->du, e->ue, 0, buf_from(p->pool, buf, (uint32_t)n), false, 0);
}

static void keep_full(inproc_t *p, cu_t *cu)
{
    static const uint8_t sdu[1400];
    mac_ue_stats_t st[INPROC_MAX_UES];
    uint32_t n = du_slot_ue_stats(p->du, st, INPROC_MAX_UES);
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t had = st[i].dl_queued_bytes; had < QUEUE / cu->n + 20000; had += sizeof sdu) {
            buf_t *b = buf_from(p->pool, sdu, sizeof sdu);
            if (!b || mac_sdu_send(p->du->mac, st[i].ue, DU_DRB_LCID(1), b))
                break;
        }
        mac_touch(p->du->mac, st[i].ue);
    }
    for (uint32_t i = 0; i < p->n_ues; i++)
        ue_load_fill(p->ue[i], DU_DRB_LCID(1), QUEUE / cu->n + 20000);
}

/* Most bits that one slot can carry at this SINR. */
static double best(const bler_t *b, uint8_t table, uint16_t re_per_prb, uint16_t n_prb, double sinr_db,
                   uint8_t *ret_row)
{
    double most = 0;
    for (uint8_t i = 0; i <= mcs_max_index(table); i++) {
        mcs_t m;
        if (!mcs_get(table, i, &m))
            continue;
        uint32_t bits = tbs_bits(re_per_prb, n_prb, m.qm, m.rate_x10, 1, 0);
        double got = bits * (1 - bler_ldpc(b, m.qm, (uint32_t)re_per_prb * n_prb, bits, sinr_db));
        if (got <= most)
            continue;
        most = got;
        if (ret_row)
            *ret_row = i;
    }
    return most;
}

/* REs a PRB of the longest row that the slot holds; 0: no downlink. */
static uint16_t data_re(const radio_cell_t *c, uint32_t slot, radio_ue_t *ret_u)
{
    uint8_t d = radio_dl_symbols(c, slot), most = 0;
    uint16_t re = 0;
    radio_ue_defaults(ret_u, c, 0);
    for (uint32_t i = 0; i < c->n_dl_tdra; i++)
        if (c->dl_tdra[i].start_symbol + c->dl_tdra[i].n_symbols <= d && c->dl_tdra[i].n_symbols > most) {
            most = c->dl_tdra[i].n_symbols;
            re = radio_dmrs(c, &c->dl_tdra[i], ret_u->dmrs_add_pos, RADIO_PORTS_CDM_GROUPS).re_per_prb;
        }
    return re;
}

/* PRBs that the SSB leaves. Its symbols are those of the PDSCH's first DM-RS, so that a PDSCH cannot go round
 * it: TS 38.214 5.1.4. */
static uint16_t data_prbs(const radio_cell_t *c, uint32_t slot)
{
    uint32_t at = slot % ((uint32_t)c->ssb_period_ms << c->mu);
    for (uint8_t i = 0; i < 8; i++)
        if ((c->ssb_mask_byte >> (7 - i) & 1) && ssb_first_symbol('C', i) / 14u == at)
            return (uint16_t)(c->n_prb - 20);
    return c->n_prb;
}

static void bound(const bler_t *b, const radio_cell_t *c, uint32_t n_ues, double sinr_db, double *ret_dl_mbps,
                  double *ret_ul_mbps)
{
    radio_ue_t u;
    double dl = 0, ul = 0;
    radio_ue_defaults(&u, c, 0);
    uint16_t data = (uint16_t)(c->n_prb - radio_pucch_prbs((uint16_t)n_ues) - 1);
    for (uint32_t s = 0; s < BOUND_SLOTS; s++) {
        uint16_t re = data_re(c, s, &u);
        if (re)
            dl += best(b, u.mcs_table_dl + 1, re, data_prbs(c, s), sinr_db, NULL);
        if (radio_ul_symbols(c, s) == 14)
            ul += best(b, u.mcs_table_ul + 1,
                       radio_dmrs(c, &c->ul_tdra[0], u.dmrs_add_pos, RADIO_PORTS_CDM_GROUPS).re_per_prb,
                       (uint16_t)(data - (s % 20 == c->prach_slot ? c->prach_n_prb : 0)), sinr_db, NULL);
    }
    *ret_dl_mbps = dl * 2000 / BOUND_SLOTS / 1e6;
    *ret_ul_mbps = ul * 2000 / BOUND_SLOTS / 1e6;
}

/* Where the downlink's bits went, against the bound: in bits but for the last. */
typedef struct {
    double bound;                  /* all of it */
    double common;                 /* PRBs of SI, RAR and paging */
    double short_row;              /* symbols given up, to CSI-RS */
    double empty_slot, idle, retx; /* no PDSCH at all; PRBs unused; PRBs of retransmissions */
    double split, row;             /* smaller blocks; another MCS row than the best one for the block */
    double carried;                /* in new blocks, with headers */
    double slots, blocks, mcs, mcs_best;
} loss_t;

static void account(loss_t *l, const bler_t *b, const inproc_t *p, double sinr_db)
{
    uint64_t slot = p->n - 1;
    const fapi_dl_slot_t *dl = &p->dl[slot % INPROC_RING];
    const radio_cell_t *c = &p->cell;
    radio_ue_t u;
    uint16_t re = data_re(c, (uint32_t)(slot % 20), &u), used = 0, data = 0;
    if (!re)
        return;
    uint8_t row = 0, table = (uint8_t)(u.mcs_table_dl + 1);
    uint16_t all = data_prbs(c, (uint32_t)(slot % BOUND_SLOTS));
    double most = best(b, table, re, all, sinr_db, &row), per_prb = most / all;
    l->bound += most;
    l->mcs_best += row;
    l->slots++;
    for (uint32_t i = 0; i < dl->n_pdsch; i++) {
        const fapi_pdsch_pdu_t *d = &dl->pdsch[i];
        uint32_t n = d->rb_size, k = 0;
        used = (uint16_t)(used + n);
        while (k < p->n_ues && p->ue[k]->mac.c_rnti != d->rnti)
            k++;
        if (k == p->n_ues) {
            l->common += n * per_prb;
            continue;
        }
        data++;
        if (!d->new_data) {
            l->retx += n * per_prb;
            continue;
        }
        radio_tdra_t t = {.start_symbol = d->start_symbol, .n_symbols = d->n_symbols};
        uint16_t has = radio_dmrs(c, &t, u.dmrs_add_pos, RADIO_PORTS_CDM_GROUPS).re_per_prb;
        double whole = best(b, table, has, all, sinr_db, NULL) / all * n;
        double here = best(b, table, has, (uint16_t)n, sinr_db, NULL);
        l->short_row += per_prb * n - whole;
        l->split += whole - here;
        l->row += here - d->tb_bytes * 8.0;
        l->carried += d->tb_bytes * 8.0;
        l->blocks++;
        l->mcs += d->mcs_index;
    }
    if (!data)
        l->empty_slot += (all - used) * per_prb;
    else
        l->idle += (all - used) * per_prb;
}

static void loss_print(const loss_t *l, double received)
{
    printf("    DL %% of bound: common %.2f, short row %.2f, empty slots %.2f, idle PRBs %.2f, "
           "retransmissions %.2f, split %.2f, MCS row %.2f, headers %.2f; %.2f blocks a slot, "
           "row %.2f of %.2f\n",
           100 * l->common / l->bound, 100 * l->short_row / l->bound, 100 * l->empty_slot / l->bound,
           100 * l->idle / l->bound, 100 * l->retx / l->bound, 100 * l->split / l->bound,
           100 * l->row / l->bound, 100 * (l->carried - received) / l->bound, l->blocks / l->slots,
           l->mcs / l->blocks, l->mcs_best / l->slots);
}

static void run(uint16_t n_prb, uint32_t n_ues, double sinr_db)
{
    static inproc_t p;
    cu_t cu = {.n = 0};
    radio_cell_t cell;
    air_ue_config_t ues[INPROC_MAX_UES];
    double dl_bound, ul_bound;
    mac_ue_stats_t st[INPROC_MAX_UES];
    char params[128];

    for (uint32_t i = 0; i < n_ues; i++)
        ues[i] = (air_ue_config_t){.sinr_dl_db = sinr_db, .sinr_ul_db = sinr_db};
    if (radio_cell_defaults(&cell, n_prb))
        exit(1);
    inproc_create(&p, &cell, ues, n_ues, NULL);
    p.on_event = on_event;
    p.ctx = &cu;
    while (cu.completes < n_ues && p.n < 20000)
        inproc_slot(&p);
    if (cu.completes < n_ues) {
        fprintf(stderr, "lockstep bench: only %u of %u UEs attached\n", cu.completes, n_ues);
        exit(1);
    }
    for (uint32_t i = 0; i < WARM_UP; i++) {
        keep_full(&p, &cu);
        inproc_slot(&p);
    }
    uint64_t dl = 0, ul = 0;
    for (uint32_t i = 0; i < n_ues; i++)
        dl -= ue_load_received(p.ue[i], DU_DRB_LCID(1));
    uint32_t n = du_slot_ue_stats(p.du, st, INPROC_MAX_UES);
    for (uint32_t i = 0; i < n; i++)
        ul -= st[i].ul_bytes;
    bler_t *b = bler_create();
    bool causes = getenv("VITRAN_BENCH_COUNTERS") != NULL; /* costs time */
    loss_t loss = {0};
    double begin = bench_now_ns();
    for (uint32_t i = 0; i < SLOTS; i++) {
        keep_full(&p, &cu);
        inproc_slot(&p);
        if (causes)
            account(&loss, b, &p, sinr_db);
    }
    double took = bench_now_ns() - begin, seconds = SLOTS * 0.0005;
    for (uint32_t i = 0; i < n_ues; i++)
        dl += ue_load_received(p.ue[i], DU_DRB_LCID(1));
    n = du_slot_ue_stats(p.du, st, INPROC_MAX_UES);
    for (uint32_t i = 0; i < n; i++)
        ul += st[i].ul_bytes;
    bound(b, &cell, n_ues, sinr_db, &dl_bound, &ul_bound);
    bler_destroy(b);
    double dl_mbps = (double)dl * 8 / seconds / 1e6, ul_mbps = (double)ul * 8 / seconds / 1e6;
    snprintf(params, sizeof params, "\"prbs\":%u,\"ues\":%u,\"sinr_db\":%g", n_prb, n_ues, sinr_db);
    bench_print_value("lockstep_dl", params, "Mbit/s", dl_mbps);
    bench_print_value("lockstep_dl_of_bound", params, "ratio", dl_mbps / dl_bound);
    bench_print_value("lockstep_ul", params, "Mbit/s", ul_mbps);
    bench_print_value("lockstep_ul_of_bound", params, "ratio", ul_mbps / ul_bound);
    bench_print_value("lockstep_speed", params, "x real time", seconds * 1e9 / took);
    if (causes) {
        loss_print(&loss, (double)dl * 8);
        inproc_print(&p);
    }
    inproc_destroy(&p);
}

int main(void)
{
    static const double sinr[] = {5, 15, 25};
    for (int i = 0; i < 3; i++) {
        run(51, 1, sinr[i]);
        run(51, 4, sinr[i]);
    }
    run(273, 4, 25);
    return 0;
}
