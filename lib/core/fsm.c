/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/core/fsm.h"

#include <errno.h>

int fsm_step(const fsm_t *fsm, uint16_t *state, uint16_t event, void *ctx, void *arg)
{
    const fsm_row_t *found = NULL;
    for (uint16_t i = 0; i < fsm->n_rows; i++) {
        const fsm_row_t *row = &fsm->rows[i];
        if (row->event != event)
            continue;
        if (row->state == *state) {
            found = row;
            break;
        }
        if (row->state == FSM_ANY && !found)
            found = row;
    }
    if (!found)
        return -EPROTO;
    int r = found->action ? found->action(ctx, arg) : 0;
    if (r < 0)
        return r;
    if (found->next != FSM_ANY)
        *state = found->next;
    return 0;
}

void fsm_print_dot(const fsm_t *fsm, FILE *to)
{
    fprintf(to, "digraph \"%s\" {\n", fsm->name);
    for (uint16_t i = 0; i < fsm->n_rows; i++) {
        const fsm_row_t *row = &fsm->rows[i];
        const char *from = row->state == FSM_ANY ? "any" : fsm->states[row->state];
        const char *next = row->next == FSM_ANY ? from : fsm->states[row->next];
        fprintf(to, "    \"%s\" -> \"%s\" [label=\"%s / %s\"];\n", from, next, fsm->events[row->event],
                row->action ? row->action_name : "-");
    }
    fprintf(to, "}\n");
}
