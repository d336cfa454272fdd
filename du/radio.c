/* SPDX-License-Identifier: Apache-2.0 */
/* F1AP's lower face bound to the slot engine and to F1-U. */
#include "du/radio.h"

#include <errno.h>

static int ue_config(void *ctx, du_ue_ref_t ue, const radio_ue_t *cfg)
{
    du_radio_t *e = ctx;
    return e->slot ? du_slot_ue_config(e->slot, ue, cfg) : -ENODEV;
}

static int ue_remove(void *ctx, du_ue_ref_t ue, uint32_t drain_ms)
{
    du_radio_t *e = ctx;
    return e->slot ? du_slot_ue_remove(e->slot, ue, drain_ms) : -ENODEV;
}

static int srb_send(void *ctx, du_ue_ref_t ue, uint8_t srb_id, buf_t *sdu, bool notify, uint32_t tag)
{
    du_radio_t *e = ctx;
    if (e->slot)
        return du_slot_srb_send(e->slot, ue, srb_id, sdu, notify, tag);
    buf_free(sdu);
    return -ENODEV;
}

static int page(void *ctx, uint16_t ue_id, uint16_t cycle_frames, uint8_t n_cycles, buf_t *pcch)
{
    du_radio_t *e = ctx;
    if (e->slot)
        return du_slot_page(e->slot, ue_id, cycle_frames, n_cycles, pcch);
    buf_free(pcch);
    return -ENODEV;
}

static int cell_active(void *ctx, bool active)
{
    du_radio_t *e = ctx;
    return e->slot ? du_slot_cell_active(e->slot, active) : 0;
}

static int remove_all(void *ctx)
{
    du_radio_t *e = ctx;
    return e->slot ? du_slot_remove_all(e->slot) : 0;
}

static int tunnel_add(void *ctx, const f1u_tunnel_config_t *config, uint32_t *ret_local_teid)
{
    du_radio_t *e = ctx;
    return e->f1u ? f1u_tunnel_add(e->f1u, config, ret_local_teid) : -ENODEV;
}

static int tunnel_remove(void *ctx, uint32_t local_teid)
{
    du_radio_t *e = ctx;
    return e->f1u ? f1u_tunnel_remove(e->f1u, local_teid) : -ENODEV;
}

f1ap_du_radio_t du_radio_face(du_radio_t *engines)
{
    return (f1ap_du_radio_t){engines,     ue_config,  ue_remove,  srb_send,     page,
                             cell_active, remove_all, tunnel_add, tunnel_remove};
}
