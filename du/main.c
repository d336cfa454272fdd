/* SPDX-License-Identifier: Apache-2.0 */
/* vitran-du: the O-DU. This file knows all of its layers and does nothing but wire them: the control
 * thread's loop, F1AP over SCTP, the slot engine with its L1 and its scheduler, F1-U, the E2 agent, the
 * admin service. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "du/config.h"
#include "du/node.h"

static void on_signal(void *ctx, int signo)
{
    (void)signo;
    loop_stop(ctx);
}

static int usage(FILE *to, int status)
{
    fprintf(to, "usage: vitran-du --config FILE [--check-config] | --version | --help\n");
    if (to == stdout)
        config_print_help(du_config_keys, to);
    return status;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"check-config", no_argument, NULL, 'k'},
                                            {"version", no_argument, NULL, 'v'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *path = NULL;
    bool check = false;
    for (int o; (o = getopt_long(argc, argv, "c:h", options, NULL)) != -1;)
        switch (o) {
        case 'c':
            path = optarg;
            break;
        case 'k':
            check = true;
            break;
        case 'v':
            printf("vitran-du %s\n", VITRAN_VERSION);
            return 0;
        case 'h':
            return usage(stdout, 0);
        default:
            return usage(stderr, 2);
        }
    if (!path || optind != argc)
        return usage(stderr, 2);

    static du_config_t config;
    config_error_t err = {.text = ""};
    if (du_config_read(path, &config, &err) < 0) {
        fprintf(stderr, "vitran-du: %s\n", err.text);
        return 1;
    }
    if (check)
        return 0;

    log_sink_t sink = {.node = "du"};
    if (log_level_parse(config.level, &sink.level) < 0) {
        fprintf(stderr,
                "vitran-du: %s: log.level: expected error, warning, notice, info or debug, found \"%s\"\n",
                path, config.level);
        return 1;
    }
    if (config.file[0] && !(sink.file = fopen(config.file, "ae"))) {
        fprintf(stderr, "vitran-du: log.file: %s: %s\n", config.file, strerror(errno));
        return 1;
    }
    log_t log = {.sink = &sink};

    loop_t *loop;
    du_node_t *node = NULL;
    int r = loop_create(&loop);
    if (r == 0)
        r = loop_signal(loop, SIGTERM, on_signal, loop);
    if (r == 0)
        r = loop_signal(loop, SIGINT, on_signal, loop);
    if (r == 0)
        r = du_node_create(loop, &config, &log, &node);
    if (r == 0) {
        log_notice(&log, "vitran-du %s runs", VITRAN_VERSION);
        r = loop_run(loop);
        log_notice(&log, "vitran-du ends");
    } else {
        log_error(&log, "cannot start: %s", strerror(-r));
    }
    du_node_destroy(node);
    loop_destroy(loop);
    if (sink.file)
        fclose(sink.file);
    return r < 0;
}
