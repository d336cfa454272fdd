/* SPDX-License-Identifier: Apache-2.0 */
#define VEC_N 8
#define CHEST_OPS chest_ops_avx2
#include "lib/phy/pusch/chest_kernel.h"
