/* SPDX-License-Identifier: Apache-2.0 */
#include "cu/config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cu/f1ap/f1ap_cu.h"
#include "lib/sctp/assoc.h"

#define AT(member) offsetof(cu_config_t, member)
#define I64(key, member, lo, hi, dflt, u, text)                                                              \
    {                                                                                                        \
        .name = key, .type = CONFIG_I64, .offset = AT(member), .min = lo, .max = hi, .def = dflt, .unit = u, \
        .help = text                                                                                         \
    }
#define STR(key, member, dflt, text)                                                                         \
    {                                                                                                        \
        .name = key, .type = CONFIG_STR, .offset = AT(member), .size = sizeof(((cu_config_t *)0)->member),   \
        .def = dflt, .help = text                                                                            \
    }
#define BOOL(key, member, dflt, text)                                                                        \
    {                                                                                                        \
        .name = key, .type = CONFIG_BOOL, .offset = AT(member), .def = dflt, .help = text                    \
    }
#define IPV4(key, member, dflt, text)                                                                        \
    {                                                                                                        \
        .name = key, .type = CONFIG_IPV4, .offset = AT(member), .def = dflt, .help = text                    \
    }
/* The members of a nested mapping are described from the whole struct's start. */
#define MAP(key, table, text)                                                                                \
    {                                                                                                        \
        .name = key, .type = CONFIG_MAP, .sub = table, .def = "", .help = text                               \
    }
#define ALGORITHMS(key, member, count, table, text)                                                          \
    {                                                                                                        \
        .name = key, .type = CONFIG_LIST, .offset = AT(member), .size = 4, .sub = table,                     \
        .sub_size = sizeof(int64_t), .count_offset = AT(count), .def = "", .help = text                      \
    }
#define END                                                                                                  \
    {                                                                                                        \
        .name = NULL                                                                                         \
    }

static const config_key_t log_keys[] = {
    STR("level", level, "notice", "the most talkative level: error, warning, notice, info, debug"),
    STR("file", file, "", "where log lines go; empty: standard error"), END};

static const config_key_t cu_keys[] = {STR("name", cu.name, "vitran-cu", "gNB-CU Name"), END};

static const config_key_t f1c_keys[] = {
    STR("local", f1c.local, "", "our addresses, separated by commas; empty: any"),
    I64("port", f1c.port, 1, 65535, "38472", NULL, "SCTP port"),
    {.name = "carrier",
     .type = CONFIG_ENUM,
     .offset = AT(f1c.carrier),
     .labels = assoc_carrier_labels,
     .def = "auto",
     .help = "what carries SCTP"},
    I64("udp_port", f1c.udp_port, 1, 65535, "9899", NULL, "carrier udp: our UDP port"),
    END};

static const config_key_t f1u_keys[] = {
    IPV4("address", f1u.address, NULL, "our F1-U address: DUs send there"),
    I64("port", f1u.port, 1, 65535, "2152", NULL, "GTP-U port"), END};

static const config_key_t n6_keys[] = {
    STR("tun", n6.tun, "n6", "TUN device towards the data network, made here; empty: none"),
    IPV4("address", n6.address, "10.45.0.1", "its address"),
    I64("prefix", n6.prefix, 0, 32, "16", "bits", "its prefix"),
    I64("mtu", n6.mtu, 576, 9000, "1400", "bytes", "its MTU"), END};

static const config_key_t algorithm_keys[] = {
    {.name = "", .type = CONFIG_I64, .offset = 0, .min = 0, .max = 3, .def = NULL, .help = "algorithm 0..3"},
    END};

static const config_key_t security_keys[] = {
    ALGORITHMS("nea", security.nea, security.n_nea, algorithm_keys,
               "AS ciphering, in order of preference; none: 2, 1, 3, 0"),
    ALGORITHMS("nia", security.nia, security.n_nia, algorithm_keys,
               "AS integrity, in order of preference; none: 2, 1, 3"),
    BOOL("up_integrity", security.up_integrity, "false", "protect the integrity of user data too"), END};

static const config_key_t rrc_keys[] = {
    I64("max_ues", rrc.max_ues, 1, F1AP_CU_MAX_UES, "256", "UEs", "further ones are rejected"),
    I64("procedure_ms", rrc.procedure_ms, 100, 600000, "10000", "ms", "what a UE or a DU may take to answer"),
    BOOL("reestablishment", rrc.reestablishment, "true",
         "true: a UE that lost its radio link gets its connection back; false: it falls back to a setup"),
    BOOL("inactivity_release", rrc.inactivity_release, "false", "release UEs that their DU reports inactive"),
    END};

static const config_key_t admin_keys[] = {
    STR("listen", admin.listen, "", "admin service, e.g. unix:/run/vitran/cu.sock; empty: none"), END};
static const config_key_t pcap_keys[] = {STR("nas", pcap.nas, "", "NAS messages as pcapng; empty: none"),
                                         END};

const config_key_t cu_config_keys[] = {MAP("log", log_keys, "logging"),
                                       MAP("cu", cu_keys, "who this is"),
                                       MAP("f1c", f1c_keys, "F1-C, where DUs connect"),
                                       MAP("f1u", f1u_keys, "F1-U, user plane"),
                                       MAP("n6", n6_keys, "N6, to the data network"),
                                       MAP("security", security_keys, "AS security"),
                                       MAP("rrc", rrc_keys, "RRC"),
                                       MAP("admin", admin_keys, "vitran-ctl's service"),
                                       MAP("pcap", pcap_keys, "captures"),
                                       {.name = "core",
                                        .type = CONFIG_MAP,
                                        .offset = AT(core),
                                        .sub = core_config_keys,
                                        .def = "",
                                        .help = "the embedded core"},
                                       END};

static void default_algorithms(int64_t *list, uint32_t *n, const int64_t *def, uint32_t n_def)
{
    if (*n)
        return;
    memcpy(list, def, n_def * sizeof *def);
    *n = n_def;
}

int cu_config_read(const char *path, cu_config_t *ret, config_error_t *err)
{
    static const int64_t nea[] = {2, 1, 3, 0}, nia[] = {2, 1, 3};
    int r = config_load(path, cu_config_keys, ret, err);
    if (r < 0)
        return r;
    default_algorithms(ret->security.nea, &ret->security.n_nea, nea, 4);
    default_algorithms(ret->security.nia, &ret->security.n_nia, nia, 3);
    return core_config_check(&ret->core, err) < 0 ? config_located(path, err) : 0;
}
