/* SPDX-License-Identifier: Apache-2.0 */
/* GTP-U (TS 29.281): header codec with the NR RAN container (NR-U, TS 38.425) and the PDU session container
 * (TS 38.415) as extension headers, echo, error indication, end marker, and the table of local tunnels.
 * Codecs are stateless; [any] thread. A table belongs to one thread. */
#ifndef VITRAN_GTPU_GTPU_H
#define VITRAN_GTPU_GTPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/core/pool.h"

#define GTPU_PORT 2152

/* Message types. TS 29.281 table 6.1-1 */
enum {
    GTPU_ECHO_REQUEST = 1,
    GTPU_ECHO_RESPONSE = 2,
    GTPU_ERROR_INDICATION = 26,
    GTPU_SUPPORTED_EXTENSIONS = 31,
    GTPU_END_MARKER = 254,
    GTPU_G_PDU = 255
};

/* Extension header types. TS 29.281 figure 5.2.1-3 */
enum { GTPU_EXT_NR_RAN = 0x84, GTPU_EXT_PDU_SESSION = 0x85 };

/* NR-U PDU types. TS 38.425 5.5.2 */
typedef enum { NRU_DL_USER_DATA, NRU_DL_DELIVERY_STATUS, NRU_ASSISTANCE } nru_type_t;

#define NRU_MAX_DISCARD_BLOCKS 8
#define NRU_MAX_LOST_RANGES 16

typedef struct {
    uint32_t start; /* 24-bit SN */
    uint8_t n;      /* discarded: block size; lost: unused */
    uint32_t end;   /* lost: last SN of the range */
} nru_range_t;

/* An NR RAN container. Sequence numbers have 24 bits on the wire; NR PDCP SNs use the low 12 or 18. */
typedef struct {
    nru_type_t type;

    /* DL USER DATA, TS 38.425 5.5.2.1 */
    uint32_t nru_sn;
    bool retransmission;
    bool report_polling;
    bool report_delivered;   /* ask for delivery up to dl_report_sn; needs report_sn below */
    uint32_t report_sn;      /* DL report NR PDCP PDU SN */
    bool discard_all_before; /* DL flush */
    uint32_t discard_before_sn;
    bool assistance_flag;
    uint8_t n_discard;
    nru_range_t discard[NRU_MAX_DISCARD_BLOCKS];

    /* DL DATA DELIVERY STATUS, 5.5.2.2 */
    bool has_highest_delivered, has_highest_transmitted, has_cause, final_frame;
    bool has_data_rate;
    bool has_retx_transmitted, has_retx_delivered;
    uint32_t desired_buffer_bytes;
    uint32_t desired_data_rate;
    uint32_t highest_delivered_sn, highest_transmitted_sn;
    uint32_t retx_transmitted_sn, retx_delivered_sn;
    uint8_t cause;
    uint8_t n_lost;
    nru_range_t lost[NRU_MAX_LOST_RANGES];
} nru_t;

/* A PDU session container, TS 38.415 5.5.2; what QoS monitoring adds is skipped on reception. */
typedef struct {
    bool uplink;
    uint8_t qfi;
    bool rqi;     /* DL */
    bool has_ppi; /* DL */
    uint8_t ppi;
} pdu_session_container_t;

typedef struct {
    uint8_t type;
    uint32_t teid;
    bool has_sn;
    uint16_t sn;
    bool has_nru;
    nru_t nru;
    bool has_pdu_session;
    pdu_session_container_t pdu_session;
    uint16_t header_bytes;  /* decode: what stands in front of the T-PDU or the information elements */
    uint16_t payload_bytes; /* decode: what follows */
} gtpu_header_t;

#define GTPU_HEADER_MAX                                                                                      \
    128 /* bytes that gtpu_encode never exceeds with at most 4 lost ranges and 4 discard blocks */

/* Parses the header of a datagram. 0; -EBADMSG (short, wrong version or protocol type, length that does not
 * fit, extension that does not parse); -EOPNOTSUPP: an unknown extension header that must be understood (TS
 * 29.281 5.2.1 comprehension bits). *ret is untouched on failure. */
int gtpu_decode(const uint8_t *p, size_t n, gtpu_header_t *ret);
/* Writes the header for payload_n bytes that follow. Returns its size or -ENOBUFS, -EINVAL. */
int gtpu_encode(const gtpu_header_t *h, size_t payload_n, uint8_t *to, size_t cap);
/* Puts it in front of the buffer's data. 0, -ENOBUFS, -EINVAL. */
int gtpu_push_header(const gtpu_header_t *h, buf_t *b);

/* Whole messages; they return their size or -ENOBUFS. */
int gtpu_echo_response(uint16_t sn, uint8_t *to, size_t cap);
int gtpu_echo_request(uint16_t sn, uint8_t *to, size_t cap);
/* Says that `teid` is unknown at our address (network byte order, IPv4). TS 29.281 7.3.1 */
int gtpu_error_indication(uint32_t teid, uint32_t our_ipv4_be, uint8_t *to, size_t cap);
/* Reads one: TEID and address as the peer wrote them. 0, -EBADMSG. */
int gtpu_error_indication_decode(const uint8_t *ies, size_t n, uint32_t *ret_teid, uint32_t *ret_ipv4_be);

/* Local tunnels: TEID -> 64-bit value of the owner. TEIDs carry a generation, so that a late packet of a
 * released tunnel meets no successor; 0 is never given. Look-up is one array access. */
typedef struct {
    uint32_t n_max; /* power of two */
    uint32_t n_used, hint;
    struct gtpu_tunnel {
        uint32_t teid; /* 0: free */
        uint32_t generation;
        uint64_t value;
    } * at; /* [size: n_max] */
} gtpu_table_t;

/* [control] 0, -EINVAL, -ENOMEM. */
int gtpu_table_create(gtpu_table_t *t, uint32_t n_max);
void gtpu_table_destroy(gtpu_table_t *t);
/* 0, -ENOSPC. */
int gtpu_table_add(gtpu_table_t *t, uint64_t value, uint32_t *ret_teid);
/* Makes the table know a TEID that another table gave out. 0, -EEXIST, -EINVAL. */
int gtpu_table_set(gtpu_table_t *t, uint32_t teid, uint64_t value);
void gtpu_table_remove(gtpu_table_t *t, uint32_t teid);
/* false when no such tunnel. */
bool gtpu_table_find(const gtpu_table_t *t, uint32_t teid, uint64_t *ret_value);

#endif
