/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/phy.h"
#include "tests/unit/cu.h"

#include <errno.h>

static void test_variant_is_capped(void)
{
    for (phy_isa_t isa = PHY_ISA_GENERIC; isa <= PHY_ISA_BEST; isa++) {
        phy_t *phy = NULL;
        CU_ASSERT_EQUAL_FATAL(phy_create(isa, &phy), 0);
        CU_ASSERT(phy->isa <= isa);
        CU_ASSERT(phy->isa <= phy_isa_detect());
        phy_destroy(phy);
    }
    phy_destroy(NULL);
}

static void test_refusal_names_the_field(void)
{
    phy_refusal_t why;
    CU_ASSERT_EQUAL(phy_refuse(&why, "n_layers", 5, "1..4"), -EINVAL);
    CU_ASSERT_STRING_EQUAL(why.field, "n_layers");
    CU_ASSERT_STRING_EQUAL(why.expected, "1..4");
    CU_ASSERT_EQUAL(why.value, 5);
    CU_ASSERT_EQUAL(phy_refuse(NULL, "n_layers", 5, "1..4"), -EINVAL);
}

CU_MAIN("phy", {"variant is capped", test_variant_is_capped},
        {"refusal names the field", test_refusal_names_the_field})
