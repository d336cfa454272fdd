/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of du/mac share. One cell; the slot thread's. Files and what they are about:
 *   mac.c        life, the order of a slot
 *   ue.c         UE table, configuration, bearers, commands
 *   grid.c       PRBs, CCEs and PDUs of a slot: what is free, DCIs into slabs
 *   common.c     SSB, CSI-RS, SIB1, paging, PRACH
 *   rach.c       preambles, RAR, Msg3, Msg4
 *   access.c     SRB1 of a UE without dedicated configuration
 *   dl.c         PDSCH of plugin grants: HARQ, multiplexing
 *   ul.c         PUSCH of plugin grants: HARQ, demultiplexing, BSR, PHR
 *   uci.c        PUCCH: which resource carries which feedback, SR, CSI
 *   link.c       link adaptation */
#ifndef VITRAN_DU_MAC_INTERNAL_H
#define VITRAN_DU_MAC_INTERNAL_H

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "du/mac/mac.h"
#include "du/sched/sched.h"
#include "lib/core/clock.h"
#include "lib/mac/access.h"
#include "lib/mac/alloc.h"
#include "lib/mac/bsr.h"
#include "lib/mac/dci.h"
#include "lib/mac/mcs.h"
#include "lib/mac/pdcch.h"
#include "lib/mac/pdu.h"
#include "lib/mac/pucch.h"

#define N_HARQ 16u
#define N_PLANS 32u    /* uplink slots ahead; a power of two above k + k2 + k1 + grace */
#define MAX_FB_BITS 8u /* HARQ-ACK bits of a UE in one uplink slot */
#define MAX_FB 80u     /* UEs with HARQ-ACK in one uplink slot */
#define MAX_PAGES 32u
#define MAX_PREAMBLES 64u
#define MAX_UNASKED 4u /* uplink grants without a request, in one slot */

typedef enum { HARQ_FREE, HARQ_WAIT, HARQ_RETX } harq_state_t;

typedef struct {
    uint8_t *tb;                   /* DL: the block, kept for retransmission; of the cell's store */
    uint64_t pdcch_slot, due_slot; /* of the last transmission; slot of its feedback or PUSCH */
    uint32_t tbs_bytes;
    uint16_t n_prb, re_per_prb;
    uint8_t state; /* harq_state_t */
    uint8_t n_tx;
    uint8_t ndi;
    uint8_t mcs;       /* of the first transmission, or of the last one with a rate */
    uint8_t mcs_table; /* 1..3 */
    uint8_t layers;
    uint8_t tda_row;
    uint8_t core; /* Msg3, Msg4: scheduled here, not by the plugin */
    uint16_t sdu_bytes;
    uint8_t has_srb0;    /* DL: carries the SRB0 SDU */
    uint8_t has_srb1;    /* DL, core: carries SRB1 */
    uint8_t ends_access; /* DL, core: with its acknowledgement the UE has its dedicated configuration */
    uint8_t rv_at;       /* place in the order of redundancy versions */
    uint8_t counted;     /* UL: in inflight_bytes */
} harq_t;

typedef struct {         /* outer loop of link adaptation: link.c */
    int32_t offset;      /* MCS rows x 1000 on top of the base */
    uint16_t hold, left; /* blocks that the row above is left alone: last time; still */
    uint8_t age;         /* blocks since the row was entered, up to where that matters */
    uint8_t base;        /* row that CQI or SINR asks for */
} outer_loop_t;

typedef enum { UE_FREE, UE_MSG3, UE_MSG4, UE_CONNECTED } ue_state_t;

typedef struct {
    uint16_t rnti, generation, index;
    uint16_t rounds;    /* UEs that this index has had */
    uint8_t state;      /* ue_state_t */
    uint8_t known;      /* its CCCH SDU was handed up */
    uint8_t configured; /* cfg is valid */
    uint8_t lost;       /* reported: nothing more is sent to it */
    uint8_t dirty;      /* the bearers' state has to be taken again */
    uint8_t removing;
    uint64_t remove_at; /* removing: at the latest */

    /* random access */
    uint8_t contention[6], contention_sent;
    uint64_t msg4_by, setup_by;
    buf_t *srb0;
    uint8_t srb0_sent;
    uint8_t restoring; /* re-established: a dedicated configuration waits to be told to the UE */
    uint8_t told;      /* an SRB1 message has been queued since: the RRCReconfiguration */

    /* downlink */
    harq_t dl[N_HARQ], ul[N_HARQ];
    uint16_t dl_busy, ul_busy;      /* processes not free */
    uint8_t dl_next, ul_next;       /* process to try first, so that they rotate */
    uint8_t dl_dtx_row, ul_dtx_row; /* in a row */
    uint32_t dl_queued;

    /* uplink */
    uint32_t lcg_bytes[8];
    uint32_t bsr_bytes, inflight_bytes;
    uint8_t sr_pending;
    int16_t phr_db;
    uint16_t last_ul_prbs; /* of the last PUSCH that was received */

    /* link adaptation: MCS rows x 1000 */
    outer_loop_t olla_dl, olla_ul;
    int32_t sinr_ul_x10_f; /* filtered, dB x 10 x 16 */
    uint8_t cqi, has_sinr;
    uint8_t ta_pending; /* 0: none, else command + 1 */
    uint64_t ta_next;
    int32_t ta_sum;
    uint8_t ta_n;

    uint64_t last_drb_slot, last_unasked;
    uint8_t inactive_told;

    radio_ue_t cfg;
    dci_plan_t dci;
    mac_bearer_t *bearer[RADIO_MAX_LC];
    uint8_t n_bearers;
    radio_dmrs_t dl_dmrs[RADIO_MAX_TDRA], ul_dmrs[RADIO_MAX_TDRA];

    mac_ue_stats_t stats;
} ue_t;

/* HARQ-ACK that one UE owes in one uplink slot. */
typedef struct {
    uint16_t ue, generation;
    uint8_t n_bits;
    uint8_t harq_id[MAX_FB_BITS];
    uint8_t pri;
    uint8_t common; /* 1: before dedicated configuration, resource by first CCE */
    uint8_t common_r;
    uint8_t f2_held; /* set 1 resource `pri` is reserved in f2_used */
    uint8_t answered;
} feedback_t;

typedef struct {
    fapi_pusch_pdu_t pdu;
    uint16_t ue, generation;
    uint8_t harq_id, answered, msg3;
} pusch_plan_t;

/* What an uplink slot is to bring. */
typedef struct {
    uint64_t slot; /* UINT64_MAX: unused */
    uint64_t free_prbs[PRB_WORDS];
    uint64_t f2_used;     /* bit prb_index x 7 + symbol pair, of the PRBs in f2_prb */
    uint16_t common_used; /* bit r_PUCCH */
    uint8_t n_pusch, n_fb, n_handles, built;
    uint8_t fb_of[MAC_MAX_UES];    /* index + 1 in fb */
    uint8_t pusch_of[MAC_MAX_UES]; /* index + 1 in pusch */
    feedback_t fb[MAX_FB];
    pusch_plan_t pusch[FAPI_MAX_PUSCH];
    struct { /* by PUCCH handle */
        uint16_t ue, generation;
        uint8_t fb; /* index + 1: carries that feedback */
        uint8_t n_harq, n_csi, sr;
        uint8_t answered;
    } handle[FAPI_MAX_PUCCH];
} ul_plan_t;

typedef struct {
    uint16_t ue_id, cycle_frames;
    uint8_t n_left;
    buf_t *pcch;
} page_t;

typedef struct {
    uint64_t from, until; /* response window: PDCCH slots [from, until) */
    uint16_t ra_rnti, ta;
    uint8_t preamble;
} preamble_t;

/* Downlink resources of the slot at hand. */
typedef struct {
    uint64_t slot;
    uint64_t free_prbs[PRB_WORDS];
    uint64_t cce_free[PDCCH_CCE_WORDS]; /* of CORESET 0, for common spaces */
    uint64_t uss_free[PDCCH_CCE_WORDS]; /* of the UE-specific CORESET, where that is another */
    uint8_t dl_row;                     /* row of dl_tdra; 0xff: no PDSCH in this slot */
    uint8_t n_dl_symbols;
} dl_grid_t;

struct mac {
    mac_config_t cfg;
    radio_cell_t cell;
    mac_up_t up;
    sched_t *sched;
    sched_ues_t *col[2];
    mac_counters_t c;

    uint64_t now;  /* slot n */
    uint64_t slot; /* n + k */
    uint64_t deadline_ns;
    int64_t now_ns;
    fapi_dl_slot_t *out;
    dl_grid_t grid;
    uint8_t active;
    uint64_t closed; /* uplink slots below this one are settled */

    coreset_t coreset0, coreset;
    search_space_t css;
    uint8_t same_coreset;                                /* UE-specific PDCCH is in CORESET 0 */
    uint8_t css_cce[PDCCH_LEVELS][PDCCH_MAX_CANDIDATES]; /* Y is 0: equal in every slot */
    uint8_t si_cce[PDCCH_LEVELS][PDCCH_MAX_CANDIDATES];
    dci_plan_t dci_common;
    radio_dmrs_t dl_dmrs_common[RADIO_MAX_TDRA], ul_dmrs_common[RADIO_MAX_TDRA];
    uint8_t row_full, row_special, row_special_csi; /* dl_tdra rows; 0xff: none */
    uint8_t row_ul;                                 /* ul_tdra row of plugin grants */
    uint16_t pucch_prbs;                            /* reserved at the lower edge */
    uint16_t f2_prb;                                /* first PRB of format 2 for HARQ-ACK */

    uint32_t mib; /* with a zero SFN */
    uint8_t sib1[372];
    uint16_t sib1_bytes;

    page_t pages[MAX_PAGES];
    preamble_t preambles[MAX_PREAMBLES];
    uint8_t n_preambles;
    uint16_t n_access; /* UEs in UE_MSG3 and UE_MSG4 */

    ue_t *ue; /* [max_ues] */
    uint16_t n_used;
    uint8_t started;
    uint16_t re_dl[RADIO_MAX_TDRA],
        re_ul[RADIO_MAX_TDRA]; /* data REs of a PRB, by row, as the plugin is told */
    uint64_t used[(MAC_MAX_UES + 63) / 64];
    uint16_t active_dl[MAC_MAX_UES], active_ul[MAC_MAX_UES];
    uint16_t unasked[MAX_UNASKED];
    uint32_t n_unasked;
    uint8_t *tb_store, **tb_free; /* blocks of tb_cap bytes; those that no process holds */
    uint32_t n_tb_free;
    uint32_t tb_cap;
    int32_t olla_up;
    int16_t mcs_sinr_x10[4][32]; /* by MCS table 1..3: SINR that a row needs, dB x 10 */

    ul_plan_t plan[N_PLANS];
};

/* ---- ue.c ---- */
void bearers_drop(mac_t *m, ue_t *u); /* gives them all back */
ue_t *ue_get(mac_t *m, du_ue_ref_t ref);
ue_t *ue_of_rnti(mac_t *m, uint16_t rnti);
ue_t *ue_take(mac_t *m); /* a free one with RNTI and generation; NULL: none */
void ue_free(mac_t *m, ue_t *u);
void ue_lose(mac_t *m, ue_t *u, mac_loss_t cause);
void ue_connect(mac_t *m, ue_t *u); /* to UE_CONNECTED: the plugin may see it */
static inline du_ue_ref_t ue_ref(const ue_t *u)
{
    return (du_ue_ref_t){u->index, u->generation};
}
/* A buffer for the block of a DL process; last given back, first taken, so that what is in flight stays in
 * the cache. There are as many as there can be processes. */
static inline void tb_take(mac_t *m, harq_t *h)
{
    if (!h->tb)
        h->tb = m->tb_free[--m->n_tb_free];
}
static inline void tb_give(mac_t *m, harq_t *h)
{
    if (h->tb)
        m->tb_free[m->n_tb_free++] = h->tb;
    h->tb = NULL;
}
static inline void tap(mac_t *m, uint8_t dir, uint16_t rnti, uint8_t type, uint16_t ue, uint64_t slot,
                       uint8_t harq, const uint8_t *pdu, uint32_t n)
{
    if (m->up.tap)
        m->up.tap(m->up.ctx, dir, rnti, type, ue, slot, harq, pdu, n);
}

/* ---- grid.c ---- */
void grid_begin(mac_t *m);
ul_plan_t *plan_get(mac_t *m, uint64_t slot); /* opens it when it is not yet; NULL: too far ahead */
/* A free candidate of the common search space at `level` index or above; its first CCE, or -1. Type 0 for
 * SIB1. */
int grid_css_cce(mac_t *m, bool si, uint32_t level, uint8_t *ret_level);
/* Adds a DCI to the slot. ul: UL_DCI.request. false: slab full. */
bool grid_dci(mac_t *m, bool ul, const coreset_t *cs, uint16_t rnti, uint16_t first_cce, uint8_t aggregation,
              const dci_bits_t *bits);
/* Adds a PDSCH whose block is copied from tb. NULL: slab full. */
fapi_pdsch_pdu_t *grid_pdsch(mac_t *m, uint16_t rnti, const radio_tdra_t *row, const radio_dmrs_t *dmrs,
                             uint16_t prb_start, uint16_t n_prb, uint8_t mcs_table, uint8_t mcs, uint8_t rv,
                             const uint8_t *tb, uint32_t tb_bytes);
bool grid_has_room(const mac_t *m, bool ul, uint32_t tb_bytes);
void grid_fill_pusch(const mac_t *m, fapi_pusch_pdu_t *p, uint16_t rnti, const radio_tdra_t *row,
                     const radio_dmrs_t *dmrs, uint16_t prb_start, uint16_t n_prb, uint8_t mcs_table,
                     uint8_t mcs, uint8_t rv, uint32_t tb_bytes);
/* First run of at least n free PRBs in [from, to). -1: none. */
int grid_find_prbs(const uint64_t *mask, uint16_t from, uint16_t to, uint16_t n);
/* Smallest n_prb whose block holds `bytes`; 0: none up to max_prb. */
uint16_t prbs_for(uint32_t bytes, uint8_t mcs_table, uint8_t mcs, uint16_t re_per_prb, uint16_t max_prb,
                  uint32_t *ret_tbs);
/* A PDSCH by format 1_0 in the common search space with type 1 allocation in CORESET 0's PRBs, of at least
 * `bytes`. */
typedef struct {
    int cce;
    uint8_t aggregation, mcs;
    uint16_t prb_start, n_prb; /* carrier PRBs */
    uint32_t tbs, riv;
} common_alloc_t;
bool grid_common_alloc(mac_t *m, bool si, uint32_t bytes, common_alloc_t *ret);
/* Takes what grid_common_alloc found. */
void grid_common_take(mac_t *m, const common_alloc_t *a);

/* ---- common.c ---- */
void common_slot(mac_t *m);
void common_prach(mac_t *m);
void pages_clear(mac_t *m);

/* ---- rach.c ---- */
void rach_indication(mac_t *m, uint64_t slot, const fapi_rach_ind_t *r);
void rach_slot(mac_t *m);
void rach_msg3_result(mac_t *m, ue_t *u, bool ok, bool dtx, const uint8_t *pdu, uint32_t n, uint64_t slot);
/* A row of the uplink time-domain list with at least min_k whose slot, `extra` slots further, is uplink and
 * has room; its PRBs. */
bool rach_ul_place(mac_t *m, uint8_t extra, uint8_t min_k, uint16_t n_prb, uint8_t *ret_row,
                   ul_plan_t **ret_plan, uint16_t *ret_start);
void rach_msg4_feedback(mac_t *m, ue_t *u, harq_t *h, bool ack);

/* ---- access.c ---- */
/* Bytes that SRB1 of a UE in UE_MSG4 has to send, with room for MAC subheaders. */
uint32_t access_queued(const mac_t *m, const ue_t *u);
/* Fills SRB1 into the block. Returns bytes of SDUs. */
uint32_t access_fill(mac_t *m, ue_t *u, mac_build_t *out);
void access_ul_slot(mac_t *m, ue_t *u);
void access_ul_result(mac_t *m, ue_t *u, harq_t *h, uint8_t harq_id, bool ok, const uint8_t *pdu, uint32_t n,
                      uint64_t slot);

/* ---- dl.c ---- */
/* Serves one channel until it or the block is done. Returns bytes of SDUs. */
uint32_t dl_fill_from(mac_t *m, ue_t *u, mac_bearer_t *b, mac_build_t *out);
void dl_refresh(mac_t *m, ue_t *u); /* columns from the bearers' state */
uint32_t dl_active(mac_t *m, uint16_t *list);
bool dl_grant(mac_t *m, const sched_grant_t *g);
void dl_feedback(mac_t *m, uint16_t ue, uint16_t generation, uint8_t harq_id, int outcome,
                 bool dtx); /* outcome 1: ACK */
void dl_columns_harq(mac_t *m, ue_t *u);

/* ---- ul.c ---- */
void ul_refresh(mac_t *m, ue_t *u);
uint32_t ul_active(mac_t *m, uint64_t pusch_slot, uint16_t *list);
void ul_unasked_end(mac_t *m);
bool ul_grant(mac_t *m, const sched_grant_t *g);
void ul_indication(mac_t *m, ul_plan_t *p, const fapi_pusch_ind_t *i, const uint8_t *rx);
void ul_result(mac_t *m, ul_plan_t *p, pusch_plan_t *g, bool ok, bool dtx, const uint8_t *pdu, uint32_t n);
void ul_build(mac_t *m, ul_plan_t *p); /* PUSCH PDUs of the slot */
void ul_columns_harq(mac_t *m, ue_t *u);
void ul_demux(mac_t *m, ue_t *u, const uint8_t *pdu, uint32_t n, uint64_t slot);

/* ---- uci.c ---- */
/* Finds an uplink slot for the feedback of a PDSCH in m->slot. k1_only: as the plugin chose, or VTN_K1_ANY.
 * Reserves nothing. */
typedef struct {
    ul_plan_t *plan;
    uint8_t k1, k1_field, pri, dai;
    uint8_t common_r;
} uci_place_t;
bool uci_place(mac_t *m, ue_t *u, uint8_t k1_only, uci_place_t *ret);
void uci_take(mac_t *m, ue_t *u, const uci_place_t *p, uint8_t harq_id);
/* The same before dedicated configuration. */
bool uci_place_common(mac_t *m, ue_t *u, uint16_t first_cce, uci_place_t *ret);
uint16_t uci_k1_mask(mac_t *m, ue_t *u);
/* HARQ-ACK and CSI bits that a PUSCH of the UE in that slot carries. */
void uci_on_pusch(const ue_t *u, ul_plan_t *p, uint16_t *ret_harq, uint16_t *ret_csi);
void uci_build(mac_t *m, ul_plan_t *p); /* PUCCH PDUs of the slot */
void uci_indication(mac_t *m, ul_plan_t *p, const fapi_uci_ind_t *i);
void uci_bits(mac_t *m, ul_plan_t *p, uint16_t ue, const uint8_t *harq, uint32_t n_bits, bool valid,
              bool dtx);
void uci_csi(mac_t *m, ue_t *u, const uint8_t *bits, uint32_t n);
bool uci_has_csi(const ue_t *u, uint64_t slot);
bool uci_has_sr(const ue_t *u, uint64_t slot);
void uci_close(mac_t *m, ul_plan_t *p); /* what has not been answered is DTX */

/* ---- link.c ---- */
void link_init(mac_t *m);
void link_dl_update(mac_t *m, ue_t *u);
void link_ul_update(mac_t *m, ue_t *u);
/* A first transmission that used MCS `row` was heard of. */
void link_dl_outcome(mac_t *m, ue_t *u, bool ack, uint8_t row);
void link_ul_outcome(mac_t *m, ue_t *u, bool ack, uint8_t row);
void link_ul_sinr(mac_t *m, ue_t *u, int16_t sinr_db_x10);
void link_phr(mac_t *m, ue_t *u);
void link_ta(mac_t *m, ue_t *u, uint16_t ta);

/* Bits from the front of a byte string. */
static inline uint32_t bit_at(const uint8_t *p, uint32_t i)
{
    return p[i >> 3] >> (7 - (i & 7)) & 1;
}

#endif
