/* SPDX-License-Identifier: Apache-2.0 */
/* F1AP's lower face (f1ap_du_radio_t) bound to a slot engine and an F1-U. Control thread. */
#ifndef VITRAN_DU_RADIO_H
#define VITRAN_DU_RADIO_H

#include "du/f1ap/f1ap_du.h"

typedef struct {
    du_slot_t *slot; /* NULL: commands are refused with -ENODEV */
    f1u_t *f1u;      /* likewise */
} du_radio_t;

/* `engines` must outlive the F1AP. */
f1ap_du_radio_t du_radio_face(du_radio_t *engines);

#endif
