/* SPDX-License-Identifier: Apache-2.0 */
#define RATE_MATCH_OPS rate_match_ops_avx2
#include "lib/phy/ldpc/rate_match_kernel.h"
