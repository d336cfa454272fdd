/* SPDX-License-Identifier: Apache-2.0 */
/* What the three faces of the DU's F1-U share. Tunnels are written by the control thread and read by the f1u
 * thread under a mutex; the slot thread never touches them. */
#ifndef VITRAN_DU_F1U_INTERNAL_H
#define VITRAN_DU_F1U_INTERNAL_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

#include "du/f1u/f1u.h"
#include "lib/core/ring.h"
#include "lib/gtpu/gtpu.h"

#define F1U_BATCH 64

typedef struct tunnel {
    f1u_tunnel_config_t cfg;
    uint32_t local_teid; /* 0: free */
    uint32_t nru_next;   /* NR-U SN expected next */
    bool nru_started;
    uint32_t by_bearer_next; /* index + 1 of the next tunnel in the hash chain; 0: none */
} tunnel_t;

/* From the slot thread. */
typedef struct {
    uint32_t bearer;
    bool has_tx, has_delivered;
    uint32_t tx_sn, delivered_sn, desired_bytes;
    buf_t *buf; /* NULL: a delivery status */
} f1u_ul_t;

struct f1u {
    f1u_config_t cfg;
    int fd, wake_fd;
    pthread_t thread;
    bool thread_runs;
    atomic_bool stop;

    pthread_mutex_t lock;
    gtpu_table_t teids;  /* TEID -> index into tunnels */
    tunnel_t *tunnels;   /* [size: teids.n_max], by low bits of the TEID */
    uint32_t *by_bearer; /* [size: teids.n_max] heads of hash chains, index + 1 */

    ring_t dl, ul;
    bool slot_pushed; /* the slot thread's: something waits for a wake-up */

    buf_t *rx[F1U_BATCH]; /* the f1u thread's: buffers that the next packets land in */
    f1u_counters_t n;
};

/* The tunnel of a bearer; NULL. With the lock held. */
tunnel_t *f1u_tunnel_of(f1u_t *f, uint32_t bearer);
void *f1u_thread(void *f);

#endif
