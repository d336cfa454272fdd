/* SPDX-License-Identifier: Apache-2.0 */
#include "fronthaul/compression/compression.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { CHUNK = 16, SAMPLES = 24 }; /* PRBs at a time: scratch that stays in L1 */

int compression_check(const compression_cfg_t *cfg, phy_refusal_t *why)
{
    static const struct {
        uint8_t min, max;
        const char *expected;
    } widths[] = {
        [COMPRESSION_NONE] = {16, 16, "16"},
        [COMPRESSION_BFP] = {1, 16, "1..16"},
        [COMPRESSION_BLOCK_SCALING] = {1, 16, "1..16"},
        [COMPRESSION_MU_LAW] = {4, 15, "4..15"},
        [COMPRESSION_MODULATION] = {1, 8, "1..8"},
    };
    if ((unsigned)cfg->method > COMPRESSION_MODULATION)
        return phy_refuse(why, "method", (int64_t)cfg->method, "0..4");
    if (cfg->iq_width < widths[cfg->method].min || cfg->iq_width > widths[cfg->method].max)
        return phy_refuse(why, "iq_width", cfg->iq_width, widths[cfg->method].expected);
    if (cfg->method == COMPRESSION_MODULATION && !(cfg->scaler > 0 && cfg->scaler < 65536))
        return phy_refuse(why, "scaler", 0, "above 0, below 65536");
    return 0;
}

static bool has_param(const compression_cfg_t *cfg)
{
    return cfg->method != COMPRESSION_NONE && cfg->method != COMPRESSION_MODULATION;
}

size_t compression_prb_bytes(const compression_cfg_t *cfg)
{
    return 3 * (size_t)cfg->iq_width + has_param(cfg);
}

static int16_t clip16(double v)
{
    return (int16_t)(v > 32767 ? 32767 : v < -32768 ? -32768 : v);
}

/* A.2: sblockScaler = ceil(maxValue / 2^8), q = round(x 2^7 / sblockScaler / 2^(16 - w)), clipped. */
static uint8_t scale_block(unsigned w, const int16_t *x, int16_t *q)
{
    int max = 0; /* |x|, |x| - 1 of a negative one */
    for (int i = 0; i < SAMPLES; i++) {
        int a = x[i] ^ (x[i] >> 15);
        max = a > max ? a : max;
    }
    int scaler = (max + 255) / 256;
    scaler = scaler == 0 ? 1 : scaler;
    const double up = ldexp(1, (int)w - 9), top = ldexp(1, (int)w - 1);
    for (int i = 0; i < SAMPLES; i++) {
        double v = floor(x[i] * up / scaler + 0.5);
        q[i] = (int16_t)(v > top - 1 ? top - 1 : v < -top ? -top : v);
    }
    return (uint8_t)scaler;
}

static void unscale_block(unsigned w, unsigned scaler, int16_t *x)
{
    const double down = scaler * ldexp(1, 9 - (int)w);
    for (int i = 0; i < SAMPLES; i++)
        x[i] = clip16(floor(x[i] * down + 0.5));
}

/* A.3: |x| shifted up by compShift (as far as the PRB's largest allows, 7 at most), then three straight
 * pieces: the first quarter of full scale in half of the codes, the second in a quarter, the rest in a
 * quarter. */
static uint8_t compress_mu_law(unsigned w, const int16_t *x, int16_t *q)
{
    int max = 0;
    for (int i = 0; i < SAMPLES; i++) {
        int a = x[i] < 0 ? -x[i] : x[i];
        max = a > max ? a : max;
    }
    unsigned shift = 7;
    while (shift > 0 && max >= 1 << (15 - shift))
        shift--;
    for (int i = 0; i < SAMPLES; i++) {
        int a = (x[i] < 0 ? -x[i] : x[i]) << shift;
        a = a > 32767 ? 32767 : a;
        int c = a <= 1 << 13   ? a >> (15 - w)
                : a <= 1 << 14 ? (a >> (16 - w)) + (1 << (w - 3))
                               : (a >> (17 - w)) + (1 << (w - 2));
        q[i] = (int16_t)(x[i] < 0 ? -c : c);
    }
    return (uint8_t)(w << 4 | shift);
}

static void expand_mu_law(unsigned w, unsigned shift, int16_t *x)
{
    const int top = (1 << (w - 1)) - 1, half = (1 << shift) >> 1;
    for (int i = 0; i < SAMPLES; i++) {
        int c = x[i] < 0 ? -x[i] : x[i];
        c = c > top ? top : c;
        int a = c <= 1 << (w - 2)                      ? c << (15 - w)
                : c <= (1 << (w - 2)) + (1 << (w - 3)) ? (c << (16 - w)) - (1 << 13)
                                                       : (c << (17 - w)) - (1 << 15);
        a = (a + half) >> shift;
        x[i] = (int16_t)(x[i] < 0 ? -a : a);
    }
}

/* A.5: x = scaler (v / 2^(w-1) + csf / 2^w). */
static void to_points(const compression_cfg_t *cfg, const int16_t *x, int16_t *q)
{
    const double levels = ldexp(1, cfg->iq_width - 1), up = levels / (double)cfg->scaler;
    const double shift = cfg->csf ? 0 : 0.5;
    for (int i = 0; i < SAMPLES; i++) {
        double v = floor(x[i] * up + shift);
        q[i] = (int16_t)(v > levels - 1 ? levels - 1 : v < -levels ? -levels : v);
    }
}

static void from_points(const compression_cfg_t *cfg, int16_t *x)
{
    const double step = ldexp((double)cfg->scaler, 1 - cfg->iq_width), shift = cfg->csf ? 0.5 : 0;
    for (int i = 0; i < SAMPLES; i++)
        x[i] = clip16(round((x[i] + shift) * step)); /* away from zero: the constellation stays symmetric */
}

static void swap_bytes(const void *in, void *out, size_t n)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    for (size_t i = 0; i < n; i++) {
        uint16_t v;
        memcpy(&v, (const uint8_t *)in + 2 * i, 2);
        v = (uint16_t)(v << 8 | v >> 8);
        memcpy((uint8_t *)out + 2 * i, &v, 2);
    }
#else
    memcpy(out, in, 2 * n);
#endif
}

static int check(const compression_cfg_t *cfg, size_t n_prb, size_t bytes)
{
    int r = compression_check(cfg, NULL);
    return r < 0 ? r : n_prb > bytes / compression_prb_bytes(cfg) ? -EMSGSIZE : 0;
}

int64_t compression_compress(const compression_cfg_t *cfg, const bfp_ops_t *ops, const ci16_t *in,
                             size_t n_prb, uint8_t *out, size_t out_bytes)
{
    int r = check(cfg, n_prb, out_bytes);
    if (r < 0)
        return r;
    const unsigned w = cfg->iq_width;
    const size_t bytes = compression_prb_bytes(cfg), packed = bfp_prb_bytes(w);
    if (cfg->method == COMPRESSION_BFP)
        ops->compress(w, in, n_prb, out);
    else if (cfg->method == COMPRESSION_NONE)
        swap_bytes(in, out, n_prb * SAMPLES);
    else
        for (size_t done = 0, n; done < n_prb; done += n) {
            int16_t q[CHUNK * SAMPLES];
            ci16_t points[CHUNK * BFP_PRB_RE];
            uint8_t param[CHUNK], wire[CHUNK * 49];
            n = n_prb - done < CHUNK ? n_prb - done : CHUNK;
            memcpy(q, in + done * BFP_PRB_RE, n * SAMPLES * 2);
            for (size_t p = 0; p < n; p++) {
                if (cfg->method == COMPRESSION_BLOCK_SCALING)
                    param[p] = scale_block(w, q + p * SAMPLES, q + p * SAMPLES);
                else if (cfg->method == COMPRESSION_MU_LAW)
                    param[p] = compress_mu_law(w, q + p * SAMPLES, q + p * SAMPLES);
                else
                    to_points(cfg, q + p * SAMPLES, q + p * SAMPLES);
            }
            memcpy(points, q, n * SAMPLES * 2);
            ops->compress(w, points, n, wire); /* all fit: exponent 0 */
            for (size_t p = 0; p < n; p++) {
                uint8_t *to = out + (done + p) * bytes;
                if (has_param(cfg))
                    *to++ = param[p];
                memcpy(to, wire + p * packed + 1, packed - 1);
            }
        }
    return (int64_t)(n_prb * bytes);
}

int64_t compression_expand(const compression_cfg_t *cfg, const bfp_ops_t *ops, const uint8_t *in,
                           size_t in_bytes, size_t n_prb, ci16_t *out)
{
    int r = check(cfg, n_prb, in_bytes);
    if (r < 0)
        return r;
    const unsigned w = cfg->iq_width;
    const size_t bytes = compression_prb_bytes(cfg), packed = bfp_prb_bytes(w);
    if (cfg->method == COMPRESSION_BFP)
        ops->expand(w, in, n_prb, out);
    else if (cfg->method == COMPRESSION_NONE)
        swap_bytes(in, out, n_prb * SAMPLES);
    else
        for (size_t done = 0, n; done < n_prb; done += n) {
            int16_t x[CHUNK * SAMPLES];
            ci16_t points[CHUNK * BFP_PRB_RE];
            uint8_t param[CHUNK] = {0}, wire[CHUNK * 49];
            n = n_prb - done < CHUNK ? n_prb - done : CHUNK;
            for (size_t p = 0; p < n; p++) {
                const uint8_t *from = in + (done + p) * bytes;
                if (has_param(cfg))
                    param[p] = *from++;
                wire[p * packed] = 0; /* exponent 0: mantissas as they are */
                memcpy(wire + p * packed + 1, from, packed - 1);
                if (cfg->method == COMPRESSION_MU_LAW && param[p] >> 4 != w)
                    return -EBADMSG;
            }
            ops->expand(w, wire, n, points);
            memcpy(x, points, n * SAMPLES * 2);
            for (size_t p = 0; p < n; p++) {
                if (cfg->method == COMPRESSION_BLOCK_SCALING)
                    unscale_block(w, param[p], x + p * SAMPLES);
                else if (cfg->method == COMPRESSION_MU_LAW)
                    expand_mu_law(w, param[p] & 15, x + p * SAMPLES);
                else
                    from_points(cfg, x + p * SAMPLES);
            }
            memcpy(out + done * BFP_PRB_RE, x, n * SAMPLES * 2);
        }
    return (int64_t)(n_prb * bytes);
}

uint16_t compression_scaler_encode(float scaler)
{
    double x = (double)scaler / 32768;
    if (!(x > 0))
        return 0;
    unsigned exponent = 0;
    while (exponent < 15 && x < 0.5) {
        x *= 2;
        exponent++;
    }
    double mantissa = floor(x * 2048 + 0.5);
    if (mantissa > 2047 && exponent > 0) {
        mantissa /= 2;
        exponent--;
    }
    return (uint16_t)(exponent << 11 | (unsigned)(mantissa > 2047 ? 2047 : mantissa));
}

float compression_scaler_decode(uint16_t mod_comp_scaler)
{
    return (float)ldexp(mod_comp_scaler & 2047, 15 - 11 - (mod_comp_scaler >> 11 & 15));
}
