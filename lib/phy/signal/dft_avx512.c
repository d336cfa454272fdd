/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/signal/dft_ops.h"

#define V 1
#include "lib/phy/signal/dft_kernel.h"
#define V 4
#include "lib/phy/signal/dft_kernel.h"
#define V 8
#include "lib/phy/signal/dft_kernel.h"
#define V 16
#include "lib/phy/signal/dft_kernel.h"

const dft_kernels_t dft_kernels_avx512 = {.v1 = run_v1, .v4 = run_v4, .v8 = run_v8, .v16 = run_v16};
