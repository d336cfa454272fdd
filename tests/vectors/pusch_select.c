/* SPDX-License-Identifier: Apache-2.0 */
/* pusch_tpmi_select: the TPMI that a channel asks for. */
#include "lib/phy/dl/precoding.h"
#include "tests/vectors/channels.h"

#include <math.h>

#define SINR_TOL_DB 0.02 /* inputs are rounded */

void vec_pusch_tpmi_select(vec_t *v)
{
    static const struct {
        const char *name;
        precoding_subset_t subset;
    } subsets[] = {{"non_coherent", PRECODING_NON_COHERENT},
                   {"partial_and_non_coherent", PRECODING_PARTIAL_AND_NON_COHERENT},
                   {"fully_and_partial_and_non_coherent", PRECODING_FULLY_PARTIAL_AND_NON_COHERENT}};
    size_t s = 0;
    while (s < 3 && !vec_str_is(v, "codebook_subset", subsets[s].name))
        s++;
    if (s == 3)
        vec_die(v, "no such codebook subset");

    unsigned n_rx = (unsigned)vec_int(v, "nof_rx_ports"), n_tx = (unsigned)vec_int(v, "nof_tx_ports");
    json_t *matrix = vec_json(v, "channel_matrix_rx_by_tx_re_im");
    cf_t *h = vec_alloc(v, (size_t)n_rx * n_tx * sizeof *h);
    for (unsigned i = 0; i < n_rx * n_tx; i++) {
        json_t *x = json_array_get(json_array_get(matrix, i / n_tx), i % n_tx);
        h[i] = (cf_t){(float)json_number_value(json_array_get(x, 0)),
                      (float)json_number_value(json_array_get(x, 1))};
    }
    precoding_choice_t got[PHY_MAX_LAYERS] = {{0}};
    unsigned n = precoding_pusch_select(h, n_rx, n_tx, (float)vec_num(v, "noise_variance_linear"),
                                        subsets[s].subset, got);
    json_t *want = vec_expected(v, "");
    if (n != json_array_size(want))
        vec_fail(v, "choices", "got %u, want %zu", n, json_array_size(want));
    for (unsigned i = 0; i < n && i < json_array_size(want); i++) {
        json_t *w = json_array_get(want, i);
        json_int_t layers = json_integer_value(json_object_get(w, "nof_layers")),
                   tpmi = json_integer_value(json_object_get(w, "tpmi"));
        double sinr = json_number_value(json_object_get(w, "avg_sinr_db"));
        if (got[i].n_layers != layers || got[i].tpmi != tpmi ||
            !(fabs((double)got[i].sinr_db - sinr) <= SINR_TOL_DB))
            vec_fail(v, "choice", "got TPMI %u of %u layers, %.3f dB, want %lld of %lld, %.3f dB",
                     got[i].tpmi, got[i].n_layers, (double)got[i].sinr_db, (long long)tpmi, (long long)layers,
                     sinr);
    }
}
