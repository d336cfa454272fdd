/* SPDX-License-Identifier: Apache-2.0 */
#include "du/node.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "du/e2/e2.h"
#include "du/l1.h"
#include "du/radio.h"
#include "lib/e2agent/tunables_admin.h"
#include "lib/rpc/admin.h"

enum { POOL_BUFS = 16384, POOL_BYTES = 2304 };

struct du_node {
    loop_t *loop;
    const du_config_t *config;
    log_t log, f1_log, slot_log, f1u_log, l1_log, e2_log, admin_log;
    pool_t *pool;
    du_radio_t radio;
    f1ap_du_config_t f1_config;
    f1ap_du_t *f1;
    f1ap_du_path_t *f1_path;
    uint32_t slices[F1AP_MAX_SLICES];
    loop_fd_t *on_slot;
    du_l1_t *l1;
    du_e2_t *e2;
    admin_t *admin;
    tunables_admin_t *plugins_admin;
    pcap_t *mac_pcap, *rlc_pcap;
};

static int fail(du_node_t *n, const char *what, int r)
{
    log_error(&n->log, "%s: %s", what, strerror(-r));
    return r;
}

/* ---- user plane and radio ---- */

static int start_f1u(du_node_t *n)
{
    f1u_config_t c = {.local_ipv4_be = htonl(n->config->f1u.address),
                      .port = (uint16_t)n->config->f1u.port,
                      .pool = n->pool,
                      .log = &n->f1u_log};
    int r = f1u_create(&n->radio.f1u, &c);
    if (r == 0)
        r = f1u_start(n->radio.f1u);
    return r < 0 ? fail(n, "F1-U", r) : 0;
}

static int start_slot(du_node_t *n)
{
    const du_config_t *c = n->config;
    du_slot_config_t s = {.mac = {.cell = n->f1_config.cell,
                                  .max_ues = (uint16_t)c->slot.max_ues,
                                  .k = (uint8_t)c->slot.advance,
                                  .inactivity_ms = (uint32_t)c->slot.inactivity_ms,
                                  .bler_target = c->slot.bler_target,
                                  .seed = (uint64_t)c->slot.seed,
                                  .pool = n->pool,
                                  .n_slices = (uint8_t)c->n_slices,
                                  .plugin_path = c->scheduler.plugin[0] ? c->scheduler.plugin : NULL,
                                  .log = &n->slot_log},
                          .clock = (du_clock_t)c->slot.clock,
                          .cpu = (int)c->slot.cpu,
                          .realtime_priority = (int)c->slot.priority,
                          .f1u = n->radio.f1u};
    memcpy(s.mac.slice_sst_sd, n->slices, sizeof n->slices);
    char why[256] = "";
    int r = du_slot_create(&s, why, &n->radio.slot);
    if (r < 0)
        log_error(&n->log, "slot engine: %s", why[0] ? why : strerror(-r));
    else if (why[0])
        log_error(&n->log, "scheduler plugin: %s; the built-in scheduler runs", why);
    return r;
}

static void on_slot(void *ctx, uint32_t events)
{
    du_node_t *n = ctx;
    du_event_t e;
    (void)events;
    while (du_slot_poll(n->radio.slot, &e))
        if (e.type == DU_EVENT_L1_DOWN) {
            du_l1_down(n->l1, e.link);
        } else {
            if (e.type == DU_EVENT_UE_REMOVED && n->e2)
                du_e2_ue_removed(n->e2, e.ue);
            f1ap_du_event(n->f1, &e);
        }
    if (n->e2)
        du_e2_poll(n->e2);
}

static int run_slot(du_node_t *n)
{
    asn1_bytes_t sib1 = f1ap_du_sib1(n->f1);
    buf_t *b = buf_from(n->pool, sib1.p, sib1.n);
    if (!b)
        return -ENOMEM;
    int r = du_slot_set_si(n->radio.slot, f1ap_du_mib(n->f1), b);
    if (r == 0)
        r = du_slot_cell_active(n->radio.slot, false); /* until F1 is set up */
    if (r == 0)
        r = loop_fd_add(n->loop, du_slot_event_fd(n->radio.slot), EPOLLIN, on_slot, n, &n->on_slot);
    if (r == 0 && n->config->pcap.mac[0]) {
        r = pcap_create(n->config->pcap.mac, &n->mac_pcap);
        if (r < 0)
            return fail(n, n->config->pcap.mac, r);
        pcap_limit(n->mac_pcap, (uint64_t)n->config->pcap.most);
        du_slot_tap(n->radio.slot, n->mac_pcap);
    }
    if (r == 0 && n->config->pcap.rlc[0]) {
        r = pcap_create(n->config->pcap.rlc, &n->rlc_pcap);
        if (r < 0)
            return fail(n, n->config->pcap.rlc, r);
        pcap_limit(n->rlc_pcap, (uint64_t)n->config->pcap.most);
        du_slot_tap_rlc(n->radio.slot, n->rlc_pcap);
    }
    if (r == 0)
        r = du_slot_start(n->radio.slot);
    if (r < 0)
        return fail(n, "slot thread", r);
    r = du_l1_create(n->loop, n->config->l1.socket, &n->f1_config.cell, n->radio.slot, &n->l1_log, &n->l1);
    return r < 0 ? fail(n, n->config->l1.socket, r) : 0;
}

/* ---- F1-C ---- */

/* F1's messages are what E2 setup tells of this node. */
static void on_f1_setup(void *ctx, const uint8_t *request, size_t request_n, const uint8_t *response,
                        size_t response_n)
{
    du_node_t *n = ctx;
    e2agent_t *agent = n->e2 ? du_e2_agent(n->e2) : NULL;
    if (agent && e2agent_set_f1(agent, request, (uint32_t)request_n, response, (uint32_t)response_n) < 0)
        log_error(&n->e2_log, "out of memory: the RIC does not hear of F1");
}

static int start_f1(du_node_t *n)
{
    f1ap_du_radio_t radio = du_radio_face(&n->radio);
    n->f1_config.pool = n->pool;
    n->f1_config.log = &n->f1_log;
    n->f1_config.on_setup = on_f1_setup;
    n->f1_config.on_setup_ctx = n;
    int r = f1ap_du_path_create(&n->f1_path);
    if (r < 0)
        return r;
    f1ap_du_transport_t transport = f1ap_du_path_transport(n->f1_path);
    return f1ap_du_create(n->loop, &n->f1_config, &radio, &transport, &n->f1);
}

static int connect_f1(du_node_t *n)
{
    const du_config_t *c = n->config;
    assoc_config_t a = {.carrier = (assoc_carrier_t)c->f1c.carrier,
                        .local = c->f1c.local,
                        .remote = c->f1c.remote,
                        .remote_port = (uint16_t)c->f1c.remote_port,
                        .local_udp_port = (uint16_t)c->f1c.local_udp_port,
                        .remote_udp_port = (uint16_t)c->f1c.remote_udp_port,
                        /* a silent peer is lost after about (1 s + 0.5 s) x 5 */
                        .heartbeat_ms = 1000,
                        .rto_max_ms = 500,
                        .max_retrans = 4,
                        .log = &n->f1_log};
    int r = f1ap_du_path_connect(n->f1_path, n->f1, n->loop, &a, &n->f1_log);
    return r < 0 ? fail(n, "F1-C", r) : 0;
}

/* ---- E2 ---- */

static int start_e2(du_node_t *n)
{
    const du_config_t *c = n->config;
    du_e2_config_t e = {.loop = n->loop,
                        .slot = n->radio.slot,
                        .f1ap = n->f1,
                        .cell = n->f1_config.cell,
                        .k = (uint8_t)c->slot.advance,
                        .plugin_dir = c->scheduler.directory,
                        .plugin_path = c->scheduler.plugin,
                        .has_ric = c->e2.enabled,
                        .log = &n->e2_log};
    e.e2 = (e2agent_config_t){.node = E2AGENT_GNB_DU,
                              .gnb_id = (uint32_t)c->cell.gnb_id,
                              .gnb_id_bits = (uint8_t)c->cell.gnb_id_bits,
                              .du_id = (uint64_t)c->du.id,
                              .nr_cell_id = n->f1_config.cell.nr_cell_id,
                              .slices = n->slices,
                              .n_slices = c->n_slices,
                              .await_f1 = true,
                              .sctp = {.carrier = (assoc_carrier_t)c->e2.carrier,
                                       .local = c->e2.local,
                                       .remote = c->e2.remote,
                                       .remote_port = (uint16_t)c->e2.remote_port,
                                       .local_udp_port = (uint16_t)c->e2.local_udp_port,
                                       .remote_udp_port = (uint16_t)c->e2.remote_udp_port,
                                       .log = &n->e2_log}};
    memcpy(e.e2.plmn, n->f1_config.cell.plmn, 3);
    int r = du_e2_create(&e, &n->e2);
    return r < 0 ? fail(n, "E2", r) : 0;
}

/* ---- admin service ---- */

static void admin_status(void *ctx, admin_row_t *row)
{
    du_node_t *n = ctx;
    uint64_t slot = du_slot_now(n->radio.slot);
    admin_text(row, "f1", "%s", f1ap_du_state(n->f1));
    admin_text(row, "cu", "%s", f1ap_du_cu_name(n->f1));
    admin_text(row, "cell", "%09llx", (unsigned long long)n->f1_config.cell.nr_cell_id);
    admin_integer(row, "pci", n->f1_config.cell.pci);
    admin_boolean(row, "l1", du_l1_attached(n->l1));
    admin_text(row, "e2", "%s",
               !n->e2 || !du_e2_agent(n->e2)       ? "off"
               : e2agent_is_up(du_e2_agent(n->e2)) ? "up"
                                                   : "down");
    admin_integer(row, "ues", f1ap_du_ues(n->f1, NULL, 0));
    admin_integer(row, "slot", slot == UINT64_MAX ? -1 : (int64_t)slot);
}

static const mac_ue_stats_t *stats_of(const mac_ue_stats_t *s, uint32_t n, du_ue_ref_t ref)
{
    for (uint32_t i = 0; i < n; i++)
        if (s[i].ue.index == ref.index && s[i].ue.generation == ref.generation)
            return &s[i];
    return NULL;
}

static void admin_ues(void *ctx, admin_rows_t *rows)
{
    du_node_t *n = ctx;
    static f1ap_du_ue_status_t ues[MAC_MAX_UES]; /* one loop thread a process */
    static mac_ue_stats_t stats[MAC_MAX_UES];
    uint32_t n_ues = f1ap_du_ues(n->f1, ues, MAC_MAX_UES);
    uint32_t n_stats = du_slot_ue_stats(n->radio.slot, stats, MAC_MAX_UES);
    for (uint32_t i = 0; i < n_ues && i < MAC_MAX_UES; i++) {
        admin_row_t *row = admin_row_add(rows);
        const mac_ue_stats_t *s = stats_of(stats, n_stats, ues[i].ref);
        admin_integer(row, "ue", ues[i].ref.index);
        admin_integer(row, "rnti", ues[i].rnti);
        admin_integer(row, "cu_ue_f1ap_id", ues[i].has_cu_ue_id ? (int64_t)ues[i].cu_ue_id : -1);
        admin_integer(row, "du_ue_f1ap_id", ues[i].du_ue_id);
        admin_text(row, "state", "%s", ues[i].state);
        if (!s)
            continue;
        admin_integer(row, "slice", s->slice);
        admin_integer(row, "cqi", s->cqi);
        admin_integer(row, "mcs_dl", s->mcs_dl);
        admin_integer(row, "mcs_ul", s->mcs_ul);
        admin_real(row, "ul_sinr_db", s->ul_sinr_db_x10 / 10.0);
        admin_integer(row, "dl_bytes", (int64_t)s->dl_bytes);
        admin_integer(row, "ul_bytes", (int64_t)s->ul_bytes);
        admin_integer(row, "dl_tb", (int64_t)s->dl_tb);
        admin_integer(row, "dl_nack", (int64_t)s->dl_nack);
        admin_integer(row, "ul_tb", (int64_t)s->ul_tb);
        admin_integer(row, "ul_crc_failed", (int64_t)s->ul_crc_failed);
        admin_real(row, "dl_bler_percent", s->dl_tb ? 100.0 * (double)s->dl_nack / (double)s->dl_tb : 0.0);
        admin_real(row, "ul_bler_percent",
                   s->ul_tb ? 100.0 * (double)s->ul_crc_failed / (double)s->ul_tb : 0.0);
        admin_integer(row, "dl_queued_bytes", s->dl_queued_bytes);
    }
}

/* What a parameter of that scope may be set for: the slices, or the UEs that are there. */
static uint32_t tunable_keys(void *ctx, uint32_t scope, uint32_t *out, uint32_t cap)
{
    du_node_t *n = ctx;
    static mac_ue_stats_t stats[MAC_MAX_UES]; /* one loop thread a process */
    uint32_t count = 0;
    if (scope == VTN_SCOPE_SLICE)
        for (; count < n->config->n_slices && count < cap; count++)
            out[count] = count;
    else if (scope == VTN_SCOPE_UE) {
        uint32_t n_ues = du_slot_ue_stats(n->radio.slot, stats, MAC_MAX_UES);
        for (; count < n_ues && count < cap; count++)
            out[count] = VTN_UE_KEY(stats[count].ue.index, stats[count].ue.generation);
    }
    return count;
}

static int start_admin(du_node_t *n)
{
    static const admin_provider_t provider = {admin_status, admin_ues};
    rpc_method_t methods[TUNABLES_ADMIN_METHODS];
    if (!n->config->admin.listen[0])
        return 0;
    int r = tunables_admin_create(du_e2_tunables(n->e2), tunable_keys, n, methods, &n->plugins_admin);
    if (r == 0)
        r = admin_create(n->loop, n->config->admin.listen, "vitran-du", &provider, n, methods,
                         TUNABLES_ADMIN_METHODS, &n->admin_log, &n->admin);
    if (r < 0)
        return fail(n, n->config->admin.listen, r);
    admin_add_counters(n->admin, "", f1ap_du_counter_set(f1ap_du_counters(n->f1)));
    admin_add_counters(n->admin, "", assoc_counter_set(f1ap_du_path_counters(n->f1_path)));
    admin_add_counters(n->admin, "", du_l1_counter_set(du_l1_counters(n->l1)));
    if (du_e2_agent(n->e2))
        admin_add_counters(n->admin, "", e2agent_counter_set(e2agent_counters(du_e2_agent(n->e2))));
    admin_add_counters(n->admin, "", f1u_counter_set(f1u_counters(n->radio.f1u)));
    admin_add_counters(n->admin, "", du_slot_counter_set(du_slot_counters(n->radio.slot)));
    admin_add_counters(n->admin, "", l1_counter_set(du_slot_l1_counters(n->radio.slot)));
    admin_add_counters(n->admin, "", mac_counter_set(du_slot_mac_counters(n->radio.slot)));
    return 0;
}

/* ---- the whole ---- */

int du_node_create(loop_t *loop, const du_config_t *config, const log_t *log, du_node_t **ret)
{
    config_error_t err = {.text = ""};
    du_node_t *n = calloc(1, sizeof *n);
    if (!n)
        return -ENOMEM;
    n->loop = loop;
    n->config = config;
    n->log = *log;
    n->f1_log = log_sub(log, "f1ap");
    n->slot_log = log_sub(log, "slot");
    n->f1u_log = log_sub(log, "f1u");
    n->l1_log = log_sub(log, "l1");
    n->e2_log = log_sub(log, "e2");
    n->admin_log = log_sub(log, "admin");
    for (uint32_t i = 0; i < config->n_slices; i++)
        n->slices[i] = E2AGENT_SLICE(config->slices[i].sst, config->slices[i].sd);
    int r = du_config_f1ap(config, &n->f1_config, &err);
    if (r < 0)
        log_error(&n->log, "%s", err.text);
    if (r == 0)
        r = pool_create(&n->pool, POOL_BUFS, POOL_BYTES);
    if (r == 0)
        r = start_f1u(n);
    if (r == 0)
        r = start_slot(n);
    if (r == 0)
        r = start_f1(n);
    if (r == 0)
        r = run_slot(n);
    if (r == 0)
        r = start_e2(n);
    if (r == 0)
        r = connect_f1(n);
    if (r == 0)
        r = start_admin(n);
    if (r < 0) {
        du_node_destroy(n);
        return r;
    }
    *ret = n;
    return 0;
}

static void log_counters(const du_node_t *n)
{
    if (!n->f1) /* it never ran */
        return;
    counters_log(&n->log, f1ap_du_counter_set(f1ap_du_counters(n->f1)));
    counters_log(&n->log, f1u_counter_set(f1u_counters(n->radio.f1u)));
    counters_log(&n->log, du_slot_counter_set(du_slot_counters(n->radio.slot)));
    counters_log(&n->log, mac_counter_set(du_slot_mac_counters(n->radio.slot)));
}

void du_node_destroy(du_node_t *n)
{
    if (!n)
        return;
    log_counters(n);
    admin_destroy(n->admin);
    tunables_admin_destroy(n->plugins_admin);
    f1ap_du_path_destroy(n->f1_path);
    if (n->radio.slot)
        du_slot_stop(n->radio.slot);
    du_e2_destroy(n->e2);
    f1ap_du_destroy(n->f1);
    du_l1_destroy(n->l1);
    loop_fd_del(n->on_slot);
    du_slot_destroy(n->radio.slot);
    f1u_destroy(n->radio.f1u);
    pcap_close(n->mac_pcap);
    pcap_close(n->rlc_pcap);
    pool_destroy(n->pool);
    free(n);
}
