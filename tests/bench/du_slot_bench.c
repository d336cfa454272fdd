/* SPDX-License-Identifier: Apache-2.0 */
/* ns per slot of the whole of MAC with the `pf` plugin, RLC included: UEs with full buffers both ways on 100
 * MHz, TDD DDDSU, and few active ones among many. The radio is the unit tests' fake one and is not timed;
 * each HARQ-ACK is an ACK and each block decodes, one in ten of the first transmissions excepted. Also the
 * bits that the slots carried, against what their PRBs and MCS could. */
#include "du/slot/internal.h"
#include "tests/bench/bench.h"
#include "tests/unit/du/mac/fake.h"

#define SLOTS 20000
#define SDU 1400

static void fill_full(fake_t *f, const fapi_pusch_pdu_t *p, uint8_t *tb)
{
    if (p->tb_bytes < 40) {
        fake_fill_default(f, p, tb);
        return;
    }
    /* one UM SDU on the DRB, unsegmented; a BSR that never ends */
    mac_build_t b = mac_build(tb, p->tb_bytes);
    uint32_t room = p->tb_bytes - 16;
    while (room > SDU + 8) {
        uint8_t *at = mac_build_sdu_reserve(&b, DU_DRB_LCID(1), SDU + 1);
        if (!at)
            break;
        memset(at, 0, SDU + 1);
        mac_build_sdu_commit(&b, SDU + 1);
        room -= SDU + 4;
    }
    mac_bsr_t bsr = {.lcid = MAC_LCID_UL_SHORT_BSR, .n = 1, .lcg = {1}, .index = {30}};
    mac_build_bsr(&b, &bsr);
    mac_build_end(&b);
}

static uint32_t dice = 12345;

static void spoil_tenth(fake_t *f, fapi_ul_slot_t *ul)
{
    (void)f;
    for (uint32_t i = 0; i < ul->n_uci; i++)
        for (uint32_t b = 0; b < ul->uci[i].n_harq; b++) {
            dice = dice * 1664525 + 1013904223;
            if (dice >> 16 < 6553)
                ul->uci[i].harq[0] &= (uint8_t) ~(0x80 >> b);
        }
    for (uint32_t i = 0; i < ul->n_pusch; i++) {
        dice = dice * 1664525 + 1013904223;
        if (dice >> 16 < 6553) {
            ul->pusch[i].crc_ok = 0;
            ul->pusch[i].tb_bytes = 0;
        }
    }
}

static void keep_full(fake_t *f, const du_ue_ref_t *ue, uint32_t n)
{
    static uint8_t sdu[SDU];
    mac_t *m = f->d->mac;
    for (uint32_t i = 0; i < n; i++) {
        ue_t *u = ue_get(m, ue[i]);
        for (uint32_t k = 0; u && u->dl_queued < 80000 && k < 60; k++) {
            buf_t *b = buf_from(f->pool, sdu, SDU);
            if (!b || mac_sdu_send(m, ue[i], DU_DRB_LCID(1), b) < 0)
                break;
            if (k % 16 == 15)
                dl_refresh(m, u);
        }
    }
}

static void fake_step_timed(fake_t *f, double *ret_ns)
{
    uint64_t n = f->n++;
    double begin = bench_now_ns();
    du_slot_run_one(f->d, n, &f->ul, &f->dl[(n + FAKE_K) % FAKE_HISTORY]);
    *ret_ns = bench_now_ns() - begin;
    fake_air(f, n);
}

static void attach(fake_t *f, du_ue_ref_t *ret, uint8_t preamble)
{
    uint32_t had = f->n_ccch, set = f->count[DU_EVENT_SRB_DELIVERED];
    radio_ue_t u;
    uint8_t ccch[150] = {0};
    f->preamble = preamble;
    FAKE_UNTIL(f, f->n_ccch > had, 200);
    *ret = f->last[DU_EVENT_CCCH].ue;
    radio_ue_defaults(&u, f->cell, ret->index);
    radio_drb_defaults(&u.lc[u.n_lc++], 1, 9);
    u.lc[1].rlc.mode = RADIO_RLC_UM;
    u.lc[1].rlc.sn_bits = 12;
    u.lc[1].slice = ret->index & 1;
    du_slot_ue_config(f->d, *ret, &u);
    du_slot_srb_send(f->d, *ret, 0, buf_from(f->pool, ccch, sizeof ccch), false, 0);
    FAKE_UNTIL(f, f->count[DU_EVENT_SRB_DELIVERED] > set, 200);
}

static void bench(uint32_t n_ues, uint32_t n_active)
{
    static double ns[SLOTS];
    char params[160];
    du_ue_ref_t ue[64];
    mac_ue_stats_t st[64];
    fake_t *f = fake_create_k(273, 64, PLUGIN_PF);
    if (!f)
        exit(1);
    for (uint32_t i = 0; i < n_ues; i++)
        attach(f, &ue[i], (uint8_t)i);
    f->cqi = 15;
    f->sinr_x10 = 250;
    f->fill = fill_full;
    f->spoil = spoil_tenth;
    for (uint32_t i = 0; i < n_active; i++) { /* each asks once; its BSRs keep it going */
        f->sr_rnti = f->ccch[i].rnti;
        fake_steps(f, 40);
    }
    for (uint32_t i = 0; i < 2000; i++) {
        keep_full(f, ue, n_active);
        fake_step(f);
    }
    uint64_t dl0 = 0, ul0 = 0, dl = 0, ul = 0, prb0 = 0, prb = 0;
    uint32_t n = du_slot_ue_stats(f->d, st, 64);
    for (uint32_t i = 0; i < n; i++)
        dl0 += st[i].dl_bytes, ul0 += st[i].ul_bytes, prb0 += st[i].dl_prbs;
    for (uint32_t i = 0; i < SLOTS; i++) {
        keep_full(f, ue, n_active);
        fake_step_timed(f, &ns[i]);
    }
    n = du_slot_ue_stats(f->d, st, 64);
    for (uint32_t i = 0; i < n; i++)
        dl += st[i].dl_bytes, ul += st[i].ul_bytes, prb += st[i].dl_prbs;
    snprintf(params, sizeof params, "\"ues\":%u,\"active\":%u,\"prb\":273,\"plugin\":\"pf\"", n_ues,
             n_active);
    bench_print("du_slot_ns", params, "ns", ns, SLOTS);
    double seconds = SLOTS * 0.0005;
    bench_print_value("du_slot_dl_mbps", params, "Mbit/s", (double)(dl - dl0) * 8e-6 / seconds);
    bench_print_value("du_slot_ul_mbps", params, "Mbit/s", (double)(ul - ul0) * 8e-6 / seconds);
    bench_print_value("du_slot_dl_prb_use", params, "share", (double)(prb - prb0) / (SLOTS / 5 * 4 * 273.0));
    fake_destroy(f);
}

int main(void)
{
    CU_initialize_registry();
    if (getenv("ONLY64")) {
        bench(64, 64);
        return 0;
    }
    bench(1, 1);
    bench(16, 16);
    bench(64, 64);
    bench(64, 4);
    return 0;
}
