/* SPDX-License-Identifier: Apache-2.0 */
/* The actions of the UE's table. What may come back into RRC (calls to the core) is left to `after`. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cu/rrc/rrc_inner.h"

static const ngap_cause_t connection_lost = {NGAP_CAUSE_RADIO_NETWORK, NGAP_RADIO_CONNECTION_LOST};

/* ---- connection ---- */

int rrc_do_connected(void *ctx, void *arg)
{
    rrc_ue_t *ue = ctx;
    (void)arg;
    ue->rrc->counters.setups++;
    log_info(ue->rrc->config.log, "UE %u: RRC connected, RNTI %04x", ue->ran_id, ue->crnti);
    return 0;
}

/* ---- security ---- */

static void context_not_possible(rrc_ue_t *ue)
{
    rrc_core_job_failed(
        ue, (ngap_cause_t){NGAP_CAUSE_RADIO_NETWORK, 16}); /* encryption-and-or-integrity-
                                                              protection-algorithms-not-supported */
}

int rrc_do_security(void *ctx, void *arg)
{
    rrc_ue_t *ue = ctx;
    rrc_cu_t *rrc = ue->rrc;
    (void)arg;
    job_t *j = ue->jobs;
    if (j->kind != JOB_CONTEXT || rrc_security_choose(ue, j->context.nea_mask, j->context.nia_mask) < 0) {
        ue->after = context_not_possible;
        return -EACCES;
    }
    int r = rrc_build_security_mode_command(rrc_awaited_transaction(ue), ue->rrc_security.nea,
                                            ue->rrc_security.nia, &rrc->out);
    if (r == 0)
        r = pdcp_set_security(ue->srb[1], rrc->config.crypto, &ue->rrc_security);
    if (r < 0)
        return r;
    /* Integrity from the command on, and of the answer; ciphering down from after the command, up from after
     * the answer. TS 33.501 6.7.4 */
    pdcp_activate_tx(ue->srb[1], true, false);
    rrc_send_dcch(ue, 1);
    pdcp_activate_tx(ue->srb[1], true, true);
    pdcp_activate_rx(ue->srb[1], true, false);
    return 0;
}

static void capability_known(rrc_ue_t *ue)
{
    rrc_step(ue, EV_CAPABILITY, NULL);
}

int rrc_do_secured(void *ctx, void *arg)
{
    rrc_ue_t *ue = ctx;
    rrc_cu_t *rrc = ue->rrc;
    (void)arg;
    pdcp_activate_rx(ue->srb[1], true, true);
    ue->secure = true;
    log_info(rrc->config.log, "UE %u: AS security with NEA%d, NIA%d", ue->ran_id, ue->rrc_security.nea,
             ue->rrc_security.nia);
    if (ue->capability) {
        ue->after = capability_known;
        return 0;
    }
    if (rrc_build_capability_enquiry(rrc_awaited_transaction(ue), &rrc->out) == 0)
        rrc_send_dcch(ue, 1);
    return 0;
}

static void security_refused(rrc_ue_t *ue)
{
    rrc_core_job_failed(ue, (ngap_cause_t){NGAP_CAUSE_RADIO_NETWORK, 16});
}

/* The UE goes on without AS security, 5.3.4.3; the core will hardly. */
int rrc_do_security_failed(void *ctx, void *arg)
{
    rrc_ue_t *ue = ctx;
    (void)arg;
    ue->rrc->counters.security_failures++;
    ue->has_keys = false;
    pdcp_activate_tx(ue->srb[1], false, false);
    pdcp_activate_rx(ue->srb[1], false, false);
    ue->after = security_refused;
    return 0;
}

/* ---- context and bearers ---- */

static void job_failed(rrc_ue_t *ue)
{
    rrc_core_job_failed(ue, (ngap_cause_t){NGAP_CAUSE_RADIO_NETWORK, NGAP_RADIO_UNSPECIFIED});
}

/* The first job's request to the DU. */
static int request_context(rrc_ue_t *ue)
{
    int r = rrc_bearer_request(ue);
    if (r < 0) {
        log_error(ue->rrc->config.log, "UE %u: cannot ask the DU: %s", ue->ran_id, strerror(-r));
        ue->state = UE_READY;
        ue->after = job_failed;
    }
    return r;
}

int rrc_do_capability(void *ctx, void *arg)
{
    (void)arg;
    return request_context(ctx);
}

int rrc_do_start_job(void *ctx, void *arg)
{
    (void)arg;
    return request_context(ctx);
}

int rrc_do_context_ok(void *ctx, void *arg)
{
    rrc_ue_t *ue = ctx;
    rrc_cu_t *rrc = ue->rrc;
    int r = rrc_bearer_response(ue, arg);
    if (r == 0)
        r = rrc_build_reconfiguration(rrc_awaited_transaction(ue), &ue->jobs->reconfiguration, &rrc->out);
    if (r < 0) {
        log_error(rrc->config.log, "UE %u: cannot reconfigure: %s", ue->ran_id, strerror(-r));
        ue->state = UE_READY; /* the DU has a context; the core decides what comes next */
        ue->after = job_failed;
        return r;
    }
    for (uint32_t i = 0; i < ue->jobs->reconfiguration.n_nas; i++)
        rrc_capture_nas(rrc, ue->jobs->reconfiguration.nas[i].p, ue->jobs->reconfiguration.nas[i].n);
    rrc_send_dcch(ue, 1);
    return 0;
}

int rrc_do_context_failed(void *ctx, void *arg)
{
    rrc_ue_t *ue = ctx;
    const f1ap_msg_t *m = arg;
    log_warning(ue->rrc->config.log, "UE %u: the DU refused its context: %s", ue->ran_id,
                f1ap_cause_name(m->u.ue_cause.cause));
    ue->after = job_failed;
    return 0;
}

int rrc_do_reconfigured(void *ctx, void *arg)
{
    rrc_ue_t *ue = ctx;
    (void)arg;
    if (!ue->srb[2] && rrc_srb_create(ue, 2) < 0)
        log_error(ue->rrc->config.log, "UE %u: no memory for SRB2", ue->ran_id);
    rrc_bearer_start(ue);
    ue->after = rrc_core_job_done;
    return 0;
}

/* ---- re-establishment, 5.3.7 ---- */

/* arg: the new F1 connection, an f1ap_initial_ul_t. The old one has been looked up and verified. */
int rrc_do_reestablish(void *ctx, void *arg)
{
    rrc_ue_t *ue = ctx;
    rrc_cu_t *rrc = ue->rrc;
    f1ap_msg_t m = {.type = F1AP_DL_RRC};
    const f1ap_initial_ul_t *q = arg;
    uint32_t old_du_ue_id, cu_ue_id;
    uint8_t k_star[32];
    int r = f1ap_cu_ue_du_id(rrc->f1, ue->cu_ue_id, &old_du_ue_id);
    if (r == 0)
        r = f1ap_cu_ue_add(rrc->f1, ue->du, q->du_ue_id, ue, &cu_ue_id);
    if (r < 0)
        return r;
    f1ap_cu_ue_remove(rrc->f1, ue->cu_ue_id);
    ue->cu_ue_id = cu_ue_id;
    ue->crnti = q->crnti;
    /* Horizontal key derivation: the core has given no NH. TS 33.501 6.9.2.1.1 */
    r = rrc_security_next_key(ue, k_star);
    if (r == 0)
        r = rrc_security_derive(ue);
    if (r == 0)
        r = pdcp_reestablish(ue->srb[1], rrc->config.crypto, &ue->rrc_security);
    if (r == 0)
        r = rrc_build_reestablishment(rrc_awaited_transaction(ue), ue->ncc, &rrc->out);
    if (r < 0)
        return r;
    pdcp_activate_tx(ue->srb[1], true, false); /* RRCReestablishment is not ciphered, annex B.1 */
    buf_t *b = rrc_protect(ue, 1);
    pdcp_activate_tx(ue->srb[1], true, true);
    if (!b)
        return -EIO;
    m.u.dl_rrc.srb_id = 1;
    m.u.dl_rrc.rrc_container = (asn1_bytes_t){b->data, b->len};
    m.u.dl_rrc.has_old_du_ue_id = true;
    m.u.dl_rrc.old_du_ue_id = old_du_ue_id;
    r = f1ap_cu_ue_send(rrc->f1, ue->cu_ue_id, &m);
    buf_free(b);
    if (r == 0)
        rrc->counters.tx_messages++;
    return r;
}

static void next_job(rrc_ue_t *ue)
{
    rrc_step(ue, EV_JOB, NULL);
}

int rrc_do_reestablished(void *ctx, void *arg)
{
    rrc_ue_t *ue = ctx;
    rrc_cu_t *rrc = ue->rrc;
    (void)arg;
    job_t *j = rrc_job_new(JOB_RESTORE, 0);
    if (!j)
        return -ENOMEM;
    rrc->counters.reestablishments++;
    log_info(rrc->config.log, "UE %u: re-established, RNTI %04x", ue->ran_id, ue->crnti);
    if (ue->srb[2])
        pdcp_reestablish(ue->srb[2], rrc->config.crypto, &ue->rrc_security);
    if (ue->up_ue != UINT32_MAX)
        rrc->up.ue_rekey(rrc->up.ctx, ue->up_ue, &ue->up_security);
    for (uint32_t i = 0; i < RRC_MAX_DRBS; i++) /* the DU makes its end anew */
        ue->sessions[i].up = false;
    j->next = ue->jobs;
    ue->jobs = j;
    ue->after = next_job;
    return 0;
}

/* ---- the DU's wishes ---- */

/* UE CONTEXT MODIFICATION REQUIRED: nothing of what a DU may want here is done without the core's leave. */
int rrc_do_required(void *ctx, void *arg)
{
    rrc_ue_t *ue = ctx;
    f1ap_msg_t m = {.type = F1AP_CONTEXT_REFUSE};
    const f1ap_context_required_t *q = arg;
    rrc_cu_t *rrc = ue->rrc;
    /* A new CellGroupConfig alone is passed on to the UE and confirmed. */
    if (!q->n_release && q->cell_group.n) {
        rrc_reconfiguration_t c = {.cell_group = q->cell_group};
        if (rrc_build_reconfiguration(rrc_next_transaction(ue), &c, &rrc->out) == 0) {
            buf_t *b = rrc_protect(ue, 1);
            if (b) {
                m.type = F1AP_CONTEXT_CONFIRM;
                m.u.context_confirm.rrc_container = (asn1_bytes_t){b->data, b->len};
                f1ap_cu_ue_send(rrc->f1, ue->cu_ue_id, &m);
                buf_free(b);
                return 0;
            }
        }
    }
    m.u.ue_cause.cause = F1AP_RADIO(procedure_cancelled);
    f1ap_cu_ue_send(rrc->f1, ue->cu_ue_id, &m);
    return 0;
}

int rrc_do_inactive(void *ctx, void *arg)
{
    rrc_ue_t *ue = ctx;
    (void)arg;
    if (!ue->rrc->config.inactivity_release)
        return 0;
    ue->release_cause = (ngap_cause_t){NGAP_CAUSE_RADIO_NETWORK, NGAP_RADIO_USER_INACTIVITY};
    ue->state = UE_ASKED_RELEASE;
    rrc_timer(ue, true);
    ue->after = rrc_core_ask_release;
    return -ECANCELED; /* the state is set already */
}

/* ---- release ---- */

int rrc_do_ask_release(void *ctx, void *arg)
{
    rrc_ue_t *ue = ctx;
    (void)arg;
    ue->rrc->counters.ues_lost++;
    ue->release_cause = connection_lost;
    ue->after = rrc_core_ask_release;
    return 0;
}

int rrc_do_radio_lost(void *ctx, void *arg)
{
    rrc_ue_t *ue = ctx;
    (void)arg;
    ue->rrc->counters.ues_lost++;
    return 0;
}

int rrc_do_lost(void *ctx, void *arg)
{
    rrc_ue_t *ue = ctx;
    ue->f1_alive = false;
    return rrc_do_ask_release(ctx, arg);
}

int rrc_do_timeout(void *ctx, void *arg)
{
    rrc_ue_t *ue = ctx;
    (void)arg;
    ue->release_cause = connection_lost;
    ue->after = rrc_core_ask_release;
    return 0;
}

/* RRCRelease where the UE can be reached, and the DU's context with it, in one message. */
int rrc_do_release(void *ctx, void *arg)
{
    rrc_ue_t *ue = ctx;
    rrc_cu_t *rrc = ue->rrc;
    f1ap_msg_t m = {.type = F1AP_RELEASE_COMMAND};
    buf_t *b = NULL;
    (void)arg;
    while (
        ue->jobs) /* what the core wanted is moot: it has asked for the release itself, or will hear of it */
        rrc_job_pop(ue);
    if (!ue->f1_alive) {
        ue->after = rrc_core_release_complete;
        return 0;
    }
    m.u.release_command.cause =
        ue->release_cause.group == NGAP_CAUSE_NAS ? F1AP_RADIO(normal_release) : F1AP_RADIO(unspecified);
    if (ue->state != UE_SETUP && ue->srb[1] && rrc_build_release(rrc_next_transaction(ue), &rrc->out) == 0)
        b = rrc_protect(ue, 1);
    if (b) {
        m.u.release_command.srb_id = 1;
        m.u.release_command.rrc_container = (asn1_bytes_t){b->data, b->len};
    }
    rrc_bearer_drop_all(ue);
    if (f1ap_cu_ue_send(rrc->f1, ue->cu_ue_id, &m) < 0)
        ue->after = rrc_core_release_complete;
    else
        rrc->counters.tx_messages += b != NULL;
    buf_free(b);
    return 0;
}

int rrc_do_released(void *ctx, void *arg)
{
    rrc_ue_t *ue = ctx;
    (void)arg;
    ue->rrc->counters.releases++;
    log_info(ue->rrc->config.log, "UE %u: released", ue->ran_id);
    ue->after = rrc_core_release_complete;
    return 0;
}

/* The DU does not answer the release either: its UE id is forgotten, and a late answer is an unknown one. */
int rrc_do_give_up(void *ctx, void *arg)
{
    rrc_ue_t *ue = ctx;
    (void)arg;
    ue->after = rrc_core_release_complete;
    return 0;
}
