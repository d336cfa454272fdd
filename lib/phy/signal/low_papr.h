/* SPDX-License-Identifier: Apache-2.0 */
/* Low-PAPR sequences of TS 38.211 5.2.2 (type 1: PUCCH formats 0, 1, 3, 4, PUSCH DMRS with transform
 * precoding, SRS) and 5.2.3 (type 2: the same DMRS with pi/2-BPSK), and the hopping of group u and number v
 * that PUCCH, PUSCH and SRS share. Stateless; [any thread]. */
#ifndef VITRAN_PHY_SIGNAL_LOW_PAPR_H
#define VITRAN_PHY_SIGNAL_LOW_PAPR_H

#include "lib/phy/signal/dft.h"

/* Base sequence r_u,v(n) of 5.2.2, unit amplitude, out[size: m_zc]. m_zc is 6, 12, 18, 24 or a multiple of 6
 * from 30 to PHY_MAX_SC / 2 * 2; u 0..29; v 0, or 0..1 when m_zc >= 72. -EINVAL for what has no sequence. */
int low_papr_base(unsigned u, unsigned v, unsigned m_zc, cf_t *out);

/* out(n) = exp(j alpha n) r_u,v(n) with alpha = 2 pi cs / n_cs: n_cs is 12 for PUCCH, n_cs_max for SRS, 1
 * (and cs 0) without a shift. -EINVAL as above or for n_cs 0. */
int low_papr_sequence(unsigned u, unsigned v, unsigned m_zc, unsigned cs, unsigned n_cs, cf_t *out);

/* x[i] *= exp(j 2 pi cs i / n_cs) (conjugated: exp(-j...)), the cyclic shift alone. */
void low_papr_shift(cf_t *x, size_t n, unsigned cs, unsigned n_cs, bool conjugated);

/* Type 2 of 5.2.3.1: r(n) after the DFT (what is mapped to subcarriers), |r| about 1, from the Gold sequence
 * of c_init. m_zc is at least 30 and has a dft_plan, else -EINVAL: the tables of the shorter lengths
 * (5.2.3.2) are not here. */
int low_papr_type2(const phy_t *phy, uint32_t c_init, unsigned m_zc, cf_t *out, dft_work_t *work);

typedef enum {
    LOW_PAPR_HOP_NEITHER,
    LOW_PAPR_HOP_GROUP,    /* PUCCH "enable", sequenceGroupHopping */
    LOW_PAPR_HOP_SEQUENCE, /* PUCCH "disable", sequenceHopping */
} low_papr_hop_t;

/* PUCCH, 6.3.2.2.1: n_id = hoppingId or the cell's identity; n_s = slot in frame; n_hop 0, or 1 behind the
 * intra-slot hop. */
void low_papr_hop_pucch(const phy_t *phy, low_papr_hop_t mode, uint32_t n_id, uint32_t n_s, unsigned n_hop,
                        unsigned *ret_u, unsigned *ret_v);
/* PUCCH, 6.3.2.2.2: n_cs(n_s, l) = the cyclic shift hop of symbol l of the slot (l counted in the slot),
 * 0..255; alpha index = (m_0 + m_cs + n_cs) mod 12. */
unsigned low_papr_pucch_n_cs(const phy_t *phy, uint32_t n_id, uint32_t n_s, unsigned l);
/* PUSCH DMRS with transform precoding, 6.4.1.1.1.2: n_id = nPUSCH-Identity or the cell's identity; l = the
 * (first) DMRS symbol in the slot. */
void low_papr_hop_pusch(const phy_t *phy, low_papr_hop_t mode, uint32_t n_id, uint32_t n_s, unsigned l,
                        unsigned m_zc, unsigned *ret_u, unsigned *ret_v);
/* SRS, 6.4.1.4.2: n_id = sequenceId; l = l_0 + l', the symbol in the slot. */
void low_papr_hop_srs(const phy_t *phy, low_papr_hop_t mode, uint32_t n_id, uint32_t n_s, unsigned l,
                      unsigned m_zc, unsigned *ret_u, unsigned *ret_v);

/* x_q(m) = exp(-j pi q m (m + 1) / n_zc), the Zadoff-Chu sequence of any root: also PRACH's x_u(i) of 6.3.3.1
 * (q = u). Exact phases at any length < 65536; out[size: n], m modulo n_zc. */
void zadoff_chu(unsigned q, unsigned n_zc, size_t n, cf_t *out);

#endif
