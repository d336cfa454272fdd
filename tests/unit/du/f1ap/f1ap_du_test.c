/* SPDX-License-Identifier: Apache-2.0 */
/* The DU's F1AP between a scripted CU and a scripted slot engine, in virtual time. */
#include <errno.h>
#include <stdlib.h>

#include "du/f1ap/f1ap_du.h"
#include "lib/rrc/cell_group.h"
#include "tests/unit/cu.h"

enum { MAX_SENT = 16, POOL = 32 };
enum { OP_CONFIG, OP_REMOVE, OP_SRB, OP_PAGE, OP_ACTIVE, OP_REMOVE_ALL };

typedef struct { /* one command to the radio */
    int op;
    du_ue_ref_t ue;
    uint32_t value; /* drain time, SRB, on or off, paging index */
    bool notify;
    uint32_t tag;
} op_t;

typedef struct {
    loop_t *loop;
    pool_t *pool;
    f1ap_du_t *du;
    f1ap_du_config_t config;
    uint32_t n_sent, n_ops, tunnels, next_teid;
    f1ap_msg_t sent[MAX_SENT];
    uint8_t sent_mem[MAX_SENT][4096], arena_mem[MAX_SENT][16384];
    op_t ops[64];
    radio_ue_t last_config;
    uint8_t last_sdu[256];
    uint32_t last_sdu_n;
    bool refuse_config;
    arena_t arena;
    uint8_t mem[65536];
} rig_t;

static const du_ue_ref_t ref = {3, 9};
enum { DU_UE_ID = 9 << 16 | 3, CU_UE_ID = 1024 };

static op_t *add_op(rig_t *r, int op)
{
    op_t *o = &r->ops[r->n_ops++ % 64];
    *o = (op_t){.op = op};
    return o;
}

static int ue_config(void *ctx, du_ue_ref_t ue, const radio_ue_t *cfg)
{
    rig_t *r = ctx;
    if (r->refuse_config)
        return -ENOMEM;
    add_op(r, OP_CONFIG)->ue = ue;
    r->last_config = *cfg;
    return 0;
}

static int ue_remove(void *ctx, du_ue_ref_t ue, uint32_t drain_ms)
{
    op_t *o = add_op(ctx, OP_REMOVE);
    o->ue = ue;
    o->value = drain_ms;
    return 0;
}

static int srb_send(void *ctx, du_ue_ref_t ue, uint8_t srb_id, buf_t *sdu, bool notify, uint32_t tag)
{
    rig_t *r = ctx;
    *add_op(r, OP_SRB) = (op_t){OP_SRB, ue, srb_id, notify, tag};
    r->last_sdu_n = sdu->len;
    memcpy(r->last_sdu, sdu->data, sdu->len < sizeof r->last_sdu ? sdu->len : sizeof r->last_sdu);
    buf_free(sdu);
    return 0;
}

static int page(void *ctx, uint16_t ue_id, uint16_t cycle_frames, uint8_t n_cycles, buf_t *pcch)
{
    (void)cycle_frames;
    (void)n_cycles;
    rig_t *r = ctx;
    add_op(r, OP_PAGE)->value = ue_id;
    r->last_sdu_n = pcch->len;
    buf_free(pcch);
    return 0;
}

static int cell_active(void *ctx, bool active)
{
    add_op(ctx, OP_ACTIVE)->value = active;
    return 0;
}

static int remove_all(void *ctx)
{
    add_op(ctx, OP_REMOVE_ALL);
    return 0;
}

static int tunnel_add(void *ctx, const f1u_tunnel_config_t *config, uint32_t *ret_local_teid)
{
    rig_t *r = ctx;
    CU_ASSERT_EQUAL(config->bearer >> 5, du_bearer_handle(ref, 1) >> 5); /* the UE; below it the DRB */
    r->tunnels++;
    *ret_local_teid = ++r->next_teid;
    return 0;
}

static int tunnel_remove(void *ctx, uint32_t local_teid)
{
    (void)local_teid;
    ((rig_t *)ctx)->tunnels--;
    return 0;
}

static int send_f1(void *ctx, uint16_t stream, const uint8_t *bytes, size_t n)
{
    rig_t *r = ctx;
    uint32_t at = r->n_sent++ % MAX_SENT;
    arena_t a;
    f1ap_fault_t fault;
    (void)stream;
    CU_ASSERT_FATAL(n <= sizeof r->sent_mem[0]);
    memcpy(r->sent_mem[at], bytes, n);
    arena_init(&a, r->arena_mem[at], sizeof r->arena_mem[at]);
    CU_ASSERT_EQUAL(f1ap_parse(r->sent_mem[at], n, &a, &r->sent[at], &fault), 0);
    return 0;
}

static const f1ap_msg_t *sent(rig_t *r, f1ap_msg_type_t type)
{
    for (uint32_t i = r->n_sent; i > 0 && r->n_sent - i < MAX_SENT; i--)
        if (r->sent[(i - 1) % MAX_SENT].type == type)
            return &r->sent[(i - 1) % MAX_SENT];
    return NULL;
}

static const op_t *op(rig_t *r, int what)
{
    for (uint32_t i = r->n_ops; i > 0; i--)
        if (r->ops[(i - 1) % 64].op == what)
            return &r->ops[(i - 1) % 64];
    return NULL;
}

static void clear(rig_t *r)
{
    r->n_sent = r->n_ops = 0;
    memset(r->sent, 0, sizeof r->sent);
    memset(r->ops, 0, sizeof r->ops);
}

static void from_cu(rig_t *r, const f1ap_msg_t *m)
{
    uint8_t wire[8192];
    size_t n;
    arena_init(&r->arena, r->mem, sizeof r->mem);
    CU_ASSERT_EQUAL_FATAL(f1ap_build(m, &r->arena, wire, sizeof wire, &n, NULL), 0);
    f1ap_du_link_message(r->du, wire, n);
}

static void event(rig_t *r, du_event_type_t type, const void *sdu, uint32_t n, uint32_t value)
{
    du_event_t e = {.type = type, .ue = ref, .rnti = 0x4601, .sdu = sdu ? buf_from(r->pool, sdu, n) : NULL};
    e.srb_id = (uint8_t)value;
    e.cause = (uint8_t)value;
    e.tag = value;
    f1ap_du_event(r->du, &e);
}

static rig_t *rig_new(void)
{
    rig_t *r = calloc(1, sizeof *r);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    CU_ASSERT_EQUAL_FATAL(loop_create(&r->loop), 0);
    loop_set_virtual(r->loop);
    CU_ASSERT_EQUAL_FATAL(pool_create(&r->pool, POOL, 2048), 0);
    r->config = (f1ap_du_config_t){.du_id = 1,
                                   .name = "du",
                                   .n_slices = 2,
                                   .slices = {{1, F1AP_NO_SD}, {1, 2}},
                                   .f1u_address = 0x0a0a001e,
                                   .setup_retry_ms = 1000,
                                   .release_drain_ms = 150,
                                   .pool = r->pool};
    CU_ASSERT_EQUAL_FATAL(radio_cell_defaults(&r->config.cell, 51), 0);
    f1ap_du_radio_t radio = {r,           ue_config,  ue_remove,  srb_send,     page,
                             cell_active, remove_all, tunnel_add, tunnel_remove};
    f1ap_du_transport_t t = {r, send_f1};
    CU_ASSERT_EQUAL_FATAL(f1ap_du_create(r->loop, &r->config, &radio, &t, &r->du), 0);
    return r;
}

static void rig_free(rig_t *r)
{
    f1ap_du_destroy(r->du);
    CU_ASSERT_EQUAL(pool_free_count(r->pool), POOL);
    pool_destroy(r->pool);
    loop_destroy(r->loop);
    free(r);
}

static f1ap_cgi_t our_cell(const rig_t *r)
{
    f1ap_cgi_t c = {.nr_cell_id = r->config.cell.nr_cell_id};
    memcpy(c.plmn, r->config.cell.plmn, 3);
    return c;
}

static void accept_setup(rig_t *r)
{
    f1ap_msg_t m = {.type = F1AP_SETUP_RESPONSE};
    const f1ap_msg_t *q = sent(r, F1AP_SETUP_REQUEST);
    CU_ASSERT_PTR_NOT_NULL_FATAL(q);
    m.u.setup_response.transaction_id = q->u.setup_request.transaction_id;
    m.u.setup_response.n_activate = 1;
    m.u.setup_response.activate[0].cgi = our_cell(r);
    from_cu(r, &m);
}

static rig_t *up(void)
{
    rig_t *r = rig_new();
    f1ap_du_link_up(r->du, 8);
    accept_setup(r);
    CU_ASSERT_STRING_EQUAL(f1ap_du_state(r->du), "ready");
    return r;
}

/* ---- the interface ---- */

static void test_setup(void)
{
    rig_t *r = rig_new();
    f1ap_du_link_up(r->du, 8);
    const f1ap_msg_t *q = sent(r, F1AP_SETUP_REQUEST);
    CU_ASSERT_PTR_NOT_NULL_FATAL(q);
    CU_ASSERT_EQUAL(q->u.setup_request.n_cells, 1);
    CU_ASSERT_EQUAL(q->u.setup_request.cells[0].n_slices, 2);
    CU_ASSERT_EQUAL(q->u.setup_request.cells[0].ssb_arfcn, r->config.cell.ssb_arfcn);
    CU_ASSERT_EQUAL(q->u.setup_request.cells[0].mib.n, 3);
    CU_ASSERT(q->u.setup_request.cells[0].sib1.n > 20);
    CU_ASSERT_PTR_NULL(op(r, OP_ACTIVE));

    /* An answer to something else is dropped; silence is asked again; a refusal is waited out. */
    f1ap_msg_t m = {.type = F1AP_SETUP_RESPONSE};
    m.u.setup_response.transaction_id = (uint8_t)(q->u.setup_request.transaction_id + 1);
    from_cu(r, &m);
    CU_ASSERT_STRING_EQUAL(f1ap_du_state(r->du), "setting up");
    loop_advance(r->loop, 1100000000);
    CU_ASSERT_EQUAL(r->n_sent, 2);
    f1ap_msg_t no = {.type = F1AP_SETUP_FAILURE};
    no.u.failure = (f1ap_failure_t){.cause = F1AP_MISC(om_intervention), .wait_s = 5};
    from_cu(r, &no);
    loop_advance(r->loop, 4900000000);
    CU_ASSERT_EQUAL(r->n_sent, 2);
    loop_advance(r->loop, 200000000);
    CU_ASSERT_EQUAL(r->n_sent, 3);
    accept_setup(r);
    CU_ASSERT_EQUAL(op(r, OP_ACTIVE)->value, 1);
    CU_ASSERT_EQUAL(f1ap_du_counters(r->du)->setups, 1);
    loop_advance(r->loop, 10000000000);
    CU_ASSERT_EQUAL(r->n_sent, 3);
    rig_free(r);
}

static void test_cu_update(void)
{
    rig_t *r = up();
    f1ap_msg_t m = {.type = F1AP_CU_UPDATE};
    m.u.cu_update = (f1ap_cu_update_t){.transaction_id = 4, .n_activate = 1, .n_deactivate = 1};
    m.u.cu_update.activate[0].cgi = our_cell(r);
    m.u.cu_update.activate[0].cgi.nr_cell_id++;
    m.u.cu_update.deactivate[0].cgi = our_cell(r);
    from_cu(r, &m);
    const f1ap_msg_t *a = sent(r, F1AP_CU_UPDATE_ACK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(a);
    CU_ASSERT_EQUAL(a->u.cu_update_ack.transaction_id, 4);
    CU_ASSERT_EQUAL(a->u.cu_update_ack.n_failed, 1);
    CU_ASSERT_EQUAL(op(r, OP_ACTIVE)->value, 0);
    rig_free(r);
}

static void test_du_update(void)
{
    rig_t *r = up();
    radio_cell_t changed = r->config.cell;
    changed.tac = 8;
    CU_ASSERT_EQUAL(f1ap_du_update_cell(r->du, &changed), 0);
    CU_ASSERT_EQUAL(f1ap_du_update_cell(r->du, &changed), -EBUSY);
    const f1ap_msg_t *m = sent(r, F1AP_DU_UPDATE);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CU_ASSERT_EQUAL(m->u.du_update.modify[0].cell.tac, 8);
    CU_ASSERT_EQUAL(m->u.du_update.modify[0].old.nr_cell_id, r->config.cell.nr_cell_id);
    f1ap_msg_t ack = {.type = F1AP_DU_UPDATE_ACK};
    from_cu(r, &ack);
    CU_ASSERT_EQUAL(f1ap_du_update_cell(r->du, &changed), 0);
    f1ap_du_link_down(r->du);
    CU_ASSERT_EQUAL(f1ap_du_update_cell(r->du, &changed), -ENOTCONN);
    rig_free(r);
}

static void test_paging(void)
{
    rig_t *r = up();
    f1ap_msg_t m = {.type = F1AP_PAGING};
    m.u.paging = (f1ap_paging_t){.ue_index = 234, .five_s_tmsi = 0x0040a2f490ea, .n_cells = 1};
    m.u.paging.cells[0] = our_cell(r);
    from_cu(r, &m);
    CU_ASSERT_PTR_NOT_NULL_FATAL(op(r, OP_PAGE));
    CU_ASSERT_EQUAL(op(r, OP_PAGE)->value, 234);
    CU_ASSERT_EQUAL(r->last_sdu_n, 8); /* PCCH-Message with one record of a 5G-S-TMSI */
    clear(r);
    m.u.paging.cells[0].nr_cell_id++;
    from_cu(r, &m);
    CU_ASSERT_PTR_NULL(op(r, OP_PAGE));
    rig_free(r);
}

/* ---- a UE ---- */

static void access(rig_t *r)
{
    event(r, DU_EVENT_CCCH, "\x10\x20\x30\x40\x50\x60", 6, 0);
}

static void dl_rrc(rig_t *r, uint8_t srb_id, const char *bytes, bool report)
{
    f1ap_msg_t m = {.type = F1AP_DL_RRC};
    m.u.dl_rrc = (f1ap_dl_rrc_t){.cu_ue_id = CU_UE_ID,
                                 .du_ue_id = DU_UE_ID,
                                 .srb_id = srb_id,
                                 .rrc_container = {(const uint8_t *)bytes, (uint32_t)strlen(bytes)},
                                 .want_delivery_report = report};
    from_cu(r, &m);
}

static f1ap_msg_t context_request(f1ap_msg_type_t type, const rig_t *r, f1ap_snssai_t slice)
{
    f1ap_msg_t m = {.type = type};
    f1ap_flow_t flow = {.qfi = 1, .five_qi = 9, .arp_priority = 8};
    m.u.context_request = (f1ap_context_request_t){.cu_ue_id = CU_UE_ID,
                                                   .has_du_ue_id = true,
                                                   .du_ue_id = DU_UE_ID,
                                                   .has_cell = true,
                                                   .cell = our_cell(r),
                                                   .srb_mask = 4,
                                                   .monitor_inactivity = true,
                                                   .n_drbs = 1};
    m.u.context_request.drbs[0] = (f1ap_drb_t){.drb_id = 1,
                                               .qos = flow,
                                               .snssai = slice,
                                               .n_flows = 1,
                                               .flows = {flow},
                                               .ul = {0x0a0a0014, 77},
                                               .dl_sn_bits = 18,
                                               .ul_sn_bits = 18};
    return m;
}

static rig_t *with_context(void)
{
    rig_t *r = up();
    access(r);
    dl_rrc(r, 0, "setup", false);
    f1ap_msg_t m = context_request(F1AP_CONTEXT_SETUP_REQUEST, r, (f1ap_snssai_t){1, 2});
    from_cu(r, &m);
    event(r, DU_EVENT_UE_CONFIGURED, NULL, 0, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(sent(r, F1AP_CONTEXT_SETUP_RESPONSE));
    return r;
}

static void test_ue(void)
{
    rig_t *r = up();
    rrc_cell_group_t cg;
    rrc_why_t why;
    access(r);
    const f1ap_msg_t *m = sent(r, F1AP_INITIAL_UL_RRC);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CU_ASSERT_EQUAL(m->u.initial_ul.du_ue_id, DU_UE_ID);
    CU_ASSERT_EQUAL(m->u.initial_ul.crnti, 0x4601);
    arena_init(&r->arena, r->mem, sizeof r->mem);
    CU_ASSERT_EQUAL(rrc_cell_group_parse(m->u.initial_ul.cell_group.p, m->u.initial_ul.cell_group.n,
                                         &r->config.cell, &r->arena, &cg, &why),
                    0);
    CU_ASSERT_EQUAL(cg.ue.n_lc, 1); /* SRB1 */
    CU_ASSERT_PTR_NULL(op(r, OP_CONFIG));

    /* RRCSetup: first the configuration, then the message. */
    dl_rrc(r, 0, "setup", false);
    CU_ASSERT_EQUAL(r->ops[r->n_ops - 2].op, OP_CONFIG);
    CU_ASSERT_EQUAL(r->ops[r->n_ops - 1].op, OP_SRB);
    CU_ASSERT_BYTES(r->last_sdu, r->last_sdu_n, "setup", 5);
    event(r, DU_EVENT_DCCH, "complete", 8, 1);
    m = sent(r, F1AP_UL_RRC);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CU_ASSERT_EQUAL(m->u.ul_rrc.cu_ue_id, CU_UE_ID);
    CU_ASSERT_EQUAL(m->u.ul_rrc.srb_id, 1);

    /* A delivery report names the PDCP SN. */
    dl_rrc(r, 1, "\x02\x34 with SN 0x234", true);
    CU_ASSERT_TRUE(op(r, OP_SRB)->notify);
    event(r, DU_EVENT_SRB_DELIVERED, NULL, 0, op(r, OP_SRB)->tag);
    m = sent(r, F1AP_DELIVERY_REPORT);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CU_ASSERT_EQUAL(m->u.delivery_report.delivered_sn, 0x234);

    /* Context with SRB2 and a DRB: the answer waits for the slot engine. */
    f1ap_msg_t q = context_request(F1AP_CONTEXT_SETUP_REQUEST, r, (f1ap_snssai_t){1, 2});
    from_cu(r, &q);
    CU_ASSERT_PTR_NULL(sent(r, F1AP_CONTEXT_SETUP_RESPONSE));
    CU_ASSERT_EQUAL(r->last_config.n_lc, 3);
    CU_ASSERT_EQUAL(r->last_config.lc[2].slice, 1);
    CU_ASSERT_EQUAL(r->tunnels, 1);
    event(r, DU_EVENT_UE_CONFIGURED, NULL, 0, 0);
    m = sent(r, F1AP_CONTEXT_SETUP_RESPONSE);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CU_ASSERT_EQUAL(m->u.context_response.n_drbs, 1);
    CU_ASSERT_TRUE(m->u.context_response.drbs[0].ok);
    CU_ASSERT_EQUAL(m->u.context_response.drbs[0].dl.address, 0x0a0a001e);
    CU_ASSERT_EQUAL(m->u.context_response.drbs[0].lcid, RADIO_DRB_LCID(1));
    arena_init(&r->arena, r->mem, sizeof r->mem);
    CU_ASSERT_EQUAL(rrc_cell_group_parse(m->u.context_response.cell_group.p,
                                         m->u.context_response.cell_group.n, &r->config.cell, &r->arena, &cg,
                                         &why),
                    0);
    CU_ASSERT_EQUAL(cg.ue.n_lc, 2); /* what is new only */

    event(r, DU_EVENT_UE_INACTIVE, NULL, 0, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(sent(r, F1AP_INACTIVITY));
    CU_ASSERT_FALSE(sent(r, F1AP_INACTIVITY)->u.drb_states.drbs[0].on);

    /* The DRB goes, then the UE: its last message has time to arrive. */
    f1ap_msg_t mod = {.type = F1AP_CONTEXT_MODIFY_REQUEST};
    mod.u.context_request = (f1ap_context_request_t){
        .cu_ue_id = CU_UE_ID, .du_ue_id = DU_UE_ID, .has_du_ue_id = true, .n_release = 1, .release = {1}};
    from_cu(r, &mod);
    CU_ASSERT_EQUAL(r->tunnels, 0);
    CU_ASSERT_EQUAL(r->last_config.n_lc, 2);
    event(r, DU_EVENT_UE_CONFIGURED, NULL, 0, 0);
    f1ap_msg_t rel = {.type = F1AP_RELEASE_COMMAND};
    rel.u.release_command = (f1ap_release_command_t){.cu_ue_id = CU_UE_ID,
                                                     .du_ue_id = DU_UE_ID,
                                                     .cause = F1AP_RADIO(normal_release),
                                                     .srb_id = 1,
                                                     .rrc_container = {(const uint8_t *)"release", 7}};
    from_cu(r, &rel);
    CU_ASSERT_BYTES(r->last_sdu, r->last_sdu_n, "release", 7);
    CU_ASSERT_EQUAL(op(r, OP_REMOVE)->value, 150);
    CU_ASSERT_PTR_NULL(sent(r, F1AP_RELEASE_COMPLETE));
    event(r, DU_EVENT_UE_REMOVED, NULL, 0, 0);
    CU_ASSERT_PTR_NOT_NULL(sent(r, F1AP_RELEASE_COMPLETE));
    CU_ASSERT_EQUAL(f1ap_du_ues(r->du, NULL, 0), 0);
    /* Released once more: that is no error. */
    clear(r);
    from_cu(r, &rel);
    CU_ASSERT_PTR_NOT_NULL(sent(r, F1AP_RELEASE_COMPLETE));
    rig_free(r);
}

static void test_unknown_slice(void)
{
    rig_t *r = up();
    access(r);
    dl_rrc(r, 0, "setup", false);
    f1ap_msg_t q = context_request(F1AP_CONTEXT_SETUP_REQUEST, r, (f1ap_snssai_t){9, 9});
    from_cu(r, &q);
    event(r, DU_EVENT_UE_CONFIGURED, NULL, 0, 0);
    const f1ap_msg_t *m = sent(r, F1AP_CONTEXT_SETUP_RESPONSE);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CU_ASSERT_FALSE(m->u.context_response.drbs[0].ok);
    CU_ASSERT_EQUAL(m->u.context_response.drbs[0].cause.value,
                    f1ap_CauseRadioNetwork_resources_not_available_for_the_slice);
    CU_ASSERT_EQUAL(r->tunnels, 0);
    rig_free(r);
}

static void test_busy_and_refused(void)
{
    rig_t *r = up();
    access(r);
    dl_rrc(r, 0, "setup", false);
    f1ap_msg_t q = context_request(F1AP_CONTEXT_SETUP_REQUEST, r, (f1ap_snssai_t){1, 2});
    from_cu(r, &q);
    from_cu(r, &q); /* before the first is answered */
    CU_ASSERT_EQUAL(sent(r, F1AP_CONTEXT_SETUP_FAILURE)->u.ue_cause.cause.value,
                    f1ap_CauseRadioNetwork_interaction_with_other_procedure);
    event(r, DU_EVENT_UE_CONFIGURED, NULL, 0, 0);
    CU_ASSERT_PTR_NOT_NULL(sent(r, F1AP_CONTEXT_SETUP_RESPONSE));
    /* The slot engine has no room: nothing is left behind. */
    r->refuse_config = true;
    f1ap_msg_t mod = {.type = F1AP_CONTEXT_MODIFY_REQUEST};
    mod.u.context_request = (f1ap_context_request_t){
        .cu_ue_id = CU_UE_ID, .du_ue_id = DU_UE_ID, .has_du_ue_id = true, .srb_mask = 2};
    from_cu(r, &mod);
    CU_ASSERT_PTR_NOT_NULL(sent(r, F1AP_CONTEXT_MODIFY_FAILURE));
    CU_ASSERT_EQUAL(r->tunnels, 1);
    rig_free(r);
}

static void test_radio_link_failure(void)
{
    rig_t *r = with_context();
    event(r, DU_EVENT_UE_LOST, NULL, 0, MAC_LOSS_RLC_RETX);
    const f1ap_msg_t *m = sent(r, F1AP_RELEASE_REQUEST);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CU_ASSERT_EQUAL(m->u.ue_cause.cause.value, f1ap_CauseRadioNetwork_rl_failure_rlc);
    dl_rrc(r, 1, "crossing", false); /* goes nowhere and is no error */
    CU_ASSERT_PTR_NULL(sent(r, F1AP_ERROR_INDICATION));
    f1ap_msg_t rel = {.type = F1AP_RELEASE_COMMAND};
    rel.u.release_command = (f1ap_release_command_t){
        .cu_ue_id = CU_UE_ID, .du_ue_id = DU_UE_ID, .cause = F1AP_RADIO(unspecified)};
    from_cu(r, &rel);
    CU_ASSERT_EQUAL(op(r, OP_REMOVE)->value, 0);
    CU_ASSERT_EQUAL(r->tunnels, 0);
    event(r, DU_EVENT_UE_REMOVED, NULL, 0, 0);
    CU_ASSERT_PTR_NOT_NULL(sent(r, F1AP_RELEASE_COMPLETE));
    rig_free(r);
}

/* Without F1 there is no cell and no UE; with the next setup both are there again. */
static void test_lost_f1(void)
{
    rig_t *r = with_context();
    clear(r);
    f1ap_du_link_down(r->du);
    CU_ASSERT_PTR_NOT_NULL(op(r, OP_REMOVE_ALL));
    CU_ASSERT_EQUAL(op(r, OP_ACTIVE)->value, 0);
    CU_ASSERT_EQUAL(r->tunnels, 0);
    CU_ASSERT_EQUAL(f1ap_du_ues(r->du, NULL, 0), 0);
    event(r, DU_EVENT_UE_REMOVED, NULL, 0, 0); /* late: nobody's */
    access(r);                                 /* a preamble that was under way */
    CU_ASSERT_EQUAL(f1ap_du_counters(r->du)->ues_refused, 1);
    CU_ASSERT_EQUAL(r->n_sent, 0);
    f1ap_du_link_up(r->du, 8);
    accept_setup(r);
    CU_ASSERT_EQUAL(op(r, OP_ACTIVE)->value, 1);
    access(r);
    CU_ASSERT_PTR_NOT_NULL(sent(r, F1AP_INITIAL_UL_RRC));
    rig_free(r);
}

static void test_reset(void)
{
    rig_t *r = with_context();
    f1ap_msg_t m = {.type = F1AP_RESET};
    m.u.reset = (f1ap_reset_t){.transaction_id = 6, .cause = F1AP_MISC(unspecified), .n_ues = 1};
    m.u.reset.ues[0] = (f1ap_ue_ref_t){.has_cu = true, .cu_ue_id = CU_UE_ID};
    from_cu(r, &m);
    CU_ASSERT_EQUAL(sent(r, F1AP_RESET_ACK)->u.reset.n_ues, 1);
    CU_ASSERT_EQUAL(f1ap_du_ues(r->du, NULL, 0), 0);
    CU_ASSERT_EQUAL(r->tunnels, 0);
    m.u.reset.all = true;
    m.u.reset.n_ues = 0;
    from_cu(r, &m);
    CU_ASSERT_TRUE(sent(r, F1AP_RESET_ACK)->u.reset.all);
    /* And our own. */
    CU_ASSERT_EQUAL(f1ap_du_reset(r->du, F1AP_MISC(om_intervention)), 0);
    CU_ASSERT_PTR_NOT_NULL(sent(r, F1AP_RESET));
    f1ap_msg_t ack = {.type = F1AP_RESET_ACK};
    ack.u.reset.all = true;
    from_cu(r, &ack);
    CU_ASSERT_STRING_EQUAL(f1ap_du_state(r->du), "ready");
    rig_free(r);
}

/* The UE came back on another index: its former self ends with the message that says so. */
static void test_reestablishment(void)
{
    rig_t *r = with_context();
    du_event_t e = {.type = DU_EVENT_CCCH, .ue = {5, 1}, .rnti = 0x4602};
    e.sdu = buf_from(r->pool, "again!", 6);
    f1ap_du_event(r->du, &e);
    CU_ASSERT_EQUAL(f1ap_du_ues(r->du, NULL, 0), 2);
    f1ap_msg_t m = {.type = F1AP_DL_RRC};
    m.u.dl_rrc = (f1ap_dl_rrc_t){.cu_ue_id = CU_UE_ID + 1,
                                 .du_ue_id = 1 << 16 | 5,
                                 .has_old_du_ue_id = true,
                                 .old_du_ue_id = DU_UE_ID,
                                 .srb_id = 1,
                                 .rrc_container = {(const uint8_t *)"reestablish", 11}};
    from_cu(r, &m);
    CU_ASSERT_EQUAL(f1ap_du_ues(r->du, NULL, 0), 1);
    CU_ASSERT_EQUAL(op(r, OP_REMOVE)->ue.index, ref.index);
    CU_ASSERT_EQUAL(op(r, OP_SRB)->ue.index, 5);
    CU_ASSERT_EQUAL(r->tunnels, 0);
    rig_free(r);
}

static void test_malformed(void)
{
    rig_t *r = with_context();
    static const uint8_t noise[] = {0xff, 0x00}, unknown[] = {0x00, 200, 0x00, 0x03, 0x00, 0x00, 0x00};
    clear(r);
    f1ap_du_link_message(r->du, noise, sizeof noise);
    CU_ASSERT_EQUAL(sent(r, F1AP_ERROR_INDICATION)->u.error.cause.value,
                    f1ap_CauseProtocol_transfer_syntax_error);
    f1ap_du_link_message(r->du, unknown, sizeof unknown);
    CU_ASSERT_EQUAL(f1ap_du_counters(r->du)->rx_unknown_procedure, 1);
    f1ap_msg_t m = {.type = F1AP_DL_RRC}; /* of another UE's pair, then of nobody */
    m.u.dl_rrc = (f1ap_dl_rrc_t){
        .cu_ue_id = 1, .du_ue_id = DU_UE_ID, .srb_id = 1, .rrc_container = {noise, sizeof noise}};
    from_cu(r, &m);
    CU_ASSERT_EQUAL(sent(r, F1AP_ERROR_INDICATION)->u.error.cause.value,
                    f1ap_CauseRadioNetwork_unknown_or_inconsistent_pair_of_ue_f1ap_id);
    m.u.dl_rrc.du_ue_id = 12345;
    from_cu(r, &m);
    CU_ASSERT_EQUAL(sent(r, F1AP_ERROR_INDICATION)->u.error.cause.value,
                    f1ap_CauseRadioNetwork_unknown_or_already_allocated_gnb_du_ue_f1ap_id);
    f1ap_msg_t setup = context_request(F1AP_CONTEXT_SETUP_REQUEST, r, (f1ap_snssai_t){1, 2});
    setup.u.context_request.du_ue_id = 12345;
    from_cu(r, &setup);
    CU_ASSERT_PTR_NOT_NULL(sent(r, F1AP_CONTEXT_SETUP_FAILURE));
    f1ap_msg_t odd = {.type = F1AP_REMOVAL_RESPONSE}; /* nothing was asked */
    from_cu(r, &odd);
    CU_ASSERT_EQUAL(f1ap_du_counters(r->du)->rx_wrong_state, 1);
    CU_ASSERT_EQUAL(f1ap_du_ues(r->du, NULL, 0), 1);
    dl_rrc(r, 1, "\x02\x35 still here", false);
    CU_ASSERT_EQUAL(r->last_sdu_n, 13);
    rig_free(r);
}

/* Every octet of a context request changed: nothing is read that is not there (ASan), nothing leaks. */
static void test_damage(void)
{
    rig_t *r = with_context();
    uint8_t wire[2048];
    size_t n;
    f1ap_msg_t q = context_request(F1AP_CONTEXT_MODIFY_REQUEST, r, (f1ap_snssai_t){1, 2});
    q.u.context_request.drbs[0].drb_id = 1;
    arena_init(&r->arena, r->mem, sizeof r->mem);
    CU_ASSERT_EQUAL_FATAL(f1ap_build(&q, &r->arena, wire, sizeof wire, &n, NULL), 0);
    for (size_t at = 0; at < n; at++)
        for (int bit = 0; bit < 8; bit++) {
            if (at == 1) /* other procedures may well release the UE */
                continue;
            wire[at] ^= (uint8_t)(1 << bit);
            f1ap_du_link_message(r->du, wire, n);
            wire[at] ^= (uint8_t)(1 << bit);
            event(r, DU_EVENT_UE_CONFIGURED, NULL, 0, 0);
        }
    CU_ASSERT_EQUAL(f1ap_du_ues(r->du, NULL, 0), 1);
    rig_free(r);
}

CU_MAIN("du-f1ap", {"setup", test_setup}, {"CU update", test_cu_update}, {"DU update", test_du_update},
        {"paging", test_paging}, {"UE", test_ue}, {"unknown slice", test_unknown_slice},
        {"busy and refused", test_busy_and_refused}, {"radio link failure", test_radio_link_failure},
        {"lost F1", test_lost_f1}, {"reset", test_reset}, {"re-establishment", test_reestablishment},
        {"malformed", test_malformed}, {"damage", test_damage})
