/* SPDX-License-Identifier: Apache-2.0 */
/* Inside cu/f1ap: a DU's link, the table of UE ids, and what the files ask of each other. */
#ifndef VITRAN_CU_F1AP_INNER_H
#define VITRAN_CU_F1AP_INNER_H

#include "cu/f1ap/f1ap_cu.h"

typedef enum {
    DU_FREE,
    DU_CONNECTED, /* association up, no F1 setup yet */
    DU_READY,
    DU_RESETTING, /* our RESET is not acknowledged yet */
    DU_REMOVED,   /* F1 removal done: nothing more but a new setup */
    DU_N_STATES
} du_state_t;

struct f1ap_du_link {
    f1ap_cu_t *cu;
    uint16_t state;
    void *peer;
    uint16_t n_streams;
    uint64_t du_id;
    char name[151];
    uint8_t n_cells;
    f1ap_cell_t cells[F1AP_MAX_CELLS]; /* views are cleared: MIB and SIB1 belong to the message */
    bool active[F1AP_MAX_CELLS];
    uint32_t n_ues;
    uint8_t next_transaction;
    bool updating; /* our configuration update is not answered yet */
    f1ap_cgi_t updating_cell;
    bool updating_to;
};

typedef struct {
    f1ap_du_link_t *du; /* NULL: free */
    uint32_t du_ue_id;
    uint16_t generation;
    void *ue;
} ue_id_t;

struct f1ap_cu {
    loop_t *loop;
    f1ap_cu_config_t config;
    f1ap_cu_user_t user;
    f1ap_cu_transport_t transport;
    f1ap_cu_counters_t counters;
    f1ap_du_link_t dus[F1AP_CU_MAX_DUS];
    ue_id_t ues[F1AP_CU_MAX_UES];
    uint32_t ue_hint; /* where the search for a free id begins */
    /* One message is read, and one written, at a time. */
    arena_t rx_arena, tx_arena;
    uint8_t rx_mem[F1AP_ARENA_BYTES], tx_mem[F1AP_ARENA_BYTES], tx_buf[F1AP_MAX_PDU];
};

/* build */
int f1ap_cu_send(f1ap_du_link_t *du, const f1ap_msg_t *m, uint16_t stream);
void f1ap_cu_send_error(f1ap_du_link_t *du, f1ap_ue_ref_t ue, f1ap_cause_t cause);
void f1ap_cu_send_failure(f1ap_du_link_t *du, f1ap_msg_type_t type, uint8_t transaction_id,
                          f1ap_cause_t cause, uint8_t wait_s);
void f1ap_cu_send_setup_response(f1ap_du_link_t *du, f1ap_msg_type_t type, uint8_t transaction_id);
void f1ap_cu_send_transaction(f1ap_du_link_t *du, f1ap_msg_type_t type, uint8_t transaction_id);

/* UE ids (f1ap_cu.c) */
ue_id_t *f1ap_cu_ue_find(f1ap_cu_t *cu, uint32_t cu_ue_id);
uint16_t f1ap_cu_ue_stream(const f1ap_du_link_t *du, uint32_t cu_ue_id);
/* All UEs of the link are lost. */
void f1ap_cu_lose_ues(f1ap_du_link_t *du, f1ap_cause_t cause);
void f1ap_cu_lose_ue(f1ap_cu_t *cu, ue_id_t *id, f1ap_cause_t cause);

/* handle: actions of the table; ctx is the link, arg the f1ap_msg_t */
int f1ap_cu_on_setup(void *ctx, void *arg);
int f1ap_cu_on_du_update(void *ctx, void *arg);
int f1ap_cu_on_cu_update_ack(void *ctx, void *arg);
int f1ap_cu_on_cu_update_failure(void *ctx, void *arg);
int f1ap_cu_on_reset(void *ctx, void *arg);
int f1ap_cu_on_reset_ack(void *ctx, void *arg);
int f1ap_cu_on_removal(void *ctx, void *arg);
int f1ap_cu_on_error(void *ctx, void *arg);
int f1ap_cu_on_status(void *ctx, void *arg);
int f1ap_cu_on_initial_ul(void *ctx, void *arg);
int f1ap_cu_on_ue(void *ctx, void *arg);

#endif
