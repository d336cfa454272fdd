/* SPDX-License-Identifier: Apache-2.0 */
/* State machines as tables: a row is state, event, action, next. An event with no row in the state at hand is
 * refused with -EPROTO, so that what a procedure does not expect is counted and never acted upon.
 * `fsm_print_dot` draws the table. One machine is driven by one thread. */
#ifndef VITRAN_CORE_FSM_H
#define VITRAN_CORE_FSM_H

#include <stdint.h>
#include <stdio.h>

/* The action may fail: then the state stays and fsm_step returns what it returned. NULL: nothing to do. */
typedef int (*fsm_action_t)(void *ctx, void *arg);

#define FSM_ANY                                                                                              \
    UINT16_MAX /* as row state: any state that has no row of its own for the event; as next: stay */

typedef struct {
    uint16_t state, event;
    fsm_action_t action;
    uint16_t next;
    const char *action_name; /* for the drawing; FSM_ROW fills it */
} fsm_row_t;

#define FSM_ROW(state, event, action, next)                                                                  \
    {                                                                                                        \
        state, event, action, next, #action                                                                  \
    }

typedef struct {
    const char *name;
    const char *const *states; /* [size: n_states] */
    const char *const *events; /* [size: n_events] */
    const fsm_row_t *rows;     /* [size: n_rows] */
    uint16_t n_states, n_events, n_rows;
} fsm_t;

/* Runs the row for (*state, event). 0, -EPROTO (no such row), or the action's own error. */
int fsm_step(const fsm_t *fsm, uint16_t *state, uint16_t event, void *ctx, void *arg);
/* Graphviz text. */
void fsm_print_dot(const fsm_t *fsm, FILE *to);

#endif
