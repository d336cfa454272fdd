/* SPDX-License-Identifier: Apache-2.0 */
/* The base graphs as the standard tabulates them. */
#ifndef VITRAN_PHY_LDPC_GRAPH_INNER_H
#define VITRAN_PHY_LDPC_GRAPH_INNER_H

#include "lib/phy/ldpc/graph.h"

/* Edges of each row. */
extern const uint8_t graph_bg1_degree[GRAPH_BG1_ROWS];
extern const uint8_t graph_bg2_degree[GRAPH_BG2_ROWS];

/* Edges, row by row and ascending in column: the column, then V(i, j) of the lifting size sets 0..7. */
extern const uint16_t graph_bg1_edge[GRAPH_BG1_EDGES][9];
extern const uint16_t graph_bg2_edge[GRAPH_BG2_EDGES][9];

#endif
