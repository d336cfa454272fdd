/* SPDX-License-Identifier: Apache-2.0 */
/* How a failure is recorded; only ever run on the way out of one. */
#include "lib/asn1/per.h"

#include <errno.h>

int asn1_cause_errno(asn1_cause_t cause)
{
    static const int of[] = {
        [ASN1_TRUNCATED] = EBADMSG,   [ASN1_SYNTAX] = EBADMSG,    [ASN1_CONSTRAINT] = ERANGE,
        [ASN1_UNSUPPORTED] = ENOTSUP, [ASN1_MISSING_IE] = ENOMSG, [ASN1_DUPLICATE_IE] = EEXIST,
        [ASN1_DEPTH] = ELOOP,         [ASN1_NO_MEMORY] = ENOMEM,  [ASN1_NO_SPACE] = ENOBUFS,
    };
    return -of[cause];
}

void asn1_fail(asn1_error_t *err, asn1_cause_t cause, const char *what, size_t bit)
{
    if (err->cause == ASN1_OK) {
        err->cause = cause;
        err->what = what;
        err->bit = (uint32_t)bit;
        err->path[0] = 0;
    }
}

/* The inner end of the path says most: when there is no more room, ".." stands for the outer part. */
static void prepend(asn1_error_t *err, const char *text, size_t n)
{
    size_t have = strlen(err->path);
    if (have >= 2 && !strncmp(err->path, "..", 2))
        return;
    bool dot = have && err->path[0] != '[';
    if (have + n + dot + 3 > sizeof err->path) {
        text = ".";
        n = 1;
        dot = true;
    }
    memmove(err->path + n + dot, err->path, have + 1);
    memcpy(err->path, text, n);
    if (dot)
        err->path[n] = '.';
}

void asn1_path_name(asn1_error_t *err, const char *name)
{
    prepend(err, name, strlen(name));
}

void asn1_path_index(asn1_error_t *err, size_t index)
{
    char text[24];
    int n = snprintf(text, sizeof text, "[%zu]", index);
    prepend(err, text, (size_t)n);
}
