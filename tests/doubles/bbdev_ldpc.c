/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/doubles/bbdev_ldpc.h"

#include "lib/phy/ldpc/decode.h"
#include "lib/phy/ldpc/dematch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_bbdev.h>
#include <rte_bbdev_pmd.h>
#include <rte_mbuf.h>

#define DEPTH 256

typedef struct {
    struct rte_bbdev_dec_op *ring[DEPTH];
    unsigned n;
} double_queue_t;

typedef struct {
    bbdev_double_t *faults;
    phy_t *phy;
    struct rte_bbdev_op_cap cap[2];
} device_t;

static void info_get(struct rte_bbdev *dev, struct rte_bbdev_driver_info *info)
{
    device_t *d = dev->data->dev_private;
    memset(info, 0, sizeof *info);
    info->driver_name = "ldpc_double";
    info->max_num_queues = d->faults->n_queues;
    info->num_queues[RTE_BBDEV_OP_LDPC_DEC] = d->faults->n_queues;
    info->queue_size_lim = DEPTH;
    info->default_queue_conf =
        (struct rte_bbdev_queue_conf){.queue_size = DEPTH, .op_type = RTE_BBDEV_OP_LDPC_DEC};
    d->cap[0] =
        (struct rte_bbdev_op_cap){.type = d->faults->no_ldpc ? RTE_BBDEV_OP_NONE : RTE_BBDEV_OP_LDPC_DEC};
    d->cap[0].cap.ldpc_dec =
        (struct rte_bbdev_op_cap_ldpc_dec){.capability_flags = d->faults->capability_flags,
                                           .llr_size = d->faults->llr_size,
                                           .num_buffers_src = 1,
                                           .num_buffers_hard_out = 1};
    d->cap[1] = (struct rte_bbdev_op_cap){.type = RTE_BBDEV_OP_NONE};
    info->capabilities = d->cap;
}

static int queue_setup(struct rte_bbdev *dev, uint16_t id, const struct rte_bbdev_queue_conf *conf)
{
    (void)conf;
    double_queue_t *q = calloc(1, sizeof *q);
    dev->data->queues[id].queue_private = q;
    return q ? 0 : -ENOMEM;
}

static int queue_release(struct rte_bbdev *dev, uint16_t id)
{
    free(dev->data->queues[id].queue_private);
    dev->data->queues[id].queue_private = NULL;
    return 0;
}

/* One operation, from the mbufs alone: soft bits of redundancy version 0 without interleaving. */
static void decode(const device_t *d, struct rte_bbdev_dec_op *op)
{
    static ldpc_dec_work_t work;
    static _Alignas(64) int8_t soft[LDPC_MAX_SOFT], llr[LDPC_MAX_SOFT];
    static uint8_t bits[LDPC_MAX_K_BYTES];
    struct rte_bbdev_op_ldpc_dec *l = &op->ldpc_dec;
    uint32_t n_soft = 0, e = l->cb_params.e;
    ldpc_dec_cfg_t code = {.bg = l->basegraph, .zc = l->z_c, .n_filler = l->n_filler, .crc = LDPC_CRC_NONE};
    ldpc_dematch_cfg_t match = {.bg = l->basegraph,
                                .zc = l->z_c,
                                .n_filler = l->n_filler,
                                .n_cb = l->n_cb,
                                .rv = l->rv_index,
                                .qm = l->q_m,
                                .e = e};
    ldpc_dec_plan_t code_plan;
    ldpc_dematch_plan_t match_plan;
    ldpc_dec_stats_t stats;
    if (!l->code_block_mode || !(l->op_flags & RTE_BBDEV_LDPC_DEINTERLEAVER_BYPASS) || e != l->input.length ||
        e > sizeof llr || e > rte_pktmbuf_data_len(l->input.data) ||
        ldpc_dec_plan(d->phy, &code, &code_plan, NULL) ||
        ldpc_dematch_plan(d->phy, &match, &match_plan, NULL)) {
        op->status = 1 << RTE_BBDEV_DATA_ERROR;
        return;
    }
    memcpy(llr, rte_pktmbuf_mtod_offset(l->input.data, void *, l->input.offset), e);
    ldpc_dematch(d->phy, &match_plan, llr, soft, &n_soft);
    ldpc_decode(d->phy, &code_plan, soft, n_soft, l->iter_max, &work, bits, &stats);
    l->iter_count = stats.iterations;
    unsigned n = (code_plan.k_prime + 7u) / 8;
    memcpy(rte_pktmbuf_mtod_offset(l->hard_output.data, void *, l->hard_output.offset), bits, n);
    l->hard_output.length = n;
}

static uint16_t enqueue(struct rte_bbdev_queue_data *data, struct rte_bbdev_dec_op **ops, uint16_t num)
{
    /* DPDK gives the queue only; the device is found by it. */
    double_queue_t *q = data->queue_private;
    device_t *d = NULL;
    for (uint16_t id = 0; id < RTE_BBDEV_MAX_DEVS && !d; id++)
        if (rte_bbdev_is_valid(id))
            for (uint16_t i = 0; i < rte_bbdev_devices[id].data->num_queues; i++)
                if (rte_bbdev_devices[id].data->queues[i].queue_private == q)
                    d = rte_bbdev_devices[id].data->dev_private;
    bbdev_double_t *f = d->faults;
    uint16_t n = f->take_at_most && num > f->take_at_most ? (uint16_t)f->take_at_most : num;
    for (uint16_t i = 0; i < n; i++) {
        unsigned k = f->seen++;
        if (k < f->swallow)
            continue;
        decode(d, ops[i]);
        if (f->fail_every && k % f->fail_every == 0)
            ops[i]->status |= 1 << RTE_BBDEV_DRV_ERROR;
        if (f->corrupt_every && k % f->corrupt_every == 0)
            rte_pktmbuf_mtod(ops[i]->ldpc_dec.hard_output.data, uint8_t *)[3] ^= 0x10;
        q->ring[q->n++] = ops[i];
    }
    return n;
}

/* Newest first: a device owes nobody an order. */
static uint16_t dequeue(struct rte_bbdev_queue_data *data, struct rte_bbdev_dec_op **ops, uint16_t num)
{
    double_queue_t *q = data->queue_private;
    uint16_t n = 0;
    while (n < num && q->n)
        ops[n++] = q->ring[--q->n];
    return n;
}

static const struct rte_bbdev_ops ops_table = {
    .info_get = info_get, .queue_setup = queue_setup, .queue_release = queue_release};

int bbdev_double_add(const char *name, bbdev_double_t *faults)
{
    struct rte_bbdev *dev = rte_bbdev_allocate(name);
    device_t *d = calloc(1, sizeof *d);
    if (!dev || !d || phy_create(PHY_ISA_BEST, &d->phy)) {
        free(d);
        return -ENOMEM;
    }
    d->faults = faults;
    dev->dev_ops = &ops_table;
    dev->data->dev_private = d;
    dev->data->socket_id = 0;
    dev->enqueue_ldpc_dec_ops = enqueue;
    dev->dequeue_ldpc_dec_ops = dequeue;
    return 0;
}

void bbdev_double_remove(const char *name)
{
    struct rte_bbdev *dev = rte_bbdev_get_named_dev(name);
    if (!dev)
        return;
    device_t *d = dev->data->dev_private;
    rte_bbdev_close(dev->data->dev_id);
    phy_destroy(d->phy);
    free(d);
    rte_bbdev_release(dev);
}
