/* SPDX-License-Identifier: Apache-2.0 */
#include "cu/up/fq.h"

#include <string.h>

void fq_init(fq_t *f)
{
    memset(f, 0, sizeof *f);
    f->fresh = f->old = (fq_list_t){FQ_FLOWS, FQ_FLOWS};
}

void fq_clear(fq_t *f)
{
    for (int i = 0; i < FQ_FLOWS; i++)
        bufq_clear(&f->flows[i].q);
    fq_init(f);
}

static void append(fq_t *f, fq_list_t *l, uint8_t i)
{
    f->flows[i].next = FQ_FLOWS;
    f->flows[i].listed = true;
    if (l->tail == FQ_FLOWS)
        l->head = i;
    else
        f->flows[l->tail].next = i;
    l->tail = i;
}

static uint8_t take_head(fq_t *f, fq_list_t *l)
{
    uint8_t i = l->head;
    l->head = f->flows[i].next;
    if (l->head == FQ_FLOWS)
        l->tail = FQ_FLOWS;
    f->flows[i].listed = false;
    return i;
}

uint32_t fq_hash(const uint8_t *ip, uint32_t n)
{
    uint32_t words[4] = {0}, h = 0x9e3779b9;
    if (n < 20)
        return 0;
    uint32_t header = (ip[0] & 0x0fu) * 4;
    memcpy(words, ip + 12, 8);
    words[2] = ip[9];
    /* The ports of TCP and UDP stand first in the segment, and fragments after the first have none. */
    bool whole = !((ip[6] & 0x3f) | ip[7]);
    if (whole && (ip[9] == 6 || ip[9] == 17) && header >= 20 && n >= header + 4)
        memcpy(&words[3], ip + header, 4);
    for (int i = 0; i < 4; i++) {
        h = (h ^ words[i]) * 0x85ebca6b;
        h ^= h >> 13;
    }
    return h;
}

void fq_push(fq_t *f, buf_t *b, uint32_t hash)
{
    uint8_t i = (uint8_t)(hash % FQ_FLOWS);
    fq_flow_t *w = &f->flows[i];
    bufq_push(&w->q, b);
    f->n++;
    f->bytes += b->len;
    if (!w->listed) {
        w->deficit = FQ_QUANTUM;
        append(f, &f->fresh, i);
    }
}

static buf_t *pop_flow(fq_t *f, fq_flow_t *w)
{
    buf_t *b = bufq_pop(&w->q);
    f->n--;
    f->bytes -= b->len;
    return b;
}

buf_t *fq_pop(fq_t *f)
{
    while (f->n) {
        fq_list_t *l = f->fresh.head != FQ_FLOWS ? &f->fresh : &f->old;
        fq_flow_t *w = &f->flows[l->head];
        if (w->deficit <= 0) { /* its turn is over */
            w->deficit += (int32_t)FQ_QUANTUM;
            append(f, &f->old, take_head(f, l));
            continue;
        }
        if (!w->q.head) {
            /* A fresh flow that ran empty waits a round before it counts as fresh again. */
            uint8_t i = take_head(f, l);
            if (l == &f->fresh && f->old.head != FQ_FLOWS)
                append(f, &f->old, i);
            continue;
        }
        buf_t *b = pop_flow(f, w);
        w->deficit -= (int32_t)b->len;
        return b;
    }
    return NULL;
}

buf_t *fq_drop(fq_t *f)
{
    fq_flow_t *longest = NULL;
    for (int i = 0; i < FQ_FLOWS; i++)
        if (f->flows[i].q.head && (!longest || f->flows[i].q.bytes > longest->q.bytes))
            longest = &f->flows[i];
    return longest ? pop_flow(f, longest) : NULL;
}

buf_t *fq_expired(fq_t *f, int64_t before_ns)
{
    for (int i = 0; f->n && i < FQ_FLOWS; i++)
        if (f->flows[i].q.head && f->flows[i].q.head->time_ns <= before_ns)
            return pop_flow(f, &f->flows[i]);
    return NULL;
}
