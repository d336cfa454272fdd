/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/nas/security.h"
#include "tests/unit/cu.h"
#include "tests/unit/lib/nas/samples.h"

#include <errno.h>
#include <stdlib.h>

static nas_sample_t samples[NAS_SAMPLES_MAX];
static int n_samples;

/* What is built is what tshark read as meant when samples.txt was made. */
static void test_goldens(void)
{
    char line[2048], want[2048];
    FILE *f = fopen(SAMPLES_TXT, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    n_samples = nas_samples(samples);
    CU_ASSERT_FATAL(n_samples > 30);
    for (int i = 0; i < n_samples; i++) {
        int at = snprintf(want, sizeof want, "%s: ", samples[i].name);
        for (size_t k = 0; k < samples[i].n; k++)
            at += snprintf(want + at, sizeof want - (size_t)at, "%02x", samples[i].pdu[k]);
        snprintf(want + at, sizeof want - (size_t)at, "\n");
        CU_ASSERT_PTR_NOT_NULL_FATAL(fgets(line, sizeof line, f));
        CU_ASSERT_STRING_EQUAL(line, want);
    }
    CU_ASSERT_PTR_NULL(fgets(line, sizeof line, f));
    fclose(f);
}

/* Reading and writing again gives the same octets, down into the 5GSM message. */
static void test_round_trip(void)
{
    uint8_t buf[1024];
    size_t n;
    for (int i = 0; i < n_samples; i++) {
        nas_mm_t m;
        nas_sm_t sm;
        nas_error_t err = {0};
        CU_ASSERT_EQUAL_FATAL(nas_mm_parse(samples[i].pdu, samples[i].n, &m, &err), 0);
        CU_ASSERT_EQUAL(nas_mm_build(&m, buf, sizeof buf, &n), 0);
        CU_ASSERT_BYTES(buf, n, samples[i].pdu, samples[i].n);
        for (size_t cap = 0; cap < samples[i].n; cap++)
            CU_ASSERT_EQUAL(nas_mm_build(&m, buf, cap, &n), -ENOBUFS);
        if (m.type != NAS_UL_NAS_TRANSPORT && m.type != NAS_DL_NAS_TRANSPORT)
            continue;
        nas_bytes_t c =
            m.type == NAS_UL_NAS_TRANSPORT ? m.u.ul_nas_transport.container : m.u.dl_nas_transport.container;
        CU_ASSERT_EQUAL(nas_sm_parse(c.p, c.n, &sm, &err), 0);
        CU_ASSERT_EQUAL(nas_sm_build(&sm, buf, sizeof buf, &n), 0);
        CU_ASSERT_BYTES(buf, n, c.p, c.n);
    }
}

/* Each message cut everywhere, in memory that ends where it does. What can still be read can be written. */
static void test_cut(void)
{
    uint8_t buf[1024];
    size_t out;
    for (int i = 0; i < n_samples; i++)
        for (size_t n = 0; n < samples[i].n; n++) {
            uint8_t *p = malloc(n ? n : 1);
            nas_mm_t m;
            memcpy(p, samples[i].pdu, n);
            int r = nas_mm_parse(p, n, &m, NULL);
            CU_ASSERT(r == 0 || r == -EBADMSG);
            if (r == 0)
                CU_ASSERT_EQUAL(nas_mm_build(&m, buf, sizeof buf, &out), 0);
            free(p);
        }
}

static void test_values(void)
{
    nas_mm_t m;
    CU_ASSERT_EQUAL(nas_mm_parse(samples[1].pdu, samples[1].n, &m, NULL), 0);
    const nas_registration_request_t *r = &m.u.registration_request;
    CU_ASSERT(r->registration_type == 9 && r->ngksi == 3 && r->id.type == NAS_ID_GUTI);
    CU_ASSERT(r->id.guti.amf_set == 0x155 && r->id.guti.amf_pointer == 0x2a && r->id.guti.tmsi == 0xdeadbeef);
    CU_ASSERT(r->security_capability.ea == 0xf0 && r->security_capability.has_eps);
    CU_ASSERT(r->requested_nssai.n == 2 && r->requested_nssai.s[0].sd == NAS_SD_NONE &&
              r->requested_nssai.s[1].sd == 2);
    CU_ASSERT(r->pdu_session_status == (1 << 1 | 1 << 9) && r->last_tai.tac == 7);
    CU_ASSERT_EQUAL(nas_mm_parse(samples[2].pdu, samples[2].n, &m, NULL), 0);
    CU_ASSERT_EQUAL(m.u.registration_accept.t3512, 3600); /* 54 minutes need a unit of 10: rounded up */
    CU_ASSERT_EQUAL(m.u.registration_accept.t3502, 720);
    CU_ASSERT_EQUAL(m.u.registration_accept.tai_list.t[1].tac, 0x010203);
    char imsi[16];
    CU_ASSERT_EQUAL(nas_mm_parse(samples[0].pdu, samples[0].n, &m, NULL), 0);
    CU_ASSERT(nas_id_imsi(&m.u.registration_request.id, imsi));
    CU_ASSERT_STRING_EQUAL(imsi, "001010000000001");
}

static int parse_with(const uint8_t *more, size_t n, nas_mm_t *ret, nas_error_t *err)
{
    static uint8_t pdu[256];        /* the message's views point here */
    memcpy(pdu, "\x7e\x00\x4e", 3); /* SERVICE ACCEPT: optional IEs only */
    memcpy(pdu + 3, more, n);
    return nas_mm_parse(pdu, 3 + n, ret, err);
}

/* TS 24.501 7.6 and 7.7, TS 24.007 11.2.4 */
static void test_unknown_and_wrong_ies(void)
{
    nas_mm_t m;
    nas_error_t err;
    const nas_service_accept_t *a = &m.u.service_accept;
    static const uint8_t skipped[] = {0xf3, 0x4b, 2, 1, 2, 0x7a, 0, 3, 1, 2, 3, 0x50, 2, 6, 0};
    CU_ASSERT_EQUAL(parse_with(skipped, sizeof skipped, &m, &err), 0);
    CU_ASSERT(a->has_pdu_session_status && a->pdu_session_status == 6);
    static const uint8_t comprehension[] = {0x0b, 1, 1, 0x50, 2, 6, 0};
    CU_ASSERT_EQUAL(parse_with(comprehension, sizeof comprehension, &m, &err), -EBADMSG);
    CU_ASSERT_EQUAL(err.cause, NAS_MM_INVALID_MANDATORY);
    static const uint8_t repeated[] = {0x50, 2, 6, 0, 0x50, 2, 8, 0};
    CU_ASSERT_EQUAL(parse_with(repeated, sizeof repeated, &m, &err), 0);
    CU_ASSERT_EQUAL(a->pdu_session_status, 6);
    static const uint8_t sequence[] = {0x26, 2, 4, 0, 0x50, 2, 6, 0};
    CU_ASSERT_EQUAL(parse_with(sequence, sizeof sequence, &m, &err), 0);
    CU_ASSERT(a->has_reactivation_result && !a->has_pdu_session_status);
    static const uint8_t wrong[] = {0x50, 1, 6, 0x26, 2, 4, 0};
    CU_ASSERT_EQUAL(parse_with(wrong, sizeof wrong, &m, &err), 0);
    CU_ASSERT(!a->has_pdu_session_status && a->has_reactivation_result);
    static const uint8_t over[] = {0x26, 2, 4, 0, 0x7a, 0xff, 0xff, 1};
    CU_ASSERT_EQUAL(parse_with(over, sizeof over, &m, &err), 0);
    CU_ASSERT(a->has_reactivation_result);

    CU_ASSERT_EQUAL(nas_mm_parse((const uint8_t *)"\x7e\x00\x40", 3, &m, &err), -EBADMSG);
    CU_ASSERT_EQUAL(err.cause, NAS_MM_TYPE_NON_EXISTENT);
    CU_ASSERT_EQUAL(nas_mm_parse((const uint8_t *)"\x7e\x00", 2, &m, &err), -EBADMSG);
    CU_ASSERT_EQUAL(err.cause, 0);
    CU_ASSERT_EQUAL(nas_mm_parse((const uint8_t *)"\x7e\x00\x44", 3, &m, &err), -EBADMSG);
    CU_ASSERT_EQUAL(err.cause, NAS_MM_INVALID_MANDATORY);
    CU_ASSERT_STRING_EQUAL(err.ie, "cause");
}

/* Identities that are not what they say. */
static void test_bad_identities(void)
{
    static const struct {
        const char *id;
        size_t n;
    } bad[] = {{"\x01\x00\xf1\x10\xf0\xff\x00", 7},              /* SUCI cut */
               {"\x01\x0a\xf1\x10\xf0\xff\x00\x00\x21", 9},      /* MCC with a letter */
               {"\x01\x00\xf1\x10\xff\xff\x00\x00\x21", 9},      /* no routing indicator */
               {"\x01\x00\xf1\x10\xf0\xff\x00\x00\xc1", 9},      /* MSIN with a letter */
               {"\x01\x00\xf1\x10\xf0\xff\x00\x00\xf1\x21", 10}, /* digits after the filler */
               {"\xf2\x00\xf1\x10\x01\x02\x03\x04\x05\x06", 10}, /* GUTI cut */
               {"\xf4\x00\x01\x02\x03\x04\x05\x06", 8},          /* S-TMSI too long */
               {"\x03\x12\x34", 3}};                             /* IMEI cut */
    uint8_t pdu[64];
    nas_mm_t m;
    nas_error_t err;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        memcpy(pdu, "\x7e\x00\x5c\x00", 4);
        pdu[4] = (uint8_t)bad[i].n;
        memcpy(pdu + 5, bad[i].id, bad[i].n);
        CU_ASSERT_EQUAL(nas_mm_parse(pdu, 5 + bad[i].n, &m, &err), -EBADMSG);
        CU_ASSERT_EQUAL(err.cause, NAS_MM_INVALID_MANDATORY);
    }
}

static void test_build_refuses(void)
{
    uint8_t buf[256];
    size_t n;
    nas_mm_t m = {.type = NAS_IDENTITY_RESPONSE};
    m.u.identity_response.id = (nas_mobile_id_t){.type = NAS_ID_IMEI, .imei = "123"};
    CU_ASSERT_EQUAL(nas_mm_build(&m, buf, sizeof buf, &n), -EINVAL);
    m = (nas_mm_t){.type = NAS_IDENTITY_REQUEST, .u.identity_request.identity_type = 16};
    CU_ASSERT_EQUAL(nas_mm_build(&m, buf, sizeof buf, &n), -EINVAL);
    m = (nas_mm_t){.type = (nas_mm_type_t)1};
    CU_ASSERT_EQUAL(nas_mm_build(&m, buf, sizeof buf, &n), -EINVAL);
    m = (nas_mm_t){.type = NAS_UL_NAS_TRANSPORT};
    m.u.ul_nas_transport = (nas_ul_nas_transport_t){
        .container_type = 1, .container = {buf, 1}, .has_dnn = true, .dnn = {"a..b"}};
    CU_ASSERT_EQUAL(nas_mm_build(&m, buf + 10, sizeof buf - 10, &n), -EINVAL);
    uint8_t plmn[3];
    CU_ASSERT_EQUAL(nas_plmn_build("0010", plmn), -EINVAL);
    CU_ASSERT_EQUAL(nas_plmn_build("00101x", plmn), -EINVAL);
    char text[7];
    CU_ASSERT_EQUAL(nas_plmn_build("310410", plmn), 0);
    nas_plmn_print(plmn, text);
    CU_ASSERT_STRING_EQUAL(text, "310410");
}

/* ---- security ---- */

static crypto_t *crypto;
static nas_security_t ue, network;

static void contexts(nea_t nea, nia_t nia)
{
    uint8_t k_amf[32];
    memset(k_amf, 0x42, sizeof k_amf);
    CU_ASSERT_EQUAL(nas_security_init(&ue, crypto, k_amf, 1, nea, nia, CRYPTO_UPLINK), 0);
    CU_ASSERT_EQUAL(nas_security_init(&network, crypto, k_amf, 1, nea, nia, CRYPTO_DOWNLINK), 0);
}

static void test_protection(void)
{
    static const uint8_t plain[] = {0x7e, 0, 0x43};
    uint8_t pdu[64], got[64];
    size_t n, got_n;
    CU_ASSERT_EQUAL_FATAL(crypto_create(&crypto), 0);
    for (int nea = 0; nea <= 3; nea++)
        for (int nia = 1; nia <= 3; nia++) {
            contexts((nea_t)nea, (nia_t)nia);
            CU_ASSERT_EQUAL(nas_protect(&ue, crypto, NAS_INTEGRITY_CIPHERED, plain, 3, pdu, sizeof pdu, &n),
                            0);
            CU_ASSERT_EQUAL(n, 10);
            CU_ASSERT(pdu[0] == 0x7e && pdu[1] == 2 && pdu[6] == 0);
            CU_ASSERT((memcmp(pdu + 7, plain, 3) == 0) == (nea == 0));
            for (size_t bit = 8; bit < 8 * n; bit++) { /* every bit behind the discriminator counts */
                pdu[bit / 8] ^= (uint8_t)(1 << bit % 8);
                /* of the header type only the spare half is free */
                if (bit / 8 != 1)
                    CU_ASSERT_EQUAL(nas_unprotect(&network, crypto, pdu, n, got, sizeof got, &got_n), -EPERM);
                pdu[bit / 8] ^= (uint8_t)(1 << bit % 8);
            }
            CU_ASSERT_EQUAL(nas_unprotect(&ue, crypto, pdu, n, got, sizeof got, &got_n),
                            -EPERM); /* reflected */
            CU_ASSERT_EQUAL(nas_unprotect(&network, crypto, pdu, n, got, 2, &got_n), -ENOBUFS);
            CU_ASSERT_EQUAL(nas_unprotect(&network, crypto, pdu, n, got, sizeof got, &got_n), 0);
            CU_ASSERT_BYTES(got, got_n, plain, 3);
            CU_ASSERT_EQUAL(nas_unprotect(&network, crypto, pdu, n, got, sizeof got, &got_n),
                            -EPERM); /* again */
        }
    crypto_destroy(crypto);
}

/* NAS COUNT goes on over 255 although only 8 bits are sent, and over losses of less than 256. */
static void test_count(void)
{
    static const uint8_t plain[] = {0x7e, 0, 0x43};
    uint8_t pdu[64], got[64];
    size_t n, got_n;
    CU_ASSERT_EQUAL_FATAL(crypto_create(&crypto), 0);
    contexts(NEA2, NIA2);
    for (unsigned i = 0; i < 2000; i++) {
        CU_ASSERT_EQUAL(nas_protect(&ue, crypto, NAS_INTEGRITY_CIPHERED, plain, 3, pdu, sizeof pdu, &n), 0);
        if (i % 7 && i % 600 > 250)
            continue; /* lost */
        if (i % 600 <= 250 || i % 7 == 0)
            CU_ASSERT_EQUAL(nas_unprotect(&network, crypto, pdu, n, got, sizeof got, &got_n), 0);
        CU_ASSERT_EQUAL(network.rx_count, i);
    }
    ue.tx_count = 0xffffff;
    CU_ASSERT_EQUAL(nas_protect(&ue, crypto, NAS_INTEGRITY, plain, 3, pdu, sizeof pdu, &n), 0);
    CU_ASSERT_EQUAL(nas_protect(&ue, crypto, NAS_INTEGRITY, plain, 3, pdu, sizeof pdu, &n), -EOVERFLOW);
    crypto_destroy(crypto);
}

static void test_headers(void)
{
    nas_header_t h;
    CU_ASSERT_EQUAL(nas_header_parse((const uint8_t *)"\x7e\x00", 2, &h), -EBADMSG);
    CU_ASSERT_EQUAL(nas_header_parse((const uint8_t *)"\x2e\x00\xc1", 3, &h), -EBADMSG);
    CU_ASSERT_EQUAL(nas_header_parse((const uint8_t *)"\x7e\x05\x00\x00\x00\x00\x00\x7e\x00\x43", 10, &h),
                    -EBADMSG);
    CU_ASSERT_EQUAL(nas_header_parse((const uint8_t *)"\x7e\x02\x00\x00\x00\x00\x00\x7e\x00", 9, &h),
                    -EBADMSG);
    CU_ASSERT_EQUAL(nas_header_parse((const uint8_t *)"\x7e\x02\x01\x02\x03\x04\x05\x7e\x00\x43", 10, &h), 0);
    CU_ASSERT(h.sht == NAS_INTEGRITY_CIPHERED && h.sn == 5 && h.inner_n == 3 && h.mac[3] == 4);
}

CU_MAIN("nas", {"goldens", test_goldens}, {"round trip", test_round_trip}, {"cut everywhere", test_cut},
        {"values", test_values}, {"unknown and wrong IEs", test_unknown_and_wrong_ies},
        {"bad identities", test_bad_identities}, {"build refuses", test_build_refuses},
        {"protection, all algorithms", test_protection}, {"NAS COUNT", test_count}, {"headers", test_headers})
