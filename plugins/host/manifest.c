/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/host/manifest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/core/config.h"

#define TEXT(m, text)                                                                                        \
    {                                                                                                        \
        .name = #m, .type = CONFIG_STR, .offset = offsetof(manifest_t, m),                                   \
        .size = sizeof((manifest_t *)0)->m, .help = text                                                     \
    }

static const char *const maturities[] = {"experimental", "stable", "deprecated", NULL};

static const config_key_t abi_keys[] = {
    {.name = "major",
     .type = CONFIG_I64,
     .offset = 0,
     .max = 65535,
     .help = "of vitran/plugin.h that it was built with"},
    {.name = "minor", .type = CONFIG_I64, .offset = 8, .max = 65535, .help = "likewise"},
    {0}};

static const config_key_t wcet_keys[] = {{.name = "ues",
                                          .type = CONFIG_I64,
                                          .offset = 0,
                                          .min = 1,
                                          .max = 65535,
                                          .unit = "UE",
                                          .help = "active UEs"},
                                         {.name = "prbs",
                                          .type = CONFIG_I64,
                                          .offset = 8,
                                          .min = 1,
                                          .max = 275,
                                          .unit = "PRB",
                                          .help = "bandwidth"},
                                         {.name = "us",
                                          .type = CONFIG_F64,
                                          .offset = 16,
                                          .min = 0.001,
                                          .max = 100000,
                                          .unit = "us",
                                          .help = "longest slot call"},
                                         {0}};

static const config_key_t keys[] = {TEXT(id, "reverse domain name, as in the binary"),
                                    TEXT(factory, "what it plugs into"),
                                    TEXT(version, "as in the binary"),
                                    TEXT(vendor, "who answers for it"),
                                    TEXT(licence, "SPDX expression"),
                                    {.name = "maturity",
                                     .type = CONFIG_ENUM,
                                     .offset = offsetof(manifest_t, maturity),
                                     .labels = maturities,
                                     .def = "experimental",
                                     .help = "how far to trust it"},
                                    {.name = "abi",
                                     .type = CONFIG_MAP,
                                     .offset = offsetof(manifest_t, abi),
                                     .sub = abi_keys,
                                     .help = "ABI version"},
                                    {.name = "summary",
                                     .type = CONFIG_STR,
                                     .offset = offsetof(manifest_t, summary),
                                     .size = sizeof((manifest_t *)0)->summary,
                                     .def = "",
                                     .help = "one line"},
                                    {.name = "wcet",
                                     .type = CONFIG_LIST,
                                     .offset = offsetof(manifest_t, wcet),
                                     .size = MANIFEST_MAX_WCET,
                                     .def = "",
                                     .sub = wcet_keys,
                                     .sub_size = sizeof((manifest_t *)0)->wcet[0],
                                     .count_offset = offsetof(manifest_t, n_wcet),
                                     .help = "longest slot call at points of size"},
                                    {0}};

int manifest_read(const char *so_path, manifest_t *ret, char err[256])
{
    char path[512];
    config_error_t why = {{0}};
    manifest_t m = {{0}};
    size_t n = strlen(so_path);
    if (n < 3 || strcmp(so_path + n - 3, ".so") != 0 ||
        snprintf(path, sizeof path, "%.*s.yaml", (int)(n - 3), so_path) >= (int)sizeof path)
        return -ENOENT;
    if (access(path, F_OK) < 0)
        return -ENOENT;
    int r = config_load(path, keys, &m, &why);
    if (r < 0) {
        snprintf(err, 256, "%.255s", why.text);
        return -EINVAL;
    }
    *ret = m;
    return 0;
}
