/* SPDX-License-Identifier: Apache-2.0 */
/* Coding of a transport block for DL-SCH and UL-SCH, TS 38.212 7.2 and 6.2: transport block CRC, base graph,
 * segmentation, code block CRC, LDPC, rate matching. The DU codes PDSCH with it and the emulated UEs PUSCH;
 * sch_rx.h reads the same plan. Code blocks are independent tasks: any thread, any order. */
#ifndef VITRAN_PHY_LDPC_SCH_H
#define VITRAN_PHY_LDPC_SCH_H

#include "lib/phy/ldpc/crc.h"
#include "lib/phy/ldpc/graph.h"
#include "lib/phy/ldpc/rate_match.h"

#define SCH_MAX_CB 256          /* C; the largest transport block of TS 38.214 (1024QAM, 4 layers) has 190 */
#define SCH_MAX_TB_BYTES 262144 /* above the largest of TS 38.214 */
#define SCH_MAX_G (16u << 20)   /* G, bits of a slot: above 4 layers, 10 bits, 273 PRB, 14 symbols */
#define SCH_MAX_K_BYTES (22 * 384 / 8)

typedef struct {
    uint32_t tb_bytes; /* A / 8 */
    uint32_t g_bits;   /* G: coded bits that the channel takes */
    uint32_t tbs_lbrm; /* TBS_LBRM in bits (see sch_tbs_lbrm), 0: the buffer is not limited. 5.4.2.1 */
    uint16_t rate_x10; /* R of the MCS table in 1/10240 (6825 is 682.5/1024): the base graph's choice */
    uint8_t rv;        /* rv_id, 0..3 */
    uint8_t qm;        /* Q_m: 1, 2, 4, 6, 8, 10 */
    uint8_t n_layers;  /* N_L: 1..4 */
} sch_cfg_t;

typedef struct {
    const graph_t *graph; /* of bg and Zc: graph->bg, graph->zc */
    uint32_t tb_bytes;
    uint32_t g_bits;
    crc_kind_t tb_crc;   /* CRC16 or CRC24A */
    uint8_t tb_crc_bits; /* L of the transport block: 16 or 24 */
    uint8_t cb_crc_bits; /* L of a code block: 24 (CRC24B) when n_cb > 1, otherwise 0 */
    uint8_t rv, qm, n_layers;
    uint16_t n_cb;     /* C */
    uint16_t n_small;  /* blocks 0 .. n_small - 1 have e_small bits, the others e_large. 5.4.2.1 */
    uint32_t k;        /* K, bits of a code block with fillers: graph->n_sys * graph->zc */
    uint32_t k_prime;  /* K', bits of a code block with all CRCs, a multiple of 8 */
    uint32_t n_filler; /* F = K - K' */
    uint32_t cb_bytes; /* payload (transport block and its CRC) of one code block: (K' - cb_crc_bits) / 8 */
    uint32_t e_small, e_large;
    uint32_t n_ref; /* N_ref of the limited buffer, 0 none */
    circ_t circ;    /* Ncb and k0, the same for all blocks */
} sch_plan_t;

/* Computes all that does not depend on the data. -EINVAL with the field of sch_cfg_t that the standard does
 * not allow: a transport block that does not split into whole bytes per code block, G that is no multiple of
 * N_L * Q_m or gives a block nothing. Any thread. */
int sch_plan(const phy_t *phy, const sch_cfg_t *cfg, sch_plan_t *ret, phy_refusal_t *why);

/* The first half of it, 5.2.2: n_cb, k, k_prime, n_filler, cb_bytes, cb_crc_bits and graph for b bits
 * (transport block and CRC) with a base graph; the rest of ret stays. -EINVAL when b does not split into
 * whole bytes per code block, or into more than SCH_MAX_CB. Any thread. */
int sch_plan_segmentation(const phy_t *phy, unsigned bg, uint32_t b, sch_plan_t *ret);

/* E_r, and where block r begins among the G bits. */
static inline uint32_t sch_e(const sch_plan_t *p, unsigned r)
{
    return r < p->n_small ? p->e_small : p->e_large;
}
static inline uint32_t sch_e_start(const sch_plan_t *p, unsigned r)
{
    return r <= p->n_small ? r * p->e_small : p->n_small * p->e_small + (r - p->n_small) * p->e_large;
}

/* The transport block's CRC, for all its blocks. tb [size: tb_bytes]. */
uint32_t sch_tb_crc(const phy_t *phy, const sch_plan_t *plan, const uint8_t *tb);

/* Bits of code block r (5.2.2): payload, CRCs, zeros for fillers. ret_bits [size: (K + 7) / 8 bytes]. */
void sch_segment_cb(const phy_t *phy, const sch_plan_t *plan, const uint8_t *tb, uint32_t tb_crc, unsigned r,
                    uint8_t *ret_bits);

/* Codes block r: ret_f [size: (E_r + 7) / 8 bytes], E_r bits from bit 0 on, zeros behind them. E_r is a
 * multiple of N_L * Q_m: blocks begin on whole REs. */
void sch_encode_cb(const phy_t *phy, const sch_plan_t *plan, const uint8_t *tb, uint32_t tb_crc, unsigned r,
                   uint8_t *ret_f);

/* TBS_LBRM of 5.4.2.1, bits: max_layers as configured for the cell's UE (at most 4 count for DL-SCH, the
 * caller's min), max_qm 6, 8 or 10 by the MCS tables configured, n_prb the widest BWP's. */
uint32_t sch_tbs_lbrm(unsigned max_layers, unsigned max_qm, unsigned n_prb);

#endif
