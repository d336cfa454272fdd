/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/models/codebook.h"

#include <math.h>

#define MAX_BEAM 4 /* N_1 N_2 */

typedef struct {
    unsigned n1, n2, o1, o2;
} shape_t;

/* v_l,m */
static void beam(const shape_t *s, unsigned l, unsigned m, cplx_t v[MAX_BEAM])
{
    for (unsigned a = 0; a < s->n1; a++)
        for (unsigned b = 0; b < s->n2; b++)
            v[a * s->n2 + b] =
                cexp(2 * M_PI * I * ((double)l * a / (s->o1 * s->n1) + (double)m * b / (s->o2 * s->n2)));
}

/* k_1, k_2 of tables 5.2.2.2.1-3 (2 layers) and -4 (3 and 4), of these shapes. */
static bool distance(const shape_t *s, unsigned n_layers, unsigned i1_3, unsigned *k1, unsigned *k2)
{
    unsigned step = n_layers == 2 ? i1_3 : i1_3 + 1, last = s->n2 == 2 ? 3 : s->n1 - 1;
    if (step > last)
        return false;
    if (s->n2 == 1) {
        *k1 = step * s->o1;
        *k2 = 0;
    } else { /* N_1 = N_2 = 2: (0, 0), (O_1, 0), (0, O_2), (O_1, O_2) */
        *k1 = step & 1 ? s->o1 : 0;
        *k2 = step & 2 ? s->o2 : 0;
    }
    return true;
}

static bool two_ports(unsigned n_layers, unsigned i2, cplx_t *w)
{
    static const cplx_t phases[] = {1, I, -1, -I};
    if (n_layers == 1 && i2 < 4) {
        w[0] = M_SQRT1_2;
        w[1] = M_SQRT1_2 * phases[i2];
        return true;
    }
    if (n_layers == 2 && i2 < 2) {
        w[0] = w[1] = 0.5;
        w[2] = 0.5 * phases[i2];
        w[3] = -0.5 * phases[i2];
        return true;
    }
    return false;
}

bool model_type1(unsigned n1, unsigned n2, unsigned mode, unsigned n_layers, unsigned i1_1, unsigned i1_2,
                 unsigned i1_3, unsigned i2, cplx_t *ret_w)
{
    shape_t s = {n1, n2, 4, n2 > 1 ? 4 : 1};
    unsigned half = n1 * n2, ports = 2 * half, phases = n_layers == 1 ? 4 : 2;
    if (n1 == 1)
        return !i1_1 && !i1_2 && !i1_3 && two_ports(n_layers, i2, ret_w);
    bool pairs = mode == 2 && n_layers <= 2; /* i2 chooses the beam as well */
    unsigned l = i1_1, m = i1_2, k1 = 0, k2 = 0, n = i2;
    if (i1_1 >= n1 * s.o1 / (pairs ? 2 : 1) || i2 >= phases * (pairs ? 4 : 1) ||
        i1_2 >= (n2 == 1 ? 1 : n2 * s.o2 / (pairs ? 2 : 1)))
        return false;
    if (n_layers == 1 ? i1_3 > 0 : !distance(&s, n_layers, i1_3, &k1, &k2))
        return false;
    if (pairs) {
        unsigned which = i2 / phases;
        n = i2 % phases;
        l = 2 * i1_1 + (n2 == 1 ? which : which % 2);
        m = n2 == 1 ? 0 : 2 * i1_2 + which / 2;
    }
    cplx_t v[MAX_BEAM], far[MAX_BEAM], phi = cexp(I * M_PI / 2 * n);
    beam(&s, l, m, v);
    beam(&s, l + k1, m + k2, far);
    /* Each layer: which beam, and the sign of its second polarisation. */
    static const struct {
        bool far[4];
        int sign[4];
    } layers[5] = {{{0}, {0}},
                   {{false}, {1}},
                   {{false, true}, {1, -1}},
                   {{false, true, false}, {1, 1, -1}},
                   {{false, true, false, true}, {1, 1, -1, -1}}};
    double scale = 1 / sqrt((double)n_layers * ports);
    for (unsigned y = 0; y < n_layers; y++)
        for (unsigned p = 0; p < half; p++) {
            cplx_t x = scale * (layers[n_layers].far[y] ? far[p] : v[p]);
            ret_w[p * n_layers + y] = x;
            ret_w[(half + p) * n_layers + y] = layers[n_layers].sign[y] * phi * x;
        }
    return true;
}
