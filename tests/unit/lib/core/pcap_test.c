/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a capture file, by the pcapng draft; tshark reads what processes write in the end-to-end
 * tests. */
#include "lib/core/pcap.h"
#include "tests/unit/cu.h"

#include <stdlib.h>
#include <unistd.h>

static void test_blocks(void)
{
    char path[] = "/tmp/vitran-pcap-XXXXXX";
    uint8_t b[512];
    pcap_t *p;
    close(mkstemp(path));
    CU_ASSERT_EQUAL_FATAL(pcap_create(path, &p), 0);
    CU_ASSERT_EQUAL(pcap_write_exported(p, 0x123456789abcdef0, "f1ap", "\1\2\3", 3), 0);
    CU_ASSERT_EQUAL(pcap_write_udp(p, 1, 9999, "mac", 3, "xy", 2), 0);
    CU_ASSERT_EQUAL(pcap_frames(p), 2);
    pcap_limit(p, 2);
    CU_ASSERT_EQUAL(pcap_write_exported(p, 2, "f1ap", "\1", 1), 0);
    CU_ASSERT_EQUAL(pcap_frames(p), 2);
    CU_ASSERT_EQUAL(pcap_left_out(p), 1);
    pcap_close(p);
    FILE *f = fopen(path, "rb");
    size_t n = fread(b, 1, sizeof b, f);
    fclose(f);
    unlink(path);
    CU_ASSERT_EQUAL_FATAL(n, 28 + 2 * 32 + (32 + 16) + (32 + 36));
    CU_ASSERT_BYTES(b, 4, "\x0a\x0d\x0d\x0a", 4);
    CU_ASSERT_BYTES(b + 28 + 8, 2, "\xfc\0", 2);
    const uint8_t *e = b + 92; /* the exported PDU */
    CU_ASSERT_BYTES(e + 12, 8, "\x78\x56\x34\x12\xf0\xde\xbc\x9a", 8);
    CU_ASSERT_BYTES(e + 20, 4, "\x0f\0\0\0", 4);
    CU_ASSERT_BYTES(e + 28, 15,
                    "\0\x0c\0\x04"
                    "f1ap\0\0\0\0\1\2\3",
                    15);
    const uint8_t *u = e + 48 + 28;
    CU_ASSERT_BYTES(u, 4, "\x45\0\0\x21", 4);
    CU_ASSERT_BYTES(u + 28, 5, "macxy", 5);
    uint32_t sum = 0;
    for (int i = 0; i < 20; i += 2)
        sum += (uint32_t)u[i] << 8 | u[i + 1];
    CU_ASSERT_EQUAL((sum & 0xffff) + (sum >> 16), 0xffff);
}

CU_MAIN("pcap", {"blocks", test_blocks})
