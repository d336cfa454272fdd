/* SPDX-License-Identifier: Apache-2.0 */
/* PDCP's receiving side under any bytes. Byte 0 chooses the kind of bearer; then length-prefixed PDUs, with
 * time passing in between. No ciphering: it would only hide the input from the fuzzer. */
#include <stddef.h>
#include <stdlib.h>

#include "lib/core/clock.h"
#include "lib/pdcp/pdcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

typedef struct {
    uint32_t next;
    bool in_order;
} order_t;

static void deliver(void *ctx, buf_t *b)
{
    order_t *o = ctx;
    if (o->in_order && b->user < o->next)
        abort(); /* out of order or twice */
    o->next = b->user + 1;
    buf_free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static pool_t *pool;
    static crypto_t *crypto;
    if (n < 1)
        return 0;
    if (!pool && (pool_create(&pool, 256, 512) != 0 || crypto_create(&crypto) != 0))
        return 0;
    uint8_t kind = p[0];
    const pdcp_config_t c = {.srb = kind & 1,
                             .rb_id = 1,
                             .sn_bits = kind & 1 || kind & 2 ? 12 : 18,
                             .rlc_am = true,
                             .integrity = kind & 4,
                             .out_of_order = kind & 8,
                             .t_reordering_ns = kind & 16 ? 0 : 20 * NS_PER_MS,
                             .rx_window = 64};
    order_t order = {0, !c.out_of_order};
    const pdcp_ops_t ops = {.ctx = &order, .deliver = deliver};
    pdcp_t *d = NULL;
    int64_t now = 0;
    if (pdcp_create(&d, &c, &ops) != 0)
        abort();
    for (size_t at = 1; at < n;) {
        uint32_t len = p[at++];
        len = len < n - at ? len : (uint32_t)(n - at);
        buf_t *b = buf_from(pool, p + at, len);
        if (!b)
            abort();
        pdcp_rx(d, crypto, b, now);
        at += len;
        now += NS_PER_MS;
        pdcp_tick(d, now);
        pdcp_state_t s = pdcp_state(d);
        if (s.rx_deliv > s.rx_next)
            abort();
    }
    buf_t *report = buf_alloc(pool);
    if (report && pdcp_build_status_report(d, report) != 0)
        abort();
    buf_free(report);
    pdcp_destroy(d);
    if (pool_free_count(pool) != 256)
        abort();
    return 0;
}
