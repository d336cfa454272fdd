/* SPDX-License-Identifier: Apache-2.0 */
/* Full slots of a 100 MHz cell (273 PRB, 30 kHz, 4 antennas), through the L1 on one core (run to completion)
 * and by lib/phy's own calls: one JSON line a figure, and where the time goes, kernel by kernel.
 *   --table       the breakdown as a table instead
 *   --svg DIR     the breakdown as DIR/slot-dl.svg, slot-ul1.svg, slot-ul4.svg
 * VITRAN_ISA (generic, avx2, avx512) chooses the kernels; the CPU's best by default. Each uplink slot decodes
 * and each downlink slot is complete, or the bench ends with an error. */
#include "du/phy/slots.h"
#include "tests/bench/bench.h"
#include "tests/bench/phy_slot_grid.h"
#include "tests/bench/phy_slot_probe.h"
#include "tests/unit/du/phy/rig.h"

#include <math.h>

#define RUNS 301
#define PROBED 151
#define DL_SLOT 20 /* the first of a frame: its first block may hold an SSB */
#define UL_SLOT 4

static double total[RUNS], other[RUNS];
static phy_isa_t isa = PHY_ISA_BEST;
static bool as_table;
static const char *svg_dir;

static void fail(const char *what)
{
    fprintf(stderr, "phy_slot_bench: %s\n", what);
    exit(1);
}

static void ends(const rig_t *r)
{
    du_phy_refusal_t why;
    if (du_phy_poll_refusal(r->l1, &why)) {
        fprintf(stderr, "phy_slot_bench: %s refused, %s = %lld: %s\n", why.pdu, why.why.field,
                (long long)why.why.value, why.why.expected);
        exit(1);
    }
}

/* ---- figures ---- */

static void print(const char *name, const char *slot, const char *more, double *samples)
{
    char params[300];
    if (as_table)
        return;
    snprintf(params, sizeof params, "\"slot\":\"%s\",\"isa\":\"%s\"%s", slot, phy_isa_name(isa), more);
    bench_print(name, params, "us", samples, RUNS);
}

static void print_parts(const char *slot, const char *file, const char *heading)
{
    static probe_node_t nodes[PROBE_MAX_NODES];
    if (as_table) {
        probe_print_table(stdout);
        printf("\n");
    } else {
        unsigned n = probe_nodes(nodes);
        for (unsigned i = 1; i < n; i++) {
            char way[200] = "", longer[200], params[320];
            for (int k = (int)i; k > 0; k = nodes[k].parent) {
                snprintf(longer, sizeof longer, "%s%s%.100s", nodes[k].title, way[0] ? " > " : "", way);
                memcpy(way, longer, sizeof way);
            }
            snprintf(params, sizeof params, "\"slot\":\"%s\",\"isa\":\"%s\",\"part\":\"%s\",\"percent\":%.1f",
                     slot, phy_isa_name(isa), way, 100 * nodes[i].us / nodes[0].us);
            bench_print_value("phy_slot_part", params, "us", nodes[i].us);
        }
    }
    if (!svg_dir || !file)
        return;
    char path[300], line[300];
    snprintf(path, sizeof path, "%s/%s", svg_dir, file);
    FILE *f = fopen(path, "w");
    if (!f)
        fail(path);
    const char *commit = getenv("VITRAN_COMMIT");
    snprintf(line, sizeof line, "%s, one core, %s, commit %s", heading, phy_isa_name(isa),
             commit ? commit : "unknown");
    probe_print_svg(f, line);
    fclose(f);
}

/* Pages that the process touched since `clear`; -1 where the kernel does not say. */
static long touched_kb(bool clear)
{
    if (clear) {
        FILE *f = fopen("/proc/self/clear_refs", "w");
        if (!f)
            return -1;
        fputs("1", f);
        return fclose(f);
    }
    FILE *f = fopen("/proc/self/smaps", "r");
    char line[300];
    long sum = -1, kb;
    bool writable = false;
    while (f && fgets(line, sizeof line, f)) {
        char mode[5];
        if (sscanf(line, "%*x-%*x %4s", mode) == 1 && strlen(mode) == 4)
            writable = mode[1] == 'w';
        if (writable && sscanf(line, "Referenced: %ld kB", &kb) == 1)
            sum = (sum < 0 ? 0 : sum) + kb;
    }
    if (f)
        fclose(f);
    return sum;
}

static void print_working_set(const char *slot, size_t budget, long kb)
{
    char params[200];
    if (as_table)
        return;
    snprintf(params, sizeof params, "\"slot\":\"%s\",\"isa\":\"%s\"", slot, phy_isa_name(isa));
    bench_print_value("phy_slot_budgeted", params, "bytes", (double)budget);
    if (kb >= 0)
        bench_print_value("phy_slot_touched", params, "bytes", (double)kb * 1024);
}

/* ---- downlink ---- */

static void dl_messages(rig_t *r, bool ssb_csi_rs)
{
    cf_t w[16];
    for (unsigned a = 0; a < 4; a++)
        for (unsigned l = 0; l < 4; l++) /* a DFT matrix, turned: nothing in it is 0 or the identity's */
            w[a * 4 + l] = (cf_t){0.25f * (float)cos(2 * M_PI * (a * l + 0.3) / 4),
                                  0.25f * (float)sin(2 * M_PI * (a * l + 0.3) / 4)};
    phy_refusal_t why;
    if (du_phy_set_precoding(r->l1, 1, 4, 4, w, &why))
        fail(why.field);
    rig_begin(r, DL_SLOT);
    for (unsigned i = 0; i < 8; i++)
        rig_pdcch(r, (uint16_t)(0x4601 + i), 4, 4 * i, 44);
    fapi_pdsch_pdu_t *p = rig_pdsch(r, 0x4601, 0, 273, 2, 12, 27, 4);
    p->precoding.n_prgs = 1;
    p->precoding.prg_size = 273;
    p->precoding.pm_idx[0] = 1;
    if (!ssb_csi_rs)
        return;
    r->slab->ssb[r->slab->n_ssb++] = (fapi_ssb_pdu_t){
        .phys_cell_id = 77, .ssb_block_index = 1, .ssb_offset_point_a = 2 * 100, .bch_payload = 0x5a5a5a};
    r->slab->csi_rs[r->slab->n_csi_rs++] = (fapi_csi_rs_pdu_t){.bwp_size = 273,
                                                               .n_rbs = 272,
                                                               .scs = 1,
                                                               .csi_type = 1,
                                                               .row = 4,
                                                               .freq_domain = 1,
                                                               .symb_l0 = 13,
                                                               .cdm_type = 1,
                                                               .freq_density = 2,
                                                               .scramb_id = 77};
    p->csi_rs_mask = 1;
    p->dmrs_symbol_mask = 1 << 2 | 1 << 7; /* the block's symbols are 8..11 */
}

static double dl_run(rig_t *r, double *ret_ready)
{
    double start = bench_now_ns();
    if (du_phy_dl(r->l1, r->slab, 0) || !du_phy_dl_grid(r->l1, DL_SLOT))
        fail("the slot is not complete");
    double ready = bench_now_ns();
    du_phy_dl_release(r->l1, DL_SLOT);
    *ret_ready = (ready - start) / 1e3;
    return (bench_now_ns() - start) / 1e3;
}

/* The slot's PDSCH by lib/phy's own calls. */
static double dl_direct(const dl_pdsch_t *d, const du_phy_t *p, const phy_grid_t *grid)
{
    static pdsch_plan_t plan;
    phy_refusal_t why;
    pdsch_cfg_t cfg = d->plan.cfg;
    double start = bench_now_ns();
    if (pdsch_plan(p->phy, &cfg, grid->n_ant, &plan, &why))
        fail(why.field);
    pdsch_run(p->phy, &plan, d->tb, p->work[0].pdsch, grid);
    return (bench_now_ns() - start) / 1e3;
}

static void bench_dl(const char *slot, bool ssb_csi_rs, const char *file)
{
    fapi_cell_config_t cell = rig_cell(273, 4, 4);
    cell.ssb_mask = UINT64_C(1) << 63;
    rig_t *r = rig_create(&cell, 0, isa);
    char more[160];
    dl_messages(r, ssb_csi_rs);
    for (int i = -20; i < RUNS; i++)
        total[i < 0 ? 0 : i] = dl_run(r, &other[i < 0 ? 0 : i]);
    ends(r);
    const dl_slot_t *s = &r->l1->dl[DL_SLOT % DU_PHY_SLOTS];
    snprintf(more, sizeof more, ",\"layers\":4,\"qm\":8,\"tb_bits\":%u,\"code_blocks\":%u,\"pdcch\":8",
             s->pdsch[0].plan.cfg.tb_bytes * 8, s->pdsch[0].plan.n_code_blocks);
    print("phy_slot_dl", slot, more, total);
    print("phy_slot_dl_ready", slot, more, other);

    touched_kb(true);
    dl_run(r, other);
    long kb = touched_kb(false);
    size_t budget = (size_t)s->grid.n_ant * s->grid.n_symbols * s->grid.n_sc * sizeof(ci16_t) +
                    s->pdsch[0].plan.cfg.tb_bytes + sizeof(pdsch_plan_t) + sizeof(pdsch_work_t) +
                    s->n_pdcch * sizeof *s->pdcch;
    print_working_set(slot, budget, kb);

    static pdsch_reserved_t reserved[PDU_MAX_RESERVED];
    memcpy(reserved, s->reserved, sizeof reserved);
    for (int i = -5; i < RUNS; i++)
        total[i < 0 ? 0 : i] = dl_direct(&s->pdsch[0], r->l1, &s->grid);
    print("phy_slot_pdsch_direct", slot, more, total);

    probe_tables(r->l1->phy);
    probe_begin("slot");
    for (int i = 0; i < PROBED; i++) {
        probe_run_begin();
        dl_run(r, other);
        probe_run_end();
    }
    probe_end();
    print_parts(slot, file,
                "Downlink slot, 100 MHz: 4 layers 256QAM on 273 PRB, 4 antennas precoded, 8 PDCCHs");
    rig_destroy(r);
}

/* ---- uplink ---- */

typedef struct {
    const char *slot, *file, *heading;
    unsigned mcs, n_layers, srs;
    float noise; /* variance, of a unit symbol on an antenna */
} ul_case_t;

static void ul_messages(rig_t *r, const ul_case_t *c)
{
    rig_begin(r, UL_SLOT);
    rig_pusch(r, 0x4601, 1, 270, 0, c->srs ? 13 : 14, c->mcs, c->n_layers);
    rig_send_pusch(r, 0);
    for (unsigned u = 0; u < 4; u++) {
        fapi_pucch_pdu_t *p = rig_pucch(r, (uint16_t)(0x4610 + u), 1, 0, 1, 0, 14, 1);
        p->initial_cyclic_shift = (uint16_t)(u * 3);
        rig_send_pucch(r, u, u & 1, false, NULL);
    }
    for (unsigned u = 0; u < 4; u++) {
        uint8_t uci[2] = {(uint8_t)(0xa5 + u), 0x40};
        rig_pucch(r, (uint16_t)(0x4620 + u), 2, 271 + u / 2, 1, u % 2 ? 10 : 0, 2, 10);
        rig_send_pucch(r, 4 + u, 0, false, uci);
    }
    if (c->srs)
        r->slab->srs[r->slab->n_srs++] = (fapi_srs_pdu_t){.rnti = 0x4602,
                                                          .bwp_size = 273,
                                                          .scs = 1,
                                                          .n_ports = 1,
                                                          .n_symbols = 1,
                                                          .n_repetitions = 1,
                                                          .start_symbol = 13,
                                                          .config_index = 63,
                                                          .comb_size = 2,
                                                          .sequence_id = 77};
}

static double gauss(uint64_t *s)
{
    double x = 0;
    for (int k = 0; k < 12; k++) {
        *s ^= *s << 13, *s ^= *s >> 7, *s ^= *s << 17;
        x += (double)(*s >> 11) / 9007199254740992.0;
    }
    return x - 6;
}

/* UE antennas through a DFT matrix to the cell's, with noise. */
static void make_samples(const rig_t *r, double noise, const phy_grid_t *rx)
{
    uint64_t s = 88172645463325252u;
    for (unsigned a = 0; a < rx->n_ant; a++)
        for (unsigned l = 0; l < PHY_SYMBOLS; l++)
            for (unsigned k = 0; k < rx->n_sc; k++) {
                double re = 0, im = 0;
                for (unsigned t = 0; t < 4; t++) {
                    const ci16_t x = phy_grid_symbol(&r->tx, t, l)[k];
                    const double turn = 2 * M_PI * (a * t / 4.0 + 0.1 * t - 0.0004 * k), c = cos(turn) / 2,
                                 d = sin(turn) / 2;
                    re += c * x.re - d * x.im;
                    im += c * x.im + d * x.re;
                }
                re += gauss(&s) * sqrt(noise / 2) * PHY_UNIT;
                im += gauss(&s) * sqrt(noise / 2) * PHY_UNIT;
                phy_grid_symbol(rx, a, l)[k] = (ci16_t){(int16_t)lrint(re), (int16_t)lrint(im)};
            }
}

static double ul_run(rig_t *r, const phy_grid_t *samples, double *ret_last)
{
    double start = bench_now_ns();
    if (du_phy_ul(r->l1, r->slab, 0))
        fail("overrun");
    double planned = bench_now_ns();
    const phy_grid_t *grid = du_phy_ul_grid(r->l1, UL_SLOT);
    for (unsigned a = 0; a < grid->n_ant; a++)
        for (unsigned l = 0; l < PHY_SYMBOLS; l++)
            memcpy(phy_grid_symbol(grid, a, l), phy_grid_symbol(samples, a, l), grid->n_sc * sizeof(ci16_t));
    double came = bench_now_ns();
    for (unsigned l = 0; l + 1 < PHY_SYMBOLS; l++)
        du_phy_ul_symbol(r->l1, UL_SLOT, l);
    double last = bench_now_ns();
    du_phy_ul_symbol(r->l1, UL_SLOT, PHY_SYMBOLS - 1);
    const fapi_ul_slot_t *out = du_phy_ul_take(r->l1, UL_SLOT);
    if (!out || !out->pusch[0].crc_ok)
        fail("an uplink slot that did not decode");
    for (unsigned u = 0; u < 8; u++)
        if (out->uci[u].dtx)
            fail("a PUCCH that was not detected");
    double done = bench_now_ns();
    du_phy_ul_release(r->l1, UL_SLOT);
    *ret_last = (done - last) / 1e3;
    return (bench_now_ns() - came + planned - start) / 1e3;
}

static double ul_direct(rig_t *r, ul_pusch_t *u, const phy_grid_t *grid)
{
    static pusch_plan_t plan;
    static sch_rx_cb_t cb[SCH_MAX_CB];
    phy_refusal_t why;
    const pusch_cfg_t cfg = u->plan.cfg;
    for (unsigned i = 0; i < u->plan.sch.n_cb; i++) {
        cb[i] = u->cb[i];
        cb[i].n_soft = 0;
        cb[i].done = false;
    }
    double start = bench_now_ns();
    if (pusch_plan(r->l1->phy, &cfg, &plan, &why))
        fail(why.field);
    if (!pusch_rx(r->l1->phy, &u->rx, r->l1->work[0].pusch, &plan, grid, cb, u->slot->memory, NULL, NULL,
                  u->tb)
             ->crc_ok)
        fail("an uplink block that did not decode");
    return (bench_now_ns() - start) / 1e3;
}

static void bench_ul(const ul_case_t *c)
{
    fapi_cell_config_t cell = rig_cell(273, 4, 4);
    rig_t *r = rig_create(&cell, 0, isa);
    ul_messages(r, c);
    phy_grid_t samples = r->tx;
    samples.n_ant = 4;
    samples.re = aligned_alloc(PHY_ALIGN, (size_t)4 * PHY_SYMBOLS * samples.stride * sizeof(ci16_t));
    if (!samples.re)
        fail("no memory");
    make_samples(r, (double)c->noise, &samples);
    for (int i = -10; i < RUNS; i++)
        total[i < 0 ? 0 : i] = ul_run(r, &samples, &other[i < 0 ? 0 : i]);
    ends(r);
    ul_slot_t *s = &r->l1->ul[UL_SLOT % DU_PHY_SLOTS];
    ul_pusch_t *u = &s->pusch[0];
    char more[200];
    snprintf(more, sizeof more,
             ",\"layers\":%u,\"qm\":%u,\"tb_bits\":%u,\"code_blocks\":%u,\"iterations\":%u,\"snr_db\":%.0f,"
             "\"pucch\":8",
             c->n_layers, u->plan.cfg.qm, u->plan.cfg.tb_bytes * 8, u->plan.sch.n_cb,
             u->rx.result.iterations_max, -10 * log10((double)c->noise));
    print("phy_slot_ul", c->slot, more, total);
    print("phy_slot_ul_after_last_symbol", c->slot, more, other);

    touched_kb(true);
    ul_run(r, &samples, other);
    long kb = touched_kb(false) - 4L * PHY_SYMBOLS * samples.stride * (long)sizeof(ci16_t) / 1024;
    size_t budget = (size_t)s->grid.n_ant * s->grid.n_symbols * s->grid.n_sc * sizeof(ci16_t) +
                    s->memory_used + pusch_work_bytes() + sizeof(ul_pusch_t) +
                    u->plan.sch.n_cb * (size_t)(LDPC_MAX_SOFT + LDPC_MAX_K_BYTES) + u->plan.cfg.tb_bytes;
    print_working_set(c->slot, budget, kb);

    for (int i = -5; i < RUNS; i++)
        total[i < 0 ? 0 : i] = ul_direct(r, u, &s->grid);
    print("phy_slot_pusch_direct", c->slot, more, total);

    probe_tables(r->l1->phy);
    probe_begin("slot");
    for (int i = 0; i < PROBED; i++) {
        const phy_grid_t *grid = &s->grid;
        for (unsigned a = 0; a < grid->n_ant; a++)
            for (unsigned l = 0; l < PHY_SYMBOLS; l++)
                memcpy(phy_grid_symbol(grid, a, l), phy_grid_symbol(&samples, a, l),
                       grid->n_sc * sizeof(ci16_t));
        probe_run_begin();
        du_phy_ul(r->l1, r->slab, 0);
        for (unsigned l = 0; l < PHY_SYMBOLS; l++)
            du_phy_ul_symbol(r->l1, UL_SLOT, l);
        const fapi_ul_slot_t *out = du_phy_ul_take(r->l1, UL_SLOT);
        probe_run_end();
        if (!out || !out->pusch[0].crc_ok)
            fail("an uplink slot that did not decode");
        du_phy_ul_release(r->l1, UL_SLOT);
    }
    probe_end();
    print_parts(c->slot, c->file, c->heading);
    free(samples.re);
    rig_destroy(r);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--table") == 0)
            as_table = true;
        else if (strcmp(argv[i], "--svg") == 0 && i + 1 < argc)
            svg_dir = argv[++i];
        else {
            fprintf(stderr, "usage: phy_slot_bench [--table] [--svg DIR]\n");
            return 2;
        }
    const char *level = getenv("VITRAN_ISA");
    isa = level && !strcmp(level, "generic") ? PHY_ISA_GENERIC
          : level && !strcmp(level, "avx2")  ? PHY_ISA_AVX2
                                             : PHY_ISA_BEST;
    if (isa > phy_isa_detect())
        isa = phy_isa_detect();
    static const ul_case_t cases[] = {
        {"ul1-64qam", "slot-ul1.svg",
         "Uplink slot, 100 MHz: 1 layer 64QAM on 270 PRB, 4 antennas, 8 PUCCHs of formats 1 and 2", 19, 1, 0,
         1e-3f},
        {"ul1-256qam", NULL, "", 27, 1, 0, 1e-3f},
        {"ul4-64qam", "slot-ul4.svg",
         "Uplink slot, 100 MHz: 4 layers 64QAM on 270 PRB, 4 antennas, 8 PUCCHs of formats 1 and 2", 19, 4, 0,
         1e-3f},
        {"ul4-256qam", NULL, "", 27, 4, 0, 1e-4f},
        {"ul1-64qam-srs", NULL, "", 19, 1, 1, 1e-3f},
    };
    bench_dl("dl4-256qam", false, "slot-dl.svg");
    bench_dl("dl4-256qam-ssb-csi-rs", true, NULL);
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
        bench_ul(&cases[i]);
    if (as_table)
        return 0;
    bench_print_value("phy_slot_stamp", "", "ns", probe_cost_ns());
    phy_t *phy;
    if (phy_create(isa, &phy) < 0)
        return 1;
    phy_slot_grid_formats(phy);
    phy_destroy(phy);
    return 0;
}
