/* SPDX-License-Identifier: Apache-2.0 */
/* The modulation mappers of TS 38.211 5.1, from packed bits to int16 grids or floats, layer mapping (6.3.1.3,
 * 7.3.1.3), and what O-RAN modulation compression must know of a constellation. Stateless; [any thread]. */
#ifndef VITRAN_PHY_SIGNAL_MODULATION_H
#define VITRAN_PHY_SIGNAL_MODULATION_H

#include "lib/phy/phy.h"

/* Modulation order Qm, bits a symbol: 1 is pi/2-BPSK (plain BPSK is not used on these channels). */
#define MODULATION_MAX_QM 10
/* 1, 2, 4, 6, 8 or 10. */
static inline bool modulation_valid(unsigned qm)
{
    return qm == 1 || (qm >= 2 && qm <= MODULATION_MAX_QM && qm % 2 == 0);
}

/* Maps n_symbols * qm packed bits, from bit 7 of bits[0] on, to symbols of mean power amplitude^2 (PHY_UNIT
 * for a unit-power symbol of a grid). Each of I and Q is rounded to the nearest integer, so that the
 * constellation is symmetric; amplitude * peak must not exceed 32767. The first pi/2-BPSK symbol has even
 * index. Reads no byte behind the last bit and writes nothing behind out[n_symbols - 1]. */
void modulate(const phy_t *phy, unsigned qm, const uint8_t *bits, size_t n_symbols, float amplitude,
              ci16_t *out);
/* The same as floats, not rounded. */
void modulate_cf(const phy_t *phy, unsigned qm, const uint8_t *bits, size_t n_symbols, float amplitude,
                 cf_t *out);

/* Layer mapping: out[l][i] = in[i * n_layers + l], n symbols a layer, 1 to 4 layers. */
void layer_map(const ci16_t *in, unsigned n_layers, size_t n, ci16_t *const out[]);
void layer_map_cf(const cf_t *in, unsigned n_layers, size_t n, cf_t *const out[]);
/* The receiver's way: bytes (LLRs) of the layers, qm of each symbol together, back to codeword order:
 * out[(i * n_layers + l) * qm + b] = in[l][i * qm + b]. */
void layer_demap_llr(const int8_t *const in[], unsigned n_layers, unsigned qm, size_t n, int8_t *out);

/* I and Q of a QAM constellation lie on odd multiples of half a spacing:
 *   level = amplitude * spacing * (v + 1/2), v = -2^(width-1) .. 2^(width-1) - 1.
 * Modulation compression (O-RAN.WG4.CUS) sends v in `width` bits; its receiver computes
 * scaler * (v / 2^(width-1) + csf / 2^width), so csf = 1 and scaler = amplitude * modulation_scaler(qm). */
typedef struct {
    uint8_t width; /* bits of I and of Q: qm / 2 (1 for QPSK .. 5 for 1024QAM) */
    uint8_t csf;   /* constellation shift flag: 1, the points sit half a spacing off the grid of v */
    float spacing; /* between neighbours, for mean power 1: 2 / sqrt(2/3 (2^qm - 1)) */
    float peak;    /* the largest |I|, for mean power 1 */
    float scaler;  /* modCompScaler for mean power 1: spacing * 2^(width-1) */
} constellation_t;

/* qm 2, 4, 6, 8, 10 (pi/2-BPSK: that of QPSK). */
const constellation_t *constellation(unsigned qm);
/* The v of I and Q of each symbol of `modulate` (before amplitude), for the compression's bit fields:
 * out[2 * i] of I, out[2 * i + 1] of Q. qm 2..10. */
void modulation_points(const phy_t *phy, unsigned qm, const uint8_t *bits, size_t n_symbols, int8_t *out);

struct modulation_tables;
/* Internal, of phy_create and phy_destroy: 0 or -ENOMEM. */
int modulation_tables_create(phy_isa_t isa, struct modulation_tables **ret);
void modulation_tables_destroy(struct modulation_tables *t);

#endif
