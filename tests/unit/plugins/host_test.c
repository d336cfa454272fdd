/* SPDX-License-Identifier: Apache-2.0 */
/* What the host makes of files: a plugin cut anywhere, a manifest that says something else, the same path
 * again. What a scheduler does with a refused plugin is in tests/unit/du/sched. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "plugins/host/elf_check.h"
#include "plugins/host/host.h"
#include "tests/unit/cu.h"

static uint8_t file[1 << 20];

static size_t read_all(const char *path)
{
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(file, 1, sizeof file, f) : 0;
    if (f)
        fclose(f);
    return n;
}

static void write_all(const char *path, const void *p, size_t n)
{
    FILE *f = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_EQUAL(fwrite(p, 1, n, f), n);
    fclose(f);
}

static void test_elf(void)
{
    elf_check_t e;
    size_t n = read_all(PLUGIN_PF);
    CU_ASSERT_FATAL(n > 1000 && n < sizeof file);
    CU_ASSERT_EQUAL(elf_check(file, n, &e), 0);
    CU_ASSERT(e.abi_major == VTN_ABI_MAJOR && e.abi_minor == VTN_ABI_MINOR && !e.other_export[0]);
    /* Cut at any length: never more than an error. A copy of that very length lets the sanitizer see an
     * overrun. */
    for (size_t cut = 0; cut < n; cut += 61) {
        uint8_t *copy = malloc(cut ? cut : 1);
        memcpy(copy, file, cut);
        CU_ASSERT(elf_check(copy, cut, &e) < 0);
        free(copy);
    }
    /* Bytes of the headers at random. */
    uint32_t x = 5;
    for (int i = 0; i < 20000; i++) {
        x = x * 1664525u + 1013904223u;
        size_t at = i & 1 ? (x >> 8) % 64 : (x >> 8) % n;
        uint8_t was = file[at];
        file[at] = (uint8_t)(x >> 3);
        (void)elf_check(file, n, &e);
        file[at] = was;
    }
}

static void test_manifest(void)
{
    char dir[] = "/tmp/vitran-host-XXXXXX", so[64], yaml[64], err[PLUGIN_ERR];
    plugin_t *p;
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    snprintf(so, sizeof so, "%s/x.so", dir);
    snprintf(yaml, sizeof yaml, "%s/x.yaml", dir);
    size_t n = read_all(PLUGIN_PF);
    write_all(so, file, n);
    CU_ASSERT_EQUAL(plugin_load(so, &p, err), 0); /* none beside it: nothing to compare */
    plugin_unload(p);
    n = read_all(MANIFEST_PF);
    CU_ASSERT_FATAL(n > 0);
    write_all(yaml, file, n);
    CU_ASSERT_EQUAL_FATAL(plugin_load(so, &p, err), 0);
    CU_ASSERT_STRING_EQUAL(plugin_scheduler(p)->id, "org.vitran.sched-pf");
    CU_ASSERT_STRING_EQUAL(plugin_path(p), so);
    plugin_unload(p);
    static const struct {
        const char *from, *to, *says;
    } wrong[] = {{"id: org.vitran.sched-pf", "id: org.vitran.sched-xx", "manifest names org.vitran.sched-xx"},
                 {"version: 0.1.0", "version: 9.1.0", "manifest has version 9.1.0"},
                 {"minor: 1", "minor: 7", "manifest has ABI 0.7"},
                 {"vendor: VitRAN", "vendr: VitRAN", "vendr"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        n = read_all(MANIFEST_PF);
        file[n] = 0;
        char *at = strstr((char *)file, wrong[i].from);
        CU_ASSERT_PTR_NOT_NULL_FATAL(at);
        size_t cut = strlen(wrong[i].from), add = strlen(wrong[i].to);
        memmove(at + add, at + cut, n - (size_t)(at - (char *)file) - cut + 1);
        memcpy(at, wrong[i].to, add);
        write_all(yaml, file, strlen((char *)file));
        err[0] = 0;
        CU_ASSERT_EQUAL(plugin_load(so, &p, err), -EINVAL);
        CU_ASSERT_PTR_NOT_NULL(strstr(err, wrong[i].says));
    }
    unlink(yaml);
    unlink(so);
    rmdir(dir);
}

static void test_again(void)
{
    /* Two of one file at a time are two plugins; a file replaced under the same path is another one. */
    char err[PLUGIN_ERR];
    plugin_t *a, *b;
    for (int i = 0; i < 50; i++) {
        CU_ASSERT_EQUAL_FATAL(plugin_load(PLUGIN_PF, &a, err), 0);
        CU_ASSERT_EQUAL_FATAL(plugin_load(PLUGIN_PF, &b, err), 0);
        CU_ASSERT(plugin_scheduler(a) != plugin_scheduler(b));
        plugin_unload(a);
        CU_ASSERT_STRING_EQUAL(plugin_scheduler(b)->id, "org.vitran.sched-pf");
        plugin_unload(b);
    }
    plugin_unload(NULL);
}

static void test_services(void)
{
    plugin_services_t s;
    plugin_services_init(&s, NULL);
    const vtn_ext_tbs_t *tbs = s.host.get_ext(&s.host, VTN_EXT_TBS);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tbs);
    CU_ASSERT(tbs->tbs_bytes(1, 28, 132, 273, 1) > 20000 && tbs->tbs_bytes(1, 30, 132, 273, 1) == 0);
    CU_ASSERT_PTR_NULL(s.host.get_ext(&s.host, "vitran.unknown/1"));
    s.host.log(&s.host, 0, "swallowed");
}

CU_MAIN("plugin-host", {"ELF, cut and damaged", test_elf}, {"manifest", test_manifest},
        {"loaded again", test_again}, {"services", test_services})
