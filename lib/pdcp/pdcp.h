/* SPDX-License-Identifier: Apache-2.0 */
/* PDCP (TS 38.323): one entity, both directions, for an SRB or a DRB, network or UE side. An entity belongs
 * to one thread at a time, together with the crypto_t that is passed in. Buffers are worked on in place: the
 * header goes into the headroom, MAC-I behind the data.
 *
 * The user plane calls the batch functions, whose items may mix entities: all headers first, then the cipher
 * over the whole batch, then state. Time is whatever monotonic ns the caller passes in. */
#ifndef VITRAN_PDCP_PDCP_H
#define VITRAN_PDCP_PDCP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/core/counters.h"
#include "lib/core/pool.h"
#include "lib/crypto/crypto.h"

typedef struct pdcp pdcp_t;

#define PDCP_INFINITY_NS INT64_MAX
#define PDCP_MAX_SDU 9000 /* bytes. TS 38.323 4.3.1 */

typedef struct {
    bool srb;             /* SRB: 12-bit SN, MAC-I always there; else DRB */
    uint8_t rb_id;        /* SRB 1..3, DRB 1..32; BEARER is rb_id - 1 */
    uint8_t sn_bits;      /* DRB: 12 or 18; SRB: 12 */
    bool network;         /* sends DIRECTION downlink; a UE sends uplink */
    bool rlc_am;          /* DRB over AM: status report and recovery apply */
    bool out_of_order;    /* outOfOrderDelivery */
    bool status_required; /* statusReportRequired */
    bool integrity;       /* DRB: integrityProtection configured (MAC-I on each data PDU) */
    bool sdap_header_tx,
        sdap_header_rx;      /* DRB: the first byte is an SDAP header, which is not ciphered. 5.8 */
    int64_t t_reordering_ns; /* 0: deliver at once; PDCP_INFINITY_NS: never expires */
    int64_t discard_ns;      /* discardTimer; 0 or PDCP_INFINITY_NS: none */
    uint32_t rx_window;      /* SDUs held for reordering; 0: default (DRB 4096 at most, SRB 64) */
    uint32_t tx_window;      /* SDUs watched by discard timer and recovery; 0: default 4096 */
    pool_t *recovery; /* DRB over AM: copies of SDUs that are not confirmed yet come from here; NULL: no data
                         recovery. An empty pool only means that those SDUs cannot be recovered */
} pdcp_config_t;

typedef struct {
    nea_t nea;
    nia_t nia;
    uint8_t enc_key[16], int_key[16]; /* K_RRCenc/int for SRBs, K_UPenc/int for DRBs */
} pdcp_security_t;

/* Any member may be NULL. None of them may destroy or re-establish the entity: note what is wanted and do it
 * after the call; sending is fine. */
typedef struct {
    void *ctx;
    /* A received SDU in order (or as it comes, if configured so), with ownership; sdu->user is its COUNT. */
    void (*deliver)(void *ctx, buf_t *sdu);
    /* Integrity verification failed; the PDU is gone (TS 38.323 5.9). An SRB's owner starts re-establishment
     * (UE) or counts it. */
    void (*integrity_failure)(void *ctx);
    /* The discard timer of the SDU sent with this SN ran out: lower layers may drop it. */
    void (*discard)(void *ctx, uint32_t sn);
    /* A PDU again, with ownership: from pdcp_recover. pdu->user is its SN. */
    void (*retransmit)(void *ctx, buf_t *pdu);
} pdcp_ops_t;

#define PDCP_COUNTERS(X)                                                                                     \
    X(tx_sdus, COUNTER_INFO, "SDUs", "from above")                                                           \
    X(tx_sdu_bytes, COUNTER_INFO, "bytes", "from above")                                                     \
    X(tx_too_large, COUNTER_WARNING, "SDUs", "refused: above 9000 bytes, or no room for header or MAC-I")    \
    X(tx_count_exhausted, COUNTER_ERROR, "SDUs", "refused: COUNT would wrap; new keys are needed")           \
    X(tx_discarded, COUNTER_INFO, "SDUs", "discard timer ran out")                                           \
    X(rx_pdus, COUNTER_INFO, "PDUs", "data PDUs from below")                                                 \
    X(rx_sdus, COUNTER_INFO, "SDUs", "delivered above")                                                      \
    X(rx_sdu_bytes, COUNTER_INFO, "bytes", "delivered above")                                                \
    X(rx_control, COUNTER_INFO, "PDUs", "control PDUs from below")                                           \
    X(rx_malformed, COUNTER_ERROR, "PDUs", "dropped: shorter than its header and MAC-I, or reserved type")   \
    X(rx_integrity, COUNTER_ERROR, "PDUs", "dropped: MAC-I does not match")                                  \
    X(rx_duplicate, COUNTER_INFO, "PDUs", "dropped: received before or older than what was delivered")       \
    X(rx_reordering_expired, COUNTER_WARNING, "times", "t-Reordering ran out: SDUs were given up")           \
    X(rx_window_overrun, COUNTER_WARNING, "times", "gap beyond the reordering memory: SDUs were given up")
COUNTERS_DECLARE(pdcp, PDCP_COUNTERS)

/* [control] 0, -EINVAL, -ENOMEM. Starts without security: NEA0, and on an SRB a MAC-I of zeroes. */
int pdcp_create(pdcp_t **ret, const pdcp_config_t *config, const pdcp_ops_t *ops);
/* Frees all buffers held. NULL is fine. */
void pdcp_destroy(pdcp_t *p);

/* Gives keys and algorithms; nothing changes on the wire yet. 0, -EINVAL (no such algorithm). */
int pdcp_set_security(pdcp_t *p, crypto_t *c, const pdcp_security_t *s);
/* Switches integrity and ciphering on, one direction at a time. Around the security mode command on SRB1 (TS
 * 38.331 5.3.4): the network turns on TX integrity before it sends SecurityModeCommand, RX integrity with it,
 * ciphering of both directions when SecurityModeComplete has come (its own TX ciphering right after the
 * command); the UE turns on integrity of both directions to verify the command and all of RX ciphering after
 * it, TX ciphering after SecurityModeComplete. A DRB: everything at once before the first PDU. */
void pdcp_activate_tx(pdcp_t *p, bool integrity, bool ciphering);
void pdcp_activate_rx(pdcp_t *p, bool integrity, bool ciphering);

/* Verifies MAC-I of an SRB PDU with the given integrity key as its COUNT would have it, without changing any
 * state: the UE's look at SecurityModeCommand before it is decoded with the algorithms that it names. true if
 * it holds. Only on an entity whose RX ciphering is off. */
bool pdcp_verify(const pdcp_t *p, crypto_t *c, const nia_key_t *key, const buf_t *pdu);

/* One packet and the entity it goes through. `result` is out. */
typedef struct {
    pdcp_t *pdcp;
    buf_t *buf;
    int result; /* TX: 0: buf is the PDU, buf->user its SN; -EMSGSIZE, -EOVERFLOW: buf untouched, still the
                   caller's. RX: 0; -EBADMSG, -EEXIST: dropped and counted. RX always takes the buffer */
} pdcp_item_t;

/* TX: SDUs to PDUs in place (TS 38.323 5.2.1). RX: PDUs to deliver() (5.2.2). Items of one entity are handled
 * in order. */
void pdcp_tx_batch(crypto_t *c, pdcp_item_t *items, uint32_t n, int64_t now_ns);
void pdcp_rx_batch(crypto_t *c, pdcp_item_t *items, uint32_t n, int64_t now_ns);
/* One packet; the item's result is returned. */
int pdcp_tx(pdcp_t *p, crypto_t *c, buf_t *sdu, int64_t now_ns);
int pdcp_rx(pdcp_t *p, crypto_t *c, buf_t *pdu, int64_t now_ns);

/* Lower layers say that the SDU with this SN and all before it arrived: their discard timers stop. */
void pdcp_on_delivered(pdcp_t *p, uint32_t sn);
/* Sends again, through retransmit(), every SDU that was not confirmed, with its old COUNT and the keys now in
 * force (TS 38.323 5.1.2, 5.4.1). When RLC has been re-established, or its place taken by another. Returns
 * how many. */
uint32_t pdcp_recover(pdcp_t *p, crypto_t *c);
/* t-Reordering and discard timers. Once a slot, or when pdcp_next_ns() has come. */
void pdcp_tick(pdcp_t *p, int64_t now_ns);
/* When pdcp_tick wants to be called next; INT64_MAX: no timer runs. */
int64_t pdcp_next_ns(const pdcp_t *p);

/* Writes a PDCP status report (TS 38.323 6.2.3.1) into buf (empty, with room); its bitmap ends where the room
 * does. 0, -ENOBUFS. */
int pdcp_build_status_report(const pdcp_t *p, buf_t *buf);
/* Re-establishment (TS 38.323 5.1.2) with new keys, security active at once in both directions: SRBs and UM
 * DRBs start at COUNT 0 (an UM DRB delivers what it holds), AM DRBs keep COUNT. 0, -EINVAL. */
int pdcp_reestablish(pdcp_t *p, crypto_t *c, const pdcp_security_t *s);

/* State variables, for status, tests and handover: the next COUNT to send; next to deliver; next expected. */
typedef struct {
    uint32_t tx_next, rx_deliv, rx_next, rx_reord;
    bool t_reordering_running;
} pdcp_state_t;
pdcp_state_t pdcp_state(const pdcp_t *p);
/* Sets tx_next and rx_next = rx_deliv (tests, handover). Only on an idle entity. */
void pdcp_set_counts(pdcp_t *p, uint32_t tx_next, uint32_t rx_next);
const pdcp_counters_t *pdcp_counters(const pdcp_t *p);
const pdcp_config_t *pdcp_config(const pdcp_t *p);

#endif
