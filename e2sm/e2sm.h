/* SPDX-License-Identifier: Apache-2.0 */
/* What the service models share: identities as plain C, and where their types turn into ASN.1 and back. */
#ifndef VITRAN_E2SM_E2SM_H
#define VITRAN_E2SM_E2SM_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define E2SM_OID_KPM "1.3.6.1.4.1.53148.1.3.2.2" /* E2SM-KPM v3 */
#define E2SM_OID_KPM_V2 "1.3.6.1.4.1.53148.1.2.2.2"
#define E2SM_OID_RC "1.3.6.1.4.1.53148.1.1.2.3" /* E2SM-RC v1 */
#define E2SM_OID_PLG "2.25.44195667547580124840674330086851056986"

/* UEID-GNB-DU of the common IEs: what the CU calls the UE on F1, and the RAN UE ID where there is one. */
typedef struct {
    uint32_t cu_ue_f1ap_id;
    bool has_ran_ue_id;
    uint8_t ran_ue_id[8];
} e2sm_ue_t;

static inline bool e2sm_ue_equal(const e2sm_ue_t *a, const e2sm_ue_t *b)
{
    return a->cu_ue_f1ap_id == b->cu_ue_f1ap_id &&
           (!a->has_ran_ue_id || !b->has_ran_ue_id || memcmp(a->ran_ue_id, b->ran_ue_id, 8) == 0);
}

typedef struct {
    uint8_t plmn[3];
    uint64_t nr_cell_id; /* 36 bits */
} e2sm_cell_t;

/* SST and SD in one word, SD 0xffffff for none (TS 23.003 28.4.2). */
#define E2SM_SLICE(sst, sd) (((uint32_t)(sst) << 24) | ((uint32_t)(sd)&0xffffffu))
#define E2SM_NO_SD 0xffffffu
#define E2SM_SLICE_SST(s) ((uint8_t)((s) >> 24))
#define E2SM_SLICE_SD(s) ((s)&0xffffffu)
#define E2SM_NO_SLICE 0u

/* NR cell identity as the 36 bits of a BIT STRING. */
static inline void e2sm_cell_bits(uint64_t nr_cell_id, uint8_t out[5])
{
    for (int i = 0; i < 5; i++)
        out[i] = (uint8_t)(nr_cell_id << 4 >> (32 - 8 * i));
}

static inline uint64_t e2sm_cell_from_bits(const uint8_t in[5])
{
    uint64_t v = 0;
    for (int i = 0; i < 5; i++)
        v = v << 8 | in[i];
    return v >> 4;
}

/* An S-NSSAI of any service model's generated types: the octet strings live in store [4 bytes]. */
#define E2SM_SLICE_TO(ret, slice, store)                                                                     \
    do {                                                                                                     \
        (store)[0] = E2SM_SLICE_SST(slice);                                                                  \
        (store)[1] = (uint8_t)((slice) >> 16);                                                               \
        (store)[2] = (uint8_t)((slice) >> 8);                                                                \
        (store)[3] = (uint8_t)(slice);                                                                       \
        (ret)->sST = (asn1_bytes_t){(store), 1};                                                             \
        (ret)->has.sD = E2SM_SLICE_SD(slice) != E2SM_NO_SD;                                                  \
        (ret)->sD = (asn1_bytes_t){(store) + 1, 3};                                                          \
    } while (0)
#define E2SM_SLICE_FROM(s)                                                                                   \
    E2SM_SLICE((s)->sST.p[0],                                                                                \
               (s)->has.sD ? ((uint32_t)(s)->sD.p[0] << 16 | (uint32_t)(s)->sD.p[1] << 8 | (s)->sD.p[2])     \
                           : E2SM_NO_SD)

#endif
