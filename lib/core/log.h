/* SPDX-License-Identifier: Apache-2.0 */
/* Logging. A log is an object that is passed down, so that two nodes can live in one process; there is no
 * global one. `log_sub` makes a child with a component name at no cost. A NULL log swallows everything.
 * [control] threads only: writing takes a system call; the slot thread reports through its event ring
 * instead. */
#ifndef VITRAN_CORE_LOG_H
#define VITRAN_CORE_LOG_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

typedef enum { LOG_ERROR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG } log_level_t;

/* A sink: where lines go and from which level on. Lines are one write each, so that threads may share it. */
typedef struct {
    FILE *file;        /* NULL: stderr */
    log_level_t level; /* the most talkative level that is written */
    const char *node;  /* "du", "cu", ... first word of each line; NULL: none */
} log_sink_t;

typedef struct {
    const log_sink_t *sink;
    const char *name; /* "f1ap" */
} log_t;

static inline log_t log_sub(const log_t *parent, const char *name)
{
    return (log_t){parent ? parent->sink : NULL, name};
}

/* One line: time (UTC, us), level, node, component, text. */
void log_write(const log_t *log, log_level_t level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* 0 or -EINVAL: not one of error, warning, notice, info, debug. */
int log_level_parse(const char *s, log_level_t *ret);

#define log_at(log, lvl, ...)                                                                                \
    do {                                                                                                     \
        const log_t *l__ = (log);                                                                            \
        if (l__ && l__->sink && (lvl) <= l__->sink->level)                                                   \
            log_write(l__, (lvl), __VA_ARGS__);                                                              \
    } while (0)
#define log_error(log, ...) log_at(log, LOG_ERROR, __VA_ARGS__)
#define log_warning(log, ...) log_at(log, LOG_WARNING, __VA_ARGS__)
#define log_notice(log, ...) log_at(log, LOG_NOTICE, __VA_ARGS__)
#define log_info(log, ...) log_at(log, LOG_INFO, __VA_ARGS__)
#define log_debug(log, ...) log_at(log, LOG_DEBUG, __VA_ARGS__)

#endif
