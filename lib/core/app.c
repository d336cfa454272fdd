/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/core/app.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <string.h>

typedef struct {
    loop_t *loop;
    const log_t *log;
} ending_t;

static void on_signal(void *ctx, int signo)
{
    ending_t *e = ctx;
    log_notice(e->log, "%s: ending", signo == SIGTERM ? "SIGTERM" : "SIGINT");
    loop_stop(e->loop);
}

static int usage(const app_t *app, FILE *to)
{
    fprintf(to, "usage: %s --config FILE [--check-config] | --version | --help\n", app->program);
    if (to == stderr)
        return 2;
    fprintf(to, "%s Keys of the configuration file:\n", app->summary);
    config_print_help(app->keys, to);
    return 0;
}

static int run(const app_t *app, const log_t *log)
{
    loop_t *loop = NULL;
    ending_t ending = {.log = log};
    signal(SIGPIPE, SIG_IGN); /* a peer that hangs up is an error of the write, not the end of us */
    int r = loop_create(&loop);
    ending.loop = loop;
    if (r == 0)
        r = loop_signal(loop, SIGTERM, on_signal, &ending);
    if (r == 0)
        r = loop_signal(loop, SIGINT, on_signal, &ending);
    if (r < 0)
        log_error(log, "cannot start: %s", strerror(-r));
    else
        r = app->run(app->config, loop, log);
    loop_destroy(loop);
    return r < 0 ? 1 : 0;
}

int app_main(int argc, char **argv, const app_t *app)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"check-config", no_argument, NULL, 'k'},
                                            {"version", no_argument, NULL, 'v'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *path = NULL;
    bool check = false;
    config_error_t err = {.text = ""};
    for (int o; (o = getopt_long(argc, argv, "c:h", options, NULL)) != -1;)
        switch (o) {
        case 'c':
            path = optarg;
            break;
        case 'k':
            check = true;
            break;
        case 'v':
            printf("%s %s\n", app->program, app->version);
            return 0;
        case 'h':
            return usage(app, stdout);
        default:
            return usage(app, stderr);
        }
    if (!path || optind != argc)
        return usage(app, stderr);

    log_sink_t sink = {.node = app->node};
    int r = app->read(path, app->config, &err);
    if (r == 0 && log_level_parse(app->log_level, &sink.level) < 0) {
        const config_key_t *flat = app->keys;
        while (flat->name && strcmp(flat->name, "log_level") != 0)
            flat++;
        snprintf(err.text, sizeof err.text,
                 "%s: expected error, warning, notice, info or debug, found \"%s\"",
                 flat->name ? "log_level" : "log.level", app->log_level);
        r = config_located(path, &err);
    }
    if (r < 0) {
        fprintf(stderr, "%s: %s\n", app->program, err.text);
        return 1;
    }
    if (check)
        return 0;
    if (app->log_file && app->log_file[0] && !(sink.file = fopen(app->log_file, "ae"))) {
        fprintf(stderr, "%s: %s: %s\n", app->program, app->log_file, strerror(errno));
        return 1;
    }
    const log_t log = {.sink = &sink, .name = "main"};
    r = run(app, &log);
    if (sink.file)
        fclose(sink.file);
    return r;
}
