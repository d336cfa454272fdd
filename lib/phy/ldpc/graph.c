/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/ldpc/graph_inner.h"

#include <errno.h>
#include <stdlib.h>

/* Table 5.3.2-1, sorted; a size a * 2^j is in the set of a. */
const uint16_t graph_zc[GRAPH_N_ZC] = {2,   3,   4,   5,   6,   7,   8,   9,   10,  11,  12,  13,  14,
                                       15,  16,  18,  20,  22,  24,  26,  28,  30,  32,  36,  40,  44,
                                       48,  52,  56,  60,  64,  72,  80,  88,  96,  104, 112, 120, 128,
                                       144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384};

/* The set of a lifting size: by its odd part; 2^j is set 0. */
static unsigned set_of(unsigned zc)
{
    while (zc % 2 == 0)
        zc /= 2;
    return zc == 1 ? 0 : zc / 2;
}

struct graph_tables {
    uint16_t row_start[2][GRAPH_MAX_ROWS + 1];
    uint8_t col[2][GRAPH_MAX_EDGES];
    uint16_t shift[2][GRAPH_N_ZC][GRAPH_MAX_EDGES];
    graph_t graph[2][GRAPH_N_ZC];
};

int graph_create(struct graph_tables **ret)
{
    static const struct {
        uint8_t n_rows, n_cols, n_sys;
        uint16_t n_edges;
        const uint8_t *degree;
        const uint16_t (*edge)[9];
    } base[2] = {
        {GRAPH_BG1_ROWS, GRAPH_BG1_COLS, GRAPH_BG1_SYS, GRAPH_BG1_EDGES, graph_bg1_degree, graph_bg1_edge},
        {GRAPH_BG2_ROWS, GRAPH_BG2_COLS, GRAPH_BG2_SYS, GRAPH_BG2_EDGES, graph_bg2_degree, graph_bg2_edge},
    };
    struct graph_tables *t = calloc(1, sizeof *t);
    if (!t)
        return -ENOMEM;
    for (unsigned b = 0; b < 2; b++) {
        for (unsigned i = 0; i < base[b].n_rows; i++)
            t->row_start[b][i + 1] = (uint16_t)(t->row_start[b][i] + base[b].degree[i]);
        for (unsigned e = 0; e < base[b].n_edges; e++)
            t->col[b][e] = (uint8_t)base[b].edge[e][0];
        for (unsigned z = 0; z < GRAPH_N_ZC; z++) {
            unsigned zc = graph_zc[z], set = set_of(zc);
            for (unsigned e = 0; e < base[b].n_edges; e++)
                t->shift[b][z][e] = (uint16_t)(base[b].edge[e][1 + set] % zc);
            t->graph[b][z] = (graph_t){
                .bg = (uint8_t)(b + 1),
                .n_rows = base[b].n_rows,
                .n_cols = base[b].n_cols,
                .n_sys = base[b].n_sys,
                .n_edges = base[b].n_edges,
                .zc = (uint16_t)zc,
                .zc_index = (uint8_t)z,
                .set = (uint8_t)set,
                .row_start = t->row_start[b],
                .col = t->col[b],
                .shift = t->shift[b][z],
            };
        }
    }
    *ret = t;
    return 0;
}

void graph_destroy(struct graph_tables *tables)
{
    free(tables);
}

int graph_zc_index(unsigned zc)
{
    for (int z = 0; z < GRAPH_N_ZC; z++)
        if (graph_zc[z] == zc)
            return z;
    return -1;
}

const graph_t *graph_get(const phy_t *phy, unsigned bg, unsigned zc)
{
    int z = graph_zc_index(zc);
    return (bg == 1 || bg == 2) && z >= 0 ? &phy->graphs->graph[bg - 1][z] : NULL;
}

unsigned graph_kb(unsigned bg, uint32_t b)
{
    return bg == 1 ? 22 : b > 640 ? 10 : b > 560 ? 9 : b > 192 ? 8 : 6;
}

unsigned graph_min_zc(unsigned kb, uint32_t k_prime)
{
    for (unsigned z = 0; z < GRAPH_N_ZC; z++)
        if (kb * graph_zc[z] >= k_prime)
            return graph_zc[z];
    return 0;
}
