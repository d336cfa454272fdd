/* SPDX-License-Identifier: Apache-2.0 */
/* PLG, the service model of lib/asn1/schema/plg.asn, on the node's side: its RAN function definition made
 * from the plugins' declarations, values and errors as they cross between the generated types and tunables.h.
 * A RIC reads the generated types as they are. Stateless; what is built lies in the caller's arena. */
#ifndef VITRAN_E2SM_PLG_H
#define VITRAN_E2SM_PLG_H

#include "e2sm/e2sm.h"
#include "lib/asn1/asn1.h"
#include "lib/asn1/schema/plg.asn.h"
#include "lib/e2agent/tunables.h"

/* slices [size: n_slices] E2SM_SLICE, plugins [size: n_plugins]. 0, -ENOMEM, -ENOBUFS, or -ERANGE: a plugin
 * declares what the model cannot carry (a name that is not printable or too long, ...). */
int plg_function_encode(const e2sm_cell_t *cell, const uint32_t *slices, uint32_t n_slices,
                        const tunables_plugin_t *plugins, uint32_t n_plugins, arena_t *arena, uint8_t *buf,
                        size_t cap, size_t *ret_n);

/* A wire value as what the parameter holds; an integer is taken for a real one. 0, -EPROTOTYPE: another type.
 */
int plg_value_to(const vtn_param_t *p, const plg_Value_t *v, vtn_value_t *ret);
plg_Value_t plg_value_from(const vtn_param_t *p, vtn_value_t v);

/* -errno of tunables.h as a reason. */
plg_Reason_t plg_reason(int status);
/* "out-of-range" */
const char *plg_reason_name(plg_Reason_t reason);

#endif
