/* SPDX-License-Identifier: Apache-2.0 */
/* For the referee: U-plane messages (eCPRI type 0, one section with udCompHdr) around PRBs compressed by
 * every method that has a udCompParam, or none, at every width. A line each: the message in hex, the method,
 * the width, the udCompParam bytes, and after a colon I and Q of all samples as this project expands them. */
#include "fronthaul/compression/compression.h"

#include <stdio.h>
#include <string.h>

enum { N_PRB = 5 };

static int message(const compression_cfg_t *cfg, const char *name)
{
    uint32_t seed = 1;
    ci16_t x[N_PRB * 12], back[N_PRB * 12];
    for (int i = 0; i < N_PRB * 24; i++) {
        seed = seed * 1664525 + 1013904223;
        int16_t v = (int16_t)((int16_t)(seed >> 16) >> (3 * (i / 24)));
        memcpy((int16_t *)x + i, &v, 2);
    }
    size_t prb = compression_prb_bytes(cfg), bytes = N_PRB * prb;
    size_t payload = 14 + bytes;
    uint8_t m[18 + N_PRB * 49] = {
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
        (uint8_t)((cfg->iq_width & 15) << 4 | (unsigned)cfg->method),
        0, /* udIqWidth (0: 16), udCompMeth */
    };
    const bfp_ops_t *ops = bfp_ops(phy_isa_detect());
    if (compression_compress(cfg, ops, x, N_PRB, m + 18, bytes) != (int64_t)bytes ||
        compression_expand(cfg, ops, m + 18, bytes, N_PRB, back) != (int64_t)bytes)
        return 1;
    for (size_t i = 0; i < 18 + bytes; i++)
        printf("%02x", m[i]);
    printf(" %s %u", name, cfg->iq_width);
    for (size_t p = 0; p < N_PRB && cfg->method != COMPRESSION_NONE; p++)
        printf(" %u", m[18 + p * prb]);
    printf(" :");
    for (int i = 0; i < N_PRB * 12; i++)
        printf(" %d %d", back[i].re, back[i].im);
    printf("\n");
    return 0;
}

int main(void)
{
    int bad = message(&(compression_cfg_t){.method = COMPRESSION_NONE, .iq_width = 16}, "none");
    for (uint8_t w = 1; w <= 16; w++)
        bad += message(&(compression_cfg_t){.method = COMPRESSION_BFP, .iq_width = w}, "bfp");
    for (uint8_t w = 8; w <= 14; w++) {
        bad += message(&(compression_cfg_t){.method = COMPRESSION_BLOCK_SCALING, .iq_width = w}, "scaling");
        bad += message(&(compression_cfg_t){.method = COMPRESSION_MU_LAW, .iq_width = w}, "mu-law");
    }
    return bad > 0;
}
