/* SPDX-License-Identifier: Apache-2.0 */
#define VEC_N 8
#define EQ_OPS eq_ops_avx2
#include "lib/phy/pusch/equalize_kernel.h"
