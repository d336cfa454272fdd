/* SPDX-License-Identifier: Apache-2.0 */
/* The LDPC base graphs of TS 38.212 5.3.2 (tables 5.3.2-1 to 5.3.2-3), lifted to every Zc. The encoder, the
 * decoder and the test models read the same graph. Made once by phy_create, read-only afterwards; any thread.
 *
 * A base graph has n_rows rows and n_cols columns; an edge stands for a Zc x Zc identity matrix shifted to
 * the right by `shift`. The parity check that bit n (0..Zc-1) of row i makes is, over all edges e of the row,
 *     sum of c[col[e] * Zc + (n + shift[e]) % Zc] = 0 (mod 2)
 * with the code word c of n_cols * Zc bits, of which the first 2 * Zc (systematic) are never sent. The first
 * n_sys columns are systematic, the next four the core parity, and column n_sys + i, for i >= 4, is in row i
 * only, as that row's last edge, with shift 0. */
#ifndef VITRAN_PHY_LDPC_GRAPH_H
#define VITRAN_PHY_LDPC_GRAPH_H

#include "lib/phy/phy.h"

#define GRAPH_BG1_ROWS 46
#define GRAPH_BG1_COLS 68
#define GRAPH_BG1_SYS 22
#define GRAPH_BG1_EDGES 316
#define GRAPH_BG2_ROWS 42
#define GRAPH_BG2_COLS 52
#define GRAPH_BG2_SYS 10
#define GRAPH_BG2_EDGES 197

#define GRAPH_MAX_ROWS GRAPH_BG1_ROWS
#define GRAPH_MAX_COLS GRAPH_BG1_COLS
#define GRAPH_MAX_SYS GRAPH_BG1_SYS
#define GRAPH_MAX_EDGES GRAPH_BG1_EDGES
#define GRAPH_MAX_DEGREE 19 /* edges of a row */
#define GRAPH_MAX_ZC 384
#define GRAPH_N_ZC 51
#define GRAPH_MAX_N ((GRAPH_MAX_COLS - 2) * GRAPH_MAX_ZC) /* N, sent bits of a code word */

/* All lifting sizes, ascending; the multiples of 8 among them are all sizes from 64 on. */
extern const uint16_t graph_zc[GRAPH_N_ZC];

typedef struct {
    uint8_t bg;       /* 1, 2 */
    uint8_t n_rows;   /* 46, 42 */
    uint8_t n_cols;   /* 68, 52 */
    uint8_t n_sys;    /* 22, 10: K = n_sys * zc */
    uint16_t n_edges; /* 316, 197 */
    uint16_t zc;
    uint8_t zc_index;          /* in graph_zc */
    uint8_t set;               /* iLS, 0..7 */
    const uint16_t *row_start; /* [size: n_rows + 1]: row i has edges row_start[i] .. row_start[i + 1] - 1 */
    const uint8_t *col;        /* [size: n_edges], ascending in a row */
    const uint16_t *shift;     /* [size: n_edges], V(i, j) mod zc, 0..zc-1 */
} graph_t;

/* The graph of a base graph (1, 2) and lifting size; NULL when zc is none or bg is neither. Any thread. */
const graph_t *graph_get(const phy_t *phy, unsigned bg, unsigned zc);

/* Index in graph_zc, or -1. */
int graph_zc_index(unsigned zc);

/* Kb of 5.2.2 for B bits (transport block and its CRC). */
unsigned graph_kb(unsigned bg, uint32_t b);

/* The smallest lifting size with kb * zc >= k_prime, 0 when there is none (5.2.2). */
unsigned graph_min_zc(unsigned kb, uint32_t k_prime);

/* Called by phy_create and phy_destroy. 0 or -ENOMEM; NULL is fine. */
struct graph_tables;
int graph_create(struct graph_tables **ret);
void graph_destroy(struct graph_tables *tables);

#endif
