/* SPDX-License-Identifier: Apache-2.0 */
/* Life of a UE's NAS, its timers, and the way of messages in and out with their protection:
 * TS 24.501 4.4, 5.3. */
#include "fronthaul/emulator/ue/nas_internal.h"

#include "lib/core/clock.h"
#include "lib/crypto/kdf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

COUNTERS_DEFINE(ue_nas, UE_NAS_COUNTERS)

/* ---- timers ---- */

void ue_nas_wait_start(ue_nas_t *n, wait_t *w, int64_t seconds)
{
    w->due_ns = n->now_ns + seconds * NS_PER_S;
}

void ue_nas_wait_stop(wait_t *w)
{
    w->due_ns = INT64_MAX;
}

/* ---- out ---- */

static out_t *outbox(ue_nas_t *n)
{
    if (n->out_n == OUTBOX) { /* no step makes so many */
        log_error(&n->log, "%s: outbox is full, a message is lost", n->config.imsi);
        return NULL;
    }
    return &n->out[n->out_n];
}

void ue_nas_send_protected(ue_nas_t *n, nas_sht_t sht, const nas_mm_t *m)
{
    uint8_t plain[MESSAGE_BYTES - NAS_SECURITY_OVERHEAD];
    size_t len;
    out_t *o = outbox(n);
    int r = !o ? -ENOBUFS : nas_mm_build(m, plain, sizeof plain, &len);
    if (r == 0)
        r = nas_protect(&n->security, n->crypto, sht, plain, len, o->pdu, sizeof o->pdu, &o->n);
    if (r == 0)
        n->out_n++;
    else
        log_error(&n->log, "%s: cannot build %s: %s", n->config.imsi, nas_mm_name((uint8_t)m->type),
                  strerror(-r));
}

void ue_nas_send_mm(ue_nas_t *n, const nas_mm_t *m)
{
    if (n->security.valid && n->secured) {
        ue_nas_send_protected(n, NAS_INTEGRITY_CIPHERED, m);
        return;
    }
    out_t *o = outbox(n);
    if (o && nas_mm_build(m, o->pdu, sizeof o->pdu, &o->n) == 0)
        n->out_n++;
}

/* An initial message with a context: `clear` without and `full` with its non-cleartext IEs; `container` of
 * clear is set here. TS 24.501 4.4.6 */
static void send_initial(ue_nas_t *n, nas_mm_t *clear, bool *has_container, nas_bytes_t *container)
{
    uint8_t plain[MESSAGE_BYTES - NAS_SECURITY_OVERHEAD];
    size_t len;
    *has_container = n->initial_n != 0;
    *container = (nas_bytes_t){n->initial, (uint32_t)n->initial_n};
    out_t *o = outbox(n);
    if (!o || nas_mm_build(clear, plain, sizeof plain, &len) < 0)
        return;
    /* The container is the last IE; its value goes out ciphered under the message's own COUNT. */
    if (n->initial_n)
        nea_apply(n->crypto, &n->security.enc, n->security.tx_count, 1, CRYPTO_UPLINK,
                  plain + len - n->initial_n, plain + len - n->initial_n, n->initial_n);
    n->has_k_gnb = true;
    n->k_gnb_count = n->security.tx_count;
    if (nas_protect(&n->security, n->crypto, NAS_INTEGRITY, plain, len, o->pdu, sizeof o->pdu, &o->n) == 0)
        n->out_n++;
}

static void own_identity(const ue_nas_t *n, nas_mobile_id_t *ret)
{
    *ret = n->suci;
    if (n->has_guti) {
        *ret = (nas_mobile_id_t){.type = NAS_ID_GUTI};
        ret->guti = n->guti;
    }
}

int ue_nas_send_registration_request(ue_nas_t *n)
{
    static const uint8_t mm_capability[1] = {0}; /* no S1 mode, no handover attach, no LPP */
    nas_mm_t clear = {.type = NAS_REGISTRATION_REQUEST}, full;
    nas_registration_request_t *r = &clear.u.registration_request;
    r->registration_type = 0x8 | 1; /* initial registration, a follow-on request is pending */
    r->ngksi = n->security.valid ? n->security.ngksi : NAS_KSI_NONE;
    own_identity(n, &r->id);
    r->has_security_capability = true;
    r->security_capability = n->capability;
    full = clear;
    r = &full.u.registration_request;
    r->has_mm_capability = true;
    r->mm_capability = (nas_bytes_t){mm_capability, sizeof mm_capability};
    r->has_requested_nssai = n->config.n_slices != 0;
    for (uint8_t i = 0; i < n->config.n_slices; i++)
        r->requested_nssai.s[r->requested_nssai.n++] =
            (nas_snssai_t){.sst = n->config.slices[i].sst, .sd = n->config.slices[i].sd};
    int ret = nas_mm_build(&full, n->initial, sizeof n->initial / 2, &n->initial_n);
    if (ret < 0)
        return ret;
    n->mm.tries++;
    n->restart_due = false;
    n->has_last = false;
    n->mac_failures = 0;
    n->state = UE_NAS_REGISTERING;
    ue_nas_wait_start(n, &n->mm, T3510_S);
    if (n->security.valid)
        send_initial(n, &clear, &clear.u.registration_request.has_container,
                     &clear.u.registration_request.container);
    else
        ue_nas_send_mm(n, &clear);
    return 0;
}

void ue_nas_send_service_request(ue_nas_t *n, bool paged)
{
    nas_mm_t clear = {.type = NAS_SERVICE_REQUEST}, full;
    nas_service_request_t *r = &clear.u.service_request;
    r->ngksi = n->security.ngksi;
    r->service_type = paged ? 2 : n->session_up ? 1 : 0;
    r->s_tmsi.type = NAS_ID_S_TMSI;
    r->s_tmsi.guti = n->guti;
    full = clear;
    n->initial_n = 0;
    if (n->session_up) {
        r = &full.u.service_request;
        r->has_uplink_data_status = r->has_pdu_session_status = true;
        r->uplink_data_status = r->pdu_session_status = 1u << PDU_SESSION_ID;
        if (nas_mm_build(&full, n->initial, sizeof n->initial / 2, &n->initial_n) < 0)
            return;
    }
    n->wants_service = true;
    ue_nas_wait_start(n, &n->mm, T3517_S);
    send_initial(n, &clear, &clear.u.service_request.has_container, &clear.u.service_request.container);
}

void ue_nas_send_deregistration_request(ue_nas_t *n)
{
    nas_mm_t m = {.type = NAS_DEREGISTRATION_REQUEST_UE};
    nas_deregistration_request_ue_t *r = &m.u.deregistration_request_ue;
    r->deregistration_type = (uint8_t)((n->off ? 8 : 0) | 1);
    r->ngksi = n->security.ngksi;
    own_identity(n, &r->id);
    n->mm.tries++;
    if (n->connected)
        ue_nas_send_mm(n, &m);
    else
        ue_nas_send_protected(n, NAS_INTEGRITY, &m); /* it opens a connection, TS 24.501 4.4.4.1 */
}

void ue_nas_forget_network(ue_nas_t *n)
{
    memset(&n->security, 0, sizeof n->security);
    n->has_guti = n->fresh = n->has_last = n->has_k_gnb = n->secured = false;
    n->tell_session_down |= n->session_up;
    n->session_up = false;
}

void ue_nas_fail(ue_nas_t *n, ue_nas_fail_t why, uint8_t cause)
{
    ue_nas_wait_stop(&n->mm);
    ue_nas_wait_stop(&n->sm);
    n->wants_service = n->restart_due = false;
    ue_nas_forget_network(n);
    n->state = UE_NAS_FAILED;
    n->tell_failed = true;
    n->fail = why;
    n->fail_cause = cause;
}

/* What the step left behind: messages first, then the news. Each may lead back into this file. */
static void leave(ue_nas_t *n)
{
    while (n->out_n) {
        out_t o = n->out[0];
        memmove(&n->out[0], &n->out[1], (OUTBOX - 1) * sizeof o);
        n->out_n--;
        bool initial = !n->connected;
        n->connected = true;
        n->counters.tx++;
        n->cbs.send_ul(n->cbs.ctx, o.pdu, o.n, initial);
    }
    if (n->tell_session_down) {
        n->tell_session_down = false;
        if (n->cbs.session_down)
            n->cbs.session_down(n->cbs.ctx, PDU_SESSION_ID);
    }
    if (n->tell_registered) {
        n->tell_registered = false;
        if (n->cbs.registered)
            n->cbs.registered(n->cbs.ctx);
    }
    if (n->tell_session_up) {
        n->tell_session_up = false;
        if (n->cbs.session_up)
            n->cbs.session_up(n->cbs.ctx, &n->session);
    }
    if (n->tell_failed) {
        n->tell_failed = false;
        log_warning(&n->log, "%s: %s, cause %u", n->config.imsi, ue_nas_fail_names[n->fail], n->fail_cause);
        if (n->cbs.failed)
            n->cbs.failed(n->cbs.ctx, n->fail, n->fail_cause);
    }
}

/* ---- in ---- */

static int event_of(nas_mm_type_t type)
{
    switch (type) {
    case NAS_AUTHENTICATION_REQUEST:
        return EV_AUTHENTICATION_REQUEST;
    case NAS_AUTHENTICATION_REJECT:
        return EV_AUTHENTICATION_REJECT;
    case NAS_SECURITY_MODE_COMMAND:
        return EV_SECURITY_MODE_COMMAND;
    case NAS_IDENTITY_REQUEST:
        return EV_IDENTITY_REQUEST;
    case NAS_REGISTRATION_ACCEPT:
        return EV_REGISTRATION_ACCEPT;
    case NAS_REGISTRATION_REJECT:
        return EV_REGISTRATION_REJECT;
    case NAS_DEREGISTRATION_ACCEPT_UE:
        return EV_DEREGISTRATION_ACCEPT;
    case NAS_DEREGISTRATION_REQUEST_NW:
        return EV_DEREGISTRATION_REQUEST;
    case NAS_SERVICE_ACCEPT:
        return EV_SERVICE_ACCEPT;
    case NAS_SERVICE_REJECT:
        return EV_SERVICE_REJECT;
    case NAS_CONFIGURATION_UPDATE_COMMAND:
        return EV_CONFIGURATION_UPDATE;
    case NAS_DL_NAS_TRANSPORT:
        return EV_DL_NAS_TRANSPORT;
    case NAS_5GMM_STATUS:
        return EV_STATUS;
    default:
        return -1;
    }
}

/* What is believed without protection as long as there is no secure exchange: TS 24.501 4.4.4.2. */
static bool may_be_plain(const nas_mm_t *m)
{
    switch (m->type) {
    case NAS_AUTHENTICATION_REQUEST:
    case NAS_AUTHENTICATION_REJECT:
    case NAS_REGISTRATION_REJECT:
    case NAS_DEREGISTRATION_ACCEPT_UE:
    case NAS_SERVICE_REJECT:
        return true;
    case NAS_IDENTITY_REQUEST:
        return m->u.identity_request.identity_type == NAS_ID_SUCI;
    default:
        return false;
    }
}

static void send_security_mode_reject(ue_nas_t *n, uint8_t cause)
{
    nas_mm_t m = {.type = NAS_SECURITY_MODE_REJECT, .u.cause.cause = cause};
    ue_nas_send_mm(n, &m);
    ue_nas_fail(n, UE_NAS_FAIL_SECURITY_MODE, cause);
}

/* SECURITY MODE COMMAND is read before it is believed: it names the algorithms that its MAC is made
 * with. 5.4.2.3 */
static bool security_mode(ue_nas_t *n, const uint8_t *pdu, size_t len, const nas_header_t *h, nas_mm_t *m)
{
    uint8_t buf[MESSAGE_BYTES];
    size_t buf_n;
    nas_error_t err;
    if (nas_mm_parse(h->inner, h->inner_n, m, &err) < 0 || m->type != NAS_SECURITY_MODE_COMMAND) {
        n->counters.rx_malformed++;
        return false;
    }
    const nas_security_mode_command_t *c = &m->u.security_mode_command;
    nea_t nea = (nea_t)(c->algorithms >> 4);
    nia_t nia = (nia_t)(c->algorithms & 15);
    bool repeated = n->security.valid && n->security.ngksi == c->ngksi && !n->fresh;
    nas_security_t s = n->security;
    if (!repeated && (!n->fresh || c->ngksi != n->fresh_ngksi)) {
        n->counters.rx_unexpected++;
        return false;
    }
    if (nea > NEA3 || nia > NIA3 || nia == NIA0) { /* no MAC could prove who sends this */
        n->counters.rx_integrity++;
        return false;
    }
    if (!repeated && nas_security_init(&s, n->crypto, n->fresh_k_amf, c->ngksi, nea, nia, CRYPTO_UPLINK) < 0)
        return false;
    if (nas_unprotect(&s, n->crypto, pdu, len, buf, sizeof buf, &buf_n) < 0) {
        n->counters.rx_integrity++;
        return false;
    }
    const nas_security_capability_t *r = &c->replayed;
    if (r->ea != n->capability.ea || r->ia != n->capability.ia || (r->has_eps && (r->eea || r->eia)) ||
        !(n->config.nea_mask >> nea & 1) || !(n->config.nia_mask >> nia & 1)) {
        send_security_mode_reject(n, NAS_MM_SECURITY_CAPABILITIES_MISMATCH); /* somebody bid us down */
        return false;
    }
    n->security = s;
    n->fresh = false;
    return true;
}

static bool protected_message(ue_nas_t *n, const uint8_t *pdu, size_t len, uint8_t *buf, size_t cap,
                              nas_mm_t *m)
{
    size_t plain_n;
    nas_error_t err;
    if (!n->security.valid || nas_unprotect(&n->security, n->crypto, pdu, len, buf, cap, &plain_n) < 0) {
        n->counters.rx_integrity++;
        return false;
    }
    n->secured = true;
    if (nas_mm_parse(buf, plain_n, m, &err) < 0) {
        n->counters.rx_malformed++;
        if (err.cause) {
            nas_mm_t status = {.type = NAS_5GMM_STATUS, .u.cause.cause = err.cause};
            ue_nas_send_mm(n, &status);
        }
        return false;
    }
    return true;
}

static bool receive(ue_nas_t *n, const uint8_t *pdu, size_t len, uint8_t *buf, size_t cap, nas_mm_t *m)
{
    nas_header_t h;
    nas_error_t err;
    if (nas_header_parse(pdu, len, &h) < 0) {
        n->counters.rx_malformed++;
        return false;
    }
    if (h.sht == NAS_INTEGRITY_NEW)
        return security_mode(n, pdu, len, &h, m);
    if (h.sht != NAS_PLAIN)
        return protected_message(n, pdu, len, buf, cap, m);
    if (nas_mm_parse(pdu, len, m, &err) < 0) {
        n->counters.rx_malformed++;
        return false;
    }
    if (n->secured || !may_be_plain(m)) {
        n->counters.rx_unprotected++;
        return false;
    }
    return true;
}

void ue_nas_on_dl(ue_nas_t *n, int64_t now_ns, const uint8_t *pdu, size_t len)
{
    uint8_t buf[4096];
    nas_mm_t m;
    n->now_ns = now_ns;
    n->counters.rx++;
    if (receive(n, pdu, len, buf, sizeof buf, &m)) {
        int event = event_of(m.type), r = -EPROTO;
        log_debug(&n->log, "%s: %s: %s", n->config.imsi, ue_nas_state_names[n->state],
                  nas_mm_name((uint8_t)m.type));
        if (event >= 0)
            r = fsm_step(&ue_nas_fsm, &n->state, (uint16_t)event, n, &m);
        if (r == -EPROTO)
            n->counters.rx_unexpected++;
    }
    leave(n);
}

/* ---- life ---- */

static int identity_make(ue_nas_t *n)
{
    const char *imsi = n->config.imsi;
    uint8_t mnc_digits = n->config.mnc_digits;
    char plmn[7];
    size_t len = strnlen(imsi, sizeof n->config.imsi);
    if (len < 6 || len > UE_NAS_IMSI_DIGITS || strspn(imsi, "0123456789") != len ||
        (mnc_digits != 2 && mnc_digits != 3))
        return -EINVAL;
    memcpy(plmn, imsi, 3u + mnc_digits);
    plmn[3 + mnc_digits] = 0;
    n->suci = (nas_mobile_id_t){.type = NAS_ID_SUCI, .routing_indicator = "0"};
    if (nas_plmn_build(plmn, n->suci.plmn) < 0)
        return -EINVAL;
    strcpy(n->suci.msin, imsi + 3 + mnc_digits);
    /* TS 24.501 9.12.1: an MNC of two digits gets a leading zero */
    snprintf(n->sn_name, sizeof n->sn_name, "5G:mnc%s%s.mcc%.3s.3gppnetwork.org", mnc_digits == 2 ? "0" : "",
             plmn + 3, imsi);
    /* Type allocation code of nobody, serial number from the IMSI, software version 01. */
    snprintf(n->imeisv, sizeof n->imeisv, "00000000%s01", imsi + len - 6);
    return 0;
}

int ue_nas_create(const ue_nas_config_t *config, const ue_nas_cbs_t *cbs, const log_t *log, ue_nas_t **ret)
{
    if (config->n_slices > UE_NAS_MAX_SLICES || !cbs->send_ul)
        return -EINVAL;
    ue_nas_t *n = calloc(1, sizeof *n);
    if (!n)
        return -ENOMEM;
    n->config = *config;
    n->cbs = *cbs;
    n->log = log_sub(log, "nas");
    if (!n->config.mnc_digits)
        n->config.mnc_digits = 2;
    if (!n->config.nea_mask)
        n->config.nea_mask = 0xf;
    if (!n->config.nia_mask)
        n->config.nia_mask = 0xe;
    for (int i = 0; i < 4; i++) {
        n->capability.ea |= (uint8_t)((n->config.nea_mask >> i & 1) << (7 - i));
        n->capability.ia |= (uint8_t)((n->config.nia_mask >> i & 1) << (7 - i));
    }
    ue_nas_wait_stop(&n->mm);
    ue_nas_wait_stop(&n->sm);
    int r = identity_make(n);
    if (r == 0)
        r = crypto_create(&n->crypto);
    if (r < 0) {
        free(n);
        return r;
    }
    *ret = n;
    return 0;
}

void ue_nas_destroy(ue_nas_t *n)
{
    if (!n)
        return;
    crypto_destroy(n->crypto);
    free(n);
}

int ue_nas_start(ue_nas_t *n, int64_t now_ns)
{
    n->now_ns = now_ns;
    if (n->state != UE_NAS_DEREGISTERED && n->state != UE_NAS_FAILED)
        return -EALREADY;
    n->mm.tries = 0;
    int r = ue_nas_send_registration_request(n);
    leave(n);
    return r;
}

int ue_nas_stop(ue_nas_t *n, int64_t now_ns, bool off)
{
    n->now_ns = now_ns;
    if (n->state != UE_NAS_REGISTERED && n->state != UE_NAS_SESSION_UP)
        return -EPROTO;
    n->off = off;
    n->mm.tries = 0;
    ue_nas_wait_stop(&n->sm);
    n->wants_service = false;
    ue_nas_send_deregistration_request(n);
    n->tell_session_down = n->session_up;
    n->session_up = false;
    n->state = off ? UE_NAS_DEREGISTERED : UE_NAS_DEREGISTERING;
    if (off)
        ue_nas_wait_stop(&n->mm);
    else
        ue_nas_wait_start(n, &n->mm, T3521_S);
    leave(n);
    return 0;
}

int ue_nas_service_request(ue_nas_t *n, int64_t now_ns, bool paged)
{
    n->now_ns = now_ns;
    if ((n->state != UE_NAS_REGISTERED && n->state != UE_NAS_SESSION_UP) || n->connected || !n->has_guti ||
        !n->security.valid)
        return -EPROTO;
    ue_nas_send_service_request(n, paged);
    leave(n);
    return 0;
}

void ue_nas_on_connection_released(ue_nas_t *n, int64_t now_ns)
{
    n->now_ns = now_ns;
    n->connected = n->secured = n->has_k_gnb = false;
    n->wants_service = false;
    if (n->state == UE_NAS_REGISTERING && !n->restart_due) {
        n->restart_due = true; /* 5.5.1.2.7 b: lower layer failure */
        ue_nas_wait_start(n, &n->mm, T3511_S);
    } else if (n->state == UE_NAS_DEREGISTERING) {
        n->state = UE_NAS_DEREGISTERED;
        ue_nas_wait_stop(&n->mm);
    } else if (n->state == UE_NAS_REGISTERED || n->state == UE_NAS_SESSION_UP)
        ue_nas_wait_stop(&n->mm);
}

static void mm_timeout(ue_nas_t *n)
{
    ue_nas_wait_stop(&n->mm);
    if (n->state == UE_NAS_REGISTERING && n->restart_due) { /* T3511 */
        n->counters.retransmissions++;
        ue_nas_send_registration_request(n);
    } else if (n->state == UE_NAS_REGISTERING) { /* T3510 */
        if (n->mm.tries >= MAX_TRIES) {
            ue_nas_fail(n, UE_NAS_FAIL_TIMEOUT, 0);
            return;
        }
        n->restart_due = true;
        ue_nas_wait_start(n, &n->mm, T3511_S);
    } else if (n->state == UE_NAS_DEREGISTERING) { /* T3521 */
        if (n->mm.tries >= MAX_TRIES) {
            n->state = UE_NAS_DEREGISTERED;
            return;
        }
        n->counters.retransmissions++;
        ue_nas_send_deregistration_request(n);
        ue_nas_wait_start(n, &n->mm, T3521_S);
    } else
        n->wants_service = false; /* T3517: the UE stays registered; what wanted the service asks again */
}

void ue_nas_tick(ue_nas_t *n, int64_t now_ns)
{
    n->now_ns = now_ns;
    if (now_ns >= n->mm.due_ns)
        mm_timeout(n);
    if (now_ns >= n->sm.due_ns)
        ue_nas_sm_timeout(n);
    leave(n);
}

int64_t ue_nas_next_due_ns(const ue_nas_t *n)
{
    return n->mm.due_ns < n->sm.due_ns ? n->mm.due_ns : n->sm.due_ns;
}

ue_nas_state_t ue_nas_state(const ue_nas_t *n)
{
    return (ue_nas_state_t)n->state;
}

bool ue_nas_session(const ue_nas_t *n, ue_nas_session_t *ret)
{
    if (n->session_up)
        *ret = n->session;
    return n->session_up;
}

bool ue_nas_s_tmsi(const ue_nas_t *n, uint64_t *ret)
{
    if (n->has_guti) /* AMF set ID (10), AMF pointer (6), 5G-TMSI (32): TS 23.003 2.10.1 */
        *ret = (uint64_t)n->guti.amf_set << 38 | (uint64_t)n->guti.amf_pointer << 32 | n->guti.tmsi;
    return n->has_guti;
}

bool ue_nas_k_gnb(const ue_nas_t *n, uint8_t ret[32])
{
    return n->security.valid && n->has_k_gnb && kdf_kgnb(n->security.k_amf, n->k_gnb_count, ret) == 0;
}

bool ue_nas_keys(const ue_nas_t *n, uint8_t ret_k_nas_enc[16], uint8_t ret_k_nas_int[16], uint8_t *ret_nea,
                 uint8_t *ret_nia)
{
    if (!n->security.valid)
        return false;
    memcpy(ret_k_nas_enc, n->security.k_nas_enc, 16);
    memcpy(ret_k_nas_int, n->security.k_nas_int, 16);
    *ret_nea = (uint8_t)n->security.nea;
    *ret_nia = (uint8_t)n->security.nia;
    return true;
}

const ue_nas_counters_t *ue_nas_counters(const ue_nas_t *n)
{
    return &n->counters;
}
