/* SPDX-License-Identifier: Apache-2.0 */
/* Delivery status on the slot thread: when to report, and how much the CU may have under way. TS 38.425 5.4.2
 */
#include "du/f1u/f1u_internal.h"

#define RATE_WINDOW_NS INT64_C(100000000)

void f1u_flow_init(f1u_flow_t *w, uint32_t bearer, bool am)
{
    *w = (f1u_flow_t){.bearer = bearer,
                      .am = am,
                      .next_report_ns = INT64_MIN,
                      .rate_mark_ns = INT64_MIN,
                      .desired_bytes = F1U_MIN_BUFFER_BYTES};
}

void f1u_flow_tick(f1u_flow_t *w, f1u_t *f, rlc_t *rlc, int64_t now_ns)
{
    if (!w->poll && (!w->changed || now_ns < w->next_report_ns))
        return;
    /* What left the queue since the mark, scaled to the window, is what the next window will want. */
    rlc_buffer_status_t bs;
    rlc_buffer_status(rlc, now_ns, &bs);
    uint64_t left = rlc_counters(rlc)->tx_sdu_bytes - (bs.data_bytes - bs.retx_bytes - bs.status_bytes);
    if (w->rate_mark_ns == INT64_MIN) {
        w->rate_mark_ns = now_ns;
        w->rate_mark_bytes = left;
    } else if (now_ns - w->rate_mark_ns >= RATE_WINDOW_NS) {
        double bytes =
            (double)(left - w->rate_mark_bytes) * (double)RATE_WINDOW_NS / (double)(now_ns - w->rate_mark_ns);
        w->desired_bytes = bytes < F1U_MIN_BUFFER_BYTES ? F1U_MIN_BUFFER_BYTES
                           : bytes > (double)(1u << 30) ? 1u << 30
                                                        : (uint32_t)bytes;
        w->rate_mark_ns = now_ns;
        w->rate_mark_bytes = left;
        /* Nor more than half of what the queue holds at the size that SDUs have had so far. */
        const rlc_counters_t *n = rlc_counters(rlc);
        uint64_t cap =
            n->tx_sdus ? rlc_config(rlc)->queue_sdus / 2 * (n->tx_sdu_bytes / n->tx_sdus) : UINT32_MAX;
        if (w->desired_bytes > cap)
            w->desired_bytes = (uint32_t)cap;
    }
    f1u_ul_t report = {.bearer = w->bearer,
                       .has_tx = w->has_tx,
                       .has_delivered = w->am && w->has_delivered,
                       .tx_sn = w->tx_sn,
                       .delivered_sn = w->delivered_sn,
                       .desired_bytes = w->desired_bytes};
    if (!ring_push(&f->ul, &report))
        return; /* full: next tick */
    f->slot_pushed = true;
    w->poll = w->changed = false;
    w->next_report_ns = now_ns + F1U_REPORT_NS;
}
