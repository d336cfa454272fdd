/* SPDX-License-Identifier: Apache-2.0 */
/* Reassembly of one SDU. Bytes go to their place in the buffer as they come; which have come is a short
 * sorted list of ranges kept in the buffer's own headroom, which nobody uses until the SDU is complete. So an
 * SDU in reassembly costs one buffer and nothing else. */
#include "lib/rlc/rlc_internal.h"

#include <string.h>

#define RX_RANGES 28

typedef struct {
    uint16_t n;
    uint16_t size;        /* of the SDU; 0: not known yet */
    range_t r[RX_RANGES]; /* ascending, disjoint, not touching */
} reassembly_t;

_Static_assert(sizeof(reassembly_t) <= BUF_HEADROOM, "the list must fit the headroom");

static reassembly_t *list_of(const buf_t *b)
{
    return (reassembly_t *)(void *)b->store;
}

void segment_begin(buf_t *b)
{
    reassembly_t *l = list_of(b);
    l->n = 0;
    l->size = 0;
}

segment_t segment_add(buf_t *b, uint32_t so, const uint8_t *p, uint32_t n, bool last)
{
    reassembly_t *l = list_of(b);
    uint32_t end = so + n;
    uint32_t highest = l->n ? l->r[l->n - 1].end : 0;
    if (n == 0 || end > SDU_MAX)
        return SEGMENT_MALFORMED;
    if (l->size ? (last ? end != l->size : end >= l->size) : last && end < highest)
        return SEGMENT_MALFORMED;
    if (end > (uint32_t)(b->store + b->cap - b->data))
        return SEGMENT_NO_ROOM;

    /* [first, after) are the ranges that the new one overlaps or touches. */
    uint32_t first = 0, after;
    while (first < l->n && l->r[first].end < so)
        first++;
    for (after = first; after < l->n && l->r[after].start <= end; after++)
        ;
    if (after == first + 1 && l->r[first].start <= so && l->r[first].end >= end && (!last || l->size))
        return SEGMENT_DUPLICATE;
    if (first == after) {
        if (l->n == RX_RANGES)
            return SEGMENT_NO_ROOM;
        memmove(&l->r[first + 1], &l->r[first], (l->n - first) * sizeof *l->r);
        l->n++;
        l->r[first] = (range_t){(uint16_t)so, (uint16_t)end};
    } else {
        uint16_t start = l->r[first].start, stop = l->r[after - 1].end;
        l->r[first].start = start < so ? start : (uint16_t)so;
        l->r[first].end = stop > end ? stop : (uint16_t)end;
        memmove(&l->r[first + 1], &l->r[after], (l->n - after) * sizeof *l->r);
        l->n = (uint16_t)(l->n - (after - first - 1));
    }
    memcpy(b->data + so, p, n);
    if (last)
        l->size = (uint16_t)end;
    if (l->n == 1 && l->size && l->r[0].start == 0 && l->r[0].end == l->size) {
        b->len = l->size;
        return SEGMENT_COMPLETE;
    }
    return SEGMENT_ADDED;
}

bool segment_has_gap(const buf_t *b)
{
    const reassembly_t *l = list_of(b);
    return l->n > 1 || (l->n == 1 && l->r[0].start != 0);
}

bool segment_gap(const buf_t *b, uint32_t i, uint32_t *ret_start, uint32_t *ret_end)
{
    const reassembly_t *l = list_of(b);
    /* Gap k ends where range k starts; a first range at 0 has none in front. The last one follows the last
     * range unless that reaches the end. */
    uint32_t k = i + (l->n && l->r[0].start == 0);
    if (k > l->n || (k == l->n && l->size && l->n && l->r[l->n - 1].end == l->size))
        return false;
    *ret_start = k ? l->r[k - 1].end : 0;
    *ret_end = k < l->n ? l->r[k].start : l->size ? l->size : SDU_MAX + 1;
    return true;
}
