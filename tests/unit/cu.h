/* SPDX-License-Identifier: Apache-2.0 */
/* What every CUnit program of ours shares: a main that runs one suite and exits non-zero on a failure.
 *
 *   CU_MAIN("rlc", {"in order", test_in_order}, {"lost PDU", test_lost}) */
#ifndef VITRAN_TESTS_CU_H
#define VITRAN_TESTS_CU_H

#include <CUnit/Basic.h>
#include <stdio.h>
#include <string.h>

#define CU_MAIN(suite_name, ...)                                                                             \
    int main(void)                                                                                           \
    {                                                                                                        \
        static const struct {                                                                                \
            const char *name;                                                                                \
            CU_TestFunc run;                                                                                 \
        } tests[] = {__VA_ARGS__};                                                                           \
        if (CU_initialize_registry() != CUE_SUCCESS)                                                         \
            return 2;                                                                                        \
        CU_pSuite suite = CU_add_suite(suite_name, NULL, NULL);                                              \
        for (size_t i = 0; suite && i < sizeof tests / sizeof *tests; i++)                                   \
            CU_add_test(suite, tests[i].name, tests[i].run);                                                 \
        CU_basic_set_mode(CU_BRM_VERBOSE);                                                                   \
        CU_basic_run_tests();                                                                                \
        unsigned failed = CU_get_number_of_failures(), ran = CU_get_number_of_asserts();                     \
        CU_cleanup_registry();                                                                               \
        return failed || !ran ? 1 : 0;                                                                       \
    }

#define CU_ASSERT_BYTES(got, got_n, want, want_n)                                                            \
    do {                                                                                                     \
        CU_ASSERT_EQUAL((size_t)(got_n), (size_t)(want_n));                                                  \
        CU_ASSERT((size_t)(got_n) == (size_t)(want_n) && memcmp((got), (want), (size_t)(want_n)) == 0);      \
    } while (0)

#endif
