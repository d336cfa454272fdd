/* SPDX-License-Identifier: Apache-2.0 */
#define ENCODE_OPS ldpc_encode_ops_avx2
#include "lib/phy/ldpc/encode_kernel.h"
