/* SPDX-License-Identifier: Apache-2.0 */
/* vitran-ctl: asks a VitRAN process over its admin service (lib/rpc/admin.proto) and prints what it says, as
 * text for people or as JSON. One request, one answer, exit status 0 or 1. */
#include <getopt.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin.pb-c.h"
#include "lib/rpc/rpc.h"

#define TIMEOUT_MS 5000

static const char usage_text[] =
    "vitran-ctl [--json] [--process NAME | --socket ADDRESS] COMMAND\n"
    "  status                                  of each process that answers, or of the one named\n"
    "  ues                                     UE table\n"
    "  counters [--all]                        what was counted; --all: zeroes too\n"
    "  plugins                                 plugins, what runs, parameters and their values\n"
    "  swap PLUGIN                             run another plugin: its id, or the last part of it (\"pf\")\n"
    "  get [PARAMETER]                         values of the running plugin\n"
    "  set PARAMETER VALUE [--key N] [--lease MS]\n"
    "                                          --key: slice index, or UE key as `get` shows it\n"
    "NAME is ric, cu, du (the default) or emu: unix:/run/vitran/NAME.sock. ADDRESS is a gRPC address.\n";

typedef struct {
    bool json, all;
    const char *socket;
    uint32_t key, lease_ms;
} options_t;

/* ---- one call ---- */

typedef struct {
    loop_t *loop;
    uint8_t *bytes;
    size_t n;
    grpc_status_code code;
    char text[256];
} answer_t;

static void on_message(void *ctx, const uint8_t *bytes, size_t n)
{
    answer_t *a = ctx;
    free(a->bytes);
    a->bytes = malloc(n + 1);
    if (a->bytes)
        memcpy(a->bytes, bytes, a->n = n);
}

static void on_done(void *ctx, grpc_status_code code, const char *text)
{
    answer_t *a = ctx;
    a->code = code;
    snprintf(a->text, sizeof a->text, "%s", text);
    loop_stop(a->loop);
}

/* The answer's message, unpacked; NULL after the failure was printed (unless quiet). */
static void *ask(const char *socket, const char *method, const ProtobufCMessage *q,
                 const ProtobufCMessageDescriptor *d, bool quiet)
{
    char path[96];
    rpc_client_t *client = NULL;
    answer_t a = {.code = GRPC_STATUS_UNAVAILABLE, .text = "no answer"};
    void *m = NULL;
    snprintf(path, sizeof path, "/vitran.admin.v1.Admin/%s", method);
    if (loop_create(&a.loop) < 0)
        return NULL;
    if (rpc_client_create(a.loop, socket, &client) == 0 &&
        rpc_client_call(client, path, q, TIMEOUT_MS, on_message, on_done, &a, NULL) == 0)
        loop_run(a.loop);
    rpc_client_destroy(client);
    loop_destroy(a.loop);
    if (a.code == GRPC_STATUS_OK && a.bytes)
        m = protobuf_c_message_unpack(d, NULL, a.n, a.bytes);
    if (!m && !quiet)
        fprintf(stderr, "vitran-ctl: %s: %s: %s\n", socket, rpc_status_name(a.code), a.text);
    free(a.bytes);
    return m;
}
#define ASK(socket, method, q, type, quiet)                                                                  \
    ask(socket, method, &(q).base, &vitran__admin__v1__##type##__descriptor, quiet)

static int print_json(json_t *j)
{
    json_dumpf(j, stdout, JSON_INDENT(2));
    puts("");
    json_decref(j);
    return 0;
}

/* ---- rows ---- */

static json_t *cell_json(const Vitran__Admin__V1__Cell *c)
{
    switch (c->value_case) {
    case VITRAN__ADMIN__V1__CELL__VALUE_TEXT:
        return json_string(c->text);
    case VITRAN__ADMIN__V1__CELL__VALUE_INTEGER:
        return json_integer(c->integer);
    case VITRAN__ADMIN__V1__CELL__VALUE_REAL:
        return isfinite(c->real) ? json_real(c->real) : json_null();
    case VITRAN__ADMIN__V1__CELL__VALUE_BOOLEAN:
        return json_boolean(c->boolean);
    default:
        return json_null();
    }
}

static void cell_text(const Vitran__Admin__V1__Cell *c, char *out, size_t n)
{
    switch (c->value_case) {
    case VITRAN__ADMIN__V1__CELL__VALUE_TEXT:
        snprintf(out, n, "%s", c->text);
        break;
    case VITRAN__ADMIN__V1__CELL__VALUE_INTEGER:
        snprintf(out, n, "%lld", (long long)c->integer);
        break;
    case VITRAN__ADMIN__V1__CELL__VALUE_REAL:
        snprintf(out, n, "%.2f", c->real);
        break;
    case VITRAN__ADMIN__V1__CELL__VALUE_BOOLEAN:
        snprintf(out, n, "%s", c->boolean ? "yes" : "no");
        break;
    default:
        snprintf(out, n, "-");
    }
}

static json_t *row_json(const Vitran__Admin__V1__Row *r)
{
    json_t *o = json_object();
    for (size_t i = 0; r && i < r->n_cells; i++)
        json_object_set_new(o, r->cells[i]->name, cell_json(r->cells[i]));
    return o;
}

/* ---- commands ---- */

static const char *const processes[] = {"ric", "cu", "du", "emu"};

static int status(const options_t *o)
{
    json_t *all = json_array();
    int answered = 0;
    for (int i = 0; i < 4; i++) {
        char socket[64];
        snprintf(socket, sizeof socket, "unix:/run/vitran/%s.sock", processes[i]);
        if (!o->socket && access(socket + 5, F_OK) != 0)
            continue;
        Vitran__Admin__V1__StatusRequest q = VITRAN__ADMIN__V1__STATUS_REQUEST__INIT;
        Vitran__Admin__V1__StatusReply *m =
            ASK(o->socket ? o->socket : socket, "Status", q, status_reply, !o->socket);
        if (m) {
            answered++;
            json_t *j = row_json(m->state);
            json_object_set_new(j, "process", json_string(m->process));
            json_object_set_new(j, "version", json_string(m->version));
            json_object_set_new(j, "uptime_s", json_real(m->uptime_s));
            json_array_append_new(all, j);
            if (!o->json) {
                printf("%s %s, up %.0f s\n", m->process, m->version, m->uptime_s);
                for (size_t k = 0; m->state && k < m->state->n_cells; k++) {
                    char text[512];
                    cell_text(m->state->cells[k], text, sizeof text);
                    printf("  %-16s %s\n", m->state->cells[k]->name, text);
                }
            }
            vitran__admin__v1__status_reply__free_unpacked(m, NULL);
        }
        if (o->socket)
            break;
    }
    if (o->json && answered)
        print_json(json_incref(o->socket ? json_array_get(all, 0) : all));
    json_decref(all);
    if (!answered && !o->socket)
        fprintf(stderr, "vitran-ctl: no process answers in /run/vitran\n");
    return answered ? 0 : 1;
}

static int ues(const options_t *o)
{
    Vitran__Admin__V1__ListUesRequest q = VITRAN__ADMIN__V1__LIST_UES_REQUEST__INIT;
    Vitran__Admin__V1__ListUesReply *m = ASK(o->socket, "ListUes", q, list_ues_reply, false);
    if (!m)
        return 1;
    if (o->json) {
        json_t *list = json_array();
        for (size_t i = 0; i < m->n_ues; i++)
            json_array_append_new(list, row_json(m->ues[i]));
        print_json(list);
    } else if (!m->n_ues) {
        puts("no UEs");
    }
    /* Column widths from all rows, which have the same cells. */
    for (size_t i = 0; !o->json && i <= m->n_ues && m->n_ues; i++) {
        const Vitran__Admin__V1__Row *first = m->ues[0];
        for (size_t c = 0; c < first->n_cells; c++) {
            size_t width = strlen(first->cells[c]->name);
            char text[512];
            for (size_t r = 0; r < m->n_ues; r++)
                if (c < m->ues[r]->n_cells) {
                    cell_text(m->ues[r]->cells[c], text, sizeof text);
                    width = strlen(text) > width ? strlen(text) : width;
                }
            if (!i)
                snprintf(text, sizeof text, "%s", first->cells[c]->name);
            else if (c < m->ues[i - 1]->n_cells)
                cell_text(m->ues[i - 1]->cells[c], text, sizeof text);
            else
                snprintf(text, sizeof text, "-");
            printf("%*s  ", (int)width, text);
        }
        puts("");
    }
    vitran__admin__v1__list_ues_reply__free_unpacked(m, NULL);
    return 0;
}

static int counters(const options_t *o)
{
    Vitran__Admin__V1__CountersRequest q = VITRAN__ADMIN__V1__COUNTERS_REQUEST__INIT;
    q.all = o->all;
    Vitran__Admin__V1__CountersReply *m = ASK(o->socket, "Counters", q, counters_reply, false);
    if (!m)
        return 1;
    json_t *list = json_array();
    for (size_t i = 0; i < m->n_sets; i++) {
        const Vitran__Admin__V1__CounterSet *s = m->sets[i];
        json_t *one = json_array();
        for (size_t k = 0; k < s->n_counters; k++) {
            const Vitran__Admin__V1__Counter *c = s->counters[k];
            json_array_append_new(one, json_pack("{s:s, s:I, s:s, s:s, s:s}", "name", c->name, "value",
                                                 (json_int_t)c->value, "severity", c->severity, "unit",
                                                 c->unit, "help", c->help));
            if (!o->json)
                printf("%-10s %-10s %-26s %14llu %s%s: %s\n", s->layer, s->instance, c->name,
                       (unsigned long long)c->value, strcmp(c->severity, "info") ? c->severity : "",
                       strcmp(c->severity, "info") ? ", " : "", c->help);
        }
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:o}", "layer", s->layer, "instance", s->instance, "counters", one));
    }
    if (o->json)
        print_json(list);
    else
        json_decref(list);
    vitran__admin__v1__counters_reply__free_unpacked(m, NULL);
    return 0;
}

/* ---- plugins ---- */

static json_t *value_json(const Vitran__Admin__V1__Value *v)
{
    if (!v)
        return json_null();
    switch (v->value_case) {
    case VITRAN__ADMIN__V1__VALUE__VALUE_INTEGER:
        return json_integer(v->integer);
    case VITRAN__ADMIN__V1__VALUE__VALUE_REAL:
        return isfinite(v->real) ? json_real(v->real) : json_null();
    case VITRAN__ADMIN__V1__VALUE__VALUE_BOOLEAN:
        return json_boolean(v->boolean);
    case VITRAN__ADMIN__V1__VALUE__VALUE_LABEL:
        return json_string(v->label);
    default:
        return json_null();
    }
}

static void print_value(const Vitran__Admin__V1__Value *v)
{
    json_t *j = value_json(v);
    json_dumpf(j, stdout, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
    json_decref(j);
}

static const char *const scopes[] = {"cell", "slice", "ue"};

static const char *scope_name(Vitran__Admin__V1__Scope s)
{
    return (unsigned)s < 3 ? scopes[s] : "?";
}

static json_t *parameter_json(const Vitran__Admin__V1__Parameter *p)
{
    json_t *values = json_array(), *labels = json_array();
    for (size_t i = 0; i < p->n_values; i++)
        json_array_append_new(values, json_pack("{s:I, s:o, s:I}", "key", (json_int_t)p->values[i]->key,
                                                "value", value_json(p->values[i]->value), "lease_left_ms",
                                                (json_int_t)p->values[i]->lease_left_ms));
    for (size_t i = 0; i < p->n_labels; i++)
        json_array_append_new(labels, json_string(p->labels[i]));
    json_t *j = json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "id", (json_int_t)p->id,
                          "name", p->name, "scope", scope_name(p->scope), "type", p->type, "unit", p->unit,
                          "help", p->help, "min", value_json(p->min), "max", value_json(p->max), "step",
                          value_json(p->step), "initial", value_json(p->initial), "values", values);
    json_object_set_new(j, "labels", labels);
    return j;
}

static void print_values(const Vitran__Admin__V1__Parameter *p)
{
    for (size_t i = 0; i < p->n_values; i++) {
        printf("  %-28s %-5s %10u  ", p->name, scope_name(p->scope), p->values[i]->key);
        print_value(p->values[i]->value);
        if (*p->unit && strcmp(p->unit, "1"))
            printf(" %s", p->unit);
        if (p->values[i]->lease_left_ms)
            printf("  (lease ends in %u ms)", p->values[i]->lease_left_ms);
        puts("");
    }
}

static Vitran__Admin__V1__ListPluginsReply *list_plugins(const options_t *o)
{
    Vitran__Admin__V1__ListPluginsRequest q = VITRAN__ADMIN__V1__LIST_PLUGINS_REQUEST__INIT;
    return ASK(o->socket, "ListPlugins", q, list_plugins_reply, false);
}

static int plugins(const options_t *o)
{
    Vitran__Admin__V1__ListPluginsReply *m = list_plugins(o);
    if (!m)
        return 1;
    json_t *list = json_array();
    for (size_t i = 0; i < m->n_plugins; i++) {
        const Vitran__Admin__V1__Plugin *p = m->plugins[i];
        json_t *params = json_array();
        for (size_t k = 0; k < p->n_parameters; k++)
            json_array_append_new(params, parameter_json(p->parameters[k]));
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "id", p->id, "version",
                                        p->version, "vendor", p->vendor, "licence", p->licence, "factory",
                                        p->factory, "state", p->state, "parameters", params));
        if (o->json)
            continue;
        printf("%-32s %-8s %-12s %s\n", p->id, p->version, p->state, p->vendor);
        for (size_t k = 0; k < p->n_parameters; k++)
            print_values(p->parameters[k]);
    }
    if (o->json)
        print_json(list);
    else
        json_decref(list);
    vitran__admin__v1__list_plugins_reply__free_unpacked(m, NULL);
    return 0;
}

static int get(const options_t *o, const char *name)
{
    Vitran__Admin__V1__ListPluginsReply *m = list_plugins(o);
    bool found = false;
    if (!m)
        return 1;
    json_t *list = json_array();
    for (size_t i = 0; i < m->n_plugins; i++) {
        const Vitran__Admin__V1__Plugin *p = m->plugins[i];
        for (size_t k = 0; strcmp(p->state, "running") == 0 && k < p->n_parameters; k++) {
            if (name && strcmp(name, p->parameters[k]->name) != 0)
                continue;
            found = true;
            json_array_append_new(list, parameter_json(p->parameters[k]));
            if (!o->json)
                print_values(p->parameters[k]);
        }
    }
    if (o->json && found)
        print_json(list);
    else
        json_decref(list);
    if (!found)
        fprintf(stderr, "vitran-ctl: the running plugin has no %s%s\n", name ? "parameter " : "parameters",
                name ? name : "");
    vitran__admin__v1__list_plugins_reply__free_unpacked(m, NULL);
    return found ? 0 : 1;
}

/* The id that is meant: whole, or the last part of one only. */
static const char *find_plugin(const Vitran__Admin__V1__ListPluginsReply *m, const char *name)
{
    const char *by_part = NULL;
    size_t len = strlen(name), n = 0;
    for (size_t i = 0; i < m->n_plugins; i++) {
        const char *id = m->plugins[i]->id;
        size_t id_len = strlen(id);
        if (strcmp(id, name) == 0)
            return id;
        if (id_len > len && strchr("-.", id[id_len - len - 1]) && strcmp(id + id_len - len, name) == 0) {
            by_part = id;
            n++;
        }
    }
    return n == 1 ? by_part : name;
}

static int swap(const options_t *o, const char *to)
{
    Vitran__Admin__V1__ListPluginsReply *list = list_plugins(o);
    Vitran__Admin__V1__SwapPluginRequest q = VITRAN__ADMIN__V1__SWAP_PLUGIN_REQUEST__INIT;
    if (!list)
        return 1;
    q.to = (char *)find_plugin(list, to);
    Vitran__Admin__V1__SwapPluginReply *m = ASK(o->socket, "SwapPlugin", q, swap_plugin_reply, false);
    vitran__admin__v1__list_plugins_reply__free_unpacked(list, NULL);
    if (!m)
        return 1;
    if (o->json)
        print_json(json_pack("{s:s, s:s, s:I, s:I}", "from", m->from, "to", m->to, "slot",
                             (json_int_t)m->slot, "elapsed_us", (json_int_t)m->elapsed_us));
    else
        printf("%s -> %s in slot %llu, after %u us\n", m->from, m->to, (unsigned long long)m->slot,
               m->elapsed_us);
    vitran__admin__v1__swap_plugin_reply__free_unpacked(m, NULL);
    return 0;
}

static void parse_value(const char *text, Vitran__Admin__V1__Value *v)
{
    char *end_i, *end_f;
    long long i = strtoll(text, &end_i, 0);
    double f = strtod(text, &end_f);
    if (!strcmp(text, "true") || !strcmp(text, "false")) {
        v->value_case = VITRAN__ADMIN__V1__VALUE__VALUE_BOOLEAN;
        v->boolean = text[0] == 't';
    } else if (*text && !*end_i) {
        v->value_case = VITRAN__ADMIN__V1__VALUE__VALUE_INTEGER;
        v->integer = i;
    } else if (*text && !*end_f) {
        v->value_case = VITRAN__ADMIN__V1__VALUE__VALUE_REAL;
        v->real = f;
    } else {
        v->value_case = VITRAN__ADMIN__V1__VALUE__VALUE_LABEL;
        v->label = (char *)text;
    }
}

static int set(const options_t *o, const char *name, const char *text)
{
    Vitran__Admin__V1__SetParameterRequest q = VITRAN__ADMIN__V1__SET_PARAMETER_REQUEST__INIT;
    Vitran__Admin__V1__Value v = VITRAN__ADMIN__V1__VALUE__INIT;
    parse_value(text, &v);
    q.name = (char *)name;
    q.key = o->key;
    q.value = &v;
    q.lease_ms = o->lease_ms;
    Vitran__Admin__V1__SetParameterReply *m = ASK(o->socket, "SetParameter", q, set_parameter_reply, false);
    if (!m)
        return 1;
    if (o->json) {
        print_json(json_pack("{s:s, s:I, s:o, s:I, s:I}", "name", name, "key", (json_int_t)o->key, "readback",
                             value_json(m->readback), "slot", (json_int_t)m->slot, "elapsed_us",
                             (json_int_t)m->elapsed_us));
    } else {
        printf("%s = ", name);
        print_value(m->readback);
        printf(" in slot %llu, after %u us\n", (unsigned long long)m->slot, m->elapsed_us);
    }
    vitran__admin__v1__set_parameter_reply__free_unpacked(m, NULL);
    return 0;
}

static int usage(FILE *to)
{
    fputs(usage_text, to);
    return to == stderr ? 2 : 0;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"all", no_argument, NULL, 'a'},
                                            {"socket", required_argument, NULL, 's'},
                                            {"process", required_argument, NULL, 'p'},
                                            {"key", required_argument, NULL, 'k'},
                                            {"lease", required_argument, NULL, 'l'},
                                            {"version", no_argument, NULL, 'v'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    options_t o = {0};
    char socket[128];
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;)
        switch (c) {
        case 'j':
            o.json = true;
            break;
        case 'a':
            o.all = true;
            break;
        case 's':
            o.socket = optarg;
            break;
        case 'p':
            snprintf(socket, sizeof socket, "unix:/run/vitran/%s.sock", optarg);
            o.socket = socket;
            break;
        case 'k':
            o.key = (uint32_t)strtoul(optarg, NULL, 0);
            break;
        case 'l':
            o.lease_ms = (uint32_t)strtoul(optarg, NULL, 0);
            break;
        case 'v':
            printf("vitran-ctl %s\n", VITRAN_VERSION);
            return 0;
        case 'h':
            return usage(stdout);
        default:
            return usage(stderr);
        }
    int n = argc - optind;
    char **arg = argv + optind;
    if (n == 1 && !strcmp(arg[0], "status"))
        return status(&o);
    if (!o.socket)
        o.socket = "unix:/run/vitran/du.sock";
    if (n == 1 && !strcmp(arg[0], "ues"))
        return ues(&o);
    if (n == 1 && !strcmp(arg[0], "counters"))
        return counters(&o);
    if (n == 1 && !strcmp(arg[0], "plugins"))
        return plugins(&o);
    if (n == 2 && !strcmp(arg[0], "swap"))
        return swap(&o, arg[1]);
    if ((n == 1 || n == 2) && !strcmp(arg[0], "get"))
        return get(&o, n == 2 ? arg[1] : NULL);
    if (n == 3 && !strcmp(arg[0], "set"))
        return set(&o, arg[1], arg[2]);
    return usage(stderr);
}
