/* SPDX-License-Identifier: Apache-2.0 */
/* X.691 annex A: the standard's own examples, bit for bit, in both rules. */
#include "tests/unit/lib/asn1/per_check.h"
#include "tests/unit/lib/asn1/x691.asn.h"

#define S ASN1_STR

static void test_a1(void)
{
    x691_A1_Child_t child[] = {
        {{S("Ralph"), S("T"), S("Smith")}, S("19571111")},
        {{S("Susan"), S("B"), S("Jones")}, S("19590717")},
    };
    x691_A1_Record_children_t children = {2, child};
    x691_A1_Record_t v = {.name = {S("John"), S("P"), S("Smith")},
                          .number = 51,
                          .title = S("Director"),
                          .dateOfHire = S("19710917"),
                          .nameOfSpouse = {S("Mary"), S("T"), S("Smith")},
                          .children = &children};
    CHECK(x691_A1_Record_type, &v,
          "80 04 4a6f686e 01 50 05 536d697468 01 33 08 4469726563746f72 08 3139373130393137 04 4d617279 01 54"
          "05 536d697468 02 05 52616c7068 01 54 05 536d697468 08 3139353731313131 05 537573616e 01 42 05 "
          "4a6f6e6573"
          "08 3139353930373137",
          "824adfa3700d005a7b74f4d0026611134f2cb8fa6fe410c5cb762c1cb16e09370f2f2035"
          "0169edd3d340102d2c3b386801a80b4f6e9e9a0218b96add8b162c4169f5e787700c2059"
          "5bf765e610c5cb572c1bb16e");
}

static void test_a2(void)
{
    x691_A2_Child_t child[] = {
        {{S("Ralph"), S("T"), S("Smith")}, S("19571111")},
        {{S("Susan"), S("B"), S("Jones")}, S("19590717")},
    };
    x691_A2_Record_children_t children = {2, child};
    x691_A2_Record_t v = {.name = {S("John"), S("P"), S("Smith")},
                          .number = 51,
                          .title = S("Director"),
                          .dateOfHire = S("19710917"),
                          .nameOfSpouse = {S("Mary"), S("T"), S("Smith")},
                          .children = &children};
    CHECK(x691_A2_Record_type, &v,
          "864a6f686e5010536d6974680133084469726563746f72197109170c4d6172795410536d697468021052616c70685410"
          "536d69746819571111105375 73616e42104a6f6e657319590717",
          "865d51d2888a5125f1809984 44d3cb2e3e9bf90cb8848b86 7396e8a88a5125f181089b93d71aa2294497c632ae222222"
          "985ce521885d54c170cac838b8");
}

static void test_a3(void)
{
    x691_A3_Child_t child[] = {
        {.name = {S("Ralph"), S("T"), S("Smith")}, .dateOfBirth = S("19571111")},
        {.has.sex = 1,
         .name = {S("Susan"), S("B"), S("Jones")},
         .dateOfBirth = S("19590717"),
         .sex = x691_A3_Child_sex_female},
    };
    x691_A3_Record_children_t children = {2, child};
    x691_A3_Record_t v = {.name = {S("John"), S("P"), S("Smith")},
                          .number = 51,
                          .title = S("Director"),
                          .dateOfHire = S("19710917"),
                          .nameOfSpouse = {S("Mary"), S("T"), S("Smith")},
                          .children = &children};
    CHECK(x691_A3_Record_type, &v,
          "40c04a6f686e5008536d697468000033084469726563746f720019710917034d6172795408536d697468010052616c7068"
          "5408536d697468001957111182005375 73616e42084a6f6e65730019590717010140",
          "40cbaa3a5108a5125f180330889a7965c7d37f20cb8848b819ce5ba2a114a24b"
          "e30113727ae3542294497c619571111822985ce521842eaa60b832b20e2e020280");
}

static void test_a4(void)
{
    x691_A4_Record_t v = {.has = {.g = 1, .h = 1},
                          .a = 253,
                          .b = true,
                          .c = {.choice = x691_A4_Record_c_choice_e, .u.e = true},
                          .g = S("123"),
                          .h = true};
    CHECK(x691_A4_Record_type, &v, "9e000180010291a4", "9e000600040a4690");
}

CU_MAIN("asn1 annex", {"A.1 no constraints", test_a1}, {"A.2 subtypes", test_a2}, {"A.3 extensions", test_a3},
        {"A.4 groups", test_a4})
