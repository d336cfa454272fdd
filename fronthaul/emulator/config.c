/* SPDX-License-Identifier: Apache-2.0 */
/* See config.h. */
#include "fronthaul/emulator/config.h"

#include <errno.h>
#include <string.h>

static const char *const paces[] = {"realtime", "free", NULL};

#define AT(T, member) .offset = offsetof(T, member)
#define TEXT(T, member) .type = CONFIG_STR, .offset = offsetof(T, member), .size = sizeof(((T *)0)->member)

static const config_key_t slice_keys[] = {{.name = "sst",
                                           .type = CONFIG_I64,
                                           AT(emu_slice_t, sst),
                                           .min = 1,
                                           .max = 255,
                                           .help = "slice/service type"},
                                          {.name = "sd",
                                           .type = CONFIG_I64,
                                           AT(emu_slice_t, sd),
                                           .min = 0,
                                           .max = 0xffffff,
                                           .def = "0xffffff",
                                           .help = "slice differentiator; 0xffffff: none"},
                                          {0}};

static const config_key_t outage_keys[] = {{.name = "at",
                                            .type = CONFIG_I64,
                                            AT(emu_outage_t, at_ms),
                                            .min = 0,
                                            .max = 1e9,
                                            .unit = "ms",
                                            .help = "begin, counted in slots that the emulator has run"},
                                           {.name = "for",
                                            .type = CONFIG_I64,
                                            AT(emu_outage_t, for_ms),
                                            .min = 1,
                                            .max = 1e9,
                                            .unit = "ms",
                                            .help = "length"},
                                           {0}};

static const config_key_t ue_keys[] = {
    {.name = "imsi", TEXT(emu_ue_config_t, imsi), .help = "15 digits"},
    {.name = "k", .type = CONFIG_HEX, AT(emu_ue_config_t, k), .size = 16, .help = "long-term key"},
    {.name = "opc", .type = CONFIG_HEX, AT(emu_ue_config_t, opc), .size = 16, .help = "Milenage OPc"},
    {.name = "dnn", TEXT(emu_ue_config_t, dnn), .def = "internet", .help = "data network of the PDU session"},
    {.name = "slices",
     .type = CONFIG_LIST,
     AT(emu_ue_config_t, slices),
     .size = 8,
     .sub = slice_keys,
     .sub_size = sizeof(emu_slice_t),
     .count_offset = offsetof(emu_ue_config_t, n_slices),
     .help = "requested S-NSSAIs; the PDU session takes the first"},
    {.name = "netns",
     TEXT(emu_ue_config_t, netns),
     .def = "",
     .help = "network namespace in /run/netns that the TUN device is made in; empty: this process's own"},
    {.name = "tun", TEXT(emu_ue_config_t, ifname), .def = "", .help = "name of the TUN device; empty: none"},
    {.name = "sinr_dl",
     .type = CONFIG_F64,
     AT(emu_ue_config_t, sinr_dl_db),
     .min = -20,
     .max = 45,
     .def = "25",
     .unit = "dB",
     .help = "mean downlink SINR"},
    {.name = "sinr_ul",
     .type = CONFIG_F64,
     AT(emu_ue_config_t, sinr_ul_db),
     .min = -20,
     .max = 45,
     .def = "22",
     .unit = "dB",
     .help = "mean uplink SINR"},
    {.name = "fading",
     .type = CONFIG_F64,
     AT(emu_ue_config_t, fading_db),
     .min = 0,
     .max = 12,
     .def = "0",
     .unit = "dB",
     .help = "standard deviation of slow fading"},
    {.name = "coherence",
     .type = CONFIG_I64,
     AT(emu_ue_config_t, coherence_ms),
     .min = 1,
     .max = 60000,
     .def = "500",
     .unit = "ms",
     .help = "coherence time of slow fading"},
    {.name = "path_loss",
     .type = CONFIG_F64,
     AT(emu_ue_config_t, path_loss_db),
     .min = 40,
     .max = 160,
     .def = "80",
     .unit = "dB",
     .help = "what uplink power control works against"},
    {.name = "p_max",
     .type = CONFIG_F64,
     AT(emu_ue_config_t, p_max_dbm),
     .min = -20,
     .max = 33,
     .def = "23",
     .unit = "dBm",
     .help = "maximum transmit power"},
    {.name = "distance",
     .type = CONFIG_I64,
     AT(emu_ue_config_t, distance_m),
     .min = 0,
     .max = 20000,
     .def = "200",
     .unit = "m",
     .help = "from the antenna: gives the timing advance"},
    {.name = "outages",
     .type = CONFIG_LIST,
     AT(emu_ue_config_t, outages),
     .def = "",
     .size = 8,
     .sub = outage_keys,
     .sub_size = sizeof(emu_outage_t),
     .count_offset = offsetof(emu_ue_config_t, n_outages),
     .help = "holes in coverage, for trying what radio link failures do"},
    {0}};

static const config_key_t l1_keys[] = {{.name = "socket",
                                        .type = CONFIG_STR,
                                        .offset = 0,
                                        .size = sizeof(((emu_config_t *)0)->l1_socket),
                                        .def = "/run/vitran/l1.sock",
                                        .help = "unix socket on which the DU awaits its abstract L1"},
                                       {0}};
static const config_key_t admin_keys[] = {{.name = "listen",
                                           .type = CONFIG_STR,
                                           .offset = 0,
                                           .size = sizeof(((emu_config_t *)0)->admin_listen),
                                           .def = "unix:/run/vitran/emu.sock",
                                           .help = "where vitran-ctl finds this process"},
                                          {0}};

static const config_key_t log_keys[] = {
    {.name = "level",
     .type = CONFIG_STR,
     .offset = 0,
     .size = sizeof(((emu_config_t *)0)->log.level),
     .def = "notice",
     .help = "the most talkative level: error, warning, notice, info, debug"},
    {.name = "file",
     .type = CONFIG_STR,
     .offset = sizeof(((emu_config_t *)0)->log.level),
     .size = sizeof(((emu_config_t *)0)->log.file),
     .def = "",
     .help = "where log lines go; empty: standard error"},
    {0}};

const config_key_t emu_config_keys[] = {
    {.name = "l1",
     .type = CONFIG_MAP,
     AT(emu_config_t, l1_socket),
     .def = "",
     .sub = l1_keys,
     .help = "the L1 boundary"},
    {.name = "admin", .type = CONFIG_MAP, AT(emu_config_t, admin_listen), .def = "", .sub = admin_keys},
    {.name = "pace",
     .type = CONFIG_ENUM,
     AT(emu_config_t, pace),
     .labels = paces,
     .def = "realtime",
     .help = "realtime: a slot takes its time; free: as fast as both ends can"},
    {.name = "seed",
     .type = CONFIG_I64,
     AT(emu_config_t, seed),
     .min = 1,
     .max = 1e15,
     .def = "1",
     .help = "of all chance: the same seed, the same run"},
    {.name = "cpu",
     .type = CONFIG_I64,
     AT(emu_config_t, cpu),
     .min = -1,
     .max = 1023,
     .def = "-1",
     .help = "core of the lockstep thread; -1: any"},
    {.name = "log", .type = CONFIG_MAP, AT(emu_config_t, log), .def = "", .sub = log_keys},
    {.name = "keys_file",
     TEXT(emu_config_t, keys_file),
     .def = "",
     .help =
         "AS and NAS keys are written here, one JSON object a UE, for deciphering captures; empty: no file"},
    {.name = "rrc_capture",
     TEXT(emu_config_t, rrc_capture),
     .def = "",
     .help = "pcapng file of the UEs' plain RRC messages; empty: none"},
    {.name = "ues",
     .type = CONFIG_LIST,
     AT(emu_config_t, ues),
     .size = AIR_MAX_UES,
     .sub = ue_keys,
     .sub_size = sizeof(emu_ue_config_t),
     .count_offset = offsetof(emu_config_t, n_ues),
     .help = "the emulated UEs"},
    {0}};

int emu_config_check(const emu_config_t *c, config_error_t *err)
{
    for (uint32_t i = 0; i < c->n_ues; i++) {
        const emu_ue_config_t *u = &c->ues[i];
        if (strlen(u->imsi) != 15 || strspn(u->imsi, "0123456789") != 15) {
            snprintf(err->text, sizeof err->text, "ues[%u].imsi: expected 15 digits, found \"%s\"", i,
                     u->imsi);
            return -EINVAL;
        }
        if (!u->n_slices) {
            snprintf(err->text, sizeof err->text, "ues[%u].slices: expected at least one", i);
            return -EINVAL;
        }
        for (uint32_t k = 0; k < i; k++) {
            if (!strcmp(u->imsi, c->ues[k].imsi)) {
                snprintf(err->text, sizeof err->text, "ues[%u].imsi: %s is ues[%u]'s already", i, u->imsi, k);
                return -EINVAL;
            }
            if (u->ifname[0] && !strcmp(u->ifname, c->ues[k].ifname) && !strcmp(u->netns, c->ues[k].netns)) {
                snprintf(err->text, sizeof err->text, "ues[%u].tun: %s in %s is ues[%u]'s already", i,
                         u->ifname, u->netns[0] ? u->netns : "this namespace", k);
                return -EINVAL;
            }
        }
    }
    return 0;
}
