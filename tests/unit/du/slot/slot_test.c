/* SPDX-License-Identifier: Apache-2.0 */
/* The slot thread itself: lockstep over a real link, an L1 that dies and comes back, commands without an L1,
 * the capture of MAC PDUs. */
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "lib/core/pcap.h"
#include "tests/unit/du/mac/fake.h"

typedef struct {
    char dir[40], path[64];
    int listen_fd;
    pool_t *pool;
    du_slot_t *d;
    radio_cell_t cell;
    fapi_cell_config_t fapi, got;
    fapi_link_t *l1, *du;
    uint32_t count[16];
    du_event_t last[16];
} rig_t;

static void rig_open(rig_t *r, du_clock_t clock)
{
    char err[256];
    memset(r, 0, sizeof *r);
    strcpy(r->dir, "/tmp/vitran-slot-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(r->dir));
    snprintf(r->path, sizeof r->path, "%s/l1", r->dir);
    pool_create(&r->pool, 1024, 2048);
    du_slot_config_t c = {.cpu = -1, .clock = clock};
    radio_cell_defaults(&c.mac.cell, 51);
    r->cell = c.mac.cell;
    c.mac.max_ues = 8;
    c.mac.k = 2;
    c.mac.pool = r->pool;
    c.mac.n_slices = 1;
    c.mac.slice_sst_sd[0] = 0x01ffffff;
    CU_ASSERT_EQUAL_FATAL(du_slot_create(&c, err, &r->d), 0);
    mac_fapi_cell(&r->cell, &r->fapi);
    r->listen_fd = fapi_link_listen(r->path);
    CU_ASSERT_FATAL(r->listen_fd >= 0);
    CU_ASSERT_EQUAL(du_slot_start(r->d), 0);
}

static void *connector(void *arg)
{
    rig_t *r = arg;
    fapi_link_connect(r->path, 5000, &r->l1, &r->got);
    return NULL;
}

static void rig_connect(rig_t *r)
{
    pthread_t t;
    int fd, e;
    pthread_create(&t, NULL, connector, r);
    while ((fd = fapi_link_accept(r->listen_fd)) == -EAGAIN)
        usleep(1000);
    while ((e = fapi_link_serve(fd, &r->fapi, &r->du)) == -EAGAIN)
        usleep(1000);
    pthread_join(t, NULL);
    CU_ASSERT_EQUAL_FATAL(e, 0);
    CU_ASSERT_EQUAL(du_slot_l1_attach(r->d, r->du), 0);
}

static void rig_poll(rig_t *r)
{
    du_event_t e;
    while (du_slot_poll(r->d, &e)) {
        r->count[e.type]++;
        r->last[e.type] = e;
        buf_free(e.sdu);
    }
}

static bool rig_wait(rig_t *r, du_event_type_t type, uint32_t n)
{
    for (uint32_t i = 0; i < 500; i++) {
        struct pollfd p = {.fd = du_slot_event_fd(r->d), .events = POLLIN};
        poll(&p, 1, 10);
        rig_poll(r);
        if (r->count[type] >= n)
            return true;
    }
    return false;
}

static void rig_close(rig_t *r)
{
    du_slot_destroy(r->d);
    pool_destroy(r->pool);
    close(r->listen_fd);
    unlink(r->path);
    rmdir(r->dir);
}

/* Slots as an L1 that answers everything, from slot `from` on. */
static void rig_run(rig_t *r, uint64_t from, uint32_t n, int preamble_at)
{
    for (uint64_t s = from; s < from + n; s++) {
        fapi_link_tick(r->l1, s);
        CU_ASSERT_EQUAL_FATAL(fapi_link_wait_done(r->l1, s, 5000000000), 0);
        const fapi_dl_slot_t *d = fapi_link_dl(r->l1, s);
        fapi_ul_slot_t *u = fapi_link_ul(r->l1, s);
        u->n_pusch = u->n_uci = u->n_rach = u->n_srs = 0;
        u->rx_bytes = 0;
        if (s >= from + 2) {
            CU_ASSERT_EQUAL(d->abs_slot, s);
            for (uint32_t i = 0; i < d->n_pusch; i++) {
                const fapi_pusch_pdu_t *p = &d->pusch[i];
                uint8_t ccch[6] = {1, 2, 3, 4, 5, 6};
                mac_build_t b = mac_build(u->rx, p->tb_bytes);
                mac_build_ul_ccch(&b, ccch, 6);
                mac_build_end(&b);
                u->pusch[u->n_pusch++] = (fapi_pusch_ind_t){.rnti = p->rnti,
                                                            .handle = p->handle,
                                                            .harq_id = p->harq_id,
                                                            .crc_ok = 1,
                                                            .timing_advance = 31,
                                                            .tb_bytes = p->tb_bytes};
            }
        }
        if (preamble_at >= 0 && s % 20 == 19) {
            u->rach[u->n_rach++] = (fapi_rach_ind_t){.symbol_index = r->cell.prach_start_symbol,
                                                     .slot_index = 19,
                                                     .preamble_index = (uint8_t)preamble_at};
            preamble_at = -1;
        }
        u->abs_slot = s;
    }
}

static void test_lockstep(void)
{
    rig_t r;
    rig_open(&r, DU_CLOCK_LOCKSTEP);
    CU_ASSERT_EQUAL(du_slot_now(r.d), UINT64_MAX);
    rig_connect(&r);
    CU_ASSERT_EQUAL(r.got.n_prb_dl, 51);
    CU_ASSERT_TRUE(rig_wait(&r, DU_EVENT_L1_UP, 1));
    rig_run(&r, 0, 80, 9);
    CU_ASSERT_TRUE(rig_wait(&r, DU_EVENT_CCCH, 1));
    CU_ASSERT_EQUAL(counter_read(&du_slot_counters(r.d)->slots), 80);
    CU_ASSERT_EQUAL(du_slot_now(r.d), 79);

    /* the emulator dies: the UE is lost, the link comes back to be destroyed */
    fapi_link_destroy(r.l1);
    CU_ASSERT_TRUE(fapi_link_peer_gone(r.du));
    fapi_link_hangup(r.du);
    CU_ASSERT_TRUE(rig_wait(&r, DU_EVENT_L1_DOWN, 1));
    CU_ASSERT_PTR_EQUAL(r.last[DU_EVENT_L1_DOWN].link, r.du);
    fapi_link_destroy(r.last[DU_EVENT_L1_DOWN].link);
    CU_ASSERT_EQUAL(r.count[DU_EVENT_UE_LOST], 1);
    CU_ASSERT_EQUAL(r.last[DU_EVENT_UE_LOST].cause, MAC_LOSS_L1);

    /* commands work without one: nothing to drain, so at once */
    CU_ASSERT_EQUAL(du_slot_ue_remove(r.d, r.last[DU_EVENT_CCCH].ue, 1000), 0);
    CU_ASSERT_TRUE(rig_wait(&r, DU_EVENT_UE_REMOVED, 1));

    /* and a new emulator begins at its own slot 0 */
    rig_connect(&r);
    CU_ASSERT_TRUE(rig_wait(&r, DU_EVENT_L1_UP, 2));
    rig_run(&r, 0, 100, 3);
    CU_ASSERT_TRUE(rig_wait(&r, DU_EVENT_CCCH, 2));

    /* a jump is not followed */
    fapi_link_tick(r.l1, 150);
    CU_ASSERT_TRUE(rig_wait(&r, DU_EVENT_L1_DOWN, 2));
    CU_ASSERT_EQUAL(counter_read(&du_slot_counters(r.d)->l1_jump), 1);
    fapi_link_destroy(r.last[DU_EVENT_L1_DOWN].link);
    fapi_link_destroy(r.l1);
    rig_close(&r);
}

/* The system clock runs slots by itself; an L1 that follows `done` is heard. */
static void test_system(void)
{
    rig_t r;
    rig_open(&r, DU_CLOCK_SYSTEM);
    rig_connect(&r);
    CU_ASSERT_TRUE(rig_wait(&r, DU_EVENT_L1_UP, 1));
    uint64_t seen = 0, at = UINT64_MAX;
    for (uint32_t i = 0; i < 40; i++) {
        while (at == UINT64_MAX)
            at = fapi_link_done_slot(r.l1);
        CU_ASSERT_EQUAL(fapi_link_wait_done(r.l1, at, 1000000000), 0);
        fapi_ul_slot_t *u = fapi_link_ul(r.l1, at);
        u->n_pusch = u->n_uci = u->n_rach = u->n_srs = 0;
        u->abs_slot = at;
        fapi_link_tick(r.l1, at + 1);
        seen++;
        at = fapi_link_done_slot(r.l1) + 1;
    }
    CU_ASSERT_EQUAL(seen, 40);
    CU_ASSERT(counter_read(&du_slot_counters(r.d)->slots) >= 40);
    du_slot_stop(r.d);
    fapi_link_destroy(r.l1);
    rig_close(&r);
}

/* Everything still under way when the engine goes: nothing leaks (the sanitizer build says so). */
static void test_destroy_busy(void)
{
    rig_t r;
    rig_open(&r, DU_CLOCK_LOCKSTEP);
    du_slot_stop(r.d);
    radio_ue_t u;
    radio_ue_defaults(&u, &r.cell, 0);
    radio_drb_defaults(&u.lc[u.n_lc++], 1, 9);
    uint8_t x[100] = {0};
    for (uint32_t i = 0; i < 20; i++) {
        CU_ASSERT_EQUAL(du_slot_ue_config(r.d, (du_ue_ref_t){0, (uint16_t)i}, &u), 0);
        du_slot_srb_send(r.d, (du_ue_ref_t){0, 1}, 1, buf_from(r.pool, x, 100), true, i);
        du_slot_page(r.d, 3, 32, 1, buf_from(r.pool, x, 20));
    }
    u.lc[1].lcid = 1;
    CU_ASSERT_EQUAL(du_slot_ue_config(r.d, (du_ue_ref_t){0, 1}, &u), -EINVAL);
    rig_close(&r);
}

static void test_tap(void)
{
    char path[] = "/tmp/vitran-tap-XXXXXX";
    uint8_t bytes[4096];
    pcap_t *p;
    close(mkstemp(path));
    CU_ASSERT_EQUAL_FATAL(pcap_create(path, &p), 0);
    fake_t *f = fake_create(4);
    du_slot_tap(f->d, p);
    fake_attach(f, 1, false);
    du_slot_tap(f->d, NULL);
    CU_ASSERT_EQUAL(pcap_frames(p), 3); /* RAR, Msg3, Msg4; no SIB1 was set */
    pcap_close(p);
    FILE *in = fopen(path, "rb");
    size_t n = fread(bytes, 1, sizeof bytes, in);
    fclose(in);
    /* the response on RA-RNTI 267: TDD, downlink, RNTI type 2, tags, RAPID 1 */
    static const uint8_t rar[] = {'m', 'a', 'c', '-', 'n', 'r', 2, 1, 2, 2, 0x01, 0x0b, 7};
    CU_ASSERT_PTR_NOT_NULL(memmem(bytes, n, rar, sizeof rar));
    if (getenv("KEEP"))
        fprintf(stderr, "%s\n", path);
    else
        unlink(path);
    fake_destroy(f);
}

/* An SRB PDU as Wireshark's rlc_nr_udp reads it: AM, 12 bits, downlink, UE 1, SRB 1. */
static void test_tap_rlc(void)
{
    char path[] = "/tmp/vitran-tap-XXXXXX";
    uint8_t bytes[4096], sdu[30];
    pcap_t *p;
    memset(sdu, 0x3c, sizeof sdu);
    close(mkstemp(path));
    CU_ASSERT_EQUAL_FATAL(pcap_create(path, &p), 0);
    fake_t *f = fake_create(4);
    du_ue_ref_t ue = fake_attach(f, 1, false);
    du_slot_tap_rlc(f->d, p);
    du_slot_srb_send(f->d, ue, 1, buf_from(f->pool, sdu, sizeof sdu), false, 0);
    fake_steps(f, 6);
    du_slot_tap_rlc(f->d, NULL);
    CU_ASSERT_EQUAL(pcap_frames(p), 1);
    pcap_close(p);
    FILE *in = fopen(path, "rb");
    size_t n = fread(bytes, 1, sizeof bytes, in);
    fclose(in);
    static const uint8_t rlc[] = {'r', 'l', 'c', '-', 'n', 'r', 4, 12,   2,    1,   3,
                                  0,   1,   4,   4,   5,   1,   1, 0xc0, 0x00, 0x3c};
    CU_ASSERT_PTR_NOT_NULL(memmem(bytes, n, rlc, sizeof rlc));
    unlink(path);
    fake_destroy(f);
}

static void test_broadcast(void)
{
    fake_t *f = fake_create(4);
    uint8_t sib1[120], pcch[20];
    uint32_t ssb = 0, sib = 0, page = 0, csi = 0;
    memset(sib1, 0x42, sizeof sib1);
    memset(pcch, 0x24, sizeof pcch);
    du_slot_set_si(f->d, 0x001234, buf_from(f->pool, sib1, sizeof sib1));
    fake_step(f);
    CU_ASSERT_EQUAL(du_slot_page(f->d, 1023, 32, 2, buf_from(f->pool, pcch, sizeof pcch)), 0);
    for (uint32_t i = 0; i < 64 * 20; i++) {
        fake_step(f);
        uint64_t n = f->n - 1 + FAKE_K;
        const fapi_dl_slot_t *s = fake_dl(f, n);
        csi += s->n_csi_rs;
        if (s->n_ssb) {
            ssb++;
            CU_ASSERT_EQUAL(n % 40, 0);
            CU_ASSERT_EQUAL(s->ssb[0].bch_payload >> 17 & 63, n / 20 % 1024 >> 4);
            CU_ASSERT_EQUAL(s->ssb[0].bch_payload & 0x1ffff, 0x1234);
        }
        for (uint32_t k = 0; k < s->n_pdsch; k++) {
            const fapi_pdsch_pdu_t *p = &s->pdsch[k];
            if (s->n_ssb) /* nothing on the SSB's PRBs */
                CU_ASSERT(p->rb_start + p->rb_size <= f->cell->ssb_prb ||
                          p->rb_start >= f->cell->ssb_prb + 20);
            if (p->rnti == RNTI_SI) {
                sib++;
                CU_ASSERT_EQUAL(n % 40, 1);
                CU_ASSERT_EQUAL(memcmp(s->tx + p->tb_offset, sib1, sizeof sib1), 0);
            } else if (p->rnti == RNTI_P) {
                page++;
                CU_ASSERT_EQUAL(n % 20, 0);
                CU_ASSERT_EQUAL(n / 20 % 32, 1023 % 32); /* TS 38.304 7.1, T = N = 32 */
                CU_ASSERT_EQUAL(memcmp(s->tx + p->tb_offset, pcch, sizeof pcch), 0);
            }
        }
    }
    CU_ASSERT_EQUAL(ssb, 32);
    CU_ASSERT_EQUAL(sib, 32);
    CU_ASSERT_EQUAL(csi, 32);
    CU_ASSERT_EQUAL(page, 2);
    CU_ASSERT_EQUAL(pool_free_count(f->pool), 8192);
    /* no F1: no SIB1, no answer to a preamble */
    du_slot_cell_active(f->d, false);
    f->preamble = 2;
    sib = 0;
    for (uint32_t i = 0; i < 100; i++) {
        fake_step(f);
        sib += fake_dl(f, f->n - 1 + FAKE_K)->n_pdsch;
    }
    CU_ASSERT_EQUAL(sib, 0);
    fake_destroy(f);
}

CU_MAIN("du/slot", {"lockstep, death, return", test_lockstep}, {"system clock", test_system},
        {"destroy with all under way", test_destroy_busy}, {"MAC capture", test_tap},
        {"RLC capture", test_tap_rlc}, {"SSB, SIB1, CSI-RS, paging", test_broadcast})
