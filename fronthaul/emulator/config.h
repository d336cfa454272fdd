/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration of vitran-emu. [control], before anything runs. */
#ifndef VITRAN_EMULATOR_CONFIG_H
#define VITRAN_EMULATOR_CONFIG_H

#include "fronthaul/emulator/air/air.h"
#include "lib/core/config.h"

typedef struct {
    int64_t sst, sd; /* sd 0xffffff: absent */
} emu_slice_t;

typedef struct {           /* a hole in coverage: SINR is OUTAGE_DB for a while */
    int64_t at_ms, for_ms; /* from the first slot on; length */
} emu_outage_t;

typedef struct {
    char imsi[16];
    uint8_t k[16], opc[16];
    char dnn[64];
    emu_slice_t slices[8];
    uint32_t n_slices;
    char netns[64], ifname[16]; /* "": no TUN; the UE attaches and carries no IP */
    double sinr_dl_db, sinr_ul_db, fading_db, path_loss_db, p_max_dbm;
    int64_t coherence_ms, distance_m;
    emu_outage_t outages[8];
    uint32_t n_outages;
} emu_ue_config_t;

enum { EMU_PACE_REALTIME, EMU_PACE_FREE };

typedef struct {
    char l1_socket[108]; /* where the DU listens for its abstract L1 */
    int64_t pace;
    int64_t seed;
    char admin_listen[128];
    struct {
        char level[16], file[128];
    } log;
    char keys_file[128], rrc_capture[128];
    int64_t cpu;
    emu_ue_config_t ues[AIR_MAX_UES];
    uint32_t n_ues;
} emu_config_t;

extern const config_key_t emu_config_keys[];

/* What the tables cannot say: digits, an IMSI or a device twice. 0; -EINVAL with err->text. */
int emu_config_check(const emu_config_t *c, config_error_t *err);

#endif
