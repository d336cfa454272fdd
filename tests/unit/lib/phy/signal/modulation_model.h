/* SPDX-License-Identifier: Apache-2.0 */
/* The formulas of TS 38.211 5.1.1 and 5.1.3 to 5.1.7, as they stand there. */
#ifndef VITRAN_TESTS_MODULATION_MODEL_H
#define VITRAN_TESTS_MODULATION_MODEL_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

/* Symbol d(i) of bits b[qm]. */
static inline void model_symbol(unsigned qm, const uint8_t *b, size_t i, double *re, double *im)
{
#define S(k) (1.0 - 2.0 * b[k])
    switch (qm) {
    case 1:
        /* exp(j pi/2 (i mod 2)) / sqrt(2) * ((1 - 2b) + j(1 - 2b)) */
        *re = (i % 2 ? -S(0) : S(0)) / sqrt(2);
        *im = S(0) / sqrt(2);
        break;
    case 2:
        *re = S(0) / sqrt(2);
        *im = S(1) / sqrt(2);
        break;
    case 4:
        *re = S(0) * (2 - S(2)) / sqrt(10);
        *im = S(1) * (2 - S(3)) / sqrt(10);
        break;
    case 6:
        *re = S(0) * (4 - S(2) * (2 - S(4))) / sqrt(42);
        *im = S(1) * (4 - S(3) * (2 - S(5))) / sqrt(42);
        break;
    case 8:
        *re = S(0) * (8 - S(2) * (4 - S(4) * (2 - S(6)))) / sqrt(170);
        *im = S(1) * (8 - S(3) * (4 - S(5) * (2 - S(7)))) / sqrt(170);
        break;
    case 10:
        *re = S(0) * (16 - S(2) * (8 - S(4) * (4 - S(6) * (2 - S(8))))) / sqrt(682);
        *im = S(1) * (16 - S(3) * (8 - S(5) * (4 - S(7) * (2 - S(9))))) / sqrt(682);
        break;
    default:
        abort();
    }
#undef S
}

#endif
