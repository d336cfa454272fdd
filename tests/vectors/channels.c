/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/vectors/channels.h"

const vec_channel_t vec_channels[] = {
    {"demodulation", vec_demodulation},
    {"dmrs_pdsch", vec_dmrs_pdsch},
    {"ldpc_chain", vec_ldpc_chain},
    {"ldpc_encoder", vec_ldpc_encoder},
    {"ldpc_rate_match", vec_ldpc_rate_match},
    {"low_papr", vec_low_papr},
    {"low_phy", vec_low_phy},
    {"modulation", vec_modulation},
    {"pdcch_candidates", vec_pdcch_candidates},
    {"pdsch", vec_pdsch},
    {"prach", vec_prach},
    {"prach_configuration", vec_prach_configuration},
    {"pusch_tpmi_select", vec_pusch_tpmi_select},
    {"tbs", vec_tbs},
    {NULL, NULL},
};
