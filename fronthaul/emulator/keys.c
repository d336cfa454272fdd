/* SPDX-License-Identifier: Apache-2.0 */
/* See keys.h. */
#include "fronthaul/emulator/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_BYTES 512
#define MAX_LINES 128

struct keys {
    const char *path;
    size_t n, written_n;
    char text[MAX_LINES * LINE_BYTES], written[MAX_LINES * LINE_BYTES];
};

int keys_create(const char *path, keys_t **ret)
{
    keys_t *k = calloc(1, sizeof *k);
    if (!k)
        return -ENOMEM;
    k->path = path;
    *ret = k;
    return 0;
}

void keys_destroy(keys_t *k)
{
    free(k);
}

static const char *hex(const uint8_t key[16], char out[33])
{
    for (int i = 0; i < 16; i++)
        snprintf(out + 2 * i, 3, "%02x", key[i]);
    return out;
}

void keys_collect(keys_t *k, const char *imsi, ue_t *ue)
{
    ue_as_keys_t as;
    uint8_t enc[16], integ[16], nea, nia;
    char a[33], b[33], c[33], d[33];
    bool has_as = ue_as_keys(ue, &as), has_nas = ue_nas_keys(ue_nas(ue), enc, integ, &nea, &nia);
    size_t room = sizeof k->text - k->n;
    if ((!has_as && !has_nas) || room < LINE_BYTES)
        return;
    int n = snprintf(k->text + k->n, room, "{\"imsi\":\"%s\"", imsi);
    if (has_as)
        n += snprintf(
            k->text + k->n + n, room - (size_t)n,
            ",\"c_rnti\":%u,\"nea\":%u,\"nia\":%u,\"rrc_enc\":\"%s\",\"rrc_int\":\"%s\",\"up_enc\":\"%s\","
            "\"up_int\":\"%s\"",
            as.c_rnti, as.nea, as.nia, hex(as.rrc_enc, a), hex(as.rrc_int, b), hex(as.up_enc, c),
            hex(as.up_int, d));
    if (has_nas)
        n += snprintf(k->text + k->n + n, room - (size_t)n,
                      ",\"nas_nea\":%u,\"nas_nia\":%u,\"nas_enc\":\"%s\",\"nas_int\":\"%s\"", nea, nia,
                      hex(enc, a), hex(integ, b));
    n += snprintf(k->text + k->n + n, room - (size_t)n, "}\n");
    k->n += (size_t)n;
}

int keys_flush(keys_t *k)
{
    char part[256];
    size_t n = k->n;
    k->n = 0;
    if (n == k->written_n && !memcmp(k->text, k->written, n))
        return 0;
    if (snprintf(part, sizeof part, "%s.part", k->path) >= (int)sizeof part)
        return -ENAMETOOLONG;
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    int r = write(fd, k->text, n) != (ssize_t)n ? -EIO : 0;
    close(fd);
    if (!r && rename(part, k->path) < 0)
        r = -errno;
    if (!r) {
        memcpy(k->written, k->text, n);
        k->written_n = n;
    }
    return r;
}
