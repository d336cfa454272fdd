/* SPDX-License-Identifier: Apache-2.0 */
/* User data of the fronthaul's U-plane, PRB by PRB, by any of the methods that a section names in udCompHdr
 * (O-RAN.WG4.CUS annex A): from int16 grids to the wire's bytes and back. Block floating point has kernels of
 * its own (bfp.h); each of the others scales in plain C and then packs with those, as two's complement
 * mantissas that fit under exponent 0. Stateless; [any thread]. */
#ifndef VITRAN_FRONTHAUL_COMPRESSION_COMPRESSION_H
#define VITRAN_FRONTHAUL_COMPRESSION_COMPRESSION_H

#include "fronthaul/compression/bfp.h"

/* udCompMeth */
typedef enum {
    COMPRESSION_NONE = 0,          /* 16-bit I and Q; no udCompParam */
    COMPRESSION_BFP = 1,           /* A.1, udCompParam: exponent */
    COMPRESSION_BLOCK_SCALING = 2, /* A.2, udCompParam: sblockScaler, 1 integer and 7 fraction bits */
    COMPRESSION_MU_LAW = 3,        /* A.3, udCompParam: compBitWidth (4 bits), compShift (4 bits) */
    COMPRESSION_MODULATION = 4, /* A.5, no udCompParam: csf and scaler come in C-plane section extension 4 */
} compression_method_t;

typedef struct {
    compression_method_t method;
    uint8_t iq_width; /* 1..16; none: 16, mu-law: 4..15, modulation: 1..8 */
    bool csf;         /* modulation: constellation shift flag (constellation_t.csf) */
    float
        scaler; /* modulation: modCompScaler in units of int16 samples: constellation_t.scaler x amplitude */
} compression_cfg_t;

/* 0, or -EINVAL with the field that no section can say. */
int compression_check(const compression_cfg_t *cfg, phy_refusal_t *why);

/* Bytes of a PRB on the wire, udCompParam included, of a cfg that passes compression_check. */
size_t compression_prb_bytes(const compression_cfg_t *cfg);

/* 12 n_prb samples to n_prb x compression_prb_bytes bytes. Returns the bytes written, or, with nothing
 * written, -EINVAL (compression_check), -EMSGSIZE (more than out_bytes). Modulation compression takes each
 * sample for the nearest point; what is off the constellation comes back as its outermost point. */
int64_t compression_compress(const compression_cfg_t *cfg, const bfp_ops_t *ops, const ci16_t *in,
                             size_t n_prb, uint8_t *out, size_t out_bytes);
/* The way back, clipped to int16. Returns the bytes consumed, or -EINVAL (compression_check), -EMSGSIZE
 * (n_prb PRBs need more than in_bytes): nothing written; -EBADMSG (mu-law: a PRB whose compBitWidth is not
 * iq_width): PRBs before it may be written. */
int64_t compression_expand(const compression_cfg_t *cfg, const bfp_ops_t *ops, const uint8_t *in,
                           size_t in_bytes, size_t n_prb, ci16_t *out);

/* modCompScaler on the wire: 4 bits exponent, 11 bits mantissa: mantissa x 2^-11 x 2^-exponent, a fraction of
 * full scale (32768). The nearest that there is; scaler from 0 to below 32768. */
uint16_t compression_scaler_encode(float scaler);
float compression_scaler_decode(uint16_t mod_comp_scaler);

#endif
