/* SPDX-License-Identifier: Apache-2.0 */
/* What comes in: F1AP's messages about a UE, and the RRC messages inside them. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cu/rrc/rrc_inner.h"
#include "lib/asn1/schema/rrc.asn.h"

static int decode(rrc_cu_t *rrc, const asn1_type_t *type, const uint8_t *p, uint32_t n, void *ret)
{
    asn1_error_t err;
    arena_reset(&rrc->arena);
    if (asn1_decode(type, ASN1_UPER, p, n, &rrc->arena, ret, &err) < 0) {
        rrc->counters.rx_malformed++;
        log_warning(rrc->config.log, "RRC message dropped: %s: %s", err.path, err.what);
        return -EBADMSG;
    }
    return 0;
}

/* ---- CCCH ---- */

/* Turns a UE away that has no context here: RRCReject on SRB0 and the end of the DU's context. */
static void reject(rrc_cu_t *rrc, f1ap_du_link_t *du, uint32_t du_ue_id)
{
    f1ap_msg_t m = {.type = F1AP_RELEASE_COMMAND};
    uint32_t cu_ue_id;
    rrc->counters.rejects++;
    if (f1ap_cu_ue_add(rrc->f1, du, du_ue_id, NULL, &cu_ue_id) < 0)
        return;
    m.u.release_command.cause = F1AP_RADIO(no_radio_resources_available);
    if (rrc_build_reject(rrc->config.reject_wait_s, &rrc->out) == 0)
        m.u.release_command.rrc_container = (asn1_bytes_t){rrc->out.bytes, rrc->out.n};
    m.u.release_command.srb_id = 0;
    f1ap_cu_ue_send(rrc->f1, cu_ue_id, &m);
    /* The id stays until RELEASE COMPLETE, which comes without a UE. */
}

static void set_up(rrc_cu_t *rrc, f1ap_du_link_t *du, const f1ap_cell_t *cell, const f1ap_initial_ul_t *m,
                   uint8_t cause, const rrc_InitialUE_Identity_t *identity)
{
    /* Without CellGroupConfig the DU cannot serve it, TS 38.473 8.4.1.2. */
    rrc_ue_t *ue = m->cell_group.n && rrc->core ? rrc_ue_new(rrc) : NULL;
    if (!ue || f1ap_cu_ue_add(rrc->f1, du, m->du_ue_id, ue, &ue->cu_ue_id) < 0) {
        if (ue)
            rrc_ue_free(ue);
        reject(rrc, du, m->du_ue_id);
        return;
    }
    ue->f1_alive = true;
    ue->du = du;
    ue->cell = cell->cgi;
    ue->pci = cell->pci;
    ue->tac = cell->tac;
    ue->ssb_arfcn = cell->ssb_arfcn;
    ue->crnti = m->crnti;
    ue->establishment_cause = cause;
    if (identity && identity->choice == rrc_InitialUE_Identity_choice_ng_5G_S_TMSI_Part1) {
        const uint8_t *p = identity->u.ng_5G_S_TMSI_Part1.p;
        ue->has_tmsi_part1 = true;
        for (int i = 0; i < 5; i++)
            ue->tmsi = ue->tmsi << 8 | p[i];
        ue->tmsi >>= 1; /* 39 bits */
    }
    if (rrc_srb_create(ue, 1) < 0 ||
        rrc_build_setup(rrc_awaited_transaction(ue), m->cell_group, &rrc->out) < 0 || rrc_send_ccch(ue) < 0) {
        rrc_ue_free(ue);
        return;
    }
    rrc_timer(ue, true);
}

/* The context that a UE asks back for, if it proves to be its own. */
static rrc_ue_t *find_former(rrc_cu_t *rrc, f1ap_du_link_t *du, const f1ap_cell_t *cell,
                             const rrc_ReestabUE_Identity_t *id)
{
    uint16_t short_mac = (uint16_t)(id->shortMAC_I.p[0] << 8 | id->shortMAC_I.p[1]);
    for (uint32_t i = 0; i < rrc->config.max_ues; i++) {
        rrc_ue_t *ue = &rrc->ues[i];
        if (ue->used && ue->du == du && ue->f1_alive && ue->secure && ue->crnti == id->c_RNTI &&
            ue->pci == id->physCellId &&
            rrc_security_short_mac(ue, ue->pci, cell->cgi.nr_cell_id, ue->crnti) == short_mac)
            return ue;
    }
    return NULL;
}

void rrc_on_initial_ul(void *ctx, f1ap_du_link_t *du, const f1ap_cell_t *cell, const f1ap_initial_ul_t *m)
{
    rrc_cu_t *rrc = ctx;
    rrc_UL_CCCH_Message_t msg;
    if (decode(rrc, &rrc_UL_CCCH_Message_type, m->rrc_container.p, m->rrc_container.n, &msg) < 0 ||
        msg.message.choice != rrc_UL_CCCH_MessageType_choice_c1) {
        reject(rrc, du, m->du_ue_id);
        return;
    }
    const rrc_UL_CCCH_MessageType_c1_t *c1 = msg.message.u.c1;
    rrc->counters.rx_messages++;
    switch (c1->choice) {
    case rrc_UL_CCCH_MessageType_c1_choice_rrcSetupRequest: {
        const rrc_RRCSetupRequest_IEs_t *q = &c1->u.rrcSetupRequest->rrcSetupRequest;
        set_up(rrc, du, cell, m, (uint8_t)q->establishmentCause, &q->ue_Identity);
        break;
    }
    case rrc_UL_CCCH_MessageType_c1_choice_rrcReestablishmentRequest: {
        const rrc_RRCReestablishmentRequest_IEs_t *q =
            &c1->u.rrcReestablishmentRequest->rrcReestablishmentRequest;
        rrc_ue_t *ue = find_former(rrc, du, cell, &q->ue_Identity);
        f1ap_initial_ul_t copy = *m;
        if (ue && rrc->config.reestablishment && (ue->state == UE_READY || ue->state == UE_RADIO_LOST) &&
            rrc_step(ue, EV_REESTABLISH, &copy) == 0)
            break;
        if (ue) { /* its own, but it cannot go on: the old context ends */
            ue->release_cause = (ngap_cause_t){NGAP_CAUSE_RADIO_NETWORK, NGAP_RADIO_CONNECTION_LOST};
            rrc_step(ue, EV_DU_WANTS_RELEASE, NULL);
        }
        rrc->counters.reestablishments_fallen_back++;
        set_up(rrc, du, cell, m, (uint8_t)rrc_EstablishmentCause_mo_Signalling, NULL);
        break;
    }
    case rrc_UL_CCCH_MessageType_c1_choice_rrcResumeRequest: /* no RRC_INACTIVE here: a setup, 5.3.13.? */
        set_up(rrc, du, cell, m, (uint8_t)rrc_EstablishmentCause_mo_Signalling, NULL);
        break;
    default:
        rrc->counters.rx_unsupported++;
        reject(rrc, du, m->du_ue_id);
        break;
    }
}

/* ---- F1AP's other messages ---- */

static bool is_radio_loss(f1ap_cause_t c)
{
    return c.group == F1AP_CAUSE_RADIO && (c.value == f1ap_CauseRadioNetwork_rl_failure_rlc ||
                                           c.value == f1ap_CauseRadioNetwork_rl_failure_others);
}

void rrc_on_ue_message(void *ctx, void *user, const f1ap_msg_t *m)
{
    rrc_cu_t *rrc = ctx;
    rrc_ue_t *ue = user;
    if (!ue) { /* one that was rejected */
        if (m->type == F1AP_RELEASE_COMPLETE)
            f1ap_cu_ue_remove(rrc->f1, m->u.ue_cause.cu_ue_id);
        return;
    }
    switch (m->type) {
    case F1AP_UL_RRC:
        rrc_receive_srb(ue, m->u.ul_rrc.srb_id, m->u.ul_rrc.rrc_container);
        break;
    case F1AP_CONTEXT_SETUP_RESPONSE:
    case F1AP_CONTEXT_MODIFY_RESPONSE:
        rrc_step(ue, EV_CONTEXT_OK, (void *)&m->u.context_response);
        break;
    case F1AP_CONTEXT_SETUP_FAILURE:
    case F1AP_CONTEXT_MODIFY_FAILURE:
        rrc_step(ue, EV_CONTEXT_FAILED, (void *)m);
        break;
    case F1AP_CONTEXT_REQUIRED:
        if (rrc_step(ue, EV_DU_REQUIRES, (void *)&m->u.context_required) == -EPROTO) {
            f1ap_msg_t refuse = {.type = F1AP_CONTEXT_REFUSE};
            refuse.u.ue_cause.cause = F1AP_RADIO(interaction_with_other_procedure);
            f1ap_cu_ue_send(rrc->f1, ue->cu_ue_id, &refuse);
        }
        break;
    case F1AP_RELEASE_REQUEST:
        log_info(rrc->config.log, "UE %u: the DU asks for its release: %s", ue->ran_id,
                 f1ap_cause_name(m->u.ue_cause.cause));
        rrc_step(ue,
                 is_radio_loss(m->u.ue_cause.cause) && rrc->config.reestablishment ? EV_DU_RADIO_LOST
                                                                                   : EV_DU_WANTS_RELEASE,
                 NULL);
        break;
    case F1AP_RELEASE_COMPLETE:
        rrc_step(ue, EV_DU_RELEASED, NULL);
        break;
    case F1AP_INACTIVITY:
        rrc_step(ue, EV_DU_INACTIVE, NULL);
        break;
    default: /* delivery reports, notifications */
        break;
    }
}

void rrc_on_ue_lost(void *ctx, void *user, f1ap_cause_t cause)
{
    (void)ctx;
    (void)cause;
    if (user)
        rrc_step(user, EV_DU_LOST, NULL);
}

/* ---- DCCH ---- */

/* A message is an answer to what is out only with its transaction identifier. */
static bool answers(rrc_ue_t *ue, int64_t transaction)
{
    if ((uint8_t)transaction == ue->transaction)
        return true;
    ue->rrc->counters.rx_unexpected++;
    log_warning(ue->rrc->config.log, "UE %u: an answer to RRC transaction %d, not %u: dropped", ue->ran_id,
                (int)transaction, ue->transaction);
    return false;
}

static void setup_complete(rrc_ue_t *ue, const rrc_RRCSetupComplete_t *m)
{
    if (m->criticalExtensions.choice != rrc_RRCSetupComplete_criticalExtensions_choice_rrcSetupComplete) {
        ue->rrc->counters.rx_unsupported++;
        return;
    }
    const rrc_RRCSetupComplete_IEs_t *ies = m->criticalExtensions.u.rrcSetupComplete;
    const rrc_RRCSetupComplete_IEs_ng_5G_S_TMSI_Value_t *t = ies->ng_5G_S_TMSI_Value;
    if (!answers(ue, m->rrc_TransactionIdentifier) || rrc_step(ue, EV_SETUP_COMPLETE, NULL) < 0)
        return;
    if (t && t->choice == rrc_RRCSetupComplete_IEs_ng_5G_S_TMSI_Value_choice_ng_5G_S_TMSI) {
        ue->tmsi = 0;
        for (int i = 0; i < 6; i++)
            ue->tmsi = ue->tmsi << 8 | t->u.ng_5G_S_TMSI.p[i];
        ue->has_tmsi = true;
    } else if (t && ue->has_tmsi_part1) { /* part 2 is the 9 leftmost bits of the 48 */
        const uint8_t *p = t->u.ng_5G_S_TMSI_Part2.p;
        ue->tmsi |= (uint64_t)(p[0] << 1 | p[1] >> 7) << 39;
        ue->has_tmsi = true;
    }
    rrc_core_initial_message(ue, ies->dedicatedNAS_Message);
}

static void capability(rrc_ue_t *ue, const rrc_UECapabilityInformation_t *m)
{
    rrc_cu_t *rrc = ue->rrc;
    uint8_t bytes[8192];
    size_t n;
    if (ue->state != UE_CAPABILITY || !answers(ue, m->rrc_TransactionIdentifier) ||
        m->criticalExtensions.choice !=
            rrc_UECapabilityInformation_criticalExtensions_choice_ueCapabilityInformation) {
        rrc->counters.rx_unexpected++;
        return;
    }
    const rrc_UE_CapabilityRAT_ContainerList_t *list =
        m->criticalExtensions.u.ueCapabilityInformation->ue_CapabilityRAT_ContainerList;
    if (list &&
        asn1_encode(&rrc_UE_CapabilityRAT_ContainerList_type, ASN1_UPER, list, bytes, sizeof bytes, &n,
                    NULL) == 0 &&
        (ue->capability = malloc(n))) {
        ue->capability_n = (uint32_t)n;
        memcpy(ue->capability, bytes, n);
        if (ue->core_knows &&
            rrc_build_radio_capability((asn1_bytes_t){ue->capability, ue->capability_n}, &rrc->out) == 0) {
            ngap_capability_t c = {.ue = {ue->amf_id, ue->ran_id},
                                   .capability = {rrc->out.bytes, rrc->out.n}};
            rrc->core->ue_radio_capability_info(rrc->core->ctx, &c);
        }
    }
    rrc_step(ue, EV_CAPABILITY, NULL);
}

void rrc_handle_dcch(rrc_ue_t *ue, uint8_t srb_id, const uint8_t *p, uint32_t n)
{
    rrc_cu_t *rrc = ue->rrc;
    rrc_UL_DCCH_Message_t msg;
    (void)srb_id;
    if (decode(rrc, &rrc_UL_DCCH_Message_type, p, n, &msg) < 0)
        return;
    rrc->counters.rx_messages++;
    if (msg.message.choice != rrc_UL_DCCH_MessageType_choice_c1) {
        rrc->counters.rx_unsupported++;
        return;
    }
    const rrc_UL_DCCH_MessageType_c1_t *c1 = msg.message.u.c1;
    switch (c1->choice) {
    case rrc_UL_DCCH_MessageType_c1_choice_rrcSetupComplete:
        setup_complete(ue, c1->u.rrcSetupComplete);
        break;
    case rrc_UL_DCCH_MessageType_c1_choice_securityModeComplete:
        if (answers(ue, c1->u.securityModeComplete->rrc_TransactionIdentifier))
            rrc_step(ue, EV_SECURITY_COMPLETE, NULL);
        break;
    case rrc_UL_DCCH_MessageType_c1_choice_securityModeFailure:
        if (answers(ue, c1->u.securityModeFailure->rrc_TransactionIdentifier))
            rrc_step(ue, EV_SECURITY_FAILURE, NULL);
        break;
    case rrc_UL_DCCH_MessageType_c1_choice_ueCapabilityInformation:
        capability(ue, c1->u.ueCapabilityInformation);
        break;
    case rrc_UL_DCCH_MessageType_c1_choice_rrcReconfigurationComplete:
        if (ue->state == UE_READY) /* of a cell group that the DU wanted changed */
            break;
        if (answers(ue, c1->u.rrcReconfigurationComplete->rrc_TransactionIdentifier))
            rrc_step(ue, EV_RECONFIGURED, NULL);
        break;
    case rrc_UL_DCCH_MessageType_c1_choice_rrcReestablishmentComplete:
        if (answers(ue, c1->u.rrcReestablishmentComplete->rrc_TransactionIdentifier))
            rrc_step(ue, EV_REESTABLISHED, NULL);
        break;
    case rrc_UL_DCCH_MessageType_c1_choice_ulInformationTransfer: {
        const rrc_ULInformationTransfer_t *t = c1->u.ulInformationTransfer;
        if (t->criticalExtensions.choice ==
                rrc_ULInformationTransfer_criticalExtensions_choice_ulInformationTransfer &&
            t->criticalExtensions.u.ulInformationTransfer->has.dedicatedNAS_Message)
            rrc_core_uplink_nas(ue, t->criticalExtensions.u.ulInformationTransfer->dedicatedNAS_Message);
        break;
    }
    default: /* measurement reports, assistance information: nothing depends on them here */
        rrc->counters.rx_unsupported++;
        break;
    }
}
