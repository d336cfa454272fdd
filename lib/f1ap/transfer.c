/* SPDX-License-Identifier: Apache-2.0 */
/* RRC message transfer, paging and system information. TS 38.473 9.2.3, 9.2.4, 9.2.6 */
#include <string.h>

#include "lib/f1ap/codec.h"

int f1ap_read_InitialULRRCMessageTransfer(const f1ap_InitialULRRCMessageTransfer_t *m, f1ap_initial_ul_t *ret)
{
    ret->du_ue_id = (uint32_t)m->protocolIEs.gNB_DU_UE_F1AP_ID;
    ret->cell = f1ap_cgi_read(&m->protocolIEs.NRCGI);
    ret->crnti = (uint16_t)m->protocolIEs.C_RNTI;
    ret->rrc_container = m->protocolIEs.RRCContainer;
    if (m->protocolIEs.has.DUtoCURRCContainer)
        ret->cell_group = m->protocolIEs.DUtoCURRCContainer;
    ret->transaction_id = (uint8_t)m->protocolIEs.TransactionID;
    return 0;
}

int f1ap_write_InitialULRRCMessageTransfer(const f1ap_initial_ul_t *v, arena_t *a,
                                           f1ap_InitialULRRCMessageTransfer_t *ret)
{
    ret->protocolIEs.gNB_DU_UE_F1AP_ID = v->du_ue_id;
    F1AP_TRY(f1ap_cgi_write(&v->cell, a, &ret->protocolIEs.NRCGI));
    ret->protocolIEs.C_RNTI = v->crnti;
    ret->protocolIEs.RRCContainer = v->rrc_container;
    ret->protocolIEs.has.DUtoCURRCContainer = v->cell_group.n != 0;
    ret->protocolIEs.DUtoCURRCContainer = v->cell_group;
    ret->protocolIEs.TransactionID = v->transaction_id;
    return 0;
}

int f1ap_read_DLRRCMessageTransfer(const f1ap_DLRRCMessageTransfer_t *m, f1ap_dl_rrc_t *ret)
{
    ret->cu_ue_id = (uint32_t)m->protocolIEs.gNB_CU_UE_F1AP_ID;
    ret->du_ue_id = (uint32_t)m->protocolIEs.gNB_DU_UE_F1AP_ID;
    ret->has_old_du_ue_id = m->protocolIEs.has.oldgNB_DU_UE_F1AP_ID;
    ret->old_du_ue_id = (uint32_t)m->protocolIEs.oldgNB_DU_UE_F1AP_ID;
    ret->srb_id = (uint8_t)m->protocolIEs.SRBID;
    ret->rrc_container = m->protocolIEs.RRCContainer;
    ret->want_delivery_report = m->protocolIEs.has.RRCDeliveryStatusRequest;
    return 0;
}

int f1ap_write_DLRRCMessageTransfer(const f1ap_dl_rrc_t *v, arena_t *a, f1ap_DLRRCMessageTransfer_t *ret)
{
    (void)a;
    ret->protocolIEs.gNB_CU_UE_F1AP_ID = v->cu_ue_id;
    ret->protocolIEs.gNB_DU_UE_F1AP_ID = v->du_ue_id;
    ret->protocolIEs.has.oldgNB_DU_UE_F1AP_ID = v->has_old_du_ue_id;
    ret->protocolIEs.oldgNB_DU_UE_F1AP_ID = v->old_du_ue_id;
    ret->protocolIEs.SRBID = v->srb_id;
    ret->protocolIEs.RRCContainer = v->rrc_container;
    ret->protocolIEs.has.RRCDeliveryStatusRequest = v->want_delivery_report;
    ret->protocolIEs.RRCDeliveryStatusRequest = f1ap_RRCDeliveryStatusRequest_true;
    return 0;
}

int f1ap_read_ULRRCMessageTransfer(const f1ap_ULRRCMessageTransfer_t *m, f1ap_ul_rrc_t *ret)
{
    ret->cu_ue_id = (uint32_t)m->protocolIEs.gNB_CU_UE_F1AP_ID;
    ret->du_ue_id = (uint32_t)m->protocolIEs.gNB_DU_UE_F1AP_ID;
    ret->srb_id = (uint8_t)m->protocolIEs.SRBID;
    ret->rrc_container = m->protocolIEs.RRCContainer;
    ret->has_new_du_ue_id = m->protocolIEs.has.new_gNB_DU_UE_F1AP_ID;
    ret->new_du_ue_id = (uint32_t)m->protocolIEs.new_gNB_DU_UE_F1AP_ID;
    return 0;
}

int f1ap_write_ULRRCMessageTransfer(const f1ap_ul_rrc_t *v, arena_t *a, f1ap_ULRRCMessageTransfer_t *ret)
{
    (void)a;
    ret->protocolIEs.gNB_CU_UE_F1AP_ID = v->cu_ue_id;
    ret->protocolIEs.gNB_DU_UE_F1AP_ID = v->du_ue_id;
    ret->protocolIEs.SRBID = v->srb_id;
    ret->protocolIEs.RRCContainer = v->rrc_container;
    ret->protocolIEs.has.new_gNB_DU_UE_F1AP_ID = v->has_new_du_ue_id;
    ret->protocolIEs.new_gNB_DU_UE_F1AP_ID = v->new_du_ue_id;
    return 0;
}

int f1ap_read_RRCDeliveryReport(const f1ap_RRCDeliveryReport_t *m, f1ap_delivery_report_t *ret)
{
    ret->cu_ue_id = (uint32_t)m->protocolIEs.gNB_CU_UE_F1AP_ID;
    ret->du_ue_id = (uint32_t)m->protocolIEs.gNB_DU_UE_F1AP_ID;
    ret->srb_id = (uint8_t)m->protocolIEs.SRBID;
    ret->delivered_sn = (uint16_t)m->protocolIEs.RRCDeliveryStatus.delivery_status;
    ret->triggering_sn = (uint16_t)m->protocolIEs.RRCDeliveryStatus.triggering_message;
    return 0;
}

int f1ap_write_RRCDeliveryReport(const f1ap_delivery_report_t *v, arena_t *a, f1ap_RRCDeliveryReport_t *ret)
{
    ret->protocolIEs.gNB_CU_UE_F1AP_ID = v->cu_ue_id;
    ret->protocolIEs.gNB_DU_UE_F1AP_ID = v->du_ue_id;
    ret->protocolIEs.SRBID = v->srb_id;
    (void)a;
    ret->protocolIEs.RRCDeliveryStatus.delivery_status = v->delivered_sn;
    ret->protocolIEs.RRCDeliveryStatus.triggering_message = v->triggering_sn;
    return 0;
}

int f1ap_read_Paging(const f1ap_Paging_t *m, f1ap_paging_t *ret)
{
    const f1ap_UEIdentityIndexValue_t *index = &m->protocolIEs.UEIdentityIndexValue;
    const f1ap_PagingIdentity_t *id = &m->protocolIEs.PagingIdentity;
    if (index->choice != f1ap_UEIdentityIndexValue_choice_indexLength10 ||
        id->choice != f1ap_PagingIdentity_choice_cNUEPagingIdentity ||
        id->u.cNUEPagingIdentity->choice != f1ap_CNUEPagingIdentity_choice_fiveG_S_TMSI)
        return -E2BIG;
    ret->ue_index = (uint16_t)(index->u.indexLength10.p[0] << 2 | index->u.indexLength10.p[1] >> 6);
    for (uint32_t i = 0; i < 6; i++)
        ret->five_s_tmsi = ret->five_s_tmsi << 8 | id->u.cNUEPagingIdentity->u.fiveG_S_TMSI.p[i];
    for (uint32_t i = 0; i < m->protocolIEs.PagingCell_List.n && ret->n_cells < F1AP_MAX_CELLS; i++)
        if (m->protocolIEs.PagingCell_List.p[i].choice == f1ap_PagingCell_ItemIEs_choice_PagingCell_Item)
            ret->cells[ret->n_cells++] =
                f1ap_cgi_read(&m->protocolIEs.PagingCell_List.p[i].u.PagingCell_Item->nRCGI);
    return 0;
}

int f1ap_write_Paging(const f1ap_paging_t *v, arena_t *a, f1ap_Paging_t *ret)
{
    uint8_t index[2] = {(uint8_t)(v->ue_index >> 2), (uint8_t)(v->ue_index << 6)}, tmsi[6];
    asn1_bytes_t b;
    for (uint32_t i = 0; i < 6; i++)
        tmsi[i] = (uint8_t)(v->five_s_tmsi >> (40 - 8 * i));
    F1AP_TRY(f1ap_bytes_copy(a, index, sizeof index, &b));
    ret->protocolIEs.UEIdentityIndexValue.choice = f1ap_UEIdentityIndexValue_choice_indexLength10;
    ret->protocolIEs.UEIdentityIndexValue.u.indexLength10 = (asn1_bits_t){b.p, 10};
    F1AP_TRY(f1ap_bytes_copy(a, tmsi, sizeof tmsi, &b));
    ret->protocolIEs.PagingIdentity.choice = f1ap_PagingIdentity_choice_cNUEPagingIdentity;
    F1AP_NEW(ret->protocolIEs.PagingIdentity.u.cNUEPagingIdentity);
    ret->protocolIEs.PagingIdentity.u.cNUEPagingIdentity->choice =
        f1ap_CNUEPagingIdentity_choice_fiveG_S_TMSI;
    ret->protocolIEs.PagingIdentity.u.cNUEPagingIdentity->u.fiveG_S_TMSI = (asn1_bits_t){b.p, 48};
    F1AP_LIST(&ret->protocolIEs.PagingCell_List, v->n_cells);
    for (uint32_t i = 0; i < v->n_cells; i++) {
        f1ap_PagingCell_Item_t *c;
        F1AP_NEW(c);
        F1AP_TRY(f1ap_cgi_write(&v->cells[i], a, &c->nRCGI));
        ret->protocolIEs.PagingCell_List.p[i].choice = f1ap_PagingCell_ItemIEs_choice_PagingCell_Item;
        ret->protocolIEs.PagingCell_List.p[i].u.PagingCell_Item = c;
    }
    return 0;
}

int f1ap_read_SystemInformationDeliveryCommand(const f1ap_SystemInformationDeliveryCommand_t *m,
                                               f1ap_si_delivery_t *ret)
{
    ret->transaction_id = (uint8_t)m->protocolIEs.TransactionID;
    ret->cell = f1ap_cgi_read(&m->protocolIEs.NRCGI);
    ret->confirmed_ue = (uint32_t)m->protocolIEs.ConfirmedUEID;
    for (uint32_t i = 0; i < m->protocolIEs.SItype_List.n; i++) {
        int64_t type = m->protocolIEs.SItype_List.p[i].sItype;
        if (type < 1 || type > 32)
            return -E2BIG;
        ret->si_mask |= UINT32_C(1) << (type - 1);
    }
    return 0;
}

int f1ap_write_SystemInformationDeliveryCommand(const f1ap_si_delivery_t *v, arena_t *a,
                                                f1ap_SystemInformationDeliveryCommand_t *ret)
{
    ret->protocolIEs.TransactionID = v->transaction_id;
    F1AP_TRY(f1ap_cgi_write(&v->cell, a, &ret->protocolIEs.NRCGI));
    ret->protocolIEs.ConfirmedUEID = v->confirmed_ue;
    F1AP_LIST(&ret->protocolIEs.SItype_List, (uint32_t)__builtin_popcount(v->si_mask));
    for (uint32_t type = 1, k = 0; type <= 32; type++)
        if (v->si_mask & UINT32_C(1) << (type - 1))
            ret->protocolIEs.SItype_List.p[k++].sItype = type;
    return 0;
}
