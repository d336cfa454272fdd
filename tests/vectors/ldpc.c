/* SPDX-License-Identifier: Apache-2.0 */
/* ldpc_encoder, ldpc_rate_match, ldpc_chain: segmentation, LDPC encoder and rate matching of lib/phy/ldpc. */
#include "lib/phy/ldpc/encode.h"
#include "lib/phy/ldpc/rate_match.h"
#include "lib/phy/ldpc/sch.h"
#include "tests/vectors/channels.h"

#include <string.h>

#define FILLER 2 /* in files of bits */

static uint8_t packed_bit(const uint8_t *bits, size_t i)
{
    return (bits[i / 8] >> (7 - i % 8)) & 1;
}

/* Filler bits are zeros for the kernels. */
static uint8_t *pack_message(vec_t *v, const uint8_t *message, size_t n)
{
    uint8_t *zeroed = vec_alloc(v, n);
    for (size_t i = 0; i < n; i++)
        zeroed[i] = message[i] == 1;
    return vec_pack(v, zeroed, n);
}

/* One message of K bits, codeword of N: without the first 2 Zc bits. */
static void encode(vec_t *v, const char *stage, const graph_t *g, const uint8_t *message,
                   const uint8_t *codeword)
{
    size_t k = (size_t)g->n_sys * g->zc, sent = k - 2u * g->zc, n_parity = (size_t)g->n_rows * g->zc;
    uint8_t *parity = vec_alloc(v, n_parity);
    ldpc_encode(v->phy, g, g->n_rows, pack_message(v, message, k), parity);
    vec_same_bytes(v, stage, message + 2u * g->zc, codeword, sent);
    vec_same_bits(v, stage, parity, codeword + sent, n_parity);
}

static const graph_t *get_graph(vec_t *v, size_t k, size_t n)
{
    const graph_t *g =
        graph_get(v->phy, (unsigned)vec_int(v, "ldpc_base_graph"), (unsigned)vec_int(v, "lifting_size"));
    if (!g) {
        vec_fail(v, "graph", "none");
    } else if (k != (size_t)g->n_sys * g->zc || n != (size_t)(g->n_cols - 2) * g->zc) {
        vec_fail(v, "graph", "K, N are not %zu, %zu", k, n);
        g = NULL;
    }
    return g;
}

void vec_ldpc_encoder(vec_t *v)
{
    vec_file_t messages = vec_file(v, "input_message"), codewords = vec_file(v, "expected_codeword");
    const graph_t *g = get_graph(v, messages.shape[1], codewords.shape[1]);
    for (size_t i = 0; g && i < messages.shape[0]; i++)
        encode(v, vec_stage(v, "codeword %zu", i), g, messages.u8 + i * messages.shape[1],
               codewords.u8 + i * codewords.shape[1]);
}

/* d[0 .. n-1] without its fillers, packed, with the room that rate_match wants. ret_start: how many of the
 * first `before` bits remain. */
static uint8_t *make_circle(vec_t *v, const uint8_t *d, size_t n, size_t before, uint32_t *ret_n,
                            uint32_t *ret_before)
{
    uint8_t *circ = vec_alloc(v, n / 8 + 1 + RATE_MATCH_CIRC_BYTES);
    *ret_n = *ret_before = 0;
    for (size_t i = 0; i < n; i++) {
        if (d[i] == FILLER)
            continue;
        circ[*ret_n / 8] |= (uint8_t)(d[i] << (7 - *ret_n % 8));
        (*ret_n)++;
        *ret_before += i < before;
    }
    return circ;
}

void vec_ldpc_rate_match(vec_t *v)
{
    vec_file_t d = vec_file(v, "input_codeblock"), want = vec_file(v, "expected_rate_matched");
    size_t k = (size_t)vec_int(v, "nof_message_bits_k");
    const graph_t *g = get_graph(v, k, d.n);
    if (!g)
        return;
    circ_t c;
    circ_init(&c, g, (uint32_t)(k - (size_t)vec_int(v, "nof_filler_bits")),
              vec_bool(v, "limited_buffer") ? (uint32_t)vec_int(v, "limited_buffer_size_nref") : 0,
              (unsigned)vec_int(v, "redundancy_version"));
    uint32_t n_circ, start;
    uint8_t *circ = make_circle(v, d.u8, c.n_cb, c.k0, &n_circ, &start);
    if (n_circ != c.n_circ || start % n_circ != c.start) {
        vec_fail(v, "circular buffer", "got %u bits from %u, want %u from %u", c.n_circ, c.start, n_circ,
                 start);
        return;
    }
    uint8_t *got = vec_alloc(v, want.n);
    rate_match(v->phy, circ, c.n_circ, c.start, vec_qm(v, vec_str(v, "modulation")), (uint32_t)want.n, got);
    vec_same_bits(v, "rate_matched", got, want.u8, want.n);
}

/* Code blocks of sizes that no transport block has, not in whole bytes: what the kernel's parts make of them.
 * Where B does not split evenly the last block is filled up with zeros. */
static void segment_bits(vec_t *v, vec_file_t bits, vec_file_t want)
{
    unsigned bg = (unsigned)vec_int(v, "ldpc_base_graph");
    size_t b = bits.n, k_cb = bg == 1 ? 8448 : 3840, n_crc = b > k_cb ? 24 : 0;
    size_t n_cb = n_crc ? (b + k_cb - n_crc - 1) / (k_cb - n_crc) : 1, payload = (b + n_cb - 1) / n_cb;
    unsigned zc = graph_min_zc(graph_kb(bg, (uint32_t)b), (uint32_t)(payload + n_crc));
    const graph_t *g = graph_get(v->phy, bg, zc);
    size_t k = g ? (size_t)g->n_sys * zc : 0;
    vec_same_int(v, "nof_code_blocks", (int64_t)n_cb);
    vec_same_int(v, "nof_bits_per_code_block_k", (int64_t)k);
    if (want.shape[0] != n_cb || want.shape[1] != k)
        return;
    for (size_t r = 0; r < n_cb; r++) {
        uint8_t *block = vec_alloc(v, k + n_crc);
        for (size_t i = 0; i < payload; i++)
            block[i] = r * payload + i < b ? bits.u8[r * payload + i] : 0;
        uint32_t crc = n_crc ? crc_bits(v->phy, CRC24B, vec_pack(v, block, payload), payload) : 0;
        for (size_t i = 0; i < n_crc; i++)
            block[payload + i] = crc >> (n_crc - 1 - i) & 1;
        for (size_t i = payload + n_crc; i < k; i++)
            block[i] = FILLER;
        vec_same_bytes(v, vec_stage(v, "code block %zu", r), block, want.u8 + r * k, k);
    }
}

/* The base graph is given, also where the standard would take the other one. Of the transport block's CRC,
 * which is among the B bits, the kernel is told the last 16. */
static void segmentation(vec_t *v)
{
    const unsigned tb_crc_bits = 16;
    vec_file_t bits = vec_file(v, "bits"), want = vec_file(v, "code_blocks");
    sch_plan_t *plan = vec_alloc(v, sizeof *plan);
    if (sch_plan_segmentation(v->phy, (unsigned)vec_int(v, "ldpc_base_graph"), (uint32_t)bits.n, plan)) {
        segment_bits(v, bits, want);
        return;
    }
    plan->tb_crc = CRC16;
    plan->tb_crc_bits = tb_crc_bits;
    vec_same_int(v, "nof_code_blocks", plan->n_cb);
    vec_same_int(v, "nof_bits_per_code_block_k", plan->k);
    if (want.shape[0] != plan->n_cb || want.shape[1] != plan->k)
        return;
    uint8_t *tb = vec_pack(v, bits.u8, bits.n);
    uint32_t crc = 0;
    for (size_t i = bits.n - tb_crc_bits; i < bits.n; i++)
        crc = crc << 1 | bits.u8[i];
    uint8_t *block = vec_alloc(v, plan->k), *unpacked = vec_alloc(v, plan->k);
    for (unsigned r = 0; r < plan->n_cb; r++) {
        sch_segment_cb(v->phy, plan, tb, crc, r, block);
        for (uint32_t i = 0; i < plan->k; i++)
            unpacked[i] = i < plan->k_prime ? packed_bit(block, i) : FILLER;
        vec_same_bytes(v, vec_stage(v, "code block %u", r), unpacked, want.u8 + (size_t)r * plan->k, plan->k);
        for (uint32_t i = plan->k_prime; i < plan->k; i++)
            if (packed_bit(block, i))
                vec_fail(v, "fillers", "bit %u of block %u is 1", i, r);
    }
}

/* Circular buffers that are not of any LDPC code. */
static void chain_rate_match(vec_t *v)
{
    vec_file_t d = vec_file(v, "codeblock"), want = vec_file(v, "rate_matched");
    size_t n_cb = (size_t)vec_int(v, "circular_buffer_size_ncb");
    uint32_t n_circ, start;
    uint8_t *circ = make_circle(v, d.u8, n_cb < d.n ? n_cb : d.n, (size_t)vec_int(v, "start_position_k0"),
                                &n_circ, &start);
    uint8_t *got = vec_alloc(v, want.n);
    rate_match(v->phy, circ, n_circ, start % n_circ, (unsigned)vec_int(v, "modulation_order_qm"),
               (uint32_t)want.n, got);
    vec_same_bits(v, "rate_matched", got, want.u8, want.n);
}

void vec_ldpc_chain(vec_t *v)
{
    const char *stage = vec_str(v, "stage");
    if (!strcmp(stage, "segmentation")) {
        segmentation(v);
    } else if (!strcmp(stage, "rate_match")) {
        chain_rate_match(v);
    } else {
        vec_file_t message = vec_file(v, "message"), codeword = vec_file(v, "codeword");
        const graph_t *g = get_graph(v, message.n, codeword.n);
        if (g)
            encode(v, "codeword", g, message.u8, codeword.u8);
    }
}
