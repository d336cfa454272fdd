/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/models/prach_rx.h"

#include <math.h>

#define MAX_L_RA 839
#define MAX_RX 8

model_prach_found_t model_prach_receive(const cplx_t *received, unsigned n_rx, unsigned n_reps, unsigned l_ra,
                                        const cplx_t *reference, unsigned n_preambles, double last,
                                        double step)
{
    model_prach_found_t best = {.share = -1};
    cplx_t sum[MAX_RX][MAX_L_RA];
    double energy = 0;
    for (unsigned a = 0; a < n_rx; a++)
        for (unsigned k = 0; k < l_ra; k++) {
            sum[a][k] = 0;
            for (unsigned r = 0; r < n_reps; r++) {
                cplx_t y = received[(a * n_reps + r) * l_ra + k];
                sum[a][k] += y;
                energy += creal(y * conj(y));
            }
        }
    for (double delay = 0; delay <= last; delay += step) {
        cplx_t turn[MAX_L_RA];
        for (unsigned k = 0; k < l_ra; k++)
            turn[k] = cexp(2 * I * M_PI * k * delay / l_ra);
        for (unsigned p = 0; p < n_preambles; p++) {
            const cplx_t *y = reference + (size_t)p * l_ra;
            double power = 0, own = 0;
            for (unsigned a = 0; a < n_rx; a++) {
                double re = 0, im = 0;
                for (unsigned k = 0; k < l_ra; k++) {
                    cplx_t s = conj(y[k]) * turn[k];
                    re += creal(sum[a][k]) * creal(s) - cimag(sum[a][k]) * cimag(s);
                    im += creal(sum[a][k]) * cimag(s) + cimag(sum[a][k]) * creal(s);
                }
                power += re * re + im * im;
            }
            for (unsigned k = 0; k < l_ra; k++)
                own += creal(y[k] * conj(y[k])) * n_reps;
            if (power / own / energy > best.share)
                best = (model_prach_found_t){p, delay, power / own / energy};
        }
    }
    return best;
}
