/* SPDX-License-Identifier: Apache-2.0 */
#define LANES 4
#define PRACH_OPS prach_ops_generic
#include "lib/phy/ctrl/prach_kernel.h"
