/* SPDX-License-Identifier: Apache-2.0 */
/* What the gNB-DU sends, and the RRC that it encodes itself: system information and paging. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "du/f1ap/f1ap_du_inner.h"
#include "lib/asn1/schema/rrc.asn.h"

int f1ap_du_send(f1ap_du_t *d, const f1ap_msg_t *m, uint16_t stream)
{
    asn1_error_t err = {.what = "?"};
    size_t n;
    arena_reset(&d->tx_arena);
    int r = f1ap_build(m, &d->tx_arena, d->tx_buf, sizeof d->tx_buf, &n, &err);
    if (r < 0)
        log_error(d->config.log, "cannot build %s: %s: %s", f1ap_msg_name(m->type), err.path, err.what);
    else if (m->type == F1AP_SETUP_REQUEST)
        memcpy(d->setup_request, d->tx_buf, d->setup_request_n = n);
    if (r == 0)
        r = d->transport.send(d->transport.ctx, stream, d->tx_buf, n);
    if (r < 0)
        d->counters.tx_failed++;
    else
        d->counters.tx_messages++;
    return r;
}

int f1ap_du_send_ue(f1ap_du_t *d, const du_ue_t *ue, const f1ap_msg_t *m)
{
    return f1ap_du_send(d, m, d->n_streams > 1 ? (uint16_t)(1 + ue->ref.index % (d->n_streams - 1u)) : 0);
}

void f1ap_du_send_error(f1ap_du_t *d, f1ap_ue_ref_t ue, f1ap_cause_t cause)
{
    f1ap_msg_t m = {.type = F1AP_ERROR_INDICATION};
    m.u.error =
        (f1ap_error_t){.transaction_id = d->next_transaction++, .ue = ue, .has_cause = true, .cause = cause};
    f1ap_du_send(d, &m, 0);
}

void f1ap_du_send_failure(f1ap_du_t *d, f1ap_msg_type_t type, uint8_t transaction_id, f1ap_cause_t cause)
{
    f1ap_msg_t m = {.type = type};
    m.u.failure = (f1ap_failure_t){.transaction_id = transaction_id, .cause = cause};
    f1ap_du_send(d, &m, 0);
}

void f1ap_du_send_ue_cause(f1ap_du_t *d, const du_ue_t *ue, f1ap_msg_type_t type, f1ap_cause_t cause)
{
    f1ap_msg_t m = {.type = type};
    m.u.ue_cause = (f1ap_ue_cause_t){
        .cu_ue_id = ue->cu_ue_id, .has_du_ue_id = true, .du_ue_id = ue->du_ue_id, .cause = cause};
    f1ap_du_send_ue(d, ue, &m);
}

/* ---- the served cell ---- */

/* Bits into octets, first bit most significant: UPER for the one small message that no schema here has. */
typedef struct {
    uint8_t *p;
    uint32_t n_bits;
} bit_writer_t;

static void bits(bit_writer_t *w, uint32_t n, uint32_t value)
{
    while (n--) {
        if (value >> n & 1)
            w->p[w->n_bits / 8] |= (uint8_t)(0x80 >> w->n_bits % 8);
        w->n_bits++;
    }
}

/* MeasurementTimingConfiguration (TS 38.331 11.2.2) with one frequency: the cell's SSB and its period. */
static uint32_t measurement_timing(const radio_cell_t *c, uint8_t *ret)
{
    static const struct {
        uint8_t period_ms, offset_bits;
    } periods[] = {{5, 3}, {10, 4}, {20, 5}, {40, 6}, {80, 7}, {160, 8}};
    bit_writer_t w = {ret, 0};
    bits(&w, 3, 0);             /* criticalExtensions: c1, measTimingConf */
    bits(&w, 2, 2);             /* measTiming is there, nonCriticalExtension is not */
    bits(&w, 5, 0);             /* MeasTimingList of 1 (1..32) */
    bits(&w, 2, 1);             /* MeasTiming: no extension, frequencyAndTiming is there */
    bits(&w, 1, 0);             /* no ss-RSSI-Measurement */
    bits(&w, 22, c->ssb_arfcn); /* carrierFreq (0..3279165) */
    bits(&w, 3, c->mu);         /* ssbSubcarrierSpacing, of 8 */
    for (uint32_t i = 0; i < sizeof periods / sizeof periods[0]; i++)
        if (periods[i].period_ms == c->ssb_period_ms) {
            bits(&w, 3, i); /* periodicityAndOffset, of 6; offset 0 */
            bits(&w, periods[i].offset_bits, 0);
            bits(&w, 3, 4); /* duration sf5, of 5 */
            return (w.n_bits + 7) / 8;
        }
    return 0;
}

int f1ap_du_build_si(f1ap_du_t *d)
{
    rrc_why_t why = {.text = ""};
    size_t n = 0;
    memset(d->timing, 0, sizeof d->timing);
    d->timing_n = measurement_timing(&d->config.cell, d->timing);
    if (!d->timing_n) {
        log_error(d->config.log, "SSB period of %u ms has no place on the wire",
                  d->config.cell.ssb_period_ms);
        return -EINVAL;
    }
    if (rrc_mib_build(&d->config.cell, 0, &d->mib) < 0) {
        log_error(d->config.log, "the cell has no MIB");
        return -EINVAL;
    }
    arena_reset(&d->rrc_arena);
    if (rrc_sib1_build(&d->config.cell, &d->rrc_arena, d->sib1, sizeof d->sib1, &n, &why) < 0) {
        log_error(d->config.log, "the cell has no SIB1: %s", why.text);
        return -EINVAL;
    }
    d->sib1_n = (uint32_t)n;
    /* F1AP carries MIB itself, not BCCH-BCH-Message: 23 bits behind the choice bit, padded. 9.3.1.18 */
    uint32_t mib = d->mib << 1 & 0xffffff;
    d->mib_bytes[0] = (uint8_t)(mib >> 16);
    d->mib_bytes[1] = (uint8_t)(mib >> 8);
    d->mib_bytes[2] = (uint8_t)mib;
    /* SIB1 itself likewise, out of its BCCH-DL-SCH-Message */
    rrc_BCCH_DL_SCH_Message_t m;
    int r =
        asn1_decode(&rrc_BCCH_DL_SCH_Message_type, ASN1_UPER, d->sib1, d->sib1_n, &d->rrc_arena, &m, NULL);
    if (r == 0)
        r = asn1_encode(&rrc_SIB1_type, ASN1_UPER, m.message.u.c1->u.systemInformationBlockType1,
                        d->sib1_alone, sizeof d->sib1_alone, &n, NULL);
    d->sib1_alone_n = (uint32_t)n;
    return r;
}

void f1ap_du_fill_cell(const f1ap_du_t *d, f1ap_cell_t *ret)
{
    const radio_cell_t *c = &d->config.cell;
    memset(ret, 0, sizeof *ret);
    memcpy(ret->cgi.plmn, c->plmn, 3);
    ret->cgi.nr_cell_id = c->nr_cell_id;
    ret->pci = c->pci;
    ret->has_tac = true;
    ret->tac = c->tac;
    ret->n_slices = d->config.n_slices;
    memcpy(ret->slices, d->config.slices, sizeof ret->slices);
    ret->tdd = c->tdd_period_slots != 0;
    ret->arfcn = ret->ul_arfcn = c->point_a_arfcn;
    ret->band = c->band;
    ret->scs = c->mu; /* NRSCS: scs15, scs30, scs60, scs120 */
    ret->n_prb = c->n_prb;
    ret->measurement_timing = (asn1_bytes_t){d->timing, d->timing_n};
    ret->mib = (asn1_bytes_t){d->mib_bytes, sizeof d->mib_bytes};
    ret->sib1 = (asn1_bytes_t){d->sib1_alone, d->sib1_alone_n};
}

/* ---- paging ---- */

int f1ap_du_build_paging(f1ap_du_t *d, uint64_t five_s_tmsi, uint8_t *buf, size_t cap, size_t *ret_n)
{
    uint8_t tmsi[6];
    asn1_error_t err;
    for (uint32_t i = 0; i < 6; i++)
        tmsi[i] = (uint8_t)(five_s_tmsi >> (40 - 8 * i));
    rrc_PagingRecord_t record = {
        .ue_Identity = {.choice = rrc_PagingUE_Identity_choice_ng_5G_S_TMSI, .u.ng_5G_S_TMSI = {tmsi, 48}}};
    rrc_PagingRecordList_t list = {1, &record};
    rrc_Paging_t paging = {.pagingRecordList = &list};
    rrc_PCCH_MessageType_c1_t c1 = {.choice = rrc_PCCH_MessageType_c1_choice_paging, .u.paging = &paging};
    rrc_PCCH_Message_t m = {.message = {.choice = rrc_PCCH_MessageType_choice_c1, .u.c1 = &c1}};
    if (asn1_encode(&rrc_PCCH_Message_type, ASN1_UPER, &m, buf, cap, ret_n, &err) < 0) {
        log_error(d->config.log, "cannot build Paging: %s: %s", err.path, err.what);
        return -EINVAL;
    }
    return 0;
}
