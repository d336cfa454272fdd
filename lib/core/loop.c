/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/core/loop.h"

#include "lib/core/clock.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct loop_fd {
    loop_t *loop;
    int fd;
    bool dead; /* deleted while its batch of events was being run: freed after the batch */
    loop_fd_cb_t cb;
    void *ctx;
    loop_fd_t *next_dead;
};

typedef struct post {
    struct post *next;
    loop_post_cb_t cb;
    void *ctx;
} post_t;

typedef struct watch {
    struct watch *next;
    int fd, signo;
    loop_signal_cb_t cb;
    void *ctx;
    loop_fd_t *handle;
} watch_t;

struct loop {
    int epoll_fd, wake_fd;
    loop_fd_t *wake_handle;
    bool is_virtual, stop;
    int64_t virtual_ns;
    uint64_t order;

    loop_timer_t **heap; /* [size: heap_cap + 1], 1-based binary heap by (due_ns, order) */
    uint32_t heap_n, heap_cap;

    loop_fd_t *dead;
    watch_t *signals;

    pthread_mutex_t post_lock; /* guards what other threads touch: the two below */
    post_t *post_head, **post_tail;
    bool stop_posted;
};

/* ---- timers ---- */

static bool timer_before(const loop_timer_t *a, const loop_timer_t *b)
{
    return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->order < b->order;
}

static void heap_put(loop_t *l, uint32_t i, loop_timer_t *t)
{
    l->heap[i] = t;
    t->heap_at = i;
}

static void heap_up(loop_t *l, uint32_t i, loop_timer_t *t)
{
    for (; i > 1 && timer_before(t, l->heap[i / 2]); i /= 2)
        heap_put(l, i, l->heap[i / 2]);
    heap_put(l, i, t);
}

static void heap_down(loop_t *l, uint32_t i, loop_timer_t *t)
{
    for (;;) {
        uint32_t child = i * 2;
        if (child > l->heap_n)
            break;
        if (child < l->heap_n && timer_before(l->heap[child + 1], l->heap[child]))
            child++;
        if (!timer_before(l->heap[child], t))
            break;
        heap_put(l, i, l->heap[child]);
        i = child;
    }
    heap_put(l, i, t);
}

void loop_timer_init(loop_t *l, loop_timer_t *t, loop_timer_cb_t cb, void *ctx)
{
    *t = (loop_timer_t){.loop = l, .cb = cb, .ctx = ctx};
}

void loop_timer_stop(loop_timer_t *t)
{
    if (!t->heap_at)
        return;
    loop_t *l = t->loop;
    uint32_t i = t->heap_at;
    loop_timer_t *last = l->heap[l->heap_n--];
    t->heap_at = 0;
    if (last == t)
        return;
    if (i > 1 && timer_before(last, l->heap[i / 2]))
        heap_up(l, i, last);
    else
        heap_down(l, i, last);
}

int loop_timer_start(loop_timer_t *t, int64_t delay_ns)
{
    loop_t *l = t->loop;
    loop_timer_stop(t);
    if (l->heap_n == l->heap_cap) {
        uint32_t cap = l->heap_cap ? l->heap_cap * 2 : 64;
        loop_timer_t **heap = realloc(l->heap, (cap + 1) * sizeof *heap);
        if (!heap)
            return -ENOMEM;
        l->heap = heap;
        l->heap_cap = cap;
    }
    t->due_ns = loop_now_ns(l) + (delay_ns > 0 ? delay_ns : 0);
    t->order = l->order++;
    heap_up(l, ++l->heap_n, t);
    return 0;
}

/* Runs timers that are due at `now`. A timer started by a callback with no delay runs in the next round. */
static int timers_run(loop_t *l, int64_t now)
{
    int n = 0;
    uint64_t before = l->order;
    while (l->heap_n && l->heap[1]->due_ns <= now && l->heap[1]->order < before) {
        loop_timer_t *t = l->heap[1];
        loop_timer_stop(t);
        t->cb(t->ctx);
        n++;
    }
    return n;
}

int64_t loop_now_ns(const loop_t *l)
{
    return l->is_virtual ? l->virtual_ns : time_ns(CLOCK_MONOTONIC);
}

void loop_set_virtual(loop_t *l)
{
    l->is_virtual = true;
    l->virtual_ns = 0;
}

void loop_advance(loop_t *l, int64_t ns)
{
    int64_t until = l->virtual_ns + ns;
    while (l->heap_n && l->heap[1]->due_ns <= until) {
        if (l->heap[1]->due_ns > l->virtual_ns)
            l->virtual_ns = l->heap[1]->due_ns;
        timers_run(l, l->virtual_ns);
    }
    l->virtual_ns = until;
}

/* ---- descriptors ---- */

int loop_fd_add(loop_t *l, int fd, uint32_t events, loop_fd_cb_t cb, void *ctx, loop_fd_t **ret)
{
    loop_fd_t *f = calloc(1, sizeof *f);
    if (!f)
        return -ENOMEM;
    *f = (loop_fd_t){.loop = l, .fd = fd, .cb = cb, .ctx = ctx};
    struct epoll_event e = {.events = events, .data.ptr = f};
    if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &e) < 0) {
        int err = errno;
        free(f);
        return -err;
    }
    *ret = f;
    return 0;
}

int loop_fd_set_events(loop_fd_t *f, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.ptr = f};
    return epoll_ctl(f->loop->epoll_fd, EPOLL_CTL_MOD, f->fd, &e) < 0 ? -errno : 0;
}

void loop_fd_del(loop_fd_t *f)
{
    if (!f || f->dead)
        return;
    epoll_ctl(f->loop->epoll_fd, EPOLL_CTL_DEL, f->fd, NULL);
    f->dead = true;
    f->next_dead = f->loop->dead;
    f->loop->dead = f;
}

static void free_dead(loop_t *l)
{
    while (l->dead) {
        loop_fd_t *f = l->dead;
        l->dead = f->next_dead;
        free(f);
    }
}

/* ---- posts and signals ---- */

static void wake(loop_t *l)
{
    uint64_t one = 1;
    ssize_t n = write(l->wake_fd, &one, sizeof one);
    (void)n; /* EAGAIN means that a wake-up is already pending */
}

int loop_post(loop_t *l, loop_post_cb_t cb, void *ctx)
{
    post_t *p = malloc(sizeof *p);
    if (!p)
        return -ENOMEM;
    *p = (post_t){NULL, cb, ctx};
    pthread_mutex_lock(&l->post_lock);
    *l->post_tail = p;
    l->post_tail = &p->next;
    pthread_mutex_unlock(&l->post_lock);
    wake(l);
    return 0;
}

void loop_stop(loop_t *l)
{
    pthread_mutex_lock(&l->post_lock);
    l->stop_posted = true;
    pthread_mutex_unlock(&l->post_lock);
    wake(l);
}

static void on_wake(void *ctx, uint32_t events)
{
    loop_t *l = ctx;
    uint64_t count;
    (void)events;
    ssize_t n = read(l->wake_fd, &count, sizeof count);
    (void)n;
    pthread_mutex_lock(&l->post_lock);
    post_t *p = l->post_head;
    l->post_head = NULL;
    l->post_tail = &l->post_head;
    l->stop |= l->stop_posted;
    l->stop_posted = false;
    pthread_mutex_unlock(&l->post_lock);
    while (p) {
        post_t *next = p->next;
        p->cb(p->ctx);
        free(p);
        p = next;
    }
}

static void on_signal(void *ctx, uint32_t events)
{
    watch_t *s = ctx;
    struct signalfd_siginfo info;
    (void)events;
    while (read(s->fd, &info, sizeof info) == (ssize_t)sizeof info)
        s->cb(s->ctx, s->signo);
}

int loop_signal(loop_t *l, int signo, loop_signal_cb_t cb, void *ctx)
{
    sigset_t set;
    watch_t *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    sigemptyset(&set);
    sigaddset(&set, signo);
    int r = -pthread_sigmask(SIG_BLOCK, &set, NULL);
    *s = (watch_t){.fd = -1, .signo = signo, .cb = cb, .ctx = ctx};
    if (r == 0 && (s->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)) < 0)
        r = -errno;
    if (r == 0)
        r = loop_fd_add(l, s->fd, EPOLLIN, on_signal, s, &s->handle);
    if (r < 0) {
        if (s->fd >= 0)
            close(s->fd);
        free(s);
        return r;
    }
    s->next = l->signals;
    l->signals = s;
    return 0;
}

/* ---- life and run ---- */

int loop_create(loop_t **ret)
{
    loop_t *l = calloc(1, sizeof *l);
    if (!l)
        return -ENOMEM;
    l->post_tail = &l->post_head;
    pthread_mutex_init(&l->post_lock, NULL);
    l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    l->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    int r = l->epoll_fd < 0 || l->wake_fd < 0
                ? -errno
                : loop_fd_add(l, l->wake_fd, EPOLLIN, on_wake, l, &l->wake_handle);
    if (r < 0) {
        loop_destroy(l);
        return r;
    }
    *ret = l;
    return 0;
}

void loop_destroy(loop_t *l)
{
    if (!l)
        return;
    while (l->signals) {
        watch_t *s = l->signals;
        l->signals = s->next;
        loop_fd_del(s->handle);
        close(s->fd);
        free(s);
    }
    loop_fd_del(l->wake_handle);
    free_dead(l);
    for (uint32_t i = 1; i <= l->heap_n; i++)
        l->heap[i]->heap_at = 0;
    for (post_t *p = l->post_head, *next; p; p = next) {
        next = p->next;
        free(p);
    }
    if (l->epoll_fd >= 0)
        close(l->epoll_fd);
    if (l->wake_fd >= 0)
        close(l->wake_fd);
    pthread_mutex_destroy(&l->post_lock);
    free(l->heap);
    free(l);
}

int loop_run_once(loop_t *l, int timeout_ms)
{
    struct epoll_event events[64];
    if (!l->is_virtual && l->heap_n) {
        int64_t left = l->heap[1]->due_ns - loop_now_ns(l);
        int64_t left_ms = left <= 0 ? 0 : (left + NS_PER_MS - 1) / NS_PER_MS;
        if (timeout_ms < 0 || left_ms < timeout_ms)
            timeout_ms = (int)left_ms;
    }
    int n = epoll_wait(l->epoll_fd, events, 64, timeout_ms);
    if (n < 0)
        return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < n; i++) {
        loop_fd_t *f = events[i].data.ptr;
        if (!f->dead)
            f->cb(f->ctx, events[i].events);
    }
    free_dead(l);
    return n + (l->is_virtual ? 0 : timers_run(l, loop_now_ns(l)));
}

int loop_run(loop_t *l)
{
    while (!l->stop) {
        int r = loop_run_once(l, -1);
        if (r < 0)
            return r;
    }
    l->stop = false;
    return 0;
}
