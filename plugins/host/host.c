/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/host/host.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mac/mcs.h"
#include "plugins/host/elf_check.h"
#include "plugins/host/manifest.h"

struct plugin {
    const vtn_plugin_entry_t *entry;
    const vtn_scheduler_t *scheduler;
    void *handle; /* of dlopen; NULL: linked in */
    bool started; /* init went well: deinit is due */
    int fd; /* the sealed copy; its number is the library's name to glibc, so it stays open; -1: linked in */
    char path[256];
};

/* One line, cut at PLUGIN_ERR; returns the code. */
__attribute__((format(printf, 3, 4))) static int refuse(char err[PLUGIN_ERR], int code, const char *format,
                                                        ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(err, PLUGIN_ERR, format, args);
    va_end(args);
    return code;
}

#define REFUSE(code, ...) return refuse(err, (code), __VA_ARGS__)

/* ---- what it declares ---- */

static bool name_ok(const char *s)
{
    if (!s || !*s || strlen(s) > 63)
        return false;
    for (; *s; s++)
        if (!((*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9') || *s == '_' || *s == '.'))
            return false;
    return true;
}

static int check_param(const char *plugin, const vtn_param_t *d, char err[PLUGIN_ERR])
{
    if (!d || !VTN_HAS(d, def))
        REFUSE(-EINVAL,
               "%s: parameter table: an entry is missing or smaller than vtn_param_t; set struct_size",
               plugin);
    if (!name_ok(d->name))
        REFUSE(-EINVAL, "%s: parameter %u: name is not 1 to 63 of a-z 0-9 _ .; rename it", plugin, d->id);
    if (d->id == 0)
        REFUSE(-EINVAL, "%s: %s: id 0 is not allowed; give it a number that never changes", plugin, d->name);
    if (d->type > VTN_ENUM || d->scope > VTN_SCOPE_UE || d->flags != 0)
        REFUSE(-EINVAL, "%s: %s: unknown type, scope or flags; build with this host's vitran/plugin.h",
               plugin, d->name);
    if (!d->unit || !d->help)
        REFUSE(-EINVAL, "%s: %s: unit or help is missing; fill them in", plugin, d->name);
    if (d->type == VTN_F64) {
        if (!isfinite(d->min.f) || !isfinite(d->max.f) || !isfinite(d->step.f) || d->step.f < 0 ||
            !(d->min.f <= d->def.f && d->def.f <= d->max.f))
            REFUSE(-EINVAL,
                   "%s: %s: not finite, negative step, or default outside min..max; correct the table",
                   plugin, d->name);
        return 0;
    }
    if (d->step.i < 0 || d->def.i < d->min.i || d->def.i > d->max.i)
        REFUSE(-EINVAL, "%s: %s: negative step, or default outside min..max; correct the table", plugin,
               d->name);
    if (d->type == VTN_BOOL && (d->min.i != 0 || d->max.i != 1))
        REFUSE(-EINVAL, "%s: %s: a bool has min 0 and max 1; correct the table", plugin, d->name);
    if (d->type == VTN_ENUM) {
        if (d->n_labels == 0 || !d->labels || d->min.i != 0 || d->max.i != (int64_t)d->n_labels - 1)
            REFUSE(-EINVAL,
                   "%s: %s: an enum has min 0 and max n_labels - 1, with a label each; correct the table",
                   plugin, d->name);
        for (uint32_t i = 0; i < d->n_labels; i++)
            if (!d->labels[i])
                REFUSE(-EINVAL, "%s: %s: label %u is missing; fill it in", plugin, d->name, i);
    }
    return 0;
}

static int check_declarations(plugin_t *p, char err[PLUGIN_ERR])
{
    const char *name = p->path;
    const vtn_plugin_entry_t *e = p->entry;
    if (!VTN_HAS(e, get_factory) || !e->get_factory)
        REFUSE(-EPROTO, "%s: entry has no get_factory; fill in vitran_plugin_entry", name);
    const vtn_scheduler_t *s = e->get_factory(VTN_FACTORY_SCHEDULER, 0);
    if (!s)
        REFUSE(-EPROTO, "%s: offers no %s; it is not a scheduler", name, VTN_FACTORY_SCHEDULER);
    if (!VTN_HAS(s, get_ext) || !s->create || !s->activate || !s->slot || !s->deactivate || !s->destroy)
        REFUSE(
            -EPROTO,
            "%s: scheduler factory is cut short or lacks a function; build with this host's vitran/plugin.h",
            name);
    if (!s->id || !s->version || !s->vendor || !s->licence || !*s->id || strlen(s->id) > 63)
        REFUSE(-EINVAL, "%s: id, version, vendor or licence is missing or too long; fill them in", name);
    if (s->n_params > PLUGIN_MAX_PARAMS || (s->n_params > 0 && !s->params))
        REFUSE(-EINVAL, "%s: %u parameters; at most %u", name, s->n_params, PLUGIN_MAX_PARAMS);
    for (uint32_t i = 0; i < s->n_params; i++) {
        int r = check_param(name, s->params[i], err);
        if (r < 0)
            return r;
        for (uint32_t j = 0; j < i; j++)
            if (s->params[j]->id == s->params[i]->id || strcmp(s->params[j]->name, s->params[i]->name) == 0)
                REFUSE(-EINVAL, "%s: %s: id or name is used twice; give it one of its own", name,
                       s->params[i]->name);
    }
    p->scheduler = s;
    return 0;
}

static int check_abi(const char *name, uint32_t size, uint32_t major, uint32_t minor, char err[PLUGIN_ERR])
{
    if (major != VTN_ABI_MAJOR || (VTN_ABI_MAJOR == 0 && minor != VTN_ABI_MINOR))
        REFUSE(-EPROTO,
               "%s: built for ABI %u.%u, this host has %u.%u; rebuild it with this host's vitran/plugin.h",
               name, major, minor, VTN_ABI_MAJOR, VTN_ABI_MINOR);
    if (size < sizeof(vtn_plugin_entry_t))
        REFUSE(-EPROTO, "%s: entry is %u bytes, %zu are needed; set struct_size", name, size,
               sizeof(vtn_plugin_entry_t));
    return 0;
}

/* ---- the file ---- */

/* Copies the file at `path` into a sealed memfd. 0 with *ret_fd and *ret_size. */
static int sealed_copy(const char *path, int *ret_fd, size_t *ret_size, char err[PLUGIN_ERR])
{
    struct stat st;
    int from = open(path, O_RDONLY | O_CLOEXEC);
    if (from < 0)
        REFUSE(-errno, "%s: cannot be opened: %s; check the path", path, strerror(errno));
    int fd = memfd_create("vitran-plugin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int r = 0;
    size_t size = 0;
    if (fd < 0 || fstat(from, &st) < 0) {
        r = -errno;
        refuse(err, r, "%s: cannot be copied: %s", path, strerror(-r));
    } else if (!S_ISREG(st.st_mode) || st.st_size == 0 || st.st_size > (off_t)PLUGIN_MAX_BYTES) {
        r = -ENOEXEC;
        refuse(err, r, "%s: not a file of 1 byte to %u MiB; name the plugin's .so", path,
               PLUGIN_MAX_BYTES >> 20);
    }
    uint8_t chunk[65536];
    while (r == 0) {
        ssize_t n = read(from, chunk, sizeof chunk);
        if (n == 0)
            break;
        for (ssize_t at = 0; n > 0 && at < n;) {
            ssize_t w = write(fd, chunk + at, (size_t)(n - at));
            if (w < 0) {
                n = -1;
                break;
            }
            at += w;
        }
        size += n > 0 ? (size_t)n : 0;
        if (n < 0 || size > PLUGIN_MAX_BYTES) {
            r = n < 0 ? -errno : -EFBIG;
            refuse(err, r, "%s: cannot be copied: %s", path, strerror(-r));
        }
    }
    if (r == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0) {
        r = -errno;
        refuse(err, r, "%s: its copy cannot be sealed: %s", path, strerror(-r));
    }
    close(from);
    if (r < 0) {
        if (fd >= 0)
            close(fd);
        return r;
    }
    *ret_fd = fd;
    *ret_size = size;
    return 0;
}

static int check_file(const char *path, int fd, size_t size, char err[PLUGIN_ERR])
{
    elf_check_t e;
    uint8_t *m = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (m == MAP_FAILED)
        REFUSE(-errno, "%s: cannot be mapped: %s", path, strerror(errno));
    int r = elf_check(m, size, &e);
    munmap(m, size);
    if (r == -ENOEXEC)
        REFUSE(r, "%s: not a shared object for this machine, or cut short; build it with -shared", path);
    if (r == -EPROTO)
        REFUSE(r, "%s: does not export vitran_plugin_entry; define it with default visibility", path);
    if (r < 0)
        REFUSE(r, "%s: cannot be read: %s", path, strerror(-r));
    if (e.other_export[0])
        REFUSE(-EPERM, "%s: exports %s as well; build it with -fvisibility=hidden", path, e.other_export);
    return check_abi(path, e.entry_size, e.abi_major, e.abi_minor, err);
}

static int map_code(plugin_t *p, char err[PLUGIN_ERR])
{
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", p->fd);
    /* A library that glibc could not unload would be given back under its old number: take another one then.
     */
    void *old;
    for (int tries = 0; tries < 64 && (old = dlopen(name, RTLD_NOLOAD | RTLD_NOW)) != NULL; tries++) {
        dlclose(old);
        int fd = fcntl(p->fd, F_DUPFD_CLOEXEC, p->fd + 1);
        if (fd < 0)
            REFUSE(-errno, "%s: no descriptor left: %s", p->path, strerror(errno));
        close(p->fd);
        p->fd = fd;
        snprintf(name, sizeof name, "/proc/self/fd/%d", p->fd);
    }
    p->handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!p->handle) {
        const char *why = dlerror();
        REFUSE(-ELIBACC, "%s: cannot be loaded: %.120s; install what it links against", p->path,
               why ? why : "?");
    }
    p->entry = dlsym(p->handle, "vitran_plugin_entry");
    if (!p->entry)
        REFUSE(-EPROTO, "%s: does not export vitran_plugin_entry; define it with default visibility",
               p->path);
    return 0;
}

/* What is linked in and what is loaded share this. */
static int start(plugin_t *p, char err[PLUGIN_ERR])
{
    int r = check_abi(p->path, p->entry->struct_size, p->entry->abi_major, p->entry->abi_minor, err);
    if (r < 0)
        return r;
    if (p->entry->init && (r = p->entry->init()) < 0)
        REFUSE(r, "%s: its init failed: %s", p->path, strerror(-r));
    p->started = true;
    return check_declarations(p, err);
}

/* What the manifest says of the ABI is checked before any code of the plugin runs, the rest against what it
 * declares. */
static int check_manifest_abi(const char *path, const manifest_t *m, char err[PLUGIN_ERR])
{
    if (m->abi.major != VTN_ABI_MAJOR || (VTN_ABI_MAJOR == 0 && m->abi.minor != VTN_ABI_MINOR))
        REFUSE(-EINVAL, "%s: manifest has ABI %d.%d, this host %u.%u; install a build for this host", path,
               (int)m->abi.major, (int)m->abi.minor, VTN_ABI_MAJOR, VTN_ABI_MINOR);
    return 0;
}

static int check_manifest(const plugin_t *p, const manifest_t *m, char err[PLUGIN_ERR])
{
    const vtn_scheduler_t *s = p->scheduler;
    if (strcmp(m->id, s->id) != 0)
        REFUSE(-EINVAL,
               "%s: manifest names %s, the plugin says %s; install the two files that belong together",
               p->path, m->id, s->id);
    if (strcmp(m->version, s->version) != 0)
        REFUSE(-EINVAL,
               "%s: manifest has version %s, the plugin %s; install the two files that belong together",
               p->path, m->version, s->version);
    if (strcmp(m->factory, VTN_FACTORY_SCHEDULER) != 0)
        REFUSE(-EINVAL, "%s: manifest is of a %s, a %s is wanted", p->path, m->factory,
               VTN_FACTORY_SCHEDULER);
    return 0;
}

static plugin_t *plugin_new(const char *path)
{
    plugin_t *p = calloc(1, sizeof *p);
    if (p) {
        p->fd = -1;
        snprintf(p->path, sizeof p->path, "%s", path);
    }
    return p;
}

int plugin_load(const char *path, plugin_t **ret, char err[PLUGIN_ERR])
{
    size_t size = 0;
    manifest_t manifest;
    plugin_t *p = plugin_new(path);
    if (!p)
        REFUSE(-ENOMEM, "%s: no memory", path);
    int has = manifest_read(path, &manifest, err), r = has == -EINVAL ? has : 0;
    if (r == 0 && has == 0)
        r = check_manifest_abi(path, &manifest, err);
    if (r == 0)
        r = sealed_copy(path, &p->fd, &size, err);
    if (r == 0)
        r = check_file(path, p->fd, size, err);
    if (r == 0)
        r = map_code(p, err);
    if (r == 0)
        r = start(p, err);
    if (r == 0 && has == 0)
        r = check_manifest(p, &manifest, err);
    if (r < 0) {
        plugin_unload(p);
        return r;
    }
    *ret = p;
    return 0;
}

int plugin_from_entry(const char *name, const vtn_plugin_entry_t *entry, plugin_t **ret, char err[PLUGIN_ERR])
{
    plugin_t *p = plugin_new(name);
    if (!p)
        REFUSE(-ENOMEM, "%s: no memory", name);
    p->entry = entry;
    int r = start(p, err);
    if (r < 0) {
        plugin_unload(p);
        return r;
    }
    *ret = p;
    return 0;
}

void plugin_unload(plugin_t *p)
{
    if (!p)
        return;
    if (p->started && p->entry->deinit)
        p->entry->deinit();
    if (p->handle)
        dlclose(p->handle);
    if (p->fd >= 0)
        close(p->fd);
    free(p);
}

const vtn_scheduler_t *plugin_scheduler(const plugin_t *p)
{
    return p->scheduler;
}

const char *plugin_path(const plugin_t *p)
{
    return p->handle ? p->path : "";
}

/* ---- services ---- */

static uint32_t ext_tbs_bytes(uint8_t mcs_table, uint8_t mcs, uint16_t re_per_prb, uint16_t n_prb,
                              uint8_t layers)
{
    return tbs_bytes(mcs_table, mcs, re_per_prb, n_prb, layers);
}

static const void *services_get_ext(const vtn_host_t *host, const char *id)
{
    static const vtn_ext_tbs_t tbs = {sizeof tbs, 0, ext_tbs_bytes};
    (void)host;
    return strcmp(id, VTN_EXT_TBS) == 0 ? &tbs : NULL;
}

static void services_log(const vtn_host_t *host, int32_t level, const char *text)
{
    const plugin_services_t *s = host->ctx;
    log_level_t l = level <= 0 ? LOG_ERROR : level >= LOG_DEBUG ? LOG_DEBUG : (log_level_t)level;
    log_at(s->log, l, "%s", text);
}

void plugin_services_init(plugin_services_t *s, const log_t *log)
{
    *s = (plugin_services_t){.host = {sizeof s->host, 0, s, services_get_ext, services_log}, .log = log};
}

/* ---- directory ---- */

static int by_path(const void *a, const void *b)
{
    return strcmp(((const plugin_info_t *)a)->path, ((const plugin_info_t *)b)->path);
}

int plugin_scan(const char *dir, plugin_info_t *ret, uint32_t cap)
{
    DIR *d = opendir(dir);
    if (!d)
        return -errno;
    uint32_t n = 0;
    for (struct dirent *e; n < cap && (e = readdir(d));) {
        size_t len = strlen(e->d_name);
        if (len < 4 || strcmp(e->d_name + len - 3, ".so") != 0)
            continue;
        plugin_info_t *i = &ret[n];
        memset(i, 0, sizeof *i);
        if (snprintf(i->path, sizeof i->path, "%s/%s", dir, e->d_name) >= (int)sizeof i->path)
            continue;
        plugin_t *p;
        if (plugin_load(i->path, &p, i->err) == 0) {
            const vtn_scheduler_t *s = plugin_scheduler(p);
            snprintf(i->id, sizeof i->id, "%s", s->id);
            snprintf(i->version, sizeof i->version, "%s", s->version);
            snprintf(i->vendor, sizeof i->vendor, "%s", s->vendor);
            snprintf(i->licence, sizeof i->licence, "%s", s->licence);
            i->n_params = s->n_params;
            i->err[0] = 0;
            plugin_unload(p);
        }
        n++;
    }
    closedir(d);
    qsort(ret, n, sizeof *ret, by_path);
    return (int)n;
}
