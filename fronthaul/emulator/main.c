/* SPDX-License-Identifier: Apache-2.0 */
/* vitran-emu: the far end of the air for a DU with the abstract L1. Reads the configuration, wires engine,
 * admin service and signals, and waits. The only file that knows them all. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "fronthaul/emulator/engine.h"
#include "lib/core/clock.h"
#include "lib/core/loop.h"
#include "lib/rpc/admin.h"

typedef struct {
    emu_config_t config;
    engine_t *engine;
    loop_t *loop;
    log_sink_t sink;
    log_t log;
} app_t;

static void on_signal(void *ctx, int signo)
{
    app_t *a = ctx;
    log_notice(&a->log, "signal %d: ending", signo);
    loop_stop(a->loop);
}

static void show_status(void *ctx, admin_row_t *row)
{
    app_t *a = ctx;
    engine_status_t s = engine_status(a->engine);
    admin_boolean(row, "linked", s.linked);
    admin_integer(row, "slot", (int64_t)s.slot);
    admin_real(row, "speed", s.speed);
    admin_integer(row, "ues", a->config.n_ues);
}

/* "session-up" from "SESSION_UP" */
static const char *state_name(ue_nas_state_t s, char out[32])
{
    size_t i = 0;
    for (const char *p = ue_nas_state_names[s]; *p && i < 31; p++)
        out[i++] = *p == '_' ? '-' : (char)(*p | 0x20);
    out[i] = 0;
    return out;
}

static void show_ues(void *ctx, admin_rows_t *rows)
{
    app_t *a = ctx;
    for (uint32_t i = 0; i < a->config.n_ues; i++) {
        ue_status_t s = engine_ue(a->engine, i);
        char name[32];
        admin_row_t *r = admin_row_add(rows);
        admin_text(r, "imsi", "%s", a->config.ues[i].imsi);
        admin_text(r, "state", "%s", state_name(s.nas, name));
        admin_text(r, "radio", "%s", ue_state_names[s.state]);
        admin_integer(r, "c_rnti", s.c_rnti);
        admin_text(r, "ip", "%u.%u.%u.%u", s.ipv4 >> 24, s.ipv4 >> 16 & 255, s.ipv4 >> 8 & 255, s.ipv4 & 255);
        admin_integer(r, "cqi", s.cqi);
        admin_real(r, "sinr_db", s.sinr_db);
        admin_integer(r, "dl_bytes", (int64_t)s.dl_bytes);
        admin_integer(r, "ul_bytes", (int64_t)s.ul_bytes);
        if (s.attached_slot)
            admin_real(r, "attach_ms", (double)(s.attached_slot - s.first_slot) / 2);
    }
}

/* What the run counted, for its log. */
static void log_counters(const log_t *log, uint32_t ue, counter_set_t set)
{
    for (uint32_t i = 0; i < set.n; i++)
        if (set.values[i])
            log_debug(log, "%s %u: %s %llu", set.layer, ue, set.desc[i].name,
                      (unsigned long long)set.values[i]);
}

static int wire(app_t *a)
{
    admin_t *admin = NULL;
    const admin_provider_t provider = {.status = show_status, .ues = show_ues};
    int r = loop_create(&a->loop);
    if (!r)
        r = loop_signal(a->loop, SIGTERM, on_signal, a);
    if (!r)
        r = loop_signal(a->loop, SIGINT, on_signal, a);
    if (!r)
        r = engine_create(&a->config, &a->log, &a->engine);
    if (r) {
        log_error(&a->log, "cannot start: %s", strerror(-r));
        loop_destroy(a->loop);
        return 1;
    }
    r = admin_create(a->loop, a->config.admin_listen, "vitran-emu", &provider, a, NULL, 0, &a->log, &admin);
    if (r) {
        log_error(&a->log, "admin service at %s: %s", a->config.admin_listen, strerror(-r));
    } else {
        char name[16];
        admin_add_counters(admin, NULL, engine_counter_set(engine_counters(a->engine)));
        admin_add_counters(admin, NULL, air_counter_set(engine_air_counters(a->engine)));
        for (uint32_t i = 0; i < a->config.n_ues && i < 64; i++) {
            snprintf(name, sizeof name, "%u", i + 1);
            admin_add_counters(admin, name, ue_counter_set(engine_ue_counters(a->engine, i)));
        }
        r = engine_start(a->engine);
        if (r)
            log_error(&a->log, "lockstep thread: %s", strerror(-r));
        else
            r = loop_run(a->loop);
    }
    engine_stop(a->engine);
    log_counters(&a->log, 0, engine_counter_set(engine_counters(a->engine)));
    log_counters(&a->log, 0, air_counter_set(engine_air_counters(a->engine)));
    for (uint32_t i = 0; i < a->config.n_ues; i++)
        log_counters(&a->log, i, ue_counter_set(engine_ue_counters(a->engine, i)));
    admin_destroy(admin);
    engine_destroy(a->engine);
    loop_destroy(a->loop);
    return r ? 1 : 0;
}

static int usage(FILE *to)
{
    fprintf(to,
            "vitran-emu --config FILE [--check-config] | --version | --help\n"
            "Emulated UEs and their air for a DU with the abstract L1. Keys of the configuration file:\n");
    config_print_help(emu_config_keys, to);
    return to == stderr ? 2 : 0;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"check-config", no_argument, NULL, 'k'},
                                            {"version", no_argument, NULL, 'v'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    static app_t a; /* large: the UEs' configuration */
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
            printf("vitran-emu %s\n", VITRAN_VERSION);
            return 0;
        case 'h':
            return usage(stdout);
        default:
            return usage(stderr);
        }
    if (!path || optind < argc)
        return usage(stderr);
    int r = config_load(path, emu_config_keys, &a.config, &err);
    if (!r)
        r = emu_config_check(&a.config, &err);
    a.sink.node = "emu";
    if (!r && log_level_parse(a.config.log.level, &a.sink.level)) {
        snprintf(err.text, sizeof err.text, "%s: log.level: expected error, warning, notice, info or debug",
                 path);
        r = -EINVAL;
    }
    if (r) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    if (check)
        return 0;
    if (a.config.log.file[0] && !(a.sink.file = fopen(a.config.log.file, "ae"))) {
        fprintf(stderr, "%s: log.file: %s: %s\n", path, a.config.log.file, strerror(errno));
        return 1;
    }
    a.log = (log_t){&a.sink, "main"};
    log_notice(&a.log, "vitran-emu %s: %u UEs", VITRAN_VERSION, a.config.n_ues);
    return wire(&a);
}
