/* SPDX-License-Identifier: Apache-2.0 */
#include "du/phy/abstract/l1.h"

#include <errno.h>
#include <string.h>

COUNTERS_DEFINE(l1, L1_COUNTERS)

/* One read of a byte that may change under us. */
static uint8_t once(const uint8_t *p)
{
    return *(const volatile uint8_t *)p;
}

static uint8_t count(const uint8_t *p, uint32_t cap, l1_counters_t *c)
{
    uint8_t n = once(p);
    if (n <= cap)
        return n;
    c->bad_count++;
    return 0;
}

int l1_take(const fapi_ul_slot_t *s, uint64_t n, fapi_ul_slot_t *ret, l1_counters_t *c)
{
    ret->abs_slot = n;
    ret->n_pusch = ret->n_uci = ret->n_rach = ret->n_srs = 0;
    ret->rx_bytes = 0;
    if (*(const volatile uint64_t *)&s->abs_slot != n) {
        c->stale++;
        return -ENODATA;
    }
    c->slots++;
    ret->n_uci = count(&s->n_uci, FAPI_MAX_PUCCH, c);
    ret->n_rach = count(&s->n_rach, FAPI_MAX_PREAMBLES, c);
    ret->n_srs = count(&s->n_srs, FAPI_MAX_SRS, c);
    memcpy(ret->uci, s->uci, ret->n_uci * sizeof *s->uci);
    memcpy(ret->rach, s->rach, ret->n_rach * sizeof *s->rach);
    memcpy(ret->srs, s->srs, ret->n_srs * sizeof *s->srs);

    uint8_t n_pusch = count(&s->n_pusch, FAPI_MAX_PUSCH, c);
    for (uint32_t i = 0; i < n_pusch; i++) {
        fapi_pusch_ind_t *p = &ret->pusch[ret->n_pusch];
        memcpy(p, &s->pusch[i], sizeof *p);
        if (!p->crc_ok)
            p->tb_bytes = 0;
        if (p->tb_offset > FAPI_RX_BYTES || p->tb_bytes > FAPI_RX_BYTES - p->tb_offset ||
            p->tb_bytes > FAPI_RX_BYTES - ret->rx_bytes) {
            c->bad_block++;
            continue;
        }
        memcpy(ret->rx + ret->rx_bytes, s->rx + p->tb_offset, p->tb_bytes);
        p->tb_offset = ret->rx_bytes;
        ret->rx_bytes += p->tb_bytes;
        ret->n_pusch++;
    }
    return 0;
}
