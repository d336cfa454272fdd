/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/phy_slot_grid.h"

#include "lib/phy/dl/dl_ops.h"
#include "tests/bench/bench.h"

#include <math.h>

#define N_SC 3276
#define REPEAT 64
#define RUNS 301

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))
#define TARGET_BF16 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")))

static _Alignas(64) float in[2 * N_SC + 32], back[2 * N_SC + 32];
static _Alignas(64) uint16_t stored[2 * N_SC + 32];

/* Two floats an RE; 2 * N_SC is no multiple of 16: the padding takes the rest. */
TARGET static void to_int16(void)
{
    const __m512 unit = _mm512_set1_ps(PHY_UNIT);
    for (unsigned i = 0; i < 2 * N_SC; i += 16)
        _mm256_store_si256((__m256i *)(void *)(stored + i),
                           _mm512_cvtsepi32_epi16(_mm512_cvtps_epi32(_mm512_load_ps(in + i) * unit)));
}

TARGET static void from_int16(void)
{
    const __m512 unit = _mm512_set1_ps(1.0f / PHY_UNIT);
    for (unsigned i = 0; i < 2 * N_SC; i += 16)
        _mm512_store_ps(back + i, _mm512_cvtepi32_ps(_mm512_cvtepi16_epi32(
                                      _mm256_load_si256((const __m256i *)(const void *)(stored + i)))) *
                                      unit);
}

/* Round to nearest even, by integers. */
TARGET static void to_bf16(void)
{
    for (unsigned i = 0; i < 2 * N_SC; i += 16) {
        __m512i x = _mm512_castps_si512(_mm512_load_ps(in + i));
        __m512i odd = _mm512_and_si512(_mm512_srli_epi32(x, 16), _mm512_set1_epi32(1));
        x = _mm512_add_epi32(_mm512_add_epi32(x, _mm512_set1_epi32(0x7fff)), odd);
        _mm256_store_si256((__m256i *)(void *)(stored + i), _mm512_cvtepi32_epi16(_mm512_srli_epi32(x, 16)));
    }
}

TARGET_BF16 static void to_bf16_by_instruction(void)
{
    for (unsigned i = 0; i < 2 * N_SC; i += 16) {
        __m256bh v = _mm512_cvtneps_pbh(_mm512_load_ps(in + i));
        memcpy(stored + i, &v, sizeof v);
    }
}

TARGET static void from_bf16(void)
{
    for (unsigned i = 0; i < 2 * N_SC; i += 16)
        _mm512_store_si512(back + i, _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_load_si256(
                                                           (const __m256i *)(const void *)(stored + i))),
                                                       16));
}

static void figure(const char *name, const char *format, void (*f)(void))
{
    static double sample[RUNS];
    char params[80];
    for (int i = -10; i < RUNS; i++) {
        double start = bench_now_ns();
        for (int k = 0; k < REPEAT; k++) {
            f();
            __asm__ volatile("" ::: "memory");
        }
        if (i >= 0)
            sample[i] = (bench_now_ns() - start) / REPEAT;
    }
    snprintf(params, sizeof params, "\"format\":\"%s\",\"isa\":\"avx512\",\"subcarriers\":%d", format, N_SC);
    bench_print(name, params, "ns", sample, RUNS);
}

/* What storing leaves of a Gaussian symbol `level` dB above a unit one. */
static void error(const char *format, int level, void (*to)(void), void (*from)(void))
{
    uint64_t s = 88172645463325252u;
    const double size = pow(10, level / 20.0) / 2;
    double signal = 0, off = 0;
    for (unsigned i = 0; i < 2 * N_SC; i++) {
        double x = 0;
        for (int k = 0; k < 6; k++) {
            s ^= s << 13, s ^= s >> 7, s ^= s << 17;
            x += (double)(s >> 11) / 9007199254740992.0 - 0.5;
        }
        in[i] = (float)(x * 2 * size); /* variance 1/2 of each part: six times 1/12 */
    }
    to();
    from();
    for (unsigned i = 0; i < 2 * N_SC; i++) {
        signal += (double)in[i] * (double)in[i];
        off += (double)(in[i] - back[i]) * (double)(in[i] - back[i]);
    }
    char params[80];
    snprintf(params, sizeof params, "\"format\":\"%s\",\"level_db\":%d", format, level);
    bench_print_value("grid_error", params, "dB", 10 * log10(off / signal));
}

void phy_slot_grid_formats(const phy_t *phy)
{
    if (phy->isa < PHY_ISA_AVX512)
        return;
    for (int level = 0; level >= -60; level -= 20) {
        error("int16", level, to_int16, from_int16);
        error("bf16", level, to_bf16, from_bf16);
    }
    figure("grid_write", "int16", to_int16);
    figure("grid_write", "bf16", to_bf16);
    if (__builtin_cpu_supports("avx512bf16"))
        figure("grid_write", "bf16, by its instruction", to_bf16_by_instruction);
    figure("grid_read", "int16", from_int16);
    figure("grid_read", "bf16", from_bf16);
}
#else
void phy_slot_grid_formats(const phy_t *phy)
{
    (void)phy;
}
#endif
