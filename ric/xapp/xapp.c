/* SPDX-License-Identifier: Apache-2.0 */
#include "ric/xapp/xapp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ric/xapp/internal.h"

COUNTERS_DEFINE(xapp, XAPP_COUNTERS)

#define ARENA_BYTES (8u << 20)

node_t *xapp_node(xapp_t *x, rpc_call_t *call, const char *id)
{
    node_t *n = x->term ? e2term_find(x->term, id) : NULL;
    if (!n)
        rpc_call_fail(call, *id ? GRPC_STATUS_NOT_FOUND : GRPC_STATUS_UNAVAILABLE,
                      *id ? "no E2 node '%s'" : "no E2 node%s is connected, or more than one", id);
    else if (!n->connected)
        rpc_call_fail(call, GRPC_STATUS_UNAVAILABLE, "%s is not connected", n->id);
    return n && n->connected ? n : NULL;
}

static void handle_nodes(void *ctx, rpc_call_t *call, const uint8_t *bytes, size_t n)
{
    xapp_t *x = ctx;
    arena_t *a = &x->arena;
    Vitran__Ric__V1__ListNodesReply reply = VITRAN__RIC__V1__LIST_NODES_REPLY__INIT;
    (void)bytes;
    (void)n;
    arena_reset(a);
    uint32_t n_nodes = x->term ? e2term_nodes(x->term) : 0;
    reply.nodes = message_list(a, n_nodes);
    for (uint32_t i = 0; reply.nodes && i < n_nodes; i++) {
        node_t *node = e2term_node(x->term, i);
        Vitran__Ric__V1__Node *m = MESSAGE_NEW(a, vitran__ric__v1__node);
        if (!m)
            break;
        m->id = node->id;
        m->kind = node->kind;
        m->connected = node->connected;
        m->address = node->address;
        m->functions = message_list(a, node->n_functions);
        for (uint32_t j = 0; m->functions && j < node->n_functions; j++)
            if ((m->functions[m->n_functions] = function_message(a, node, &node->functions[j])))
                m->n_functions++;
        reply.nodes[reply.n_nodes++] = m;
    }
    rpc_call_reply(call, &reply.base);
}

int xapp_create(loop_t *loop, const char *listen, submgr_t *submgr, guard_t *guard, const log_t *log,
                xapp_t **ret)
{
    xapp_t *x = calloc(1, sizeof *x);
    if (!x)
        return -ENOMEM;
    x->loop = loop;
    x->submgr = submgr;
    x->guard = guard;
    x->log = log_sub(log, "xapp");
    x->header = malloc(XAPP_BYTES);
    x->message = malloc(XAPP_BYTES);
    void *mem = malloc(ARENA_BYTES);
    arena_init(&x->arena, mem, ARENA_BYTES);
    static const struct {
        const char *path;
        void (*handle)(void *ctx, rpc_call_t *call, const uint8_t *bytes, size_t n);
    } table[] = {
        {"/vitran.ric.v1.Ric/ListNodes", handle_nodes},
        {"/vitran.ric.v1.Ric/Subscribe", handle_subscribe},
        {"/vitran.ric.v1.Ric/SwapPlugin", handle_swap},
        {"/vitran.ric.v1.Ric/SetParameters", handle_set},
        {"/vitran.ric.v1.Ric/GetParameters", handle_get},
        {"/vitran.ric.v1.Ric/SetSlicePrbQuota", handle_quota},
        {"/vitran.ric.v1.Ric/Control", handle_control},
    };
    for (int i = 0; i < 7; i++)
        x->methods[i] = (rpc_method_t){x, table[i].path, table[i].handle};
    int r = x->header && x->message && mem
                ? rpc_server_create(loop, listen, x->methods, 7, &x->log, &x->server)
                : -ENOMEM;
    if (r < 0) {
        xapp_destroy(x);
        return r;
    }
    *ret = x;
    return 0;
}

void xapp_set_term(xapp_t *x, e2term_t *term)
{
    x->term = term;
}

void xapp_destroy(xapp_t *x)
{
    if (!x)
        return;
    rpc_server_destroy(x->server);
    controls_destroy(x);
    free(x->header);
    free(x->message);
    free(x->arena.base);
    free(x);
}

uint16_t xapp_port(const xapp_t *x)
{
    return rpc_server_port(x->server);
}

const xapp_counters_t *xapp_counters(const xapp_t *x)
{
    return &x->counters;
}

const rpc_counters_t *xapp_rpc_counters(const xapp_t *x)
{
    return rpc_server_counters(x->server);
}
