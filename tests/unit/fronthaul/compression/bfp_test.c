/* SPDX-License-Identifier: Apache-2.0 */
/* Block floating point of the U-plane against a model that follows O-RAN.WG4.CUS annex A.1 in floating point
 * and writes bit by bit. If this breaks, a radio unit of another vendor hears noise. Every buffer is as large
 * as it must be and guarded, so that a kernel that reads or writes too much is seen here without a sanitizer
 * as well. */
#include "fronthaul/compression/bfp.h"
#include "tests/unit/cu.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MAX_PRB = 273, MAX_BYTES = MAX_PRB * 49 };

static uint64_t rng = 0x9e3779b97f4a7c15;

static uint32_t rnd(void)
{
    rng ^= rng << 13;
    rng ^= rng >> 7;
    rng ^= rng << 17;
    return (uint32_t)(rng >> 32);
}

/* n bytes that end where memory ends. */
static uint8_t *at_end_of_memory(uint8_t **ret_begin)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (MAX_PRB * 49 / page + 2) * page;
    uint8_t *p = mmap(NULL, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED || mprotect(p + size, page, PROT_NONE) != 0)
        abort();
    *ret_begin = p;
    return p + size;
}

static uint8_t *in_begin, *in_end, *out_begin, *out_end;

static void put_bits(uint8_t *out, size_t *at, unsigned value, unsigned n)
{
    for (unsigned i = n; i-- > 0; ++*at)
        if (value >> i & 1)
            out[*at / 8] |= (uint8_t)(128 >> *at % 8);
}

static int get_signed(const uint8_t *in, size_t *at, unsigned n)
{
    int v = 0;
    for (unsigned i = 0; i < n; i++, ++*at) {
        int bit = in[*at / 8] >> (7 - *at % 8) & 1;
        v = i == 0 ? -bit : 2 * v + bit;
    }
    return v;
}

static void model_compress(unsigned w, const ci16_t *in, size_t n_prb, uint8_t *out)
{
    size_t at = 0;
    memset(out, 0, n_prb * (1 + 3 * w));
    for (size_t p = 0; p < n_prb; p++, in += 12) {
        int max = -32768, min = 32767;
        for (int i = 0; i < 12; i++) {
            max = in[i].re > max ? in[i].re : max;
            max = in[i].im > max ? in[i].im : max;
            min = in[i].re < min ? in[i].re : min;
            min = in[i].im < min ? in[i].im : min;
        }
        int largest = max > abs(min) - 1 ? max : abs(min) - 1;
        double raw = largest > 0 ? floor(log2(largest) + 1) : 0;
        int exponent = (int)fmax(raw - (int)w + 1, 0);
        put_bits(out, &at, (unsigned)exponent, 8);
        for (int i = 0; i < 24; i++) {
            double x = i % 2 ? in[i / 2].im : in[i / 2].re;
            double m = fmin(floor(ldexp(x, -exponent) + 0.5), ldexp(1, (int)w - 1) - 1);
            put_bits(out, &at, (unsigned)(int)m, w);
        }
    }
}

static void model_expand(unsigned w, const uint8_t *in, size_t n_prb, ci16_t *out)
{
    size_t at = 0;
    for (size_t p = 0; p < n_prb; p++, out += 12) {
        at += 4;
        unsigned exponent = (unsigned)get_signed(in, &at, 4) & 15;
        for (int i = 0; i < 24; i++) {
            double x = ldexp(get_signed(in, &at, w), (int)exponent);
            int16_t v = (int16_t)fmax(fmin(x, 32767), -32768);
            if (i % 2)
                out[i / 2].im = v;
            else
                out[i / 2].re = v;
        }
    }
}

/* Samples of every size, full scale of both signs among them, and PRBs of zeros. */
static void make_samples(ci16_t *x, size_t n_prb, int kind)
{
    static const int16_t extreme[] = {0,    1,     -1,     2,      -2,    255,   256,    -256,
                                      -257, 32767, -32768, -32767, 16383, 16384, -16384, -16385};
    for (size_t p = 0; p < n_prb; p++) {
        unsigned down = kind == 0 ? rnd() % 17 : 0;
        for (int i = 0; i < 24; i++) {
            int v = (int16_t)rnd() >> down;
            if (kind == 1)
                v = extreme[rnd() % 16];
            if (kind == 2) /* one sample alone decides */
                v = i == (int)(p % 24) ? extreme[p / 24 % 16] : 0;
            if (kind == 3)
                v = p % 2 ? 32767 : -32768;
            if (i % 2)
                x[p * 12 + (size_t)i / 2].im = (int16_t)v;
            else
                x[p * 12 + (size_t)i / 2].re = (int16_t)v;
        }
    }
}

static const size_t sizes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 24, 51, 106, 273};
enum { N_SIZES = sizeof sizes / sizeof *sizes };

static void test_compress(void)
{
    static uint8_t want[MAX_BYTES];
    static ci16_t x[MAX_PRB * 12];
    for (unsigned w = 1; w <= 16; w++)
        for (int s = 0; s < N_SIZES * 4; s++) {
            size_t n = sizes[s / 4], bytes = n * bfp_prb_bytes(w);
            make_samples(x, n, s % 4);
            ci16_t *in = (ci16_t *)(void *)(in_end - n * 48);
            memcpy(in, x, n * 48);
            model_compress(w, x, n, want);
            for (int isa = 0; isa <= (int)phy_isa_detect(); isa++) {
                uint8_t *out = out_end - bytes;
                memset(out_begin, 0xa5, (size_t)(out_end - out_begin));
                CU_ASSERT_EQUAL(bfp_compress(bfp_ops((phy_isa_t)isa), w, in, n, out, bytes), (int64_t)bytes);
                bool same = memcmp(out, want, bytes) == 0;
                bool before = out[-1] == 0xa5 && out[-64] == 0xa5;
                CU_ASSERT(same && before);
                if (!same || !before)
                    printf("compress %s width %u PRBs %zu kind %d\n", phy_isa_name((phy_isa_t)isa), w, n,
                           s % 4);
                /* And not at the end of memory: nothing behind the last byte. */
                memset(out_begin, 0xa5, MAX_BYTES);
                bfp_compress(bfp_ops((phy_isa_t)isa), w, in, n, out_begin + 1, bytes);
                CU_ASSERT(memcmp(out_begin + 1, want, bytes) == 0);
                for (size_t i = bytes + 1; i < bytes + 65 && i < MAX_BYTES; i++)
                    CU_ASSERT_EQUAL(out_begin[i], 0xa5);
            }
        }
}

static void test_expand(void)
{
    static ci16_t want[MAX_PRB * 12];
    for (unsigned w = 1; w <= 16; w++)
        for (int s = 0; s < N_SIZES * 3; s++) {
            size_t n = sizes[s / 3], bytes = n * bfp_prb_bytes(w);
            uint8_t *in = in_end - bytes;
            for (size_t i = 0; i < bytes; i++)
                in[i] = s % 3 == 1 ? (rnd() & 1 ? 0xff : 0) : (uint8_t)rnd();
            if (s % 3 == 2) /* exponents that a sender of 16-bit samples would use */
                for (size_t p = 0; p < n; p++)
                    in[p * bfp_prb_bytes(w)] = (uint8_t)(rnd() % (17 - w));
            model_expand(w, in, n, want);
            for (int isa = 0; isa <= (int)phy_isa_detect(); isa++) {
                ci16_t *out = (ci16_t *)(void *)(out_end - n * 48);
                memset(out_begin, 0xa5, (size_t)(out_end - out_begin));
                CU_ASSERT_EQUAL(bfp_expand(bfp_ops((phy_isa_t)isa), w, in, bytes, n, out), (int64_t)bytes);
                bool same = memcmp(out, want, n * 48) == 0 && ((uint8_t *)out)[-1] == 0xa5;
                CU_ASSERT(same);
                if (!same)
                    printf("expand %s width %u PRBs %zu kind %d\n", phy_isa_name((phy_isa_t)isa), w, n,
                           s % 3);
                memset(out_begin, 0xa5, MAX_BYTES + 64);
                bfp_expand(bfp_ops((phy_isa_t)isa), w, in, bytes, n, (ci16_t *)(void *)out_begin);
                for (size_t i = n * 48; i < n * 48 + 64; i++)
                    CU_ASSERT_EQUAL(out_begin[i], 0xa5);
            }
        }
}

/* By hand. In 9 bits 0 1 -1 255 -256 0 fit as they are:
 *   000000000 000000001 111111111 011111111 100000000 000000000
 * with 256 for the last one the exponent is 1, halves go up:
 *   000000000 000000001 000000000 010000000 110000000 010000000 */
static void test_by_hand(void)
{
    for (int isa = 0; isa <= (int)phy_isa_detect(); isa++) {
        const bfp_ops_t *ops = bfp_ops((phy_isa_t)isa);
        ci16_t x[12] = {{0, 1}, {-1, 255}, {-256, 0}}, back[12];
        uint8_t got[28];
        const uint8_t fits[28] = {0, 0x00, 0x00, 0x7f, 0xef, 0xf8, 0x00};
        CU_ASSERT_EQUAL(bfp_compress(ops, 9, x, 1, got, sizeof got), 28);
        CU_ASSERT_BYTES(got, 28, fits, 28);
        x[2].im = 256;
        const uint8_t halved[28] = {1, 0x00, 0x00, 0x40, 0x08, 0x0c, 0x02, 0x00};
        CU_ASSERT_EQUAL(bfp_compress(ops, 9, x, 1, got, sizeof got), 28);
        CU_ASSERT_BYTES(got, 28, halved, 28);
        /* Full scale: 32767 rounds to 256, which 9 bits do not hold: 255. */
        for (int i = 0; i < 12; i++)
            x[i] = (ci16_t){32767, -32768};
        CU_ASSERT_EQUAL(bfp_compress(ops, 9, x, 1, got, sizeof got), 28);
        CU_ASSERT_EQUAL(got[0], 7);
        CU_ASSERT_EQUAL(bfp_expand(ops, 9, got, sizeof got, 1, back), 28);
        for (int i = 0; i < 12; i++)
            CU_ASSERT(back[i].re == 255 << 7 && back[i].im == -32768);
        /* A peer's exponent of 15 clips; its reserved bits say nothing. */
        memset(got, 0, sizeof got);
        got[0] = 0xff;
        got[1] = 0x7f; /* 255 (with the next bit), 0x100.. = -256 follows */
        got[2] = 0xc0;
        CU_ASSERT_EQUAL(bfp_expand(ops, 9, got, sizeof got, 1, back), 28);
        CU_ASSERT(back[0].re == 32767 && back[0].im == -32768 && back[1].re == 0);
    }
}

/* What the exponent costs: error within half a step of the PRB's own exponent (a whole one where the largest
 * mantissa clips), and the SNR of Gaussian samples at -18 dBFS, the level of a loaded carrier. */
static void test_quality(void)
{
    static ci16_t x[MAX_PRB * 12], back[MAX_PRB * 12];
    static uint8_t wire[MAX_BYTES];
    double snr_before = 0;
    for (unsigned w = 6; w <= 14; w++) {
        double signal = 0, error = 0, mean = 0;
        for (int i = 0; i < MAX_PRB * 12; i++) {
            double u = (rnd() + 1.0) / 4294967297.0, a = 4096 / sqrt(2) * sqrt(-2 * log(u)),
                   b = rnd() * 1.46291808e-9;
            x[i] = (ci16_t){(int16_t)(a * cos(b)), (int16_t)(a * sin(b))};
        }
        const bfp_ops_t *ops = bfp_ops(phy_isa_detect());
        bfp_compress(ops, w, x, MAX_PRB, wire, sizeof wire);
        bfp_expand(ops, w, wire, sizeof wire, MAX_PRB, back);
        for (int i = 0; i < MAX_PRB * 12; i++) {
            unsigned exponent = wire[(size_t)(i / 12) * bfp_prb_bytes(w)];
            double step = ldexp(1, (int)exponent), top = ldexp((1 << (w - 1)) - 1, (int)exponent);
            double d[2] = {back[i].re - x[i].re, back[i].im - x[i].im}, v[2] = {back[i].re, back[i].im};
            for (int k = 0; k < 2; k++) {
                CU_ASSERT(fabs(d[k]) <= (v[k] == top ? step : step / 2));
                error += d[k] * d[k];
                mean += d[k];
            }
            signal += (double)x[i].re * x[i].re + (double)x[i].im * x[i].im;
        }
        double snr = 10 * log10(signal / error);
        printf("width %u: SNR %.1f dB, mean error %.2f\n", w, snr, mean / (MAX_PRB * 24));
        if (w <= 11)
            CU_ASSERT(w == 6 || fabs(snr - snr_before - 6.02) < 0.5);
        /* 6.02 dB a bit below the peak of the PRB: 9 bits carry 256QAM's EVM of 3.5 % with 13 dB to spare */
        if (w == 9)
            CU_ASSERT(snr > 43);
        /* halves go up: half a unit of the 16 bits, whatever the step. Shifting alone would be half a step.
         */
        CU_ASSERT(w == 14 || fabs(mean / (MAX_PRB * 24) - 0.5) < 4 * sqrt(error) / (MAX_PRB * 24));
        snr_before = snr;
    }
}

/* What has been through once goes through again unharmed: a relay changes nothing. */
static void test_again(void)
{
    static ci16_t x[MAX_PRB * 12], once[MAX_PRB * 12], twice[MAX_PRB * 12];
    static uint8_t wire[MAX_BYTES];
    for (unsigned w = 1; w <= 16; w++) {
        const bfp_ops_t *ops = bfp_ops(phy_isa_detect());
        make_samples(x, MAX_PRB, 0);
        bfp_compress(ops, w, x, MAX_PRB, wire, sizeof wire);
        bfp_expand(ops, w, wire, sizeof wire, MAX_PRB, once);
        bfp_compress(ops, w, once, MAX_PRB, wire, sizeof wire);
        bfp_expand(ops, w, wire, sizeof wire, MAX_PRB, twice);
        CU_ASSERT(memcmp(once, twice, sizeof once) == 0);
        if (w == 16)
            CU_ASSERT(memcmp(x, once, sizeof x) == 0);
    }
}

static void test_lengths(void)
{
    ci16_t x[24] = {{1, 2}};
    uint8_t wire[98];
    memset(wire, 0xa5, sizeof wire);
    for (int isa = 0; isa <= (int)phy_isa_detect(); isa++) {
        const bfp_ops_t *ops = bfp_ops((phy_isa_t)isa);
        for (unsigned w = 0; w <= 40; w++) {
            if (w < 1 || w > 16) {
                CU_ASSERT_EQUAL(bfp_compress(ops, w, x, 1, wire, sizeof wire), -EINVAL);
                CU_ASSERT_EQUAL(bfp_expand(ops, w, wire, sizeof wire, 1, x), -EINVAL);
                continue;
            }
            size_t need = 2 * bfp_prb_bytes(w);
            CU_ASSERT_EQUAL(bfp_compress(ops, w, x, 2, wire, need - 1), -EMSGSIZE);
            CU_ASSERT_EQUAL(bfp_expand(ops, w, wire, need - 1, 2, x), -EMSGSIZE);
            CU_ASSERT_EQUAL(bfp_expand(ops, w, wire, 0, 1, x), -EMSGSIZE);
            CU_ASSERT_EQUAL(bfp_expand(ops, w, wire, sizeof wire, SIZE_MAX, x), -EMSGSIZE);
            CU_ASSERT_EQUAL(bfp_expand(ops, w, wire, sizeof wire, SIZE_MAX / bfp_prb_bytes(w) + 2, x),
                            -EMSGSIZE);
            CU_ASSERT_EQUAL(bfp_expand(ops, w, wire, 0, 0, x), 0);
            CU_ASSERT_EQUAL(bfp_compress(ops, w, x, 0, wire, 0), 0);
        }
    }
    CU_ASSERT(wire[0] == 0xa5 && wire[97] == 0xa5 && x[0].re == 1 && x[0].im == 2);
}

static void test_setup(void)
{
    in_end = at_end_of_memory(&in_begin);
    out_end = at_end_of_memory(&out_begin);
    CU_ASSERT(in_end > in_begin + MAX_BYTES && out_end > out_begin + MAX_BYTES + 64);
}

CU_MAIN("bfp", {"guarded memory", test_setup}, {"compress as the model, every width", test_compress},
        {"expand as the model, every width", test_expand}, {"by hand", test_by_hand},
        {"quality", test_quality}, {"a second time", test_again},
        {"lengths and widths that do not fit", test_lengths})
