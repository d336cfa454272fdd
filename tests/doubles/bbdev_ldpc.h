/* SPDX-License-Identifier: Apache-2.0 */
/* A BBDEV device of our own that decodes LDPC, for tests of du/phy/bbdev: an operations table as a driver
 * registers it, with faults that a test turns on. It reads an operation as DPDK's documentation defines it,
 * from the mbufs, and keeps nothing of what the caller's structs hold. */
#ifndef VITRAN_TESTS_DOUBLES_BBDEV_LDPC_H
#define VITRAN_TESTS_DOUBLES_BBDEV_LDPC_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint32_t capability_flags; /* what the device says it can */
    bool no_ldpc;              /* it says that it cannot decode LDPC at all */
    int8_t llr_size;
    unsigned n_queues;
    unsigned take_at_most;  /* of one enqueue; 0: all */
    unsigned swallow;       /* operations that never come back, from the first on */
    unsigned fail_every;    /* every n-th operation comes back with a driver error; 0: none */
    unsigned corrupt_every; /* every n-th comes back as good with a wrong bit; 0: none */
    unsigned seen;          /* out: operations that came */
} bbdev_double_t;

/* Registers the device under this name; `d` stays the caller's and may be changed between batches. 0 or
 * -errno. */
int bbdev_double_add(const char *name, bbdev_double_t *d);
void bbdev_double_remove(const char *name);

#endif
