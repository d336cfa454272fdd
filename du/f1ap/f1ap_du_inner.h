/* SPDX-License-Identifier: Apache-2.0 */
/* Inside du/f1ap: the interface, a UE's context, and what the files ask of each other. */
#ifndef VITRAN_DU_F1AP_INNER_H
#define VITRAN_DU_F1AP_INNER_H

#include "du/f1ap/f1ap_du.h"
#include "lib/rrc/cell_group.h"
#include "lib/rrc/sysinfo.h"

/* ---- the interface ---- */

typedef enum {
    LINK_DOWN,
    LINK_SETUP, /* F1 SETUP REQUEST is out, or waits for its time */
    LINK_READY,
    LINK_RESETTING, /* our RESET is not acknowledged yet */
    LINK_N_STATES
} link_state_t;

/* Events of the interface: the messages, and these. */
enum { LINK_EV_UP = F1AP_N_TYPES, LINK_EV_DOWN, LINK_EV_TIMER, LINK_EV_RESET, LINK_N_EVENTS };

/* ---- a UE ---- */

typedef enum {
    UE_ACCESS,      /* INITIAL UL RRC MESSAGE TRANSFER is out; the CU has not answered */
    UE_ACTIVE,      /* both ids known */
    UE_CONFIGURING, /* the slot engine works on what the CU asked for */
    UE_LOST,        /* the radio link failed; the CU has been asked to release */
    UE_RELEASING,   /* released by the CU; the slot engine empties its queues */
    UE_N_STATES
} ue_state_t;

/* Events of a UE: the messages, and these of the radio. */
enum {
    UE_EV_DCCH = F1AP_N_TYPES,
    UE_EV_DELIVERED,
    UE_EV_CONFIGURED,
    UE_EV_REMOVED,
    UE_EV_RADIO_LOST,
    UE_EV_INACTIVE,
    UE_N_EVENTS
};

typedef struct {
    bool used;
    uint16_t state;
    du_ue_ref_t ref;
    uint16_t rnti;
    uint32_t du_ue_id, cu_ue_id;
    bool has_cu_ue_id;
    bool configured; /* the slot engine has its radio configuration */
    bool untold;     /* re-established: the UE has not been told of that configuration */
    bool monitor_inactivity;
    radio_ue_t radio;
    uint32_t teid[33];           /* DU's end of F1-U by DRB id; 0: none */
    f1ap_msg_t *pending;         /* UE_CONFIGURING: the response that goes out when the slot engine is done */
    uint8_t pending_bytes[2048]; /* its CellGroupConfig */
} du_ue_t;

struct f1ap_du {
    loop_t *loop;
    f1ap_du_config_t config;
    f1ap_du_radio_t radio;
    f1ap_du_transport_t transport;
    f1ap_du_counters_t counters;
    uint16_t state;
    uint16_t n_streams;
    uint8_t next_transaction, setup_transaction;
    bool cell_on;
    bool refused;  /* the CU has; the timer runs to the next attempt */
    bool updating; /* our configuration update is not answered yet */
    char cu_name[151];
    loop_timer_t timer;
    uint32_t mib;
    uint8_t mib_bytes[3], sib1[RRC_SIB1_BYTES], timing[16];
    uint8_t sib1_alone[RRC_SIB1_BYTES]; /* without BCCH-DL-SCH-Message around it */
    uint32_t sib1_n, sib1_alone_n, timing_n;
    du_ue_t ues[MAC_MAX_UES];
    arena_t rx_arena, tx_arena, rrc_arena;
    uint8_t rx_mem[F1AP_ARENA_BYTES], tx_mem[F1AP_ARENA_BYTES], rrc_mem[RRC_SCRATCH_BYTES];
    uint8_t tx_buf[F1AP_MAX_PDU];
    uint8_t setup_request[F1AP_MAX_PDU]; /* as it was sent */
    size_t setup_request_n;
    const uint8_t *rx_bytes; /* the message that is being handled */
    size_t rx_n;
};

/* An action's argument: the message or the event that came, and the UE's own state behind it. */
typedef struct {
    f1ap_du_t *d;
    const f1ap_msg_t *m;
    const du_event_t *e;
} ue_arg_t;

/* build */
int f1ap_du_send(f1ap_du_t *d, const f1ap_msg_t *m, uint16_t stream);
int f1ap_du_send_ue(f1ap_du_t *d, const du_ue_t *ue, const f1ap_msg_t *m);
void f1ap_du_send_error(f1ap_du_t *d, f1ap_ue_ref_t ue, f1ap_cause_t cause);
void f1ap_du_send_failure(f1ap_du_t *d, f1ap_msg_type_t type, uint8_t transaction_id, f1ap_cause_t cause);
void f1ap_du_send_ue_cause(f1ap_du_t *d, const du_ue_t *ue, f1ap_msg_type_t type, f1ap_cause_t cause);
/* The served cell with its system information; views into d. */
void f1ap_du_fill_cell(const f1ap_du_t *d, f1ap_cell_t *ret);
/* Encodes MIB, SIB1 and measurement timing of d->config.cell into d. 0 or -EINVAL. */
int f1ap_du_build_si(f1ap_du_t *d);
/* PCCH-Message with one 5G-S-TMSI. 0 or -EINVAL. */
int f1ap_du_build_paging(f1ap_du_t *d, uint64_t five_s_tmsi, uint8_t *buf, size_t cap, size_t *ret_n);

/* link actions: ctx is the f1ap_du_t, arg the f1ap_msg_t or NULL */
int f1ap_du_on_up(void *ctx, void *arg);
int f1ap_du_on_down(void *ctx, void *arg);
int f1ap_du_on_timer(void *ctx, void *arg);
int f1ap_du_on_setup_response(void *ctx, void *arg);
int f1ap_du_on_setup_failure(void *ctx, void *arg);
int f1ap_du_on_update_answer(void *ctx, void *arg);
int f1ap_du_on_cu_update(void *ctx, void *arg);
int f1ap_du_on_reset(void *ctx, void *arg);
int f1ap_du_on_reset_ack(void *ctx, void *arg);
int f1ap_du_on_error(void *ctx, void *arg);
int f1ap_du_on_paging(void *ctx, void *arg);
int f1ap_du_on_si_delivery(void *ctx, void *arg);
int f1ap_du_on_ue(void *ctx, void *arg);
int f1ap_du_do_reset(void *ctx, void *arg);

/* UEs */
du_ue_t *f1ap_du_ue_of_ref(f1ap_du_t *d, du_ue_ref_t ref);
du_ue_t *f1ap_du_ue_of_id(f1ap_du_t *d, uint32_t du_ue_id);
/* Forgets the UE and its tunnels; the radio is told unless it already knows. */
void f1ap_du_ue_forget(f1ap_du_t *d, du_ue_t *ue, bool tell_radio);
void f1ap_du_ue_forget_all(f1ap_du_t *d);
void f1ap_du_ue_new(f1ap_du_t *d, const du_event_t *e);
/* A context setup for a UE that is not here by random access. */
void f1ap_du_ue_refuse_setup(f1ap_du_t *d, const f1ap_context_request_t *m, f1ap_cause_t cause);

/* UE actions: ctx is the du_ue_t, arg a ue_arg_t */
int f1ap_du_ue_dl_rrc(void *ctx, void *arg);
int f1ap_du_ue_configure(void *ctx, void *arg);
int f1ap_du_ue_configured(void *ctx, void *arg);
int f1ap_du_ue_release(void *ctx, void *arg);
int f1ap_du_ue_released(void *ctx, void *arg);
int f1ap_du_ue_dcch(void *ctx, void *arg);
int f1ap_du_ue_delivered(void *ctx, void *arg);
int f1ap_du_ue_radio_lost(void *ctx, void *arg);
int f1ap_du_ue_gone(void *ctx, void *arg);
int f1ap_du_ue_inactive(void *ctx, void *arg);
int f1ap_du_ue_busy(void *ctx, void *arg);
int f1ap_du_ue_confirm(void *ctx, void *arg);

#endif
