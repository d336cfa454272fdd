/* SPDX-License-Identifier: Apache-2.0 */
/* RLC AM with 18-bit SNs and 1500-byte SDUs, ns a PDU: sending (queue to transport block), receiving in
 * order, and receiving with every second PDU late, STATUS PDUs included. Buffer allocation and release are
 * part of it; making the SDU's bytes is not. */
#include "lib/core/clock.h"
#include "lib/rlc/rlc.h"
#include "tests/bench/bench.h"

#define SDU_BYTES 1500u
#define BATCH 256u
#define ROUNDS 4000u

static double samples[ROUNDS];
static uint8_t pdus[BATCH][SDU_BYTES + 8];
static uint32_t sizes[BATCH];

static void deliver(void *ctx, buf_t *b)
{
    ++*(uint64_t *)ctx;
    buf_free(b);
}

int main(void)
{
    pool_t *pool = NULL;
    rlc_t *tx = NULL, *rx = NULL;
    uint64_t got = 0;
    const rlc_config_t c = {.mode = RLC_AM,
                            .sn_bits = 18,
                            .max_retx = 8,
                            .poll_pdu = 64,
                            .t_poll_retransmit_ns = 100 * NS_PER_MS,
                            .t_reassembly_ns = 50 * NS_PER_MS};
    const rlc_ops_t none = {0}, ops = {.ctx = &got, .deliver = deliver};
    if (pool_create(&pool, 4096, 2048) != 0)
        return 1;
    for (int mode = 0; mode < 3; mode++) {
        if (rlc_create(&tx, &c, &none, pool) != 0 || rlc_create(&rx, &c, &ops, pool) != 0)
            return 1;
        for (uint32_t round = 0; round < ROUNDS; round++) {
            buf_t *sdus[BATCH];
            uint8_t status[256];
            for (uint32_t i = 0; i < BATCH; i++) {
                sdus[i] = buf_alloc(pool);
                if (!sdus[i])
                    return 1;
                memset(buf_put(sdus[i], SDU_BYTES), (int)i, SDU_BYTES);
                sdus[i]->user = i;
            }
            double t0 = bench_now_ns();
            for (uint32_t i = 0; i < BATCH; i++)
                rlc_push_sdu(tx, sdus[i]);
            for (uint32_t i = 0; i < BATCH; i++)
                sizes[i] = rlc_pull(tx, pdus[i], sizeof pdus[i], 0);
            double t1 = bench_now_ns();
            if (mode == 2) {
                for (uint32_t i = 1; i < BATCH; i += 2)
                    rlc_on_pdu(rx, pdus[i], sizes[i], 0);
                for (uint32_t i = 0; i < BATCH; i += 2)
                    rlc_on_pdu(rx, pdus[i], sizes[i], 0);
            } else {
                for (uint32_t i = 0; i < BATCH; i++)
                    rlc_on_pdu(rx, pdus[i], sizes[i], 0);
            }
            uint32_t n = rlc_pull(rx, status, sizeof status, 0);
            double t2 = bench_now_ns();
            rlc_on_pdu(tx, status, n, 0);
            double t3 = bench_now_ns();
            /* Sending an SDU includes letting go of it when it is acknowledged. */
            samples[round] = (mode == 0 ? t1 - t0 + t3 - t2 : t2 - t1) / BATCH;
        }
        if (got != (uint64_t)(mode + 1) * ROUNDS * BATCH)
            return 1;
        bench_print(mode == 0   ? "rlc_am_tx"
                    : mode == 1 ? "rlc_am_rx"
                                : "rlc_am_rx_reordered",
                    "\"sdu_bytes\":1500,\"sn_bits\":18", "ns/PDU", samples, ROUNDS);
        rlc_destroy(tx);
        rlc_destroy(rx);
    }
    pool_destroy(pool);
    return 0;
}
