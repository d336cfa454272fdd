/* SPDX-License-Identifier: Apache-2.0 */
/* Structured types: defaults, extensions of other releases, IE containers, hostile counts and depths,
 * printing. */
#include "tests/unit/lib/asn1/kinds.asn.h"
#include "tests/unit/lib/asn1/per_check.h"

#define BITS(bytes, n)                                                                                       \
    {                                                                                                        \
        (const uint8_t *)bytes, n                                                                            \
    }

/* What equals its DEFAULT is not sent, X.691 19.5; what is absent reads as its DEFAULT. */
static void test_defaults(void)
{
    kinds_Simple_t v = {.has = {.number = 1, .octets = 1, .bits = 1, .text = 1, .enum_ = 1},
                        .number = 3,
                        .octets = ASN1_STR("\xbe\xef"),
                        .bits = BITS("\xa0", 4),
                        .text = ASN1_STR("none"),
                        .enum_ = kinds_Enum_b};
    CHECK(kinds_Simple_type, &v, "00", "00");
    v.has.flag = 1;
    v.flag = false;
    v.number = 5;
    CHECK(kinds_Simple_type, &v, "c1 40", "c1 40");
    CU_ASSERT_EQUAL(per_decode(&kinds_Simple_type, ASN1_APER, "00", &v, NULL), 0);
    CU_ASSERT_EQUAL(v.number, 3);
    CU_ASSERT(v.flag && v.enum_ == kinds_Enum_b && !v.inner && !v.has.number && !v.has.text);
    CU_ASSERT_BYTES(v.octets.p, v.octets.n, "\xbe\xef", 2);
    CU_ASSERT_BYTES(v.text.p, v.text.n, "none", 4);
    CU_ASSERT_EQUAL(v.bits.n_bits, 4);
}

/* A newer peer's additions are stepped over; an older peer's absence is seen. */
static void test_releases(void)
{
    kinds_Inner_t inner = {.number = 2};
    kinds_Release2_t v2 = {
        .has = {.b = 1, .c = 1, .e = 1}, .a = 1, .b = 2, .c = 3, .inner = &inner, .e = ASN1_STR("xyz")};
    /* extension bit, a; bitmap of 3 (length 000010): all; each an open type: b, group (01 presence, c,
     * inner), e */
    static const char all[] = "80 01 05 c0 01 02 03 40 03 80 04 03 78 79 7a";
    per_both(&kinds_Release2_type, ASN1_APER, &v2, all, __LINE__);
    kinds_Release1_t v1;
    CU_ASSERT_EQUAL(per_decode(&kinds_Release1_type, ASN1_APER, all, &v1, NULL), 0);
    CU_ASSERT(v1.a == 1 && v1.has.b && v1.b == 2);
    CU_ASSERT_EQUAL(per_decode(&kinds_Release2_type, ASN1_APER, "80 01 01 01 02", &v2, NULL), 0);
    CU_ASSERT(v2.has.b && v2.b == 2 && !v2.has.c && !v2.inner);
    kinds_Release3_t v3 = {.has.f = 1, .a = 1, .f = 9}; /* a DEFAULT value is not sent there either */
    per_both(&kinds_Release3_type, ASN1_APER, &v3, "00 01", __LINE__);
    v3.f = 10;
    per_both(&kinds_Release3_type, ASN1_APER, &v3, "80 01 02 80 01 0a", __LINE__);
    CU_ASSERT_EQUAL(per_decode(&kinds_Release3_type, ASN1_APER, "00 01", &v3, NULL), 0);
    CU_ASSERT(v3.f == 9 && !v3.has.f);
    /* c is mandatory in its group */
    kinds_Release2_t bad = {.has.d = 1, .d = true};
    uint8_t buf[32];
    size_t n;
    asn1_error_t err;
    CU_ASSERT_EQUAL(asn1_encode(&kinds_Release2_type, ASN1_APER, &bad, buf, sizeof buf, &n, &err), -ERANGE);
    CU_ASSERT_STRING_EQUAL(err.path, "Release2.c");
}

static void test_choice(void)
{
    kinds_Choice1_t v1;
    uint8_t three[] = {1, 2, 3};
    kinds_List_t list = {3, (int64_t[]){1, 2, 3}};
    kinds_Choice2_t v = {.choice = kinds_Choice2_choice_number, .u.number = 5};
    CHECK(kinds_Choice2_type, &v, "00 05", "01 40"); /* ext 0, index 0, number */
    v = (kinds_Choice2_t){.choice = kinds_Choice2_choice_octets, .u.octets = ASN1_BYTES(three)};
    CHECK(kinds_Choice2_type, &v, "80 04 03 01 02 03", "80 04 03 01 02 03"); /* ext 1, 0 000000, open type */
    v = (kinds_Choice2_t){.choice = kinds_Choice2_choice_list, .u.list = &list};
    CHECK(kinds_Choice2_type, &v, "81 04 03 01 02 03", "81 04 03 01 02 03");
    CU_ASSERT_EQUAL(per_decode(&kinds_Choice1_type, ASN1_APER, "81 04 03 01 02 03", &v1, NULL), 0);
    CU_ASSERT_EQUAL(v1.choice, kinds_Choice1_choice_NONE);
    uint8_t buf[32];
    size_t n;
    asn1_error_t err;
    kinds_Choice2_t none = {0}, null = {.choice = kinds_Choice2_choice_inner};
    CU_ASSERT_EQUAL(asn1_encode(&kinds_Choice2_type, ASN1_APER, &none, buf, sizeof buf, &n, &err), -ERANGE);
    CU_ASSERT_EQUAL(asn1_encode(&kinds_Choice2_type, ASN1_APER, &null, buf, sizeof buf, &n, &err), -ERANGE);
    CU_ASSERT_STRING_EQUAL(err.path, "Choice2.inner");
}

/* An open type longer than 127 octets is moved to make room for its length; longer than 16K it is cut in
 * pieces. */
static void test_open_lengths(void)
{
    static uint8_t octets[70000], out[80000];
    static _Alignas(16) uint8_t memory[400000];
    static const size_t sizes[] = {0,     1,     125,   126,   127,   128,   16380, 16381,
                                   16382, 16383, 16384, 32768, 65533, 65536, 69000};
    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)(i * 13 + i / 256);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (int rule = ASN1_APER; rule <= ASN1_UPER; rule++) {
            kinds_Release2_t v = {.has.e = 1, .a = 255, .e = {octets, (uint32_t)sizes[i]}}, back;
            size_t n = 0;
            arena_t arena;
            arena_init(&arena, memory, sizeof memory);
            CU_ASSERT_EQUAL_FATAL(asn1_encode(&kinds_Release2_type, rule, &v, out, sizeof out, &n, NULL), 0);
            CU_ASSERT_EQUAL_FATAL(asn1_decode(&kinds_Release2_type, rule, out, n, &arena, &back, NULL), 0);
            CU_ASSERT(back.a == 255 && back.has.e);
            CU_ASSERT_BYTES(back.e.p, back.e.n, octets, sizes[i]);
        }
    }
}

static void test_unsupported(void)
{
    kinds_Hole_t v = {.a = 1, .b = 2};
    asn1_error_t err;
    per_both(&kinds_Hole_type, ASN1_APER, &v, "00 01 02", __LINE__); /* an octet is aligned, 11.5.7.2 */
    per_both(&kinds_Hole_type, ASN1_UPER, &v, "00 81 00", __LINE__);
    CU_ASSERT_EQUAL(per_decode(&kinds_Hole_type, ASN1_UPER, "80 81 00", &v, &err), -ENOTSUP);
    CU_ASSERT_EQUAL(err.cause, ASN1_UNSUPPORTED);
    CU_ASSERT_STRING_EQUAL(err.path, "Hole.gap");
}

static kinds_Message_t message(kinds_ItemIEs_t *item, kinds_Items_t *items)
{
    static kinds_Inner_t inner = {.number = 1};
    *item = (kinds_ItemIEs_t){.choice = kinds_ItemIEs_choice_Item, .u.Item = &inner};
    *items = (kinds_Items_t){1, item};
    return (kinds_Message_t){.ies = {.has.Text = 1, .Number = 7, .Text = ASN1_STR("hi"), .Items = *items}};
}

#define MESSAGE "00 0003  0001 00 02 00 07  0002 40 04 00 80 68 69  0003 00 06 00 0004 00 01 40"

static void test_ies(void)
{
    kinds_ItemIEs_t item;
    kinds_Items_t items;
    kinds_Message_t v = message(&item, &items);
    per_both(&kinds_Message_type, ASN1_APER, &v, MESSAGE, __LINE__);
    CU_ASSERT_EQUAL(per_decode(&kinds_Message_type, ASN1_APER, MESSAGE, &v, NULL), 0);
    CU_ASSERT(v.ies.Number == 7 && v.ies.has.Text && v.ies.unknown.n == 0);
    CU_ASSERT(v.ies.Items.n == 1 && v.ies.Items.p[0].choice == kinds_ItemIEs_choice_Item &&
              v.ies.Items.p[0].u.Item->number == 1);
    /* any order */
    CU_ASSERT_EQUAL(per_decode(&kinds_Message_type, ASN1_APER,
                               "00 0002  0003 00 06 00 0004 00 01 40  0001 00 02 00 09", &v, NULL),
                    0);
    CU_ASSERT(v.ies.Number == 9 && !v.ies.has.Text);
}

static void test_ie_errors(void)
{
    kinds_Message_t v;
    asn1_error_t err;
    CU_ASSERT_EQUAL(per_decode(&kinds_Message_type, ASN1_APER, "00 0001  0001 00 02 00 07", &v, &err),
                    -ENOMSG);
    CU_ASSERT(err.cause == ASN1_MISSING_IE && err.ie_id == 3 && err.ie_criticality == 0);
    CU_ASSERT_STRING_EQUAL(err.path, "Message.ies.Items");
    CU_ASSERT_EQUAL(per_decode(&kinds_Message_type, ASN1_APER,
                               "00 0002  0002 40 03 00 00 68 0002 40 03 00 00 68", &v, &err),
                    -EEXIST);
    CU_ASSERT(err.cause == ASN1_DUPLICATE_IE && err.ie_id == 2 && err.ie_criticality == 1);
    CU_ASSERT_EQUAL(
        per_decode(&kinds_Message_type, ASN1_APER, "00 0001  0003 00 06 00 0004 00 01 70", &v, &err),
        0 - ENOMSG);
    CU_ASSERT_EQUAL(
        per_decode(&kinds_Message_type, ASN1_APER, "00 0001  0003 00 06 e0 0004 00 01 70", &v, &err),
        -EBADMSG);
    CU_ASSERT_STRING_EQUAL(err.path, "Message.ies.Items");
    CU_ASSERT_EQUAL(err.ie_id, 3);
    CU_ASSERT_EQUAL(per_decode(&kinds_Message_type, ASN1_APER, "00 ffff 0001 00 02 00 07", &v, &err),
                    -EBADMSG);
}

static void test_unknown_ies(void)
{
    kinds_Message_t v;
    kinds_LaterMessage_t later;
    static const char hex[] = "00 0002  0003 00 06 00 0004 00 01 40  0005 80 03 02 aabb";
    CU_ASSERT_EQUAL(per_decode(&kinds_LaterMessage_type, ASN1_APER, hex, &later, NULL), 0);
    CU_ASSERT(later.ies.has.Later && !later.ies.has.Number && later.ies.Items);
    CU_ASSERT_EQUAL(per_decode(&kinds_Message_type, ASN1_APER, hex, &v, NULL), -ENOMSG);
    static const char whole[] = "00 0003  0001 00 02 00 07  0003 00 06 00 0004 00 01 40  0005 80 03 02 aabb";
    CU_ASSERT_EQUAL_FATAL(per_decode(&kinds_Message_type, ASN1_APER, whole, &v, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(v.ies.unknown.n, 1);
    CU_ASSERT(v.ies.unknown.p[0].id == 5 && v.ies.unknown.p[0].criticality == 2);
    CU_ASSERT_BYTES(v.ies.unknown.p[0].bytes.p, v.ies.unknown.p[0].bytes.n, "\2\xaa\xbb", 3);
    per_encodes(&kinds_Message_type, ASN1_APER, &v, whole, __LINE__); /* and goes on as it came */
    kinds_Items_t items;
    CU_ASSERT_EQUAL_FATAL(per_decode(&kinds_Items_type, ASN1_APER, "00 0009 40 01 40", &items, NULL), 0);
    CU_ASSERT(items.p[0].choice == kinds_ItemIEs_choice_unknown && items.p[0].u.unknown.id == 9);
}

/* Counts and depths that a few octets can claim must not cost memory or stack. */
static void test_hostile(void)
{
    asn1_error_t err;
    kinds_List_t list;
    kinds_Nulls_t nulls;
    kinds_Tree_t tree;
    static char deep[2 * 4096 + 1];
    CU_ASSERT_EQUAL(per_decode(&kinds_List_type, ASN1_APER, "bfff 01", &list, &err), -EBADMSG);
    CU_ASSERT_EQUAL(err.cause, ASN1_TRUNCATED);
    CU_ASSERT_EQUAL(per_decode(&kinds_Nulls_type, ASN1_APER, "bfff", &nulls, &err), 0);
    CU_ASSERT_EQUAL(nulls.n, 16383);
    CU_ASSERT_EQUAL(per_decode(&kinds_Nulls_type, ASN1_APER, "c4 c4 c4 c4 00", &nulls, &err), -EBADMSG);
    memset(deep, 'f', sizeof deep - 1);
    CU_ASSERT_EQUAL(per_decode(&kinds_Tree_type, ASN1_UPER, deep, &tree, &err), -ELOOP);
    CU_ASSERT_EQUAL(err.cause, ASN1_DEPTH);
    CU_ASSERT(strlen(err.path) < sizeof err.path && !strncmp(err.path, "..", 2));
    static _Alignas(16) uint8_t small[64];
    static const uint8_t five[] = {5, 1, 2, 3, 4, 5};
    arena_t arena;
    arena_init(&arena, small, 32);
    CU_ASSERT_EQUAL(asn1_decode(&kinds_List_type, ASN1_APER, five, sizeof five, &arena, &list, &err),
                    -ENOMEM);
    CU_ASSERT(list.n == 0 && list.p == NULL);
}

/* Strings are not copied where they lie on octets. */
static void test_views(void)
{
    static const uint8_t in[] = {4, 'a', 'b', 'c', 'd', 0x55};
    asn1_bytes_t v;
    asn1_error_t err;
    arena_t arena;
    arena_init(&arena, per_memory, 0);
    CU_ASSERT_EQUAL(asn1_decode(&kinds_Octets_type, ASN1_APER, in, sizeof in, &arena, &v, &err), 0);
    CU_ASSERT_PTR_EQUAL(v.p, in + 1);
    CU_ASSERT_EQUAL(err.bit, 40); /* what follows is left alone */
}

static void test_print(void)
{
    static const char golden[] = "Message\n"
                                 "  ies\n"
                                 "    Number 7\n"
                                 "    Text \"hi\"\n"
                                 "    Items\n"
                                 "      [0]\n"
                                 "        Item\n"
                                 "          nothing NULL\n"
                                 "          number 1\n"
                                 "    unknown 9 notify 'AABB'H\n";
    kinds_ItemIEs_t item;
    kinds_Items_t items;
    kinds_Message_t v = message(&item, &items);
    v.ies.unknown = (asn1_unknown_list_t){1, &(asn1_unknown_t){9, 2, ASN1_STR("\xaa\xbb")}};
    char *text = NULL;
    size_t n;
    FILE *f = open_memstream(&text, &n);
    CU_ASSERT_EQUAL(asn1_print(&kinds_Message_type, &v, f), 0);
    fclose(f);
    CU_ASSERT_STRING_EQUAL(text, golden);
    free(text);
}

static void test_print_contained(void)
{
    static const char golden[] = "Wrapped\n"
                                 "  inner\n"
                                 "    setup\n"
                                 "      nothing NULL\n"
                                 "      number 2\n"
                                 "  number\n"
                                 "    release NULL\n"
                                 "  contained 'C140'H containing Simple\n"
                                 "    number 5\n"
                                 "    flag FALSE\n"
                                 "    enum b\n"
                                 "    octets 'BEEF'H\n"
                                 "    bits '1010'B\n"
                                 "    text \"none\"\n";
    kinds_Inner_t inner = {.number = 2};
    kinds_SetupRelease_Inner_t setup = {.choice = kinds_SetupRelease_Inner_choice_setup, .u.setup = &inner};
    kinds_SetupRelease_IntSemi_t release = {.choice = kinds_SetupRelease_IntSemi_choice_release};
    kinds_Wrapped_t v = {
        .has.contained = 1, .inner = &setup, .number = &release, .contained = ASN1_STR("\xc1\x40")};
    per_both(&kinds_Wrapped_type, ASN1_UPER, &v, "f8 05 82 80", __LINE__);
    char *text = NULL;
    size_t n;
    FILE *f = open_memstream(&text, &n);
    CU_ASSERT_EQUAL(asn1_print(&kinds_Wrapped_type, &v, f), 0);
    fclose(f);
    CU_ASSERT_STRING_EQUAL(text, golden);
    free(text);
}

CU_MAIN("asn1 struct", {"defaults", test_defaults}, {"releases", test_releases}, {"choice", test_choice},
        {"open type lengths", test_open_lengths}, {"unsupported component", test_unsupported},
        {"IE container", test_ies}, {"IE errors", test_ie_errors}, {"unknown IEs", test_unknown_ies},
        {"hostile counts and depths", test_hostile}, {"views", test_views}, {"print", test_print},
        {"print what is contained", test_print_contained})
