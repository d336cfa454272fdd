/* SPDX-License-Identifier: Apache-2.0 */
/* The slot thread: its clock, the order of a slot, events to the control thread. */
#include "du/slot/internal.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

COUNTERS_DEFINE(du_slot, DU_SLOT_COUNTERS)

#define N_COMMANDS 2048u
#define N_EVENTS 8192u
#define N_BACK 4096u
#define N_TAPS 1024u
#define IDLE_NS 20000000 /* how often a thread without slots looks at its commands */

/* ---- events, [slot] ---- */

void event_push(du_slot_t *d, const du_event_t *e)
{
    du_event_t x = *e;
    x.abs_slot = atomic_load_explicit(&d->now, memory_order_relaxed);
    if (!ring_push(&d->events, &x)) {
        d->c.event_ring_full++;
        buf_free(x.sdu);
    }
    d->events_pushed = true;
}

void back_push(du_slot_t *d, const back_t *b)
{
    if (!ring_push(&d->back, b))
        d->c.event_ring_full++; /* it leaks: the ring holds more than there can be bearers and commands */
    d->events_pushed = true;
}

static void up_ccch(void *ctx, du_ue_ref_t ue, uint16_t rnti, buf_t *sdu)
{
    event_push(ctx, &(du_event_t){.type = DU_EVENT_CCCH, .ue = ue, .rnti = rnti, .sdu = sdu});
}

static void up_srb0_delivered(void *ctx, du_ue_ref_t ue)
{
    event_push(ctx, &(du_event_t){.type = DU_EVENT_SRB_DELIVERED, .ue = ue});
}

static void up_lost(void *ctx, du_ue_ref_t ue, uint16_t rnti, mac_loss_t cause)
{
    event_push(ctx, &(du_event_t){.type = DU_EVENT_UE_LOST, .ue = ue, .rnti = rnti, .cause = (uint8_t)cause});
}

static void up_inactive(void *ctx, du_ue_ref_t ue)
{
    event_push(ctx, &(du_event_t){.type = DU_EVENT_UE_INACTIVE, .ue = ue});
}

static void up_removed(void *ctx, du_ue_ref_t ue, bool known)
{
    if (known)
        event_push(ctx, &(du_event_t){.type = DU_EVENT_UE_REMOVED, .ue = ue});
}

static void up_bearer_gone(void *ctx, mac_bearer_t *b)
{
    bearer_detach(ctx, b);
    back_push(ctx, &(back_t){.bearer = b});
}

/* ---- a slot, [slot] ---- */

static void slot_run(du_slot_t *d, uint64_t n, const fapi_ul_slot_t *ul, uint64_t deadline_ns,
                     fapi_dl_slot_t *out)
{
    if (atomic_load_explicit(&d->tap_mac, memory_order_acquire) ||
        atomic_load_explicit(&d->tap_rlc, memory_order_acquire))
        d->tap_utc_ns = time_ns(CLOCK_REALTIME);
    commands_run(d);
    if (ul)
        mac_indication(d->mac, ul);
    bearers_dl(d);
    mac_slot(d->mac, n, deadline_ns, out);
    bearers_tick(d, n);
    d->c.slots++;
    atomic_store_explicit(&d->now, n, memory_order_release);
}

/* Past the slot's end: from here on the system may be called. */
static void slot_after(du_slot_t *d)
{
    if (d->cfg.f1u)
        f1u_wake(d->cfg.f1u);
    if (d->events_pushed || mac_has_results(d->mac)) {
        uint64_t one = 1;
        d->events_pushed = false;
        (void)!write(d->event_fd, &one, sizeof one);
    }
}

void l1_drop(du_slot_t *d)
{
    fapi_link_t *l = d->link;
    d->link = NULL;
    mac_l1_lost(d->mac);
    event_push(d, &(du_event_t){.type = DU_EVENT_L1_DOWN, .link = l});
}

static void lockstep_once(du_slot_t *d)
{
    uint64_t n;
    int r = fapi_link_wait_tick(d->link, d->next, IDLE_NS, &n);
    if (r == -ETIMEDOUT) {
        commands_run(d);
        slot_after(d);
        return;
    }
    if (r < 0) {
        if (r == -EPROTO)
            d->c.l1_jump++;
        l1_drop(d);
        slot_after(d);
        return;
    }
    const fapi_ul_slot_t *ul = NULL;
    if (n > 0 && d->next != UINT64_MAX && l1_take(fapi_link_ul(d->link, n - 1), n - 1, d->ul, &d->l1) == 0)
        ul = d->ul;
    d->next = n + 1;
    slot_run(d, n, ul, UINT64_MAX, fapi_link_dl(d->link, n + d->cfg.mac.k));
    fapi_link_done(d->link, n);
    slot_after(d);
}

static void system_once(du_slot_t *d)
{
    uint8_t mu = mac_cell(d->mac)->mu;
    int64_t len = slot_duration_ns(mu), now = time_ns(CLOCK_TAI);
    if (fapi_link_is_down(d->link)) {
        l1_drop(d);
        slot_after(d);
        return;
    }
    uint64_t at = (uint64_t)((now - GPS_EPOCH_TAI_NS) / len);
    if (d->next == UINT64_MAX) {
        d->next = at + 2;
    } else if (at > d->next + 1) {
        d->c.skipped += at - d->next;
        d->next = at;
    }
    uint64_t n = d->next++;
    int64_t start = GPS_EPOCH_TAI_NS + (int64_t)n * len;
    struct timespec ts = {.tv_sec = start / NS_PER_S, .tv_nsec = start % NS_PER_S};
    while (now < start && clock_nanosleep(CLOCK_TAI, TIMER_ABSTIME, &ts, NULL) == EINTR)
        ;
    if (time_ns(CLOCK_TAI) > start + len / 4)
        d->c.late_wakeup++;

    uint64_t told = fapi_link_poll_tick(d->link); /* uplink slots below it are the DU's */
    const fapi_ul_slot_t *ul = NULL;
    if (d->taken == UINT64_MAX)
        d->taken = n;
    if (told != UINT64_MAX && told > d->taken) {
        if (told - d->taken > FAPI_LINK_SLABS - 2) /* overwritten meanwhile */
            d->taken = told - 1;
        for (; d->taken + 1 < told; d->taken++)
            if (l1_take(fapi_link_ul(d->link, d->taken), d->taken, d->ul, &d->l1) == 0)
                mac_indication(d->mac, d->ul);
        if (l1_take(fapi_link_ul(d->link, d->taken), d->taken, d->ul, &d->l1) == 0)
            ul = d->ul;
        d->taken++;
    } else {
        d->c.l1_silent++;
    }
    slot_run(d, n, ul, (uint64_t)(start + len), fapi_link_dl(d->link, n + d->cfg.mac.k));
    if (time_ns(CLOCK_TAI) > start + len)
        d->c.late_end++;
    fapi_link_done(d->link, n);
    slot_after(d);
}

static void *thread_main(void *arg)
{
    du_slot_t *d = arg;
    while (!atomic_load_explicit(&d->stop, memory_order_relaxed)) {
        if (!d->link) {
            uint32_t kick = atomic_load(&d->kick);
            commands_run(d);
            slot_after(d);
            if (!d->link)
                syscall(SYS_futex, &d->kick, FUTEX_WAIT_PRIVATE, kick, &(struct timespec){.tv_nsec = IDLE_NS},
                        NULL, 0);
        } else if (d->cfg.clock == DU_CLOCK_LOCKSTEP) {
            lockstep_once(d);
        } else {
            system_once(d);
        }
    }
    return NULL;
}

void du_slot_run_one(du_slot_t *d, uint64_t n, const fapi_ul_slot_t *ul, fapi_dl_slot_t *ret)
{
    slot_run(d, n, ul, UINT64_MAX, ret);
    slot_after(d);
}

/* ---- life, [control] ---- */

int du_slot_create(const du_slot_config_t *cfg, char err[256], du_slot_t **ret)
{
    du_slot_t *d = aligned_alloc(64, (sizeof *d + 63) & ~(size_t)63);
    mac_config_t mc = cfg->mac;
    if (!d) {
        strcpy(err, "out of memory");
        return -ENOMEM;
    }
    memset(d, 0, sizeof *d);
    d->cfg = *cfg;
    d->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    atomic_store(&d->now, UINT64_MAX);
    mac_up_t up = {.ctx = d,
                   .ccch = up_ccch,
                   .srb0_delivered = up_srb0_delivered,
                   .lost = up_lost,
                   .inactive = up_inactive,
                   .removed = up_removed,
                   .bearer_gone = up_bearer_gone,
                   .tap = tap_push,
                   .tap_rlc = tap_rlc_push};
    if (cfg->clock == DU_CLOCK_SYSTEM && !mc.ul_grace_slots)
        mc.ul_grace_slots = 4;
    d->cfg.mac = mc;
    strcpy(err, "out of memory");
    int r = d->event_fd < 0 ? -errno : 0;
    d->ul = aligned_alloc(64, (sizeof *d->ul + 63) & ~(size_t)63);
    if (!r && !d->ul)
        r = -ENOMEM;
    if (!r)
        memset(d->ul, 0, sizeof *d->ul);
    if (!r)
        r = ring_create(&d->commands, N_COMMANDS, sizeof(cmd_t));
    if (!r)
        r = ring_create(&d->events, N_EVENTS, sizeof(du_event_t));
    if (!r)
        r = ring_create(&d->back, N_BACK, sizeof(back_t));
    if (!r)
        r = ring_create(&d->taps, N_TAPS, sizeof(tap_t));
    if (!r)
        r = mac_create(&mc, &up, &d->mac, err);
    if (r < 0) {
        du_slot_destroy(d);
        return r;
    }
    *ret = d;
    return 0;
}

int du_slot_start(du_slot_t *d)
{
    pthread_attr_t a;
    int r = pthread_attr_init(&a);
    if (r)
        return -r;
    if (d->cfg.realtime_priority > 0) {
        struct sched_param p = {.sched_priority = d->cfg.realtime_priority};
        pthread_attr_setinheritsched(&a, PTHREAD_EXPLICIT_SCHED);
        pthread_attr_setschedpolicy(&a, SCHED_FIFO);
        pthread_attr_setschedparam(&a, &p);
    }
    if (d->cfg.cpu >= 0) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET((size_t)d->cfg.cpu, &set);
        pthread_attr_setaffinity_np(&a, sizeof set, &set);
    }
    d->started = true;
    r = pthread_create(&d->thread, &a, thread_main, d);
    pthread_attr_destroy(&a);
    if (r)
        d->started = false;
    else
        pthread_setname_np(d->thread, "slot");
    return -r;
}

void du_slot_stop(du_slot_t *d)
{
    if (!d->started)
        return;
    atomic_store(&d->stop, true);
    atomic_fetch_add(&d->kick, 1);
    syscall(SYS_futex, &d->kick, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    pthread_join(d->thread, NULL);
    d->started = false;
    taps_drain(d); /* the last ones */
}

static void back_free(du_slot_t *d, const back_t *b)
{
    bearer_destroy(b->bearer);
    if (b->config && b->unused && d->known[b->config->ue.index].generation == b->config->ue.generation)
        d->known[b->config->ue.index].lcids = b->config->had;
    for (uint32_t i = 0; b->config && b->unused && i < RADIO_MAX_LC; i++)
        bearer_destroy(b->config->fresh[i]);
    free(b->config);
}

void du_slot_destroy(du_slot_t *d)
{
    du_event_t e;
    back_t b;
    if (!d)
        return;
    du_slot_stop(d);
    if (d->commands.mem && d->mac)
        commands_run(d); /* what they own comes back the usual way */
    mac_destroy(d->mac);
    if (d->events.mem)
        while (ring_pop(&d->events, &e)) {
            buf_free(e.sdu);
            fapi_link_destroy(e.link);
        }
    if (d->back.mem)
        while (ring_pop(&d->back, &b))
            back_free(d, &b);
    d->pcap = d->rlc_pcap = NULL;
    taps_drain(d);
    pool_destroy(d->tap_pool);
    fapi_link_destroy(d->link);
    ring_destroy(&d->commands);
    ring_destroy(&d->events);
    ring_destroy(&d->back);
    ring_destroy(&d->taps);
    if (d->event_fd >= 0)
        close(d->event_fd);
    free(d->ul);
    free(d);
}

int du_slot_event_fd(const du_slot_t *d)
{
    return d->event_fd;
}

bool du_slot_poll(du_slot_t *d, du_event_t *ret)
{
    back_t b;
    uint64_t ignored;
    while (ring_pop(&d->back, &b)) /* before the event that tells of it */
        back_free(d, &b);
    if (ring_pop(&d->events, ret))
        return true;
    /* The descriptor is emptied before the last look, so that nothing is pushed unseen. */
    (void)!read(d->event_fd, &ignored, sizeof ignored);
    while (ring_pop(&d->back, &b))
        back_free(d, &b);
    taps_drain(d);
    return ring_pop(&d->events, ret);
}

const du_slot_counters_t *du_slot_counters(const du_slot_t *d)
{
    return &d->c;
}

const l1_counters_t *du_slot_l1_counters(const du_slot_t *d)
{
    return &d->l1;
}

const mac_counters_t *du_slot_mac_counters(const du_slot_t *d)
{
    return mac_counters(d->mac);
}

uint32_t du_slot_ue_stats(const du_slot_t *d, mac_ue_stats_t *ret, uint32_t cap)
{
    return mac_ue_stats(d->mac, ret, cap);
}

uint64_t du_slot_now(const du_slot_t *d)
{
    return atomic_load_explicit(&d->now, memory_order_acquire);
}

struct sched *du_slot_sched(du_slot_t *d)
{
    return mac_sched(d->mac);
}
