/* SPDX-License-Identifier: Apache-2.0 */
/* What a shared object says of itself, read from its bytes without running it. [control], stateless. The
 * bytes are anybody's: each offset is checked. */
#ifndef VITRAN_PLUGINS_ELF_CHECK_H
#define VITRAN_PLUGINS_ELF_CHECK_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t entry_size, abi_major, abi_minor; /* of vitran_plugin_entry */
    char other_export[64];                     /* first other symbol that it exports; "": none */
} elf_check_t;

/* 0; -ENOEXEC: not a 64-bit shared object of this machine, or cut; -EPROTO: no vitran_plugin_entry. */
int elf_check(const uint8_t *file, size_t n, elf_check_t *ret);

#endif
