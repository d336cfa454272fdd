/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin's file, read before any of its code runs. */
#include "plugins/host/elf_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    elf_check_t e;
    (void)elf_check(data, n, &e);
    return 0;
}
