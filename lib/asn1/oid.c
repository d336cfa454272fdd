/* SPDX-License-Identifier: Apache-2.0 */
/* OBJECT IDENTIFIER between text and contents octets, X.690 8.19. Arcs may have up to 128 bits: those
 * under 2.25 are UUIDs (X.667). */
#include "lib/asn1/asn1.h"

#include <errno.h>

typedef unsigned __int128 arc_t;

static int put_arc(arc_t arc, uint8_t *out, size_t cap, size_t *n)
{
    unsigned groups = 1;
    for (arc_t rest = arc >> 7; rest; rest >>= 7)
        groups++;
    if (groups > cap - *n)
        return -ENOBUFS;
    while (groups--)
        out[(*n)++] = (uint8_t)((uint8_t)(arc >> (7 * groups) & 0x7f) | (groups ? 0x80 : 0));
    return 0;
}

int asn1_oid_parse(const char *text, uint8_t *out, size_t cap, asn1_oid_t *ret_oid)
{
    size_t n = 0;
    arc_t first = 0;
    for (unsigned i = 0;; i++) {
        arc_t arc = 0;
        if (*text < '0' || *text > '9')
            return -EINVAL;
        for (; *text >= '0' && *text <= '9'; text++) {
            if (arc > (~(arc_t)0 - 9) / 10)
                return -EINVAL;
            arc = arc * 10 + (arc_t)(*text - '0');
        }
        if (i == 0) {
            if (arc > 2 || *text != '.')
                return -EINVAL;
            first = arc;
        } else {
            if (i == 1 && ((first < 2 && arc > 39) || arc > ~(arc_t)0 - 80))
                return -EINVAL;
            int rc = put_arc(i == 1 ? first * 40 + arc : arc, out, cap, &n);
            if (rc)
                return rc;
        }
        if (!*text)
            break;
        if (*text++ != '.')
            return -EINVAL;
    }
    *ret_oid = (asn1_oid_t){out, (uint32_t)n};
    return 0;
}

/* Decimal digits of an arc; returns their number. */
static size_t arc_text(arc_t arc, char text[40])
{
    char reversed[40];
    size_t n = 0;
    do
        reversed[n++] = (char)('0' + (int)(arc % 10));
    while (arc /= 10);
    for (size_t i = 0; i < n; i++)
        text[i] = reversed[n - 1 - i];
    return n;
}

int asn1_oid_format(asn1_oid_t oid, char *out, size_t cap)
{
    size_t at = 0;
    arc_t arc = 0;
    bool first = true;
    if (!oid.n || oid.p[oid.n - 1] & 0x80)
        return -EINVAL;
    for (uint32_t i = 0; i < oid.n; i++) {
        if (arc >> 121)
            return -EINVAL;
        arc = arc << 7 | (oid.p[i] & 0x7f);
        if (oid.p[i] & 0x80)
            continue;
        char text[48];
        size_t n = 0;
        if (first) {
            unsigned root = arc < 40 ? 0 : arc < 80 ? 1 : 2;
            text[n++] = (char)('0' + root);
            arc -= root * 40;
        }
        text[n++] = '.';
        n += arc_text(arc, text + n);
        if (n >= cap - at)
            return -ENOBUFS;
        for (size_t k = 0; k < n; k++)
            out[at++] = text[k];
        arc = 0;
        first = false;
    }
    out[at] = 0;
    return 0;
}
