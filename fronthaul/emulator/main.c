/* SPDX-License-Identifier: Apache-2.0 */
/* vitran-emu: the far end of the air for a DU with the abstract L1. Reads the configuration, wires engine,
 * admin service and signals, and waits. The only file that knows them all. */
#include <stdio.h>
#include <string.h>

#include "fronthaul/emulator/engine.h"
#include "lib/core/app.h"
#include "lib/rpc/admin.h"

typedef struct {
    emu_config_t *config;
    engine_t *engine;
} emu_t;

static void show_status(void *ctx, admin_row_t *row)
{
    emu_t *a = ctx;
    engine_status_t s = engine_status(a->engine);
    admin_boolean(row, "linked", s.linked);
    admin_integer(row, "slot", (int64_t)s.slot);
    admin_real(row, "speed", s.speed);
    admin_integer(row, "ues", a->config->n_ues);
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
    emu_t *a = ctx;
    for (uint32_t i = 0; i < a->config->n_ues; i++) {
        ue_status_t s = engine_ue(a->engine, i);
        char name[32];
        admin_row_t *r = admin_row_add(rows);
        admin_text(r, "imsi", "%s", a->config->ues[i].imsi);
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

static int run(void *config, loop_t *loop, const log_t *log)
{
    emu_t emu = {.config = config};
    admin_t *admin = NULL;
    const admin_provider_t provider = {.status = show_status, .ues = show_ues};
    int r = engine_create(emu.config, log, &emu.engine);
    if (r < 0) {
        log_error(log, "cannot start: %s", strerror(-r));
        return r;
    }
    r = admin_create(loop, emu.config->admin_listen, "vitran-emu", &provider, &emu, NULL, 0, log, &admin);
    if (r < 0) {
        log_error(log, "admin service at %s: %s", emu.config->admin_listen, strerror(-r));
    } else {
        char name[16];
        admin_add_counters(admin, NULL, engine_counter_set(engine_counters(emu.engine)));
        admin_add_counters(admin, NULL, air_counter_set(engine_air_counters(emu.engine)));
        for (uint32_t i = 0; i < emu.config->n_ues && i < 64; i++) {
            snprintf(name, sizeof name, "%u", i + 1);
            admin_add_counters(admin, name, ue_counter_set(engine_ue_counters(emu.engine, i)));
        }
        r = engine_start(emu.engine);
        if (r < 0) {
            log_error(log, "lockstep thread: %s", strerror(-r));
        } else {
            log_notice(log, "vitran-emu %s: %u UEs", VITRAN_VERSION, emu.config->n_ues);
            r = loop_run(loop);
        }
    }
    engine_stop(emu.engine);
    log_counters(log, 0, engine_counter_set(engine_counters(emu.engine)));
    log_counters(log, 0, air_counter_set(engine_air_counters(emu.engine)));
    for (uint32_t i = 0; i < emu.config->n_ues; i++)
        log_counters(log, i, ue_counter_set(engine_ue_counters(emu.engine, i)));
    admin_destroy(admin);
    engine_destroy(emu.engine);
    return r;
}

static int read_config(const char *path, void *config, config_error_t *err)
{
    int r = config_load(path, emu_config_keys, config, err);
    if (r == 0 && emu_config_check(config, err) < 0)
        r = config_located(path, err);
    return r;
}

int main(int argc, char **argv)
{
    static emu_config_t config; /* large: the UEs' configuration */
    const app_t app = {.program = "vitran-emu",
                       .version = VITRAN_VERSION,
                       .summary = "Emulated UEs and their air for a DU with the abstract L1.",
                       .node = "emu",
                       .keys = emu_config_keys,
                       .config = &config,
                       .read = read_config,
                       .log_level = config.log.level,
                       .log_file = config.log.file,
                       .run = run};
    return app_main(argc, argv, &app);
}
