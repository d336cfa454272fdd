/* SPDX-License-Identifier: Apache-2.0 */
#define LANES 8
#define PRACH_OPS prach_ops_avx2
#include "lib/phy/ctrl/prach_kernel.h"
