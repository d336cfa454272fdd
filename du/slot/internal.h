/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of du/slot share:
 *   slot.c      the thread, its clock, the order of a slot
 *   command.c   the control thread's calls and what the slot thread does with them
 *   bearer.c    RLC entities: what they say, DRB packets to and from du/f1u
 *   tap.c       captured MAC PDUs */
#ifndef VITRAN_DU_SLOT_INTERNAL_H
#define VITRAN_DU_SLOT_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "du/f1u/f1u.h"
#include "du/phy/abstract/l1.h"
#include "du/slot/slot.h"
#include "lib/core/clock.h"
#include "lib/core/pcap.h"
#include "lib/core/ring.h"

#define MAX_DRBS (MAC_MAX_UES * 8)
#define N_NOTIFY 64u /* SDUs of one SRB whose delivery is to be told, under way at once */
#define TAP_PDU_BYTES 40960u

typedef enum {
    CMD_L1,
    CMD_SI,
    CMD_CONFIG,
    CMD_REMOVE,
    CMD_REMOVE_ALL,
    CMD_SRB,
    CMD_PAGE,
    CMD_ACTIVE
} cmd_type_t;

/* A configuration on its way to the slot thread and back. */
typedef struct {
    radio_ue_t cfg;
    mac_bearer_t *fresh[RADIO_MAX_LC]; /* by place in cfg.lc; NULL: the bearer is there already */
    du_ue_ref_t ue;
    uint64_t had; /* LCIDs before: they stand again when MAC refuses */
} config_block_t;

typedef struct {
    uint8_t type; /* cmd_type_t */
    uint8_t srb_id, notify, flag;
    uint16_t page_id, page_cycle;
    du_ue_ref_t ue;
    uint32_t u32; /* tag, MIB, drain slots */
    buf_t *buf;
    union {
        fapi_link_t *link;
        config_block_t *config;
    };
} cmd_t;

typedef struct { /* to the control thread, to be freed there */
    mac_bearer_t *bearer;
    config_block_t *config;
    bool unused; /* the fresh bearers of `config` were not taken */
} back_t;

typedef struct {
    mac_bearer_t b;
    du_slot_t *d;
    uint32_t handle; /* of du/f1u */
    f1u_flow_t flow;
    uint32_t drb_at; /* 1-based place in du_slot.drb */
    uint32_t n_notify;
    uint32_t tag[N_NOTIFY];
} bearer_t;

typedef struct {
    buf_t *pdu;
    int64_t utc_ns;
    uint64_t abs_slot;
    uint16_t rnti, ue_id;
    uint8_t dir, rnti_type, harq_id, has_ue;
    uint8_t rlc; /* an RLC PDU of this bearer: */
    uint8_t rlc_mode, sn_bits, is_drb, rb_id;
} tap_t;

struct du_slot {
    du_slot_config_t cfg;
    mac_t *mac;
    l1_counters_t l1;
    du_slot_counters_t c;

    ring_t commands, events, back, taps;
    int event_fd;
    bool events_pushed; /* since the last wake-up of the control thread */

    pthread_t thread;
    bool started;
    atomic_bool stop;
    _Atomic uint32_t kick; /* futex word: the thread sleeps on it while it has no L1 */
    _Atomic uint64_t now;

    /* slot thread */
    fapi_link_t *link;
    uint64_t next;      /* slot that comes next; UINT64_MAX: any */
    uint64_t taken;     /* uplink slots below this one have been taken */
    fapi_ul_slot_t *ul; /* private copy */
    bearer_t *drb[MAX_DRBS];
    uint32_t n_drb;
    pool_t *tap_pool;
    int64_t tap_utc_ns;

    /* control thread */
    struct {
        uint16_t generation;
        uint64_t lcids; /* bit: has a bearer */
    } known[MAC_MAX_UES];
    struct pcap *pcap, *rlc_pcap;
    atomic_bool tap_mac, tap_rlc; /* what the slot thread is to copy */
};

/* ---- slot.c ---- */
void event_push(du_slot_t *d, const du_event_t *e);
void back_push(du_slot_t *d, const back_t *b);
void l1_drop(du_slot_t *d);

/* ---- command.c ---- */
void commands_run(du_slot_t *d);

/* ---- bearer.c ---- */
/* [control] 0, -EINVAL, -ENOMEM. */
int bearer_create(du_slot_t *d, du_ue_ref_t ue, const radio_lc_t *lc, mac_bearer_t **ret);
void bearer_destroy(mac_bearer_t *b);
/* [slot] */
void bearer_attach(du_slot_t *d, mac_bearer_t *b);
void bearer_detach(du_slot_t *d, mac_bearer_t *b);
void bearers_dl(du_slot_t *d);               /* DRB packets from du/f1u */
void bearers_tick(du_slot_t *d, uint64_t n); /* delivery status */

/* ---- tap.c ---- */
void tap_push(void *ctx, uint8_t dir, uint16_t rnti, uint8_t rnti_type, uint16_t ue_id, uint64_t abs_slot,
              uint8_t harq_id, const uint8_t *pdu, uint32_t n);
void tap_rlc_push(void *ctx, uint8_t dir, uint16_t ue_id, uint64_t abs_slot, const radio_lc_t *lc,
                  const uint8_t *pdu, uint32_t n);
void taps_drain(du_slot_t *d); /* [control] */

#endif
