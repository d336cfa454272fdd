/* SPDX-License-Identifier: Apache-2.0 */
/* The decoder that the fast one is measured against: layered belief propagation with exact check nodes in
 * double precision, row by row over the parity-check matrix of TS 38.212 5.3.2. Slow and obvious. */
#ifndef VITRAN_TESTS_MODELS_LDPC_SUM_PRODUCT_H
#define VITRAN_TESTS_MODELS_LDPC_SUM_PRODUCT_H

#include "lib/phy/ldpc/graph.h"

/* llr [size: n_cols * zc]: ln(P(0) / P(1)) of the code word with its first 2 zc bits, 0 where nothing was
 * received; becomes the posterior. n_rows: rows of the base graph that take part. Runs up to n_iterations,
 * fewer when all parity checks hold. Returns whether they do. */
bool ldpc_sum_product(const graph_t *g, unsigned n_rows, unsigned n_iterations, double *llr);

#endif
