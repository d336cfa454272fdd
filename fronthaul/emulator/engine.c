/* SPDX-License-Identifier: Apache-2.0 */
/* See engine.h. */
#include "fronthaul/emulator/engine.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "fronthaul/emulator/keys.h"
#include "fronthaul/emulator/tun.h"
#include "lib/core/clock.h"
#include "lib/core/pcap.h"
#include "lib/fapi/link.h"

COUNTERS_DEFINE(engine, ENGINE_COUNTERS)

#define FIRST_SLOT 20480 /* one SFN cycle: no slot is before the first */
#define RETRY_MS 200
#define WAIT_NS (100 * NS_PER_MS)
#define STATUS_SLOTS 100
#define CATCH_UP_NS (20 * NS_PER_MS) /* further behind than this, the pace starts anew */
#define MTU 1400 /* where NAS gives none: leaves room for GTP-U and PDCP on 1500 byte links */
#define BUF_BYTES 2048
#define READS_PER_SLOT 64 /* packets of one UE: above what a slot carries */
#define OUTAGE_DB (-30.0)
#define OUTAGE_SLOTS 20  /* how often outages are looked at */
#define METERS_PER_TA 39 /* c x 16 x 64 Tc / 2^mu / 2 at 30 kHz. TS 38.213 4.2 */

typedef struct {
    engine_t *engine;
    uint32_t index;
    ue_t *ue;
    int tun; /* -1: none */
} seat_t;

struct engine {
    const emu_config_t *config;
    log_t log;
    pool_t *pool;
    crypto_t *crypto;
    air_t *air;
    seat_t seat[AIR_MAX_UES];
    int epoll;
    pcap_t *rrc;
    keys_t *keys;
    int keys_error;
    uint64_t n; /* slot that is indicated next */
    uint8_t mu;

    pthread_t thread;
    bool started;
    atomic_bool stop, linked;
    engine_counters_t counters;

    pthread_mutex_t mutex; /* of what follows */
    ue_status_t ues[AIR_MAX_UES];
    uint64_t shown_slot;
    double speed;
};

/* ---- what UEs tell ---- */

static void deliver_ip(void *ctx, buf_t *packet)
{
    seat_t *s = ctx;
    if (s->tun >= 0 && write(s->tun, packet->data, packet->len) == (ssize_t)packet->len)
        s->engine->counters.tun_tx++;
    else
        s->engine->counters.tun_tx_failed++;
    buf_free(packet);
}

static void on_session(void *ctx, const ue_nas_session_t *session)
{
    seat_t *s = ctx;
    engine_t *e = s->engine;
    const emu_ue_config_t *c = &e->config->ues[s->index];
    if (!session) {
        log_notice(&e->log, "ue %u: PDU session is gone", s->index);
        return;
    }
    uint16_t mtu = session->mtu ? session->mtu : MTU;
    log_notice(&e->log, "ue %u: %s has %u.%u.%u.%u", s->index, c->imsi, session->ipv4 >> 24,
               session->ipv4 >> 16 & 255, session->ipv4 >> 8 & 255, session->ipv4 & 255);
    if (!c->ifname[0])
        return;
    int r;
    if (s->tun >= 0) {
        r = tun_set_address(c->netns, c->ifname, session->ipv4, mtu);
    } else {
        s->tun = r = tun_open(c->netns, c->ifname, session->ipv4, mtu);
        struct epoll_event ev = {.events = EPOLLIN, .data.ptr = s};
        if (r >= 0)
            r = epoll_ctl(e->epoll, EPOLL_CTL_ADD, s->tun, &ev) < 0 ? -errno : 0;
    }
    if (r < 0) {
        e->counters.tun_failed++;
        log_error(&e->log, "ue %u: TUN %s in %s: %s", s->index, c->ifname,
                  c->netns[0] ? c->netns : "this namespace", strerror(-r));
    }
}

static void on_rrc(void *ctx, ue_tap_t what, const uint8_t *bytes, size_t n)
{
    static const char *const dissectors[] = {"nr-rrc.dl.ccch", "nr-rrc.ul.ccch", "nr-rrc.dl.dcch",
                                             "nr-rrc.ul.dcch"};
    seat_t *s = ctx;
    pcap_write_exported(s->engine->rrc, time_ns(CLOCK_REALTIME), dissectors[what], bytes, n);
}

/* ---- life ---- */

static int create_ue(engine_t *e, uint32_t i)
{
    const emu_ue_config_t *c = &e->config->ues[i];
    seat_t *s = &e->seat[i];
    ue_config_t u = {.index = (uint16_t)i,
                     .p_max_dbm = c->p_max_dbm,
                     .path_loss_db = c->path_loss_db,
                     .seed = (uint64_t)e->config->seed * 1000 + i + 1};
    memcpy(u.nas.imsi, c->imsi, sizeof u.nas.imsi);
    memcpy(u.nas.k, c->k, 16);
    memcpy(u.nas.opc, c->opc, 16);
    memcpy(u.nas.dnn, c->dnn, sizeof u.nas.dnn);
    u.nas.n_slices = (uint8_t)c->n_slices;
    for (uint32_t k = 0; k < c->n_slices; k++)
        u.nas.slices[k] = (ue_nas_snssai_t){(uint8_t)c->slices[k].sst, (uint32_t)c->slices[k].sd};
    ue_ops_t ops = {.ctx = s, .deliver_ip = deliver_ip, .session = on_session, .tap = e->rrc ? on_rrc : NULL};
    ue_air_t face = air_face(e->air, i);
    *s = (seat_t){.engine = e, .index = i, .tun = -1};
    return ue_create(&u, &ops, &face, e->pool, e->crypto, &e->log, &s->ue);
}

int engine_create(const emu_config_t *config, const log_t *log, engine_t **ret)
{
    engine_t *e = calloc(1, sizeof *e);
    air_ue_config_t ues[AIR_MAX_UES];
    if (!e)
        return -ENOMEM;
    e->config = config;
    e->log = log_sub(log, "engine");
    e->n = FIRST_SLOT;
    e->mu = 1;
    pthread_mutex_init(&e->mutex, NULL);
    for (uint32_t i = 0; i < AIR_MAX_UES; i++)
        e->seat[i].tun = -1;
    for (uint32_t i = 0; i < config->n_ues; i++)
        ues[i] = (air_ue_config_t){.sinr_dl_db = config->ues[i].sinr_dl_db,
                                   .sinr_ul_db = config->ues[i].sinr_ul_db,
                                   .fading_db = config->ues[i].fading_db,
                                   .coherence_ms = (uint32_t)config->ues[i].coherence_ms,
                                   .timing_advance = (uint16_t)(config->ues[i].distance_m / METERS_PER_TA)};
    e->epoll = epoll_create1(EPOLL_CLOEXEC);
    int r = e->epoll < 0 ? -errno : pool_create(&e->pool, 8192 + 1024 * config->n_ues, BUF_BYTES);
    if (!r)
        r = crypto_create(&e->crypto);
    if (!r)
        r = air_create(ues, config->n_ues, 51, (uint64_t)config->seed, &e->air);
    if (!r && config->rrc_capture[0])
        r = pcap_create(config->rrc_capture, &e->rrc);
    if (!r && config->keys_file[0])
        r = keys_create(config->keys_file, &e->keys);
    for (uint32_t i = 0; i < config->n_ues && !r; i++)
        r = create_ue(e, i);
    if (r) {
        engine_destroy(e);
        return r;
    }
    *ret = e;
    return 0;
}

void engine_destroy(engine_t *e)
{
    if (!e)
        return;
    engine_stop(e);
    for (uint32_t i = 0; i < AIR_MAX_UES; i++) {
        ue_destroy(e->seat[i].ue);
        if (e->seat[i].tun >= 0)
            close(e->seat[i].tun);
    }
    pcap_close(e->rrc);
    keys_destroy(e->keys);
    air_destroy(e->air);
    crypto_destroy(e->crypto);
    pool_destroy(e->pool);
    if (e->epoll >= 0)
        close(e->epoll);
    pthread_mutex_destroy(&e->mutex);
    free(e);
}

/* ---- between slots ---- */

static void read_tun(engine_t *e, seat_t *s)
{
    uint32_t room = ue_ip_room(s->ue);
    for (uint32_t i = 0; i < READS_PER_SLOT && room; i++) {
        buf_t *b = buf_alloc(e->pool);
        if (!b) {
            e->counters.no_buffer++;
            return;
        }
        ssize_t n = read(s->tun, b->data, buf_tailroom(b) - 8); /* MAC-I goes behind */
        if (n <= 0) {
            buf_free(b);
            return;
        }
        b->len = (uint32_t)n;
        e->counters.tun_rx++;
        if (b->data[0] >> 4 != 4) { /* the session is IPv4: the kernel's router solicitations stay here */
            buf_free(b);
            continue;
        }
        ue_push_ip(s->ue, b);
        room = room > (uint32_t)n ? room - (uint32_t)n : 0;
    }
}

static void read_tuns(engine_t *e)
{
    struct epoll_event ev[AIR_MAX_UES];
    int n = epoll_wait(e->epoll, ev, AIR_MAX_UES, 0);
    for (int i = 0; i < n; i++)
        read_tun(e, ev[i].data.ptr);
}

static void publish(engine_t *e, double speed)
{
    pthread_mutex_lock(&e->mutex);
    for (uint32_t i = 0; i < e->config->n_ues; i++)
        e->ues[i] = ue_status(e->seat[i].ue);
    e->shown_slot = e->n;
    if (speed > 0)
        e->speed = speed;
    pthread_mutex_unlock(&e->mutex);
}

static void write_keys(engine_t *e)
{
    if (!e->keys)
        return;
    for (uint32_t i = 0; i < e->config->n_ues; i++)
        keys_collect(e->keys, e->config->ues[i].imsi, e->seat[i].ue);
    int r = keys_flush(e->keys);
    if (r && r != e->keys_error)
        log_error(&e->log, "%s: %s", e->config->keys_file, strerror(-r));
    e->keys_error = r;
}

/* Holes in coverage begin and end. */
static void follow_outages(engine_t *e)
{
    const int64_t ms = (int64_t)((e->n - FIRST_SLOT) >> e->mu);
    for (uint32_t i = 0; i < e->config->n_ues; i++) {
        const emu_ue_config_t *c = &e->config->ues[i];
        bool out = false;
        for (uint32_t k = 0; k < c->n_outages; k++)
            out |= ms >= c->outages[k].at_ms && ms < c->outages[k].at_ms + c->outages[k].for_ms;
        if (c->n_outages)
            air_set_sinr(e->air, i, out ? OUTAGE_DB : c->sinr_dl_db, out ? OUTAGE_DB : c->sinr_ul_db);
    }
}

/* ---- slots ---- */

static void run_slot(engine_t *e, fapi_link_t *l, uint64_t n)
{
    const fapi_dl_slot_t *dl = fapi_link_dl(l, n);
    air_begin(e->air, n, dl->abs_slot == n ? dl : NULL);
    for (uint32_t i = 0; i < e->config->n_ues; i++) {
        ue_rx_t rx;
        air_rx(e->air, i, &rx);
        ue_rx(e->seat[i].ue, &rx);
        ue_tx(e->seat[i].ue);
    }
    air_end(e->air, fapi_link_ul(l, n));
}

static void sleep_until(int64_t ns)
{
    struct timespec t = {.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
        ;
}

/* NR-ARFCN of the SSB's centre from point A's. TS 38.104 5.4.2.1: a step is 5 kHz below 3 GHz, 15 kHz above
 * (FR1); TS 38.211 4.4.4.2, 7.4.3.1: offsets in PRBs and subcarriers of 15 kHz, centre between 20 PRBs. */
static uint32_t ssb_arfcn(const fapi_cell_config_t *c)
{
    uint32_t khz = c->ssb_offset_point_a * 12u * 15u + c->k_ssb * 15u + 10u * 12u * (15u << c->mu);
    return c->dl_point_a_arfcn + khz / (c->dl_point_a_arfcn < 600000 ? 5 : 15);
}

/* Waits for the DU; false: it is gone, or we are to stop. */
static bool wait_done(engine_t *e, fapi_link_t *l, uint64_t n)
{
    for (;;) {
        int r = fapi_link_wait_done(l, n, WAIT_NS);
        if (!r)
            return true;
        if (r != -ETIMEDOUT || atomic_load(&e->stop) || fapi_link_peer_gone(l))
            return false;
    }
}

static void run_link(engine_t *e, fapi_link_t *l)
{
    const int64_t slot_ns = slot_duration_ns(e->mu);
    int64_t base = time_ns(CLOCK_MONOTONIC), last = base;
    uint64_t base_slot = e->n, last_slot = e->n;
    while (!atomic_load_explicit(&e->stop, memory_order_relaxed)) {
        uint64_t n = e->n++;
        read_tuns(e);
        if (n % OUTAGE_SLOTS == 0)
            follow_outages(e);
        fapi_link_tick(l, n);
        if (!wait_done(e, l, n))
            return;
        run_slot(e, l, n);
        e->counters.slots++;

        int64_t now = time_ns(CLOCK_MONOTONIC);
        if (e->config->pace == EMU_PACE_REALTIME) {
            int64_t due = base + (int64_t)(e->n - base_slot) * slot_ns;
            if (now < due) {
                sleep_until(due);
            } else {
                e->counters.behind += now > due + slot_ns;
                if (now > due + CATCH_UP_NS) {
                    base = now;
                    base_slot = e->n;
                }
            }
        }
        if (e->n % STATUS_SLOTS == 0) {
            double speed = 0;
            if (now - last > NS_PER_S) {
                speed = (double)(e->n - last_slot) * (double)slot_ns / (double)(now - last);
                last = now;
                last_slot = e->n;
            }
            publish(e, speed);
            write_keys(e);
        }
    }
}

static void *thread_main(void *arg)
{
    engine_t *e = arg;
    int said = 0;
    while (!atomic_load(&e->stop)) {
        fapi_link_t *l;
        fapi_cell_config_t cell;
        int r = fapi_link_connect(e->config->l1_socket, RETRY_MS, &l, &cell);
        if (r) {
            if (r != said)
                log_notice(&e->log, "waiting for a DU at %s: %s", e->config->l1_socket, strerror(-r));
            said = r;
            sleep_until(time_ns(CLOCK_MONOTONIC) + RETRY_MS * NS_PER_MS);
            continue;
        }
        said = 0;
        if (cell.mu > 1 || !cell.n_prb_dl || cell.n_prb_dl > FAPI_MAX_CELL_PRBS) {
            log_error(&e->log, "the DU's cell has numerology %u and %u PRBs: not for this emulator", cell.mu,
                      cell.n_prb_dl);
            fapi_link_destroy(l);
            sleep_until(time_ns(CLOCK_MONOTONIC) + NS_PER_S);
            continue;
        }
        e->mu = cell.mu;
        air_set_carrier(e->air, cell.n_prb_dl);
        for (uint32_t i = 0; i < e->config->n_ues; i++)
            ue_tune(e->seat[i].ue, ssb_arfcn(&cell));
        e->counters.connects++;
        atomic_store(&e->linked, true);
        log_notice(&e->log, "linked with the DU: PCI %u, %u PRBs", cell.phys_cell_id, cell.n_prb_dl);
        run_link(e, l);
        atomic_store(&e->linked, false);
        fapi_link_destroy(l);
        if (atomic_load(&e->stop))
            break;
        e->counters.link_lost++;
        log_warning(&e->log, "the DU is gone: UEs go back to cell search");
        for (uint32_t i = 0; i < e->config->n_ues; i++)
            ue_lose_cell(e->seat[i].ue);
        publish(e, 0);
    }
    return NULL;
}

int engine_start(engine_t *e)
{
    int r = pthread_create(&e->thread, NULL, thread_main, e);
    if (r)
        return -r;
    e->started = true;
    pthread_setname_np(e->thread, "lockstep");
    if (e->config->cpu >= 0) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET((size_t)e->config->cpu, &set);
        pthread_setaffinity_np(e->thread, sizeof set, &set);
    }
    return 0;
}

void engine_stop(engine_t *e)
{
    if (!e->started)
        return;
    atomic_store(&e->stop, true);
    pthread_join(e->thread, NULL);
    e->started = false;
}

engine_status_t engine_status(engine_t *e)
{
    pthread_mutex_lock(&e->mutex);
    engine_status_t s = {.linked = atomic_load(&e->linked), .slot = e->shown_slot, .speed = e->speed};
    pthread_mutex_unlock(&e->mutex);
    return s;
}

ue_status_t engine_ue(engine_t *e, uint32_t i)
{
    pthread_mutex_lock(&e->mutex);
    ue_status_t s = e->ues[i];
    pthread_mutex_unlock(&e->mutex);
    return s;
}

const engine_counters_t *engine_counters(const engine_t *e)
{
    return &e->counters;
}

const air_counters_t *engine_air_counters(const engine_t *e)
{
    return air_counters(e->air);
}

const ue_counters_t *engine_ue_counters(const engine_t *e, uint32_t i)
{
    return ue_counters(e->seat[i].ue);
}
