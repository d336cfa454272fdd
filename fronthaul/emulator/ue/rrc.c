/* SPDX-License-Identifier: Apache-2.0 */
/* RRC of the UE (TS 38.331 5.3): connection setup, reject, security, capability, reconfiguration, release,
 * reestablishment with fallback to setup, radio link monitoring, and NAS transport. Messages are built in
 * rrc_msg.c, configurations carried out in rrc_reconfig.c, security lies in rrc_security.c. */
#include <stdlib.h>

#include "fronthaul/emulator/ue/rrc_msg.h"
#include "fronthaul/emulator/ue/ue_int.h"
#include "lib/asn1/asn1.h"
#include "lib/asn1/schema/rrc.asn.h"

#define MAX_RRC 9000
#define RETRY_MS 500        /* after T300 ran out or random access failed: NAS would try again */
#define RELEASE_DELAY_MS 60 /* TS 38.331 5.3.8.3 */
#define QOUT_DB (-8.0)      /* where a hypothetical PDCCH fails at 10%, and at 2%. TS 38.133 8.1.1 */
#define QIN_DB (-6.0)
#define RLM_MS 10

static void tap(ue_t *u, ue_tap_t what, const uint8_t *bytes, size_t n)
{
    if (u->ops.tap)
        u->ops.tap(u->ops.ctx, what, bytes, n);
}

static void send_dcch(ue_t *u, uint8_t srb, const uint8_t *bytes, size_t n)
{
    if (!n)
        return;
    tap(u, UE_TAP_RRC_UL_DCCH, bytes, n);
    ue_bearer_send_srb(u, srb, bytes, n);
}

/* ---- leaving ---- */

void ue_rrc_leave(ue_t *u)
{
    bool was = u->rrc.state != UE_RRC_IDLE;
    /* a connection that could not be reestablished: NAS wants it back. TS 24.501 5.5.1.3.2 case f */
    if (u->rrc.state == UE_RRC_REESTABLISHING_CELL || u->rrc.state == UE_RRC_REESTABLISHING)
        u->want_service = u->session_up;
    u->rrc.state = UE_RRC_IDLE;
    u->rrc.release_at = UE_NEVER;
    u->rrc.t310_at = UE_NEVER;
    u->rrc.out_of_sync = u->rrc.in_sync = 0;
    u->rrc.security = false;
    u->rrc.link_failed = NULL;
    ue_mac_reset(u);
    u->mac.configured = false;
    u->mac.c_rnti = 0;
    u->mac.ta_expires = UE_NEVER;
    ue_bearer_release_all(u);
    if (was)
        ue_nas_on_connection_released(u->nas, u->now_ns);
}

/* ---- setup ---- */

static void start_setup(ue_t *u)
{
    uint8_t msg[8];
    uint64_t s_tmsi;
    bool known = ue_nas_s_tmsi(u->nas, &s_tmsi);
    uint64_t identity = (known ? s_tmsi : ue_random(u)) & ((UINT64_C(1) << 39) - 1);
    size_t n = rrc_msg_setup_request((rrc_buf_t){msg, sizeof msg}, known, identity,
                                     u->session_up ? rrc_EstablishmentCause_mo_Data
                                                   : rrc_EstablishmentCause_mo_Signalling);
    if (n != 6)
        return;
    tap(u, UE_TAP_RRC_UL_CCCH, msg, n);
    ue_mac_reset(u);
    u->mac.configured = false;
    u->mac.c_rnti = 0;
    u->rrc.state = UE_RRC_SETUP_REQUEST;
    u->rrc.deadline = u->t + ue_ms(u, u->cell.radio.t300_ms);
    ue_ra_start(u, msg, (uint8_t)n);
}

static void back_off(ue_t *u, uint32_t ms)
{
    ue_rrc_leave(u);
    u->rrc.t302_until = u->t + ue_ms(u, ms);
}

void ue_rrc_on_camped(ue_t *u)
{
    log_info(&u->log, "ue %u: camps on PCI %u, cell %llx", u->config.index, u->cell.pci,
             (unsigned long long)u->cell.radio.nr_cell_id);
    if (u->rrc.state == UE_RRC_REESTABLISHING_CELL)
        return; /* goes on in ue_rrc_tick */
    u->rrc.t302_until = 0;
    if (!u->started) {
        u->started = true;
        ue_nas_start(u->nas, u->now_ns);
    } else if (u->session_up && !u->rrc.initial_nas) {
        ue_nas_service_request(u->nas, u->now_ns, false);
    }
}

void ue_rrc_nas_ul(void *ctx, const uint8_t *pdu, size_t n, bool initial)
{
    ue_t *u = ctx;
    uint8_t buf[MAX_RRC];
    if (u->rrc.state == UE_RRC_CONNECTED) {
        send_dcch(u, u->bearer[UE_PDCP_SRB2].lcid ? 2 : 1, buf,
                  rrc_msg_ul_information((rrc_buf_t){buf, sizeof buf}, pdu, n));
        return;
    }
    if (!initial || !n)
        return;
    uint8_t *copy = realloc(u->rrc.initial_nas, n);
    if (!copy)
        return;
    memcpy(copy, pdu, n);
    u->rrc.initial_nas = copy;
    u->rrc.initial_nas_n = (uint32_t)n; /* ue_rrc_tick starts the setup */
}

static void on_setup(ue_t *u, const rrc_RRCSetup_t *s)
{
    uint8_t buf[MAX_RRC];
    uint64_t s_tmsi;
    if ((u->rrc.state != UE_RRC_SETUP_REQUEST && u->rrc.state != UE_RRC_REESTABLISHING) ||
        s->criticalExtensions.choice != rrc_RRCSetup_criticalExtensions_choice_rrcSetup || !u->mac.c_rnti) {
        u->counters.rrc_bad++;
        return;
    }
    if (u->rrc.state == UE_RRC_REESTABLISHING) { /* the network forgot us: a new connection. 5.3.3.4 */
        u->rrc.security = false;
        ue_bearer_release_all(u);
        u->rrc.state = UE_RRC_SETUP_REQUEST;
        ue_nas_on_connection_released(u->nas, u->now_ns);
        if (!u->rrc.initial_nas)
            ue_nas_service_request(u->nas, u->now_ns, false);
    }
    const rrc_RRCSetup_IEs_t *ies = s->criticalExtensions.u.rrcSetup;
    int r = ue_rrc_apply_cell_group(u, ies->masterCellGroup.p, ies->masterCellGroup.n);
    if (!r)
        r = ue_rrc_apply_bearers(u, &ies->radioBearerConfig);
    if (r || !u->mac.configured || !u->bearer[UE_PDCP_SRB1].pdcp) {
        u->counters.rrc_bad++;
        back_off(u, RETRY_MS);
        return;
    }
    u->rrc.state = UE_RRC_CONNECTED;
    u->rrc.ncc = 0;
    u->counters.rrc_setups++;
    size_t n = rrc_msg_setup_complete((rrc_buf_t){buf, sizeof buf}, (uint8_t)s->rrc_TransactionIdentifier,
                                      u->rrc.initial_nas, u->rrc.initial_nas_n,
                                      ue_nas_s_tmsi(u->nas, &s_tmsi) ? s_tmsi : UINT64_MAX);
    free(u->rrc.initial_nas);
    u->rrc.initial_nas = NULL;
    u->rrc.initial_nas_n = 0;
    send_dcch(u, 1, buf, n);
}

static void on_reject(ue_t *u, const rrc_RRCReject_t *r)
{
    uint32_t wait_s = 1;
    u->counters.rrc_rejects++;
    if (r->criticalExtensions.choice == rrc_RRCReject_criticalExtensions_choice_rrcReject &&
        r->criticalExtensions.u.rrcReject->has.waitTime)
        wait_s = (uint32_t)r->criticalExtensions.u.rrcReject->waitTime;
    if (u->rrc.state != UE_RRC_SETUP_REQUEST)
        return;
    /* T302. The initial NAS message waits on. */
    ue_mac_reset(u);
    u->mac.c_rnti = 0;
    u->rrc.state = UE_RRC_IDLE;
    u->rrc.t302_until = u->t + ue_ms(u, wait_s * 1000);
}

void ue_rrc_on_ccch(ue_t *u, const uint8_t *bytes, size_t n)
{
    rrc_DL_CCCH_Message_t m;
    arena_t a = ue_scratch(u);
    tap(u, UE_TAP_RRC_DL_CCCH, bytes, n);
    if (asn1_decode(&rrc_DL_CCCH_Message_type, ASN1_UPER, bytes, n, &a, &m, NULL) ||
        m.message.choice != rrc_DL_CCCH_MessageType_choice_c1) {
        u->counters.rrc_bad++;
        return;
    }
    if (m.message.u.c1->choice == rrc_DL_CCCH_MessageType_c1_choice_rrcSetup)
        on_setup(u, m.message.u.c1->u.rrcSetup);
    else if (m.message.u.c1->choice == rrc_DL_CCCH_MessageType_c1_choice_rrcReject)
        on_reject(u, m.message.u.c1->u.rrcReject);
    else
        u->counters.rrc_bad++;
}

/* ---- connected ---- */

static void on_reconfiguration(ue_t *u, const rrc_RRCReconfiguration_t *m)
{
    uint8_t buf[16];
    int r = 0;
    if (m->criticalExtensions.choice != rrc_RRCReconfiguration_criticalExtensions_choice_rrcReconfiguration) {
        u->counters.rrc_bad++;
        return;
    }
    const rrc_RRCReconfiguration_IEs_t *ies = m->criticalExtensions.u.rrcReconfiguration;
    const rrc_RRCReconfiguration_v1530_IEs_t *v = ies->nonCriticalExtension;
    if (ies->has.secondaryCellGroup || (v && (v->has.fullConfig || v->masterKeyUpdate)))
        r = -ENOTSUP;
    if (!r && v && v->has.masterCellGroup)
        r = ue_rrc_apply_cell_group(u, v->masterCellGroup.p, v->masterCellGroup.n);
    if (!r && ies->radioBearerConfig)
        r = ue_rrc_apply_bearers(u, ies->radioBearerConfig);
    if (r) { /* TS 38.331 5.3.5.8.2 */
        u->counters.rrc_reconfig_failed++;
        u->rrc.reestablishment_cause = rrc_ReestablishmentCause_reconfigurationFailure;
        u->rrc.link_failed = "reconfiguration failure";
        return;
    }
    send_dcch(u, 1, buf,
              rrc_msg_reconfiguration_complete((rrc_buf_t){buf, sizeof buf},
                                               (uint8_t)m->rrc_TransactionIdentifier));
    if (!v || !v->dedicatedNAS_MessageList)
        return;
    /* NAS may answer at once, which uses the scratch that these views lie in: only those in the message are
     * views, and a message that is not octet-aligned is a copy in the arena, so take each before the next
     * call */
    uint32_t n = v->dedicatedNAS_MessageList->n;
    for (uint32_t i = 0; i < n; i++) {
        uint8_t nas[MAX_RRC];
        asn1_bytes_t b = v->dedicatedNAS_MessageList->p[i];
        if (b.n > sizeof nas)
            continue;
        memcpy(nas, b.p, b.n);
        ue_nas_on_dl(u->nas, u->now_ns, nas, b.n);
    }
}

static void on_capability_enquiry(ue_t *u, const rrc_UECapabilityEnquiry_t *m)
{
    uint8_t buf[64];
    bool nr = false;
    if (m->criticalExtensions.choice !=
        rrc_UECapabilityEnquiry_criticalExtensions_choice_ueCapabilityEnquiry) {
        u->counters.rrc_bad++;
        return;
    }
    const rrc_UE_CapabilityRAT_RequestList_t *l =
        &m->criticalExtensions.u.ueCapabilityEnquiry->ue_CapabilityRAT_RequestList;
    for (uint32_t i = 0; i < l->n; i++)
        nr |= l->p[i].rat_Type == rrc_RAT_Type_nr;
    send_dcch(u, 1, buf,
              rrc_msg_capability((rrc_buf_t){buf, sizeof buf}, (uint8_t)m->rrc_TransactionIdentifier, nr));
}

static void on_dl_information(ue_t *u, const rrc_DLInformationTransfer_t *m)
{
    uint8_t nas[MAX_RRC];
    if (m->criticalExtensions.choice !=
            rrc_DLInformationTransfer_criticalExtensions_choice_dlInformationTransfer ||
        !m->criticalExtensions.u.dlInformationTransfer->has.dedicatedNAS_Message) {
        u->counters.rrc_bad++;
        return;
    }
    asn1_bytes_t b = m->criticalExtensions.u.dlInformationTransfer->dedicatedNAS_Message;
    if (b.n > sizeof nas)
        return;
    memcpy(nas, b.p, b.n); /* the scratch arena may be used again while NAS answers */
    ue_nas_on_dl(u->nas, u->now_ns, nas, b.n);
}

static void on_security_mode_command(ue_t *u, const rrc_SecurityModeCommand_t *m)
{
    uint8_t buf[16];
    ue_bearer_t *b = &u->bearer[UE_PDCP_SRB1];
    if (!u->rrc.security)
        return; /* it did not verify: rrc_security.c has answered */
    send_dcch(
        u, 1, buf,
        rrc_msg_security_mode_complete((rrc_buf_t){buf, sizeof buf}, (uint8_t)m->rrc_TransactionIdentifier));
    /* ciphering begins behind SecurityModeComplete. 5.3.4.3 */
    pdcp_activate_tx(b->pdcp, true, true);
    pdcp_activate_rx(b->pdcp, true, true);
}

static void on_reestablishment(ue_t *u, const rrc_RRCReestablishment_t *m)
{
    uint8_t buf[16];
    ue_bearer_t *b = &u->bearer[UE_PDCP_SRB1];
    if (u->rrc.state != UE_RRC_REESTABLISHING)
        return;
    pdcp_activate_tx(b->pdcp, true, true);
    pdcp_activate_rx(b->pdcp, true, true);
    u->rrc.state = UE_RRC_CONNECTED;
    send_dcch(u, 1, buf,
              rrc_msg_reestablishment_complete((rrc_buf_t){buf, sizeof buf},
                                               (uint8_t)m->rrc_TransactionIdentifier));
}

void ue_rrc_on_dcch(ue_t *u, uint8_t srb_id, const uint8_t *bytes, size_t n)
{
    rrc_DL_DCCH_Message_t m;
    arena_t a = ue_scratch(u);
    (void)srb_id;
    tap(u, UE_TAP_RRC_DL_DCCH, bytes, n);
    if (asn1_decode(&rrc_DL_DCCH_Message_type, ASN1_UPER, bytes, n, &a, &m, NULL) ||
        m.message.choice != rrc_DL_DCCH_MessageType_choice_c1) {
        u->counters.rrc_bad++;
        return;
    }
    const rrc_DL_DCCH_MessageType_c1_t *c1 = m.message.u.c1;
    if (!u->bearer[UE_PDCP_SRB1].pdcp ||
        (u->rrc.state != UE_RRC_CONNECTED && u->rrc.state != UE_RRC_REESTABLISHING)) {
        u->counters.rrc_bad++;
        return;
    }
    /* what is allowed before AS security: TS 38.331 B.1 */
    bool plain = c1->choice == rrc_DL_DCCH_MessageType_c1_choice_securityModeCommand ||
                 c1->choice == rrc_DL_DCCH_MessageType_c1_choice_dlInformationTransfer ||
                 c1->choice == rrc_DL_DCCH_MessageType_c1_choice_rrcRelease;
    if (!u->rrc.security && !plain) {
        u->counters.rrc_bad++;
        return;
    }
    switch (c1->choice) {
    case rrc_DL_DCCH_MessageType_c1_choice_rrcReconfiguration:
        on_reconfiguration(u, c1->u.rrcReconfiguration);
        return;
    case rrc_DL_DCCH_MessageType_c1_choice_securityModeCommand:
        on_security_mode_command(u, c1->u.securityModeCommand);
        return;
    case rrc_DL_DCCH_MessageType_c1_choice_ueCapabilityEnquiry:
        on_capability_enquiry(u, c1->u.ueCapabilityEnquiry);
        return;
    case rrc_DL_DCCH_MessageType_c1_choice_dlInformationTransfer:
        on_dl_information(u, c1->u.dlInformationTransfer);
        return;
    case rrc_DL_DCCH_MessageType_c1_choice_rrcReestablishment:
        on_reestablishment(u, c1->u.rrcReestablishment);
        return;
    case rrc_DL_DCCH_MessageType_c1_choice_rrcRelease:
        u->counters.rrc_releases++;
        u->rrc.release_at = u->t + ue_ms(u, RELEASE_DELAY_MS);
        return;
    default:
        u->counters.rrc_bad++;
    }
}

void ue_rrc_on_paging(ue_t *u, const uint8_t *bytes, size_t n)
{
    rrc_PCCH_Message_t m;
    arena_t a = ue_scratch(u);
    uint64_t s_tmsi;
    if (u->rrc.state != UE_RRC_IDLE || !ue_nas_s_tmsi(u->nas, &s_tmsi))
        return;
    if (asn1_decode(&rrc_PCCH_Message_type, ASN1_UPER, bytes, n, &a, &m, NULL) ||
        m.message.choice != rrc_PCCH_MessageType_choice_c1 ||
        m.message.u.c1->choice != rrc_PCCH_MessageType_c1_choice_paging) {
        u->counters.rrc_bad++;
        return;
    }
    const rrc_PagingRecordList_t *l = m.message.u.c1->u.paging->pagingRecordList;
    for (uint32_t i = 0; l && i < l->n; i++) {
        const rrc_PagingUE_Identity_t *id = &l->p[i].ue_Identity;
        uint64_t v = 0;
        if (id->choice != rrc_PagingUE_Identity_choice_ng_5G_S_TMSI)
            continue;
        for (uint32_t k = 0; k < 6; k++)
            v = v << 8 | id->u.ng_5G_S_TMSI.p[k];
        if (v != s_tmsi)
            continue;
        u->counters.paged++;
        ue_nas_service_request(u->nas, u->now_ns, true);
        return;
    }
}

/* ---- failures ---- */

void ue_rrc_on_ra_ok(ue_t *u)
{
    u->rrc.out_of_sync = 0;
}

void ue_rrc_on_ra_failed(ue_t *u)
{
    if (u->rrc.state == UE_RRC_SETUP_REQUEST)
        back_off(u, RETRY_MS);
    else if (u->rrc.state == UE_RRC_CONNECTED)
        ue_rrc_link_failed(u, "random access problem");
    else if (u->rrc.state == UE_RRC_REESTABLISHING)
        back_off(u, RETRY_MS);
}

/* Takes effect in ue_rrc_tick: a failure is found deep inside RLC or MAC, which must not be freed from there.
 */
void ue_rrc_link_failed(ue_t *u, const char *why)
{
    if (u->rrc.link_failed || u->rrc.state != UE_RRC_CONNECTED)
        return;
    u->rrc.link_failed = why;
    u->rrc.reestablishment_cause = rrc_ReestablishmentCause_otherFailure;
}

/* Initiation: TS 38.331 5.3.7.2. Without AS security the UE goes to idle instead. */
static void start_reestablishment(ue_t *u)
{
    const char *why = u->rrc.link_failed;
    u->rrc.link_failed = NULL;
    u->counters.rlf++;
    log_notice(&u->log, "ue %u: radio link failure: %s", u->config.index, why);
    if (!u->rrc.security) {
        back_off(u, RETRY_MS);
        return;
    }
    u->rrc.lost_c_rnti = u->mac.c_rnti;
    u->rrc.lost_pci = u->cell.pci;
    u->rrc.state = UE_RRC_REESTABLISHING_CELL;
    u->rrc.deadline = u->t + ue_ms(u, u->cell.radio.t311_ms);
    u->rrc.t310_at = UE_NEVER;
    ue_mac_reset(u);
    u->mac.configured = false;
    u->mac.c_rnti = 0;
}

static void request_reestablishment(ue_t *u)
{
    uint8_t msg[8], mac[2];
    radio_lc_t srb1;
    pdcp_config_t pdcp = {
        .srb = true, .rb_id = 1, .sn_bits = 12, .rlc_am = true, .t_reordering_ns = PDCP_INFINITY_NS};
    ue_rrc_short_mac_i(u, u->cell.radio.nr_cell_id, u->rrc.lost_c_rnti, u->rrc.lost_pci, mac);
    size_t n = rrc_msg_reestablishment_request((rrc_buf_t){msg, sizeof msg}, u->rrc.lost_c_rnti,
                                               u->rrc.lost_pci, mac, u->rrc.reestablishment_cause);
    /* SRB1 starts anew with its default configuration, without security until RRCReestablishment. 5.3.7.4 */
    ue_bearer_release_lc(u, 1);
    pdcp_destroy(u->bearer[UE_PDCP_SRB1].pdcp);
    memset(&u->bearer[UE_PDCP_SRB1], 0, sizeof u->bearer[UE_PDCP_SRB1]);
    radio_srb_defaults(&srb1, 1);
    if (n != 6 || ue_bearer_add_lc(u, &srb1, false) || ue_bearer_add_srb(u, 1, &pdcp)) {
        back_off(u, RETRY_MS);
        return;
    }
    for (int i = 0; i < RADIO_MAX_LC; i++)
        if (u->mac.lc[i].used && u->mac.lc[i].cfg.lcid != 1)
            rlc_reestablish(u->mac.lc[i].rlc);
    tap(u, UE_TAP_RRC_UL_CCCH, msg, n);
    u->counters.rrc_reestablishments++;
    u->rrc.state = UE_RRC_REESTABLISHING;
    u->rrc.deadline = u->t + ue_ms(u, u->cell.radio.t301_ms);
    ue_ra_start(u, msg, (uint8_t)n);
}

/* Radio link monitoring. TS 38.331 5.3.10, once in RLM_MS. */
void ue_rrc_rlm(ue_t *u)
{
    ue_rrc_t *r = &u->rrc;
    if (r->state != UE_RRC_CONNECTED || u->t % ue_ms(u, RLM_MS))
        return;
    if (u->sinr_db < QOUT_DB) {
        r->in_sync = 0;
        if (r->t310_at == UE_NEVER && ++r->out_of_sync >= u->cell.radio.n310)
            r->t310_at = u->t + ue_ms(u, u->cell.radio.t310_ms);
    } else if (u->sinr_db > QIN_DB) {
        r->out_of_sync = 0;
        if (r->t310_at != UE_NEVER && ++r->in_sync >= u->cell.radio.n311)
            r->t310_at = UE_NEVER;
    }
    if (u->t >= r->t310_at)
        ue_rrc_link_failed(u, "T310");
}

void ue_rrc_tick(ue_t *u)
{
    ue_rrc_t *r = &u->rrc;
    ue_rrc_rlm(u);
    if (r->link_failed)
        start_reestablishment(u);
    if (u->t >= r->release_at) {
        ue_rrc_leave(u);
        return;
    }
    switch (r->state) {
    case UE_RRC_IDLE:
        if (r->initial_nas && u->cell.have_sib1 && u->t >= r->t302_until)
            start_setup(u);
        break;
    case UE_RRC_SETUP_REQUEST:
        if (u->t >= r->deadline) /* T300 */
            back_off(u, RETRY_MS);
        break;
    case UE_RRC_REESTABLISHING_CELL:
        if (u->cell.have_sib1 && u->sinr_db > QIN_DB)
            request_reestablishment(u);
        else if (u->t >= r->deadline) /* T311 */
            ue_rrc_leave(u);
        break;
    case UE_RRC_REESTABLISHING:
        if (u->t >= r->deadline) /* T301 */
            ue_rrc_leave(u);
        break;
    case UE_RRC_CONNECTED:
        break;
    }
    /* after a loss of the connection a UE with a session wants it back */
    if (r->state == UE_RRC_IDLE && u->session_up && u->want_service && u->cell.have_sib1 && !r->initial_nas &&
        u->t >= r->t302_until && u->sinr_db > QIN_DB) {
        u->want_service = false;
        ue_nas_service_request(u->nas, u->now_ns, false);
    }
}
