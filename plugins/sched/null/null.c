/* SPDX-License-Identifier: Apache-2.0 */
/* Grants nothing. The floor of every measurement (what a slot costs without a decision) and the shortest
 * complete plugin to read. A cell that runs it serves no UE data. */
#include <string.h>

#include "vitran/plugin.h"

struct vtn_plugin {
    uint8_t nothing;
};

static vtn_plugin_t the_one; /* never written: it has no state, so instances may share it */

static int32_t null_create(const vtn_host_t *host, vtn_plugin_t **ret)
{
    (void)host;
    *ret = &the_one;
    return 0;
}

static int32_t null_activate(vtn_plugin_t *p, const vtn_cell_t *cell)
{
    (void)p;
    (void)cell;
    return 0;
}

static int32_t null_slot(vtn_plugin_t *p, const vtn_slot_in_t *in, vtn_slot_out_t *out)
{
    (void)p;
    out->n_grants = 0;
    out->applied_seq = in->sets_seq;
    return 0;
}

static void null_end(vtn_plugin_t *p)
{
    (void)p;
}

static const void *null_get_ext(vtn_plugin_t *p, const char *id)
{
    (void)p;
    (void)id;
    return NULL;
}

static const vtn_scheduler_t null_scheduler = {
    .struct_size = sizeof null_scheduler,
    .id = "org.vitran.sched-null",
    .version = "0.1.0",
    .vendor = "VitRAN",
    .licence = "Apache-2.0",
    .create = null_create,
    .activate = null_activate,
    .slot = null_slot,
    .deactivate = null_end,
    .destroy = null_end,
    .get_ext = null_get_ext,
};

static const void *get_factory(const char *factory_id, uint32_t i)
{
    return i == 0 && strcmp(factory_id, VTN_FACTORY_SCHEDULER) == 0 ? &null_scheduler : NULL;
}

const vtn_plugin_entry_t vitran_plugin_entry = {
    .struct_size = sizeof vitran_plugin_entry,
    .abi_major = VTN_ABI_MAJOR,
    .abi_minor = VTN_ABI_MINOR,
    .get_factory = get_factory,
};
