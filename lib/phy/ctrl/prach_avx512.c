/* SPDX-License-Identifier: Apache-2.0 */
#define LANES 16
#define PRACH_OPS prach_ops_avx512
#include "lib/phy/ctrl/prach_kernel.h"
