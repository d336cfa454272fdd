/* SPDX-License-Identifier: Apache-2.0 */
/* The first steps of a UE against the real DU slot engine, all in bytes: SSB, SIB1, random access with
 * contention resolution, RRCSetup with a CellGroupConfig, RRCSetupComplete on SRB1. Breaks when DU and UE do
 * not read MIB, SIB1, DCI, RAR, MAC, RLC or CellGroupConfig alike. */
#include "lib/asn1/asn1.h"
#include "lib/asn1/schema/rrc.asn.h"
#include "tests/e2e/inproc.h"

/* The CU's part: RRCSetup for every RRCSetupRequest, and a look at RRCSetupComplete. */
typedef struct {
    uint32_t setups, completes, bad;
} cu_t;

static size_t build_setup(inproc_t *p, const radio_ue_t *ue, uint8_t *buf, size_t cap)
{
    uint8_t cg_bytes[1500];
    size_t n = 0;
    rrc_why_t why = {""};
    rrc_cell_group_t cg = {.present = RRC_CG_ALL, .ue = *ue};
    arena_t a = inproc_scratch(p);
    int r = rrc_cell_group_build(&cg, &p->cell, &a, cg_bytes, sizeof cg_bytes, &n, &why);
    if (r)
        printf("cell group: %s\n", why.text);
    CU_ASSERT_EQUAL_FATAL(r, 0);
    rrc_SRB_ToAddMod_t srb = {.srb_Identity = 1};
    rrc_SRB_ToAddModList_t srbs = {1, &srb};
    rrc_RRCSetup_IEs_t ies = {.radioBearerConfig = {.srb_ToAddModList = &srbs},
                              .masterCellGroup = {cg_bytes, (uint32_t)n}};
    rrc_RRCSetup_t setup = {.rrc_TransactionIdentifier = 1,
                            .criticalExtensions = {.choice = rrc_RRCSetup_criticalExtensions_choice_rrcSetup,
                                                   .u.rrcSetup = &ies}};
    rrc_DL_CCCH_MessageType_c1_t c1 = {.choice = rrc_DL_CCCH_MessageType_c1_choice_rrcSetup,
                                       .u.rrcSetup = &setup};
    rrc_DL_CCCH_Message_t m = {.message = {.choice = rrc_DL_CCCH_MessageType_choice_c1, .u.c1 = &c1}};
    CU_ASSERT_EQUAL_FATAL(asn1_encode(&rrc_DL_CCCH_Message_type, ASN1_UPER, &m, buf, cap, &n, NULL), 0);
    return n;
}

static void on_event(inproc_t *p, du_event_t *e)
{
    cu_t *cu = p->ctx;
    arena_t a = inproc_scratch(p);
    if (e->type == DU_EVENT_CCCH) {
        rrc_UL_CCCH_Message_t m;
        uint8_t buf[1800];
        radio_ue_t cfg;
        if (asn1_decode(&rrc_UL_CCCH_Message_type, ASN1_UPER, e->sdu->data, e->sdu->len, &a, &m, NULL) ||
            m.message.u.c1->choice != rrc_UL_CCCH_MessageType_c1_choice_rrcSetupRequest) {
            cu->bad++;
            return;
        }
        cu->setups++;
        CU_ASSERT_EQUAL_FATAL(radio_ue_defaults(&cfg, &p->cell, e->ue.index), 0);
        size_t n = build_setup(p, &cfg, buf, sizeof buf);
        CU_ASSERT_EQUAL(du_slot_ue_config(p->du, e->ue, &cfg), 0);
        CU_ASSERT_EQUAL(du_slot_srb_send(p->du, e->ue, 0, buf_from(p->pool, buf, (uint32_t)n), true, 1), 0);
    } else if (e->type == DU_EVENT_DCCH) {
        rrc_UL_DCCH_Message_t m;
        if (e->srb_id != 1 || e->sdu->len < 7 ||
            asn1_decode(&rrc_UL_DCCH_Message_type, ASN1_UPER, e->sdu->data + 2, e->sdu->len - 6, &a, &m,
                        NULL) ||
            m.message.u.c1->choice != rrc_UL_DCCH_MessageType_c1_choice_rrcSetupComplete) {
            cu->bad++;
            return;
        }
        const rrc_RRCSetupComplete_t *c = m.message.u.c1->u.rrcSetupComplete;
        CU_ASSERT_EQUAL(c->rrc_TransactionIdentifier, 1);
        /* a registration request in plain 5GMM: TS 24.501 9.7 */
        asn1_bytes_t nas = c->criticalExtensions.u.rrcSetupComplete->dedicatedNAS_Message;
        CU_ASSERT(nas.n > 10 && nas.p[0] == 0x7e && nas.p[2] == 0x41);
        cu->completes++;
    }
}

static void attach(uint32_t n_ues, double sinr_db, uint32_t max_slots)
{
    static inproc_t p;
    cu_t cu = {0};
    radio_cell_t cell;
    air_ue_config_t ues[INPROC_MAX_UES];
    for (uint32_t i = 0; i < n_ues; i++)
        ues[i] = (air_ue_config_t){.sinr_dl_db = sinr_db, .sinr_ul_db = sinr_db, .timing_advance = 5};
    CU_ASSERT_EQUAL_FATAL(radio_cell_defaults(&cell, 51), 0);
    inproc_create(&p, &cell, ues, n_ues, NULL);
    p.on_event = on_event;
    p.ctx = &cu;
    while (p.n < max_slots && cu.completes < n_ues)
        inproc_slot(&p);
    if (cu.completes != n_ues || getenv("VITRAN_TEST_LOG")) {
        printf("    %u UEs at %g dB: %u complete after %u slots, %u setups\n", n_ues, sinr_db, cu.completes,
               (unsigned)p.n, cu.setups);
        inproc_print(&p);
    }
    CU_ASSERT_EQUAL(cu.completes, n_ues);
    CU_ASSERT_EQUAL(cu.bad, 0);
    CU_ASSERT_EQUAL(air_counters(p.air)->slab_bad, 0);
    CU_ASSERT_EQUAL(air_counters(p.air)->pdsch_mismatch, 0);
    CU_ASSERT_EQUAL(air_counters(p.air)->pusch_mismatch, 0);
    for (uint32_t i = 0; i < n_ues; i++)
        CU_ASSERT_EQUAL(ue_status(p.ue[i]).state, UE_CONNECTED);
    inproc_destroy(&p);
}

static void test_one(void)
{
    attach(1, 20, 400);
}

static void test_weak(void)
{
    attach(1, 0, 2000);
}

static void test_many(void)
{
    attach(32, 20, 20000);
}

CU_MAIN("attach in process", {"one UE", test_one}, {"one UE at 0 dB", test_weak}, {"32 UEs", test_many})
