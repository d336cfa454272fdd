/* SPDX-License-Identifier: Apache-2.0 */
/* Commands: the control thread's calls make them, the slot thread runs them between slots. */
#include "du/slot/internal.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- [control] ---- */

static int send_cmd(du_slot_t *d, const cmd_t *c)
{
    if (!ring_push(&d->commands, c))
        return -EAGAIN;
    atomic_fetch_add(&d->kick, 1);
    syscall(SYS_futex, &d->kick, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    return 0;
}

static int send_buf(du_slot_t *d, const cmd_t *c)
{
    int r = send_cmd(d, c);
    if (r < 0)
        buf_free(c->buf);
    return r;
}

int du_slot_l1_attach(du_slot_t *d, fapi_link_t *link)
{
    return send_cmd(d, &(cmd_t){.type = CMD_L1, .link = link});
}

int du_slot_set_si(du_slot_t *d, uint32_t mib, buf_t *sib1)
{
    return send_buf(d, &(cmd_t){.type = CMD_SI, .u32 = mib, .buf = sib1});
}

int du_slot_ue_remove(du_slot_t *d, du_ue_ref_t ue, uint32_t drain_ms)
{
    return send_cmd(d, &(cmd_t){.type = CMD_REMOVE, .ue = ue, .u32 = drain_ms << mac_cell(d->mac)->mu});
}

int du_slot_remove_all(du_slot_t *d)
{
    return send_cmd(d, &(cmd_t){.type = CMD_REMOVE_ALL});
}

int du_slot_srb_send(du_slot_t *d, du_ue_ref_t ue, uint8_t srb_id, buf_t *sdu, bool notify, uint32_t tag)
{
    return send_buf(
        d, &(cmd_t){.type = CMD_SRB, .ue = ue, .srb_id = srb_id, .notify = notify, .u32 = tag, .buf = sdu});
}

int du_slot_page(du_slot_t *d, uint16_t ue_id, uint16_t cycle_frames, uint8_t n_cycles, buf_t *pcch)
{
    return send_buf(
        d,
        &(cmd_t){
            .type = CMD_PAGE, .page_id = ue_id, .page_cycle = cycle_frames, .flag = n_cycles, .buf = pcch});
}

int du_slot_cell_active(du_slot_t *d, bool active)
{
    return send_cmd(d, &(cmd_t){.type = CMD_ACTIVE, .flag = active});
}

/* 0, or -EINVAL for what MAC could not run: two bearers with one LCID, an LCID that is not the bearer's. */
static int check_bearers(const radio_ue_t *cfg)
{
    uint64_t seen = 0;
    if (cfg->n_lc > RADIO_MAX_LC)
        return -EINVAL;
    for (uint32_t i = 0; i < cfg->n_lc; i++) {
        const radio_lc_t *lc = &cfg->lc[i];
        uint32_t want = lc->is_drb ? (uint32_t)DU_DRB_LCID(lc->rb_id) : lc->rb_id;
        if (!lc->rb_id || lc->lcid != want || lc->lcid > 32 || (seen >> lc->lcid & 1) || lc->lcg > 7 ||
            (!lc->is_drb && lc->rb_id > 3) || lc->slice >= 16)
            return -EINVAL;
        seen |= UINT64_C(1) << lc->lcid;
    }
    return 0;
}

int du_slot_ue_config(du_slot_t *d, du_ue_ref_t ue, const radio_ue_t *cfg)
{
    int r = check_bearers(cfg);
    if (r < 0 || ue.index >= MAC_MAX_UES)
        return -EINVAL;
    uint64_t have = d->known[ue.index].generation == ue.generation ? d->known[ue.index].lcids : 0, want = 0;
    config_block_t *b = calloc(1, sizeof *b);
    if (!b)
        return -ENOMEM;
    b->cfg = *cfg;
    b->ue = ue;
    b->had = have;
    for (uint32_t i = 0; i < cfg->n_lc && !r; i++) {
        want |= UINT64_C(1) << cfg->lc[i].lcid;
        if (!(have >> cfg->lc[i].lcid & 1))
            r = bearer_create(d, ue, &cfg->lc[i], &b->fresh[i]);
    }
    if (!r)
        r = send_cmd(d, &(cmd_t){.type = CMD_CONFIG, .ue = ue, .config = b});
    if (r < 0) {
        for (uint32_t i = 0; i < RADIO_MAX_LC; i++)
            bearer_destroy(b->fresh[i]);
        free(b);
        return r;
    }
    d->known[ue.index].generation = ue.generation;
    d->known[ue.index].lcids = want;
    return 0;
}

/* ---- [slot] ---- */

static void run_config(du_slot_t *d, const cmd_t *c)
{
    config_block_t *b = c->config;
    int r = mac_ue_configure(d->mac, c->ue, &b->cfg, b->fresh);
    if (!r)
        for (uint32_t i = 0; i < b->cfg.n_lc; i++)
            if (b->fresh[i])
                bearer_attach(d, b->fresh[i]);
    if (r == -ESTALE)
        d->c.stale_command++;
    back_push(d, &(back_t){.config = b, .unused = r < 0});
    event_push(d, &(du_event_t){.type = DU_EVENT_UE_CONFIGURED, .ue = c->ue, .status = r});
}

static void run_srb(du_slot_t *d, const cmd_t *c)
{
    int r;
    if (c->srb_id == 0) {
        r = mac_ccch_send(d->mac, c->ue, c->buf);
    } else {
        mac_bearer_t *m = mac_bearer(d->mac, c->ue, c->srb_id);
        c->buf->user = 0;
        if (m && c->notify) {
            bearer_t *b = m->user;
            b->tag[b->n_notify % N_NOTIFY] = c->u32;
            c->buf->user = 1 + b->n_notify++ % N_NOTIFY;
        }
        r = mac_sdu_send(d->mac, c->ue, c->srb_id, c->buf);
    }
    if (r < 0)
        d->c.stale_command++;
}

static void run(du_slot_t *d, const cmd_t *c)
{
    int r = 0;
    switch ((cmd_type_t)c->type) {
    case CMD_L1:
        if (d->link)
            l1_drop(d);
        d->link = c->link;
        d->next = d->taken = UINT64_MAX;
        event_push(d, &(du_event_t){.type = DU_EVENT_L1_UP});
        break;
    case CMD_SI:
        mac_set_si(d->mac, c->u32, c->buf->data, c->buf->len);
        buf_free(c->buf);
        break;
    case CMD_CONFIG:
        run_config(d, c);
        break;
    case CMD_REMOVE: /* nothing drains without slots */
        r = mac_ue_remove(d->mac, c->ue, d->link || !d->started ? c->u32 : 0);
        break;
    case CMD_REMOVE_ALL:
        mac_remove_all(d->mac);
        break;
    case CMD_SRB:
        run_srb(d, c);
        break;
    case CMD_PAGE:
        mac_page(d->mac, c->page_id, c->page_cycle, c->flag, c->buf);
        break;
    case CMD_ACTIVE:
        mac_set_active(d->mac, c->flag);
        break;
    }
    if (r == -ESTALE)
        d->c.stale_command++;
}

void commands_run(du_slot_t *d)
{
    cmd_t c;
    while (ring_pop(&d->commands, &c))
        run(d, &c);
}
