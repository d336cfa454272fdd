/* SPDX-License-Identifier: Apache-2.0 */
/* MCS and CQI tables and the transport block size: TS 38.214 5.1.3, 5.2.2.1, 6.1.4. Stateless, [any] thread,
 * integers only (both ends compute the same size to the bit). Code rates are in the unit of SCF-222: bits
 * per 1024 coded bits, times ten (R = 948/1024 is 9480). */
#ifndef VITRAN_MAC_MCS_H
#define VITRAN_MAC_MCS_H

#include <stdbool.h>
#include <stdint.h>

/* mcs-Table of pdsch-Config and pusch-Config. */
#define MCS_TABLE_QAM64 1u       /* tables 5.1.3.1-1 */
#define MCS_TABLE_QAM256 2u      /* 5.1.3.1-2 */
#define MCS_TABLE_QAM64_LOWSE 3u /* 5.1.3.1-3 */

typedef struct {
    uint8_t qm; /* modulation order, bits a symbol: 2, 4, 6, 8 */
    uint16_t
        rate_x10; /* 1024 R x 10; 0: a retransmission-only row, the rate is that of the first transmission */
} mcs_t;

/* Row of a table (1..3; PUSCH without transform precoding uses the same ones). false: there is no such row.
 */
bool mcs_get(uint8_t table, uint8_t index, mcs_t *ret);
/* Highest index with a code rate of its own: 28, 27, 28. 0 for an unknown table. */
uint8_t mcs_max_index(uint8_t table);
/* The row of a table that has this modulation and no rate: retransmissions on any number of PRBs. */
uint8_t mcs_retx_index(uint8_t table, uint8_t qm);
/* Bits a resource element and layer, times 256. 0 for a row without a rate. */
uint32_t mcs_efficiency_x256(uint8_t table, uint8_t index);

/* CQI table 1..3 (5.2.2.1-2..4), cqi 1..15. false: out of range (0 is itself "out of range"). */
bool cqi_get(uint8_t table, uint8_t cqi, mcs_t *ret);
/* The highest MCS whose efficiency is not above that of the CQI; 0 where even row 0 is above. Both
 * tables 1..3. */
uint8_t mcs_from_cqi(uint8_t cqi_table, uint8_t cqi, uint8_t mcs_table);

/* Resource elements of one PRB: min(156, 12 n_symbols - DMRS - overhead). 5.1.3.2 step 1.
 * n_dmrs_re: REs of DM-RS CDM groups without data in the PRB over the allocation. */
static inline uint16_t tbs_re_per_prb(uint8_t n_symbols, uint16_t n_dmrs_re, uint16_t n_overhead_re)
{
    int re = 12 * n_symbols - n_dmrs_re - n_overhead_re;
    return (uint16_t)(re < 0 ? 0 : re > 156 ? 156 : re);
}

/* Transport block size in bits (a multiple of 8). 5.1.3.2 steps 1-4.
 * re_per_prb: from tbs_re_per_prb; n_prb 1..275; n_layers 1..4 of this codeword; scaling 0, 1, 2:
 * table 5.1.3.2-2, S = 1, 1/2, 1/4 (P-RNTI and RA-RNTI only). 0 when there is nothing to carry it. */
uint32_t tbs_bits(uint16_t re_per_prb, uint16_t n_prb, uint8_t qm, uint16_t rate_x10, uint8_t n_layers,
                  uint8_t scaling);

/* The same from a table row; in bytes. 0: no such row, or one without a rate. */
uint32_t tbs_bytes(uint8_t mcs_table, uint8_t mcs, uint16_t re_per_prb, uint16_t n_prb, uint8_t n_layers);

/* REs of DM-RS in one PRB. Type 1: 6 REs a symbol and CDM group, type 2: 4. 38.211 7.4.1.1.2. */
static inline uint16_t dmrs_re_per_prb(uint8_t dmrs_type, uint8_t n_dmrs_symbols,
                                       uint8_t n_cdm_groups_without_data)
{
    return (uint16_t)((dmrs_type == 2 ? 4 : 6) * n_dmrs_symbols * n_cdm_groups_without_data);
}

#endif
