/* SPDX-License-Identifier: Apache-2.0 */
#include "cu/node.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cu/core/core.h"
#include "cu/f1ap/f1ap_cu.h"
#include "cu/rrc/rrc_cu.h"
#include "cu/up/up.h"
#include "lib/core/clock.h"
#include "lib/nas/nas.h"
#include "lib/rpc/admin.h"

enum { POOL_BUFS = 1024, POOL_BYTES = 9216 };

struct cu_node {
    loop_t *loop;
    const cu_config_t *config;
    log_t log, f1_log, rrc_log, up_log, core_log, admin_log;
    pool_t *pool;
    crypto_t *crypto;
    pcap_t *nas_pcap;
    up_t *up;
    up_events_t up_events; /* filled when RRC is there */
    rrc_cu_t *rrc;
    f1ap_cu_t *f1;
    f1ap_cu_path_t *f1_path;
    core_t *core;
    admin_t *admin;
};

static int fail(cu_node_t *n, const char *what, int r)
{
    log_error(&n->log, "%s: %s", what, strerror(-r));
    return r;
}

/* ---- the user plane's face for RRC ---- */

static int ue_add(void *ctx, const up_ue_config_t *config, uint32_t *ret_ue)
{
    return up_ue_add(((cu_node_t *)ctx)->up, config, ret_ue);
}

static int ue_remove(void *ctx, uint32_t ue)
{
    return up_ue_remove(((cu_node_t *)ctx)->up, ue);
}

static int ue_rekey(void *ctx, uint32_t ue, const pdcp_security_t *security)
{
    return up_ue_rekey(((cu_node_t *)ctx)->up, ue, security);
}

static int session_add(void *ctx, uint32_t ue, const up_session_config_t *config)
{
    return up_session_add(((cu_node_t *)ctx)->up, ue, config);
}

static int session_remove(void *ctx, uint32_t ue, uint8_t session_id)
{
    return up_session_remove(((cu_node_t *)ctx)->up, ue, session_id);
}

static int drb_add(void *ctx, uint32_t ue, const up_drb_config_t *config, uint32_t *ret_local_teid)
{
    return up_drb_add(((cu_node_t *)ctx)->up, ue, config, ret_local_teid);
}

static int drb_set_remote(void *ctx, uint32_t ue, uint8_t drb_id, uint32_t ipv4_be, uint16_t port,
                          uint32_t teid)
{
    return up_drb_set_remote(((cu_node_t *)ctx)->up, ue, drb_id, ipv4_be, port, teid);
}

static int drb_remove(void *ctx, uint32_t ue, uint8_t drb_id)
{
    return up_drb_remove(((cu_node_t *)ctx)->up, ue, drb_id);
}

/* The user plane is made before RRC, which wants to hear of it. */
static void bearer_lost(void *ctx, uint32_t ue, uint8_t drb_id)
{
    up_events_t *e = &((cu_node_t *)ctx)->up_events;
    e->bearer_lost(e->ctx, ue, drb_id);
}

static void count_exhausted(void *ctx, uint32_t ue, uint8_t drb_id)
{
    up_events_t *e = &((cu_node_t *)ctx)->up_events;
    e->count_exhausted(e->ctx, ue, drb_id);
}

static void integrity_failure(void *ctx, uint32_t ue, uint8_t drb_id)
{
    up_events_t *e = &((cu_node_t *)ctx)->up_events;
    e->integrity_failure(e->ctx, ue, drb_id);
}

static int start_up(cu_node_t *n)
{
    const cu_config_t *c = n->config;
    up_events_t events = {n, bearer_lost, count_exhausted, integrity_failure};
    up_config_t u = {.f1u_ipv4_be = htonl(c->f1u.address),
                     .f1u_port = (uint16_t)c->f1u.port,
                     .tun = c->n6.tun[0] ? c->n6.tun : NULL,
                     .n6_fd = -1,
                     .n6_ipv4_be = htonl(c->n6.address),
                     .n6_prefix = (uint8_t)c->n6.prefix,
                     .n6_mtu = (uint32_t)c->n6.mtu,
                     .max_ues = (uint32_t)c->rrc.max_ues,
                     .log = &n->up_log};
    int r = up_create(&n->up, &u, n->loop, &events);
    return r < 0 ? fail(n, "user plane", r) : 0;
}

static int start_rrc(cu_node_t *n)
{
    const cu_config_t *c = n->config;
    rrc_cu_config_t r = {.max_ues = (uint32_t)c->rrc.max_ues,
                         .n_nea = (uint8_t)c->security.n_nea,
                         .n_nia = (uint8_t)c->security.n_nia,
                         .up_integrity = c->security.up_integrity,
                         .reestablishment = c->rrc.reestablishment,
                         .inactivity_release = c->rrc.inactivity_release,
                         .procedure_ms = (uint32_t)c->rrc.procedure_ms,
                         .f1u_address = c->f1u.address,
                         .pool = n->pool,
                         .crypto = n->crypto,
                         .nas_pcap = n->nas_pcap,
                         .log = &n->rrc_log};
    rrc_up_t up = {n,       ue_add,         ue_remove, ue_rekey, session_add, session_remove,
                   drb_add, drb_set_remote, drb_remove};
    for (uint32_t i = 0; i < 4; i++) {
        r.nea[i] = (nea_t)c->security.nea[i];
        r.nia[i] = (nia_t)c->security.nia[i];
    }
    int e = rrc_cu_create(n->loop, &r, &up, &n->rrc);
    if (e < 0)
        return fail(n, "RRC", e);
    n->up_events = rrc_cu_up_events(n->rrc);
    return 0;
}

/* Beside the PDU as it goes over RRC: nobody but us can decipher it. */
static void capture_plain_nas(void *ctx, const ngap_ue_ids_t *ue, bool uplink, const uint8_t *plain,
                              size_t len)
{
    cu_node_t *n = ctx;
    (void)ue, (void)uplink;
    pcap_write_exported(n->nas_pcap, time_ns(CLOCK_REALTIME), "nas-5gs", plain, len);
}

static int start_core(cu_node_t *n)
{
    ngap_ran_t ran = rrc_cu_ran(n->rrc);
    int r = core_create(n->loop, &n->config->core, &ran, &n->core_log, &n->core);
    if (r < 0)
        return fail(n, "embedded core", r);
    if (n->nas_pcap)
        core_set_tap(n->core, capture_plain_nas, n);
    rrc_cu_set_core(n->rrc, core_ngap(n->core));
    return 0;
}

static int start_f1(cu_node_t *n)
{
    const cu_config_t *c = n->config;
    f1ap_cu_config_t f = {.log = &n->f1_log};
    f1ap_cu_user_t user = rrc_cu_f1_user(n->rrc);
    memcpy(f.name, c->cu.name, sizeof f.name);
    nas_plmn_build(c->core.plmn, f.plmn);
    int r = f1ap_cu_path_create(&n->f1_path);
    if (r < 0)
        return r;
    f1ap_cu_transport_t transport = f1ap_cu_path_transport(n->f1_path);
    r = f1ap_cu_create(n->loop, &f, &user, &transport, &n->f1);
    if (r < 0)
        return r;
    rrc_cu_set_f1(n->rrc, n->f1);
    assoc_config_t a = {.carrier = (assoc_carrier_t)c->f1c.carrier,
                        .local = c->f1c.local,
                        .local_port = (uint16_t)c->f1c.port,
                        .local_udp_port = (uint16_t)c->f1c.udp_port,
                        /* a silent peer is lost after about (1 s + 0.5 s) x 5 */
                        .heartbeat_ms = 1000,
                        .rto_max_ms = 500,
                        .max_retrans = 4,
                        .log = &n->f1_log};
    r = f1ap_cu_path_listen(n->f1_path, n->f1, n->loop, &a, &n->f1_log);
    return r < 0 ? fail(n, "F1-C", r) : 0;
}

/* ---- admin service ---- */

static void admin_status(void *ctx, admin_row_t *row)
{
    cu_node_t *n = ctx;
    f1ap_cu_du_status_t dus[F1AP_CU_MAX_DUS];
    uint32_t n_dus = f1ap_cu_dus(n->f1, dus, F1AP_CU_MAX_DUS), ready = 0;
    for (uint32_t i = 0; i < n_dus && i < F1AP_CU_MAX_DUS; i++)
        ready += strcmp(dus[i].state, "ready") == 0;
    admin_integer(row, "dus", ready);
    admin_integer(row, "ues", rrc_cu_ues(n->rrc, NULL, 0));
    admin_integer(row, "registered", core_counters(n->core)->registrations);
}

static const core_ue_status_t *core_ue_of(const core_ue_status_t *c, uint32_t n, uint32_t ran_id)
{
    for (uint32_t i = 0; i < n; i++)
        if (c[i].ids.ran_ue_ngap_id == ran_id)
            return &c[i];
    return NULL;
}

static void admin_ues(void *ctx, admin_rows_t *rows)
{
    cu_node_t *n = ctx;
    static rrc_cu_ue_status_t ues[F1AP_CU_MAX_UES]; /* one loop thread a process */
    static core_ue_status_t core_status[F1AP_CU_MAX_UES];
    uint32_t n_ues = rrc_cu_ues(n->rrc, ues, F1AP_CU_MAX_UES);
    uint32_t n_core = core_ues(n->core, core_status, F1AP_CU_MAX_UES);
    for (uint32_t i = 0; i < n_ues && i < F1AP_CU_MAX_UES; i++) {
        admin_row_t *row = admin_row_add(rows);
        const core_ue_status_t *c = core_ue_of(core_status, n_core, ues[i].ran_ue_ngap_id);
        up_ue_stats_t s;
        admin_integer(row, "ran_ue_ngap_id", ues[i].ran_ue_ngap_id);
        admin_integer(row, "cu_ue_f1ap_id", ues[i].cu_ue_id);
        admin_integer(row, "du_ue_f1ap_id", ues[i].du_ue_id);
        admin_integer(row, "rnti", ues[i].crnti);
        admin_text(row, "rrc", "%s", ues[i].state);
        admin_integer(row, "nea", ues[i].secure ? (int)ues[i].nea : -1);
        admin_integer(row, "nia", ues[i].secure ? (int)ues[i].nia : -1);
        admin_integer(row, "sessions", ues[i].n_sessions);
        if (c) {
            admin_text(row, "imsi", "%s", c->imsi);
            admin_text(row, "mm", "%s", c->state);
            admin_text(row, "ip", "%u.%u.%u.%u", c->ipv4 >> 24, c->ipv4 >> 16 & 255, c->ipv4 >> 8 & 255,
                       c->ipv4 & 255);
            admin_integer(row, "sst", c->snssai.sst);
            admin_text(row, "sd", "%06x", c->snssai.sd);
        }
        if (ues[i].up_ue != UINT32_MAX && up_ue_stats(n->up, ues[i].up_ue, &s) == 0) {
            admin_integer(row, "dl_bytes", (int64_t)s.dl_bytes);
            admin_integer(row, "ul_bytes", (int64_t)s.ul_bytes);
        }
    }
}

static int start_admin(cu_node_t *n)
{
    static const admin_provider_t provider = {admin_status, admin_ues};
    if (!n->config->admin.listen[0])
        return 0;
    int r = admin_create(n->loop, n->config->admin.listen, "vitran-cu", &provider, n, NULL, 0, &n->admin_log,
                         &n->admin);
    if (r < 0)
        return fail(n, n->config->admin.listen, r);
    admin_add_counters(n->admin, "", f1ap_cu_counter_set(f1ap_cu_counters(n->f1)));
    admin_add_counters(n->admin, "", assoc_counter_set(f1ap_cu_path_counters(n->f1_path)));
    admin_add_counters(n->admin, "", rrc_cu_counter_set(rrc_cu_counters(n->rrc)));
    admin_add_counters(n->admin, "", core_counter_set(core_counters(n->core)));
    admin_add_counters(n->admin, "", up_counter_set(up_counters(n->up)));
    return 0;
}

/* ---- the whole ---- */

int cu_node_create(loop_t *loop, const cu_config_t *config, const log_t *log, cu_node_t **ret)
{
    cu_node_t *n = calloc(1, sizeof *n);
    if (!n)
        return -ENOMEM;
    n->loop = loop;
    n->config = config;
    n->log = *log;
    n->f1_log = log_sub(log, "f1ap");
    n->rrc_log = log_sub(log, "rrc");
    n->up_log = log_sub(log, "up");
    n->core_log = log_sub(log, "core");
    n->admin_log = log_sub(log, "admin");
    int r = pool_create(&n->pool, POOL_BUFS, POOL_BYTES);
    if (r == 0 && (r = crypto_create(&n->crypto)) < 0)
        fail(n, "crypto", r);
    if (r == 0 && config->pcap.nas[0] && (r = pcap_create(config->pcap.nas, &n->nas_pcap)) < 0)
        fail(n, config->pcap.nas, r);
    if (r == 0)
        r = start_up(n);
    if (r == 0)
        r = start_rrc(n);
    if (r == 0)
        r = start_core(n);
    if (r == 0)
        r = up_start(n->up);
    if (r == 0)
        r = start_f1(n);
    if (r == 0)
        r = start_admin(n);
    if (r < 0) {
        cu_node_destroy(n);
        return r;
    }
    *ret = n;
    return 0;
}

static void log_counters(const cu_node_t *n)
{
    if (!n->f1) /* it never ran */
        return;
    counters_log(&n->log, f1ap_cu_counter_set(f1ap_cu_counters(n->f1)));
    counters_log(&n->log, rrc_cu_counter_set(rrc_cu_counters(n->rrc)));
    counters_log(&n->log, core_counter_set(core_counters(n->core)));
    counters_log(&n->log, up_counter_set(up_counters(n->up)));
}

void cu_node_destroy(cu_node_t *n)
{
    if (!n)
        return;
    log_counters(n);
    admin_destroy(n->admin);
    f1ap_cu_path_destroy(n->f1_path);
    rrc_cu_destroy(n->rrc);
    f1ap_cu_destroy(n->f1);
    core_destroy(n->core);
    up_destroy(n->up);
    pcap_close(n->nas_pcap);
    crypto_destroy(n->crypto);
    pool_destroy(n->pool);
    free(n);
}
