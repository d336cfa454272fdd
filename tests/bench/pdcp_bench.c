/* SPDX-License-Identifier: Apache-2.0 */
/* PDCP with 18-bit SNs and 1500-byte SDUs in batches of 32, Gbit/s of SDU: NEA2 alone and NIA2 with NEA2,
 * both directions; and in batches of 1, for what batching is worth. */
#include "lib/pdcp/pdcp.h"
#include "tests/bench/bench.h"

#define SDU_BYTES 1500u
#define BATCH 32u
#define ROUNDS 20000u

static double samples[ROUNDS];

static void deliver(void *ctx, buf_t *b)
{
    buf_t **at = *(buf_t ***)ctx;
    *at = b;
    ++*(buf_t ***)ctx;
}

static int run(crypto_t *c, pool_t *pool, nea_t nea, nia_t nia, uint32_t batch, bool rx_side)
{
    pdcp_t *tx = NULL, *rx = NULL;
    buf_t *out[BATCH], **at = out;
    const pdcp_ops_t ops = {.ctx = &at, .deliver = deliver};
    pdcp_config_t k = {.rb_id = 1, .sn_bits = 18, .rlc_am = true, .integrity = nia != NIA0};
    const pdcp_security_t s = {.nea = nea, .nia = nia};
    if (pdcp_create(&tx, &k, &ops) != 0)
        return 1;
    k.network = true;
    if (pdcp_create(&rx, &k, &ops) != 0)
        return 1;
    pdcp_set_security(tx, c, &s);
    pdcp_set_security(rx, c, &s);
    pdcp_activate_tx(tx, true, true);
    pdcp_activate_rx(rx, true, true);
    for (uint32_t i = 0; i < batch; i++) {
        out[i] = buf_alloc(pool);
        memset(buf_put(out[i], SDU_BYTES), (int)i, SDU_BYTES);
    }
    for (uint32_t r = 0; r < ROUNDS; r++) {
        pdcp_item_t items[BATCH];
        for (uint32_t i = 0; i < batch; i++)
            items[i] = (pdcp_item_t){tx, out[i], 0};
        double t0 = bench_now_ns();
        pdcp_tx_batch(c, items, batch, 0);
        double t1 = bench_now_ns();
        for (uint32_t i = 0; i < batch; i++)
            items[i].pdcp = rx;
        at = out;
        double t2 = bench_now_ns();
        pdcp_rx_batch(c, items, batch, 0);
        double t3 = bench_now_ns();
        if (at != out + batch || out[0]->len != SDU_BYTES)
            return 1;
        samples[r] = SDU_BYTES * 8.0 * batch / (rx_side ? t3 - t2 : t1 - t0);
    }
    char params[128];
    snprintf(params, sizeof params, "\"nea\":%d,\"nia\":%d,\"batch\":%u,\"sdu_bytes\":1500", nea, nia, batch);
    bench_print(rx_side ? "pdcp_rx" : "pdcp_tx", params, "Gbit/s", samples, ROUNDS);
    for (uint32_t i = 0; i < batch; i++)
        buf_free(out[i]);
    pdcp_destroy(tx);
    pdcp_destroy(rx);
    return 0;
}

int main(void)
{
    crypto_t *c = NULL;
    pool_t *pool = NULL;
    if (crypto_create(&c) != 0 || pool_create(&pool, 64, 2048) != 0)
        return 1;
    int bad = 0;
    for (int side = 0; side < 2; side++) {
        bad |= run(c, pool, NEA2, NIA0, BATCH, side);
        bad |= run(c, pool, NEA2, NIA2, BATCH, side);
        bad |= run(c, pool, NEA2, NIA0, 1, side);
        bad |= run(c, pool, NEA1, NIA0, BATCH, side);
        bad |= run(c, pool, NEA3, NIA0, BATCH, side);
    }
    crypto_destroy(c);
    pool_destroy(pool);
    return bad;
}
