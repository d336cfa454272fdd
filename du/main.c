/* SPDX-License-Identifier: Apache-2.0 */
/* vitran-du: the O-DU: F1AP over SCTP, the slot engine with its L1 and its scheduler, F1-U, the E2 agent. */
#include "du/config.h"
#include "du/node.h"
#include "lib/core/app.h"

static int read_config(const char *path, void *config, config_error_t *err)
{
    return du_config_read(path, config, err);
}

static int run(void *config, loop_t *loop, const log_t *log)
{
    du_node_t *node = NULL;
    int r = du_node_create(loop, config, log, &node);
    if (r == 0) {
        log_notice(log, "vitran-du %s runs", VITRAN_VERSION);
        r = loop_run(loop);
    }
    du_node_destroy(node);
    return r;
}

int main(int argc, char **argv)
{
    static du_config_t config;
    const app_t app = {.program = "vitran-du",
                       .version = VITRAN_VERSION,
                       .summary = "O-DU: one cell.",
                       .node = "du",
                       .keys = du_config_keys,
                       .config = &config,
                       .read = read_config,
                       .log_level = config.level,
                       .log_file = config.file,
                       .run = run};
    return app_main(argc, argv, &app);
}
