/* SPDX-License-Identifier: Apache-2.0 */
/* vitran-emu's configuration: what an operator leaves out, and what is refused. */
#include <errno.h>

#include "fronthaul/emulator/config.h"
#include "tests/unit/cu.h"

static emu_config_t c;
static config_error_t err;

static int parse(const char *text)
{
    memset(&c, 0, sizeof c);
    int r = config_parse("emu.yaml", text, strlen(text), emu_config_keys, &c, &err);
    return r ? r : emu_config_check(&c, &err);
}

#define UE(imsi, tun)                                                                                        \
    "  - {imsi: \"" imsi "\", k: 465b5ce8b199b49faa5f0a2ee238a6bc, opc: cd63cb71954a9f4e48a5994e37a02baf,\n" \
    "     slices: [{sst: 1}], netns: a, tun: " tun "}\n"

static void test_defaults(void)
{
    CU_ASSERT_EQUAL_FATAL(parse("ues:\n" UE("001010000000001", "t0")), 0);
    CU_ASSERT_EQUAL(c.n_ues, 1);
    CU_ASSERT_STRING_EQUAL(c.l1_socket, "/run/vitran/l1.sock");
    CU_ASSERT_STRING_EQUAL(c.admin_listen, "unix:/run/vitran/emu.sock");
    CU_ASSERT_EQUAL(c.pace, EMU_PACE_REALTIME);
    CU_ASSERT_EQUAL(c.ues[0].slices[0].sd, 0xffffff);
    CU_ASSERT_DOUBLE_EQUAL(c.ues[0].sinr_dl_db, 25, 0);
    CU_ASSERT_EQUAL(c.ues[0].k[0], 0x46);
}

static void test_refusals(void)
{
    CU_ASSERT_EQUAL(parse("ues:\n" UE("00101000000000", "t0")), -EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "imsi"));
    CU_ASSERT_EQUAL(parse("ues:\n" UE("001010000000001", "t0") UE("001010000000001", "t1")), -EINVAL);
    CU_ASSERT_EQUAL(parse("ues:\n" UE("001010000000001", "t0") UE("001010000000002", "t0")), -EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "tun"));
    CU_ASSERT_EQUAL(parse("pace: fast\nues:\n" UE("001010000000001", "t0")), -EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "emu.yaml:1"));
}

CU_MAIN("emu config", {"defaults", test_defaults}, {"refusals", test_refusals})
