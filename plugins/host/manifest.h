/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest beside a plugin (x.so: x.yaml): what its author says of it. [control] */
#ifndef VITRAN_PLUGINS_MANIFEST_H
#define VITRAN_PLUGINS_MANIFEST_H

#include <stdint.h>

#define MANIFEST_MAX_WCET 16

typedef struct {
    char id[64], factory[64], version[32], vendor[64], licence[64], summary[256];
    int64_t maturity; /* 0 experimental, 1 stable, 2 deprecated */
    struct {
        int64_t major, minor;
    } abi;
    struct {
        int64_t ues, prbs;
        double us; /* longest slot call */
    } wcet[MANIFEST_MAX_WCET];
    uint32_t n_wcet;
} manifest_t;

/* Reads the manifest of the plugin at so_path. 0; -ENOENT: there is none; -EINVAL with a line in err [size:
 * 256]. */
int manifest_read(const char *so_path, manifest_t *ret, char err[256]);

#endif
