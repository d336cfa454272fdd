/* SPDX-License-Identifier: Apache-2.0 */
/* vitran-ric: reads the configuration, starts the RIC's layers on one loop, ends on SIGTERM and SIGINT. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/core/app.h"
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

static void show_status(void *ctx, admin_row_t *row)
{
    const ric_t *ric = ctx;
    uint32_t connected = 0;
    for (uint32_t i = 0; i < e2term_nodes(ric->term); i++)
        connected += e2term_node(ric->term, i)->connected;
    admin_integer(row, "nodes", e2term_nodes(ric->term));
    admin_integer(row, "connected", connected);
    for (uint32_t i = 0; i < e2term_nodes(ric->term); i++) {
        const node_t *n = e2term_node(ric->term, i);
        admin_text(row, "node", "%s at %s: %s", n->id, n->address, n->connected ? "connected" : "lost");
    }
    admin_integer(row, "subscriptions", submgr_count(ric->submgr));
    admin_integer(row, "held_values", guard_holds(ric->guard));
}

/* MCC and MNC digits as TS 38.413 9.3.3.5 packs them. */
static int pack_plmn(const char *digits, uint8_t out[3])
{
    size_t n = strlen(digits);
    if ((n != 5 && n != 6) || strspn(digits, "0123456789") != n)
        return -EINVAL;
    uint8_t d[6] = {0};
    for (size_t i = 0; i < n; i++)
        d[i] = (uint8_t)(digits[i] - '0');
    out[0] = (uint8_t)(d[1] << 4 | d[0]);
    out[1] = (uint8_t)((n == 6 ? d[5] : 15) << 4 | d[2]);
    out[2] = (uint8_t)(d[4] << 4 | d[3]);
    return 0;
}

static int read_config(const char *path, void *config, config_error_t *err)
{
    file_t *f = config;
    uint8_t plmn[3];
    int r = config_load(path, keys, f, err);
    if (r == 0 && pack_plmn(f->plmn, plmn) < 0) {
        snprintf(err->text, sizeof err->text, "plmn: expected 5 or 6 digits, found \"%s\"", f->plmn);
        r = config_located(path, err);
    }
    return r;
}

static int run(void *config, loop_t *loop, const log_t *log)
{
    static const admin_provider_t provider = {.status = show_status};
    file_t *f = config;
    ric_config_t c = {.e2 = {.ric_id = (uint32_t)f->ric_id,
                             .sctp = {.carrier = (assoc_carrier_t)f->e2_carrier,
                                      .local = f->e2_address,
                                      .local_port = (uint16_t)f->e2_port,
                                      .local_udp_port = (uint16_t)f->e2_udp_port,
                                      .log = log}},
                      .xapp_listen = f->xapp_listen};
    ric_t ric = {0};
    const char *what = "";
    admin_t *admin = NULL;
    pack_plmn(f->plmn, c.e2.plmn);
    int r = ric_start(&ric, loop, &c, log, &what);
    if (r == 0) {
        what = f->admin_listen;
        r = admin_create(loop, what, "vitran-ric", &provider, &ric, NULL, 0, log, &admin);
    }
    if (r == 0) {
        admin_add_counters(admin, NULL, e2term_counter_set(e2term_counters(ric.term)));
        admin_add_counters(admin, "e2", assoc_counter_set(e2term_assoc_counters(ric.term)));
        admin_add_counters(admin, NULL, submgr_counter_set(submgr_counters(ric.submgr)));
        admin_add_counters(admin, NULL, guard_counter_set(guard_counters(ric.guard)));
        admin_add_counters(admin, NULL, xapp_counter_set(xapp_counters(ric.xapp)));
        admin_add_counters(admin, "xapp", rpc_counter_set(xapp_rpc_counters(ric.xapp)));
        log_notice(log, "vitran-ric %s: E2 on port %d, xApps at %s", VITRAN_VERSION, (int)f->e2_port,
                   f->xapp_listen);
        r = loop_run(loop);
    } else {
        log_error(log, "cannot start: %s: %s", what, strerror(-r));
    }
    admin_destroy(admin);
    if (ric.term)
        ric_stop(&ric);
    return r;
}

int main(int argc, char **argv)
{
    static file_t file;
    const app_t app = {.program = "vitran-ric",
                       .version = VITRAN_VERSION,
                       .summary = "Near-RT RIC.",
                       .node = "ric",
                       .keys = keys,
                       .config = &file,
                       .read = read_config,
                       .log_level = file.log_level,
                       .run = run};
    return app_main(argc, argv, &app);
}
