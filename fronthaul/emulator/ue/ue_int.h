/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of an emulated UE: its state, by layer, and the faces between its files. Internal to
 * fronthaul/emulator/ue. Times in slots count in the UE's own slot number `t` (SFN and slot in frame derive
 * from it), in ns for the layers that want ns. */
#ifndef VITRAN_EMULATOR_UE_INT_H
#define VITRAN_EMULATOR_UE_INT_H

#include <errno.h>
#include <string.h>

#include "fronthaul/emulator/ue/ue.h"
#include "lib/core/arena.h"
#include "lib/core/clock.h"
#include "lib/mac/access.h"
#include "lib/mac/bsr.h"
#include "lib/mac/mcs.h"
#include "lib/mac/pdu.h"
#include "lib/mac/pucch.h"
#include "lib/pdcp/pdcp.h"
#include "lib/rlc/rlc.h"
#include "lib/rrc/cell_group.h"
#include "lib/sdap/sdap.h"

#define UE_N_HARQ 16
#define UE_UL_RING 32 /* slots ahead that a grant or feedback may lie: k1, k2 + delta below it */
#define UE_MAX_TB 131072
#define UE_MAX_ACK 16
#define UE_NEVER UINT64_MAX

/* ---- cell search ---- */

typedef struct {
    bool have_mib, have_sib1;
    int64_t offset; /* t = abs_slot - offset */
    uint16_t pci;
    rrc_mib_t mib;
    coreset_t coreset0; /* prb_start is known from SIB1 on */
    radio_cell_t radio; /* from SIB1 */
    dci_plan_t plan;    /* of the common search spaces */
    uint64_t barred_until;
} ue_cell_t;

/* ---- MAC ---- */

typedef struct {
    bool used, ok; /* a block was begun; it has been decoded */
    uint8_t ndi;
    ue_sch_t sch; /* of the first transmission */
} ue_dl_harq_t;

typedef struct {
    bool used;
    uint8_t ndi;
    ue_sch_t sch;
    uint8_t *tb; /* [size: UE_MAX_TB] shared store, see ue_mac_t.tb_store */
} ue_ul_harq_t;

/* A PUSCH that was granted for a slot. */
typedef struct {
    uint64_t slot; /* UE_NEVER: none */
    ue_sch_t sch;
    bool msg3;
    uint8_t ndi;
    bool is_new;
    uint8_t ul_dai; /* field value of format 0_1; 0xff: none */
} ue_ul_grant_t;

/* HARQ-ACK for an uplink slot: a dynamic codebook, TS 38.213 9.1.3.1. */
typedef struct {
    uint64_t slot;           /* UE_NEVER: none */
    uint8_t wraps, last_dai; /* j and V_temp */
    uint32_t bits;           /* bit i: acknowledgement i */
    uint8_t pri;             /* PUCCH resource indicator of the last DCI */
    uint16_t first_cce, n_cce;
    uint16_t rnti;
    bool common; /* before a dedicated PUCCH: one bit */
} ue_ack_t;

typedef enum { UE_RA_IDLE, UE_RA_PREAMBLE, UE_RA_WINDOW, UE_RA_MSG3, UE_RA_CONTENTION } ue_ra_state_t;

typedef struct {
    ue_ra_state_t state;
    bool for_ccch; /* Msg3 carries CCCH; else a C-RNTI control element */
    uint8_t preamble, tries;
    uint16_t ra_rnti, tc_rnti;
    uint64_t not_before; /* backoff */
    uint64_t deadline;   /* end of the window or of the contention timer */
    uint8_t msg3[8];     /* CCCH SDU */
    uint8_t msg3_n;
    uint16_t ta;
} ue_ra_t;

typedef struct {
    radio_lc_t cfg;
    bool used;
    rlc_t *rlc;
    int64_t bj;         /* TS 38.321 5.4.3.1, bytes */
    uint64_t bj_at;     /* slot of the last refill */
    uint32_t had_bytes; /* data when last looked at */
    int pdcp;           /* index in ue.pdcp: 0 none, 1..3 SRB, 4.. DRB */
} ue_lc_t;

typedef struct {
    uint16_t c_rnti; /* 0: none */
    ue_ra_t ra;
    ue_dl_harq_t dl[UE_N_HARQ];
    ue_ul_harq_t ul[UE_N_HARQ];
    uint8_t *tb_store;
    ue_ul_grant_t grant[UE_UL_RING];
    ue_ack_t ack[UE_UL_RING];

    bool bsr_regular, bsr_periodic; /* triggered */
    uint64_t bsr_periodic_at, bsr_retx_at;
    bool sr_pending;
    uint8_t sr_count;
    uint64_t sr_prohibit_until;
    bool phr_pending;
    uint64_t phr_periodic_at, phr_prohibit_until;
    uint64_t ta_expires;
    uint16_t n_ta;

    bool configured; /* ue radio configuration in force */
    radio_ue_t cfg;
    dci_plan_t plan;
    ue_lc_t lc[RADIO_MAX_LC];
} ue_mac_t;

/* ---- PDCP and SDAP ---- */

enum { UE_PDCP_SRB1 = 1, UE_PDCP_SRB2, UE_PDCP_SRB3, UE_PDCP_DRB = 4, UE_MAX_PDCP = 4 + 8 };

typedef struct {
    ue_t *ue;
    pdcp_t *pdcp;
    uint8_t id;   /* SRB or DRB identity; 0: unused */
    uint8_t lcid; /* 0: none */
    uint8_t pdu_session;
} ue_bearer_t;

/* ---- RRC ---- */

typedef enum {
    UE_RRC_IDLE,
    UE_RRC_SETUP_REQUEST,       /* T300 */
    UE_RRC_REESTABLISHING_CELL, /* T311: looks for a cell */
    UE_RRC_REESTABLISHING,      /* T301 */
    UE_RRC_CONNECTED,
} ue_rrc_state_t;

typedef struct {
    ue_rrc_state_t state;
    uint64_t deadline; /* of T300, T301, T311 by state */
    uint64_t t302_until;
    uint64_t release_at;  /* RRCRelease is carried out then; UE_NEVER: none */
    uint8_t *initial_nas; /* waits for RRCSetupComplete */
    uint32_t initial_nas_n;

    bool security; /* AS security is active */
    uint8_t k_gnb[32], ncc;
    uint8_t nea, nia;
    pdcp_security_t srb_keys, drb_keys;

    /* radio link monitoring, TS 38.331 5.3.10 */
    uint32_t out_of_sync, in_sync;
    uint64_t t310_at; /* UE_NEVER: not running */

    /* of the connection that is to be reestablished */
    uint16_t lost_c_rnti, lost_pci;
    uint8_t reestablishment_cause; /* ReestablishmentCause */
    const char *link_failed;       /* why; NULL: it did not. Carried out in ue_rrc_tick */
} ue_rrc_t;

struct ue {
    ue_config_t config;
    ue_ops_t ops;
    ue_air_t air;
    pool_t *pool;
    crypto_t *crypto;
    log_t log;
    uint64_t rng;

    uint64_t abs_slot, t; /* the slot at hand */
    int64_t now_ns;
    double sinr_db;
    uint32_t ssb_arfcn; /* see ue_tune */
    bool started;       /* NAS was */
    bool want_service;  /* the connection was lost while a session was up */
    int64_t nas_retry_at;

    ue_cell_t cell;
    ue_mac_t mac;
    ue_bearer_t bearer[UE_MAX_PDCP];
    sdap_t sdap;
    bool session_up;
    ue_nas_session_t session;
    bufq_t waiting; /* packets that wait for a bearer */
    ue_rrc_t rrc;
    ue_nas_t *nas;

    uint8_t *scratch; /* [size: RRC_SCRATCH_BYTES] */
    ue_counters_t counters;
    ue_status_t status;
};

uint64_t ue_random(ue_t *u);
static inline uint64_t ue_ms(const ue_t *u, uint32_t ms)
{
    return (uint64_t)ms << u->cell.mib.mu;
}
static inline arena_t ue_scratch(ue_t *u)
{
    arena_t a;
    arena_init(&a, u->scratch, RRC_SCRATCH_BYTES);
    return a;
}

/* cell.c: SSB, MIB and SIB1. */
void ue_cell_reset(ue_t *u);
void ue_cell_on_ssb(ue_t *u, const fapi_ssb_pdu_t *ssb);
void ue_cell_on_sib1(ue_t *u, const uint8_t *bytes, uint32_t n);

/* dci.c: blind decoding. Finds and acts on all DCIs of the slot. */
void ue_dci_scan(ue_t *u, const ue_rx_t *rx);

/* mac_dl.c */
/* A dynamic assignment. `ack_slot` UE_NEVER: no HARQ (SI, RAR, paging). */
typedef struct {
    ue_sch_t sch;
    bool retx_mcs; /* MCS without a rate of its own */
    uint8_t ndi, dai, pri;
    uint64_t ack_slot;
    bool common_pucch;
    uint16_t first_cce, n_cce;
} ue_assignment_t;
void ue_dl_assignment(ue_t *u, const ue_assignment_t *a);
void ue_dl_harq_reset(ue_t *u);

/* mac_ra.c */
void ue_ra_start(ue_t *u, const uint8_t *ccch, uint8_t n); /* ccch NULL: with the C-RNTI */
void ue_ra_stop(ue_t *u);
void ue_ra_on_rar(ue_t *u, const uint8_t *pdu, uint32_t n);
void ue_ra_on_contention_id(ue_t *u, const uint8_t id[6]);
void ue_ra_on_c_rnti_grant(ue_t *u); /* a PDCCH for our C-RNTI while contention is unresolved */
void ue_ra_tick(ue_t *u);            /* timers; sends the preamble when its occasion is there */
void ue_ra_msg3_sent(ue_t *u);

/* mac_ul.c */
void ue_ul_grant(ue_t *u, const ue_ul_grant_t *g);
void ue_ul_tx(ue_t *u);
void ue_ul_reset(ue_t *u);
/* bsr.c: BSR, SR and PHR triggers; once a slot. */
void ue_bsr_tick(ue_t *u);
/* Puts the reports that are due behind the data; returns bytes to reserve before. */
uint32_t ue_bsr_reserve(ue_t *u, bool *ret_long, bool *ret_phr);
void ue_bsr_append(ue_t *u, mac_build_t *b, bool reserved, bool use_long, bool phr, double headroom_db);
void ue_bsr_reset(ue_t *u);
uint32_t ue_lc_bytes(ue_t *u, const ue_lc_t *lc);
double ue_headroom_db(const ue_t *u, uint16_t n_prb);

/* uci.c */
void ue_ack_add(ue_t *u, const ue_assignment_t *a, bool ok);
/* What UCI the slot has; takes it. With `pusch` the bits go into it, else onto PUCCH. ul_dai: of the grant,
 * 0xff: none. */
void ue_uci_tx(ue_t *u, ue_pusch_tx_t *pusch, uint8_t ul_dai);
void ue_uci_reset(ue_t *u);

/* mac.c */
void ue_mac_reset(ue_t *u);
void ue_mac_configure(ue_t *u, const rrc_cell_group_t *cg); /* all but bearers */
ue_lc_t *ue_mac_lc(ue_t *u, uint8_t lcid);                  /* NULL: not there */

/* bearer.c */
int ue_bearer_add_lc(ue_t *u, const radio_lc_t *lc, bool reestablish);
void ue_bearer_release_lc(ue_t *u, uint8_t lcid);
int ue_bearer_add_srb(ue_t *u, uint8_t srb_id, const pdcp_config_t *cfg);
int ue_bearer_add_drb(ue_t *u, const pdcp_config_t *cfg, uint8_t pdu_session);
void ue_bearer_release_drb(ue_t *u, uint8_t drb_id);
void ue_bearer_release_all(ue_t *u);
/* An RRC message on an SRB; bytes are copied. */
int ue_bearer_send_srb(ue_t *u, uint8_t srb_id, const uint8_t *bytes, size_t n);
void ue_bearer_tick(ue_t *u);
/* Sends what waited for a bearer, if there is one now. */
void ue_bearer_flush_ip(ue_t *u);

/* rrc.c */
void ue_rrc_on_camped(ue_t *u);
void ue_rrc_on_ccch(ue_t *u, const uint8_t *bytes, size_t n);
/* An SRB PDU below PDCP while security is not active yet; true: rrc took the buffer. */
bool ue_rrc_peek_smc(ue_t *u, ue_bearer_t *b, buf_t *pdu);
void ue_rrc_on_dcch(ue_t *u, uint8_t srb_id, const uint8_t *bytes, size_t n);
void ue_rrc_on_paging(ue_t *u, const uint8_t *bytes, size_t n);
void ue_rrc_on_ra_failed(ue_t *u);
void ue_rrc_on_ra_ok(ue_t *u);
/* Radio link failure: RLC, random access, integrity, T310. cause: ReestablishmentCause. */
void ue_rrc_link_failed(ue_t *u, const char *why);
void ue_rrc_tick(ue_t *u);
void ue_rrc_rlm(ue_t *u);
void ue_rrc_nas_ul(void *ctx, const uint8_t *pdu, size_t n, bool initial);
void ue_rrc_leave(ue_t *u); /* to idle, everything of the connection is dropped */

/* rrc_reconfig.c */
/* Applies masterCellGroup. 0 or -errno. */
int ue_rrc_apply_cell_group(ue_t *u, const uint8_t *bytes, size_t n);
/* RadioBearerConfig: a rrc_RadioBearerConfig_t. 0 or -errno. */
int ue_rrc_apply_bearers(ue_t *u, const void *radio_bearer_config);
/* rrc_security.c */
int ue_rrc_derive(ue_t *u, uint8_t nea, uint8_t nia);
void ue_rrc_short_mac_i(ue_t *u, uint64_t target_cell, uint16_t c_rnti, uint16_t pci, uint8_t ret[2]);

#endif
