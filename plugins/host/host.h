/* SPDX-License-Identifier: Apache-2.0 */
/* Loads plugins and refuses those that cannot be trusted to fit: everything that can be read from the file is
 * checked before any of its code runs, everything that it declares before it is used. A refusal is one line:
 * which plugin, which check, what to do. [control] thread only; a loaded plugin is read-only afterwards, from
 * any thread.
 *
 * What is checked is what is mapped: the file is copied into a memfd, the copy is sealed, its ELF is read
 * from there, and it is opened as /proc/self/fd/N. N stays taken while the plugin is loaded, since glibc
 * knows libraries by path name and would hand out the old one for a number used again. */
#ifndef VITRAN_PLUGINS_HOST_H
#define VITRAN_PLUGINS_HOST_H

#include <stddef.h>
#include <stdint.h>

#include "lib/core/log.h"
#include "plugins/include/vitran/plugin.h"

#define PLUGIN_ERR 256u        /* bytes of an error line */
#define PLUGIN_MAX_PARAMS 128u /* of one factory */
#define PLUGIN_MAX_BYTES (64u << 20)

typedef struct plugin plugin_t;

/* 0; -ENOENT (file), -ENOEXEC (not a shared object for this machine), -EPROTO (ABI version or missing
 * export), -EINVAL (declarations), -EPERM (exports more than the entry), -ELIBACC (dlopen), or the plugin's
 * init error; err is filled. */
int plugin_load(const char *path, plugin_t **ret, char err[PLUGIN_ERR]);
/* A plugin that is linked in. `name` stands for the path in messages. The same checks of what it declares. */
int plugin_from_entry(const char *name, const vtn_plugin_entry_t *entry, plugin_t **ret,
                      char err[PLUGIN_ERR]);
/* No instance may be left. NULL is fine. */
void plugin_unload(plugin_t *);

const vtn_scheduler_t *plugin_scheduler(const plugin_t *);
/* "" for one that is linked in. */
const char *plugin_path(const plugin_t *);

/* Services for plugins: the vtn_host_t for instances. Outlives them; log may be NULL. */
typedef struct {
    vtn_host_t host;
    const log_t *log;
} plugin_services_t;
void plugin_services_init(plugin_services_t *, const log_t *log);

/* What a directory holds. Each .so is loaded and unloaded; those that are refused are reported with their
 * line. */
typedef struct {
    char path[256];
    char id[64], version[32], vendor[64], licence[32];
    uint32_t n_params;
    char err[PLUGIN_ERR]; /* "": fine */
} plugin_info_t;
/* Entries found (<= cap), sorted by path; -errno when the directory cannot be read. */
int plugin_scan(const char *dir, plugin_info_t *ret, uint32_t cap);

/* ---- parameters: the host's copy of what is in force ---- */

typedef struct params params_t;

/* Values at their defaults. 0, -ENOMEM. */
int params_create(const vtn_scheduler_t *, uint32_t n_slices, uint32_t max_ues, params_t **ret);
void params_destroy(params_t *);

const vtn_param_t *params_find(const params_t *, uint32_t id);
const vtn_param_t *params_find_name(const params_t *, const char *name);
/* The batch as a whole: known ids, scope keys, values within range and on a step, no (id, key) twice. 0;
 * -ENOENT, -EINVAL, -ERANGE, -EEXIST with a line in err (plugin_name first). */
int params_check(const params_t *, const char *plugin_name, const vtn_set_t *, uint32_t n,
                 char err[PLUGIN_ERR]);
/* After the plugin has answered. The batch was checked. */
void params_commit(params_t *, const vtn_set_t *, uint32_t n);
/* 0; -ENOENT, -EINVAL (scope key). A UE of another generation than the one that was set has the default. */
int params_get(const params_t *, uint32_t id, uint32_t scope_key, vtn_value_t *ret);
/* All CELL and SLICE values, for activate. Returns how many; out [size: params_count_initial()]. */
uint32_t params_count_initial(const params_t *);
void params_initial(const params_t *, vtn_set_t *out);
/* UE values that differ from the default; at most cap. */
uint32_t params_ue_sets(const params_t *, vtn_set_t *out, uint32_t cap);
/* Takes over from another table what has the same name, type and scope and fits here. */
void params_carry(params_t *to, const params_t *from);

#endif
