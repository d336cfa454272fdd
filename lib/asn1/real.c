/* SPDX-License-Identifier: Apache-2.0 */
/* REAL's contents octets, X.690 8.5 and 11.3: written in base 2 with an odd mantissa, read in any form. */
#include "lib/asn1/per.h"

#include <math.h>
#include <stdlib.h>

size_t asn1_real_encode(double value, uint8_t out[ASN1_REAL_MAX])
{
    if (value == 0 && !signbit(value))
        return 0;
    if (value == 0 || isnan(value) || isinf(value)) {
        out[0] = isnan(value) ? 0x42 : value == 0 ? 0x43 : value > 0 ? 0x40 : 0x41;
        return 1;
    }
    int exponent;
    uint64_t mantissa = (uint64_t)ldexp(frexp(fabs(value), &exponent), 53);
    exponent -= 53;
    int zeros = __builtin_ctzll(mantissa);
    mantissa >>= zeros;
    exponent += zeros;
    size_t n = 1;
    unsigned exponent_octets = exponent >= -128 && exponent <= 127 ? 1 : 2;
    out[0] = (uint8_t)(0x80 | (value < 0 ? 0x40 : 0) | (exponent_octets - 1));
    if (exponent_octets == 2)
        out[n++] = (uint8_t)((unsigned)exponent >> 8);
    out[n++] = (uint8_t)exponent;
    for (int shift = 56; shift >= 0; shift -= 8)
        if (mantissa >> shift)
            out[n++] = (uint8_t)(mantissa >> shift);
    return n;
}

static bool decode_decimal(const uint8_t *p, size_t n, double *ret_value)
{
    char text[64], *end;
    if (n >= sizeof text || !n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!strchr("0123456789+-.,Ee ", p[i]) || !p[i])
            return false;
        text[i] = p[i] == ',' ? '.' : (char)p[i];
    }
    text[n] = 0;
    *ret_value = strtod(text, &end);
    return end == text + n;
}

bool asn1_real_decode(const uint8_t *p, size_t n, double *ret_value)
{
    if (!n) {
        *ret_value = 0;
        return true;
    }
    uint8_t first = *p++;
    n--;
    if (!(first & 0x80)) {
        if (first & 0x40) {
            static const double special[] = {INFINITY, -INFINITY, NAN, -0.0};
            if (n || first > 0x43)
                return false;
            *ret_value = special[first & 3];
            return true;
        }
        return (first & 0x3f) >= 1 && (first & 0x3f) <= 3 && decode_decimal(p, n, ret_value);
    }
    static const int base_bits[] = {1, 3, 4, 0};
    int bits = base_bits[first >> 4 & 3];
    size_t exponent_octets = (first & 3) + 1;
    if (!bits || exponent_octets > n)
        return false;
    if (exponent_octets == 4) {
        exponent_octets = *p++;
        n--;
    }
    if (!exponent_octets || exponent_octets > 3 || exponent_octets >= n || n - exponent_octets > 8)
        return false;
    int32_t exponent = (int8_t)*p;
    for (size_t i = 1; i < exponent_octets; i++)
        exponent = (int32_t)((uint32_t)exponent << 8 | p[i]);
    uint64_t mantissa = 0;
    for (size_t i = exponent_octets; i < n; i++)
        mantissa = mantissa << 8 | p[i];
    double value = ldexp((double)mantissa, exponent * bits + (first >> 2 & 3));
    *ret_value = first & 0x40 ? -value : value;
    return true;
}
