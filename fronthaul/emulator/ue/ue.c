/* SPDX-License-Identifier: Apache-2.0 */
/* The UE as a whole: life, the slot, status, and NAS's callbacks. See ue.h. */
#include "fronthaul/emulator/ue/ue.h"

#include <stdlib.h>

#include "fronthaul/emulator/ue/ue_int.h"

COUNTERS_DEFINE(ue, UE_COUNTERS)

const char *const ue_state_names[] = {"searching", "camped", "connecting", "connected"};

#define NAS_RETRY_MS 2000 /* a registration that failed is tried again */

/* xorshift64*: repeatable from the seed. */
uint64_t ue_random(ue_t *u)
{
    u->rng ^= u->rng >> 12;
    u->rng ^= u->rng << 25;
    u->rng ^= u->rng >> 27;
    return u->rng * UINT64_C(0x2545f4914f6cdd1d) >> 8;
}

/* ---- NAS ---- */

static void on_registered(void *ctx)
{
    (void)ctx;
}

static void on_session_up(void *ctx, const ue_nas_session_t *s)
{
    ue_t *u = ctx;
    u->session_up = true;
    u->session = *s;
    u->status.ipv4 = s->ipv4;
    if (!u->status.attached_slot)
        u->status.attached_slot = u->abs_slot;
    if (u->ops.session)
        u->ops.session(u->ops.ctx, s);
}

static void on_session_down(void *ctx, uint8_t id)
{
    ue_t *u = ctx;
    (void)id;
    u->session_up = false;
    u->status.ipv4 = 0;
    if (u->ops.session)
        u->ops.session(u->ops.ctx, NULL);
}

static void on_nas_failed(void *ctx, ue_nas_fail_t why, uint8_t cause)
{
    ue_t *u = ctx;
    log_warning(&u->log, "ue %u: NAS: %s, cause %u", u->config.index, ue_nas_fail_names[why], cause);
    if (u->session_up)
        on_session_down(u, u->session.pdu_session_id);
    u->nas_retry_at = u->now_ns + NAS_RETRY_MS * NS_PER_MS;
}

/* ---- life ---- */

int ue_create(const ue_config_t *config, const ue_ops_t *ops, const ue_air_t *air, pool_t *pool,
              crypto_t *crypto, const log_t *log, ue_t **ret)
{
    ue_t *u = calloc(1, sizeof *u);
    if (!u)
        return -ENOMEM;
    u->config = *config;
    u->ops = *ops;
    u->air = *air;
    u->pool = pool;
    u->crypto = crypto;
    u->log = log_sub(log, "ue");
    u->rng = (config->seed ? config->seed : 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
    u->nas_retry_at = INT64_MAX;
    u->scratch = malloc(RRC_SCRATCH_BYTES);
    ue_nas_cbs_t cbs = {.ctx = u,
                        .send_ul = ue_rrc_nas_ul,
                        .registered = on_registered,
                        .session_up = on_session_up,
                        .session_down = on_session_down,
                        .failed = on_nas_failed};
    int r = u->scratch ? ue_nas_create(&config->nas, &cbs, &u->log, &u->nas) : -ENOMEM;
    if (r) {
        free(u->scratch);
        free(u);
        return r;
    }
    u->rrc.release_at = u->rrc.t310_at = UE_NEVER;
    u->mac.ta_expires = UE_NEVER;
    sdap_init(&u->sdap, false);
    ue_mac_reset(u);
    *ret = u;
    return 0;
}

void ue_destroy(ue_t *u)
{
    if (!u)
        return;
    ue_bearer_release_all(u);
    bufq_clear(&u->waiting);
    for (int i = 0; i < UE_N_HARQ; i++)
        free(u->mac.ul[i].tb);
    ue_nas_destroy(u->nas);
    free(u->rrc.initial_nas);
    free(u->scratch);
    free(u);
}

/* ---- the slot ---- */

void ue_tune(ue_t *u, uint32_t ssb_arfcn)
{
    u->ssb_arfcn = ssb_arfcn;
}

void ue_rx(ue_t *u, const ue_rx_t *rx)
{
    u->abs_slot = rx->abs_slot;
    u->sinr_db = rx->sinr_db;
    if (!u->status.first_slot)
        u->status.first_slot = rx->abs_slot;
    if (u->cell.have_mib)
        u->t = rx->abs_slot - (uint64_t)u->cell.offset;
    u->now_ns = (int64_t)rx->abs_slot * slot_duration_ns(u->cell.have_mib ? u->cell.mib.mu : 1);
    for (uint32_t i = 0; i < rx->n_ssb; i++)
        ue_cell_on_ssb(u, rx->ssb[i]);
    if (!u->cell.have_mib)
        return;
    ue_dci_scan(u, rx);
}

void ue_tx(ue_t *u)
{
    ue_nas_tick(u->nas, u->now_ns);
    if (u->now_ns >= u->nas_retry_at) {
        u->nas_retry_at = INT64_MAX;
        ue_nas_start(u->nas, u->now_ns);
    }
    if (!u->cell.have_sib1)
        return;
    ue_rrc_tick(u);
    ue_bearer_flush_ip(u);
    ue_bearer_tick(u);
    ue_bsr_tick(u);
    ue_ra_tick(u);
    ue_ul_tx(u);
}

/* ---- from outside ---- */

void ue_lose_cell(ue_t *u)
{
    u->want_service = u->session_up;
    ue_rrc_leave(u);
    ue_cell_reset(u);
}

void ue_switch_off(ue_t *u)
{
    ue_nas_stop(u->nas, u->now_ns, true);
}

ue_status_t ue_status(const ue_t *u)
{
    ue_status_t s = u->status;
    s.state = u->rrc.state == UE_RRC_CONNECTED ? UE_CONNECTED
              : u->rrc.state != UE_RRC_IDLE    ? UE_CONNECTING
              : u->cell.have_sib1              ? UE_CAMPED
                                               : UE_SEARCHING;
    s.nas = ue_nas_state(u->nas);
    s.c_rnti = u->mac.c_rnti;
    s.sinr_db = u->sinr_db;
    return s;
}

const ue_counters_t *ue_counters(const ue_t *u)
{
    return &u->counters;
}

ue_nas_t *ue_nas(ue_t *u)
{
    return u->nas;
}

bool ue_as_keys(const ue_t *u, ue_as_keys_t *ret)
{
    if (!u->rrc.security)
        return false;
    memcpy(ret->rrc_enc, u->rrc.srb_keys.enc_key, 16);
    memcpy(ret->rrc_int, u->rrc.srb_keys.int_key, 16);
    memcpy(ret->up_enc, u->rrc.drb_keys.enc_key, 16);
    memcpy(ret->up_int, u->rrc.drb_keys.int_key, 16);
    ret->nea = u->rrc.nea;
    ret->nia = u->rrc.nia;
    ret->c_rnti = u->mac.c_rnti;
    return true;
}
