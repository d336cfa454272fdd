/* SPDX-License-Identifier: Apache-2.0 */
/* Where a slot's time goes: a tree of nested stamps. The library is measured as it ships: the linker routes
 * calls between its files through phy_slot_wrap.c (--wrap), and tables of kernels are exchanged for ones that
 * stamp. Without probe_begin a wrapper is a test of one variable. One thread. */
#ifndef VITRAN_TESTS_BENCH_PHY_SLOT_PROBE_H
#define VITRAN_TESTS_BENCH_PHY_SLOT_PROBE_H

#include "lib/phy/phy.h"

#include <stdio.h>

#define PROBE_MAX_NODES 160
#define PROBE_MAX_RUNS 1024

/* Strings are constants, told apart by what they say. */
void probe_enter(const char *title);
void probe_leave(void);
/* The same below a channel's node ("PDSCH"), which is made where the caller is not inside of it. Returns what
 * probe_leave_channel wants. */
bool probe_enter_channel(const char *channel, const char *title);
void probe_leave_channel(bool both);

/* Exchanges phy's tables of kernels for ones that stamp. */
void probe_tables(phy_t *phy);

/* Forgets everything; `title` is the root of what follows. */
void probe_begin(const char *title);
/* One run between them. */
void probe_run_begin(void);
void probe_run_end(void);
void probe_end(void);

/* A node by its way from the root. Times are means of the faster half of the runs, so that children and their
 * parents stand on the same runs. */
typedef struct {
    const char *title;
    int parent; /* -1: root */
    unsigned depth;
    double us, calls; /* a run */
} probe_node_t;
/* Parents before children. Returns how many. */
unsigned probe_nodes(probe_node_t ret[PROBE_MAX_NODES]);
/* What a stamp pair costs by itself, ns. */
double probe_cost_ns(void);

void probe_print_table(FILE *f);
/* Rectangles in rectangles; width is time. */
void probe_print_svg(FILE *f, const char *heading);

#endif
