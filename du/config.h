/* SPDX-License-Identifier: Apache-2.0 */
/* vitran-du's configuration file: the struct that it is read into and the table that describes it. Used
 * before any thread runs, then constant. */
#ifndef VITRAN_DU_CONFIG_H
#define VITRAN_DU_CONFIG_H

#include "du/f1ap/f1ap_du.h"
#include "lib/core/config.h"

typedef struct {
    char level[16], file[256];
    struct {
        int64_t id;
        char name[151];
    } du;
    struct {
        char local[64], remote[64];
        int64_t carrier, remote_port, local_udp_port, remote_udp_port;
    } f1c;
    struct {
        uint32_t address;
        int64_t port;
    } f1u;
    struct {
        int64_t gnb_id, gnb_id_bits, cell_id, tac, pci, n_prb, t311_ms;
        char plmn[8];
    } cell;
    struct {
        int64_t sst, sd;
    } slices[F1AP_MAX_SLICES];
    uint32_t n_slices;
    struct {
        int64_t clock, advance, cpu, priority, max_ues, inactivity_ms, seed;
        double bler_target;
    } slot;
    struct {
        char socket[108];
    } l1;
    struct {
        char plugin[256], directory[256];
    } scheduler;
    struct {
        bool enabled;
        char local[64], remote[64];
        int64_t carrier, remote_port, local_udp_port, remote_udp_port;
    } e2;
    struct {
        char listen[128];
    } admin;
    struct {
        char mac[256], rlc[256];
        int64_t most;
    } pcap;
} du_config_t;

extern const config_key_t du_config_keys[];

/* Reads and checks the file. 0; -ENOENT, -EINVAL with err->text. */
int du_config_read(const char *path, du_config_t *ret, config_error_t *err);
/* The cell and the F1AP settings that the file describes. 0, -EINVAL with err->text. */
int du_config_cell(const du_config_t *c, radio_cell_t *ret, config_error_t *err);
int du_config_f1ap(const du_config_t *c, f1ap_du_config_t *ret, config_error_t *err);

#endif
