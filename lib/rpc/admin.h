/* SPDX-License-Identifier: Apache-2.0 */
/* The admin service of a process (admin.proto): status, UE table, counters. It listens on a unix socket, so
 * that vitran-ctl reaches a process whatever network namespace that runs in. What it shows comes from
 * callbacks and from registered counter tables; a process with plugins adds the methods of
 * lib/e2agent/tunables_admin.h. Loop's thread only; counters are read while others write them, which is what
 * counters are for. */
#ifndef VITRAN_RPC_ADMIN_H
#define VITRAN_RPC_ADMIN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/core/counters.h"
#include "lib/core/log.h"
#include "lib/core/loop.h"
#include "lib/rpc/rpc.h"

#define ADMIN_MAX_COUNTER_SETS 128u
#define ADMIN_MAX_METHODS 16u

typedef struct admin admin_t;
typedef struct admin_row admin_row_t;   /* one row that a callback fills */
typedef struct admin_rows admin_rows_t; /* rows that a callback adds */

/* Named cells of a row; `name` must outlive the callback, texts are copied. */
void admin_text(admin_row_t *row, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void admin_integer(admin_row_t *row, const char *name, int64_t v);
void admin_real(admin_row_t *row, const char *name, double v);
void admin_boolean(admin_row_t *row, const char *name, bool v);
/* A new row; NULL when the reply is full (the functions above take NULL). */
admin_row_t *admin_row_add(admin_rows_t *rows);

typedef struct {
    void (*status)(void *ctx, admin_row_t *row); /* NULL: nothing to add */
    void (*ues)(void *ctx, admin_rows_t *rows);  /* NULL: no UE table */
} admin_provider_t;

/* process: "vitran-du". more [size: n_more, at most ADMIN_MAX_METHODS]: further methods of the service,
 * copied; may be NULL. 0 or what rpc_server_create returns. */
int admin_create(loop_t *loop, const char *listen, const char *process, const admin_provider_t *provider,
                 void *ctx, const rpc_method_t *more, uint32_t n_more, const log_t *log, admin_t **ret);
/* NULL is fine. */
void admin_destroy(admin_t *a);
/* The table's values must outlive the service; `instance` tells equal layers apart ("cell 1"; NULL or "":
 * there is one). 0, -ENOSPC. */
int admin_add_counters(admin_t *a, const char *instance, counter_set_t set);

#endif
