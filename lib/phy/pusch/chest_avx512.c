/* SPDX-License-Identifier: Apache-2.0 */
#define VEC_N 16
#define CHEST_OPS chest_ops_avx512
#include "lib/phy/pusch/chest_kernel.h"
