/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/ldpc/crc_inner.h"
#include "lib/phy/ldpc/bits.h"

#include <errno.h>
#include <stdlib.h>

/* 38.212 5.1, without the leading term. */
static const struct {
    uint32_t length, polynomial;
} crcs[CRC_N_KINDS] = {
    [CRC24A] = {24, 0x864cfb}, [CRC24B] = {24, 0x800063}, [CRC24C] = {24, 0xb2b117},
    [CRC16] = {16, 0x1021},    [CRC11] = {11, 0x621},     [CRC6] = {6, 0x21},
};

const uint32_t CRC24C_ONES = 0x32e241;

static uint32_t polynomial32(unsigned kind)
{
    return crcs[kind].polynomial << (32 - crcs[kind].length);
}

/* r * x modulo the polynomial */
static uint32_t times_x(uint32_t r, uint32_t polynomial)
{
    return r << 1 ^ (r >> 31 ? polynomial : 0);
}

static uint32_t power_of_x(unsigned n, uint32_t polynomial)
{
    uint32_t r = 1;
    while (n--)
        r = times_x(r, polynomial);
    return r;
}

static crc_shift_t shift_by(unsigned d, uint32_t polynomial)
{
    return (crc_shift_t){.low = power_of_x(d, polynomial), .high = power_of_x(d + 64, polynomial)};
}

int crc_create(phy_isa_t isa, struct crc_tables **ret)
{
    struct crc_tables *t = calloc(1, sizeof *t);
    if (!t)
        return -ENOMEM;
    for (unsigned k = 0; k < CRC_N_KINDS; k++) {
        uint32_t p = polynomial32(k);
        for (unsigned b = 0; b < 256; b++) {
            uint32_t r = b << 24;
            for (unsigned i = 0; i < 8; i++) {
                for (unsigned n = 0; n < 8; n++)
                    r = times_x(r, p);
                t->byte[k][i][b] = r;
            }
        }
        t->fold[k] = (crc_fold_t){shift_by(128, p), shift_by(512, p), shift_by(2048, p)};
    }
#if defined(__x86_64__)
    t->run = isa == PHY_ISA_AVX512 ? crc_fold_avx512 : isa == PHY_ISA_AVX2 ? crc_fold_avx2 : NULL;
#else
    (void)isa;
#endif
    *ret = t;
    return 0;
}

void crc_destroy(struct crc_tables *tables)
{
    free(tables);
}

unsigned crc_length(crc_kind_t kind)
{
    return crcs[kind].length;
}

static uint32_t bytes(const uint32_t t[8][256], uint32_t r, const uint8_t *p, size_t n)
{
    for (; n >= 8; p += 8, n -= 8) {
        uint64_t v = bits_load64(p) ^ (uint64_t)r << 32;
        r = t[7][v >> 56] ^ t[6][v >> 48 & 255] ^ t[5][v >> 40 & 255] ^ t[4][v >> 32 & 255] ^
            t[3][v >> 24 & 255] ^ t[2][v >> 16 & 255] ^ t[1][v >> 8 & 255] ^ t[0][v & 255];
    }
    for (; n > 0; p++, n--)
        r = r << 8 ^ t[0][r >> 24 ^ *p];
    return r;
}

uint32_t crc_bits_from(const phy_t *phy, crc_kind_t kind, uint32_t state, const uint8_t *bits, size_t n_bits)
{
    const struct crc_tables *t = phy->crc;
    unsigned shift = 32 - crcs[kind].length;
    uint32_t r = state << shift;
    size_t n = n_bits / 8;
    uint8_t folded[16];
    size_t done = t->run ? t->run(&t->fold[kind], r, bits, n, folded) : 0;
    if (done > 0)
        r = bytes(t->byte[kind], 0, folded, sizeof folded);
    r = bytes(t->byte[kind], r, bits + done, n - done);
    if (n_bits % 8) {
        r ^= (uint32_t)(bits[n] & (0xff00 >> n_bits % 8)) << 24;
        for (unsigned i = 0; i < n_bits % 8; i++)
            r = times_x(r, polynomial32(kind));
    }
    return r >> shift;
}

uint32_t crc_bits(const phy_t *phy, crc_kind_t kind, const uint8_t *bits, size_t n_bits)
{
    return crc_bits_from(phy, kind, 0, bits, n_bits);
}
