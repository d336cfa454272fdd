/* SPDX-License-Identifier: Apache-2.0 */
/* TS 38.214 5.1.3, 5.2.2.1. Tables are the standard's, rates times ten (SCF-222's unit). */
#include "lib/mac/mcs.h"

#include <stddef.h>

/* Tables 5.1.3.1-1, -2, -3. Rows without a rate come last. */
static const mcs_t mcs_tables[3][32] = {
    {{2, 1200}, {2, 1570}, {2, 1930}, {2, 2510}, {2, 3080}, {2, 3790}, {2, 4490}, {2, 5260},
     {2, 6020}, {2, 6790}, {4, 3400}, {4, 3780}, {4, 4340}, {4, 4900}, {4, 5530}, {4, 6160},
     {4, 6580}, {6, 4380}, {6, 4660}, {6, 5170}, {6, 5670}, {6, 6160}, {6, 6660}, {6, 7190},
     {6, 7720}, {6, 8220}, {6, 8730}, {6, 9100}, {6, 9480}, {2, 0},    {4, 0},    {6, 0}},
    {{2, 1200}, {2, 1930}, {2, 3080}, {2, 4490}, {2, 6020}, {4, 3780}, {4, 4340}, {4, 4900},
     {4, 5530}, {4, 6160}, {4, 6580}, {6, 4660}, {6, 5170}, {6, 5670}, {6, 6160}, {6, 6660},
     {6, 7190}, {6, 7720}, {6, 8220}, {6, 8730}, {8, 6825}, {8, 7110}, {8, 7540}, {8, 7970},
     {8, 8410}, {8, 8850}, {8, 9165}, {8, 9480}, {2, 0},    {4, 0},    {6, 0},    {8, 0}},
    {{2, 300},  {2, 400},  {2, 500},  {2, 640},  {2, 780},  {2, 990},  {2, 1200}, {2, 1570},
     {2, 1930}, {2, 2510}, {2, 3080}, {2, 3790}, {2, 4490}, {2, 5260}, {2, 6020}, {4, 3400},
     {4, 3780}, {4, 4340}, {4, 4900}, {4, 5530}, {4, 6160}, {6, 4380}, {6, 4660}, {6, 5170},
     {6, 5670}, {6, 6160}, {6, 6660}, {6, 7190}, {6, 7720}, {2, 0},    {4, 0},    {6, 0}},
};

/* Tables 5.2.2.1-2, -3, -4; index 0 is "out of range". */
static const mcs_t cqi_tables[3][16] = {
    {{0, 0},
     {2, 780},
     {2, 1200},
     {2, 1930},
     {2, 3080},
     {2, 4490},
     {2, 6020},
     {4, 3780},
     {4, 4900},
     {4, 6160},
     {6, 4660},
     {6, 5670},
     {6, 6660},
     {6, 7720},
     {6, 8730},
     {6, 9480}},
    {{0, 0},
     {2, 780},
     {2, 1930},
     {2, 4490},
     {4, 3780},
     {4, 4900},
     {4, 6160},
     {6, 4660},
     {6, 5670},
     {6, 6660},
     {6, 7720},
     {6, 8730},
     {8, 7110},
     {8, 7970},
     {8, 8850},
     {8, 9480}},
    {{0, 0},
     {2, 300},
     {2, 500},
     {2, 780},
     {2, 1200},
     {2, 1930},
     {2, 3080},
     {2, 4490},
     {2, 6020},
     {4, 3780},
     {4, 4900},
     {4, 6160},
     {6, 4660},
     {6, 5670},
     {6, 6660},
     {6, 7720}},
};

/* Table 5.1.3.2-1: sizes for N_info <= 3824. */
static const uint16_t small_tbs[] = {
    24,   32,   40,   48,   56,   64,   72,   80,   88,   96,   104,  112,  120,  128,  136,  144,
    152,  160,  168,  176,  184,  192,  208,  224,  240,  256,  272,  288,  304,  320,  336,  352,
    368,  384,  408,  432,  456,  480,  504,  528,  552,  576,  608,  640,  672,  704,  736,  768,
    808,  848,  888,  928,  984,  1032, 1064, 1128, 1160, 1192, 1224, 1256, 1288, 1320, 1352, 1416,
    1480, 1544, 1608, 1672, 1736, 1800, 1864, 1928, 2024, 2088, 2152, 2216, 2280, 2408, 2472, 2536,
    2600, 2664, 2728, 2792, 2856, 2976, 3104, 3240, 3368, 3496, 3624, 3752, 3824};

bool mcs_get(uint8_t table, uint8_t index, mcs_t *ret)
{
    if (table < 1 || table > 3 || index > 31)
        return false;
    *ret = mcs_tables[table - 1][index];
    return true;
}

uint8_t mcs_max_index(uint8_t table)
{
    return table == MCS_TABLE_QAM256                                    ? 27
           : table == MCS_TABLE_QAM64 || table == MCS_TABLE_QAM64_LOWSE ? 28
                                                                        : 0;
}

uint8_t mcs_retx_index(uint8_t table, uint8_t qm)
{
    return (uint8_t)(table == MCS_TABLE_QAM256 ? 27 + qm / 2 : 28 + qm / 2);
}

uint32_t mcs_efficiency_x256(uint8_t table, uint8_t index)
{
    mcs_t m;
    if (!mcs_get(table, index, &m))
        return 0;
    return (uint32_t)m.qm * m.rate_x10 * 256u / 10240u;
}

bool cqi_get(uint8_t table, uint8_t cqi, mcs_t *ret)
{
    if (table < 1 || table > 3 || cqi < 1 || cqi > 15)
        return false;
    *ret = cqi_tables[table - 1][cqi];
    return true;
}

uint8_t mcs_from_cqi(uint8_t cqi_table, uint8_t cqi, uint8_t mcs_table)
{
    mcs_t want, have;
    uint8_t best = 0;
    if (!cqi_get(cqi_table, cqi, &want))
        return 0;
    for (uint8_t i = 0; i <= mcs_max_index(mcs_table); i++)
        if (mcs_get(mcs_table, i, &have) &&
            (uint32_t)have.qm * have.rate_x10 <= (uint32_t)want.qm * want.rate_x10)
            best = i;
    return best;
}

/* Smallest table entry that is not below n. n <= 3824. The entries are dense enough for a short search. */
static uint32_t small_tbs_at_least(uint32_t n)
{
    size_t low = 0, high = sizeof small_tbs / sizeof *small_tbs - 1;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (small_tbs[mid] < n)
            low = mid + 1;
        else
            high = mid;
    }
    return small_tbs[low];
}

uint32_t tbs_bits(uint16_t re_per_prb, uint16_t n_prb, uint8_t qm, uint16_t rate_x10, uint8_t n_layers,
                  uint8_t scaling)
{
    /* Step 2: N_info = S N_RE R Qm v, here in units of 1 / 10240 bit so that nothing is rounded. */
    uint64_t info = (uint64_t)re_per_prb * n_prb * rate_x10 * qm * n_layers;
    const uint32_t unit = 10240u << (scaling > 2 ? 2 : scaling);
    if (info == 0)
        return 0;

    if (info <= (uint64_t)3824 * unit) { /* step 3 */
        uint32_t whole = (uint32_t)(info / unit);
        uint32_t log2 = whole ? 31u - (uint32_t)__builtin_clz(whole) : 0;
        uint32_t n = log2 > 9 ? log2 - 6 : 3; /* max(3, floor(log2 N_info) - 6) */
        uint32_t quantized = whole >> n << n;
        return small_tbs_at_least(quantized < 24 ? 24 : quantized);
    }

    /* Step 4. n = floor(log2(N_info - 24)) - 5; N'_info = max(3840, 2^n round((N_info - 24) / 2^n)). */
    uint64_t rest = info - (uint64_t)24 * unit;
    uint64_t whole = rest / unit;
    uint32_t n = 63u - (uint32_t)__builtin_clzll(whole) - 5;
    uint64_t step = (uint64_t)unit << n;
    uint64_t quantized = (rest + step / 2) / step << n; /* a half rounds up */
    if (quantized < 3840)
        quantized = 3840;
    uint32_t b = (uint32_t)quantized + 24;
    uint32_t c = 1; /* code blocks */
    if (rate_x10 <= 2560)
        c = (b + 3816 - 1) / 3816;
    else if (quantized > 8424)
        c = (b + 8424 - 1) / 8424;
    return 8 * c * ((b + 8 * c - 1) / (8 * c)) - 24;
}

uint32_t tbs_bytes(uint8_t mcs_table, uint8_t mcs, uint16_t re_per_prb, uint16_t n_prb, uint8_t n_layers)
{
    mcs_t m;
    if (!mcs_get(mcs_table, mcs, &m) || m.rate_x10 == 0)
        return 0;
    return tbs_bits(re_per_prb, n_prb, m.qm, m.rate_x10, n_layers, 0) / 8;
}
