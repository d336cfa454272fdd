/* SPDX-License-Identifier: Apache-2.0 */
/* LDPC decoding on a DPDK BBDEV device (ACC100, ACC200 and others of their class), behind lib/phy's one-block
 * operation.
 *
 * What the device does is the decoding alone. Rate dematching and soft combining stay here, in our own soft
 * buffers, and what goes to the device is the combined buffer, fillers left out, as a transmission with
 * redundancy version 0 and no bit interleaving. So a HARQ process is never tied to a device: when one fails
 * in the middle, the same soft bits are decoded on the CPU and nothing is lost. The device's word is not
 * taken for the result either: a block is good when its CRC holds here.
 *
 * Encoding stays on the CPU: a code block takes less there than the way to the device and back.
 *
 * Threads: [control] open, close; the EAL has been started by main (bbdev_eal_start). Each thread that
 * decodes has its own queue: bbdev_decoder(b, i) belongs to thread i. run() polls, it never sleeps or calls
 * the system. */
#ifndef VITRAN_DU_PHY_BBDEV_H
#define VITRAN_DU_PHY_BBDEV_H

#include "lib/core/counters.h"
#include "lib/phy/ldpc/sch_rx.h"

#define BBDEV_COUNTERS(X)                                                                                    \
    X(blocks, COUNTER_INFO, "code blocks", "decoded by the device")                                          \
    X(rejected, COUNTER_WARNING, "code blocks", "decoded on the CPU: the device did not take them")          \
    X(failed, COUNTER_ERROR, "code blocks", "decoded on the CPU: the device reported an error")              \
    X(timeouts, COUNTER_ERROR, "batches", "that did not come back in time: the queue is used no more")
COUNTERS_DECLARE(bbdev, BBDEV_COUNTERS)

typedef struct bbdev bbdev_t;

/* [control] Starts DPDK's environment, once a process, with arguments as its documentation has them (argv[0]
 * included). 0 or -errno. */
int bbdev_eal_start(int argc, char **argv);

/* [control] Opens the device of this name ("0000:f7:00.0", "baseband_null0") with a queue for each of
 * n_queues threads. phy must outlive it. 0; -ENODEV: no such device; -ENOTSUP: it has no LDPC decoding, or
 * not what we need of it; -ENOSPC: too few queues; -ENOMEM; -EIO. err says it in a sentence and what to do.
 */
int bbdev_open(const phy_t *phy, const char *name, unsigned n_queues, bbdev_t **ret, char err[256]);
/* NULL is fine. No run() is under way. */
void bbdev_close(bbdev_t *b);

/* The decoder of thread i < n_queues. */
ldpc_dec_backend_t *bbdev_decoder(bbdev_t *b, unsigned i);
/* Sums over the queues. */
bbdev_counters_t bbdev_counters(const bbdev_t *b);

#endif
