/* SPDX-License-Identifier: Apache-2.0 */
/* How likely a block is lost at an SINR: the link abstraction of the abstract L1.
 *
 * Derivation. A block of k bits sent in n symbols of 2^qm-QAM over white noise is lost with probability
 *     Q( (n C + log2(n) / 2 - k) / sqrt(n V) )
 * which is the normal approximation of finite block lengths (Polyanskiy, Poor, Verdu, "Channel coding rate in
 * the finite blocklength regime", IEEE Trans. Inf. Theory 56(5), 2010, eq. 296). C and V are mean and
 * variance of the information density of equiprobable QAM, computed here by numeric integration for each
 * constellation, not taken from a table. A real receiver stays behind that bound: the SINR is lowered first
 * by BLER_LOSS_LDPC_DB (LDPC by belief propagation and channel estimation) or BLER_LOSS_POLAR_DB (control
 * channels). A transport block of several code blocks is lost when one of them is (TS 38.212 5.2.2).
 *
 * Thread: bler_init once, before any other call in the process; then [any]. */
#ifndef VITRAN_EMULATOR_BLER_H
#define VITRAN_EMULATOR_BLER_H

#include <stdint.h>

#define BLER_LOSS_LDPC_DB 1.0
#define BLER_LOSS_POLAR_DB 1.5

/* Information per QAM symbol at an SINR: mean in bits and variance in bits squared. qm 2, 4, 6, 8. */
typedef struct {
    double mean, variance;
} bler_info_t;

typedef struct bler bler_t;
/* Integrates the tables (some ms). NULL: out of memory. */
bler_t *bler_create(void);
void bler_destroy(bler_t *b); /* NULL is fine */

bler_info_t bler_info(const bler_t *b, uint8_t qm, double sinr_db);

/* One LDPC transport block of tb_bits in n_re resource elements (all layers) of one modulation. */
double bler_ldpc(const bler_t *b, uint8_t qm, uint32_t n_re, uint32_t tb_bits, double sinr_db);
/* One polar or small block of `bits` (its CRC included) in n_re QPSK symbols: PBCH, PDCCH, PUCCH format 2. */
double bler_control(const bler_t *b, uint32_t n_re, uint32_t bits, double sinr_db);

#endif
