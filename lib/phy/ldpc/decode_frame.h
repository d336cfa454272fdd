/* SPDX-License-Identifier: Apache-2.0 */
/* The decoder around the row update, the same for every variant: a variant's .c file defines row_update(),
 * row_holds() and pack_64() and includes this. Private to lib/phy/ldpc.
 *
 * A column of the base graph is Zc a posteriori LLRs, kept in the rotation of the row that wrote it last
 * (`turn`): a row reads at one unaligned offset and writes aligned. Behind the Zc LLRs stand the first 64
 * again, so that 64 lanes that begin below Zc need no wrap. A row reads and writes at different offsets,
 * therefore a column has two copies that take turns (`side`). Lanes behind Zc in a last vector hold
 * leftovers: they never reach a lane that counts.
 *
 * The column of an extension row's own parity bits is in that row only: what other rows say of them is
 * nothing, so its copy 0 stays the channel's LLR, and copy 1 is the posterior. */
#ifndef VITRAN_PHY_LDPC_DECODE_FRAME_H
#define VITRAN_PHY_LDPC_DECODE_FRAME_H

#include "lib/phy/ldpc/crc.h"
#include "lib/phy/ldpc/decode.h"
#include "lib/phy/ldpc/decode_rule.h"

#include <string.h>

#define LANES 64 /* LLRs that a column is padded with and that all variants work on as one */
#define CORE_ROWS 4

/* One row of the base graph, as the state of the columns wants it. */
typedef struct {
    uint16_t zc;
    uint8_t n;            /* edges */
    bool extension;       /* the last edge is a column of this row alone */
    uint8_t offset, most; /* of ldpc_rule_apply */
    int8_t *msg;          /* the messages, [size: n * zc rounded up to LANES], ordered as the variant likes */
    int8_t *src[GRAPH_MAX_DEGREE];
    int8_t *dst[GRAPH_MAX_DEGREE];
    uint32_t off[GRAPH_MAX_DEGREE]; /* lane 0 of the row is src[i][off[i]]; off < zc */
} row_t;

/* Updates the messages of a row and the columns: from src to dst, pads included. In the first iteration
 * messages count as 0. */
static void row_update(const row_t *row, bool first);
/* Whether the first n_vectors * LANES parity checks of a row (at most zc) hold, read from src. */
static bool row_holds(const row_t *row, unsigned n_vectors);
/* Hard decisions of 64 LLRs, the first in bit 63; and which of them are 0, that is, not known. */
static uint64_t pack_64(const int8_t *llr, uint64_t *ret_unknown);

typedef struct {
    const graph_t *graph;
    ldpc_dec_work_t *work;
    uint16_t padded; /* zc rounded up to LANES */
    uint8_t n_rows;  /* in use */
    uint8_t row[GRAPH_MAX_ROWS];
    uint16_t turn[GRAPH_MAX_COLS];
    uint8_t side[GRAPH_MAX_COLS];
} frame_t;

/* A channel LLR counts up to this. At full scale a sum would saturate at once, and a bit minus its last
 * message forgets what it knew: erased bits (UCI punctures them) then never recover in a strong signal. */
#define LLR_LOAD_MAX 63

/* One column: lanes [0, n) are known. */
static void load_column(int8_t *column, unsigned zc, const int8_t *llr, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        column[i] = llr[i] > LLR_LOAD_MAX ? LLR_LOAD_MAX : llr[i] < -LLR_LOAD_MAX ? -LLR_LOAD_MAX : llr[i];
    memset(column + n, 0, ((zc - n) + LANES - 1) / LANES * LANES);
}

static void pad_column(int8_t *column, unsigned zc)
{
    int8_t first[LANES];
    memcpy(first, column, LANES);
    memcpy(column + zc, first, LANES);
}

/* Fills the columns and lists the rows: the core, and the extension rows of which something was received. */
static void frame_load(frame_t *f, const ldpc_dec_plan_t *plan, const int8_t *soft, uint32_t n_soft)
{
    const graph_t *g = plan->graph;
    unsigned zc = g->zc, core_cols = g->n_sys + CORE_ROWS;
    int8_t(*app)[GRAPH_MAX_ZC + PHY_ALIGN] = f->work->app[0];
    memset(f->turn, 0, sizeof f->turn);
    memset(f->side, 0, sizeof f->side);
    memset(app[0], 0, zc + LANES);
    memset(app[1], 0, zc + LANES);
    for (unsigned c = 2; c < core_cols; c++) {
        unsigned at = (c - 2) * zc, n = at >= n_soft ? 0 : n_soft - at < zc ? n_soft - at : zc;
        load_column(app[c], zc, soft + (n ? at : 0), n);
    }
    /* Fillers are known to be 0. */
    for (unsigned i = plan->k_prime; i < plan->k;) {
        unsigned c = i / zc, from = i - c * zc;
        memset(app[c] + from, LDPC_LLR_MAX, zc - from);
        i += zc - from;
    }
    for (unsigned c = 2; c < core_cols; c++)
        pad_column(app[c], zc);
    f->n_rows = 0;
    for (unsigned r = 0; r < CORE_ROWS; r++)
        f->row[f->n_rows++] = (uint8_t)r;
    for (unsigned r = CORE_ROWS; r < g->n_rows; r++) {
        unsigned c = g->n_sys + r, at = (c - 2) * zc;
        if (at >= n_soft)
            break;
        unsigned n = n_soft - at < zc ? n_soft - at : zc;
        if (soft[at] == 0 && memcmp(soft + at, soft + at + 1, n - 1) == 0)
            continue;
        load_column(app[c], zc, soft + at, n);
        pad_column(app[c], zc);
        f->row[f->n_rows++] = (uint8_t)r;
    }
}

/* Offsets of row i of the frame, where the columns stand now. */
static inline void row_place(const frame_t *f, unsigned i, row_t *row)
{
    const graph_t *g = f->graph;
    unsigned r = f->row[i], first = g->row_start[r];
    row->zc = g->zc;
    row->n = (uint8_t)(g->row_start[r + 1] - first);
    row->extension = r >= CORE_ROWS;
    row->offset = ldpc_rule_offset(f->n_rows, row->n);
    row->most = ldpc_rule_max(f->n_rows);
    row->msg = f->work->msg + (size_t)first * f->padded;
    for (unsigned e = 0; e < row->n; e++) {
        unsigned c = g->col[first + e], side = f->side[c];
        int off = (int)g->shift[first + e] - f->turn[c];
        row->off[e] = (unsigned)(off < 0 ? off + g->zc : off);
        row->src[e] = f->work->app[side][c];
        row->dst[e] = f->work->app[1 - side][c];
    }
}

static inline void row_placed(frame_t *f, unsigned i)
{
    const graph_t *g = f->graph;
    unsigned r = f->row[i], last = g->row_start[r + 1] - (r >= CORE_ROWS);
    for (unsigned e = g->row_start[r]; e < last; e++) {
        f->side[g->col[e]] ^= 1;
        f->turn[g->col[e]] = g->shift[e];
    }
}

static bool frame_row_holds(const frame_t *f, unsigned i, unsigned n_vectors)
{
    row_t row;
    row_place(f, i, &row);
    if (row.extension)
        row.src[row.n - 1] = row.dst[row.n - 1];
    return row_holds(&row, n_vectors);
}

static bool frame_holds(const frame_t *f)
{
    for (unsigned i = 0; i < f->n_rows; i++)
        if (!frame_row_holds(f, i, f->padded / LANES))
            return false;
    return true;
}

/* The information bits, out of columns that stand in whatever turn. False when one is not known: the word of
 * all zeros fits every check and every CRC, so a block of which nothing was heard must not pass for it. */
static bool frame_pack(const frame_t *f, uint8_t *bits)
{
    unsigned zc = f->graph->zc, n_sys = f->graph->n_sys;
    uint64_t unknown, any_unknown = 0, held = 0;
    unsigned n_held = 0;
    for (unsigned c = 0; c < n_sys; c++) {
        const int8_t *column = f->work->app[f->side[c]][c];
        unsigned at = f->turn[c] ? zc - f->turn[c] : 0;
        for (unsigned left = zc; left > 0;) {
            unsigned n = left < LANES ? left : LANES;
            uint64_t mask = ~UINT64_C(0) << (LANES - n), word = pack_64(column + at, &unknown) & mask;
            any_unknown |= unknown & mask;
            left -= n;
            at += n;
            at -= at >= zc ? zc : 0;
            /* `held` has fewer than 8 bits that did not fill a byte. */
            held |= word >> n_held;
            uint64_t big = __builtin_bswap64(held);
            memcpy(bits, &big, 8);
            unsigned total = n_held + n;
            if (total >= 64) {
                bits += 8;
                held = total > 64 ? word << (64 - n_held) : 0;
                n_held = total - 64;
            } else {
                bits += total / 8;
                held = total / 8 ? held << (total / 8 * 8) : held;
                n_held = total % 8;
            }
        }
    }
    if (n_held)
        *bits = (uint8_t)(held >> 56);
    return any_unknown == 0;
}

static void decode_frame(const phy_t *phy, const ldpc_dec_plan_t *plan, const int8_t *soft, uint32_t n_soft,
                         unsigned max_iterations, ldpc_dec_work_t *work, uint8_t *ret_bits,
                         ldpc_dec_stats_t *ret_stats)
{
    static const crc_kind_t kinds[] = {
        [LDPC_CRC_24B] = CRC24B, [LDPC_CRC_24A] = CRC24A, [LDPC_CRC_16] = CRC16};
    frame_t f = {.graph = plan->graph, .work = work};
    ldpc_crc_t crc = plan->cfg.crc;
    f.padded = (uint16_t)((plan->graph->zc + LANES - 1) / LANES * LANES);
    frame_load(&f, plan, soft, n_soft);
    uint8_t bits[LDPC_MAX_K_BYTES + 8];
    bool ok = false;
    unsigned iteration = 0;
    do {
        for (unsigned i = 0; i < f.n_rows; i++) {
            row_t row;
            row_place(&f, i, &row);
            row_update(&row, iteration == 0);
            row_placed(&f, i);
        }
        iteration++;
        bool last = iteration >= max_iterations;
        /* While some of the first checks fail the CRC will: not worth packing the bits. */
        if (!last && !frame_row_holds(&f, 0, 1))
            continue;
        if (crc == LDPC_CRC_NONE || crc == LDPC_CRC_16) {
            ok = frame_holds(&f);
            if (!ok && !last)
                continue;
        }
        bool known = frame_pack(&f, bits);
        if (crc != LDPC_CRC_NONE)
            ok = crc_bits(phy, kinds[crc], bits, plan->k_prime) == 0;
        ok = ok && known;
    } while (!ok && iteration < max_iterations);
    memcpy(ret_bits, bits, (plan->k_prime + 7) / 8);
    *ret_stats = (ldpc_dec_stats_t){.iterations = (uint8_t)iteration, .rows = f.n_rows, .crc_ok = ok};
}

#endif
