/* SPDX-License-Identifier: Apache-2.0 */
/* MAC PDUs of DL-SCH and UL-SCH (TS 38.321 6.1.2, 6.1.3, 6.2.1) and the random access response
 * (6.1.5, 6.2.2, 6.2.3). Parsing walks the caller's bytes and copies nothing; building writes in place, so
 * that RLC puts its PDU straight into the transport block. Stateless, [any] thread. The bytes parsed are a
 * peer's: each length is checked, and a bad PDU ends the walk with an error after the subPDUs before it. */
#ifndef VITRAN_MAC_PDU_H
#define VITRAN_MAC_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef enum { MAC_DL = 0, MAC_UL = 1 } mac_dir_t;

/* LCIDs, tables 6.2.1-1 (DL-SCH) and 6.2.1-2 (UL-SCH). 1..32 are logical channels. */
enum {
    MAC_LCID_CCCH = 0,    /* DL-SCH */
    MAC_LCID_CCCH_64 = 0, /* UL-SCH, 8 bytes, no L: CCCH1 */
    MAC_LCID_MAX = 32,    /* last logical channel */
    MAC_LCID_DL_LONG_DRX = 59,
    MAC_LCID_DL_DRX = 60,
    MAC_LCID_DL_TA = 61,
    MAC_LCID_DL_CONTENTION = 62,
    MAC_LCID_PADDING = 63,
    MAC_LCID_UL_CCCH_48 = 52, /* 6 bytes, no L */
    MAC_LCID_UL_CG_CONFIRM = 55,
    MAC_LCID_UL_PHR = 57,
    MAC_LCID_UL_C_RNTI = 58,
    MAC_LCID_UL_SHORT_TRUNC_BSR = 59,
    MAC_LCID_UL_LONG_TRUNC_BSR = 60,
    MAC_LCID_UL_SHORT_BSR = 61,
    MAC_LCID_UL_LONG_BSR = 62
};

/* ---- parse ---- */

typedef struct {
    const uint8_t *p; /* SDU or control element, inside the PDU */
    uint32_t n;       /* bytes */
    uint8_t lcid;
    uint8_t is_sdu; /* a logical channel's (CCCH included); otherwise a control element or padding */
} mac_subpdu_t;

typedef struct {
    const uint8_t *p;
    uint32_t n, at;
    mac_dir_t dir;
} mac_iter_t;

static inline mac_iter_t mac_iter(mac_dir_t dir, const uint8_t *pdu, uint32_t n)
{
    return (mac_iter_t){pdu, n, 0, dir};
}
/* 1: *ret is the next subPDU (padding is given too, as one with everything that is left); 0: the end.
 * -EBADMSG: a length runs past the end. -EPROTONOSUPPORT: a reserved or unsupported LCID: 5.13 has the rest
 * dropped. */
int mac_next(mac_iter_t *it, mac_subpdu_t *ret);

/* Buffer status report, formats short (61), short truncated (59), long (62), long truncated (60). */
typedef struct {
    uint8_t lcid;     /* which format */
    uint8_t lcg_mask; /* bit i: LCG i is reported (long truncated: has data, its size may be missing) */
    uint8_t n;        /* sizes that follow */
    uint8_t lcg[8];   /* LCG of each; 0xff where a truncated report leaves it open (order of priority) */
    uint8_t index[8]; /* 5-bit index in short formats, 8-bit in long ones */
} mac_bsr_t;

/* Each: 0 or -EBADMSG (wrong size). p, n: of the subPDU. */
int mac_parse_bsr(uint8_t lcid, const uint8_t *p, uint32_t n, mac_bsr_t *ret);
int mac_parse_phr(const uint8_t *p, uint32_t n, uint8_t *ret_ph,
                  uint8_t *ret_pcmax);                                             /* 6.1.3.8: 6 bits each */
int mac_parse_c_rnti(const uint8_t *p, uint32_t n, uint16_t *ret);                 /* 6.1.3.2 */
int mac_parse_ta(const uint8_t *p, uint32_t n, uint8_t *ret_tag, uint8_t *ret_ta); /* 6.1.3.4: 2 and 6 bits */
/* Contention resolution identity (6.1.3.3) is the 6 bytes themselves. */

/* Power headroom of a reported value, dB: -32..38 (38.133 10.1.17.1), the level's lower end. */
static inline int mac_phr_db(uint8_t ph)
{
    return ph < 56 ? (int)ph - 33 + (ph == 0 ? 1 : 0) : 22 + 2 * ((int)ph - 55);
}

/* ---- build ---- */

typedef struct {
    uint8_t *p;
    uint32_t cap; /* the transport block, bytes */
    uint32_t n;   /* written */
    uint8_t *sdu; /* of an SDU that is reserved, not committed */
    uint8_t sdu_header;
} mac_build_t;

static inline mac_build_t mac_build(uint8_t *buf, uint32_t tb_bytes)
{
    return (mac_build_t){buf, tb_bytes, 0, NULL, 0};
}
/* Most SDU bytes that still fit behind a subheader with L; 0: none. */
uint32_t mac_build_room(const mac_build_t *b);
/* Reserves room for an SDU of at most `max` bytes on logical channel lcid (0..32) and returns where it goes;
 * NULL when max is 0 or does not fit. Write there, then commit how many bytes it became (<= max; 0 takes the
 * reservation back). */
uint8_t *mac_build_sdu_reserve(mac_build_t *b, uint8_t lcid, uint32_t max);
void mac_build_sdu_commit(mac_build_t *b, uint32_t n);

/* Each: true, or false when it does not fit (nothing written). */
bool mac_build_sdu(mac_build_t *b, uint8_t lcid, const uint8_t *sdu, uint32_t n);
bool mac_build_ul_ccch(mac_build_t *b, const uint8_t *sdu,
                       uint32_t n); /* n 6 or 8: 48- or 64-bit CCCH, without L */
bool mac_build_contention(mac_build_t *b, const uint8_t id[6]);
bool mac_build_ta(mac_build_t *b, uint8_t tag, uint8_t ta);
bool mac_build_drx(mac_build_t *b, bool long_drx);
bool mac_build_c_rnti(mac_build_t *b, uint16_t rnti);
bool mac_build_phr(mac_build_t *b, uint8_t ph, uint8_t pcmax);
/* Short and short truncated: n = 1. Long: all of lcg_mask, ascending. Long truncated: mask, then n sizes. */
bool mac_build_bsr(mac_build_t *b, const mac_bsr_t *bsr);
/* Bytes that a BSR takes with its subheader. */
uint32_t mac_bsr_bytes(const mac_bsr_t *bsr);
/* Fills the rest with a padding subPDU. Call once, last. */
void mac_build_end(mac_build_t *b);

/* ---- random access response ---- */

typedef struct { /* 38.213 8.2: the 27 bits of the UL grant */
    uint8_t freq_hopping;
    uint16_t fdra; /* 14 bits; 38.213 8.3 says how a RIV goes in: mac_rar_fdra */
    uint8_t tdra;  /* 4 bits */
    uint8_t mcs;   /* 4 bits */
    uint8_t tpc;   /* 3 bits: 0..7 = -6..8 dB in steps of 2 */
    uint8_t csi_request;
} mac_rar_grant_t;

typedef struct {
    uint8_t kind;    /* MAC_RAR_*: */
    uint8_t backoff; /* BI: index 0..15, table 7.2-1 */
    uint8_t rapid;   /* preamble, 0..63 */
    uint16_t ta;     /* 12 bits */
    uint16_t tc_rnti;
    mac_rar_grant_t grant;
} mac_rar_t;

enum {
    MAC_RAR_BACKOFF, /* subheader with BI */
    MAC_RAR_RAPID,   /* RAPID only: acknowledges an SI request */
    MAC_RAR_RESPONSE /* RAPID and MAC RAR */
};

#define MAC_RAR_BYTES 8u /* subheader and MAC RAR */

/* Walks a RAR PDU. 1: *ret; 0: the end (padding, or the E bit); -EBADMSG. Start with *at = 0. */
int mac_rar_next(const uint8_t *pdu, uint32_t n, uint32_t *at, mac_rar_t *ret);
/* Writes n subPDUs (backoff first where there is one) and zero padding up to cap. 0 or -ENOSPC. */
int mac_rar_build(const mac_rar_t *subpdus, uint32_t n, uint8_t *buf, uint32_t cap);
/* RIV <-> the 14-bit field of a RAR grant: 38.213 8.3 (cut to, or extended with zeros, and the two hopping
 * bits). bwp_n_prb: initial UL BWP. */
uint16_t mac_rar_fdra(uint16_t bwp_n_prb, uint32_t riv);
uint32_t mac_rar_riv(uint16_t bwp_n_prb, uint16_t fdra);

#endif
