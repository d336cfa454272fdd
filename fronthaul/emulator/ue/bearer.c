/* SPDX-License-Identifier: Apache-2.0 */
/* RLC, PDCP and SDAP entities of a UE and how they hang together: MAC channel - RLC - PDCP - RRC or SDAP. */
#include "fronthaul/emulator/ue/ue_int.h"

/* ---- up ---- */

static void srb_deliver(void *ctx, buf_t *sdu)
{
    ue_bearer_t *b = ctx;
    ue_rrc_on_dcch(b->ue, b->id, sdu->data, sdu->len);
    buf_free(sdu);
}

static void drb_deliver(void *ctx, buf_t *pdu)
{
    ue_bearer_t *b = ctx;
    ue_t *u = b->ue;
    sdap_info_t info;
    if (sdap_rx(&u->sdap, b->id, pdu, &info) || info.end_marker || !pdu->len) {
        buf_free(pdu);
        return;
    }
    u->status.dl_bytes += pdu->len;
    u->ops.deliver_ip(u->ops.ctx, pdu);
}

static void on_integrity_failure(void *ctx)
{
    ue_bearer_t *b = ctx;
    b->ue->counters.integrity++;
}

static void on_discard(void *ctx, uint32_t sn)
{
    ue_bearer_t *b = ctx;
    ue_lc_t *lc = ue_mac_lc(b->ue, b->lcid);
    if (lc)
        rlc_discard_sdu(lc->rlc, sn);
}

static void rlc_deliver(void *ctx, buf_t *sdu)
{
    ue_bearer_t *b = ctx;
    if (!b->pdcp) {
        buf_free(sdu);
        return;
    }
    if (b->id && b - b->ue->bearer < UE_PDCP_DRB && ue_rrc_peek_smc(b->ue, b, sdu))
        return;
    pdcp_rx(b->pdcp, b->ue->crypto, sdu, b->ue->now_ns);
}

static void rlc_delivered(void *ctx, uint32_t sn)
{
    ue_bearer_t *b = ctx;
    if (b->pdcp)
        pdcp_on_delivered(b->pdcp, sn);
}

static void rlc_max_retx(void *ctx)
{
    ue_bearer_t *b = ctx;
    ue_rrc_link_failed(b->ue, "RLC maxRetxThreshold");
}

/* ---- channels ---- */

/* Place of the PDCP entity that an RLC bearer serves; NULL: no such identity. */
static ue_bearer_t *slot_of(ue_t *u, const radio_lc_t *lc)
{
    if (!lc->is_drb)
        return lc->rb_id >= 1 && lc->rb_id <= 3 ? &u->bearer[lc->rb_id] : NULL;
    for (int i = UE_PDCP_DRB; i < UE_MAX_PDCP; i++)
        if (u->bearer[i].id == lc->rb_id)
            return &u->bearer[i];
    for (int i = UE_PDCP_DRB; i < UE_MAX_PDCP; i++)
        if (!u->bearer[i].id)
            return &u->bearer[i];
    return NULL;
}

static rlc_config_t rlc_config_of(const radio_rlc_t *r)
{
    return (rlc_config_t){
        .mode = r->mode == RADIO_RLC_AM ? RLC_AM : RLC_UM,
        .sn_bits = r->sn_bits,
        .max_retx = r->max_retx,
        .poll_pdu = r->poll_pdu,
        .poll_byte = r->poll_bytes,
        .t_poll_retransmit_ns = r->t_poll_retx_ms * NS_PER_MS,
        .t_reassembly_ns = r->t_reassembly_ms * NS_PER_MS,
        .t_status_prohibit_ns = r->t_status_prohibit_ms * NS_PER_MS,
    };
}

int ue_bearer_add_lc(ue_t *u, const radio_lc_t *cfg, bool reestablish)
{
    ue_lc_t *lc = ue_mac_lc(u, cfg->lcid);
    if (lc) {
        radio_lc_t old = lc->cfg;
        if (reestablish)
            rlc_reestablish(lc->rlc);
        if (cfg->priority) {
            lc->cfg.priority = cfg->priority;
            lc->cfg.pbr_kbytes_s = cfg->pbr_kbytes_s;
            lc->cfg.bsd_ms = cfg->bsd_ms;
            lc->cfg.lcg = cfg->lcg;
        }
        /* a change of RLC's own parameters needs re-establishment of the entity: the same again is no change
         */
        return !cfg->rlc.sn_bits || (old.rlc.mode == cfg->rlc.mode && old.rlc.sn_bits == cfg->rlc.sn_bits)
                   ? 0
                   : -ENOTSUP;
    }
    ue_bearer_t *b = slot_of(u, cfg);
    if (!cfg->rb_id || !b)
        return -EINVAL;
    for (int i = 0; i < RADIO_MAX_LC && !lc; i++)
        if (!u->mac.lc[i].used)
            lc = &u->mac.lc[i];
    if (!lc)
        return -ENOSPC;
    rlc_config_t rc = rlc_config_of(&cfg->rlc);
    rlc_ops_t ops = {.ctx = b, .deliver = rlc_deliver, .delivered = rlc_delivered, .max_retx = rlc_max_retx};
    rlc_t *rlc;
    int r = rlc_create(&rlc, &rc, &ops, u->pool);
    if (r)
        return r;
    *lc = (ue_lc_t){.cfg = *cfg, .used = true, .rlc = rlc, .bj_at = u->t};
    b->ue = u;
    b->id = cfg->rb_id;
    b->lcid = cfg->lcid;
    return 0;
}

void ue_bearer_release_lc(ue_t *u, uint8_t lcid)
{
    ue_lc_t *lc = ue_mac_lc(u, lcid);
    if (!lc)
        return;
    rlc_destroy(lc->rlc);
    for (int i = 0; i < UE_MAX_PDCP; i++)
        if (u->bearer[i].lcid == lcid) {
            u->bearer[i].lcid = 0;
            if (!u->bearer[i].pdcp)
                u->bearer[i].id = 0;
        }
    memset(lc, 0, sizeof *lc);
}

/* ---- PDCP ---- */

int ue_bearer_add_srb(ue_t *u, uint8_t srb_id, const pdcp_config_t *cfg)
{
    ue_bearer_t *b = &u->bearer[srb_id];
    pdcp_ops_t ops = {.ctx = b, .deliver = srb_deliver, .integrity_failure = on_integrity_failure};
    if (srb_id < 1 || srb_id > 3)
        return -EINVAL;
    if (b->pdcp)
        return 0;
    b->ue = u;
    b->id = srb_id;
    return pdcp_create(&b->pdcp, cfg, &ops);
}

int ue_bearer_add_drb(ue_t *u, const pdcp_config_t *cfg, uint8_t pdu_session)
{
    radio_lc_t as = {.is_drb = 1, .rb_id = cfg->rb_id};
    ue_bearer_t *b = slot_of(u, &as);
    if (!b)
        return -ENOSPC;
    pdcp_ops_t ops = {
        .ctx = b, .deliver = drb_deliver, .integrity_failure = on_integrity_failure, .discard = on_discard};
    b->ue = u;
    b->id = cfg->rb_id;
    b->pdu_session = pdu_session;
    return b->pdcp ? 0 : pdcp_create(&b->pdcp, cfg, &ops);
}

void ue_bearer_release_drb(ue_t *u, uint8_t drb_id)
{
    for (int i = UE_PDCP_DRB; i < UE_MAX_PDCP; i++)
        if (u->bearer[i].id == drb_id) {
            if (u->bearer[i].lcid)
                ue_bearer_release_lc(u, u->bearer[i].lcid);
            pdcp_destroy(u->bearer[i].pdcp);
            memset(&u->bearer[i], 0, sizeof u->bearer[i]);
        }
    sdap_remove_drb(&u->sdap, drb_id);
}

void ue_bearer_release_all(ue_t *u)
{
    for (int i = 0; i < RADIO_MAX_LC; i++)
        if (u->mac.lc[i].used)
            rlc_destroy(u->mac.lc[i].rlc);
    memset(u->mac.lc, 0, sizeof u->mac.lc);
    for (int i = 0; i < UE_MAX_PDCP; i++)
        pdcp_destroy(u->bearer[i].pdcp);
    memset(u->bearer, 0, sizeof u->bearer);
    sdap_init(&u->sdap, false);
}

void ue_bearer_tick(ue_t *u)
{
    for (int i = 0; i < RADIO_MAX_LC; i++)
        if (u->mac.lc[i].used)
            rlc_tick(u->mac.lc[i].rlc, u->now_ns);
    for (int i = 0; i < UE_MAX_PDCP; i++)
        if (u->bearer[i].pdcp && pdcp_next_ns(u->bearer[i].pdcp) <= u->now_ns)
            pdcp_tick(u->bearer[i].pdcp, u->now_ns);
}

/* ---- down ---- */

/* PDCP PDU to RLC; takes the buffer. */
static int to_rlc(ue_t *u, ue_bearer_t *b, buf_t *pdu)
{
    ue_lc_t *lc = ue_mac_lc(u, b->lcid);
    int r = lc ? rlc_push_sdu(lc->rlc, pdu) : -ENOTCONN;
    if (r)
        buf_free(pdu);
    return r;
}

int ue_bearer_send_srb(ue_t *u, uint8_t srb_id, const uint8_t *bytes, size_t n)
{
    ue_bearer_t *b = &u->bearer[srb_id];
    if (!b->pdcp || !b->lcid)
        return -ENOTCONN;
    buf_t *buf = buf_from(u->pool, bytes, (uint32_t)n);
    if (!buf)
        return -ENOBUFS;
    buf->time_ns = u->now_ns;
    int r = pdcp_tx(b->pdcp, u->crypto, buf, u->now_ns);
    if (r) {
        buf_free(buf);
        return r;
    }
    return to_rlc(u, b, buf);
}

#define IP_QUEUE_BYTES (256 * 1024)
#define MAX_WAITING 32 /* packets of a UE without a bearer */

static ue_bearer_t *ip_bearer(const ue_t *u)
{
    uint8_t drb = u->session_up ? sdap_drb(&u->sdap, u->session.qfi) : SDAP_NO_DRB;
    for (int i = UE_PDCP_DRB; drb && i < UE_MAX_PDCP; i++)
        if (u->bearer[i].id == drb && u->bearer[i].pdcp && u->bearer[i].lcid)
            return (ue_bearer_t *)&u->bearer[i];
    return NULL;
}

uint32_t ue_ip_room(const ue_t *u)
{
    ue_bearer_t *b = ip_bearer(u);
    ue_lc_t *lc = b ? ue_mac_lc((ue_t *)u, b->lcid) : NULL;
    rlc_buffer_status_t s;
    uint32_t limit = u->config.ip_queue_bytes ? u->config.ip_queue_bytes : IP_QUEUE_BYTES;
    if (!lc)
        return u->session_up && u->waiting.n < MAX_WAITING ? 1 : 0;
    rlc_buffer_status(lc->rlc, u->now_ns, &s);
    return s.data_bytes < limit ? limit - s.data_bytes : 0;
}

static int send_ip(ue_t *u, ue_bearer_t *b, buf_t *packet)
{
    sdap_info_t info = {.qfi = u->session.qfi};
    uint32_t n = packet->len;
    packet->time_ns = u->now_ns;
    int r = sdap_tx(&u->sdap, b->id, &info, packet);
    if (!r)
        r = pdcp_tx(b->pdcp, u->crypto, packet, u->now_ns);
    if (r)
        buf_free(packet);
    else
        r = to_rlc(u, b, packet);
    if (r) {
        u->counters.ip_dropped++;
        return -ENOBUFS;
    }
    u->status.ul_bytes += n;
    return 0;
}

void ue_bearer_flush_ip(ue_t *u)
{
    ue_bearer_t *b = u->waiting.n ? ip_bearer(u) : NULL;
    for (buf_t *packet; b && (packet = bufq_pop(&u->waiting));)
        send_ip(u, b, packet);
    if (!u->session_up)
        bufq_clear(&u->waiting);
}

int ue_push_ip(ue_t *u, buf_t *packet)
{
    ue_bearer_t *b = ip_bearer(u);
    if (b)
        return send_ip(u, b, packet);
    if (!u->session_up || u->waiting.n >= MAX_WAITING) {
        u->counters.ip_dropped++;
        buf_free(packet);
        return u->session_up ? -ENOBUFS : -ENOTCONN;
    }
    /* it waits for the bearer; an idle UE asks for one */
    bufq_push(&u->waiting, packet);
    if (u->rrc.state == UE_RRC_IDLE && u->cell.have_sib1 && !u->rrc.initial_nas)
        ue_nas_service_request(u->nas, u->now_ns, false);
    return 0;
}
