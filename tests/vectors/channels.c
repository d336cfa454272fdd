/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/vectors/channels.h"

const vec_channel_t vec_channels[] = {
    {"tbs", vec_tbs},
    {"pdcch_candidates", vec_pdcch_candidates},
    {"prach_configuration", vec_prach_configuration},
    {NULL, NULL},
};
