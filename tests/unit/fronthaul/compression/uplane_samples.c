/* SPDX-License-Identifier: Apache-2.0 */
/* For the referee: U-plane messages (eCPRI type 0, one section with udCompHdr) around compressed PRBs of
 * every width, and what expanding them gives. A line each: the message in hex, the method, the width, then I
 * and Q of all samples as this project expands them. */
#include "fronthaul/compression/bfp.h"

#include <stdio.h>
#include <string.h>

enum { N_PRB = 5 };

int main(void)
{
    uint32_t seed = 1;
    for (unsigned w = 1; w <= 16; w++) {
        ci16_t x[N_PRB * 12], back[N_PRB * 12];
        for (int i = 0; i < N_PRB * 24; i++) {
            seed = seed * 1664525 + 1013904223;
            int16_t v = (int16_t)((int16_t)(seed >> 16) >> (3 * (i / 24)));
            memcpy((int16_t *)x + i, &v, 2);
        }
        size_t bytes = N_PRB * bfp_prb_bytes(w), payload = 4 + 10 + bytes;
        uint8_t m[8 + 10 + N_PRB * 49] = {
            0x10,
            0,
            (uint8_t)(payload >> 8),
            (uint8_t)payload, /* eCPRI 1, type 0 IQ data, size from ecpriPcid on */
            0,
            0,
            0,
            0x80, /* ecpriPcid, ecpriSeqid: E bit */
            0x90,
            1,
            0,
            0, /* downlink, version 1, filter 0; frame; subframe, slot, symbol */
            0,
            0,
            0,
            N_PRB, /* sectionId 0, rb 0, symInc 0, startPrbu 0, numPrbu */
            (uint8_t)((w & 15) << 4 | 1),
            0, /* udCompHdr: udIqWidth (0: 16), udCompMeth 1; reserved */
        };
        if (bfp_compress(bfp_ops(phy_isa_detect()), w, x, N_PRB, m + 18, bytes) != (int64_t)bytes ||
            bfp_expand(bfp_ops(phy_isa_detect()), w, m + 18, bytes, N_PRB, back) != (int64_t)bytes)
            return 1;
        for (size_t i = 0; i < 18 + bytes; i++)
            printf("%02x", m[i]);
        printf(" bfp %u", w);
        for (int i = 0; i < N_PRB * 12; i++)
            printf(" %d %d", back[i].re, back[i].im);
        printf("\n");
    }
    return 0;
}
