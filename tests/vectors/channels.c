/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/vectors/channels.h"

const vec_channel_t vec_channels[] = {
    {"dci_encode", vec_dci_encode},
    {"demodulation", vec_demodulation},
    {"dmrs_pdsch", vec_dmrs_pdsch},
    {"ldpc_chain", vec_ldpc_chain},
    {"ldpc_encoder", vec_ldpc_encoder},
    {"ldpc_rate_match", vec_ldpc_rate_match},
    {"low_papr", vec_low_papr},
    {"low_phy", vec_low_phy},
    {"modulation", vec_modulation},
    {"pbch_encoder", vec_pbch_encoder},
    {"pdcch_candidates", vec_pdcch_candidates},
    {"pdsch", vec_pdsch},
    {"polar_chain", vec_polar_chain},
    {"polar_interleaver", vec_polar_interleaver},
    {"prach", vec_prach},
    {"prach_configuration", vec_prach_configuration},
    {"pusch_tpmi_select", vec_pusch_tpmi_select},
    {"small_block", vec_small_block},
    {"tbs", vec_tbs},
    {"ulsch_info", vec_ulsch_info},
    {"ulsch_pusch", vec_ulsch_pusch},
    {NULL, NULL},
};
