/* SPDX-License-Identifier: Apache-2.0 */
/* Slow, obvious models of TS 38.211 in double precision, written from the standard by another person than
 * lib/phy, and set against it by tests. This page: sequences and modulation. Pure functions. */
#ifndef VITRAN_TESTS_MODELS_SEQUENCES_H
#define VITRAN_TESTS_MODELS_SEQUENCES_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef double complex cplx_t;

/* c(0 .. n-1) of 5.2.1, one bit a byte. */
void model_gold(uint32_t c_init, size_t n, uint8_t *ret);
/* c(at) alone: as slow as the position is far. */
unsigned model_gold_bit(uint32_t c_init, size_t at);
/* Sum of c(8 at + m) 2^m over m = 0..7: what hopping takes. */
unsigned model_gold_byte(uint32_t c_init, size_t at);
/* r(m) = (1 - 2 c(2m)) / sqrt 2 + j (1 - 2 c(2m+1)) / sqrt 2 for m = first .. first + n - 1. */
void model_qpsk_sequence(uint32_t c_init, size_t first, size_t n, cplx_t *ret);

/* r_u,v^(alpha)(n) of 5.2.2.1, n = 0 .. m_zc - 1. m_zc: 6, 12, 18, 24 or a multiple of 6 from 30 on. */
void model_low_papr(unsigned u, unsigned v, unsigned m_zc, double alpha, cplx_t *ret);

/* d(i) of 5.1 from qm bits (one a byte); i matters for pi/2-BPSK (qm 1). */
cplx_t model_symbol(unsigned qm, size_t i, const uint8_t *bits);

#endif
