/* SPDX-License-Identifier: Apache-2.0 */
#include "du/phy/bbdev.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_bbdev.h>
#include <rte_bbdev_op.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>

COUNTERS_DEFINE(bbdev, BBDEV_COUNTERS)

#define BATCH 64        /* operations of a queue that are under way at a time */
#define QUEUE_SIZE 256  /* of the device, a power of two */
#define TIMEOUT_US 5000 /* ten slots of 30 kHz: a device that is alive needs tens of microseconds */
#define SOFT_ROOM (LDPC_MAX_SOFT + RTE_PKTMBUF_HEADROOM)
#define HARD_ROOM (2048 + RTE_PKTMBUF_HEADROOM)

typedef struct {
    ldpc_dec_backend_t backend; /* first: run() gets a pointer to it */
    uint16_t dev_id, queue_id;
    bool dead;
    uint8_t llr_shift; /* bits that the device's LLRs are narrower than ours */
    struct rte_bbdev_dec_op *op[BATCH];
    struct rte_mbuf *soft[BATCH], *hard[BATCH];
    bbdev_counters_t counters;
} queue_t;

struct bbdev {
    uint16_t dev_id;
    bool started;
    unsigned n_queues;
    struct rte_mempool *ops, *soft, *hard;
    queue_t *queues;
};

int bbdev_eal_start(int argc, char **argv)
{
    return rte_eal_init(argc, argv) < 0 ? -rte_errno : 0;
}

/* ---- one batch, [a decoding thread] ---- */

/* The combined soft bits without fillers. Returns how many. */
static uint32_t pack_soft(const ldpc_dec_op_t *op, unsigned shift, int8_t *to)
{
    const sch_rx_cb_t *cb = op->harq;
    uint32_t from = op->match.circ.filler_start, until = from + op->match.circ.n_filler, n;
    uint32_t first = cb->n_soft < from ? cb->n_soft : from;
    memcpy(to, cb->soft, first);
    n = first;
    if (cb->n_soft > until) {
        memcpy(to + n, cb->soft + until, cb->n_soft - until);
        n += cb->n_soft - until;
    }
    if (shift)
        for (uint32_t i = 0; i < n; i++)
            to[i] = (int8_t)(to[i] >> shift);
    return n;
}

static void fill_op(struct rte_bbdev_dec_op *dev, const ldpc_dec_op_t *op, struct rte_mbuf *soft,
                    struct rte_mbuf *hard, uint32_t e)
{
    struct rte_bbdev_op_ldpc_dec *d = &dev->ldpc_dec;
    rte_pktmbuf_reset(soft);
    rte_pktmbuf_reset(hard);
    soft->data_len = (uint16_t)e;
    soft->pkt_len = e;
    memset(d, 0, sizeof *d);
    dev->status = 0;
    d->input = (struct rte_bbdev_op_data){.data = soft, .offset = 0, .length = e};
    d->hard_output = (struct rte_bbdev_op_data){.data = hard, .offset = 0, .length = 0};
    d->op_flags = RTE_BBDEV_LDPC_DEINTERLEAVER_BYPASS | RTE_BBDEV_LDPC_ITERATION_STOP_ENABLE;
    d->rv_index = 0;
    d->iter_max = op->max_iterations;
    d->basegraph = op->match.cfg.bg;
    d->z_c = op->match.cfg.zc;
    d->n_cb = (uint16_t)op->match.cfg.n_cb;
    d->q_m = 1; /* interleaving is bypassed */
    d->n_filler = op->match.cfg.n_filler;
    d->code_block_mode = 1;
    d->cb_params.e = e;
}

static bool crc_holds(const phy_t *phy, const ldpc_dec_op_t *op)
{
    static const struct {
        crc_kind_t kind;
        unsigned bits;
    } crc[] = {[LDPC_CRC_24B] = {CRC24B, 24}, [LDPC_CRC_24A] = {CRC24A, 24}, [LDPC_CRC_16] = {CRC16, 16}};
    ldpc_crc_t kind = op->code.cfg.crc;
    if (kind == LDPC_CRC_NONE)
        return false;
    unsigned n = op->code.k_prime - crc[kind].bits;
    uint32_t sent = 0;
    for (unsigned i = n; i < op->code.k_prime; i++)
        sent = sent << 1 | (op->harq->bits[i / 8] >> (7 - i % 8) & 1);
    return crc_bits(phy, crc[kind].kind, op->harq->bits, n) == sent;
}

static void take_result(queue_t *q, const struct rte_bbdev_dec_op *dev, ldpc_dec_op_t *op,
                        const struct rte_mbuf *hard)
{
    unsigned n_bytes = (op->code.k_prime + 7u) / 8;
    memcpy(op->harq->bits, rte_pktmbuf_mtod(hard, const uint8_t *), n_bytes);
    if (op->code.k_prime % 8)
        op->harq->bits[n_bytes - 1] &= (uint8_t)(0xff00u >> op->code.k_prime % 8);
    op->stats = (ldpc_dec_stats_t){.iterations = dev->ldpc_dec.iter_count};
    op->stats.crc_ok = crc_holds(q->backend.phy, op);
    op->harq->done = op->stats.crc_ok;
    q->counters.blocks++;
}

/* On this CPU, from the soft bits that are combined already. */
static void decode_here(queue_t *q, ldpc_dec_op_t *op, ldpc_dec_work_t *work)
{
    ldpc_decode(q->backend.phy, &op->code, op->harq->soft, op->harq->n_soft, op->max_iterations, work,
                op->harq->bits, &op->stats);
    op->harq->done = op->stats.crc_ok;
}

/* Sends n operations and waits for them. index[i]: of operation i in ops. false: the queue is dead; what did
 * not come back is marked in `back`. */
static bool send_batch(queue_t *q, ldpc_dec_op_t *ops, const unsigned *index, unsigned n, bool *back)
{
    unsigned sent = rte_bbdev_enqueue_ldpc_dec_ops(q->dev_id, q->queue_id, q->op, (uint16_t)n);
    q->counters.rejected += n - sent;
    uint64_t until = rte_rdtsc() + rte_get_tsc_hz() / 1000000 * TIMEOUT_US;
    unsigned came = 0;
    while (came < sent) {
        struct rte_bbdev_dec_op *done[BATCH];
        unsigned k = rte_bbdev_dequeue_ldpc_dec_ops(q->dev_id, q->queue_id, done, (uint16_t)(sent - came));
        for (unsigned j = 0; j < k; j++) {
            unsigned i = (unsigned)(uintptr_t)done[j]->opaque_data;
            bool error = done[j]->status & (1u << RTE_BBDEV_DRV_ERROR | 1u << RTE_BBDEV_DATA_ERROR);
            q->counters.failed += error;
            if (!error)
                take_result(q, done[j], &ops[index[i]], q->hard[i]);
            back[i] = !error;
        }
        came += k;
        if (came < sent && rte_rdtsc() > until) {
            q->counters.timeouts++;
            return false;
        }
    }
    return true;
}

static int run(ldpc_dec_backend_t *self, ldpc_dec_op_t *ops, unsigned n, ldpc_dec_work_t *work)
{
    queue_t *q = (queue_t *)self;
    unsigned index[BATCH], at = 0;
    while (at < n) {
        unsigned k = 0;
        bool back[BATCH] = {false};
        for (; at < n && k < BATCH; at++) {
            ldpc_dec_op_t *op = &ops[at];
            if (op->harq->done) {
                op->stats = (ldpc_dec_stats_t){.crc_ok = true};
                continue;
            }
            ldpc_dematch(q->backend.phy, &op->match, op->llr, op->harq->soft, &op->harq->n_soft);
            if (q->dead) {
                decode_here(q, op, work);
                continue;
            }
            uint32_t e = pack_soft(op, q->llr_shift, rte_pktmbuf_mtod(q->soft[k], int8_t *));
            fill_op(q->op[k], op, q->soft[k], q->hard[k], e);
            q->op[k]->opaque_data = (void *)(uintptr_t)k;
            index[k++] = at;
        }
        if (k && !send_batch(q, ops, index, k, back))
            q->dead = true; /* the device may still write to its buffers: they are never used again */
        for (unsigned i = 0; i < k; i++)
            if (!back[i])
                decode_here(q, &ops[index[i]], work);
    }
    return 0;
}

/* ---- [control] ---- */

static const struct rte_bbdev_op_cap *ldpc_decoding(const struct rte_bbdev_info *info)
{
    const struct rte_bbdev_op_cap *cap = info->drv.capabilities;
    for (; cap && cap->type != RTE_BBDEV_OP_NONE; cap++)
        if (cap->type == RTE_BBDEV_OP_LDPC_DEC)
            return cap;
    return NULL;
}

static int find_device(const char *name, uint16_t *ret_id, struct rte_bbdev_info *ret_info)
{
    uint16_t id;
    RTE_BBDEV_FOREACH(id)
    {
        if (rte_bbdev_info_get(id, ret_info) == 0 && strcmp(ret_info->dev_name, name) == 0) {
            *ret_id = id;
            return 0;
        }
    }
    return -ENODEV;
}

static int check_capabilities(const char *name, const struct rte_bbdev_info *info, unsigned n_queues,
                              uint8_t *ret_shift, char err[256])
{
    const uint32_t need = RTE_BBDEV_LDPC_DEINTERLEAVER_BYPASS | RTE_BBDEV_LDPC_ITERATION_STOP_ENABLE;
    const struct rte_bbdev_op_cap *cap = ldpc_decoding(info);
    if (!cap) {
        snprintf(
            err, 256,
            "BBDEV device %s (%s) has no LDPC decoding: name another device, or none to decode on the CPU",
            name, info->drv.driver_name);
        return -ENOTSUP;
    }
    uint32_t has = cap->cap.ldpc_dec.capability_flags;
    if ((has & need) != need) {
        snprintf(err, 256, "BBDEV device %s (%s) lacks %s: decode on the CPU instead", name,
                 info->drv.driver_name,
                 !(has & RTE_BBDEV_LDPC_DEINTERLEAVER_BYPASS) ? "deinterleaver bypass" : "early stopping");
        return -ENOTSUP;
    }
    int bits = cap->cap.ldpc_dec.llr_size;
    if (bits < 4 || bits > 8) {
        snprintf(err, 256, "BBDEV device %s (%s) takes LLRs of %d bits; 4 to 8 are supported", name,
                 info->drv.driver_name, bits);
        return -ENOTSUP;
    }
    unsigned queues = info->drv.num_queues[RTE_BBDEV_OP_LDPC_DEC];
    if (queues < n_queues) {
        snprintf(
            err, 256,
            "BBDEV device %s has %u LDPC decode queues, %u threads need one each: configure fewer workers",
            name, queues, n_queues);
        return -ENOSPC;
    }
    *ret_shift = (uint8_t)(8 - bits);
    return 0;
}

static int start_device(bbdev_t *b, const struct rte_bbdev_info *info)
{
    int err = rte_bbdev_setup_queues(b->dev_id, (uint16_t)b->n_queues, info->socket_id);
    for (unsigned i = 0; !err && i < b->n_queues; i++) {
        struct rte_bbdev_queue_conf conf = info->drv.default_queue_conf;
        conf.socket = info->socket_id;
        conf.op_type = RTE_BBDEV_OP_LDPC_DEC;
        conf.queue_size = info->drv.queue_size_lim < QUEUE_SIZE ? info->drv.queue_size_lim : QUEUE_SIZE;
        err = rte_bbdev_queue_configure(b->dev_id, (uint16_t)i, &conf);
    }
    if (!err)
        err = rte_bbdev_start(b->dev_id);
    b->started = err == 0;
    return err ? -EIO : 0;
}

static int create_buffers(bbdev_t *b, int socket)
{
    unsigned n = b->n_queues * BATCH;
    char name[RTE_MEMPOOL_NAMESIZE];
    snprintf(name, sizeof name, "bbdev%u_ops", b->dev_id);
    b->ops = rte_bbdev_op_pool_create(name, RTE_BBDEV_OP_LDPC_DEC, n * 2 - 1, 0, socket);
    snprintf(name, sizeof name, "bbdev%u_soft", b->dev_id);
    b->soft = rte_pktmbuf_pool_create(name, n, 0, 0, SOFT_ROOM, socket);
    snprintf(name, sizeof name, "bbdev%u_hard", b->dev_id);
    b->hard = rte_pktmbuf_pool_create(name, n, 0, 0, HARD_ROOM, socket);
    if (!b->ops || !b->soft || !b->hard)
        return -ENOMEM;
    for (unsigned i = 0; i < b->n_queues; i++) {
        queue_t *q = &b->queues[i];
        if (rte_bbdev_dec_op_alloc_bulk(b->ops, q->op, BATCH) ||
            rte_pktmbuf_alloc_bulk(b->soft, q->soft, BATCH) ||
            rte_pktmbuf_alloc_bulk(b->hard, q->hard, BATCH))
            return -ENOMEM;
    }
    return 0;
}

int bbdev_open(const phy_t *phy, const char *name, unsigned n_queues, bbdev_t **ret, char err[256])
{
    struct rte_bbdev_info info;
    uint16_t id = 0;
    uint8_t shift = 0;
    if (find_device(name, &id, &info)) {
        snprintf(err, 256, "no BBDEV device %s: bind it to vfio-pci and allow it in the EAL's arguments (-a)",
                 name);
        return -ENODEV;
    }
    int rc = check_capabilities(name, &info, n_queues, &shift, err);
    if (rc)
        return rc;
    bbdev_t *b = calloc(1, sizeof *b);
    queue_t *queues = calloc(n_queues, sizeof *queues);
    if (!b || !queues) {
        free(b);
        free(queues);
        snprintf(err, 256, "out of memory");
        return -ENOMEM;
    }
    *b = (bbdev_t){.dev_id = id, .n_queues = n_queues, .queues = queues};
    for (unsigned i = 0; i < n_queues; i++)
        queues[i] = (queue_t){
            .backend = {.run = run, .phy = phy}, .dev_id = id, .queue_id = (uint16_t)i, .llr_shift = shift};
    rc = start_device(b, &info);
    if (rc)
        snprintf(err, 256, "BBDEV device %s did not start: is another process using it?", name);
    else if ((rc = create_buffers(b, info.socket_id)))
        snprintf(err, 256,
                 "not enough DPDK memory for BBDEV device %s: %u bytes are needed; reserve hugepages", name,
                 n_queues * BATCH * (SOFT_ROOM + HARD_ROOM));
    if (rc) {
        bbdev_close(b);
        return rc;
    }
    *ret = b;
    return 0;
}

void bbdev_close(bbdev_t *b)
{
    if (!b)
        return;
    if (b->started)
        rte_bbdev_stop(b->dev_id);
    rte_mempool_free(b->ops);
    rte_mempool_free(b->soft);
    rte_mempool_free(b->hard);
    free(b->queues);
    free(b);
}

ldpc_dec_backend_t *bbdev_decoder(bbdev_t *b, unsigned i)
{
    return &b->queues[i].backend;
}

bbdev_counters_t bbdev_counters(const bbdev_t *b)
{
    bbdev_counters_t sum = {0};
    for (unsigned i = 0; i < b->n_queues; i++) {
        const bbdev_counters_t *c = &b->queues[i].counters;
        sum.blocks += counter_read(&c->blocks);
        sum.rejected += counter_read(&c->rejected);
        sum.failed += counter_read(&c->failed);
        sum.timeouts += counter_read(&c->timeouts);
    }
    return sum;
}
