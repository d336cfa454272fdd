/* SPDX-License-Identifier: Apache-2.0 */
/* Transform precoding of TS 38.211 6.3.1.4 (PUSCH) and 6.3.2.6.4 (PUCCH formats 3, 4): DFT of M_sc points
 * with 1 / sqrt(M_sc), and the receiver's inverse. Stateless; [any thread]. */
#ifndef VITRAN_PHY_SIGNAL_TRANSFORM_PRECODING_H
#define VITRAN_PHY_SIGNAL_TRANSFORM_PRECODING_H

#include "lib/phy/signal/dft.h"

/* M_sc = 12 M_rb with M_rb = 2^a 3^b 5^c, up to 3240. */
bool transform_precoding_valid(unsigned m_sc);

/* `n` blocks of m_sc symbols after each other; in == out is fine. m_sc must be valid. */
void transform_precode(const phy_t *phy, unsigned m_sc, size_t n, const cf_t *in, cf_t *out,
                       dft_work_t *work);
/* The inverse: transform_deprecode(transform_precode(x)) = x. */
void transform_deprecode(const phy_t *phy, unsigned m_sc, size_t n, const cf_t *in, cf_t *out,
                         dft_work_t *work);

#endif
