/* SPDX-License-Identifier: Apache-2.0 */
/* SDAP (TS 37.324): QoS flows to DRBs, the one-byte headers that carry the QFI, reflective mapping and the
 * end-marker control PDU. One entity a PDU session; it belongs to one thread. Plain memory, no allocation. */
#ifndef VITRAN_SDAP_SDAP_H
#define VITRAN_SDAP_SDAP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/core/pool.h"

#define SDAP_QFI_MAX 63 /* 6 bits */
#define SDAP_NO_DRB 0

typedef struct {
    bool present[33];                  /* [index: DRB id 1..32] */
    bool header_dl[33], header_ul[33]; /* sdap-HeaderDL, sdap-HeaderUL */
    uint8_t drb_of_qfi[64];            /* SDAP_NO_DRB: no rule */
    uint8_t default_drb;               /* SDAP_NO_DRB: none */
    bool network;                      /* sends DL data headers, receives UL ones */
} sdap_t;

typedef struct {
    uint8_t qfi;
    bool rdi;        /* reflective QoS flow to DRB mapping: the UE shall map UL as DL came */
    bool rqi;        /* reflective QoS: NAS learns a rule for the flow */
    bool end_marker; /* an UL end-marker control PDU: no payload */
} sdap_info_t;

void sdap_init(sdap_t *s, bool network);
/* 0, -EINVAL (ids out of range). */
int sdap_add_drb(sdap_t *s, uint8_t drb_id, bool header_dl, bool header_ul, bool default_drb);
void sdap_remove_drb(sdap_t *s, uint8_t drb_id);      /* and the rules that name it */
int sdap_map(sdap_t *s, uint8_t qfi, uint8_t drb_id); /* 0, -EINVAL, -ENOENT (no such DRB) */

/* The DRB that a flow's packets take: the rule, else the default DRB, else SDAP_NO_DRB. TS 37.324 5.2.1 */
static inline uint8_t sdap_drb(const sdap_t *s, uint8_t qfi)
{
    uint8_t d = s->drb_of_qfi[qfi & SDAP_QFI_MAX];
    return d ? d : s->default_drb;
}

/* Puts the header in front where the DRB has one. 0, -EINVAL (no such id), -ENOBUFS (no
 * headroom). */
int sdap_tx(const sdap_t *s, uint8_t drb_id, const sdap_info_t *info, buf_t *sdu);
/* Takes the header off; `ret->qfi` is 0 where the DRB has none. At a UE a set RDI makes the rule (TS
 * 37.324 5.3.2). 0; -EBADMSG: nothing behind or in front; the buffer stays the caller's either way. */
int sdap_rx(sdap_t *s, uint8_t drb_id, buf_t *pdu, sdap_info_t *ret);
/* Writes an end-marker control PDU (UE, one byte) into an empty buffer. 0, -ENOBUFS. TS 37.324 6.2.3 */
int sdap_end_marker(uint8_t qfi, buf_t *buf);

#endif
