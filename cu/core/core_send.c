/* SPDX-License-Identifier: Apache-2.0 */
/* Downlink NAS: built, protected, put into the outbox, repeated while its answer is missing. */
#include "cu/core/core_internal.h"

#include "lib/core/clock.h"
#include "lib/crypto/kdf.h"

#include <errno.h>
#include <string.h>

void core_tap(const ue_t *u, bool uplink, nas_sht_t sht, const uint8_t *plain, size_t n)
{
    bool ciphered = sht == NAS_INTEGRITY_CIPHERED || sht == NAS_INTEGRITY_CIPHERED_NEW;
    if (u->core->tap && ciphered && u->security.nea != NEA0)
        u->core->tap(u->core->tap_ctx, &u->ids, uplink, plain, n);
}

static int protect_into(ue_t *u, op_t *op, nas_sht_t sht, const uint8_t *plain, size_t n)
{
    core_t *c = u->core;
    c->counters.tx_nas++;
    core_tap(u, false, sht, plain, n);
    if (sht != NAS_PLAIN)
        return nas_protect(&u->security, c->crypto, sht, plain, n, op->nas, sizeof op->nas, &op->nas_n);
    if (n > sizeof op->nas)
        return -ENOBUFS;
    memcpy(op->nas, plain, n);
    op->nas_n = n;
    return 0;
}

static nas_sht_t header_now(const ue_t *u)
{
    return u->secured ? NAS_INTEGRITY_CIPHERED : NAS_PLAIN;
}

static void send_plain(ue_t *u, nas_sht_t sht, const uint8_t *plain, size_t n)
{
    op_t *op = core_op_add(u->core, OP_NAS);
    if (!op)
        return;
    op->u.nas.ue = u->ids;
    int r = protect_into(u, op, sht, plain, n);
    if (r < 0) {
        log_error(&u->core->log, "UE %lu: cannot protect a message: %s", (unsigned long)u->ids.amf_ue_ngap_id,
                  strerror(-r));
        u->core->op_n--;
    }
}

static int build(ue_t *u, const nas_mm_t *m, uint8_t buf[NAS_BYTES], size_t *ret_n)
{
    int r = nas_mm_build(m, buf, NAS_BYTES - NAS_SECURITY_OVERHEAD, ret_n);
    if (r < 0)
        log_error(&u->core->log, "cannot build %s: %s", nas_mm_name((uint8_t)m->type), strerror(-r));
    else
        log_debug(&u->core->log, "UE %lu: -> %s", (unsigned long)u->ids.amf_ue_ngap_id,
                  nas_mm_name((uint8_t)m->type));
    return r;
}

void core_send_mm(ue_t *u, const nas_mm_t *m)
{
    uint8_t plain[NAS_BYTES];
    size_t n;
    if (build(u, m, plain, &n) == 0)
        send_plain(u, header_now(u), plain, n);
}

static void on_retry(void *ctx)
{
    ue_t *u = ctx;
    core_enter(u->core);
    if (u->tries >= MAX_TRIES) {
        u->core->counters.gave_up++;
        log_notice(&u->core->log, "UE %lu: no answer in %s", (unsigned long)u->ids.amf_ue_ngap_id,
                   core_mm_fsm.states[u->state]);
        fsm_step(&core_mm_fsm, &u->state, EV_TIMEOUT, u, NULL);
    } else {
        u->tries++;
        u->core->counters.retransmissions++;
        send_plain(u, u->retry_sht, u->retry, u->retry_n);
        loop_timer_start(&u->timer, u->retry_ms * NS_PER_MS);
    }
    core_leave(u->core);
}

void core_wait_for_answer(ue_t *u, const nas_mm_t *m, nas_sht_t sht, int64_t ms)
{
    if (build(u, m, u->retry, &u->retry_n) < 0)
        return;
    u->retry_sht = sht;
    u->retry_ms = ms;
    u->tries = 1;
    if (u->timer.cb != on_retry)
        loop_timer_init(u->core->loop, &u->timer, on_retry, u);
    loop_timer_start(&u->timer, ms * NS_PER_MS);
}

void core_send_mm_and_wait(ue_t *u, const nas_mm_t *m, nas_sht_t sht, int64_t ms)
{
    core_wait_for_answer(u, m, sht, ms);
    send_plain(u, sht, u->retry, u->retry_n);
}

void core_answer_came(ue_t *u)
{
    loop_timer_stop(&u->timer);
    u->retry_n = 0;
}

int core_op_nas(ue_t *u, op_t *op, const nas_mm_t *m)
{
    uint8_t plain[NAS_BYTES];
    size_t n;
    int r = build(u, m, plain, &n);
    return r < 0 ? r : protect_into(u, op, header_now(u), plain, n);
}

void core_send_status(ue_t *u, uint8_t cause)
{
    nas_mm_t m = {.type = NAS_5GMM_STATUS, .u.cause.cause = cause};
    core_send_mm(u, &m);
}

/* NGAP's masks have algorithm 1 in the first bit and no place for algorithm 0, TS 38.413 9.3.1.86. */
static uint16_t ngap_mask(uint8_t octet)
{
    return (uint16_t)((octet & 0x7f) << 9);
}

void core_send_initial_context_setup(ue_t *u, const nas_mm_t *m, uint16_t sessions)
{
    core_t *c = u->core;
    op_t *op = core_op_add(c, OP_CONTEXT_SETUP);
    if (!op)
        return;
    ngap_initial_context_setup_t *s = &op->u.context_setup;
    s->ue = u->ids;
    /* From the COUNT of the message that opened or secured this connection, TS 33.501 6.8.1.1.2.2. */
    if (kdf_kgnb(u->security.k_amf, u->security.rx_count, s->k_gnb) < 0 || core_op_nas(u, op, m) < 0) {
        c->op_n--;
        return;
    }
    s->nea_mask = ngap_mask(u->capability[0]);
    s->nia_mask = ngap_mask(u->capability[1]);
    s->ambr_dl_bps = (uint64_t)u->sub->ambr_dl_kbps * 1000;
    s->ambr_ul_bps = (uint64_t)u->sub->ambr_ul_kbps * 1000;
    for (uint8_t i = 0; i < u->allowed.n; i++)
        s->allowed[s->n_allowed++] = (ngap_snssai_t){u->allowed.s[i].sst, u->allowed.s[i].sd};
    for (uint32_t i = 0; i < MAX_SESSIONS; i++)
        if (u->sessions[i].state == SESSION_ACTIVE && (sessions >> u->sessions[i].id & 1))
            core_sm_describe(u, &u->sessions[i], &s->sessions[s->n_sessions++]);
}
