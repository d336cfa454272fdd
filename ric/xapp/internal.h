/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the xApp service: xapp.c lists nodes and wires, stream.c subscribes, control.c controls,
 * convert.c turns service models into protobuf and back. */
#ifndef VITRAN_RIC_XAPP_INTERNAL_H
#define VITRAN_RIC_XAPP_INTERNAL_H

#include "e2sm/kpm/kpm.h"
#include "lib/asn1/schema/plg.asn.h"
#include "lib/rpc/message.h"
#include "ric/xapp/xapp.h"
#include "vitran_ric.pb-c.h"

typedef struct control control_t;
typedef struct stream stream_t;

struct xapp {
    loop_t *loop;
    e2term_t *term;
    submgr_t *submgr;
    guard_t *guard;
    log_t log;
    rpc_server_t *server;
    rpc_method_t methods[7];
    control_t *controls;
    stream_t *streams;
    uint32_t n_controls;
    uint16_t next_instance;
    arena_t arena;             /* of the call that is being handled */
    uint8_t *header, *message; /* [XAPP_BYTES] encoded service model parts */
    xapp_counters_t counters;
};

#define XAPP_BYTES 65536u

/* The node of a request, or NULL after the call was failed. */
node_t *xapp_node(xapp_t *x, rpc_call_t *call, const char *id);

/* ---- convert.c: messages in the arena; NULL or a shorter message without room ---- */
uint32_t slice_from_message(const Vitran__Ric__V1__Slice *m);
Vitran__Ric__V1__Slice *slice_message(arena_t *a, uint32_t slice);
Vitran__Ric__V1__UeId *ue_message(arena_t *a, uint32_t cu_ue_f1ap_id, const uint8_t *ran_ue_id);
/* A node's PLG definition, decoded; NULL when it has none or it cannot be read. */
const plg_RANfunctionDefinition_t *plg_definition(arena_t *a, node_t *n);
const plg_Plugin_t *plg_running(const plg_RANfunctionDefinition_t *d);
const plg_Parameter_t *plg_find_parameter(const plg_Plugin_t *p, int64_t id);
const plg_Parameter_t *plg_find_parameter_named(const plg_Plugin_t *p, const char *name, size_t n);
/* The parameter of slice scope whose name ends with "." suffix. */
const plg_Parameter_t *plg_find_quota(const plg_Plugin_t *p, const char *suffix);
Vitran__Ric__V1__RanFunction *function_message(arena_t *a, node_t *n, const ran_function_t *f);
Vitran__Ric__V1__Setting *setting_message(arena_t *a, const plg_Plugin_t *p, const plg_Setting_t *s);
/* A setting of an xApp as PLG's, and what the guard wants to know of it. 0; or the status with a text. */
grpc_status_code setting_from_message(arena_t *a, const node_t *n, const plg_Plugin_t *p,
                                      const Vitran__Ric__V1__Setting *m, bool with_value, plg_Setting_t *ret,
                                      guard_item_t *ret_item, const char **ret_text);
Vitran__Ric__V1__KpmReport *kpm_message(arena_t *a, const kpm_report_t *r);
Vitran__Ric__V1__PlgReport *plg_message(arena_t *a, const plg_Plugin_t *p, const plg_IndicationHeader_t *h,
                                        const plg_IndicationMessage_t *m);

/* ---- stream.c ---- */
void handle_subscribe(void *ctx, rpc_call_t *call, const uint8_t *bytes, size_t n);

/* ---- control.c ---- */
void handle_swap(void *ctx, rpc_call_t *call, const uint8_t *bytes, size_t n);
void handle_set(void *ctx, rpc_call_t *call, const uint8_t *bytes, size_t n);
void handle_get(void *ctx, rpc_call_t *call, const uint8_t *bytes, size_t n);
void handle_quota(void *ctx, rpc_call_t *call, const uint8_t *bytes, size_t n);
void handle_control(void *ctx, rpc_call_t *call, const uint8_t *bytes, size_t n);
void controls_destroy(xapp_t *x);

#endif
