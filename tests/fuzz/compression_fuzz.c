/* SPDX-License-Identifier: Apache-2.0 */
/* A peer's section under any method and width: refused and nothing written, or expanded alike with every
 * variant's kernels; what is compressed from it has the size that was said.
 *
 * Input: byte 0 the method, byte 1 the width, byte 2 csf, bytes 3..6 the scaler, byte 7 the PRBs, then the
 * section. */
#include "fronthaul/compression/compression.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 8)
        return 0;
    compression_cfg_t cfg = {(compression_method_t)(data[0] % 6), data[1] % 18, data[2] & 1, 0};
    memcpy(&cfg.scaler, data + 3, 4);
    size_t n = data[7], bytes = size - 8;
    bool valid = compression_check(&cfg, NULL) == 0;
    size_t need = valid ? n * compression_prb_bytes(&cfg) : 0;
    if (valid && need <= bytes)
        bytes = need;
    uint8_t *section = malloc(bytes + 1), *wire = malloc(need + 1);
    ci16_t *want = malloc(n * 48 + 4), *got = malloc(n * 48 + 4);
    check(section && wire && want && got);
    memcpy(section, data + 8, bytes);
    int64_t first = 0;
    for (int isa = 0; isa <= (int)phy_isa_detect(); isa++) {
        const bfp_ops_t *ops = bfp_ops((phy_isa_t)isa);
        memset(got, 0xa5, n * 48);
        int64_t r = compression_expand(&cfg, ops, section, bytes, n, got);
        if (isa == 0) {
            first = r;
            memcpy(want, got, n * 48);
        }
        check(r == first && memcmp(got, want, n * 48) == 0);
        if (!valid || need > bytes) {
            check(r == (valid ? -EMSGSIZE : -EINVAL));
            for (size_t i = 0; i < n * 48; i++)
                check(((uint8_t *)got)[i] == 0xa5);
        } else {
            check(r == (int64_t)need || (r == -EBADMSG && cfg.method == COMPRESSION_MU_LAW));
            check(compression_compress(&cfg, ops, got, n, wire, need) == (int64_t)need);
        }
    }
    free(section);
    free(wire);
    free(want);
    free(got);
    return 0;
}
