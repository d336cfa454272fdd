/* SPDX-License-Identifier: Apache-2.0 */
/* One message of each type with the IEs that this project uses, made by the library's own builders; the
 * goldens (samples.txt) are what they were when tshark 4.4 read them as the struct says. */
#ifndef VITRAN_TESTS_NAS_SAMPLES_H
#define VITRAN_TESTS_NAS_SAMPLES_H

#include "lib/nas/nas.h"

typedef struct {
    char name[64];
    size_t n;
    uint8_t pdu[512]; /* a 5GMM message; 5GSM ones are in a NAS TRANSPORT */
} nas_sample_t;

#define NAS_SAMPLES_MAX 64
/* Fills ret; returns how many, or -errno of the first that could not be built. */
int nas_samples(nas_sample_t ret[NAS_SAMPLES_MAX]);

#endif
