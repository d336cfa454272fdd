/* SPDX-License-Identifier: Apache-2.0 */
/* vitran-cu's configuration file: the struct that it is read into and the table that describes it. Used
 * before any thread runs, then constant. */
#ifndef VITRAN_CU_CONFIG_H
#define VITRAN_CU_CONFIG_H

#include "cu/core/core.h"
#include "lib/core/config.h"

typedef struct {
    char level[16], file[256];
    struct {
        char name[151];
    } cu;
    struct {
        char local[64];
        int64_t carrier, port, udp_port;
    } f1c;
    struct {
        uint32_t address;
        int64_t port;
    } f1u;
    struct {
        char tun[16];
        uint32_t address;
        int64_t prefix, mtu;
    } n6;
    struct {
        int64_t nea[4], nia[4]; /* in order of preference */
        uint32_t n_nea, n_nia;
        bool up_integrity;
    } security;
    struct {
        int64_t max_ues, procedure_ms;
        bool reestablishment, inactivity_release;
    } rrc;
    struct {
        char listen[128];
    } admin;
    struct {
        char nas[256];
    } pcap;
    core_config_t core;
} cu_config_t;

extern const config_key_t cu_config_keys[];

/* Reads and checks the file. 0; -ENOENT, -EINVAL with err->text. */
int cu_config_read(const char *path, cu_config_t *ret, config_error_t *err);

#endif
