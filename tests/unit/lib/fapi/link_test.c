/* SPDX-License-Identifier: Apache-2.0 */
/* The abstract L1's link: hand-over of the memory, lockstep between two threads, death of either side, hellos
 * that are not ours. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/fapi/link.h"
#include "tests/unit/cu.h"

typedef struct {
    char dir[32], path[64];
    int listen_fd;
    fapi_link_t *du, *l1;
    fapi_cell_config_t cell, got;
    int r;
} pair_t;

static void *connect_thread(void *arg)
{
    pair_t *p = arg;
    p->r = fapi_link_connect(p->path, 5000, &p->l1, &p->got);
    return NULL;
}

static void pair_listen(pair_t *p)
{
    memset(p, 0, sizeof *p);
    strcpy(p->dir, "/tmp/vitran-link-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(p->dir));
    snprintf(p->path, sizeof p->path, "%s/l1", p->dir);
    p->listen_fd = fapi_link_listen(p->path);
    CU_ASSERT_FATAL(p->listen_fd >= 0);
    p->cell.phys_cell_id = 321;
    p->cell.n_prb_dl = 51;
}

static int accept_one(pair_t *p)
{
    int fd;
    while ((fd = fapi_link_accept(p->listen_fd)) == -EAGAIN)
        usleep(1000);
    return fd;
}

static void pair_open(pair_t *p)
{
    pthread_t t;
    int fd, r;
    pair_listen(p);
    pthread_create(&t, NULL, connect_thread, p);
    fd = accept_one(p);
    while ((r = fapi_link_serve(fd, &p->cell, &p->du)) == -EAGAIN)
        usleep(1000);
    pthread_join(t, NULL);
    CU_ASSERT_EQUAL_FATAL(r, 0);
    CU_ASSERT_EQUAL_FATAL(p->r, 0);
}

static void pair_close(pair_t *p)
{
    fapi_link_destroy(p->du);
    fapi_link_destroy(p->l1);
    close(p->listen_fd);
    unlink(p->path);
    rmdir(p->dir);
}

#define SLOTS 2000

static void *du_thread(void *arg)
{
    pair_t *p = arg;
    uint64_t next = UINT64_MAX, n, sum = 0;
    for (uint32_t i = 0; i < SLOTS; i++) {
        if (fapi_link_wait_tick(p->du, next, 5000000000, &n) < 0)
            break;
        next = n + 1;
        sum += fapi_link_ul(p->du, n - 1)->rx_bytes;
        fapi_dl_slot_t *d = fapi_link_dl(p->du, n + 2);
        d->tx_bytes = (uint32_t)n * 3;
        d->abs_slot = n + 2;
        fapi_link_done(p->du, n);
    }
    return (void *)(uintptr_t)sum;
}

static void test_lockstep(void)
{
    pair_t p;
    pthread_t t;
    void *sum;
    pair_open(&p);
    CU_ASSERT_EQUAL(p.got.phys_cell_id, 321);
    CU_ASSERT_EQUAL(fapi_link_poll_tick(p.du), UINT64_MAX);
    pthread_create(&t, NULL, du_thread, &p);
    uint64_t want = 0;
    for (uint64_t n = 1000; n < 1000 + SLOTS; n++) {
        fapi_link_ul(p.l1, n - 1)->rx_bytes = (uint32_t)n;
        want += n;
        fapi_link_tick(p.l1, n);
        CU_ASSERT_EQUAL_FATAL(fapi_link_wait_done(p.l1, n, 5000000000), 0);
        const fapi_dl_slot_t *d = fapi_link_dl(p.l1, n);
        if (n >= 1002) {
            CU_ASSERT_EQUAL(d->abs_slot, n);
            CU_ASSERT_EQUAL(d->tx_bytes, (n - 2) * 3);
        }
        if (n % 500 == 0)
            usleep(3000); /* long enough for the other side to sleep */
    }
    pthread_join(t, &sum);
    CU_ASSERT_EQUAL((uintptr_t)sum, want);
    uint64_t n;
    fapi_link_tick(p.l1, 9999); /* a jump */
    CU_ASSERT_EQUAL(fapi_link_wait_tick(p.du, 1000 + SLOTS, 0, &n), -EPROTO);
    CU_ASSERT_EQUAL(fapi_link_wait_done(p.l1, 9999, 1000000), -ETIMEDOUT);
    pair_close(&p);
}

static void *wait_thread(void *arg)
{
    uint64_t n;
    return (void *)(intptr_t)fapi_link_wait_tick(arg, UINT64_MAX, -1, &n);
}

/* The peer dies while we sleep: the control thread sees it on the socket and the sleeper comes back. */
static void test_death(void)
{
    pair_t p;
    pthread_t t;
    void *r;
    pair_open(&p);
    pthread_create(&t, NULL, wait_thread, p.du);
    CU_ASSERT_FALSE(fapi_link_peer_gone(p.du));
    usleep(20000);
    fapi_link_destroy(p.l1);
    p.l1 = NULL;
    CU_ASSERT_TRUE(fapi_link_peer_gone(p.du));
    fapi_link_hangup(p.du);
    pthread_join(t, &r);
    CU_ASSERT_EQUAL((intptr_t)r, -EPIPE);
    CU_ASSERT_TRUE(fapi_link_is_down(p.du));
    pair_close(&p);
}

static void test_nobody(void)
{
    fapi_link_t *l;
    fapi_cell_config_t c;
    CU_ASSERT_EQUAL(fapi_link_connect("/tmp/vitran-no-such-socket", 10, &l, &c), -ENOENT);
}

/* Hellos that are not ours, and memory that could be taken away under us (a write past its new end would be
 * SIGBUS). */
static int hello(const void *bytes, size_t n, int mem)
{
    pair_t p;
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    union {
        struct cmsghdr h;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec iov = {(void *)bytes, n};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
    pair_listen(&p);
    strcpy(a.sun_path, p.path);
    int s = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    CU_ASSERT_EQUAL_FATAL(connect(s, (struct sockaddr *)&a, sizeof a), 0);
    if (mem >= 0) {
        m.msg_control = &control;
        m.msg_controllen = sizeof control;
        control.h = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
        memcpy(CMSG_DATA(&control.h), &mem, sizeof mem);
    }
    int fd = accept_one(&p);
    CU_ASSERT_EQUAL(fapi_link_serve(fd, &p.cell, &p.du), -EAGAIN);
    CU_ASSERT_EQUAL(sendmsg(s, &m, 0), (ssize_t)n);
    int r = fapi_link_serve(fd, &p.cell, &p.du);
    close(fd);
    close(s);
    pair_close(&p);
    return r;
}

static void test_hellos(void)
{
    /* a good hello, learnt from the real one */
    pair_t p;
    uint8_t good[256], bad[256];
    pthread_t t;
    pair_listen(&p);
    pthread_create(&t, NULL, connect_thread, &p);
    int fd = accept_one(&p);
    ssize_t n;
    while ((n = recv(fd, good, sizeof good, 0)) < 0)
        usleep(1000);
    close(fd);
    pthread_join(t, NULL);
    CU_ASSERT_EQUAL(p.r, -ECONNREFUSED);
    pair_close(&p);

    uint64_t size;
    memcpy(&size, good + 16, sizeof size);
    int sealed = memfd_create("x", MFD_ALLOW_SEALING), loose = memfd_create("x", MFD_ALLOW_SEALING),
        small = memfd_create("x", MFD_ALLOW_SEALING);
    CU_ASSERT_EQUAL(ftruncate(sealed, (off_t)size) | ftruncate(loose, (off_t)size) | ftruncate(small, 4096),
                    0);
    fcntl(sealed, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
    fcntl(small, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
    CU_ASSERT_EQUAL(hello(good, (size_t)n, sealed), 0);
    CU_ASSERT_EQUAL(hello(good, (size_t)n, loose), -EPROTO);
    CU_ASSERT_EQUAL(hello(good, (size_t)n, small), -EPROTO);
    CU_ASSERT_EQUAL(hello(good, (size_t)n, -1), -EPROTO);
    CU_ASSERT_EQUAL(hello(good, (size_t)n - 1, sealed), -EPROTO);
    for (ssize_t i = 0; i < n; i++) {
        memcpy(bad, good, (size_t)n);
        bad[i] ^= 0x10;
        CU_ASSERT_EQUAL(hello(bad, (size_t)n, sealed), -EPROTO);
    }
    close(sealed);
    close(loose);
    close(small);
}

CU_MAIN("fapi link", {"lockstep", test_lockstep}, {"peer dies", test_death}, {"nobody there", test_nobody},
        {"foreign hellos", test_hellos})
