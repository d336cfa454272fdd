/* SPDX-License-Identifier: Apache-2.0 */
/* A scheduler plugin that is wrong on purpose; BAD says how. Built once for each way that a host has to
 * survive. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vitran/sched_util.h"

#define BAD_ABI 1      /* of another major */
#define BAD_EXPORTS 2  /* a second symbol */
#define BAD_PARAMS 3   /* default outside its range */
#define BAD_INIT 4     /* init fails */
#define BAD_ACTIVATE 5 /* activate fails */
#define BAD_SLOT 6     /* slot fails, from the tenth call on */
#define BAD_AT_ONCE 7  /* slot fails from the first call on */
#define BAD_COUNT 8    /* more grants than fit */
#define BAD_GRANTS 9   /* random bytes as grants */
#define BAD_SILENT 10  /* never answers a batch */
#define BAD_REFUSES 11 /* answers every batch with -EINVAL */
#define BAD_SMALL 12   /* a factory struct that is cut short */

struct vtn_plugin {
    uint32_t calls, random;
};

static const vtn_param_t p_knob = {
    .struct_size = sizeof(vtn_param_t),
    .id = 7,
    .type = VTN_I64,
    .scope = VTN_SCOPE_CELL,
    .name = "bad.knob",
    .unit = "1",
    .help = "Does nothing",
    .max.i = 10,
#if BAD == BAD_PARAMS
    .def.i = 11,
#endif
};
static const vtn_param_t *const params[] = {&p_knob};

static int32_t bad_create(const vtn_host_t *host, vtn_plugin_t **ret)
{
    (void)host;
    *ret = calloc(1, sizeof **ret);
    return *ret ? 0 : -ENOMEM;
}

static int32_t bad_activate(vtn_plugin_t *p, const vtn_cell_t *cell)
{
    (void)cell;
    p->random = 1;
    return BAD == BAD_ACTIVATE ? -EDOM : 0;
}

static int32_t bad_slot(vtn_plugin_t *p, const vtn_slot_in_t *in, vtn_slot_out_t *out)
{
    p->calls++;
    if (BAD == BAD_AT_ONCE || (BAD == BAD_SLOT && p->calls >= 10))
        return -EIO;
    if (BAD == BAD_COUNT)
        out->n_grants = out->cap + 1;
    if (BAD == BAD_GRANTS) {
        uint8_t *bytes = (uint8_t *)out->grants;
        for (size_t i = 0; i < out->cap * sizeof *out->grants; i++)
            bytes[i] = (uint8_t)((p->random = p->random * 1664525u + 1013904223u) >> 24);
        /* half of them a little more likely to get far into the check */
        for (uint32_t i = 0; i < out->cap; i += 2) {
            out->grants[i].dir = 0;
            out->grants[i].ue %= 8;
            out->grants[i].ue_generation = 1;
            out->grants[i].slot_index = 0;
            out->grants[i].is_retx = 0;
            out->grants[i].mu_group = out->grants[i].dmrs_ports = 0;
            memset(out->grants[i].reserved, 0, sizeof out->grants[i].reserved);
        }
        out->n_grants = out->cap;
    }
    if (in->sets_seq && BAD != BAD_SILENT) {
        out->applied_seq = in->sets_seq;
        out->applied_status = BAD == BAD_REFUSES ? -EINVAL : 0;
    }
    return 0;
}

static void bad_deactivate(vtn_plugin_t *p)
{
    (void)p;
}

static void bad_destroy(vtn_plugin_t *p)
{
    free(p);
}

static const void *bad_get_ext(vtn_plugin_t *p, const char *id)
{
    (void)p;
    (void)id;
    return NULL;
}

static const vtn_scheduler_t bad = {
    .struct_size = BAD == BAD_SMALL ? 16 : sizeof bad,
    .n_params = 1,
    .id = "org.vitran.test-bad",
    .version = "0",
    .vendor = "VitRAN",
    .licence = "Apache-2.0",
    .params = params,
    .create = bad_create,
    .activate = bad_activate,
    .slot = bad_slot,
    .deactivate = bad_deactivate,
    .destroy = bad_destroy,
    .get_ext = bad_get_ext,
};

static int32_t bad_init(void)
{
    return BAD == BAD_INIT ? -EACCES : 0;
}

static const void *get_factory(const char *factory_id, uint32_t i)
{
    return i == 0 && strcmp(factory_id, VTN_FACTORY_SCHEDULER) == 0 ? &bad : NULL;
}

#if BAD == BAD_EXPORTS
__attribute__((visibility("default"))) int helper_that_leaks = 1;
#endif

const vtn_plugin_entry_t vitran_plugin_entry = {
    .struct_size = sizeof vitran_plugin_entry,
    .abi_major = BAD == BAD_ABI ? VTN_ABI_MAJOR + 1 : VTN_ABI_MAJOR,
    .abi_minor = VTN_ABI_MINOR,
    .init = bad_init,
    .get_factory = get_factory,
};
