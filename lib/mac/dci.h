/* SPDX-License-Identifier: Apache-2.0 */
/* DCI formats 0_0, 0_1, 1_0, 1_1: field widths, size alignment, pack and unpack. TS 38.212 7.3.1. Stateless,
 * [any] thread. One `dci_plan_t` a UE (and one for the cell's common space) is made from the configuration
 * when it changes; packing and unpacking use it. Bits are packed most significant first. */
#ifndef VITRAN_MAC_DCI_H
#define VITRAN_MAC_DCI_H

#include <stdbool.h>
#include <stdint.h>

#define DCI_MAX_BYTES 16u

typedef struct {
    uint8_t n_bits;
    uint8_t bytes[DCI_MAX_BYTES]; /* first bit is the top bit of bytes[0]; bits past n_bits are 0 */
} dci_bits_t;

/* What the widths depend on. Zero is "not configured" for every member. */
typedef struct {
    uint16_t n_prb_coreset0; /* 0: no CORESET 0 in the cell, then the initial DL BWP counts */
    uint16_t n_prb_initial_dl, n_prb_initial_ul;
    uint16_t n_prb_dl, n_prb_ul; /* active BWPs; 0: only formats for common search spaces */
    uint16_t bwp_start_dl, bwp_start_ul;
    uint8_t uss_fallback;         /* a UE-specific search space monitors 0_0 and 1_0, not only 0_1 and 1_1 */
    uint8_t n_bwps_dl, n_bwps_ul; /* configured by RRC besides the initial one: bwp indicator */
    uint8_t ra_type_dl, ra_type_ul;       /* 0, 1, 2 = dynamicSwitch */
    uint8_t rbg_config_dl, rbg_config_ul; /* rbg-Size: 1 or 2 (0 counts as 1) */
    uint8_t n_tdra_dl, n_tdra_ul;         /* rows of the lists in force; 0 = default table (16) */
    uint8_t n_k1;       /* rows of dl-DataToUL-ACK (1..8); 0 = the 8 of the fallback formats */
    uint8_t vrb_to_prb; /* interleaving configured: a 1-bit field */
    uint8_t prb_bundling_dynamic;
    uint8_t rate_match_bits, zp_csi_bits;   /* 0..2 */
    uint8_t max_codewords;                  /* 2: second TB fields */
    uint8_t dai_dynamic;                    /* pdsch-HARQ-ACK-Codebook dynamic: 2-bit DAI */
    uint8_t dmrs_type_dl, dmrs_type_ul;     /* 1 or 2 (0 counts as 1) */
    uint8_t dmrs_maxlen_dl, dmrs_maxlen_ul; /* 1 or 2 (0 counts as 1) */
    uint8_t tci_in_dci;
    uint8_t cbg_dl_bits, cbg_flush, cbg_ul_bits;
    uint8_t transform_precoding; /* PUSCH */
    uint8_t freq_hopping_ul;
    uint8_t sri_bits;         /* SRS resource indicator, 7.3.1.1.2 */
    uint8_t precoding_bits;   /* precoding information and number of layers */
    uint8_t csi_request_bits; /* 0..6: reportTriggerSize */
    uint8_t ptrs_ul;          /* PTRS-DMRS association */
    uint8_t beta_offset_dynamic;
} dci_cfg_t;

/* Widths in bits that follow from a configuration. */
typedef struct {
    dci_cfg_t cfg;
    uint16_t n_prb_css_dl;               /* what RIVs of 1_0 in a common space count in */
    uint16_t n_prb_uss_dl, n_prb_uss_ul; /* and of the fallback formats in a UE-specific one */
    uint8_t fdra_css_dl, fdra_css_ul, fdra_uss_dl, fdra_uss_ul, fdra_1_1, fdra_0_1;
    uint8_t size_css;           /* 1_0 and 0_0 in a common space; also SI, RA, P, TC-RNTI */
    uint8_t size_uss;           /* 1_0 and 0_0 in a UE-specific space; 0: not monitored there */
    uint8_t size_1_1, size_0_1; /* 0: not available */
    uint8_t tdra_1_1, tdra_0_1, k1_1_1, bwp_1_1, bwp_0_1, ports_1_1, ports_0_1;
} dci_plan_t;

/* Applies 7.3.1.0 (alignment, the 3 + 1 sizes). 0; -EINVAL: a configuration that no DCI fits. */
int dci_plan(const dci_cfg_t *cfg, dci_plan_t *ret);

enum { DCI_CSS = 0, DCI_USS = 1 };

/* 1_0 with C-RNTI, CS-RNTI, MCS-C-RNTI or TC-RNTI (the same layout; 7.3.1.2.1). */
typedef struct {
    uint32_t riv;
    uint8_t tdra, vrb_to_prb, mcs, ndi, rv, harq_id, dai /* 0..3: field value */, tpc, pucch_resource, k1;
} dci_1_0_t;
/* 1_0 with SI-RNTI, RA-RNTI, P-RNTI. */
typedef struct {
    uint32_t riv;
    uint8_t tdra, vrb_to_prb, mcs;
    uint8_t rv, si_indicator;           /* SI: indicator 0 is SIB1 */
    uint8_t tb_scaling;                 /* RA, P */
    uint8_t short_indicator, short_msg; /* P: 1 scheduling only, 2 short message only, 3 both */
} dci_1_0_common_t;
/* 0_0 with C-RNTI or TC-RNTI. */
typedef struct {
    uint32_t riv;
    uint8_t tdra, freq_hopping, mcs, ndi, rv, harq_id, tpc;
} dci_0_0_t;
typedef struct {
    uint32_t
        fdra; /* type 1: RIV; type 0: RBG bitmap; dynamicSwitch: top bit 1 = type 1 (fdra_1_1 bits wide) */
    uint8_t bwp, tdra, vrb_to_prb, prb_bundling, rate_match, zp_csi;
    uint8_t mcs, ndi, rv, mcs2, ndi2, rv2;
    uint8_t harq_id, dai, tpc, pucch_resource, k1, ports, tci, srs_request, cbgti, cbgfi, dmrs_seq;
} dci_1_1_t;
typedef struct {
    uint32_t fdra;
    uint8_t bwp, tdra, freq_hopping, mcs, ndi, rv, harq_id, dai, tpc, sri, precoding, ports, srs_request,
        csi_request, cbgti, ptrs, beta_offset, dmrs_seq, ulsch;
} dci_0_1_t;

void dci_pack_1_0(const dci_plan_t *, int space, const dci_1_0_t *, dci_bits_t *ret);
void dci_pack_1_0_si(const dci_plan_t *, const dci_1_0_common_t *, dci_bits_t *ret);
void dci_pack_1_0_ra(const dci_plan_t *, const dci_1_0_common_t *, dci_bits_t *ret);
void dci_pack_1_0_p(const dci_plan_t *, const dci_1_0_common_t *, dci_bits_t *ret);
void dci_pack_0_0(const dci_plan_t *, int space, const dci_0_0_t *, dci_bits_t *ret);
void dci_pack_1_1(const dci_plan_t *, const dci_1_1_t *, dci_bits_t *ret);
void dci_pack_0_1(const dci_plan_t *, const dci_0_1_t *, dci_bits_t *ret);

/* Unpack. 0; -EMSGSIZE: not the size of this format here; -EBADMSG: the identifier bit says the other
 * direction. Values are as wide as the fields: the caller checks them (RIV, TDRA row, ...). */
int dci_unpack_1_0(const dci_plan_t *, int space, const dci_bits_t *, dci_1_0_t *ret);
int dci_unpack_1_0_si(const dci_plan_t *, const dci_bits_t *, dci_1_0_common_t *ret);
int dci_unpack_1_0_ra(const dci_plan_t *, const dci_bits_t *, dci_1_0_common_t *ret);
int dci_unpack_1_0_p(const dci_plan_t *, const dci_bits_t *, dci_1_0_common_t *ret);
int dci_unpack_0_0(const dci_plan_t *, int space, const dci_bits_t *, dci_0_0_t *ret);
int dci_unpack_1_1(const dci_plan_t *, const dci_bits_t *, dci_1_1_t *ret);
int dci_unpack_0_1(const dci_plan_t *, const dci_bits_t *, dci_0_1_t *ret);

#endif
