/* SPDX-License-Identifier: Apache-2.0 */
/* The decoder's and dematcher's variants by name. Private to lib/phy/ldpc and its tests. */
#ifndef VITRAN_PHY_LDPC_DECODE_VARIANTS_H
#define VITRAN_PHY_LDPC_DECODE_VARIANTS_H

#include "lib/phy/ldpc/decode.h"
#include "lib/phy/ldpc/dematch.h"

extern const ldpc_dec_ops_t ldpc_dec_ops_generic, ldpc_dec_ops_avx2, ldpc_dec_ops_avx512;
extern const ldpc_dematch_ops_t ldpc_dematch_ops_generic, ldpc_dematch_ops_avx2, ldpc_dematch_ops_avx512;

#endif
