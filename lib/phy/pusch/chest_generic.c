/* SPDX-License-Identifier: Apache-2.0 */
#define VEC_N 4
#define CHEST_OPS chest_ops_generic
#include "lib/phy/pusch/chest_kernel.h"
