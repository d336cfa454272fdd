/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/ldpc/rate_match_kernel.h"

const rate_match_ops_t rate_match_ops_avx2 = {interleave_any};
