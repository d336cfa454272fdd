/* SPDX-License-Identifier: Apache-2.0 */
/* vitran-cu: the O-CU, control and user plane: F1AP over SCTP, RRC, the embedded core, the user plane with
 * N6. */
#include "cu/config.h"
#include "cu/node.h"
#include "lib/core/app.h"

static int read_config(const char *path, void *config, config_error_t *err)
{
    return cu_config_read(path, config, err);
}

static int run(void *config, loop_t *loop, const log_t *log)
{
    cu_node_t *node = NULL;
    int r = cu_node_create(loop, config, log, &node);
    if (r == 0) {
        log_notice(log, "vitran-cu %s runs", VITRAN_VERSION);
        r = loop_run(loop);
    }
    cu_node_destroy(node);
    return r;
}

int main(int argc, char **argv)
{
    static cu_config_t config;
    const app_t app = {.program = "vitran-cu",
                       .version = VITRAN_VERSION,
                       .summary = "O-CU with an embedded 5G core.",
                       .node = "cu",
                       .keys = cu_config_keys,
                       .config = &config,
                       .read = read_config,
                       .log_level = config.level,
                       .log_file = config.file,
                       .run = run};
    return app_main(argc, argv, &app);
}
