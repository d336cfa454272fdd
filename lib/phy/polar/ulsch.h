/* SPDX-License-Identifier: Apache-2.0 */
/* UL-SCH and UCI on one PUSCH: how many REs HARQ-ACK, CSI part 1 and CSI part 2 take (TS 38.212 6.3.2.4.1),
 * and where in the code word they go (6.2.7). A plan, made once a transmission, knows the REs of each; the UE
 * writes bits through it, the DU gathers LLRs. A code word g is n_re REs of n_layers * qm bits, symbol by
 * symbol, as 38.211 6.3.1 maps it.
 *
 * Use at the DU: ulsch_plan with o_csi2 = ULSCH_CSI2_UNKNOWN when a report has a part 2; ulsch_gather
 * HARQ-ACK and CSI part 1 and decode them (uci_code.h); ulsch_plan_csi2 with the size that part 1 told;
 * ulsch_gather CSI part 2 and UL-SCH. Without UCI, `plan.has_uci` is false, g_sch = the code word, and
 * nothing needs to be gathered.
 *
 * [any thread] Functions touch their arguments only. */
#ifndef VITRAN_PHY_POLAR_ULSCH_H
#define VITRAN_PHY_POLAR_ULSCH_H

#include "lib/phy/polar/uci_code.h"

#define ULSCH_CSI2_UNKNOWN 0xffff

typedef struct {
    uint8_t qm;           /* 1, 2, 4, 6, 8 */
    uint8_t n_layers;     /* 1..4 */
    uint8_t start_symbol; /* of the slot */
    uint8_t n_symbols;    /* with it: at most 14 */
    bool hopping; /* intra-slot frequency hopping: the second hop begins at start_symbol + n_symbols / 2 */
    uint16_t dmrs_symbols;          /* bit l: symbol l of the slot has DM-RS */
    uint16_t n_re[PHY_SYMBOLS];     /* REs for data in symbol l of the slot: without DM-RS, CDM groups without
                                       data, PT-RS */
    uint32_t sum_k_bits;            /* sum of the code block sizes K_r of the blocks sent; 0: no UL-SCH */
    uint16_t rate_x10240;           /* target code rate R x 10240; used without UL-SCH */
    uint8_t alpha_x100;             /* uci-OnPUSCH scaling: 50, 65, 80, 100 */
    uint16_t o_ack, o_csi1, o_csi2; /* information bits, 0..1706; o_csi2 may be unknown */
    uint32_t beta_ack_x1000, beta_csi1_x1000, beta_csi2_x1000; /* ulsch_beta_ack(), ulsch_beta_csi() */
} ulsch_cfg_t;

/* beta offset x 1000 of an index: 38.213 table 9.3-1 (HARQ-ACK, 0..15) and table 9.3-2 (CSI, 0..18); 0:
 * reserved. */
uint32_t ulsch_beta_ack(unsigned index);
uint32_t ulsch_beta_csi(unsigned index);

typedef enum { ULSCH_ACK, ULSCH_CSI1, ULSCH_CSI2, ULSCH_SCH, ULSCH_N_STREAMS } ulsch_stream_t;

/* The REs of a stream in each symbol: those of a bit set over the symbol's data REs, or all when count is
 * n_re (the set is then not written), or none when it is 0. */
typedef struct {
    uint16_t count[PHY_SYMBOLS];
    uint64_t set[PHY_SYMBOLS][(PHY_MAX_SC + 63) / 64];
} ulsch_res_t;

typedef struct {
    ulsch_cfg_t cfg;
    bool has_uci;               /* HARQ-ACK or CSI is here */
    bool csi2_pending;          /* ulsch_plan_csi2 has to come before CSI part 2 and UL-SCH are asked for */
    bool has_placeholders;      /* a stream of 1 or 2 bits: ulsch_fix_placeholders after scrambling */
    uint8_t bits_per_re;        /* qm * n_layers */
    uint32_t n_re;              /* of the code word */
    uint32_t g_bits;            /* of the code word: n_re * bits_per_re */
    uint32_t n_re_ack_reserved; /* set aside when o_ack <= 2; without UCI for information only */
    uint32_t n_re_stream[ULSCH_N_STREAMS]; /* Q' of each (REs, per layer); UL-SCH counts those that HARQ-ACK
                                              punctures too */
    uint32_t g_stream[ULSCH_N_STREAMS];    /* coded bits of each: G_ACK, G_CSI-1, G_CSI-2, G_UL-SCH */
    ulsch_res_t re[ULSCH_N_STREAMS];       /* not written when !has_uci */
    ulsch_res_t reserved;                  /* for HARQ-ACK of 0, 1 and 2 bits */
} ulsch_plan_t;

/* 0, or -EINVAL with the refused field. */
int ulsch_plan(const ulsch_cfg_t *cfg, ulsch_plan_t *ret, phy_refusal_t *why);

/* Gives the size of CSI part 2 (0..1706) to a plan that waits for it. As ulsch_plan. */
int ulsch_plan_csi2(ulsch_plan_t *plan, uint16_t o_csi2, phy_refusal_t *why);

/* [UE] Code word from the coded bits of each stream (packed, g_stream bits; NULL where there are none). out:
 * g_bits, packed. */
void ulsch_multiplex(const ulsch_plan_t *plan, const uint8_t *const streams[ULSCH_N_STREAMS], uint8_t *out);

/* [UE] Sets the placeholders of 1 and 2 bit UCI in the scrambled code word (38.211 6.3.1.1): x to 1, y to the
 * bit before. */
void ulsch_fix_placeholders(const ulsch_plan_t *plan, uint8_t *scrambled);

/* [DU] Gathers the LLRs of a stream: ret gets g_stream values. llr: g_bits, descrambled. `scrambling`: c of
 * the code word, packed, needed for the y placeholders of 1 and 2 bits, else it may be NULL (without it they
 * count as unknown). Where HARQ-ACK of 1 or 2 bits punctures CSI part 2 and UL-SCH, their LLRs are 0. */
void ulsch_gather(const ulsch_plan_t *plan, ulsch_stream_t stream, const int8_t *llr,
                  const uint8_t *scrambling, int8_t *ret);

#endif
