/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/fapi/link.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define LINK_MAGIC UINT64_C(0x4c314e4152544956) /* "VITRANL1" */
#define LINK_VERSION 1u
#define SPIN 2000 /* polls before sleeping: some 10 us, about what a futex wake-up costs */

/* A number that one side raises and the other waits for. Slots are published as n + 1: 0 is none. */
typedef struct {
    _Alignas(64) _Atomic uint64_t published;
    _Atomic uint32_t seq; /* the futex word: changes with each publication */
    _Alignas(64) _Atomic uint32_t sleeping;
} gate_t;

typedef struct {
    gate_t tick; /* the L1 publishes */
    gate_t done; /* the DU publishes */
    _Alignas(4096) fapi_dl_slot_t dl[FAPI_LINK_SLABS];
    _Alignas(4096) fapi_ul_slot_t ul[FAPI_LINK_SLABS];
} shared_t;

typedef struct { /* L1 -> DU with the memfd; DU -> L1 followed by the cell */
    uint64_t magic;
    uint32_t version, cell_bytes;
    uint64_t shared_bytes;
} hello_t;

typedef struct {
    hello_t hello;
    fapi_cell_config_t cell;
} welcome_t;

struct fapi_link {
    shared_t *s;
    int fd;
    atomic_bool down;
};

static const hello_t our_hello = {LINK_MAGIC, LINK_VERSION, sizeof(fapi_cell_config_t), sizeof(shared_t)};

/* ---- gates ---- */

static long futex(_Atomic uint32_t *word, int op, uint32_t val, const struct timespec *ts)
{
    return syscall(SYS_futex, word, op, val, ts, NULL, 0);
}

static void gate_wake(gate_t *g)
{
    atomic_fetch_add_explicit(&g->seq, 1, memory_order_seq_cst);
    if (atomic_load_explicit(&g->sleeping, memory_order_seq_cst))
        futex(&g->seq, FUTEX_WAKE, INT_MAX, NULL);
}

static void gate_publish(gate_t *g, uint64_t v)
{
    atomic_store_explicit(&g->published, v, memory_order_release);
    gate_wake(g);
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Waits until published >= want. The peer may write what it likes to the words: all that can come of it is a
 * wake-up too many, or a sleep that ends with the slices below. */
static int gate_wait(fapi_link_t *l, gate_t *g, uint64_t want, int64_t timeout_ns)
{
    for (int i = 0; i < SPIN; i++) {
        if (atomic_load_explicit(&g->published, memory_order_acquire) >= want)
            return 0;
        if (atomic_load_explicit(&l->down, memory_order_relaxed))
            return -EPIPE;
        __builtin_ia32_pause();
    }
    int64_t end = timeout_ns < 0 ? INT64_MAX : now_ns() + timeout_ns;
    int ret = 0;
    atomic_store_explicit(&g->sleeping, 1, memory_order_seq_cst);
    for (;;) {
        uint32_t seq = atomic_load_explicit(&g->seq, memory_order_seq_cst);
        if (atomic_load_explicit(&g->published, memory_order_acquire) >= want)
            break;
        if (atomic_load_explicit(&l->down, memory_order_seq_cst)) {
            ret = -EPIPE;
            break;
        }
        int64_t left = end == INT64_MAX ? INT64_MAX : end - now_ns();
        if (left <= 0) {
            ret = -ETIMEDOUT;
            break;
        }
        if (left > 100000000) /* a slice: a hang-up whose wake-up the peer has spoilt is seen after 100 ms */
            left = 100000000;
        futex(&g->seq, FUTEX_WAIT, seq, &(struct timespec){.tv_nsec = (long)left});
    }
    atomic_store_explicit(&g->sleeping, 0, memory_order_relaxed);
    return ret;
}

/* ---- slots ---- */

fapi_dl_slot_t *fapi_link_dl(fapi_link_t *l, uint64_t abs_slot)
{
    return &l->s->dl[abs_slot % FAPI_LINK_SLABS];
}

fapi_ul_slot_t *fapi_link_ul(fapi_link_t *l, uint64_t abs_slot)
{
    return &l->s->ul[abs_slot % FAPI_LINK_SLABS];
}

void fapi_link_tick(fapi_link_t *l, uint64_t n)
{
    gate_publish(&l->s->tick, n + 1);
}

int fapi_link_wait_done(fapi_link_t *l, uint64_t n, int64_t timeout_ns)
{
    return gate_wait(l, &l->s->done, n + 1, timeout_ns);
}

uint64_t fapi_link_done_slot(const fapi_link_t *l)
{
    return atomic_load_explicit(&l->s->done.published, memory_order_acquire) - 1;
}

int fapi_link_wait_tick(fapi_link_t *l, uint64_t next, int64_t timeout_ns, uint64_t *ret_slot)
{
    uint64_t want = next == UINT64_MAX ? 1 : next + 1;
    int r = gate_wait(l, &l->s->tick, want, timeout_ns);
    if (r < 0)
        return r;
    uint64_t got = atomic_load_explicit(&l->s->tick.published, memory_order_acquire);
    if (next != UINT64_MAX && got != want)
        return -EPROTO;
    *ret_slot = got - 1;
    return 0;
}

uint64_t fapi_link_poll_tick(const fapi_link_t *l)
{
    return atomic_load_explicit(&l->s->tick.published, memory_order_acquire) - 1;
}

void fapi_link_done(fapi_link_t *l, uint64_t n)
{
    gate_publish(&l->s->done, n + 1);
}

/* ---- life ---- */

int fapi_link_fd(const fapi_link_t *l)
{
    return l->fd;
}

void fapi_link_hangup(fapi_link_t *l)
{
    atomic_store(&l->down, true);
    gate_wake(&l->s->tick);
    gate_wake(&l->s->done);
    /* whichever of them our side sleeps on; `sleeping` is in shared memory, so do not rely on it */
    futex(&l->s->tick.seq, FUTEX_WAKE, INT_MAX, NULL);
    futex(&l->s->done.seq, FUTEX_WAKE, INT_MAX, NULL);
}

bool fapi_link_is_down(const fapi_link_t *l)
{
    return atomic_load(&l->down);
}

bool fapi_link_peer_gone(fapi_link_t *l)
{
    char c;
    ssize_t n = recv(l->fd, &c, 1, MSG_DONTWAIT);
    return !(n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR));
}

static int link_make(int mem_fd, int conn_fd, fapi_link_t **ret)
{
    fapi_link_t *l = calloc(1, sizeof *l);
    if (!l)
        return -ENOMEM;
    l->s = mmap(NULL, sizeof(shared_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, mem_fd, 0);
    if (l->s == MAP_FAILED) {
        int e = errno;
        free(l);
        return -e;
    }
    l->fd = conn_fd;
    *ret = l;
    return 0;
}

void fapi_link_destroy(fapi_link_t *l)
{
    if (!l)
        return;
    munmap(l->s, sizeof(shared_t));
    close(l->fd);
    free(l);
}

static int unix_address(const char *path, struct sockaddr_un *ret)
{
    if (strlen(path) >= sizeof ret->sun_path)
        return -ENAMETOOLONG;
    memset(ret, 0, sizeof *ret);
    ret->sun_family = AF_UNIX;
    strcpy(ret->sun_path, path);
    return 0;
}

int fapi_link_listen(const char *path)
{
    struct sockaddr_un a;
    struct stat st;
    int r = unix_address(path, &a);
    if (r < 0)
        return r;
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode)) /* never removes what is not a socket */
        unlink(path);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || chmod(path, 0600) < 0 || listen(fd, 4) < 0) {
        r = -errno;
        close(fd);
        return r;
    }
    return fd;
}

int fapi_link_accept(int listen_fd)
{
    int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* Receives one message and at most one descriptor; others are closed. Returns bytes or -errno. */
static ssize_t receive(int fd, void *buf, size_t cap, int *ret_mem)
{
    union {
        struct cmsghdr h;
        char bytes[CMSG_SPACE(4 * sizeof(int))];
    } control;
    struct iovec iov = {buf, cap};
    struct msghdr m = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    int mem = -1;
    ssize_t n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (n < 0)
        return -errno;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
            int got;
            memcpy(&got, CMSG_DATA(c) + i * sizeof got, sizeof got);
            if (mem < 0 && ret_mem)
                mem = got;
            else
                close(got);
        }
    }
    if (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
        if (mem >= 0)
            close(mem);
        return -EPROTO;
    }
    if (ret_mem)
        *ret_mem = mem;
    return n;
}

int fapi_link_serve(int conn_fd, const fapi_cell_config_t *cell, fapi_link_t **ret)
{
    hello_t hello;
    struct stat st;
    fapi_link_t *l = NULL;
    int mem = -1, r = 0;
    ssize_t n = receive(conn_fd, &hello, sizeof hello, &mem);
    if (n == -EAGAIN || n == -EINTR)
        return -EAGAIN;
    if (n < 0)
        return (int)n;
    int seals = mem < 0 ? 0 : fcntl(mem, F_GET_SEALS);
    if (n != sizeof hello || memcmp(&hello, &our_hello, sizeof hello) != 0 || mem < 0 || seals < 0 ||
        !(seals & F_SEAL_SHRINK) || fstat(mem, &st) < 0 || st.st_size != (off_t)sizeof(shared_t))
        r = -EPROTO;
    if (!r)
        r = link_make(mem, conn_fd, &l);
    if (mem >= 0)
        close(mem);
    if (r < 0)
        return r;
    welcome_t w = {our_hello, *cell};
    if (send(conn_fd, &w, sizeof w, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)sizeof w) {
        r = errno ? -errno : -EPIPE;
        munmap(l->s, sizeof(shared_t));
        free(l);
        return r;
    }
    *ret = l;
    return 0;
}

static int make_memory(void)
{
    int fd = memfd_create("vitran-l1", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -errno;
    if (ftruncate(fd, sizeof(shared_t)) < 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
        int e = errno;
        close(fd);
        return -e;
    }
    return fd;
}

static int send_hello(int fd, int mem)
{
    union {
        struct cmsghdr h;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec iov = {(void *)&our_hello, sizeof our_hello};
    struct msghdr m = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(c), &mem, sizeof mem);
    return sendmsg(fd, &m, MSG_NOSIGNAL) == (ssize_t)sizeof our_hello ? 0 : -errno;
}

int fapi_link_connect(const char *path, int timeout_ms, fapi_link_t **ret, fapi_cell_config_t *ret_cell)
{
    struct sockaddr_un a;
    welcome_t w;
    int mem = -1, r = unix_address(path, &a);
    if (r < 0)
        return r;
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, (struct sockaddr *)&a, sizeof a) < 0) {
        r = -errno;
        goto out;
    }
    r = mem = make_memory();
    if (r < 0)
        goto out;
    r = send_hello(fd, mem);
    if (r < 0)
        goto out;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int got = poll(&p, 1, timeout_ms);
    if (got <= 0) {
        r = got == 0 ? -ETIMEDOUT : -errno;
        goto out;
    }
    ssize_t n = receive(fd, &w, sizeof w, NULL);
    r = n == 0  ? -ECONNREFUSED
        : n < 0 ? (int)n
                : 0; /* end of file: the DU has an L1 already, or wants none */
    if (!r && (n != sizeof w || memcmp(&w.hello, &our_hello, sizeof our_hello) != 0))
        r = -EPROTO;
    if (!r)
        r = link_make(mem, fd, ret);
    if (!r)
        *ret_cell = w.cell;
out:
    if (mem >= 0)
        close(mem);
    if (r < 0)
        close(fd);
    return r;
}
