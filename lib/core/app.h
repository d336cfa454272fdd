/* SPDX-License-Identifier: Apache-2.0 */
/* What the mains of all processes share: options, configuration, log, loop, signals. A main fills an app_t
 * with what is its own and calls app_main; `run` is where it wires its layers. */
#ifndef VITRAN_CORE_APP_H
#define VITRAN_CORE_APP_H

#include "lib/core/config.h"
#include "lib/core/log.h"
#include "lib/core/loop.h"

typedef struct {
    const char *program; /* "vitran-du" */
    const char *version;
    const char *summary; /* one sentence for --help */
    const char *node;    /* first word of log lines: "du" */
    const config_key_t *keys;
    void *config; /* zeroed; `read` fills it */
    /* Reads the file and checks what the table cannot say. 0, or -errno with err filled. */
    int (*read)(const char *path, void *config, config_error_t *err);
    /* Members of config: log level, and log file ("" or NULL: standard error). */
    const char *log_level, *log_file;
    /* Starts the layers, runs the loop until it is stopped (SIGTERM and SIGINT do), ends the layers. 0, or
     * -errno with the reason logged. */
    int (*run)(void *config, loop_t *loop, const log_t *log);
} app_t;

/* The exit status of the process: 0, 1 (it could not start, or its configuration is wrong), 2 (usage). */
int app_main(int argc, char **argv, const app_t *app);

#endif
