/* SPDX-License-Identifier: Apache-2.0 */
/* The near-RT RIC as one object, so that a test can have one: its layers wired, without process and
 * configuration file. One loop's thread. */
#ifndef VITRAN_RIC_RIC_H
#define VITRAN_RIC_RIC_H

#include "ric/e2term/e2term.h"
#include "ric/guard/guard.h"
#include "ric/submgr/submgr.h"
#include "ric/xapp/xapp.h"

typedef struct {
    e2term_config_t e2;
    const char *xapp_listen; /* gRPC, see rpc.h */
} ric_config_t;

typedef struct {
    e2term_t *term;
    submgr_t *submgr;
    guard_t *guard;
    xapp_t *xapp;
} ric_t;

/* 0 or -errno of what could not be started, with *ret_what naming it; nothing is left behind then. */
int ric_start(ric_t *r, loop_t *loop, const ric_config_t *config, const log_t *log, const char **ret_what);
void ric_stop(ric_t *r);

#endif
