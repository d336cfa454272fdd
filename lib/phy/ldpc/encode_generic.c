/* SPDX-License-Identifier: Apache-2.0 */
#define ENCODE_OPS ldpc_encode_ops_generic
#include "lib/phy/ldpc/encode_kernel.h"
