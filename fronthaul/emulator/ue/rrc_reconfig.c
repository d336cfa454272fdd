/* SPDX-License-Identifier: Apache-2.0 */
/* Carrying out what RRCSetup and RRCReconfiguration configure: the cell group (MAC, RLC, PHY) and the radio
 * bearers (PDCP, SDAP). TS 38.331 5.3.5.5, 5.3.5.6. */
#include "fronthaul/emulator/ue/ue_int.h"
#include "lib/asn1/asn1.h"
#include "lib/asn1/schema/rrc.asn.h"

int ue_rrc_apply_cell_group(ue_t *u, const uint8_t *bytes, size_t n)
{
    rrc_cell_group_t cg;
    rrc_why_t why;
    /* a scratch of its own: the message that carries these bytes lives in the UE's */
    static _Thread_local _Alignas(16) uint8_t mem[RRC_SCRATCH_BYTES];
    arena_t a;
    arena_init(&a, mem, sizeof mem);
    int r = rrc_cell_group_parse(bytes, n, &u->cell.radio, &a, &cg, &why);
    if (r) {
        log_warning(&u->log, "ue %u: CellGroupConfig refused: %s", u->config.index, why.text);
        return r;
    }
    for (uint8_t i = 0; i < cg.n_release; i++)
        ue_bearer_release_lc(u, cg.release_lcid[i]);
    for (uint8_t i = 0; i < cg.ue.n_lc && !r; i++)
        r = ue_bearer_add_lc(u, &cg.ue.lc[i], cg.reestablish >> cg.ue.lc[i].lcid & 1);
    if (!r)
        ue_mac_configure(u, &cg);
    return r;
}

/* TS 38.331 6.3.2 PDCP-Config */
static const uint16_t discard_ms[] = {10, 20, 30, 40, 50, 60, 75, 100, 150, 200, 250, 300, 500, 750, 1500};
static const uint16_t reordering_ms[] = {0,   1,   2,   4,    5,    8,    10,   15,   20,   30,   40,   50,
                                         60,  80,  100, 120,  140,  160,  180,  200,  220,  240,  260,  280,
                                         300, 500, 750, 1000, 1250, 1500, 1750, 2000, 2250, 2500, 2750, 3000};

static int64_t reordering_ns(const rrc_PDCP_Config_t *p)
{
    if (!p || !p->has.t_Reordering)
        return PDCP_INFINITY_NS;
    size_t i = (size_t)p->t_Reordering;
    return i < sizeof reordering_ms / sizeof *reordering_ms ? reordering_ms[i] * NS_PER_MS : PDCP_INFINITY_NS;
}

static int apply_srb(ue_t *u, const rrc_SRB_ToAddMod_t *s)
{
    if (s->srb_Identity < 1 || s->srb_Identity > 2)
        return -ENOTSUP;
    ue_bearer_t *b = &u->bearer[s->srb_Identity];
    if (b->pdcp) {
        if (s->has.reestablishPDCP && u->rrc.security)
            return pdcp_reestablish(b->pdcp, u->crypto, &u->rrc.srb_keys);
        return 0;
    }
    pdcp_config_t c = {.srb = true,
                       .rb_id = (uint8_t)s->srb_Identity,
                       .sn_bits = 12,
                       .rlc_am = true,
                       .t_reordering_ns = reordering_ns(s->pdcp_Config)};
    int r = ue_bearer_add_srb(u, c.rb_id, &c);
    if (r || !u->rrc.security)
        return r;
    r = pdcp_set_security(b->pdcp, u->crypto, &u->rrc.srb_keys);
    pdcp_activate_rx(b->pdcp, true, true);
    pdcp_activate_tx(b->pdcp, true, true);
    return r;
}

static int apply_sdap(ue_t *u, uint8_t drb, const rrc_SDAP_Config_t *s)
{
    int r = sdap_add_drb(&u->sdap, drb, s->sdap_HeaderDL == rrc_SDAP_Config_sdap_HeaderDL_present,
                         s->sdap_HeaderUL == rrc_SDAP_Config_sdap_HeaderUL_present, s->defaultDRB);
    for (uint32_t i = 0; !r && s->mappedQoS_FlowsToAdd && i < s->mappedQoS_FlowsToAdd->n; i++)
        r = sdap_map(&u->sdap, (uint8_t)s->mappedQoS_FlowsToAdd->p[i], drb);
    return r;
}

static int apply_drb(ue_t *u, const rrc_DRB_ToAddMod_t *d)
{
    uint8_t id = (uint8_t)d->drb_Identity;
    const rrc_SDAP_Config_t *sdap =
        d->cnAssociation && d->cnAssociation->choice == rrc_DRB_ToAddMod_cnAssociation_choice_sdap_Config
            ? d->cnAssociation->u.sdap_Config
            : NULL;
    const ue_lc_t *lc = NULL;
    ue_bearer_t *b = NULL;
    int r;

    if (!u->rrc.security)
        return -EPROTO; /* no DRB before AS security. TS 38.331 5.3.1.1 */
    for (int i = UE_PDCP_DRB; i < UE_MAX_PDCP; i++)
        if (u->bearer[i].id == id && u->bearer[i].pdcp)
            b = &u->bearer[i];
    if (b) {
        if (d->has.reestablishPDCP && (r = pdcp_reestablish(b->pdcp, u->crypto, &u->rrc.drb_keys)))
            return r;
        return sdap ? apply_sdap(u, id, sdap) : 0;
    }
    if (!d->pdcp_Config || !d->pdcp_Config->drb || !sdap)
        return -ENOTSUP;
    const rrc_PDCP_Config_drb_t *p = d->pdcp_Config->drb;
    if (p->headerCompression.choice != rrc_PDCP_Config_drb_headerCompression_choice_notUsed ||
        !p->has.pdcp_SN_SizeUL || !p->has.pdcp_SN_SizeDL ||
        (int)p->pdcp_SN_SizeUL != (int)p->pdcp_SN_SizeDL || d->pdcp_Config->moreThanOneRLC)
        return -ENOTSUP;
    for (int i = 0; i < RADIO_MAX_LC; i++)
        if (u->mac.lc[i].used && u->mac.lc[i].cfg.is_drb && u->mac.lc[i].cfg.rb_id == id)
            lc = &u->mac.lc[i];
    if (!lc)
        return -ENOTSUP;
    pdcp_config_t c = {
        .rb_id = id,
        .sn_bits = p->pdcp_SN_SizeUL == rrc_PDCP_Config_drb_pdcp_SN_SizeUL_len18bits ? 18 : 12,
        .rlc_am = lc->cfg.rlc.mode == RADIO_RLC_AM,
        .out_of_order = p->has.outOfOrderDelivery,
        .status_required = p->has.statusReportRequired,
        .integrity = p->has.integrityProtection,
        .sdap_header_tx = sdap->sdap_HeaderUL == rrc_SDAP_Config_sdap_HeaderUL_present,
        .sdap_header_rx = sdap->sdap_HeaderDL == rrc_SDAP_Config_sdap_HeaderDL_present,
        .t_reordering_ns = reordering_ns(d->pdcp_Config),
        .discard_ns = p->has.discardTimer && (size_t)p->discardTimer < sizeof discard_ms / sizeof *discard_ms
                          ? discard_ms[p->discardTimer] * NS_PER_MS
                          : PDCP_INFINITY_NS,
    };
    r = ue_bearer_add_drb(u, &c, (uint8_t)sdap->pdu_Session);
    if (r)
        return r;
    for (int i = UE_PDCP_DRB; i < UE_MAX_PDCP; i++)
        if (u->bearer[i].id == id)
            b = &u->bearer[i];
    pdcp_security_t keys = u->rrc.drb_keys;
    if (d->pdcp_Config->has.cipheringDisabled)
        keys.nea = NEA0;
    r = pdcp_set_security(b->pdcp, u->crypto, &keys);
    pdcp_activate_rx(b->pdcp, c.integrity, !d->pdcp_Config->has.cipheringDisabled);
    pdcp_activate_tx(b->pdcp, c.integrity, !d->pdcp_Config->has.cipheringDisabled);
    return r ? r : apply_sdap(u, id, sdap);
}

int ue_rrc_apply_bearers(ue_t *u, const void *radio_bearer_config)
{
    const rrc_RadioBearerConfig_t *c = radio_bearer_config;
    int r = 0;
    if (c->securityConfig && c->securityConfig->securityAlgorithmConfig)
        return -ENOTSUP; /* a change of algorithms comes with a handover */
    for (uint32_t i = 0; c->drb_ToReleaseList && i < c->drb_ToReleaseList->n; i++)
        ue_bearer_release_drb(u, (uint8_t)c->drb_ToReleaseList->p[i]);
    for (uint32_t i = 0; !r && c->srb_ToAddModList && i < c->srb_ToAddModList->n; i++)
        r = apply_srb(u, &c->srb_ToAddModList->p[i]);
    for (uint32_t i = 0; !r && c->drb_ToAddModList && i < c->drb_ToAddModList->n; i++)
        r = apply_drb(u, &c->drb_ToAddModList->p[i]);
    return r;
}
