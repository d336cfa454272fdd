/* SPDX-License-Identifier: Apache-2.0 */
#define ENCODE ldpc_encode_generic
#include "lib/phy/ldpc/encode_kernel.h"
