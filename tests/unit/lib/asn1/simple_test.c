/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers, strings and names of every form, encoded by hand after X.691 (the clause stands beside each). A
 * wrong bit here would be one that a peer misreads. */
#include "tests/unit/lib/asn1/kinds.asn.h"
#include "tests/unit/lib/asn1/per_check.h"

#include <math.h>

#define INT(v) (&(int64_t){v})
#define UINT(v) (&(uint64_t){v})

static void test_constrained(void)
{
    CHECK(kinds_Int8_type, INT(200), "c8", "c8"); /* 11.5.7.2 */
    CHECK(kinds_IntBits_type, INT(1), "01", "01");
    CHECK(kinds_Int16_type, INT(258), "0102", "0102"); /* 11.5.7.3 */
    CHECK(kinds_IntNegative_type, INT(-10), "00", "00");
    CHECK(kinds_IntNegative_type, INT(10), "a0", "a0");
    CHECK(kinds_IntOne_type, INT(7), "00",
          "00"); /* one value takes no bits; the outermost takes an octet, 11.1 */
    CHECK(kinds_Int24_type, INT(256), "40 0100", "000100"); /* 11.5.7.4 */
    CHECK(kinds_Int32_type, INT(1), "00 01", "00000001");
    CHECK(kinds_Int32_type, INT(4294967295), "c0 ffffffff", "ffffffff");
    CHECK(kinds_Int36_type, INT(1), "00 01", "0000000010");
    CHECK(kinds_Int36_type, INT(68719476735), "80 0fffffffff", "fffffffff0");
    CHECK(kinds_Int64_type, UINT(UINT64_MAX), "e0 ffffffffffffffff", "ffffffffffffffff");
    CHECK(kinds_Int64_type, UINT(0), "00 00", "0000000000000000");
    CHECK(kinds_IntSigned64_type, INT(INT64_MIN), "00 00", "0000000000000000");
    CHECK(kinds_IntSigned64_type, INT(-1), "e0 7fffffffffffffff", "7fffffffffffffff");
}

static void test_unconstrained(void)
{
    CHECK(kinds_IntSemi_type, INT(1), "01 00", "01 00"); /* 13.2.5: offset from the bound */
    CHECK(kinds_IntSemi_type, INT(4097), "02 1000", "02 1000");
    CHECK(kinds_IntSemi_type, INT(256), "01 ff", "01 ff");
    CHECK(kinds_IntAny_type, INT(0), "01 00", "01 00"); /* 13.2.6 */
    CHECK(kinds_IntAny_type, INT(-1), "01 ff", "01 ff");
    CHECK(kinds_IntAny_type, INT(127), "01 7f", "01 7f");
    CHECK(kinds_IntAny_type, INT(128), "02 0080", "02 0080");
    CHECK(kinds_IntAny_type, INT(-128), "01 80", "01 80");
    CHECK(kinds_IntAny_type, INT(-129), "02 ff7f", "02 ff7f");
    CHECK(kinds_IntAny_type, INT(INT64_MIN), "08 8000000000000000", "08 8000000000000000");
    CHECK(kinds_IntBelow_type, INT(-300), "02 fed4", "02 fed4");
    CHECK(kinds_IntExtensible_type, INT(7), "70", "70"); /* 13.1 */
    CHECK(kinds_IntExtensible_type, INT(8), "80 01 08", "80 84 00");
    CHECK(kinds_IntUnion_type, INT(-140), "00 0000",
          "00 00"); /* spans -140..140: 281 values, 9 bits or 2 octets */
    CHECK(kinds_IntUnion_type, INT(140), "00 0118", "46 00");
}

static void test_enumerated(void)
{
    CHECK(kinds_Flag_type, &(bool){true}, "80", "80");
    CHECK(kinds_Enum_type, &(kinds_Enum_t){kinds_Enum_c}, "80", "80");
    CHECK(kinds_EnumExtensible_type, &(kinds_EnumExtensible_t){kinds_EnumExtensible_b}, "40", "40");
    CHECK(kinds_EnumExtensible_type, &(kinds_EnumExtensible_t){kinds_EnumExtensible_d}, "81", "81");
    CHECK(kinds_EnumExtensible_type, &(uint32_t){9}, "87", "87"); /* of a later release: kept as a number */
    CHECK(kinds_EnumMany_type, &(uint32_t){17 + 63}, "bf", "bf");
    CHECK(kinds_EnumMany_type, &(uint32_t){17 + 64}, "c0 01 40", "c0 50 00"); /* 11.6.2 */
    /* Position by number, not by place: 14.1 */
    CU_ASSERT_EQUAL(kinds_EnumNumbered_first, 0);
    CU_ASSERT_EQUAL(kinds_EnumNumbered_last, 2);
    CU_ASSERT_STRING_EQUAL(asn1_value_name(&kinds_EnumNumbered_type, 1), "middle");
}

static void test_real(void)
{
    static const double values[] = {1.0, -0.5, 3.0, 0.1, 1e300, 5e-324, -123456.789, INFINITY, -INFINITY};
    CHECK(kinds_Real_type, &(double){0.0}, "00", "00"); /* X.690 8.5.2 */
    CHECK(kinds_Real_type, &(double){1.0}, "03 80 00 01", "03 80 00 01");
    CHECK(kinds_Real_type, &(double){-0.5}, "03 c0 ff 01", "03 c0 ff 01");
    CHECK(kinds_Real_type, &(double){INFINITY}, "01 40", "01 40");
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        uint8_t buf[32];
        size_t n;
        double back = 0;
        arena_t arena;
        arena_init(&arena, per_memory, sizeof per_memory);
        CU_ASSERT_EQUAL(asn1_encode(&kinds_Real_type, ASN1_APER, &values[i], buf, sizeof buf, &n, NULL), 0);
        CU_ASSERT_EQUAL(asn1_decode(&kinds_Real_type, ASN1_APER, buf, n, &arena, &back, NULL), 0);
        CU_ASSERT(back == values[i]);
    }
    double v = 0;
    CU_ASSERT_EQUAL(per_decode(&kinds_Real_type, ASN1_APER, "05 03 31 2e 35 45 30", &v, NULL),
                    -EBADMSG); /* cut */
    CU_ASSERT_EQUAL(per_decode(&kinds_Real_type, ASN1_APER, "06 03 31 2e 35 45 31", &v, NULL),
                    0); /* NR3 "1.5E1" */
    CU_ASSERT_EQUAL(v, 15.0);
    CU_ASSERT_EQUAL(per_decode(&kinds_Real_type, ASN1_APER, "03 90 01 03", &v, NULL), 0); /* base 8: 3 x 8 */
    CU_ASSERT_EQUAL(v, 24.0);
    CU_ASSERT_EQUAL(per_decode(&kinds_Real_type, ASN1_APER, "01 48", &v, NULL), -EBADMSG);
}

static void test_oid(void)
{
    uint8_t octets[64];
    char text[80];
    asn1_oid_t oid;
    CU_ASSERT_EQUAL(asn1_oid_parse("1.3.6.1.4.1.53148.1.3.2.2", octets, sizeof octets, &oid), 0);
    CHECK(kinds_Oid_type, &oid, "0c 2b06010401839f1c01030202", "0c 2b06010401839f1c01030202");
    static const char uuid[] = "2.25.44195667547580124840674330086851056986";
    CU_ASSERT_EQUAL(asn1_oid_parse(uuid, octets, sizeof octets, &oid), 0);
    CU_ASSERT_EQUAL(asn1_oid_format(oid, text, sizeof text), 0);
    CU_ASSERT_STRING_EQUAL(text, uuid);
    CU_ASSERT_EQUAL(asn1_oid_format(oid, text, 10), -ENOBUFS);
    CU_ASSERT_EQUAL(asn1_oid_parse("1.40", octets, sizeof octets, &oid), -EINVAL);
    CU_ASSERT_EQUAL(asn1_oid_parse("1.2.", octets, sizeof octets, &oid), -EINVAL);
    CU_ASSERT_EQUAL(asn1_oid_parse("3.1", octets, sizeof octets, &oid), -EINVAL);
    CU_ASSERT_EQUAL(asn1_oid_parse("1.2.840", octets, 2, &oid), -ENOBUFS);
    CU_ASSERT_EQUAL(per_decode(&kinds_Oid_type, ASN1_APER, "02 2b86", &oid, NULL), -EBADMSG);
}

#define BITS(bytes, n) (&(asn1_bits_t){(const uint8_t *)bytes, n})
#define OCTETS(s) ((asn1_bytes_t[]){ASN1_STR(s)})

static void test_strings(void)
{
    CHECK(kinds_Octets2_type, OCTETS("\1\2"), "0102", "0102");
    CHECK(kinds_OctetsRange_type, OCTETS(""), "00", "00");
    CHECK(kinds_OctetsRange_type, OCTETS("\xff\x01"), "10 ff01", "17 f8 08"); /* 5 bits of length */
    CHECK(kinds_OctetsExtensible_type, OCTETS("ab"), "20 6162", "2c 2c 40");
    CHECK(kinds_OctetsExtensible_type, OCTETS("abcde"), "80 05 6162636465", "82 b0 b1 31 b2 32 80");
    CHECK(kinds_Bits16_type, BITS("\xab\xcd", 16), "abcd", "abcd");
    CHECK(kinds_Bits17_type, BITS("\xab\xcd\x80", 17), "abcd80", "abcd80");
    /* F1AP's transport layer address 127.0.0.1 */
    CHECK(kinds_BitsExtensible_type, BITS("\x7f\0\0\1", 32), "0f80 7f000001", "0f bf 80 00 00 80");
    CHECK(kinds_Bits_type, BITS("\xe0", 3), "03 e0", "03 e0");
    CHECK(kinds_Printable_type, OCTETS("gNB"), "0100 674e42",
          "01 67 9d 08");                                        /* SIZE (1..150): 8 bits of length */
    CHECK(kinds_Printable2_type, OCTETS("ab"), "6162", "c3 88"); /* 30.5.7: two octets are not aligned */
    CHECK(kinds_Visible2_type, OCTETS("ab"), "80 6162", "b0 e2");
    CHECK(kinds_Numeric_type, OCTETS("12 9"), "04 230a", "04 230a"); /* four bits a character, 30.5.4 */
    CHECK(kinds_Utf8_type, OCTETS("\xc3\xa9"), "02 c3a9",
          "02 c3a9"); /* its SIZE is not PER-visible, 10.3.10 */
}

/* 11.9.3.8: 16K in one fragment, then what is left, even if that is nothing. */
static void test_fragments(void)
{
    static const struct {
        size_t n;
        uint8_t first;
        size_t overhead;
    } sizes[] = {{16383, 0xbf, 2},
                 {16384, 0xc1, 2},
                 {16385, 0xc1, 2},
                 {65536 + 16384 + 200, 0xc4, 4},
                 {131072, 0xc4, 3}};
    static uint8_t octets[140000], out[150000];
    static _Alignas(16) uint8_t memory[300000];
    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)(i * 7 + i / 251);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (int rule = ASN1_APER; rule <= ASN1_UPER; rule++) {
            asn1_bytes_t v = {octets, (uint32_t)sizes[i].n}, back;
            size_t n = 0;
            arena_t arena;
            arena_init(&arena, memory, sizeof memory);
            CU_ASSERT_EQUAL(asn1_encode(&kinds_Octets_type, rule, &v, out, sizeof out, &n, NULL), 0);
            CU_ASSERT_EQUAL(n, sizes[i].n + sizes[i].overhead);
            CU_ASSERT_EQUAL(out[0], sizes[i].first);
            CU_ASSERT_EQUAL_FATAL(asn1_decode(&kinds_Octets_type, rule, out, n, &arena, &back, NULL), 0);
            CU_ASSERT_BYTES(back.p, back.n, octets, sizes[i].n);
            CU_ASSERT_EQUAL(asn1_decode(&kinds_Octets_type, rule, out, n - 1, &arena, &back, NULL), -EBADMSG);
        }
    }
}

/* Bit strings go in fragments of 16K bits. */
static void test_bit_fragments(void)
{
    static const uint32_t sizes[] = {16383, 16384, 16391, 65536 + 16384 + 201, 131072};
    static uint8_t octets[20000], out[20100];
    static _Alignas(16) uint8_t memory[100000];
    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)(i * 11 + i / 249);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (int rule = ASN1_APER; rule <= ASN1_UPER; rule++) {
            uint32_t whole = sizes[i] / 8;
            asn1_bits_t v = {octets, sizes[i]}, back;
            size_t n = 0;
            arena_t arena;
            arena_init(&arena, memory, sizeof memory);
            CU_ASSERT_EQUAL(asn1_encode(&kinds_Bits_type, rule, &v, out, sizeof out, &n, NULL), 0);
            CU_ASSERT_EQUAL_FATAL(asn1_decode(&kinds_Bits_type, rule, out, n, &arena, &back, NULL), 0);
            CU_ASSERT_EQUAL(back.n_bits, sizes[i]);
            CU_ASSERT_BYTES(back.p, whole, octets, whole);
            if (sizes[i] % 8)
                CU_ASSERT_EQUAL(back.p[whole], octets[whole] & (0xff00 >> sizes[i] % 8) & 0xff);
            CU_ASSERT_EQUAL(asn1_decode(&kinds_Bits_type, rule, out, n - 1, &arena, &back, NULL), -EBADMSG);
        }
    }
}

/* Every string between single bits: alignment in one rule, shifted copies in the other. */
static void test_shifted(void)
{
    kinds_Shifted_t v = {.flag = true,
                         .octets2 = ASN1_STR("\x01\x02"),
                         .octets3 = ASN1_STR("\x03\x04\x05"),
                         .octetsRange = ASN1_STR("\x06"),
                         .bits16 = *BITS("\xaa\xaa", 16),
                         .again = true,
                         .bits17 = *BITS("\xff\x00\x80", 17),
                         .bits = *BITS("\x80", 1),
                         .int16 = 258,
                         .int36 = 300,
                         .printable2 = ASN1_STR("ab"),
                         .visible2 = ASN1_STR("x"),
                         .octets = ASN1_STR("\x11"),
                         .printable = ASN1_STR("hi"),
                         .real = 1.0,
                         .utf8 = ASN1_STR("u")};
    per_both(&kinds_Shifted_type, ASN1_APER, &v,
             "80 81 00 03 04 05 08 06 aaaa 80 ff0080 00 80 0102 20 012c 6162 40 78 01 11 0080 68 69 03 80 00 "
             "01 01 75",
             __LINE__);
}

static void test_refused(void)
{
    uint8_t buf[64];
    size_t n = 77;
    asn1_error_t err;
    CU_ASSERT_EQUAL(asn1_encode(&kinds_Int8_type, ASN1_APER, INT(256), buf, sizeof buf, &n, &err), -ERANGE);
    CU_ASSERT_EQUAL(err.cause, ASN1_CONSTRAINT);
    CU_ASSERT_STRING_EQUAL(err.path, "Int8");
    CU_ASSERT_EQUAL(n, 77);
    CU_ASSERT_EQUAL(asn1_encode(&kinds_Int8_type, ASN1_APER, INT(-1), buf, sizeof buf, &n, &err), -ERANGE);
    CU_ASSERT_EQUAL(asn1_encode(&kinds_Octets3_type, ASN1_APER, OCTETS("ab"), buf, sizeof buf, &n, &err),
                    -ERANGE);
    CU_ASSERT_EQUAL(asn1_encode(&kinds_Printable_type, ASN1_APER, OCTETS("a_b"), buf, sizeof buf, &n, &err),
                    -ERANGE);
    CU_ASSERT_EQUAL(asn1_encode(&kinds_Enum_type, ASN1_APER, &(uint32_t){3}, buf, sizeof buf, &n, &err),
                    -ERANGE);
    CU_ASSERT_EQUAL(asn1_encode(&kinds_Octets_type, ASN1_APER, OCTETS("abcd"), buf, 4, &n, &err), -ENOBUFS);
    CU_ASSERT_EQUAL(err.cause, ASN1_NO_SPACE);
    int64_t v;
    asn1_bytes_t bytes;
    CU_ASSERT_EQUAL(per_decode(&kinds_IntNegative_type, ASN1_UPER, "f8", &v, &err), -ERANGE);
    CU_ASSERT_EQUAL(per_decode(&kinds_IntAny_type, ASN1_APER, "00", &v, &err), -EBADMSG);
    CU_ASSERT_EQUAL(per_decode(&kinds_IntAny_type, ASN1_APER, "09 010000000000000000", &v, &err), -ENOTSUP);
    CU_ASSERT_EQUAL(per_decode(&kinds_Octets_type, ASN1_APER, "c0", &bytes, &err), -EBADMSG);
    CU_ASSERT_EQUAL(per_decode(&kinds_Octets_type, ASN1_APER, "c5", &bytes, &err), -EBADMSG);
    CU_ASSERT_EQUAL(per_decode(&kinds_Octets_type, ASN1_APER, "05 0102", &bytes, &err), -EBADMSG);
    CU_ASSERT_EQUAL(err.cause, ASN1_TRUNCATED);
    CU_ASSERT_EQUAL(per_decode(&kinds_Printable_type, ASN1_APER, "0100 675f42", &bytes, &err), -ERANGE);
}

CU_MAIN("asn1 simple", {"constrained integers", test_constrained}, {"other integers", test_unconstrained},
        {"enumerated", test_enumerated}, {"real", test_real}, {"object identifier", test_oid},
        {"strings", test_strings}, {"fragments", test_fragments}, {"bit fragments", test_bit_fragments},
        {"alignment", test_shifted}, {"refused values", test_refused})
