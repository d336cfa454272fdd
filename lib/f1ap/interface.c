/* SPDX-License-Identifier: Apache-2.0 */
/* Interface management: setup, reset, configuration updates, error indication, removal, status. TS 38.473
 * 9.2.1 */
#include <stdio.h>
#include <string.h>

#include "lib/f1ap/codec.h"

/* ---- cells ---- */

static const uint16_t nrnrb_prbs[] = {11,  18,  24,  25,  31,  32,  38,  51,  52,  65,  66,  78,  79,  93,
                                      106, 107, 121, 132, 133, 135, 160, 162, 189, 216, 217, 245, 264, 270,
                                      273, 33,  62,  124, 148, 248, 44,  58,  92,  119, 188, 242};

static int bandwidth_write(uint8_t scs, uint16_t n_prb, f1ap_Transmission_Bandwidth_t *ret)
{
    ret->nRSCS = (f1ap_NRSCS_t)scs;
    for (uint32_t i = 0; i < sizeof nrnrb_prbs / sizeof nrnrb_prbs[0]; i++)
        if (nrnrb_prbs[i] == n_prb) {
            ret->nRNRB = (f1ap_NRNRB_t)i;
            return 0;
        }
    return -EINVAL;
}

static int freq_write(uint32_t arfcn, uint16_t band, arena_t *a, f1ap_NRFreqInfo_t *ret)
{
    ret->nRARFCN = arfcn;
    F1AP_LIST(&ret->freqBandListNr, 1);
    ret->freqBandListNr.p[0].freqBandIndicatorNr = band;
    return 0;
}

/* carrierFreq of the first MeasTiming (TS 38.331 11.2.2, unaligned PER): behind 3 bits of criticalExtensions,
 * 2 presence bits, 5 bits of list length, MeasTiming's extension and presence bits, and the presence bit of
 * ss-RSSI-Measurement. */
static uint32_t first_carrier(asn1_bytes_t t)
{
    uint64_t v = 0;
    if (t.n < 5 || t.p[0] & 0xe0 || !(t.p[0] & 0x10) || !(t.p[1] & 0x10))
        return 0;
    for (int i = 0; i < 5; i++)
        v = v << 8 | t.p[i];
    return (uint32_t)(v >> (40 - 13 - 22)) & 0x3fffff;
}

static void cell_read(const f1ap_Served_Cell_Information_t *c, const f1ap_GNB_DU_System_Information_t *si,
                      f1ap_cell_t *ret)
{
    const f1ap_NRFreqInfo_t *f = NULL;
    const f1ap_Transmission_Bandwidth_t *w = NULL;
    memset(ret, 0, sizeof *ret);
    ret->cgi = f1ap_cgi_read(&c->nRCGI);
    ret->pci = (uint16_t)c->nRPCI;
    ret->has_tac = c->has.fiveGS_TAC;
    if (ret->has_tac)
        ret->tac =
            (uint32_t)c->fiveGS_TAC.p[0] << 16 | (uint32_t)c->fiveGS_TAC.p[1] << 8 | c->fiveGS_TAC.p[2];
    if (c->servedPLMNs.n && c->servedPLMNs.p[0].iE_Extensions) {
        const f1ap_SliceSupportList_t *l = c->servedPLMNs.p[0].iE_Extensions->TAISliceSupportList;
        for (uint32_t i = 0; l && i < l->n && i < F1AP_MAX_SLICES; i++)
            ret->slices[ret->n_slices++] = f1ap_snssai_read(&l->p[i].sNSSAI);
    }
    if (c->nR_Mode_Info.choice == f1ap_NR_Mode_Info_choice_tDD) {
        ret->tdd = true;
        f = &c->nR_Mode_Info.u.tDD->nRFreqInfo;
        w = &c->nR_Mode_Info.u.tDD->transmission_Bandwidth;
    } else if (c->nR_Mode_Info.choice == f1ap_NR_Mode_Info_choice_fDD) {
        f = &c->nR_Mode_Info.u.fDD->dL_NRFreqInfo;
        w = &c->nR_Mode_Info.u.fDD->dL_Transmission_Bandwidth;
        ret->ul_arfcn = (uint32_t)c->nR_Mode_Info.u.fDD->uL_NRFreqInfo.nRARFCN;
    }
    if (f) {
        ret->arfcn = (uint32_t)f->nRARFCN;
        ret->band = f->freqBandListNr.n ? (uint16_t)f->freqBandListNr.p[0].freqBandIndicatorNr : 0;
        ret->scs = (uint8_t)w->nRSCS;
        if ((uint32_t)w->nRNRB < sizeof nrnrb_prbs / sizeof nrnrb_prbs[0])
            ret->n_prb = nrnrb_prbs[w->nRNRB];
    }
    ret->measurement_timing = c->measurementTimingConfiguration;
    ret->ssb_arfcn = first_carrier(ret->measurement_timing);
    if (si) {
        ret->mib = si->mIB_message;
        ret->sib1 = si->sIB1_message;
    }
}

static int cell_write(const f1ap_cell_t *v, arena_t *a, f1ap_Served_Cell_Information_t *ret,
                      f1ap_GNB_DU_System_Information_t **ret_si)
{
    F1AP_TRY(f1ap_cgi_write(&v->cgi, a, &ret->nRCGI));
    ret->nRPCI = v->pci;
    if (v->has_tac) {
        uint8_t tac[3] = {(uint8_t)(v->tac >> 16), (uint8_t)(v->tac >> 8), (uint8_t)v->tac};
        ret->has.fiveGS_TAC = 1;
        F1AP_TRY(f1ap_bytes_copy(a, tac, 3, &ret->fiveGS_TAC));
    }
    F1AP_LIST(&ret->servedPLMNs, 1);
    ret->servedPLMNs.p[0].pLMN_Identity = ret->nRCGI.pLMN_Identity;
    if (v->n_slices) {
        F1AP_NEW(ret->servedPLMNs.p[0].iE_Extensions);
        F1AP_NEW(ret->servedPLMNs.p[0].iE_Extensions->TAISliceSupportList);
        f1ap_SliceSupportList_t *l = ret->servedPLMNs.p[0].iE_Extensions->TAISliceSupportList;
        F1AP_LIST(l, v->n_slices);
        for (uint32_t i = 0; i < v->n_slices; i++)
            F1AP_TRY(f1ap_snssai_write(&v->slices[i], a, &l->p[i].sNSSAI));
    }
    if (v->tdd) {
        f1ap_TDD_Info_t *t;
        F1AP_NEW(t);
        F1AP_TRY(freq_write(v->arfcn, v->band, a, &t->nRFreqInfo));
        F1AP_TRY(bandwidth_write(v->scs, v->n_prb, &t->transmission_Bandwidth));
        ret->nR_Mode_Info.choice = f1ap_NR_Mode_Info_choice_tDD;
        ret->nR_Mode_Info.u.tDD = t;
    } else {
        f1ap_FDD_Info_t *f;
        F1AP_NEW(f);
        F1AP_TRY(freq_write(v->arfcn, v->band, a, &f->dL_NRFreqInfo));
        F1AP_TRY(freq_write(v->ul_arfcn, v->band, a, &f->uL_NRFreqInfo));
        F1AP_TRY(bandwidth_write(v->scs, v->n_prb, &f->dL_Transmission_Bandwidth));
        f->uL_Transmission_Bandwidth = f->dL_Transmission_Bandwidth;
        ret->nR_Mode_Info.choice = f1ap_NR_Mode_Info_choice_fDD;
        ret->nR_Mode_Info.u.fDD = f;
    }
    ret->measurementTimingConfiguration = v->measurement_timing;
    *ret_si = NULL;
    if (v->sib1.n) {
        F1AP_NEW(*ret_si);
        (*ret_si)->mIB_message = v->mib;
        (*ret_si)->sIB1_message = v->sib1;
    }
    return 0;
}

static int activate_read(const f1ap_Cells_to_be_Activated_List_t *l, uint8_t *ret_n, f1ap_cell_ref_t *ret)
{
    if (l && l->n > F1AP_MAX_CELLS)
        return -E2BIG;
    for (uint32_t i = 0; l && i < l->n; i++) {
        const f1ap_Cells_to_be_Activated_List_Item_t *c = l->p[i].u.Cells_to_be_Activated_List_Item;
        if (l->p[i].choice != f1ap_Cells_to_be_Activated_List_ItemIEs_choice_Cells_to_be_Activated_List_Item)
            continue;
        ret[*ret_n].cgi = f1ap_cgi_read(&c->nRCGI);
        ret[*ret_n].has_pci = c->has.nRPCI;
        ret[*ret_n].pci = (uint16_t)c->nRPCI;
        (*ret_n)++;
    }
    return 0;
}

static int activate_write(uint8_t n, const f1ap_cell_ref_t *v, arena_t *a,
                          f1ap_Cells_to_be_Activated_List_t **ret)
{
    if (!n)
        return 0;
    F1AP_NEW(*ret);
    F1AP_LIST(*ret, n);
    for (uint32_t i = 0; i < n; i++) {
        f1ap_Cells_to_be_Activated_List_Item_t *c;
        F1AP_NEW(c);
        F1AP_TRY(f1ap_cgi_write(&v[i].cgi, a, &c->nRCGI));
        c->has.nRPCI = v[i].has_pci;
        c->nRPCI = v[i].pci;
        (*ret)->p[i].choice = f1ap_Cells_to_be_Activated_List_ItemIEs_choice_Cells_to_be_Activated_List_Item;
        (*ret)->p[i].u.Cells_to_be_Activated_List_Item = c;
    }
    return 0;
}

static int deactivate_read(const f1ap_Cells_to_be_Deactivated_List_t *l, uint8_t *ret_n, f1ap_cell_ref_t *ret)
{
    if (l && l->n > F1AP_MAX_CELLS)
        return -E2BIG;
    for (uint32_t i = 0; l && i < l->n; i++)
        if (l->p[i].choice ==
            f1ap_Cells_to_be_Deactivated_List_ItemIEs_choice_Cells_to_be_Deactivated_List_Item)
            ret[(*ret_n)++].cgi = f1ap_cgi_read(&l->p[i].u.Cells_to_be_Deactivated_List_Item->nRCGI);
    return 0;
}

static int deactivate_write(uint8_t n, const f1ap_cell_ref_t *v, arena_t *a,
                            f1ap_Cells_to_be_Deactivated_List_t **ret)
{
    if (!n)
        return 0;
    F1AP_NEW(*ret);
    F1AP_LIST(*ret, n);
    for (uint32_t i = 0; i < n; i++) {
        f1ap_Cells_to_be_Deactivated_List_Item_t *c;
        F1AP_NEW(c);
        F1AP_TRY(f1ap_cgi_write(&v[i].cgi, a, &c->nRCGI));
        (*ret)->p[i].choice =
            f1ap_Cells_to_be_Deactivated_List_ItemIEs_choice_Cells_to_be_Deactivated_List_Item;
        (*ret)->p[i].u.Cells_to_be_Deactivated_List_Item = c;
    }
    return 0;
}

/* ---- names, failures ---- */

static void name_read(bool has, asn1_bytes_t b, char ret[151])
{
    ret[0] = '\0';
    if (has)
        snprintf(ret, 151, "%.*s", (int)(b.n < 150 ? b.n : 150), (const char *)b.p);
}

static asn1_bytes_t name_bytes(const char *name)
{
    return (asn1_bytes_t){(const uint8_t *)name, (uint32_t)strlen(name)};
}

/* GNB-DU and GNB-CU names are PrintableString: what a configuration has beyond it stays out. */
static bool printable(const char *s)
{
    return *s && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?") ==
                     strlen(s);
}

static const uint8_t wait_seconds[] = {1, 2, 5, 10, 20, 60}; /* TimeToWait, 9.3.1.13 */

static uint8_t wait_read(bool has, uint32_t value)
{
    return has && value < sizeof wait_seconds ? wait_seconds[value] : 0;
}

static bool wait_write(uint8_t seconds, f1ap_TimeToWait_t *ret)
{
    for (uint32_t i = 0; i < sizeof wait_seconds; i++)
        if (wait_seconds[i] == seconds) {
            *ret = (f1ap_TimeToWait_t)i;
            return true;
        }
    return false;
}

#define FAILURE(message)                                                                                     \
    int f1ap_read_##message(const f1ap_##message##_t *m, f1ap_failure_t *ret)                                \
    {                                                                                                        \
        ret->transaction_id = (uint8_t)m->protocolIEs.TransactionID;                                         \
        ret->cause = f1ap_cause_read(&m->protocolIEs.Cause);                                                 \
        FAILURE_WAIT_READ_##message f1ap_diagnostics_read(m->protocolIEs.CriticalityDiagnostics,             \
                                                          &ret->diagnostics);                                \
        return 0;                                                                                            \
    }                                                                                                        \
    int f1ap_write_##message(const f1ap_failure_t *v, arena_t *a, f1ap_##message##_t *ret)                   \
    {                                                                                                        \
        ret->protocolIEs.TransactionID = v->transaction_id;                                                  \
        ret->protocolIEs.Cause = f1ap_cause_write(v->cause);                                                 \
        FAILURE_WAIT_WRITE_##message return f1ap_diagnostics_write(                                          \
            &v->diagnostics, a, &ret->protocolIEs.CriticalityDiagnostics);                                   \
    }
#define WAIT_READ ret->wait_s = wait_read(m->protocolIEs.has.TimeToWait, (uint32_t)m->protocolIEs.TimeToWait);
#define WAIT_WRITE ret->protocolIEs.has.TimeToWait = wait_write(v->wait_s, &ret->protocolIEs.TimeToWait);
#define FAILURE_WAIT_READ_F1SetupFailure WAIT_READ
#define FAILURE_WAIT_WRITE_F1SetupFailure WAIT_WRITE
#define FAILURE_WAIT_READ_GNBDUConfigurationUpdateFailure WAIT_READ
#define FAILURE_WAIT_WRITE_GNBDUConfigurationUpdateFailure WAIT_WRITE
#define FAILURE_WAIT_READ_GNBCUConfigurationUpdateFailure WAIT_READ
#define FAILURE_WAIT_WRITE_GNBCUConfigurationUpdateFailure WAIT_WRITE
#define FAILURE_WAIT_READ_F1RemovalFailure
#define FAILURE_WAIT_WRITE_F1RemovalFailure
FAILURE(F1SetupFailure)
FAILURE(GNBDUConfigurationUpdateFailure)
FAILURE(GNBCUConfigurationUpdateFailure)
FAILURE(F1RemovalFailure)

/* ---- F1 setup ---- */

/* RRC Version, 9.3.1.70: the old bits are not used; the release is in the enhanced octets. */
static int rrc_version_write(arena_t *a, f1ap_RRC_Version_t *ret)
{
    static const uint8_t release_17[3] = {17, 4, 0};
    asn1_bytes_t zero;
    F1AP_TRY(f1ap_bytes_copy(a, "", 1, &zero));
    ret->latest_RRC_Version = (asn1_bits_t){zero.p, 3};
    F1AP_NEW(ret->iE_Extensions);
    ret->iE_Extensions->has.latest_RRC_Version_Enhanced = 1;
    ret->iE_Extensions->latest_RRC_Version_Enhanced = (asn1_bytes_t){release_17, 3};
    return 0;
}

int f1ap_read_F1SetupRequest(const f1ap_F1SetupRequest_t *m, f1ap_setup_request_t *ret)
{
    const f1ap_GNB_DU_Served_Cells_List_t *l = m->protocolIEs.gNB_DU_Served_Cells_List;
    ret->transaction_id = (uint8_t)m->protocolIEs.TransactionID;
    ret->du_id = (uint64_t)m->protocolIEs.gNB_DU_ID;
    name_read(m->protocolIEs.has.gNB_DU_Name, m->protocolIEs.gNB_DU_Name, ret->du_name);
    if (l && l->n > F1AP_MAX_CELLS)
        return -E2BIG;
    for (uint32_t i = 0; l && i < l->n; i++) {
        if (l->p[i].choice != f1ap_GNB_DU_Served_Cells_ItemIEs_choice_GNB_DU_Served_Cells_Item)
            continue;
        const f1ap_GNB_DU_Served_Cells_Item_t *c = l->p[i].u.GNB_DU_Served_Cells_Item;
        cell_read(&c->served_Cell_Information, c->gNB_DU_System_Information, &ret->cells[ret->n_cells++]);
    }
    return 0;
}

int f1ap_write_F1SetupRequest(const f1ap_setup_request_t *v, arena_t *a, f1ap_F1SetupRequest_t *ret)
{
    ret->protocolIEs.TransactionID = v->transaction_id;
    ret->protocolIEs.gNB_DU_ID = (__typeof__(ret->protocolIEs.gNB_DU_ID))v->du_id;
    ret->protocolIEs.has.gNB_DU_Name = printable(v->du_name);
    ret->protocolIEs.gNB_DU_Name = name_bytes(v->du_name);
    if (v->n_cells) {
        F1AP_NEW(ret->protocolIEs.gNB_DU_Served_Cells_List);
        f1ap_GNB_DU_Served_Cells_List_t *l = ret->protocolIEs.gNB_DU_Served_Cells_List;
        F1AP_LIST(l, v->n_cells);
        for (uint32_t i = 0; i < v->n_cells; i++) {
            f1ap_GNB_DU_Served_Cells_Item_t *c;
            F1AP_NEW(c);
            F1AP_TRY(cell_write(&v->cells[i], a, &c->served_Cell_Information, &c->gNB_DU_System_Information));
            l->p[i].choice = f1ap_GNB_DU_Served_Cells_ItemIEs_choice_GNB_DU_Served_Cells_Item;
            l->p[i].u.GNB_DU_Served_Cells_Item = c;
        }
    }
    return rrc_version_write(a, &ret->protocolIEs.GNB_DU_RRC_Version);
}

int f1ap_read_F1SetupResponse(const f1ap_F1SetupResponse_t *m, f1ap_setup_response_t *ret)
{
    ret->transaction_id = (uint8_t)m->protocolIEs.TransactionID;
    name_read(m->protocolIEs.has.gNB_CU_Name, m->protocolIEs.gNB_CU_Name, ret->cu_name);
    return activate_read(m->protocolIEs.Cells_to_be_Activated_List, &ret->n_activate, ret->activate);
}

int f1ap_write_F1SetupResponse(const f1ap_setup_response_t *v, arena_t *a, f1ap_F1SetupResponse_t *ret)
{
    ret->protocolIEs.TransactionID = v->transaction_id;
    ret->protocolIEs.has.gNB_CU_Name = printable(v->cu_name);
    ret->protocolIEs.gNB_CU_Name = name_bytes(v->cu_name);
    F1AP_TRY(activate_write(v->n_activate, v->activate, a, &ret->protocolIEs.Cells_to_be_Activated_List));
    return rrc_version_write(a, &ret->protocolIEs.GNB_CU_RRC_Version);
}

/* ---- configuration updates ---- */

int f1ap_read_GNBDUConfigurationUpdate(const f1ap_GNBDUConfigurationUpdate_t *m, f1ap_du_update_t *ret)
{
    const f1ap_Served_Cells_To_Add_List_t *add = m->protocolIEs.Served_Cells_To_Add_List;
    const f1ap_Served_Cells_To_Modify_List_t *mod = m->protocolIEs.Served_Cells_To_Modify_List;
    const f1ap_Served_Cells_To_Delete_List_t *del = m->protocolIEs.Served_Cells_To_Delete_List;
    ret->transaction_id = (uint8_t)m->protocolIEs.TransactionID;
    ret->has_du_id = m->protocolIEs.has.gNB_DU_ID;
    ret->du_id = (uint64_t)m->protocolIEs.gNB_DU_ID;
    if ((add && add->n > F1AP_MAX_CELLS) || (mod && mod->n > F1AP_MAX_CELLS) ||
        (del && del->n > F1AP_MAX_CELLS))
        return -E2BIG;
    for (uint32_t i = 0; add && i < add->n; i++)
        if (add->p[i].choice == f1ap_Served_Cells_To_Add_ItemIEs_choice_Served_Cells_To_Add_Item) {
            const f1ap_Served_Cells_To_Add_Item_t *c = add->p[i].u.Served_Cells_To_Add_Item;
            cell_read(&c->served_Cell_Information, c->gNB_DU_System_Information, &ret->add[ret->n_add++]);
        }
    for (uint32_t i = 0; mod && i < mod->n; i++)
        if (mod->p[i].choice == f1ap_Served_Cells_To_Modify_ItemIEs_choice_Served_Cells_To_Modify_Item) {
            const f1ap_Served_Cells_To_Modify_Item_t *c = mod->p[i].u.Served_Cells_To_Modify_Item;
            ret->modify[ret->n_modify].old = f1ap_cgi_read(&c->oldNRCGI);
            cell_read(&c->served_Cell_Information, c->gNB_DU_System_Information,
                      &ret->modify[ret->n_modify++].cell);
        }
    for (uint32_t i = 0; del && i < del->n; i++)
        if (del->p[i].choice == f1ap_Served_Cells_To_Delete_ItemIEs_choice_Served_Cells_To_Delete_Item)
            ret->delete[ret->n_delete++] = f1ap_cgi_read(&del->p[i].u.Served_Cells_To_Delete_Item->oldNRCGI);
    return 0;
}

int f1ap_write_GNBDUConfigurationUpdate(const f1ap_du_update_t *v, arena_t *a,
                                        f1ap_GNBDUConfigurationUpdate_t *ret)
{
    ret->protocolIEs.TransactionID = v->transaction_id;
    ret->protocolIEs.has.gNB_DU_ID = v->has_du_id;
    ret->protocolIEs.gNB_DU_ID = (__typeof__(ret->protocolIEs.gNB_DU_ID))v->du_id;
    if (v->n_add) {
        F1AP_NEW(ret->protocolIEs.Served_Cells_To_Add_List);
        F1AP_LIST(ret->protocolIEs.Served_Cells_To_Add_List, v->n_add);
    }
    for (uint32_t i = 0; i < v->n_add; i++) {
        f1ap_Served_Cells_To_Add_Item_t *c;
        F1AP_NEW(c);
        F1AP_TRY(cell_write(&v->add[i], a, &c->served_Cell_Information, &c->gNB_DU_System_Information));
        ret->protocolIEs.Served_Cells_To_Add_List->p[i].choice =
            f1ap_Served_Cells_To_Add_ItemIEs_choice_Served_Cells_To_Add_Item;
        ret->protocolIEs.Served_Cells_To_Add_List->p[i].u.Served_Cells_To_Add_Item = c;
    }
    if (v->n_modify) {
        F1AP_NEW(ret->protocolIEs.Served_Cells_To_Modify_List);
        F1AP_LIST(ret->protocolIEs.Served_Cells_To_Modify_List, v->n_modify);
    }
    for (uint32_t i = 0; i < v->n_modify; i++) {
        f1ap_Served_Cells_To_Modify_Item_t *c;
        F1AP_NEW(c);
        F1AP_TRY(f1ap_cgi_write(&v->modify[i].old, a, &c->oldNRCGI));
        F1AP_TRY(
            cell_write(&v->modify[i].cell, a, &c->served_Cell_Information, &c->gNB_DU_System_Information));
        ret->protocolIEs.Served_Cells_To_Modify_List->p[i].choice =
            f1ap_Served_Cells_To_Modify_ItemIEs_choice_Served_Cells_To_Modify_Item;
        ret->protocolIEs.Served_Cells_To_Modify_List->p[i].u.Served_Cells_To_Modify_Item = c;
    }
    if (v->n_delete) {
        F1AP_NEW(ret->protocolIEs.Served_Cells_To_Delete_List);
        F1AP_LIST(ret->protocolIEs.Served_Cells_To_Delete_List, v->n_delete);
    }
    for (uint32_t i = 0; i < v->n_delete; i++) {
        f1ap_Served_Cells_To_Delete_Item_t *c;
        F1AP_NEW(c);
        F1AP_TRY(f1ap_cgi_write(&v->delete[i], a, &c->oldNRCGI));
        ret->protocolIEs.Served_Cells_To_Delete_List->p[i].choice =
            f1ap_Served_Cells_To_Delete_ItemIEs_choice_Served_Cells_To_Delete_Item;
        ret->protocolIEs.Served_Cells_To_Delete_List->p[i].u.Served_Cells_To_Delete_Item = c;
    }
    return 0;
}

int f1ap_read_GNBDUConfigurationUpdateAcknowledge(const f1ap_GNBDUConfigurationUpdateAcknowledge_t *m,
                                                  f1ap_setup_response_t *ret)
{
    ret->transaction_id = (uint8_t)m->protocolIEs.TransactionID;
    F1AP_TRY(activate_read(m->protocolIEs.Cells_to_be_Activated_List, &ret->n_activate, ret->activate));
    return deactivate_read(m->protocolIEs.Cells_to_be_Deactivated_List, &ret->n_deactivate, ret->deactivate);
}

int f1ap_write_GNBDUConfigurationUpdateAcknowledge(const f1ap_setup_response_t *v, arena_t *a,
                                                   f1ap_GNBDUConfigurationUpdateAcknowledge_t *ret)
{
    ret->protocolIEs.TransactionID = v->transaction_id;
    F1AP_TRY(activate_write(v->n_activate, v->activate, a, &ret->protocolIEs.Cells_to_be_Activated_List));
    return deactivate_write(v->n_deactivate, v->deactivate, a,
                            &ret->protocolIEs.Cells_to_be_Deactivated_List);
}

int f1ap_read_GNBCUConfigurationUpdate(const f1ap_GNBCUConfigurationUpdate_t *m, f1ap_cu_update_t *ret)
{
    ret->transaction_id = (uint8_t)m->protocolIEs.TransactionID;
    F1AP_TRY(activate_read(m->protocolIEs.Cells_to_be_Activated_List, &ret->n_activate, ret->activate));
    return deactivate_read(m->protocolIEs.Cells_to_be_Deactivated_List, &ret->n_deactivate, ret->deactivate);
}

int f1ap_write_GNBCUConfigurationUpdate(const f1ap_cu_update_t *v, arena_t *a,
                                        f1ap_GNBCUConfigurationUpdate_t *ret)
{
    ret->protocolIEs.TransactionID = v->transaction_id;
    F1AP_TRY(activate_write(v->n_activate, v->activate, a, &ret->protocolIEs.Cells_to_be_Activated_List));
    return deactivate_write(v->n_deactivate, v->deactivate, a,
                            &ret->protocolIEs.Cells_to_be_Deactivated_List);
}

int f1ap_read_GNBCUConfigurationUpdateAcknowledge(const f1ap_GNBCUConfigurationUpdateAcknowledge_t *m,
                                                  f1ap_cu_update_ack_t *ret)
{
    const f1ap_Cells_Failed_to_be_Activated_List_t *l = m->protocolIEs.Cells_Failed_to_be_Activated_List;
    ret->transaction_id = (uint8_t)m->protocolIEs.TransactionID;
    if (l && l->n > F1AP_MAX_CELLS)
        return -E2BIG;
    for (uint32_t i = 0; l && i < l->n; i++)
        if (l->p[i].choice ==
            f1ap_Cells_Failed_to_be_Activated_List_ItemIEs_choice_Cells_Failed_to_be_Activated_List_Item) {
            const f1ap_Cells_Failed_to_be_Activated_List_Item_t *c =
                l->p[i].u.Cells_Failed_to_be_Activated_List_Item;
            ret->failed[ret->n_failed].cgi = f1ap_cgi_read(&c->nRCGI);
            ret->failed[ret->n_failed++].cause = f1ap_cause_read(&c->cause);
        }
    return 0;
}

int f1ap_write_GNBCUConfigurationUpdateAcknowledge(const f1ap_cu_update_ack_t *v, arena_t *a,
                                                   f1ap_GNBCUConfigurationUpdateAcknowledge_t *ret)
{
    ret->protocolIEs.TransactionID = v->transaction_id;
    if (!v->n_failed)
        return 0;
    F1AP_NEW(ret->protocolIEs.Cells_Failed_to_be_Activated_List);
    F1AP_LIST(ret->protocolIEs.Cells_Failed_to_be_Activated_List, v->n_failed);
    for (uint32_t i = 0; i < v->n_failed; i++) {
        f1ap_Cells_Failed_to_be_Activated_List_Item_t *c;
        F1AP_NEW(c);
        F1AP_TRY(f1ap_cgi_write(&v->failed[i].cgi, a, &c->nRCGI));
        c->cause = f1ap_cause_write(v->failed[i].cause);
        ret->protocolIEs.Cells_Failed_to_be_Activated_List->p[i].choice =
            f1ap_Cells_Failed_to_be_Activated_List_ItemIEs_choice_Cells_Failed_to_be_Activated_List_Item;
        ret->protocolIEs.Cells_Failed_to_be_Activated_List->p[i].u.Cells_Failed_to_be_Activated_List_Item = c;
    }
    return 0;
}

/* ---- reset, error indication, removal, status ---- */

static void ue_ref_read(const f1ap_UE_associatedLogicalF1_ConnectionItem_t *c, f1ap_ue_ref_t *ret)
{
    ret->has_cu = c->has.gNB_CU_UE_F1AP_ID;
    ret->has_du = c->has.gNB_DU_UE_F1AP_ID;
    ret->cu_ue_id = (uint32_t)c->gNB_CU_UE_F1AP_ID;
    ret->du_ue_id = (uint32_t)c->gNB_DU_UE_F1AP_ID;
}

static int ue_ref_write(const f1ap_ue_ref_t *v, arena_t *a,
                        f1ap_UE_associatedLogicalF1_ConnectionItem_t **ret)
{
    F1AP_NEW(*ret);
    (*ret)->has.gNB_CU_UE_F1AP_ID = v->has_cu;
    (*ret)->has.gNB_DU_UE_F1AP_ID = v->has_du;
    (*ret)->gNB_CU_UE_F1AP_ID = v->cu_ue_id;
    (*ret)->gNB_DU_UE_F1AP_ID = v->du_ue_id;
    return 0;
}

int f1ap_read_Reset(const f1ap_Reset_t *m, f1ap_reset_t *ret)
{
    const f1ap_ResetType_t *t = &m->protocolIEs.ResetType;
    ret->transaction_id = (uint8_t)m->protocolIEs.TransactionID;
    ret->cause = f1ap_cause_read(&m->protocolIEs.Cause);
    ret->all = t->choice == f1ap_ResetType_choice_f1_Interface;
    if (t->choice != f1ap_ResetType_choice_partOfF1_Interface)
        return ret->all ? 0 : -E2BIG;
    for (uint32_t i = 0; i < t->u.partOfF1_Interface->n && ret->n_ues < F1AP_MAX_RESET; i++)
        if (t->u.partOfF1_Interface->p[i].choice ==
            f1ap_UE_associatedLogicalF1_ConnectionItemRes_choice_UE_associatedLogicalF1_ConnectionItem)
            ue_ref_read(t->u.partOfF1_Interface->p[i].u.UE_associatedLogicalF1_ConnectionItem,
                        &ret->ues[ret->n_ues++]);
    return 0;
}

int f1ap_write_Reset(const f1ap_reset_t *v, arena_t *a, f1ap_Reset_t *ret)
{
    f1ap_ResetType_t *t = &ret->protocolIEs.ResetType;
    ret->protocolIEs.TransactionID = v->transaction_id;
    ret->protocolIEs.Cause = f1ap_cause_write(v->cause);
    if (v->all) {
        t->choice = f1ap_ResetType_choice_f1_Interface;
        t->u.f1_Interface = f1ap_ResetAll_reset_all;
        return 0;
    }
    t->choice = f1ap_ResetType_choice_partOfF1_Interface;
    F1AP_NEW(t->u.partOfF1_Interface);
    F1AP_LIST(t->u.partOfF1_Interface, v->n_ues);
    for (uint32_t i = 0; i < v->n_ues; i++) {
        t->u.partOfF1_Interface->p[i].choice =
            f1ap_UE_associatedLogicalF1_ConnectionItemRes_choice_UE_associatedLogicalF1_ConnectionItem;
        F1AP_TRY(ue_ref_write(&v->ues[i], a,
                              &t->u.partOfF1_Interface->p[i].u.UE_associatedLogicalF1_ConnectionItem));
    }
    return 0;
}

int f1ap_read_ResetAcknowledge(const f1ap_ResetAcknowledge_t *m, f1ap_reset_t *ret)
{
    const f1ap_UE_associatedLogicalF1_ConnectionListResAck_t *l =
        m->protocolIEs.UE_associatedLogicalF1_ConnectionListResAck;
    ret->transaction_id = (uint8_t)m->protocolIEs.TransactionID;
    ret->all = !l;
    for (uint32_t i = 0; l && i < l->n && ret->n_ues < F1AP_MAX_RESET; i++)
        if (l->p[i].choice ==
            f1ap_UE_associatedLogicalF1_ConnectionItemResAck_choice_UE_associatedLogicalF1_ConnectionItem)
            ue_ref_read(l->p[i].u.UE_associatedLogicalF1_ConnectionItem, &ret->ues[ret->n_ues++]);
    return 0;
}

int f1ap_write_ResetAcknowledge(const f1ap_reset_t *v, arena_t *a, f1ap_ResetAcknowledge_t *ret)
{
    ret->protocolIEs.TransactionID = v->transaction_id;
    if (v->all || !v->n_ues)
        return 0;
    F1AP_NEW(ret->protocolIEs.UE_associatedLogicalF1_ConnectionListResAck);
    f1ap_UE_associatedLogicalF1_ConnectionListResAck_t *l =
        ret->protocolIEs.UE_associatedLogicalF1_ConnectionListResAck;
    F1AP_LIST(l, v->n_ues);
    for (uint32_t i = 0; i < v->n_ues; i++) {
        l->p[i].choice =
            f1ap_UE_associatedLogicalF1_ConnectionItemResAck_choice_UE_associatedLogicalF1_ConnectionItem;
        F1AP_TRY(ue_ref_write(&v->ues[i], a, &l->p[i].u.UE_associatedLogicalF1_ConnectionItem));
    }
    return 0;
}

int f1ap_read_ErrorIndication(const f1ap_ErrorIndication_t *m, f1ap_error_t *ret)
{
    ret->transaction_id = (uint8_t)m->protocolIEs.TransactionID;
    ret->ue.has_cu = m->protocolIEs.has.gNB_CU_UE_F1AP_ID;
    ret->ue.has_du = m->protocolIEs.has.gNB_DU_UE_F1AP_ID;
    ret->ue.cu_ue_id = (uint32_t)m->protocolIEs.gNB_CU_UE_F1AP_ID;
    ret->ue.du_ue_id = (uint32_t)m->protocolIEs.gNB_DU_UE_F1AP_ID;
    ret->has_cause = m->protocolIEs.Cause != NULL;
    if (ret->has_cause)
        ret->cause = f1ap_cause_read(m->protocolIEs.Cause);
    f1ap_diagnostics_read(m->protocolIEs.CriticalityDiagnostics, &ret->diagnostics);
    return 0;
}

int f1ap_write_ErrorIndication(const f1ap_error_t *v, arena_t *a, f1ap_ErrorIndication_t *ret)
{
    ret->protocolIEs.TransactionID = v->transaction_id;
    ret->protocolIEs.has.gNB_CU_UE_F1AP_ID = v->ue.has_cu;
    ret->protocolIEs.has.gNB_DU_UE_F1AP_ID = v->ue.has_du;
    ret->protocolIEs.gNB_CU_UE_F1AP_ID = v->ue.cu_ue_id;
    ret->protocolIEs.gNB_DU_UE_F1AP_ID = v->ue.du_ue_id;
    if (v->has_cause) {
        F1AP_NEW(ret->protocolIEs.Cause);
        *ret->protocolIEs.Cause = f1ap_cause_write(v->cause);
    }
    return f1ap_diagnostics_write(&v->diagnostics, a, &ret->protocolIEs.CriticalityDiagnostics);
}

int f1ap_read_F1RemovalRequest(const f1ap_F1RemovalRequest_t *m, f1ap_transaction_t *ret)
{
    ret->transaction_id = (uint8_t)m->protocolIEs.TransactionID;
    return 0;
}

int f1ap_write_F1RemovalRequest(const f1ap_transaction_t *v, arena_t *a, f1ap_F1RemovalRequest_t *ret)
{
    (void)a;
    ret->protocolIEs.TransactionID = v->transaction_id;
    return 0;
}

int f1ap_read_F1RemovalResponse(const f1ap_F1RemovalResponse_t *m, f1ap_transaction_t *ret)
{
    ret->transaction_id = (uint8_t)m->protocolIEs.TransactionID;
    return 0;
}

int f1ap_write_F1RemovalResponse(const f1ap_transaction_t *v, arena_t *a, f1ap_F1RemovalResponse_t *ret)
{
    (void)a;
    ret->protocolIEs.TransactionID = v->transaction_id;
    return 0;
}

int f1ap_read_GNBDUStatusIndication(const f1ap_GNBDUStatusIndication_t *m, f1ap_du_status_t *ret)
{
    ret->transaction_id = (uint8_t)m->protocolIEs.TransactionID;
    ret->overloaded = m->protocolIEs.GNBDUOverloadInformation == f1ap_GNBDUOverloadInformation_overloaded;
    return 0;
}

int f1ap_write_GNBDUStatusIndication(const f1ap_du_status_t *v, arena_t *a, f1ap_GNBDUStatusIndication_t *ret)
{
    (void)a;
    ret->protocolIEs.TransactionID = v->transaction_id;
    ret->protocolIEs.GNBDUOverloadInformation = v->overloaded ? f1ap_GNBDUOverloadInformation_overloaded
                                                              : f1ap_GNBDUOverloadInformation_not_overloaded;
    return 0;
}
