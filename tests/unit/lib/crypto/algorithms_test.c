/* SPDX-License-Identifier: Apache-2.0 */
/* NEA and NIA against published test data: TS 33.401 annex C (128-EEA1, 2, 3 and 128-EIA1, 2, 3, which are
 * 128-NEA and 128-NIA by TS 33.501 annex D.4), whose sets for SNOW 3G are those of TS 35.217 and for ZUC
 * those of TS 35.223. Batches are compared with single calls on random messages. */
#include "lib/crypto/crypto.h"
#include "tests/unit/cu.h"

#include <errno.h>
#include <stdlib.h>

static size_t unhex(const char *s, uint8_t *to, size_t cap)
{
    size_t n = strlen(s) / 2;
    CU_ASSERT_FATAL(n <= cap);
    for (size_t i = 0; i < n; i++) {
        unsigned v;
        CU_ASSERT_EQUAL_FATAL(sscanf(s + 2 * i, "%2x", &v), 1);
        to[i] = (uint8_t)v;
    }
    return n;
}

typedef struct {
    nea_t alg;
    const char *key;
    uint32_t count;
    uint8_t bearer, direction;
    unsigned n_bits;
    const char *plain, *cipher;
} nea_set_t;

static const nea_set_t nea_sets[] = {
    /* TS 33.401 C.3 / TS 35.217 4.3, set 1 */
    {NEA1, "d3c5d592327fb11c4035c6680af8c6d1", 0x398a59b4, 0x15, 1, 253,
     "981ba6824c1bfb1ab485472029b71d808ce33e2cc3c0b5fc1f3de8a6dc66b1f0",
     "5d5bfe75eb04f68ce0a12377ea00b37d47c6a0ba06309155086a859c4341b378"},
    /* set 2 */
    {NEA1, "2bd6459f82c440e0952c49104805ff48", 0xc675a64b, 0x0c, 1, 798,
     "7ec61272743bf1614726446a6c38ced166f6ca76eb5430044286346cef130f92922b03450d3a9975e5bd2ea0eb55ad8e1b199e3"
     "ec43"
     "16020e9a1b285e762795359b7bdfd39bef4b2484583d5afe082aee638bf5fd5a606193901a08f4ab41aab9b134880",
     "3f67850714b8da69efb727ed7a6c0c50714ad736c4f5600006e3525be807c467c677ff864af45fba09c27cde38f87a1f84d59ab"
     "2554"
     "08f2c7b82f9ead41a1fe65eabebfbc1f3a4c56c9a26fcf7b3d66d0220ee4775bc58170a2b12f3431d11b344d6e36c"},
    /* set 3 */
    {NEA1, "0a8b6bd8d9b08b08d64e32d1817777fb", 0x544d49cd, 0x04, 0, 310,
     "fd40a41d370a1f65745095687d47ba1d36d2349e23f644392c8ea9c49d40c13271aff264d0f248",
     "48148e5452a210c05f46bc80dc6f73495b02048c1b958b026102ca97280279a4c18d2ee308921c"},
    /* TS 33.401 C.1, set 1 */
    {NEA2, "d3c5d592327fb11c4035c6680af8c6d1", 0x398a59b4, 0x15, 1, 253,
     "981ba6824c1bfb1ab485472029b71d808ce33e2cc3c0b5fc1f3de8a6dc66b1f0",
     "e9fed8a63d155304d71df20bf3e82214b20ed7dad2f233dc3c22d7bdeeed8e78"},
    /* TS 33.401 C.4, set 1 */
    {NEA3, "173d14ba5003731d7a60049470f00a29", 0x66035492, 0x0f, 0, 193,
     "6cf65340735552ab0c9752fa6f9025fe0bd675d9005875b2", "a6c85fc66afb8533aafc2518dfe784940ee1e4b030238cc8"},
};

static void test_nea_sets(void)
{
    crypto_t *c = NULL;
    CU_ASSERT_FATAL(crypto_create(&c) == 0);
    for (size_t i = 0; i < sizeof nea_sets / sizeof *nea_sets; i++) {
        const nea_set_t *s = &nea_sets[i];
        uint8_t key[16], plain[256], want[256], got[256];
        unhex(s->key, key, sizeof key);
        unhex(s->plain, plain, sizeof plain);
        unhex(s->cipher, want, sizeof want);
        nea_key_t k;
        CU_ASSERT_EQUAL(nea_key_init(c, &k, s->alg, key), 0);
        unsigned n = (s->n_bits + 7) / 8;
        nea_apply(c, &k, s->count, s->bearer, s->direction, plain, got, n);
        /* Sets end inside an octet; messages of ours do not. */
        CU_ASSERT_EQUAL(memcmp(got, want, s->n_bits / 8), 0);
        if (s->n_bits % 8)
            CU_ASSERT_EQUAL((got[n - 1] ^ want[n - 1]) & (0xff << (8 - s->n_bits % 8)) & 0xff, 0);
        nea_apply(c, &k, s->count, s->bearer, s->direction, got, got, n);
        CU_ASSERT_EQUAL(memcmp(got, plain, n), 0);
    }
    crypto_destroy(c);
}

typedef struct {
    nia_t alg;
    const char *key;
    uint32_t count;
    uint8_t bearer, direction;
    unsigned n_bits;
    const char *message;
    uint32_t mac;
} nia_set_t;

static const char nia_set_6[] =
    "70dedf2dc42c5cbd3a96f8a0b11418b3608d5733604a2cd36aabc70ce3193bb5153be2d3c06dfdb2d16e9c357158be6a41d6b861"
    "e491d"
    "b3fbfeb518efcf048d7d58953730ff30c9ec470ffcd663dc34201c36addc0111c35b38afee7cfdb582e3731f8b4baa8d1a89c06e"
    "81199"
    "a9716227be344efcb436ddd0f096c064c3b5e2c399993fc77394f9e09720a811850ef23b2ee05d9e6173609d86e1c0c18ea51a01"
    "2a00b"
    "b413b9cb8188a703cd6bae31cc67b34b1b00019e6a2b2a690f02671fe7c9ef8dec0094e533763478d58d2c5f5b827a0148c5948a"
    "96931"
    "acf84f465a64e62ce74007e991e37ea823fa0fb21923b79905b733b631e6c7d6860a3831ac351a9c730c52ff72d9d308eedbab21"
    "fde14"
    "3a0ea17e23edc1f74cbb3638a2033aaa15464eaa733385dbbeb6fd73509b857e6a419dca1d8907af977fbac4dfa35ec";

static const nia_set_t nia_sets[] = {
    /* TS 33.401 C.4 / TS 35.217 with FRESH made of BEARER, set 1 and set 6 */
    {NIA1, "2bd6459f82c5b300952c49104881ff48", 0x38a6f056, 0x1f, 0, 88, "33323462633938613734790000000000",
     0x731f1165},
    {NIA1, "5d0a80d8134ae19677824b671e838af4", 0x7827fab2, 0x05, 1, 2558, nia_set_6, 0x0fa2b1ee},
    /* TS 33.401 C.2, sets 1, 2 and 7 */
    {NIA2, "2bd6459f82c5b300952c49104881ff48", 0x38a6f056, 0x18, 0, 58, "3332346263393840", 0x118c6eb8},
    {NIA2, "d3c5d592327fb11c4035c6680af8c6d1", 0x398a59b4, 0x1a, 1, 64, "484583d5afe082ae", 0xb93787e6},
    {NIA2, "5d0a80d8134ae19677824b671e838af4", 0x7827fab2, 0x05, 1, 2558, nia_set_6, 0xf4cc8fa3},
    /* TS 33.401 C.4 (128-EIA3), sets 1 and 2 */
    {NIA3, "00000000000000000000000000000000", 0, 0, 0, 1, "00000000", 0xc8a9595e},
    {NIA3, "47054125561eb2dda94059da05097850", 0x561eb2dd, 0x14, 0, 90, "000000000000000000000000",
     0x6719a088},
};

static void test_nia_sets(void)
{
    crypto_t *c = NULL;
    CU_ASSERT_FATAL(crypto_create(&c) == 0);
    for (size_t i = 0; i < sizeof nia_sets / sizeof *nia_sets; i++) {
        const nia_set_t *s = &nia_sets[i];
        uint8_t key[16], message[512] = {0}, mac[4];
        unhex(s->key, key, sizeof key);
        unhex(s->message, message, sizeof message);
        nia_key_t k;
        CU_ASSERT_EQUAL(nia_key_init(c, &k, s->alg, key), 0);
        nia_mac_bits(c, &k, s->count, s->bearer, s->direction, message, s->n_bits, mac);
        uint32_t got = (uint32_t)mac[0] << 24 | (uint32_t)mac[1] << 16 | (uint32_t)mac[2] << 8 | mac[3];
        CU_ASSERT_EQUAL(got, s->mac);
        if (got != s->mac)
            printf("nia set %zu: %08x\n", i, got);
    }
    crypto_destroy(c);
}

/* What would break: one user's packets ciphered with another's key or COUNT when they share a batch. */
static void test_batch_is_single(void)
{
    enum { N = 150, MAX = 1600 };
    static uint8_t in[N][MAX + 64], batch[N][MAX + 64], one[MAX + 64];
    static nea_key_t nea[N];
    static nia_key_t nia[N];
    nea_job_t jobs[N];
    nia_job_t macs[N];
    crypto_t *c = NULL;
    CU_ASSERT_FATAL(crypto_create(&c) == 0);
    srand(7);
    for (int i = 0; i < N; i++) {
        uint8_t key[16];
        for (int k = 0; k < 16; k++)
            key[k] = (uint8_t)rand();
        for (int k = 0; k < MAX + 64; k++)
            in[i][k] = (uint8_t)rand();
        memcpy(batch[i], in[i], sizeof in[i]);
        CU_ASSERT_EQUAL(nea_key_init(c, &nea[i], (nea_t)(rand() % 4), key), 0);
        CU_ASSERT_EQUAL(nia_key_init(c, &nia[i], (nia_t)(rand() % 4), key), 0);
        uint32_t n = i % 10 == 0 ? (uint32_t)(i % 3) : 1u + (uint32_t)rand() % MAX, count = (uint32_t)rand();
        uint8_t bearer = (uint8_t)(rand() % 32), dir = (uint8_t)(rand() % 2);
        jobs[i] = (nea_job_t){&nea[i], batch[i] + 32, batch[i] + 32, n, count, bearer, dir};
        macs[i] = (nia_job_t){&nia[i], in[i] + 32, n, count, bearer, dir, rand() % 2, {0}};
    }
    nea_batch(c, jobs, N);
    static uint8_t before[N][MAX + 64];
    memcpy(before, in, sizeof in);
    nia_batch(c, macs, N);
    CU_ASSERT_EQUAL(memcmp(before, in, sizeof in), 0); /* the lent headroom is as it was */
    for (int i = 0; i < N; i++) {
        uint8_t mac[4];
        memcpy(one, in[i], sizeof one);
        nea_apply(c, &nea[i], jobs[i].count, jobs[i].bearer, jobs[i].direction, one + 32, one + 32,
                  jobs[i].n_bytes);
        CU_ASSERT_EQUAL(memcmp(one, batch[i], sizeof one), 0);
        nia_mac(c, &nia[i], macs[i].count, macs[i].bearer, macs[i].direction, in[i] + 32, macs[i].n_bytes,
                mac);
        CU_ASSERT(nia_mac_equal(mac, macs[i].mac));
    }
    crypto_destroy(c);
}

static void test_null_and_refusals(void)
{
    crypto_t *c = NULL;
    nea_key_t e;
    nia_key_t i;
    uint8_t key[16] = {1}, a[8] = {1, 2, 3, 4, 5, 6, 7, 8}, b[8], mac[4] = {9, 9, 9, 9};
    CU_ASSERT_FATAL(crypto_create(&c) == 0);
    CU_ASSERT_EQUAL(nea_key_init(c, &e, (nea_t)4, key), -EINVAL);
    CU_ASSERT_EQUAL(nia_key_init(c, &i, (nia_t)9, key), -EINVAL);
    nea_key_init(c, &e, NEA0, key);
    nia_key_init(c, &i, NIA0, key);
    nea_apply(c, &e, 1, 1, 1, a, b, sizeof a);
    CU_ASSERT_EQUAL(memcmp(a, b, sizeof a), 0);
    nia_mac(c, &i, 1, 1, 1, a, sizeof a, mac);
    CU_ASSERT_EQUAL(memcmp(mac, "\0\0\0\0", 4), 0);
    CU_ASSERT_FALSE(nia_mac_equal((const uint8_t *)"abcd", (const uint8_t *)"abce"));
    crypto_destroy(c);
    crypto_destroy(NULL);
}

CU_MAIN("crypto_algorithms", {"NEA test sets", test_nea_sets}, {"NIA test sets", test_nia_sets},
        {"batch equals single", test_batch_is_single}, {"null algorithms", test_null_and_refusals})
