/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/host/elf_check.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#if defined(__x86_64__)
#define THIS_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define THIS_MACHINE EM_AARCH64
#else
#error "name this machine for ELF"
#endif

/* n bytes at offset, or NULL when they are not all in the file. */
static const uint8_t *bytes_at(const uint8_t *file, size_t n_file, uint64_t offset, uint64_t n)
{
    return offset > n_file || n > n_file - offset ? NULL : file + offset;
}

/* Bytes of a virtual address: through the load segments. */
static const uint8_t *at_address(const uint8_t *file, size_t n_file, const Elf64_Ehdr *h, uint64_t address,
                                 uint64_t n)
{
    for (uint32_t i = 0; i < h->e_phnum; i++) {
        Elf64_Phdr ph;
        const uint8_t *p = bytes_at(file, n_file, h->e_phoff + (uint64_t)i * sizeof ph, sizeof ph);
        if (!p)
            return NULL;
        memcpy(&ph, p, sizeof ph);
        if (ph.p_type == PT_LOAD && address >= ph.p_vaddr && n <= ph.p_filesz &&
            address - ph.p_vaddr <= ph.p_filesz - n)
            return bytes_at(file, n_file, ph.p_offset + (address - ph.p_vaddr), n);
    }
    return NULL;
}

static bool is_toolchain_symbol(const char *name)
{
    static const char *const of_linker[] = {"_init", "_fini", "__bss_start", "_edata", "_end"};
    for (size_t i = 0; i < sizeof of_linker / sizeof *of_linker; i++)
        if (strcmp(name, of_linker[i]) == 0)
            return true;
    return strncmp(name, "__asan_", 7) == 0 || strncmp(name, "__odr_asan", 10) == 0;
}

int elf_check(const uint8_t *file, size_t n, elf_check_t *ret)
{
    Elf64_Ehdr h;
    if (n < sizeof h || memcmp(file, ELFMAG, SELFMAG) != 0)
        return -ENOEXEC;
    memcpy(&h, file, sizeof h);
    if (h.e_ident[EI_CLASS] != ELFCLASS64 || h.e_ident[EI_DATA] != ELFDATA2LSB || h.e_type != ET_DYN ||
        h.e_machine != THIS_MACHINE || h.e_phentsize != sizeof(Elf64_Phdr) ||
        h.e_shentsize != sizeof(Elf64_Shdr))
        return -ENOEXEC;

    elf_check_t r = {0};
    bool found = false;
    for (uint32_t i = 0; i < h.e_shnum; i++) {
        Elf64_Shdr s, str;
        const uint8_t *p = bytes_at(file, n, h.e_shoff + (uint64_t)i * sizeof s, sizeof s);
        if (!p)
            return -ENOEXEC;
        memcpy(&s, p, sizeof s);
        if (s.sh_type != SHT_DYNSYM)
            continue;
        if (s.sh_entsize != sizeof(Elf64_Sym) || s.sh_link >= h.e_shnum ||
            !(p = bytes_at(file, n, h.e_shoff + (uint64_t)s.sh_link * sizeof str, sizeof str)))
            return -ENOEXEC;
        memcpy(&str, p, sizeof str);
        const uint8_t *names = bytes_at(file, n, str.sh_offset, str.sh_size);
        if (!names || !bytes_at(file, n, s.sh_offset, s.sh_size))
            return -ENOEXEC;
        for (uint64_t k = 0; k < s.sh_size / sizeof(Elf64_Sym); k++) {
            Elf64_Sym sym;
            memcpy(&sym, file + s.sh_offset + k * sizeof sym, sizeof sym);
            uint8_t bind = ELF64_ST_BIND(sym.st_info), visibility = ELF64_ST_VISIBILITY(sym.st_other);
            if (sym.st_shndx == SHN_UNDEF || bind == STB_LOCAL || visibility == STV_HIDDEN ||
                visibility == STV_INTERNAL)
                continue;
            if (sym.st_name >= str.sh_size || !memchr(names + sym.st_name, 0, str.sh_size - sym.st_name))
                return -ENOEXEC;
            const char *name = (const char *)names + sym.st_name;
            if (strcmp(name, "vitran_plugin_entry") == 0) {
                uint32_t head[3];
                const uint8_t *at = at_address(file, n, &h, sym.st_value, sizeof head);
                if (!at)
                    return -EPROTO;
                memcpy(head, at, sizeof head);
                r.entry_size = head[0];
                r.abi_major = head[1];
                r.abi_minor = head[2];
                found = true;
            } else if (!is_toolchain_symbol(name) && !r.other_export[0]) {
                snprintf(r.other_export, sizeof r.other_export, "%s", name);
            }
        }
    }
    if (!found)
        return -EPROTO;
    *ret = r;
    return 0;
}
