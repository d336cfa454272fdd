/* SPDX-License-Identifier: Apache-2.0 */
/* The `core:` mapping of the CU's configuration. */
#include "cu/core/core.h"

#include "lib/nas/nas.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define SQN_MAX 281474976710655.0 /* 2^48 - 1 */
#define KBPS_MAX 1e12

static const config_key_t slice_keys[] = {
    {.name = "sst",
     .type = CONFIG_I64,
     .offset = offsetof(core_slice_t, sst),
     .min = 1,
     .max = 255,
     .help = "slice/service type"},
    {.name = "sd",
     .type = CONFIG_I64,
     .offset = offsetof(core_slice_t, sd),
     .max = 0xffffff,
     .def = "0xffffff",
     .help = "slice differentiator, 0xffffff: none"},
    {0},
};

#define SUB(m) offsetof(core_subscriber_t, m)
static const config_key_t subscriber_keys[] = {
    {.name = "imsi",
     .type = CONFIG_STR,
     .offset = SUB(imsi),
     .size = CORE_IMSI_DIGITS + 1,
     .help = "MCC, MNC, MSIN"},
    {.name = "k", .type = CONFIG_HEX, .offset = SUB(k), .size = 16, .help = "subscriber key K"},
    {.name = "opc", .type = CONFIG_HEX, .offset = SUB(opc), .size = 16, .help = "OPc of Milenage"},
    {.name = "amf",
     .type = CONFIG_HEX,
     .offset = SUB(amf),
     .size = 2,
     .def = "8000",
     .help = "authentication management field"},
    {.name = "sqn",
     .type = CONFIG_I64,
     .offset = SUB(sqn),
     .max = SQN_MAX,
     .def = "0",
     .help = "last sequence number given out"},
    {.name = "ip",
     .type = CONFIG_IPV4,
     .offset = SUB(ipv4),
     .def = "0.0.0.0",
     .help = "static address; 0.0.0.0: one of the pool"},
    {.name = "ambr_dl",
     .type = CONFIG_I64,
     .offset = SUB(ambr_dl_kbps),
     .min = 1,
     .max = KBPS_MAX,
     .def = "1000000",
     .unit = "kbit/s",
     .help = "aggregate maximum bit rate down"},
    {.name = "ambr_ul",
     .type = CONFIG_I64,
     .offset = SUB(ambr_ul_kbps),
     .min = 1,
     .max = KBPS_MAX,
     .def = "1000000",
     .unit = "kbit/s",
     .help = "aggregate maximum bit rate up"},
    {.name = "dnn",
     .type = CONFIG_STR,
     .offset = SUB(dnn),
     .size = sizeof(((core_subscriber_t *)0)->dnn),
     .def = "internet",
     .help = "data network name"},
    {.name = "slices",
     .type = CONFIG_LIST,
     .offset = SUB(slices),
     .size = CORE_MAX_SLICES,
     .def = "",
     .help = "subscribed slices, the default first; none: SST 1",
     .sub = slice_keys,
     .sub_size = sizeof(core_slice_t),
     .count_offset = SUB(n_slices)},
    {0},
};

#define CORE(m) offsetof(core_config_t, m)
const config_key_t core_config_keys[] = {
    {.name = "plmn",
     .type = CONFIG_STR,
     .offset = CORE(plmn),
     .size = sizeof(((core_config_t *)0)->plmn),
     .def = "00101",
     .help = "MCC and MNC"},
    {.name = "tac",
     .type = CONFIG_I64,
     .offset = CORE(tac),
     .max = 0xffffff,
     .def = "7",
     .help = "tracking area code"},
    {.name = "amf_region_id",
     .type = CONFIG_I64,
     .offset = CORE(amf_region_id),
     .max = 255,
     .def = "1",
     .help = "of the GUAMI"},
    {.name = "amf_set_id",
     .type = CONFIG_I64,
     .offset = CORE(amf_set_id),
     .max = 1023,
     .def = "1",
     .help = "of the GUAMI"},
    {.name = "amf_pointer",
     .type = CONFIG_I64,
     .offset = CORE(amf_pointer),
     .max = 63,
     .def = "0",
     .help = "of the GUAMI"},
    {.name = "pool_first",
     .type = CONFIG_IPV4,
     .offset = CORE(pool_first),
     .def = "10.45.0.2",
     .help = "first address for UEs"},
    {.name = "pool_last",
     .type = CONFIG_IPV4,
     .offset = CORE(pool_last),
     .def = "10.45.0.254",
     .help = "last address for UEs"},
    {.name = "dns",
     .type = CONFIG_IPV4,
     .offset = CORE(dns),
     .def = "0.0.0.0",
     .help = "given to UEs that ask; 0.0.0.0: none"},
    {.name = "mtu",
     .type = CONFIG_I64,
     .offset = CORE(mtu),
     .min = 576,
     .max = 9000,
     .def = "1400",
     .unit = "bytes",
     .help = "given to UEs that ask"},
    {.name = "nea",
     .type = CONFIG_I64,
     .offset = CORE(nea),
     .max = 3,
     .def = "2",
     .help = "NAS ciphering algorithm"},
    {.name = "nia",
     .type = CONFIG_I64,
     .offset = CORE(nia),
     .min = 1,
     .max = 3,
     .def = "2",
     .help = "NAS integrity algorithm"},
    {.name = "max_ues",
     .type = CONFIG_I64,
     .offset = CORE(max_ues),
     .min = 1,
     .max = 65536,
     .def = "256",
     .help = "UE contexts"},
    {.name = "t3513",
     .type = CONFIG_I64,
     .offset = CORE(t3513_ms),
     .min = 10,
     .max = 600000,
     .def = "2000",
     .unit = "ms",
     .help = "PAGING is repeated"},
    {.name = "t3550",
     .type = CONFIG_I64,
     .offset = CORE(t3550_ms),
     .min = 10,
     .max = 600000,
     .def = "6000",
     .unit = "ms",
     .help = "REGISTRATION ACCEPT is repeated"},
    {.name = "t3560",
     .type = CONFIG_I64,
     .offset = CORE(t3560_ms),
     .min = 10,
     .max = 600000,
     .def = "6000",
     .unit = "ms",
     .help = "AUTHENTICATION REQUEST, SECURITY MODE COMMAND are repeated"},
    {.name = "t3570",
     .type = CONFIG_I64,
     .offset = CORE(t3570_ms),
     .min = 10,
     .max = 600000,
     .def = "6000",
     .unit = "ms",
     .help = "IDENTITY REQUEST is repeated"},
    {.name = "subscribers",
     .type = CONFIG_LIST,
     .offset = CORE(subscribers),
     .size = CORE_MAX_SUBSCRIBERS,
     .def = "",
     .help = "who may register",
     .sub = subscriber_keys,
     .sub_size = sizeof(core_subscriber_t),
     .count_offset = CORE(n_subscribers)},
    {0},
};

#define FAIL(...)                                                                                            \
    do {                                                                                                     \
        snprintf(err->text, sizeof err->text, __VA_ARGS__);                                                  \
        return -EINVAL;                                                                                      \
    } while (0)

static int subscriber_check(const core_config_t *c, uint32_t i, config_error_t *err)
{
    const core_subscriber_t *s = &c->subscribers[i];
    size_t n = strlen(s->imsi);
    if (n < 6 || strspn(s->imsi, "0123456789") != n)
        FAIL("core.subscribers[%u].imsi: expected 6 to 15 digits, found \"%s\"", i, s->imsi);
    if (!(s->amf[0] & 0x80))
        FAIL(
            "core.subscribers[%u].amf: expected the first bit set (the separation bit of 5G), found %02x%02x",
            i, s->amf[0], s->amf[1]);
    if (!s->dnn[0])
        FAIL("core.subscribers[%u].dnn: expected a name, found nothing", i);
    for (uint32_t k = 0; k < i; k++) {
        if (strcmp(c->subscribers[k].imsi, s->imsi) == 0)
            FAIL("core.subscribers[%u].imsi: %s is there already", i, s->imsi);
        if (s->ipv4 && c->subscribers[k].ipv4 == s->ipv4)
            FAIL("core.subscribers[%u].ip: subscriber %s has this address already", i,
                 c->subscribers[k].imsi);
    }
    return 0;
}

int core_config_check(const core_config_t *c, config_error_t *err)
{
    uint8_t plmn[3];
    if (nas_plmn_build(c->plmn, plmn) < 0)
        FAIL("core.plmn: expected 5 or 6 digits, found \"%s\"", c->plmn);
    if (c->pool_first > c->pool_last || c->pool_last - c->pool_first >= 1u << 20)
        FAIL("core.pool_last: expected an address from pool_first to pool_first + 1048575");
    for (uint32_t i = 0; i < c->n_subscribers; i++)
        if (subscriber_check(c, i, err) < 0)
            return -EINVAL;
    return 0;
}
