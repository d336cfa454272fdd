/* SPDX-License-Identifier: Apache-2.0 */
/* SDAP headers byte by byte (TS 37.324 6.2.2, 6.2.3) and the mapping rules (5.2, 5.3). */
#include "lib/sdap/sdap.h"
#include "tests/unit/cu.h"

#include <errno.h>

static void test_headers(void)
{
    pool_t *pool = NULL;
    sdap_t net, ue;
    sdap_info_t info;
    CU_ASSERT_FATAL(pool_create(&pool, 4, 64) == 0);
    sdap_init(&net, true);
    sdap_init(&ue, false);
    sdap_add_drb(&net, 1, true, true, true);
    sdap_add_drb(&ue, 1, true, true, true);
    sdap_add_drb(&ue, 2, false, false, false);
    buf_t *b = buf_from(pool, "ip", 2);
    CU_ASSERT_EQUAL(sdap_tx(&net, 1, &(sdap_info_t){.qfi = 9, .rqi = true}, b), 0);
    CU_ASSERT_BYTES(b->data, b->len, "\x49ip", 3);
    CU_ASSERT_EQUAL(sdap_rx(&ue, 1, b, &info), 0);
    CU_ASSERT_BYTES(b->data, b->len, "ip", 2);
    CU_ASSERT(info.qfi == 9 && info.rqi && !info.rdi && !info.end_marker);
    CU_ASSERT_EQUAL(sdap_tx(&ue, 1, &(sdap_info_t){.qfi = 63}, b), 0);
    CU_ASSERT_BYTES(b->data, b->len, "\xbfip", 3);
    CU_ASSERT_EQUAL(sdap_rx(&net, 1, b, &info), 0);
    CU_ASSERT_EQUAL(info.qfi, 63);
    CU_ASSERT_EQUAL(sdap_tx(&ue, 2, &(sdap_info_t){.qfi = 9}, b), 0); /* no header on this DRB */
    CU_ASSERT_EQUAL(b->len, 2);
    b->len = 0;
    CU_ASSERT_EQUAL(sdap_rx(&net, 1, b, &info), -EBADMSG);
    CU_ASSERT_EQUAL(sdap_end_marker(9, b), 0);
    CU_ASSERT_BYTES(b->data, b->len, "\x09", 1);
    CU_ASSERT_EQUAL(sdap_rx(&net, 1, b, &info), 0);
    CU_ASSERT(info.end_marker && info.qfi == 9 && b->len == 0);
    buf_free(b);
    b = buf_from(pool, "\x89", 1); /* a header and nothing behind it */
    CU_ASSERT_EQUAL(sdap_rx(&net, 1, b, &info), -EBADMSG);
    CU_ASSERT_EQUAL(sdap_rx(&net, 40, b, &info), -EBADMSG);
    CU_ASSERT_EQUAL(sdap_tx(&net, 0, &info, b), -EINVAL);
    buf_free(b);
    pool_destroy(pool);
}

static void test_mapping(void)
{
    sdap_t s;
    sdap_init(&s, false);
    CU_ASSERT_EQUAL(sdap_drb(&s, 5), SDAP_NO_DRB);
    CU_ASSERT_EQUAL(sdap_add_drb(&s, 33, true, true, false), -EINVAL);
    CU_ASSERT_EQUAL(sdap_map(&s, 5, 1), -ENOENT);
    sdap_add_drb(&s, 1, true, true, true);
    sdap_add_drb(&s, 2, true, true, false);
    CU_ASSERT_EQUAL(sdap_map(&s, 64, 2), -EINVAL);
    CU_ASSERT_EQUAL(sdap_map(&s, 5, 2), 0);
    CU_ASSERT_EQUAL(sdap_drb(&s, 5), 2);
    CU_ASSERT_EQUAL(sdap_drb(&s, 6), 1); /* the default DRB */
    pool_t *pool = NULL;
    CU_ASSERT_FATAL(pool_create(&pool, 1, 64) == 0);
    sdap_info_t info;
    buf_t *b = buf_from(pool, "\x86p", 2); /* RDI, QFI 6 on DRB 2: uplink follows */
    CU_ASSERT_EQUAL(sdap_rx(&s, 2, b, &info), 0);
    CU_ASSERT(info.rdi);
    CU_ASSERT_EQUAL(sdap_drb(&s, 6), 2);
    buf_free(b);
    pool_destroy(pool);
    sdap_remove_drb(&s, 2);
    CU_ASSERT_EQUAL(sdap_drb(&s, 5), 1);
    sdap_remove_drb(&s, 1);
    CU_ASSERT_EQUAL(sdap_drb(&s, 5), SDAP_NO_DRB);
}

CU_MAIN("sdap", {"headers", test_headers}, {"mapping", test_mapping})
