/* SPDX-License-Identifier: Apache-2.0 */
/* Captured MAC PDUs: the slot thread copies them into buffers of a pool of their own, the control thread
 * writes them in the framing of Wireshark's mac_nr_udp: "mac-nr", radio type, direction, RNTI type, tags,
 * payload. */
#include "du/slot/internal.h"

#include <string.h>

#define TAP_RECORDS 1024u
#define TAP_UDP_PORT 9999 /* any: the heuristic dissector goes by the first bytes */

enum { TAG_PAYLOAD = 1, TAG_RNTI = 2, TAG_UEID = 3, TAG_HARQ_ID = 6, TAG_FRAME_SLOT = 7 };

/* [slot] */
static void push(du_slot_t *d, tap_t *t, const uint8_t *pdu, uint32_t n)
{
    t->utc_ns = d->tap_utc_ns;
    t->pdu = buf_from(d->tap_pool, pdu, n);
    if (!t->pdu || !ring_push(&d->taps, t)) {
        d->c.tap_dropped++;
        buf_free(t->pdu);
        return;
    }
    d->events_pushed = true;
}

void tap_push(void *ctx, uint8_t dir, uint16_t rnti, uint8_t rnti_type, uint16_t ue_id, uint64_t abs_slot,
              uint8_t harq_id, const uint8_t *pdu, uint32_t n)
{
    du_slot_t *d = ctx;
    if (!atomic_load_explicit(&d->tap_mac, memory_order_acquire))
        return;
    push(d,
         &(tap_t){.abs_slot = abs_slot,
                  .rnti = rnti,
                  .ue_id = ue_id,
                  .dir = dir,
                  .rnti_type = rnti_type,
                  .harq_id = harq_id,
                  .has_ue = rnti_type == MAC_RNTI_C},
         pdu, n);
}

void tap_rlc_push(void *ctx, uint8_t dir, uint16_t ue_id, uint64_t abs_slot, const radio_lc_t *lc,
                  const uint8_t *pdu, uint32_t n)
{
    du_slot_t *d = ctx;
    if (!atomic_load_explicit(&d->tap_rlc, memory_order_acquire))
        return;
    push(d,
         &(tap_t){.abs_slot = abs_slot,
                  .ue_id = ue_id,
                  .dir = dir,
                  .rlc = 1,
                  .rlc_mode = lc->rlc.mode,
                  .sn_bits = lc->rlc.sn_bits,
                  .is_drb = lc->is_drb,
                  .rb_id = lc->rb_id},
         pdu, n);
}

/* ---- [control] ---- */

static uint8_t *put16(uint8_t *p, uint8_t tag, uint16_t v)
{
    *p++ = tag;
    *p++ = (uint8_t)(v >> 8);
    *p++ = (uint8_t)v;
    return p;
}

static void mac_write(du_slot_t *d, const tap_t *t)
{
    uint8_t head[40], *p = head, mu = mac_cell(d->mac)->mu;
    memcpy(p, "mac-nr", 6);
    p += 6;
    *p++ = 2; /* TDD */
    *p++ = t->dir;
    *p++ = t->rnti_type;
    if (t->rnti_type)
        p = put16(p, TAG_RNTI, t->rnti);
    if (t->has_ue) {
        p = put16(p, TAG_UEID, (uint16_t)(t->ue_id + 1));
        *p++ = TAG_HARQ_ID;
        *p++ = t->harq_id;
    }
    p = put16(p, TAG_FRAME_SLOT, slot_sfn(t->abs_slot, mu));
    *p++ = 0;
    *p++ = (uint8_t)slot_in_frame(t->abs_slot, mu);
    *p++ = TAG_PAYLOAD;
    pcap_write_udp(d->pcap, t->utc_ns, TAP_UDP_PORT, head, (size_t)(p - head), t->pdu->data, t->pdu->len);
}

/* "rlc-nr", mode, SN length, tags, payload. */
static void rlc_write(du_slot_t *d, const tap_t *t)
{
    uint8_t head[24], *p = head;
    memcpy(p, "rlc-nr", 6);
    p += 6;
    *p++ = t->rlc_mode == RADIO_RLC_AM ? 4 : 2;
    *p++ = t->sn_bits;
    *p++ = 2; /* direction */
    *p++ = t->dir;
    p = put16(p, 3, (uint16_t)(t->ue_id + 1));
    *p++ = 4; /* bearer type: 4 SRB, 5 DRB */
    *p++ = t->is_drb ? 5 : 4;
    *p++ = 5; /* bearer id */
    *p++ = t->rb_id;
    *p++ = TAG_PAYLOAD;
    pcap_write_udp(d->rlc_pcap, t->utc_ns, TAP_UDP_PORT, head, (size_t)(p - head), t->pdu->data, t->pdu->len);
}

void taps_drain(du_slot_t *d)
{
    tap_t t;
    while (d->taps.mem && ring_pop(&d->taps, &t)) {
        if (t.rlc && d->rlc_pcap)
            rlc_write(d, &t);
        else if (!t.rlc && d->pcap)
            mac_write(d, &t);
        buf_free(t.pdu);
    }
}

static int pool_ready(du_slot_t *d)
{
    return d->tap_pool ? 0 : pool_create(&d->tap_pool, TAP_RECORDS, TAP_PDU_BYTES);
}

void du_slot_tap(du_slot_t *d, struct pcap *pcap)
{
    bool on = pcap && pool_ready(d) == 0;
    atomic_store_explicit(&d->tap_mac, on, memory_order_release); /* after the pool is there */
    taps_drain(d);
    d->pcap = pcap;
}

void du_slot_tap_rlc(du_slot_t *d, struct pcap *pcap)
{
    bool on = pcap && pool_ready(d) == 0;
    atomic_store_explicit(&d->tap_rlc, on, memory_order_release);
    taps_drain(d);
    d->rlc_pcap = pcap;
}
