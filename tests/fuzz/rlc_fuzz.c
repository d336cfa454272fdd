/* SPDX-License-Identifier: Apache-2.0 */
/* RLC under a peer that sends anything at any time. Byte 0 chooses mode and SN size; then records: a byte
 * that says what happens (a PDU comes, a grant, an SDU, time) and its length. The entity's sums must hold
 * after each. */
#include <stddef.h>
#include <stdlib.h>

#include "lib/core/clock.h"
#include "lib/rlc/rlc.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void deliver(void *ctx, buf_t *b)
{
    (void)ctx;
    if (b->len == 0 || b->len > 65535)
        abort();
    buf_free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static pool_t *pool;
    static const struct {
        rlc_mode_t mode;
        uint8_t sn_bits;
    } kinds[] = {{RLC_AM, 12}, {RLC_AM, 18}, {RLC_UM, 6}, {RLC_UM, 12}, {RLC_TM, 0}};
    if (n < 1)
        return 0;
    if (!pool && pool_create(&pool, 256, 512) != 0)
        return 0;
    const rlc_config_t c = {.mode = kinds[p[0] % 5].mode,
                            .sn_bits = kinds[p[0] % 5].sn_bits,
                            .max_retx = 2,
                            .poll_pdu = 4,
                            .t_poll_retransmit_ns = 10 * NS_PER_MS,
                            .t_reassembly_ns = 5 * NS_PER_MS,
                            .tx_window = 64,
                            .rx_window = 64,
                            .queue_sdus = 64};
    const rlc_ops_t ops = {.deliver = deliver};
    rlc_t *r = NULL;
    int64_t now = 0;
    if (rlc_create(&r, &c, &ops, pool) != 0)
        abort();
    for (size_t at = 1; at + 2 <= n;) {
        uint8_t what = p[at], len = p[at + 1];
        uint8_t out[300];
        at += 2;
        size_t left = n - at;
        uint32_t take = len < left ? len : (uint32_t)left;
        switch (what % 4) {
        case 0:
            rlc_on_pdu(r, p + at, take, now);
            at += take;
            break;
        case 1:
            if (rlc_pull(r, out, len, now) > len)
                abort();
            break;
        case 2: {
            buf_t *b = buf_alloc(pool);
            if (b && (buf_put(b, 1u + len) == NULL || rlc_push_sdu(r, b) != 0))
                buf_free(b);
            break;
        }
        default:
            now += len * NS_PER_MS / 4;
            rlc_tick(r, now);
            break;
        }
        rlc_buffer_status_t bs;
        rlc_buffer_status(r, now, &bs);
        if (bs.retx_bytes + bs.status_bytes > bs.data_bytes || bs.data_bytes > bs.total_bytes ||
            bs.data_bytes > 1u << 20)
            abort();
    }
    rlc_destroy(r);
    if (pool_free_count(pool) != 256)
        abort(); /* a buffer was lost */
    return 0;
}
