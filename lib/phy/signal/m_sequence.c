/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/signal/m_sequence.h"

/* x(i + 7) = x(i + tap) + x(i) modulo 2; `start` has x(0) in bit 0. */
static void m_sequence(unsigned start, unsigned tap, uint8_t x[SS_LENGTH])
{
    for (unsigned i = 0; i < 7; i++)
        x[i] = start >> i & 1;
    for (unsigned i = 0; i + 7 < SS_LENGTH; i++)
        x[i + 7] = x[i + tap] ^ x[i];
}

void pss_sequence(unsigned n_id_2, int8_t out[SS_LENGTH])
{
    uint8_t x[SS_LENGTH];
    m_sequence(0x76, 4, x); /* x(6..0) = 1110110 */
    for (unsigned n = 0; n < SS_LENGTH; n++)
        out[n] = (int8_t)(1 - 2 * x[(n + 43 * n_id_2) % SS_LENGTH]);
}

void sss_sequence(unsigned n_id_1, unsigned n_id_2, int8_t out[SS_LENGTH])
{
    uint8_t x0[SS_LENGTH], x1[SS_LENGTH];
    m_sequence(1, 4, x0);
    m_sequence(1, 1, x1);
    unsigned m0 = 15 * (n_id_1 / 112) + 5 * n_id_2, m1 = n_id_1 % 112;
    for (unsigned n = 0; n < SS_LENGTH; n++)
        out[n] = (int8_t)((1 - 2 * x0[(n + m0) % SS_LENGTH]) * (1 - 2 * x1[(n + m1) % SS_LENGTH]));
}
