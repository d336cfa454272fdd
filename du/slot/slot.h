/* SPDX-License-Identifier: Apache-2.0 */
/* The DU's slot engine: one thread that owns MAC, RLC and the scheduler plugin of one cell and runs them once
 * a slot.
 *
 * Faces
 *   above, the control thread (du/f1ap, du/e2): the du_slot_* calls below put commands into a ring; what
 * comes back is a du_event_t, taken with du_slot_poll() when du_slot_event_fd() is readable. DRB SDUs go
 * through du/f1u's rings. below, the L1 through lib/fapi: du_slot_l1_attach() gives it a link.
 *
 * Threads: every call here is [control], one thread, and never waits for the slot thread. The slot thread
 * makes no system call, takes no lock and allocates nothing between its wake-up and the slot's end; after the
 * slot's end it may sleep and may write the event descriptor. RLC entities and what else needs memory are
 * made and freed on the control thread.
 *
 * UEs: a UE is named by its cell-local index and the generation of that index (du_ue_ref_t): a command with
 * an old generation does nothing and is counted, so that a late message never reaches the next owner of the
 * index. The slot thread makes a UE when its Msg3 brings a CCCH SDU (DU_EVENT_CCCH); the control thread ends
 * it with du_slot_ue_remove, and gets the index back with DU_EVENT_UE_REMOVED. */
#ifndef VITRAN_DU_SLOT_H
#define VITRAN_DU_SLOT_H

#include "du/mac/mac.h"
#include "du/phy/abstract/l1.h"
#include "lib/core/pool.h"
#include "lib/fapi/link.h"
#include "lib/mac/radio.h"

typedef struct du_slot du_slot_t;

#define DU_DRB_LCID(drb_id) RADIO_DRB_LCID(drb_id)

typedef enum { DU_CLOCK_LOCKSTEP = 0, DU_CLOCK_SYSTEM = 1 } du_clock_t;

typedef struct {
    mac_config_t mac;
    du_clock_t clock;
    int cpu;               /* core to pin the thread to; -1: none */
    int realtime_priority; /* SCHED_FIFO priority; 0: the default policy */
    struct f1u *f1u;       /* the DRB rings of du/f1u; NULL: no user plane */
} du_slot_config_t;

/* ---- life ---- */

/* Allocates all that the slot thread will use. 0; -EINVAL, -ENOMEM, -errno with a sentence in err [256]. */
int du_slot_create(const du_slot_config_t *cfg, char err[256], du_slot_t **ret);
/* Starts the thread. 0 or -errno. A test calls du_slot_run_one() instead. */
int du_slot_start(du_slot_t *d);
/* Ends the thread within a slot. */
void du_slot_stop(du_slot_t *d);
/* Also frees the link that is attached. NULL is fine. */
void du_slot_destroy(du_slot_t *d);

/* Gives the slot thread an L1; a former one is taken away first (all UEs are then lost). The link is the slot
 * engine's until DU_EVENT_L1_DOWN gives the pointer back for fapi_link_destroy. 0, -EAGAIN: ring full. */
int du_slot_l1_attach(du_slot_t *d, fapi_link_t *link);

/* [test, no thread started] Runs commands, indications `ul` (NULL: none) and slot n into `ret`, whose slot is
 * n + k. */
void du_slot_run_one(du_slot_t *d, uint64_t n, const fapi_ul_slot_t *ul, fapi_dl_slot_t *ret);

/* ---- commands ---- */

/* SI: the 24 bits of BCCH-BCH-Message with a zero SFN (MAC puts it in) and BCCH-DL-SCH-Message SIB1. Owned by
 * the engine from here on, buf also on failure. */
int du_slot_set_si(du_slot_t *d, uint32_t mib, buf_t *sib1);
/* The whole configuration that the UE has from now on: bearers that are not in it are removed, new ones are
 * made. The answer is DU_EVENT_UE_CONFIGURED. 0, -EINVAL (a value out of range, two bearers with one LCID),
 * -ENOMEM, -EAGAIN. */
int du_slot_ue_config(du_slot_t *d, du_ue_ref_t ue, const radio_ue_t *cfg);
/* Ends the UE: with `drain_ms` > 0 after what waits on its SRBs has been acknowledged or that time has passed
 * (for an RRCRelease). */
int du_slot_ue_remove(du_slot_t *d, du_ue_ref_t ue, uint32_t drain_ms);
/* An SRB SDU: SRB0: CCCH message for Msg4 (RRCSetup, RRCReject); SRB1, SRB2: a PDCP PDU. `notify`: its
 * DU_EVENT_SRB_DELIVERED carries `tag`. The buffer is the engine's, on failure as well. 0, -EAGAIN. */
int du_slot_srb_send(du_slot_t *d, du_ue_ref_t ue, uint8_t srb_id, buf_t *sdu, bool notify, uint32_t tag);
/* A PCCH message for the paging occasions of a UE; ue_id is 5G-S-TMSI mod 1024 (TS 38.304 7.1), repeated in
 * `n_cycles` cycles. */
int du_slot_page(du_slot_t *d, uint16_t ue_id, uint16_t cycle_frames, uint8_t n_cycles, buf_t *pcch);
/* Starts or stops the F1 state of the cell: off sends no SIB1 and answers no preamble (no F1 connection).
 * Default on. */
int du_slot_cell_active(du_slot_t *d, bool active);
/* All UEs of the cell at once, silently (F1 reset, lost F1): one DU_EVENT_UE_REMOVED each. */
int du_slot_remove_all(du_slot_t *d);

/* ---- events ---- */

typedef enum {
    DU_EVENT_CCCH,          /* a new UE: sdu is its UL-CCCH-Message; rnti is its new C-RNTI */
    DU_EVENT_DCCH,          /* sdu from SRB srb_id: a PDCP PDU */
    DU_EVENT_SRB_DELIVERED, /* the peer's RLC has acknowledged the SDU with `tag` (SRB0: HARQ has) */
    DU_EVENT_UE_CONFIGURED, /* status 0, or -ESTALE: no such UE any more */
    DU_EVENT_UE_REMOVED,    /* the index is free */
    DU_EVENT_UE_LOST,     /* radio link failure: cause is mac_loss_t; the UE still has its context until it is
                             removed */
    DU_EVENT_UE_INACTIVE, /* no DRB data either way for mac_config_t.inactivity_ms; once each time */
    DU_EVENT_L1_UP,
    DU_EVENT_L1_DOWN, /* the link is given back; each UE gets its DU_EVENT_UE_LOST */
} du_event_type_t;

typedef struct {
    du_event_type_t type;
    du_ue_ref_t ue;
    uint16_t rnti;
    uint8_t srb_id;
    uint8_t cause; /* mac_loss_t */
    int32_t status;
    uint32_t tag;
    uint64_t abs_slot;
    buf_t *sdu;        /* the taker's, to free */
    fapi_link_t *link; /* L1_DOWN: the taker's, to destroy */
} du_event_t;

/* Readable when events wait. */
int du_slot_event_fd(const du_slot_t *d);
/* Takes one event: true. Call until false; that also frees what the slot thread has given back and drains the
 * taps. */
bool du_slot_poll(du_slot_t *d, du_event_t *ret);

/* ---- to look at ---- */

/* What the thread counts of its own doings; MAC's are in mac.h. */
#define DU_SLOT_COUNTERS(X)                                                                                  \
    X(slots, COUNTER_INFO, "slots", "run")                                                                   \
    X(late_wakeup, COUNTER_WARNING, "slots", "begun later than a quarter slot after their time")             \
    X(late_end, COUNTER_WARNING, "slots", "ended after the next slot's begin")                               \
    X(skipped, COUNTER_ERROR, "slots", "not run at all: the thread was more than a slot behind")             \
    X(l1_silent, COUNTER_WARNING, "slots",                                                                   \
      "run without the L1's indications of the slot before (system clock)")                                  \
    X(l1_jump, COUNTER_ERROR, "events", "the L1 indicated a slot out of order: the link was dropped")        \
    X(event_ring_full, COUNTER_ERROR, "events", "dropped: the control thread did not take them in time")     \
    X(ul_ring_full, COUNTER_ERROR, "packets", "uplink, dropped: no F1-U, or its ring was full")              \
    X(dl_no_bearer, COUNTER_WARNING, "packets", "downlink, dropped: no such bearer any more")                \
    X(dl_queue_full, COUNTER_WARNING, "packets", "downlink, dropped: RLC refused them")                      \
    X(stale_command, COUNTER_INFO, "commands", "for a UE that is gone: dropped")                             \
    X(tap_dropped, COUNTER_WARNING, "records", "not captured: the tap's ring was full")
COUNTERS_DECLARE(du_slot, DU_SLOT_COUNTERS)

const du_slot_counters_t *du_slot_counters(const du_slot_t *d);
/* Of what the L1 wrote. */
const l1_counters_t *du_slot_l1_counters(const du_slot_t *d);
/* MAC's counters and UE table: fields that only the slot thread writes, to be read with relaxed loads. */
const mac_counters_t *du_slot_mac_counters(const du_slot_t *d);
/* Copies the figures of up to cap UEs; returns how many. */
uint32_t du_slot_ue_stats(const du_slot_t *d, mac_ue_stats_t *ret, uint32_t cap);
/* The latest slot that has been run; UINT64_MAX: none. */
uint64_t du_slot_now(const du_slot_t *d);
/* The plugin host of the cell (du/sched): load, swap, parameters. Its control face is [control] as well. */
struct sched *du_slot_sched(du_slot_t *d);

/* Captures each MAC PDU from now on (MAC-NR in UDP, as Wireshark's mac_nr_udp reads it) into the file; NULL:
 * stop. The pcap stays the caller's. */
struct pcap;
void du_slot_tap(du_slot_t *d, struct pcap *pcap);
/* The same for RLC PDUs (rlc_nr_udp), SRBs and DRBs, into a file of their own. */
void du_slot_tap_rlc(du_slot_t *d, struct pcap *pcap);

#endif
