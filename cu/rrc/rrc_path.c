/* SPDX-License-Identifier: Apache-2.0 */
/* A UE's SRBs: RRC messages through PDCP, and PDCP PDUs over F1. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "cu/rrc/rrc_inner.h"

uint8_t rrc_next_transaction(rrc_ue_t *ue)
{
    return ue->last_transaction = (uint8_t)((ue->last_transaction + 1) & 3);
}

uint8_t rrc_awaited_transaction(rrc_ue_t *ue)
{
    return ue->transaction = rrc_next_transaction(ue);
}

void rrc_capture_nas(rrc_cu_t *rrc, const uint8_t *p, uint32_t n)
{
    struct timespec t;
    if (!rrc->config.nas_pcap || !n)
        return;
    clock_gettime(CLOCK_REALTIME, &t);
    pcap_write_exported(rrc->config.nas_pcap, (int64_t)t.tv_sec * 1000000000 + t.tv_nsec, "nas-5gs", p, n);
}

/* ---- towards the UE ---- */

static int send_f1(rrc_ue_t *ue, uint8_t srb_id, const uint8_t *p, uint32_t n)
{
    f1ap_msg_t m = {.type = F1AP_DL_RRC};
    m.u.dl_rrc.srb_id = srb_id;
    m.u.dl_rrc.rrc_container = (asn1_bytes_t){p, n};
    int r = f1ap_cu_ue_send(ue->rrc->f1, ue->cu_ue_id, &m);
    if (r < 0)
        ue->rrc->counters.tx_failed++;
    else
        ue->rrc->counters.tx_messages++;
    return r;
}

int rrc_send_ccch(rrc_ue_t *ue)
{
    return send_f1(ue, 0, ue->rrc->out.bytes, ue->rrc->out.n);
}

buf_t *rrc_protect(rrc_ue_t *ue, uint8_t srb_id)
{
    rrc_cu_t *rrc = ue->rrc;
    buf_t *b = ue->srb[srb_id] ? buf_from(rrc->config.pool, rrc->out.bytes, rrc->out.n) : NULL;
    if (b && pdcp_tx(ue->srb[srb_id], rrc->config.crypto, b, loop_now_ns(rrc->loop)) < 0) {
        buf_free(b);
        b = NULL;
    }
    if (!b)
        rrc->counters.tx_failed++;
    return b;
}

int rrc_send_dcch(rrc_ue_t *ue, uint8_t srb_id)
{
    buf_t *b = rrc_protect(ue, srb_id);
    if (!b)
        return -EIO;
    int r = send_f1(ue, srb_id, b->data, b->len);
    buf_free(b);
    return r;
}

/* ---- from the UE ---- */

/* Handled when PDCP is done with the PDU: a message may end the UE, and its PDCP with it. */
static void deliver(void *ctx, buf_t *sdu)
{
    bufq_push(&((rrc_ue_t *)ctx)->received, sdu);
}

static void integrity_failure(void *ctx)
{
    rrc_ue_t *ue = ctx;
    ue->rrc->counters.rx_integrity++;
    log_warning(ue->rrc->config.log, "UE %u: wrong MAC-I on an SRB: dropped", ue->ran_id);
}

int rrc_srb_create(rrc_ue_t *ue, uint8_t srb_id)
{
    /* Default SRB configuration: t-Reordering infinity. TS 38.331 9.2.1 */
    pdcp_config_t c = {
        .srb = true, .rb_id = srb_id, .sn_bits = 12, .network = true, .t_reordering_ns = PDCP_INFINITY_NS};
    pdcp_ops_t ops = {.ctx = ue, .deliver = deliver, .integrity_failure = integrity_failure};
    if (ue->srb[srb_id])
        return 0;
    int r = pdcp_create(&ue->srb[srb_id], &c, &ops);
    if (r < 0 || !ue->secure)
        return r;
    r = pdcp_set_security(ue->srb[srb_id], ue->rrc->config.crypto, &ue->rrc_security);
    pdcp_activate_tx(ue->srb[srb_id], true, true);
    pdcp_activate_rx(ue->srb[srb_id], true, true);
    return r;
}

void rrc_receive_srb(rrc_ue_t *ue, uint8_t srb_id, asn1_bytes_t pdu)
{
    rrc_cu_t *rrc = ue->rrc;
    if (srb_id < 1 || srb_id > 2 || !ue->srb[srb_id]) {
        rrc->counters.rx_unprotected++;
        return;
    }
    buf_t *b = buf_from(rrc->config.pool, pdu.p, pdu.n);
    if (!b) {
        rrc->counters.rx_malformed++;
        return;
    }
    int r = pdcp_rx(ue->srb[srb_id], rrc->config.crypto, b, loop_now_ns(rrc->loop));
    if (r < 0 && r != -EEXIST)
        log_debug(rrc->config.log, "UE %u: SRB%u PDU dropped by PDCP", ue->ran_id, srb_id);
    uint32_t ran_id = ue->ran_id;
    while (rrc_ue_of_ran_id(rrc, ran_id) == ue && (b = bufq_pop(&ue->received))) {
        rrc_handle_dcch(ue, srb_id, b->data, b->len);
        buf_free(b);
    }
}
