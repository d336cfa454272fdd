/* SPDX-License-Identifier: Apache-2.0 */
/* vitran-ric: reads the configuration, starts the RIC's layers on one loop, ends on SIGTERM and SIGINT. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/config.h"
#include "lib/rpc/admin.h"
#include "ric/ric.h"

typedef struct {
    char plmn[8], xapp_listen[128], admin_listen[128], log_level[16], e2_address[64];
    int64_t ric_id, e2_port, e2_udp_port, e2_carrier;
} file_t;

#define AT(member) .offset = offsetof(file_t, member)
#define TEXT(member) .type = CONFIG_STR, AT(member), .size = sizeof(((file_t *)0)->member)

static const config_key_t e2_keys[] = {{.name = "address",
                                        TEXT(e2_address),
                                        .def = "",
                                        .help = "local addresses, separated by commas; empty: all"},
                                       {.name = "port",
                                        .type = CONFIG_I64,
                                        AT(e2_port),
                                        .min = 1,
                                        .max = 65535,
                                        .def = "36421",
                                        .help = "SCTP port"},
                                       {.name = "carrier",
                                        .type = CONFIG_ENUM,
                                        AT(e2_carrier),
                                        .def = "auto",
                                        .labels = assoc_carrier_labels,
                                        .help = "SCTP of the kernel, or over UDP (RFC 6951)"},
                                       {.name = "udp_port",
                                        .type = CONFIG_I64,
                                        AT(e2_udp_port),
                                        .min = 1,
                                        .max = 65535,
                                        .def = "9899",
                                        .help = "for carrier udp"},
                                       {0}};
static const config_key_t xapp_keys[] = {{.name = "listen",
                                          TEXT(xapp_listen),
                                          .def = "127.0.0.1:50051",
                                          .help = "gRPC for xApps: host:port, or unix:path"},
                                         {0}};
static const config_key_t admin_keys[] = {{.name = "listen",
                                           TEXT(admin_listen),
                                           .def = "unix:/run/vitran/ric.sock",
                                           .help = "where vitran-ctl finds this process"},
                                          {0}};
static const config_key_t keys[] = {
    {.name = "plmn", TEXT(plmn), .def = "00101", .help = "MCC and MNC, 5 or 6 digits"},
    {.name = "ric_id",
     .type = CONFIG_I64,
     AT(ric_id),
     .min = 0,
     .max = 1048575,
     .def = "1",
     .help = "near-RT RIC ID, 20 bits"},
    {.name = "e2", .type = CONFIG_MAP, .def = "", .sub = e2_keys, .help = "towards E2 nodes"},
    {.name = "xapp", .type = CONFIG_MAP, .def = "", .sub = xapp_keys, .help = "towards xApps"},
    {.name = "admin", .type = CONFIG_MAP, .def = "", .sub = admin_keys, .help = "towards vitran-ctl"},
    {.name = "log_level", TEXT(log_level), .def = "notice", .help = "error, warning, notice, info or debug"},
    {0}};

typedef struct {
    file_t file;
    loop_t *loop;
    log_sink_t sink;
    log_t log;
    ric_t ric;
} app_t;

static void on_signal(void *ctx, int signo)
{
    app_t *a = ctx;
    log_notice(&a->log, "%s: ending", signo == SIGTERM ? "SIGTERM" : "SIGINT");
    loop_stop(a->loop);
}

static void show_status(void *ctx, admin_row_t *row)
{
    app_t *a = ctx;
    uint32_t connected = 0;
    for (uint32_t i = 0; i < e2term_nodes(a->ric.term); i++)
        connected += e2term_node(a->ric.term, i)->connected;
    admin_integer(row, "nodes", e2term_nodes(a->ric.term));
    admin_integer(row, "connected", connected);
    for (uint32_t i = 0; i < e2term_nodes(a->ric.term); i++) {
        const node_t *n = e2term_node(a->ric.term, i);
        admin_text(row, "node", "%s at %s: %s", n->id, n->address, n->connected ? "connected" : "lost");
    }
    admin_integer(row, "subscriptions", submgr_count(a->ric.submgr));
    admin_integer(row, "held_values", guard_holds(a->ric.guard));
}

/* MCC and MNC digits as TS 38.413 9.3.3.5 packs them. */
static int pack_plmn(const char *digits, uint8_t out[3])
{
    size_t n = strlen(digits);
    if ((n != 5 && n != 6) || strspn(digits, "0123456789") != n)
        return -EINVAL;
    uint8_t d[6];
    for (size_t i = 0; i < n; i++)
        d[i] = (uint8_t)(digits[i] - '0');
    out[0] = (uint8_t)(d[1] << 4 | d[0]);
    out[1] = (uint8_t)((n == 6 ? d[5] : 15) << 4 | d[2]);
    out[2] = (uint8_t)(d[4] << 4 | d[3]);
    return 0;
}

static int run(app_t *a, const ric_config_t *config)
{
    static const admin_provider_t provider = {.status = show_status};
    const char *what = "loop";
    admin_t *admin = NULL;
    int r = loop_create(&a->loop);
    if (r == 0)
        r = loop_signal(a->loop, SIGTERM, on_signal, a);
    if (r == 0)
        r = loop_signal(a->loop, SIGINT, on_signal, a);
    if (r == 0)
        r = ric_start(&a->ric, a->loop, config, &a->log, &what);
    if (r == 0) {
        what = a->file.admin_listen;
        r = admin_create(a->loop, what, "vitran-ric", &provider, a, NULL, 0, &a->log, &admin);
    }
    if (r == 0) {
        admin_add_counters(admin, NULL, e2term_counter_set(e2term_counters(a->ric.term)));
        admin_add_counters(admin, "e2", assoc_counter_set(e2term_assoc_counters(a->ric.term)));
        admin_add_counters(admin, NULL, submgr_counter_set(submgr_counters(a->ric.submgr)));
        admin_add_counters(admin, NULL, guard_counter_set(guard_counters(a->ric.guard)));
        admin_add_counters(admin, NULL, xapp_counter_set(xapp_counters(a->ric.xapp)));
        admin_add_counters(admin, "xapp", rpc_counter_set(xapp_rpc_counters(a->ric.xapp)));
        log_notice(&a->log, "vitran-ric %s: E2 on port %d, xApps at %s", VITRAN_VERSION, (int)a->file.e2_port,
                   a->file.xapp_listen);
        r = loop_run(a->loop);
    } else {
        log_error(&a->log, "cannot start: %s: %s", what, strerror(-r));
    }
    admin_destroy(admin);
    if (a->ric.term)
        ric_stop(&a->ric);
    loop_destroy(a->loop);
    return r ? 1 : 0;
}

static int usage(FILE *to)
{
    fprintf(to, "vitran-ric --config FILE [--check-config] | --version | --help\n"
                "Near-RT RIC. Keys of the configuration file:\n");
    config_print_help(keys, to);
    return to == stderr ? 2 : 0;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"check-config", no_argument, NULL, 'k'},
                                            {"version", no_argument, NULL, 'v'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    static app_t a;
    const char *path = NULL;
    bool check = false;
    config_error_t err;
    for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;)
        switch (o) {
        case 'c':
            path = optarg;
            break;
        case 'k':
            check = true;
            break;
        case 'v':
            printf("vitran-ric %s\n", VITRAN_VERSION);
            return 0;
        case 'h':
            return usage(stdout);
        default:
            return usage(stderr);
        }
    if (!path || optind < argc)
        return usage(stderr);
    ric_config_t config = {0};
    int r = config_load(path, keys, &a.file, &err);
    if (!r && pack_plmn(a.file.plmn, config.e2.plmn)) {
        snprintf(err.text, sizeof err.text, "%s: plmn: expected 5 or 6 digits, found \"%s\"", path,
                 a.file.plmn);
        r = -EINVAL;
    }
    a.sink.node = "ric";
    if (!r && log_level_parse(a.file.log_level, &a.sink.level)) {
        snprintf(err.text, sizeof err.text, "%s: log_level: expected error, warning, notice, info or debug",
                 path);
        r = -EINVAL;
    }
    if (r) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    if (check)
        return 0;
    a.log = (log_t){&a.sink, "main"};
    config.e2.ric_id = (uint32_t)a.file.ric_id;
    config.e2.sctp = (assoc_config_t){.carrier = (assoc_carrier_t)a.file.e2_carrier,
                                      .local = a.file.e2_address,
                                      .local_port = (uint16_t)a.file.e2_port,
                                      .local_udp_port = (uint16_t)a.file.e2_udp_port,
                                      .log = &a.log};
    config.xapp_listen = a.file.xapp_listen;
    return run(&a, &config);
}
