/* SPDX-License-Identifier: Apache-2.0 */
#define VEC_N 16
#define EQ_OPS eq_ops_avx512
#include "lib/phy/pusch/equalize_kernel.h"
