/* SPDX-License-Identifier: Apache-2.0 */
/* F1AP messages: every type against its golden bytes and text, there and back, damaged in every way that a
 * peer might, and what TS 38.473 clause 10 wants answered. */
#include <errno.h>
#include <stdlib.h>

#include "tests/unit/cu.h"
#include "tests/unit/lib/f1ap/samples.h"

static uint8_t mem[2][F1AP_ARENA_BYTES];
static uint8_t wire[F1AP_MAX_PDU], again[F1AP_MAX_PDU];

static size_t build(const f1ap_msg_t *m, uint8_t *buf)
{
    arena_t a;
    asn1_error_t err = {.what = "", .path = ""};
    size_t n = 0;
    arena_init(&a, mem[0], sizeof mem[0]);
    int r = f1ap_build(m, &a, buf, F1AP_MAX_PDU, &n, &err);
    if (r < 0)
        printf("%s: %s: %s\n", f1ap_msg_name(m->type), err.path, err.what);
    CU_ASSERT_EQUAL(r, 0);
    return n;
}

static int parse(const uint8_t *p, size_t n, f1ap_msg_t *ret, f1ap_fault_t *fault)
{
    arena_t a;
    arena_init(&a, mem[1], sizeof mem[1]);
    return f1ap_parse(p, n, &a, ret, fault);
}

/* What goes out comes back: bytes, then every member, by being written again. */
static void test_round_trip(void)
{
    for (int type = 0; type < F1AP_N_TYPES; type++) {
        f1ap_msg_t m, back;
        f1ap_fault_t fault;
        sample((f1ap_msg_type_t)type, &m);
        size_t n = build(&m, wire);
        CU_ASSERT_EQUAL(parse(wire, n, &back, &fault), 0);
        CU_ASSERT_EQUAL(back.type, m.type);
        size_t n2 = build(&back, again);
        CU_ASSERT_BYTES(again, n2, wire, n);
    }
}

/* Members that a second writing would not miss. */
static void test_members(void)
{
    f1ap_msg_t m, back;
    f1ap_fault_t fault;
    sample(F1AP_SETUP_REQUEST, &m);
    CU_ASSERT_EQUAL(parse(wire, build(&m, wire), &back, &fault), 0);
    const f1ap_setup_request_t *s = &back.u.setup_request;
    CU_ASSERT_EQUAL(s->du_id, 68719476735);
    CU_ASSERT_STRING_EQUAL(s->du_name, "vitran-du");
    CU_ASSERT_EQUAL(s->n_cells, 2);
    CU_ASSERT_EQUAL(s->cells[0].cgi.nr_cell_id, sample_cgi.nr_cell_id);
    CU_ASSERT_EQUAL(s->cells[0].n_prb, 51);
    CU_ASSERT_EQUAL(s->cells[0].ssb_arfcn, 632628);
    CU_ASSERT_EQUAL(s->cells[0].slices[0].sd, F1AP_NO_SD);
    CU_ASSERT_EQUAL(s->cells[0].slices[1].sd, 2);
    CU_ASSERT_EQUAL(s->cells[0].sib1.n, sizeof sample_bytes);
    CU_ASSERT_FALSE(s->cells[1].tdd);
    CU_ASSERT_EQUAL(s->cells[1].ul_arfcn, 384000);
    CU_ASSERT_EQUAL(s->cells[1].n_prb, 242);
    CU_ASSERT_FALSE(s->cells[1].has_tac);

    sample(F1AP_CONTEXT_SETUP_REQUEST, &m);
    CU_ASSERT_EQUAL(parse(wire, build(&m, wire), &back, &fault), 0);
    const f1ap_context_request_t *c = &back.u.context_request;
    CU_ASSERT_EQUAL(c->n_drbs, 2);
    CU_ASSERT_EQUAL(c->srb_mask, 4);
    CU_ASSERT_EQUAL(c->drbs[1].ul.teid, 0x01020302);
    CU_ASSERT_EQUAL(c->drbs[1].ul.address, 0x0a0a0014);
    CU_ASSERT_EQUAL(c->drbs[1].qos.gfbr_dl_bps, 1000000);
    CU_ASSERT_EQUAL(c->drbs[1].flows[0].mfbr_ul_bps, 4000000000000);
    CU_ASSERT_EQUAL(c->drbs[0].dl_sn_bits, 18);
    CU_ASSERT_EQUAL(c->drbs[0].ul_sn_bits, 12);
    CU_ASSERT_EQUAL(c->drbs[0].flows[0].five_qi, 9);
    CU_ASSERT_TRUE(c->drbs[0].flows[0].preemptable);
    CU_ASSERT_FALSE(c->drbs[0].flows[0].preempt);

    sample(F1AP_PAGING, &m);
    CU_ASSERT_EQUAL(parse(wire, build(&m, wire), &back, &fault), 0);
    CU_ASSERT_EQUAL(back.u.paging.five_s_tmsi, UINT64_C(0x0040a2f490ea));
    CU_ASSERT_EQUAL(back.u.paging.ue_index, 1023);
}

/* The golden file: name and bytes of each message, then what the decoder prints of them. VITRAN_GOLDEN=write
 * makes it anew; look at the difference before you keep it. */
static void test_golden(void)
{
    const char *path = getenv("F1AP_GOLDEN"), *mode = getenv("VITRAN_GOLDEN");
    char *text = NULL, *want = NULL;
    size_t text_n = 0, want_n = 0;
    FILE *out = open_memstream(&text, &text_n);
    for (int type = 0; type < F1AP_N_TYPES; type++) {
        f1ap_msg_t m;
        f1ap_F1AP_PDU_t pdu;
        arena_t a;
        sample((f1ap_msg_type_t)type, &m);
        size_t n = build(&m, wire);
        fprintf(out, "%s ", f1ap_msg_name(m.type));
        for (size_t i = 0; i < n; i++)
            fprintf(out, "%02x", wire[i]);
        fputc('\n', out);
        arena_init(&a, mem[1], sizeof mem[1]);
        CU_ASSERT_EQUAL(asn1_decode(&f1ap_F1AP_PDU_type, ASN1_APER, wire, n, &a, &pdu, NULL), 0);
        asn1_print(&f1ap_F1AP_PDU_type, &pdu, out);
        fputc('\n', out);
    }
    fclose(out);
    CU_ASSERT_PTR_NOT_NULL_FATAL(path);
    if (mode && !strcmp(mode, "write")) {
        FILE *f = fopen(path, "w");
        CU_ASSERT_PTR_NOT_NULL_FATAL(f);
        fwrite(text, 1, text_n, f);
        fclose(f);
    }
    FILE *f = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    want = malloc(1 << 20);
    want_n = fread(want, 1, 1 << 20, f);
    fclose(f);
    CU_ASSERT_BYTES(text, text_n, want, want_n);
    free(text);
    free(want);
}

/* Cut short anywhere, a message is never understood, and what is left of it never read past its end (ASan).
 */
static void test_cut(void)
{
    for (int type = 0; type < F1AP_N_TYPES; type++) {
        f1ap_msg_t m, back;
        f1ap_fault_t fault;
        sample((f1ap_msg_type_t)type, &m);
        size_t n = build(&m, wire);
        for (size_t cut = 0; cut < n; cut++) {
            uint8_t *exact = malloc(cut ? cut : 1); /* its own allocation, so that ASan sees the end */
            memcpy(exact, wire, cut);
            CU_ASSERT_EQUAL(parse(exact, cut, &back, &fault), -EBADMSG);
            CU_ASSERT_NOT_EQUAL(fault.type, F1AP_FAULT_NONE);
            if (fault.answer) {
                f1ap_fault_answer(&fault, &back);
                CU_ASSERT(build(&back, again) > 0);
            }
            free(exact);
        }
    }
}

/* Any octet changed: understood or not, an answer can be built and nothing is read that is not there. */
static void test_damage(void)
{
    uint64_t seed = 1;
    for (int type = 0; type < F1AP_N_TYPES; type++) {
        f1ap_msg_t m, back;
        f1ap_fault_t fault;
        sample((f1ap_msg_type_t)type, &m);
        size_t n = build(&m, wire);
        for (size_t at = 0; at < n; at++)
            for (int k = 0; k < 8; k++) {
                uint8_t before = wire[at];
                seed = seed * 6364136223846793005u + 1442695040888963407u;
                wire[at] ^= (uint8_t)(1u << k | (seed >> 60 ? 0 : seed >> 40));
                if (parse(wire, n, &back, &fault) < 0 && fault.answer) {
                    f1ap_fault_answer(&fault, &back);
                    CU_ASSERT(build(&back, again) > 0);
                }
                wire[at] = before;
            }
    }
}

/* ---- clause 10 ---- */

static f1ap_fault_t fault_of(const uint8_t *p, size_t n)
{
    f1ap_msg_t m;
    f1ap_fault_t fault;
    CU_ASSERT_EQUAL(parse(p, n, &m, &fault), -EBADMSG);
    return fault;
}

static void test_transfer_syntax(void)
{
    static const uint8_t noise[] = {0xff, 0xff, 0xff, 0xff};
    f1ap_msg_t answer;
    f1ap_fault_t fault = fault_of(noise, sizeof noise);
    CU_ASSERT_EQUAL(fault.type, F1AP_FAULT_TRANSFER_SYNTAX);
    CU_ASSERT_TRUE(fault.answer);
    f1ap_fault_answer(&fault, &answer);
    CU_ASSERT_EQUAL(answer.type, F1AP_ERROR_INDICATION);
    CU_ASSERT_EQUAL(answer.u.error.cause.value, f1ap_CauseProtocol_transfer_syntax_error);
}

static void test_unknown_procedure(void)
{
    f1ap_msg_t answer;
    /* initiatingMessage, procedure 200, criticality reject, an open type of no IEs */
    uint8_t pdu[] = {0x00, 200, 0x00, 0x03, 0x00, 0x00, 0x00};
    f1ap_fault_t fault = fault_of(pdu, sizeof pdu);
    CU_ASSERT_EQUAL(fault.type, F1AP_FAULT_UNKNOWN_PROCEDURE);
    CU_ASSERT_TRUE(fault.answer);
    CU_ASSERT_EQUAL(fault.cause.value, f1ap_CauseProtocol_abstract_syntax_error_reject);
    f1ap_fault_answer(&fault, &answer);
    CU_ASSERT_EQUAL(answer.type, F1AP_ERROR_INDICATION);
    CU_ASSERT_EQUAL(answer.u.error.diagnostics.procedure_code, 200);
    pdu[2] = 0x40; /* ignore */
    fault = fault_of(pdu, sizeof pdu);
    CU_ASSERT_EQUAL(fault.type, F1AP_FAULT_UNKNOWN_PROCEDURE);
    CU_ASSERT_FALSE(fault.answer);
    pdu[2] = 0x80; /* notify */
    fault = fault_of(pdu, sizeof pdu);
    CU_ASSERT_TRUE(fault.answer);
    CU_ASSERT_EQUAL(fault.cause.value, f1ap_CauseProtocol_abstract_syntax_error_ignore_and_notify);
}

/* F1 SETUP REQUEST with only its transaction: the failure message of the procedure names what is missing. */
static void test_missing_ie(void)
{
    static const uint8_t pdu[] = {0x00, 0x01, 0x00, 0x09, 0x00, 0x00, 0x01,
                                  0x00, 0x4e, 0x00, 0x02, 0x00, 0x2a};
    f1ap_msg_t answer;
    f1ap_fault_t fault = fault_of(pdu, sizeof pdu);
    CU_ASSERT_EQUAL(fault.type, F1AP_FAULT_MISSING_IE);
    CU_ASSERT_TRUE(fault.answer);
    f1ap_fault_answer(&fault, &answer);
    CU_ASSERT_EQUAL(answer.type, F1AP_SETUP_FAILURE);
    CU_ASSERT_EQUAL(answer.u.failure.transaction_id, 0x2a);
    CU_ASSERT_EQUAL(answer.u.failure.diagnostics.n_ies, 1);
    CU_ASSERT_EQUAL(answer.u.failure.diagnostics.ies[0].id, 42); /* id-gNB-DU-ID */
    CU_ASSERT_TRUE(answer.u.failure.diagnostics.ies[0].missing);
}

/* An F1 REMOVAL REQUEST with an IE from the future beside its transaction. */
static void unknown_ie(uint8_t criticality, bool answer)
{
    uint8_t pdu[] = {0x00, 0x1a, 0x00, 0x0f, 0x00, 0x00, 0x02, 0x00, 0x4e,
                     0x00, 0x02, 0x00, 0x05, 0xee, 0xee, 0x00, 0x01, 0x77};
    f1ap_msg_t m;
    f1ap_fault_t fault;
    pdu[15] = (uint8_t)(criticality << 6);
    pdu[3] = sizeof pdu - 4;
    int r = parse(pdu, sizeof pdu, &m, &fault);
    CU_ASSERT_EQUAL(r, answer ? -EBADMSG : 0);
    if (!answer) {
        CU_ASSERT_EQUAL(m.type, F1AP_REMOVAL_REQUEST);
        CU_ASSERT_EQUAL(m.u.transaction.transaction_id, 5);
        return;
    }
    CU_ASSERT_EQUAL(fault.type, F1AP_FAULT_UNKNOWN_IE);
    f1ap_fault_answer(&fault, &m);
    CU_ASSERT_EQUAL(m.type, F1AP_REMOVAL_FAILURE);
    CU_ASSERT_EQUAL(m.u.failure.transaction_id, 5);
    CU_ASSERT_EQUAL(m.u.failure.diagnostics.ies[0].id, 0xeeee);
    CU_ASSERT_FALSE(m.u.failure.diagnostics.ies[0].missing);
}

static void test_unknown_ie(void)
{
    unknown_ie(0, true);
    unknown_ie(1, false);
    unknown_ie(2, false);
}

static void test_error_indication_is_never_answered(void)
{
    /* ERROR INDICATION without its mandatory transaction */
    static const uint8_t pdu[] = {0x00, 0x02, 0x40, 0x03, 0x00, 0x00, 0x00};
    CU_ASSERT_FALSE(fault_of(pdu, sizeof pdu).answer);
}

/* A context request whose DU id is missing is answered with what is known of the UE. */
static void test_answer_keeps_ue_ids(void)
{
    f1ap_msg_t m, answer;
    f1ap_fault_t fault;
    sample(F1AP_CONTEXT_MODIFY_REQUEST, &m);
    size_t n = build(&m, wire);
    wire[n - 1] ^= 0xff; /* somewhere at the end; whatever comes of it, ids are readable */
    wire[n - 2] ^= 0xff;
    wire[n - 3] ^= 0xff;
    if (parse(wire, n, &answer, &fault) < 0) {
        CU_ASSERT_TRUE(fault.ue.has_cu && fault.ue.has_du);
        CU_ASSERT_EQUAL(fault.ue.cu_ue_id, 1024);
        CU_ASSERT_EQUAL(fault.ue.du_ue_id, 65536);
    }
    uint8_t cut[64];
    memcpy(cut, wire, sizeof cut);
    fault = fault_of(cut, sizeof cut);
    CU_ASSERT_EQUAL(fault.ue.cu_ue_id, 1024);
    f1ap_fault_answer(&fault, &answer);
    CU_ASSERT_EQUAL(answer.type, F1AP_CONTEXT_MODIFY_FAILURE);
    CU_ASSERT_EQUAL(answer.u.ue_cause.du_ue_id, 65536);
}

CU_MAIN("f1ap", {"round trip", test_round_trip}, {"members", test_members}, {"golden", test_golden},
        {"cut", test_cut}, {"damage", test_damage}, {"transfer syntax", test_transfer_syntax},
        {"unknown procedure", test_unknown_procedure}, {"missing IE", test_missing_ie},
        {"unknown IE", test_unknown_ie}, {"error indication", test_error_indication_is_never_answered},
        {"answer keeps UE ids", test_answer_keeps_ue_ids})
