/* SPDX-License-Identifier: Apache-2.0 */
/* The drivers, one function a channel of the shared vectors. Files: family.c holds a few that belong
 * together. */
#ifndef VITRAN_TESTS_VECTORS_CHANNELS_H
#define VITRAN_TESTS_VECTORS_CHANNELS_H

#include "tests/vectors/vec.h"

/* Ends with a NULL channel. */
extern const vec_channel_t vec_channels[];

/* mac.c */
void vec_tbs(vec_t *v);
void vec_pdcch_candidates(vec_t *v);
void vec_prach_configuration(vec_t *v);
/* signal.c */
void vec_modulation(vec_t *v);
void vec_demodulation(vec_t *v);
void vec_low_papr(vec_t *v);
void vec_low_phy(vec_t *v);
/* ldpc.c */
void vec_ldpc_encoder(vec_t *v);
void vec_ldpc_rate_match(vec_t *v);
void vec_ldpc_chain(vec_t *v);
/* polar.c */
void vec_polar_chain(vec_t *v);
void vec_polar_interleaver(vec_t *v);
void vec_small_block(vec_t *v);
void vec_dci_encode(vec_t *v);
void vec_pbch_encoder(vec_t *v);
/* ssb.c */
void vec_dmrs_pbch(vec_t *v);
void vec_pbch_modulator(vec_t *v);
void vec_ssb(vec_t *v);
void vec_ssb_waveform(vec_t *v);
/* pdcch.c, pdsch.c, dl_mixed.c */
void vec_pdcch(vec_t *v);
void vec_dmrs_pdsch(vec_t *v);
void vec_pdsch(vec_t *v);
void vec_dl_mixed(vec_t *v);
void vec_test_model_fr1(vec_t *v);
/* pusch.c */
void vec_ulsch_info(vec_t *v);
void vec_ulsch_pusch(vec_t *v);
void vec_pusch_tpmi_select(vec_t *v);
/* pucch.c, prach.c */
void vec_pucch_format0(vec_t *v);
void vec_pucch_format234(vec_t *v);
void vec_prach(vec_t *v);

#endif
