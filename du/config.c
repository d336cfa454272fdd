/* SPDX-License-Identifier: Apache-2.0 */
#include "du/config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/nas/nas.h"

#define I64(key, member, lo, hi, dflt, u, text)                                                              \
    {                                                                                                        \
        .name = key, .type = CONFIG_I64, .offset = offsetof(du_config_t, member), .min = lo, .max = hi,      \
        .def = dflt, .unit = u, .help = text                                                                 \
    }
#define STR(key, member, dflt, text)                                                                         \
    {                                                                                                        \
        .name = key, .type = CONFIG_STR, .offset = offsetof(du_config_t, member),                            \
        .size = sizeof(((du_config_t *)0)->member), .def = dflt, .help = text                                \
    }
#define ENUM(key, member, names, dflt, text)                                                                 \
    {                                                                                                        \
        .name = key, .type = CONFIG_ENUM, .offset = offsetof(du_config_t, member), .labels = names,          \
        .def = dflt, .help = text                                                                            \
    }
/* The members of a nested mapping are described from the whole struct's start. */
#define MAP(key, table, text)                                                                                \
    {                                                                                                        \
        .name = key, .type = CONFIG_MAP, .sub = table, .def = "", .help = text                               \
    }
#define END                                                                                                  \
    {                                                                                                        \
        .name = NULL                                                                                         \
    }

static const config_key_t log_keys[] = {
    STR("level", level, "notice", "the most talkative level: error, warning, notice, info, debug"),
    STR("file", file, "", "where log lines go; empty: standard error"), END};

static const config_key_t du_keys[] = {
    I64("id", du.id, 0, 68719476735.0, "1", NULL, "gNB-DU ID, TS 38.473 9.3.1.9"),
    STR("name", du.name, "vitran-du", "gNB-DU Name"), END};

static const config_key_t f1c_keys[] = {
    STR("local", f1c.local, "", "our addresses, separated by commas; empty: any"),
    STR("remote", f1c.remote, NULL, "addresses of the CU, separated by commas"),
    I64("remote_port", f1c.remote_port, 1, 65535, "38472", NULL, "SCTP port of the CU"),
    ENUM("carrier", f1c.carrier, assoc_carrier_labels, "auto", "what carries SCTP"),
    I64("local_udp_port", f1c.local_udp_port, 1, 65535, "9899", NULL, "carrier udp: our UDP port"),
    I64("remote_udp_port", f1c.remote_udp_port, 1, 65535, "9899", NULL, "carrier udp: the CU's UDP port"),
    END};

static const config_key_t f1u_keys[] = {{.name = "address",
                                         .type = CONFIG_IPV4,
                                         .offset = offsetof(du_config_t, f1u.address),
                                         .def = NULL,
                                         .help = "our F1-U address: the CU sends there"},
                                        I64("port", f1u.port, 1, 65535, "2152", NULL, "GTP-U port"),
                                        END};

static const config_key_t cell_keys[] = {
    STR("plmn", cell.plmn, "00101", "MCC and MNC, 5 or 6 digits"),
    I64("gnb_id", cell.gnb_id, 0, 4294967295.0, "411", NULL, "gNB ID"),
    I64("gnb_id_bits", cell.gnb_id_bits, 22, 32, "22", "bits", "length of the gNB ID"),
    I64("cell_id", cell.cell_id, 0, 16383, "1", NULL, "the NR Cell Identity's bits behind the gNB ID"),
    I64("tac", cell.tac, 0, 16777215, "7", NULL, "tracking area code"),
    I64("pci", cell.pci, 0, 1007, "1", NULL, "physical cell identity"),
    I64("n_prb", cell.n_prb, 51, 273, "51", "PRBs", "carrier at 30 kHz: 51 is 20 MHz, 273 is 100 MHz"),
    I64("t311_ms", cell.t311_ms, 1000, 30000, "3000", "ms",
        "how long a UE that lost its link looks for a cell: 1000, 3000, 5000, 10000, 15000, 20000, 30000"),
    END};

static const config_key_t slice_keys[] = {{.name = "sst",
                                           .type = CONFIG_I64,
                                           .offset = 0,
                                           .min = 1,
                                           .max = 255,
                                           .def = NULL,
                                           .help = "slice/service type"},
                                          {.name = "sd",
                                           .type = CONFIG_I64,
                                           .offset = sizeof(int64_t),
                                           .min = 0,
                                           .max = 16777215,
                                           .def = "0xffffff",
                                           .help = "slice differentiator; 0xffffff: none"},
                                          END};

static const char *const clock_labels[] = {"lockstep", "system", NULL};
static const config_key_t slot_keys[] = {
    ENUM("clock", slot.clock, clock_labels, "lockstep",
         "lockstep: the emulator releases slots; system: TAI of this machine"),
    I64("advance", slot.advance, 1, 4, "2", "slots", "scheduling advance k"),
    I64("cpu", slot.cpu, -1, 1023, "-1", NULL, "core of the slot thread; -1: any"),
    I64("priority", slot.priority, 0, 99, "0", NULL, "SCHED_FIFO priority; 0: the default policy"),
    I64("max_ues", slot.max_ues, 1, MAC_MAX_UES, "64", "UEs", "more are not answered"),
    I64("inactivity_ms", slot.inactivity_ms, 0, 3600000, "0", "ms",
        "without DRB data before the CU hears; 0: never"),
    I64("seed", slot.seed, 0, 0, "1", NULL, "runs with the same seed repeat themselves"),
    {.name = "bler_target",
     .type = CONFIG_F64,
     .offset = offsetof(du_config_t, slot.bler_target),
     .min = 0.001,
     .max = 0.5,
     .def = "0.1",
     .help = "most of first transmissions, for the outer loop of link adaptation"},
    END};

static const config_key_t l1_keys[] = {
    STR("socket", l1.socket, "/run/vitran/l1.sock", "unix socket where the abstract L1 connects"), END};

static const config_key_t scheduler_keys[] = {
    STR("plugin", scheduler.plugin, "", "the .so to begin with; empty: the built-in scheduler"),
    STR("directory", scheduler.directory, "/usr/lib/vitran/plugins", "where plugins to swap to are"), END};

static const config_key_t e2_keys[] = {
    {.name = "enabled",
     .type = CONFIG_BOOL,
     .offset = offsetof(du_config_t, e2.enabled),
     .def = "false",
     .help = "connect to a near-RT RIC"},
    STR("local", e2.local, "", "our addresses, separated by commas; empty: any"),
    STR("remote", e2.remote, "127.0.0.1", "addresses of the RIC"),
    I64("remote_port", e2.remote_port, 1, 65535, "36421", NULL, "SCTP port of the RIC"),
    ENUM("carrier", e2.carrier, assoc_carrier_labels, "auto", "what carries SCTP"),
    I64("local_udp_port", e2.local_udp_port, 1, 65535, "9900", NULL, "carrier udp: our UDP port"),
    I64("remote_udp_port", e2.remote_udp_port, 1, 65535, "9899", NULL, "carrier udp: the RIC's UDP port"),
    END};

static const config_key_t admin_keys[] = {
    STR("listen", admin.listen, "", "admin service, e.g. unix:/run/vitran/du.sock; empty: none"), END};
static const config_key_t pcap_keys[] = {
    STR("mac", pcap.mac, "", "every MAC PDU as pcapng; empty: none"),
    STR("rlc", pcap.rlc, "", "every RLC PDU of SRBs and DRBs as pcapng; empty: none"),
    I64("most", pcap.most, 0, 1e12, "0", "packets", "stop writing after so many; 0: no limit"), END};

const config_key_t du_config_keys[] = {
    MAP("log", log_keys, "logging"),
    MAP("du", du_keys, "who this is"),
    MAP("f1c", f1c_keys, "F1-C, to the CU"),
    MAP("f1u", f1u_keys, "F1-U, user plane"),
    MAP("cell", cell_keys, "the cell"),
    {.name = "slices",
     .type = CONFIG_LIST,
     .offset = offsetof(du_config_t, slices),
     .size = F1AP_MAX_SLICES,
     .sub = slice_keys,
     .sub_size = 2 * sizeof(int64_t),
     .count_offset = offsetof(du_config_t, n_slices),
     .def = "",
     .help = "slices served, in the order that the scheduler plugin sees; none: SST 1"},
    MAP("slot", slot_keys, "slot thread and MAC"),
    MAP("l1", l1_keys, "the L1"),
    MAP("scheduler", scheduler_keys, "scheduler plugin"),
    MAP("e2", e2_keys, "E2, to the RIC"),
    MAP("admin", admin_keys, "vitran-ctl's service"),
    MAP("pcap", pcap_keys, "captures"),
    END};

int du_config_read(const char *path, du_config_t *ret, config_error_t *err)
{
    radio_cell_t cell;
    int r = config_load(path, du_config_keys, ret, err);
    if (r < 0)
        return r;
    if (!ret->n_slices) {
        ret->slices[0].sst = 1;
        ret->slices[0].sd = F1AP_NO_SD;
        ret->n_slices = 1;
    }
    return du_config_cell(ret, &cell, err) < 0 ? config_located(path, err) : 0;
}

int du_config_cell(const du_config_t *c, radio_cell_t *ret, config_error_t *err)
{
    const char *why = "";
    if (radio_cell_defaults(ret, (uint16_t)c->cell.n_prb) < 0) {
        snprintf(err->text, sizeof err->text, "cell.n_prb: no such carrier width: %d", (int)c->cell.n_prb);
        return -EINVAL;
    }
    if (nas_plmn_build(c->cell.plmn, ret->plmn) < 0) {
        snprintf(err->text, sizeof err->text, "cell.plmn: expected 5 or 6 digits, found \"%s\"",
                 c->cell.plmn);
        return -EINVAL;
    }
    if (c->cell.gnb_id >> c->cell.gnb_id_bits) {
        snprintf(err->text, sizeof err->text,
                 "cell.gnb_id: expected at most %d bits (gnb_id_bits), found %lld", (int)c->cell.gnb_id_bits,
                 (long long)c->cell.gnb_id);
        return -EINVAL;
    }
    if (c->cell.cell_id >> (36 - c->cell.gnb_id_bits)) {
        snprintf(err->text, sizeof err->text,
                 "cell.cell_id: expected at most %d bits beside a gNB ID of %d, found %lld",
                 (int)(36 - c->cell.gnb_id_bits), (int)c->cell.gnb_id_bits, (long long)c->cell.cell_id);
        return -EINVAL;
    }
    ret->nr_cell_id = (uint64_t)c->cell.gnb_id << (36 - c->cell.gnb_id_bits) | (uint64_t)c->cell.cell_id;
    ret->tac = (uint32_t)c->cell.tac;
    ret->pci = (uint16_t)c->cell.pci;
    static const uint16_t t311_ms[] = {1000,  3000,  5000, 10000,
                                       15000, 20000, 30000}; /* UE-TimersAndConstants */
    size_t t = 0;
    while (t < sizeof t311_ms / sizeof *t311_ms && t311_ms[t] != c->cell.t311_ms)
        t++;
    if (t == sizeof t311_ms / sizeof *t311_ms) {
        snprintf(err->text, sizeof err->text,
                 "cell.t311_ms: expected 1000, 3000, 5000, 10000, 15000, 20000 or 30000, found %d",
                 (int)c->cell.t311_ms);
        return -EINVAL;
    }
    ret->t311_ms = t311_ms[t];
    if (radio_cell_derive(ret, &why) < 0) {
        snprintf(err->text, sizeof err->text, "cell: %s", why);
        return -EINVAL;
    }
    return 0;
}

int du_config_f1ap(const du_config_t *c, f1ap_du_config_t *ret, config_error_t *err)
{
    memset(ret, 0, sizeof *ret);
    ret->du_id = (uint64_t)c->du.id;
    snprintf(ret->name, sizeof ret->name, "%s", c->du.name);
    ret->f1u_address = c->f1u.address;
    ret->n_slices = (uint8_t)c->n_slices;
    for (uint32_t i = 0; i < c->n_slices; i++)
        ret->slices[i] = (f1ap_snssai_t){(uint8_t)c->slices[i].sst, (uint32_t)c->slices[i].sd};
    return du_config_cell(c, &ret->cell, err);
}
