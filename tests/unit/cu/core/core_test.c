/* SPDX-License-Identifier: Apache-2.0 */
/* The embedded core against the emulated UE's NAS: two implementations of the two halves of TS 24.501, joined
 * by the NGAP seam. */
#include "fronthaul/emulator/ue/nas_internal.h"
#include "lib/core/clock.h"
#include "lib/nas/security.h"
#include "tests/unit/cu.h"
#include "tests/unit/cu/core/rig.h"

#include <errno.h>
#include <stdlib.h>

static rig_t rig;
static ue_nas_config_t ue_config[RIG_UES];

static void attach(unsigned ue)
{
    rig_start(&rig, ue);
    rig_pump(&rig);
    CU_ASSERT_EQUAL(ue_nas_state(rig.ue[ue].nas), UE_NAS_SESSION_UP);
}

static const core_counters_t *counters(void)
{
    return core_counters(rig.core);
}

/* Both ends derive the same K_gNB, at the moment when RRC takes it. */
static void check_k_gnb(unsigned ue)
{
    uint8_t k[32];
    CU_ASSERT_TRUE(ue_nas_k_gnb(rig.ue[ue].nas, k));
    CU_ASSERT(memcmp(k, rig.ue[ue].k_gnb, 32) == 0);
}

static void test_registration(void)
{
    for (int nea = 0; nea <= 3; nea++)
        for (int nia = 1; nia <= 3; nia++) {
            rig_defaults(&rig, ue_config);
            rig.config.nea = nea;
            rig.config.nia = nia;
            rig.config.subscribers[1].ipv4 = 0x0a2d0042;
            rig_begin(&rig, ue_config);
            for (unsigned i = 0; i < RIG_UES; i++) {
                attach(i);
                check_k_gnb(i);
            }
            const rig_ue_t *u = &rig.ue[2];
            CU_ASSERT(u->registered == 1 && u->session_ups == 1 && u->failures == 0);
            CU_ASSERT_EQUAL(u->up.ipv4, 0x0a2d0003); /* UE 1 has 10.45.0.2, UE 2 its own */
            CU_ASSERT_EQUAL(rig.ue[1].up.ipv4, 0x0a2d0042);
            CU_ASSERT_EQUAL(u->up.dns_ipv4, 0x08080808);
            CU_ASSERT_EQUAL(u->up.mtu, 1400);
            CU_ASSERT(u->up.qfi == 1 && u->up.five_qi == 9);
            CU_ASSERT(u->up.ambr_dl_bps == 200000000 && u->up.ambr_ul_bps == 100000000);
            CU_ASSERT(u->up.snssai.sst == 1 && u->up.snssai.sd == 2);
            CU_ASSERT_EQUAL(u->session.ue_ipv4, u->up.ipv4);
            CU_ASSERT(u->session.qos_flows[0].qfi == 1 && u->session.qos_flows[0].five_qi == 9);
            CU_ASSERT(u->session.snssai.sst == 1 && u->session.snssai.sd == 2);
            CU_ASSERT_EQUAL(u->context.nea_mask, 0xe000); /* algorithms 1, 2, 3 */
            CU_ASSERT_EQUAL(u->context.nia_mask, 0xe000);
            CU_ASSERT(u->context.n_allowed == 1 && u->context.allowed[0].sd == 2);

            uint8_t enc[16], integrity[16], got_nea, got_nia;
            uint64_t s_tmsi;
            CU_ASSERT(ue_nas_keys(u->nas, enc, integrity, &got_nea, &got_nia) && got_nea == nea &&
                      got_nia == nia);
            core_ue_status_t status[8];
            CU_ASSERT_EQUAL(core_ues(rig.core, status, 8), 4);
            CU_ASSERT(ue_nas_s_tmsi(u->nas, &s_tmsi));
            CU_ASSERT_EQUAL(status[2].tmsi_5g, (uint32_t)s_tmsi);
            CU_ASSERT_STRING_EQUAL(status[2].imsi, "001010000000003");
            CU_ASSERT_STRING_EQUAL(status[2].state, "REGISTERED");
            CU_ASSERT_EQUAL(counters()->registrations, 4);
            CU_ASSERT_EQUAL(counters()->sessions, 4);
            CU_ASSERT_EQUAL(rig.errors, 0);
            rig_end(&rig);
        }
}

static unsigned tapped[2];

static void tap(void *ctx, const ngap_ue_ids_t *ue, bool uplink, const uint8_t *plain, size_t n)
{
    nas_mm_t m;
    (void)ctx, (void)ue;
    CU_ASSERT_EQUAL(nas_mm_parse(plain, n, &m, NULL), 0);
    tapped[uplink]++;
}

/* A capture gets each ciphered message in the clear, and none when nothing is ciphered. */
static void test_tap(void)
{
    for (int nea = 0; nea <= 2; nea += 2) {
        rig_defaults(&rig, ue_config);
        rig.config.nea = nea;
        rig_begin(&rig, ue_config);
        tapped[0] = tapped[1] = 0;
        core_set_tap(rig.core, tap, NULL);
        attach(0);
        CU_ASSERT_EQUAL(tapped[0], nea ? 2 : 0); /* REGISTRATION ACCEPT, DL NAS TRANSPORT */
        CU_ASSERT_EQUAL(tapped[1],
                        nea ? 3 : 0); /* SECURITY MODE COMPLETE, REGISTRATION COMPLETE, UL NAS TRANSPORT */
        rig_end(&rig);
    }
}

/* The algorithms that the UE lacks are not taken, however they are configured. */
static void test_algorithm_choice(void)
{
    uint8_t enc[16], integrity[16], nea, nia;
    rig_defaults(&rig, ue_config);
    ue_config[0].nea_mask = 1 << 1;
    ue_config[0].nia_mask = 1 << 3;
    rig_begin(&rig, ue_config);
    attach(0);
    CU_ASSERT(ue_nas_keys(rig.ue[0].nas, enc, integrity, &nea, &nia) && nea == 1 && nia == 3);
    rig_end(&rig);
}

static void test_wrong_key(void)
{
    rig_defaults(&rig, ue_config);
    ue_config[0].k[0] ^= 1;
    rig_begin(&rig, ue_config);
    rig_start(&rig, 0);
    rig_pump(&rig);
    CU_ASSERT_EQUAL(ue_nas_state(rig.ue[0].nas), UE_NAS_FAILED);
    CU_ASSERT_EQUAL(rig.ue[0].fail, UE_NAS_FAIL_NETWORK_NOT_AUTHENTIC);
    CU_ASSERT_EQUAL(counters()->auth_mac_failure, 1);
    CU_ASSERT_EQUAL(ue_nas_counters(rig.ue[0].nas)->auth_mac_failure, 1);
    CU_ASSERT_EQUAL(rig.ue[0].releases, 1);
    CU_ASSERT_EQUAL(core_ues(rig.core, NULL, 0), 0);
    attach(1); /* the others are not touched */
    rig_end(&rig);
}

/* Changes a byte of the first uplink message of a type. */
typedef struct {
    uint8_t type, done;
    bool uplink;
    size_t at;
} change_t;

static bool change(rig_t *r, rig_message_t *m, void *ctx)
{
    change_t *c = ctx;
    (void)r;
    if (!c->done && m->uplink == c->uplink && m->n > c->at && m->pdu[1] == 0 && m->pdu[2] == c->type) {
        m->pdu[c->at] ^= 1;
        c->done = 1;
    }
    return true;
}

static void test_wrong_res(void)
{
    change_t c = {.type = NAS_AUTHENTICATION_RESPONSE, .uplink = true, .at = 20};
    rig_defaults(&rig, ue_config);
    rig_begin(&rig, ue_config);
    rig.hook = change;
    rig.hook_ctx = &c;
    rig_start(&rig, 0);
    rig_pump(&rig);
    CU_ASSERT_EQUAL(c.done, 1);
    CU_ASSERT_EQUAL(counters()->auth_wrong_res, 1);
    CU_ASSERT_EQUAL(rig.ue[0].fail, UE_NAS_FAIL_AUTHENTICATION_REJECT);
    CU_ASSERT_EQUAL(core_ues(rig.core, NULL, 0), 0);
    rig_end(&rig);
}

/* The UE's capabilities are lowered on the way: it sees in SECURITY MODE COMMAND what arrived and refuses. */
static void test_bidding_down(void)
{
    change_t c = {.type = NAS_REGISTRATION_REQUEST, .uplink = true, .at = 0};
    rig_defaults(&rig, ue_config);
    rig_begin(&rig, ue_config);
    rig.hook = change;
    rig.hook_ctx = &c;
    /* 7e 00 41 reg/ksi 000d id.. 2e 02 ea ia: EA is the last but one octet of the clear request */
    c.at = 3 + 1 + 2 + 13 + 2;
    rig_start(&rig, 0);
    rig_pump(&rig);
    CU_ASSERT_EQUAL(c.done, 1);
    CU_ASSERT_EQUAL(rig.ue[0].fail, UE_NAS_FAIL_SECURITY_MODE);
    CU_ASSERT_EQUAL(rig.ue[0].fail_cause, NAS_MM_SECURITY_CAPABILITIES_MISMATCH);
    CU_ASSERT_EQUAL(core_ues(rig.core, NULL, 0), 0);
    rig_end(&rig);
}

static void test_resynchronisation(void)
{
    rig_defaults(&rig, ue_config);
    memcpy(ue_config[0].sqn_ms, "\0\0\0\x10\0\0", 6); /* the USIM has seen a million challenges */
    rig_begin(&rig, ue_config);
    attach(0);
    CU_ASSERT_EQUAL(counters()->auth_resync, 1);
    CU_ASSERT_EQUAL(counters()->auth_ok, 1);
    CU_ASSERT_EQUAL(ue_nas_counters(rig.ue[0].nas)->auth_sync_failure, 1);
    check_k_gnb(0);
    rig_end(&rig);

    /* An AUTS that somebody made up moves nothing. */
    change_t c = {.type = NAS_AUTHENTICATION_FAILURE, .uplink = true, .at = 8};
    rig_defaults(&rig, ue_config);
    memcpy(ue_config[0].sqn_ms, "\0\0\0\x10\0\0", 6);
    rig_begin(&rig, ue_config);
    rig.hook = change;
    rig.hook_ctx = &c;
    rig_start(&rig, 0);
    rig_pump(&rig);
    CU_ASSERT_EQUAL(counters()->auth_bad_auts, 1);
    CU_ASSERT_EQUAL(counters()->auth_resync, 0);
    CU_ASSERT_EQUAL(ue_nas_state(rig.ue[0].nas), UE_NAS_FAILED);
    rig_end(&rig);
}

static void test_unknown_subscriber(void)
{
    rig_defaults(&rig, ue_config);
    strcpy(ue_config[0].imsi, "001010000000999");
    rig_begin(&rig, ue_config);
    rig_start(&rig, 0);
    rig_pump(&rig);
    CU_ASSERT_EQUAL(rig.ue[0].fail, UE_NAS_FAIL_REGISTRATION_REJECT);
    CU_ASSERT_EQUAL(rig.ue[0].fail_cause, NAS_MM_ILLEGAL_UE);
    CU_ASSERT_EQUAL(counters()->unknown_subscriber, 1);
    CU_ASSERT_EQUAL(core_ues(rig.core, NULL, 0), 0);
    rig_end(&rig);
}

/* Whichever one message is lost, the timers bring the UE to its session. */
static void test_each_message_lost_once(void)
{
    rig_defaults(&rig, ue_config);
    rig_begin(&rig, ue_config);
    attach(0);
    int messages = (int)rig.carried;
    CU_ASSERT_EQUAL(messages, 9);
    rig_end(&rig);
    for (int lost = 0; lost < messages; lost++) {
        rig_defaults(&rig, ue_config);
        rig.lose = lost;
        rig_begin(&rig, ue_config);
        rig_start(&rig, 0);
        rig_run(&rig, 60000);
        CU_ASSERT_EQUAL(ue_nas_state(rig.ue[0].nas), UE_NAS_SESSION_UP);
        CU_ASSERT_EQUAL(rig.ue[0].session_ups, 1);
        core_ue_status_t s;
        CU_ASSERT_EQUAL(core_ues(rig.core, &s, 1), 1);
        CU_ASSERT_STRING_EQUAL(s.state, "REGISTERED");
        CU_ASSERT_EQUAL(s.ipv4, rig.ue[0].up.ipv4);
        check_k_gnb(0);
        rig_end(&rig);
    }
}

static bool lose_all(rig_t *r, rig_message_t *m, void *ctx)
{
    (void)r, (void)m;
    return !*(bool *)ctx;
}

/* Nobody answers: both sides give up in their own time and leave nothing behind. */
static void test_silence(void)
{
    bool on = false;
    rig_defaults(&rig, ue_config);
    rig_begin(&rig, ue_config);
    rig.hook = lose_all;
    rig.hook_ctx = &on;
    rig_start(&rig, 0);
    rig_message_t first = rig.queue[rig.head];
    on = true;
    rig_run(&rig, 200000);
    CU_ASSERT_EQUAL(rig.ue[0].fail, UE_NAS_FAIL_TIMEOUT);
    CU_ASSERT_EQUAL(ue_nas_counters(rig.ue[0].nas)->retransmissions, 4);
    on = false;
    /* the core has a challenge out that nobody answers */
    ngap_initial_ue_message_t im = {.ran_ue_ngap_id = 77, .nas_pdu = {first.pdu, (uint32_t)first.n}};
    core_ngap(rig.core)->initial_ue_message(core_ngap(rig.core)->ctx, &im);
    CU_ASSERT_EQUAL(core_ues(rig.core, NULL, 0), 1);
    rig_run(&rig, 29000);
    CU_ASSERT_EQUAL(core_ues(rig.core, NULL, 0), 1);
    CU_ASSERT_EQUAL(counters()->retransmissions, 4);
    rig_run(&rig, 2000);
    CU_ASSERT_EQUAL(counters()->gave_up, 1);
    CU_ASSERT_EQUAL(core_ues(rig.core, NULL, 0), 0);
    rig_end(&rig);
}

/* ---- hostile input ---- */

static uint32_t rng;
static uint8_t random_byte(void)
{
    rng = rng * 1664525u + 1013904223u;
    return (uint8_t)(rng >> 24);
}

/* With each message come others from an attacker: cut, with bits turned, and noise of either side's message
 * types, plain. None may stop the procedure. Messages that a standard receiver has to believe unprotected (a
 * REGISTRATION REJECT before security) are left out. */
static bool harass(rig_t *r, rig_message_t *m, void *ctx)
{
    uint8_t bad[sizeof m->pdu];
    (void)ctx;
    if (m->induced || m->n == 0 || m->initial)
        return true;
    r->in_hook = true;
    for (int i = 0; i < 40; i++) {
        size_t n = m->n;
        memcpy(bad, m->pdu, n);
        if (i < 20) { /* cut */
            n = random_byte() % n;
        } else if (i < 30) { /* a protected message with a bit turned; a plain one would be another valid
                                message */
            if (m->pdu[1] == 0)
                continue;
            bad[2 + random_byte() % (n - 2)] ^= (uint8_t)(1 << random_byte() % 8);
        } else { /* noise under a header that is looked at */
            static const uint8_t heads[][3] = {
                {0x7e, 2, 0}, {0x7e, 4, 0}, {0x7e, 3, 9}, {0x2e, 1, 1}, {0x7e, 1, 0x41}};
            n = 3u + random_byte() % 60;
            for (size_t k = 0; k < n; k++)
                bad[k] = random_byte();
            memcpy(bad, heads[i % 5], 3);
        }
        if (i < 20 && m->pdu[1] == 0 && n >= m->n)
            continue;
        if (m->uplink && r->ue[m->ue].ids.amf_ue_ngap_id != UINT64_MAX)
            rig_inject_ul(r, m->ue, bad, n);
        else if (!m->uplink)
            rig_inject_dl(r, m->ue, bad, n);
    }
    r->in_hook = false;
    return true;
}

static void test_hostile_at_each_state(void)
{
    for (uint32_t seed = 1; seed <= 10; seed++) {
        rng = seed;
        rig_defaults(&rig, ue_config);
        rig_begin(&rig, ue_config);
        rig.hook = harass;
        rig_start(&rig, 0);
        rig_run(&rig, 60000);
        CU_ASSERT_EQUAL(ue_nas_state(rig.ue[0].nas), UE_NAS_SESSION_UP);
        CU_ASSERT(counters()->rx_nas_integrity + counters()->rx_nas_malformed > 10);
        rig_end(&rig);
    }
}

/* A message heard on the air and sent again does nothing, in both directions. */
static rig_message_t heard[64];
static unsigned n_heard;

static bool hear(rig_t *r, rig_message_t *m, void *ctx)
{
    (void)r, (void)ctx;
    if (m->n && m->pdu[1] != 0 && n_heard < 64)
        heard[n_heard++] = *m;
    return true;
}

static void test_replay(void)
{
    rig_defaults(&rig, ue_config);
    rig_begin(&rig, ue_config);
    n_heard = 0;
    rig.hook = hear;
    attach(0);
    rig.hook = NULL;
    CU_ASSERT(n_heard >= 5);
    uint64_t core_before = counters()->rx_nas_integrity;
    uint64_t ue_before = ue_nas_counters(rig.ue[0].nas)->rx_integrity;
    unsigned up = 0, down = 0;
    for (unsigned i = 0; i < n_heard; i++)
        if (heard[i].uplink) {
            rig_inject_ul(&rig, 0, heard[i].pdu, heard[i].n);
            up++;
        } else {
            rig_inject_dl(&rig, 0, heard[i].pdu, heard[i].n);
            down++;
        }
    rig_pump(&rig);
    CU_ASSERT_EQUAL(counters()->rx_nas_integrity - core_before, up);
    CU_ASSERT_EQUAL(ue_nas_counters(rig.ue[0].nas)->rx_integrity - ue_before, down);
    CU_ASSERT_EQUAL(ue_nas_state(rig.ue[0].nas), UE_NAS_SESSION_UP);
    CU_ASSERT_EQUAL(rig.ue[0].session_ups, 1);
    rig_end(&rig);
}

/* ---- after registration ---- */

static void test_deregistration(void)
{
    rig_defaults(&rig, ue_config);
    rig.config.pool_last = rig.config.pool_first; /* one address: it has to come back */
    rig_begin(&rig, ue_config);
    attach(0);
    CU_ASSERT_EQUAL(ue_nas_stop(rig.ue[0].nas, 0, false), 0);
    rig_pump(&rig);
    CU_ASSERT_EQUAL(ue_nas_state(rig.ue[0].nas), UE_NAS_DEREGISTERED);
    CU_ASSERT_EQUAL(rig.ue[0].session_downs, 1);
    CU_ASSERT_EQUAL(counters()->deregistrations, 1);
    CU_ASSERT_EQUAL(core_ues(rig.core, NULL, 0), 0);
    attach(1);
    CU_ASSERT_EQUAL(ue_nas_stop(rig.ue[1].nas, 0, true), 0);
    CU_ASSERT_EQUAL(ue_nas_state(rig.ue[1].nas), UE_NAS_DEREGISTERED);
    rig_pump(&rig);
    CU_ASSERT_EQUAL(core_ues(rig.core, NULL, 0), 0);
    /* It comes back with the GUTI and keys that the network has dropped: identity, key set in use, new keys.
     */
    attach(0);
    check_k_gnb(0);
    CU_ASSERT_EQUAL(rig.ue[0].session_ups, 2);

    CU_ASSERT_EQUAL(core_deregister(rig.core, "001010000000002"), -ENOENT);
    CU_ASSERT_EQUAL(core_deregister(rig.core, "001010000000001"), 0);
    rig_pump(&rig);
    CU_ASSERT_EQUAL(rig.ue[0].fail, UE_NAS_FAIL_DEREGISTERED);
    CU_ASSERT_EQUAL(core_ues(rig.core, NULL, 0), 0);
    rig_end(&rig);
}

static void test_idle_and_service(void)
{
    rig_defaults(&rig, ue_config);
    rig_begin(&rig, ue_config);
    attach(0);
    uint32_t ip = rig.ue[0].up.ipv4;
    uint8_t old_key[32];
    memcpy(old_key, rig.ue[0].k_gnb, 32);
    CU_ASSERT_EQUAL(ue_nas_service_request(rig.ue[0].nas, 0, false), -EPROTO); /* connected */
    rig_radio_lost(&rig, 0);
    CU_ASSERT_EQUAL(rig.ue[0].releases, 1);
    CU_ASSERT_EQUAL(ue_nas_state(rig.ue[0].nas), UE_NAS_SESSION_UP);
    CU_ASSERT_EQUAL(core_ues(rig.core, NULL, 0), 1);
    for (unsigned paged = 0; paged < 2; paged++) {
        CU_ASSERT_EQUAL(ue_nas_service_request(rig.ue[0].nas, 0, paged), 0);
        rig_pump(&rig);
        CU_ASSERT_EQUAL(rig.ue[0].context_setups, 2 + paged);
        CU_ASSERT_EQUAL(rig.ue[0].context.n_sessions, 1);
        CU_ASSERT_EQUAL(rig.ue[0].context.sessions[0].ue_ipv4, ip);
        CU_ASSERT(memcmp(old_key, rig.ue[0].k_gnb, 32) != 0);
        check_k_gnb(0);
        CU_ASSERT_EQUAL(ue_nas_next_due_ns(rig.ue[0].nas), INT64_MAX);
        rig_radio_lost(&rig, 0);
    }
    /* The core has lost its memory: the UE is sent back to registration. */
    core_ngap(rig.core)->ng_reset(core_ngap(rig.core)->ctx, (ngap_cause_t){NGAP_CAUSE_MISC, 0});
    CU_ASSERT_EQUAL(core_deregister(rig.core, "001010000000001"), 0);
    CU_ASSERT_EQUAL(core_ues(rig.core, NULL, 0), 0);
    CU_ASSERT_EQUAL(ue_nas_service_request(rig.ue[0].nas, 0, false), 0);
    rig_pump(&rig);
    CU_ASSERT_EQUAL(rig.ue[0].fail, UE_NAS_FAIL_DEREGISTERED);
    CU_ASSERT_EQUAL(rig.ue[0].fail_cause, NAS_MM_UE_IDENTITY_UNKNOWN);
    attach(0);
    rig_end(&rig);
}

/* Periodic and mobility registration updates (the emulated UE makes none: built here with its keys) keep the
 * sessions that the UE still has and bring back those with data. */
static void update_registration(unsigned type, uint16_t status, uint16_t data)
{
    ue_nas_t *n = rig.ue[0].nas;
    uint8_t plain[256], pdu[256];
    size_t plain_n, pdu_n;
    nas_mm_t m = {.type = NAS_REGISTRATION_REQUEST};
    nas_registration_request_t *r = &m.u.registration_request;
    r->registration_type = (uint8_t)type;
    r->ngksi = n->security.ngksi;
    r->id = (nas_mobile_id_t){.type = NAS_ID_GUTI, .guti = n->guti};
    r->has_security_capability = r->has_pdu_session_status = r->has_uplink_data_status = true;
    r->security_capability = n->capability;
    r->pdu_session_status = status;
    r->uplink_data_status = data;
    n->has_k_gnb = true;
    n->k_gnb_count = n->security.tx_count;
    CU_ASSERT_EQUAL(nas_mm_build(&m, plain, sizeof plain, &plain_n), 0);
    CU_ASSERT_EQUAL(
        nas_protect(&n->security, n->crypto, NAS_INTEGRITY, plain, plain_n, pdu, sizeof pdu, &pdu_n), 0);
    n->cbs.send_ul(n->cbs.ctx, pdu, pdu_n, true);
    n->connected = true;
    rig_pump(&rig);
}

static void test_registration_update(void)
{
    core_ue_status_t s;
    rig_defaults(&rig, ue_config);
    rig_begin(&rig, ue_config);
    attach(0);
    uint32_t ip = rig.ue[0].up.ipv4, tmsi = rig.ue[0].nas->guti.tmsi;
    rig_radio_lost(&rig, 0);
    update_registration(3, 1 << 1, 0);
    CU_ASSERT(core_ues(rig.core, &s, 1) == 1 && s.ipv4 == ip);
    CU_ASSERT_STRING_EQUAL(s.state, "REGISTERED");
    CU_ASSERT_EQUAL(rig.ue[0].context.n_sessions, 0);
    CU_ASSERT(rig.ue[0].nas->guti.tmsi == s.tmsi_5g && s.tmsi_5g != tmsi);
    check_k_gnb(0);
    rig_radio_lost(&rig, 0);
    update_registration(2, 1 << 1, 1 << 1);
    CU_ASSERT(rig.ue[0].context.n_sessions == 1 && rig.ue[0].context.sessions[0].ue_ipv4 == ip);
    check_k_gnb(0);
    rig_radio_lost(&rig, 0);
    update_registration(2, 0, 0); /* the UE has lost its session */
    CU_ASSERT(core_ues(rig.core, &s, 1) == 1 && s.ipv4 == 0);
    rig_end(&rig);
}

/* A packet for an idle UE: it is paged under its S-TMSI, again while it is silent, and the session comes
 * back. */
static void test_paging(void)
{
    uint64_t s_tmsi;
    rig_defaults(&rig, ue_config);
    rig_begin(&rig, ue_config);
    attach(0);
    uint32_t ip = rig.ue[0].up.ipv4;
    CU_ASSERT_EQUAL(core_downlink_data(rig.core, ip), -EISCONN);
    CU_ASSERT_EQUAL(core_downlink_data(rig.core, ip + 1), -ENOENT);
    rig_radio_lost(&rig, 0);
    CU_ASSERT_EQUAL(core_downlink_data(rig.core, ip), 0);
    CU_ASSERT_EQUAL(core_downlink_data(rig.core, ip), 0); /* the next packet pages no second time */
    CU_ASSERT_EQUAL(rig.pagings, 1);
    CU_ASSERT(ue_nas_s_tmsi(rig.ue[0].nas, &s_tmsi));
    CU_ASSERT(rig.paged.tmsi_5g == (uint32_t)s_tmsi && rig.paged.ue_id_mod_1024 == s_tmsi % 1024);
    rig_run(&rig, 2100);
    CU_ASSERT_EQUAL(rig.pagings, 2);
    CU_ASSERT_EQUAL(ue_nas_service_request(rig.ue[0].nas, loop_now_ns(rig.loop), true), 0);
    rig_pump(&rig);
    CU_ASSERT_EQUAL(rig.ue[0].context.n_sessions, 1);
    rig_run(&rig, 20000);
    CU_ASSERT_EQUAL(rig.pagings, 2);
    rig_radio_lost(&rig, 0);
    CU_ASSERT_EQUAL(core_downlink_data(rig.core, ip), 0);
    rig_run(&rig, 60000);
    CU_ASSERT_EQUAL(rig.pagings, 7);
    CU_ASSERT_EQUAL(counters()->gave_up, 1);
    rig_end(&rig);
}

/* The UE appears on a new connection before the old one was given up: the old is released, the session lives.
 */
static void test_connection_replaced(void)
{
    rig_defaults(&rig, ue_config);
    rig_begin(&rig, ue_config);
    attach(0);
    rig.ue[0].connected = false;
    ue_nas_on_connection_released(rig.ue[0].nas, 0);
    CU_ASSERT_EQUAL(ue_nas_service_request(rig.ue[0].nas, 0, false), 0);
    rig_pump(&rig);
    CU_ASSERT_EQUAL(rig.ue[0].context_setups, 2);
    check_k_gnb(0);
    CU_ASSERT_EQUAL(core_ues(rig.core, NULL, 0), 1);
    CU_ASSERT_EQUAL(counters()->rx_unknown_ue, 0);
    rig_end(&rig);
}

/* A second phone with a copy of the SIM: the first one's registration ends when the second has authenticated.
 */
static void test_subscriber_twice(void)
{
    rig_defaults(&rig, ue_config);
    ue_config[1] = ue_config[0];
    memcpy(ue_config[1].sqn_ms, "\0\0\0\0\0\0", 6);
    rig_begin(&rig, ue_config);
    attach(0);
    attach(1);
    CU_ASSERT_EQUAL(rig.ue[0].releases, 1);
    CU_ASSERT_EQUAL(core_ues(rig.core, NULL, 0), 1);
    rig_end(&rig);
}

static void test_session_refused(void)
{
    /* DNN that is not served */
    rig_defaults(&rig, ue_config);
    strcpy(ue_config[0].dnn, "ims");
    rig_begin(&rig, ue_config);
    rig_start(&rig, 0);
    rig_pump(&rig);
    CU_ASSERT_EQUAL(rig.ue[0].fail, UE_NAS_FAIL_SESSION_REJECT);
    CU_ASSERT_EQUAL(rig.ue[0].fail_cause, NAS_MM_DNN_NOT_SUPPORTED);
    CU_ASSERT_EQUAL(ue_nas_state(rig.ue[0].nas), UE_NAS_REGISTERED);
    rig_end(&rig);

    /* slice that is not subscribed: the default is allowed, the session in the other is not forwarded */
    rig_defaults(&rig, ue_config);
    ue_config[0].slices[0].sd = 5;
    rig_begin(&rig, ue_config);
    rig_start(&rig, 0);
    rig_pump(&rig);
    CU_ASSERT_EQUAL(rig.ue[0].registered, 1);
    CU_ASSERT_EQUAL(rig.ue[0].fail_cause, NAS_MM_PAYLOAD_NOT_FORWARDED);
    CU_ASSERT(rig.ue[0].context.n_allowed == 1 && rig.ue[0].context.allowed[0].sd == 0xffffff);
    rig_end(&rig);

    /* no address left */
    rig_defaults(&rig, ue_config);
    rig.config.pool_last = rig.config.pool_first;
    rig_begin(&rig, ue_config);
    attach(0);
    rig_start(&rig, 1);
    rig_pump(&rig);
    CU_ASSERT_EQUAL(rig.ue[1].fail_cause, NAS_SM_INSUFFICIENT_RESOURCES);
    CU_ASSERT_EQUAL(counters()->pool_empty, 1);
    rig_end(&rig);

    /* the RAN has no room: the address comes back */
    rig_defaults(&rig, ue_config);
    rig.config.pool_last = rig.config.pool_first;
    rig.refuse_sessions = true;
    rig_begin(&rig, ue_config);
    rig_start(&rig, 0);
    rig_pump(&rig);
    CU_ASSERT_EQUAL(rig.ue[0].fail, UE_NAS_FAIL_SESSION_REJECT);
    CU_ASSERT_EQUAL(counters()->sessions, 0);
    rig.refuse_sessions = false;
    attach(1);
    rig_end(&rig);

    /* the RAN cannot set up the context at all */
    rig_defaults(&rig, ue_config);
    rig.refuse_contexts = true;
    rig_begin(&rig, ue_config);
    rig_start(&rig, 0);
    rig_pump(&rig);
    CU_ASSERT_EQUAL(core_ues(rig.core, NULL, 0), 0);
    CU_ASSERT_EQUAL(rig.ue[0].releases, 1);
    rig_end(&rig);
}

static void test_ue_table_full(void)
{
    rig_defaults(&rig, ue_config);
    rig.config.max_ues = 2;
    rig_begin(&rig, ue_config);
    attach(0);
    attach(1);
    rig_start(&rig, 2);
    rig_pump(&rig);
    CU_ASSERT_EQUAL(counters()->ue_table_full, 1);
    CU_ASSERT_EQUAL(ue_nas_state(rig.ue[2].nas), UE_NAS_REGISTERING); /* released: it will try again */
    ue_nas_stop(rig.ue[0].nas, 0, true);
    rig_run(&rig, 11000);
    CU_ASSERT_EQUAL(ue_nas_state(rig.ue[2].nas), UE_NAS_SESSION_UP);
    rig_end(&rig);
}

static void test_unknown_ids(void)
{
    static const uint8_t pdu[] = {0x7e, 0, 0x43};
    rig_defaults(&rig, ue_config);
    rig_begin(&rig, ue_config);
    attach(0);
    rig_ue_t good = rig.ue[0];
    rig.ue[0].ids.amf_ue_ngap_id = 4711;
    rig_inject_ul(&rig, 0, pdu, sizeof pdu);
    rig.ue[0].ids = (ngap_ue_ids_t){good.ids.amf_ue_ngap_id, good.ids.ran_ue_ngap_id + 1};
    rig_inject_ul(&rig, 0, pdu, sizeof pdu);
    CU_ASSERT_EQUAL(counters()->rx_unknown_ue, 2);
    CU_ASSERT_EQUAL(rig.errors, 2);
    rig_end(&rig);
}

/* ---- configuration ---- */

static void test_config(void)
{
    static const char text[] = "plmn: \"00101\"\n"
                               "tac: 7\n"
                               "nea: 0\n"
                               "pool_first: 10.45.0.10\n"
                               "subscribers:\n"
                               "  - imsi: \"001010000000001\"\n"
                               "    k: 465b5ce8b199b49faa5f0a2ee238a6bc\n"
                               "    opc: cd63cb71954a9f4e48a5994e37a02baf\n"
                               "    ip: 10.45.0.99\n"
                               "    slices:\n"
                               "      - sst: 1\n"
                               "      - {sst: 1, sd: 0x000002}\n"
                               "  - imsi: \"001010000000002\"\n"
                               "    k: 465b5ce8b199b49faa5f0a2ee238a6bc\n"
                               "    opc: cd63cb71954a9f4e48a5994e37a02baf\n";
    static core_config_t c;
    config_error_t err;
    memset(&c, 0, sizeof c);
    CU_ASSERT_EQUAL_FATAL(config_parse("cu.yaml", text, sizeof text - 1, core_config_keys, &c, &err), 0);
    CU_ASSERT_EQUAL(core_config_check(&c, &err), 0);
    CU_ASSERT(c.n_subscribers == 2 && c.nea == 0 && c.nia == 2);
    CU_ASSERT(c.subscribers[0].n_slices == 2 && c.subscribers[0].slices[1].sd == 2);
    CU_ASSERT_EQUAL(c.subscribers[0].slices[0].sd, 0xffffff);
    CU_ASSERT_EQUAL(c.subscribers[0].ipv4, 0x0a2d0063);
    CU_ASSERT_EQUAL(c.subscribers[0].amf[0], 0x80);
    CU_ASSERT_STRING_EQUAL(c.subscribers[1].dnn, "internet");
    strcpy(c.subscribers[1].imsi, c.subscribers[0].imsi);
    CU_ASSERT_EQUAL(core_config_check(&c, &err), -EINVAL);
    CU_ASSERT_STRING_EQUAL(err.text, "core.subscribers[1].imsi: 001010000000001 is there already");
    strcpy(c.subscribers[1].imsi, "00101000000000x");
    CU_ASSERT_EQUAL(core_config_check(&c, &err), -EINVAL);
    strcpy(c.subscribers[1].imsi, "001010000000002");
    c.subscribers[1].ipv4 = c.subscribers[0].ipv4;
    CU_ASSERT_EQUAL(core_config_check(&c, &err), -EINVAL);
    c.subscribers[1].ipv4 = 0;
    c.pool_last = 1;
    CU_ASSERT_EQUAL(core_config_check(&c, &err), -EINVAL);
}

CU_MAIN("core", {"registration and session, all algorithms", test_registration}, {"tap", test_tap},
        {"algorithms that the UE has", test_algorithm_choice}, {"wrong key", test_wrong_key},
        {"wrong RES*", test_wrong_res}, {"bidding down", test_bidding_down},
        {"resynchronisation", test_resynchronisation}, {"unknown subscriber", test_unknown_subscriber},
        {"each message lost once", test_each_message_lost_once}, {"silence", test_silence},
        {"hostile input at each state", test_hostile_at_each_state}, {"replay", test_replay},
        {"deregistration", test_deregistration}, {"idle and service request", test_idle_and_service},
        {"registration update", test_registration_update}, {"paging", test_paging},
        {"connection replaced", test_connection_replaced}, {"subscriber twice", test_subscriber_twice},
        {"session refused", test_session_refused}, {"UE table full", test_ue_table_full},
        {"unknown ids", test_unknown_ids}, {"configuration", test_config})
