/* SPDX-License-Identifier: Apache-2.0 */
#define VEC_N 4
#define EQ_OPS eq_ops_generic
#include "lib/phy/pusch/equalize_kernel.h"
