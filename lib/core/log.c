/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/core/log.h"

#include <errno.h>
#include <string.h>
#include <time.h>

static const char *const level_names[] = {"error", "warning", "notice", "info", "debug"};

int log_level_parse(const char *s, log_level_t *ret)
{
    for (size_t i = 0; i < sizeof level_names / sizeof *level_names; i++)
        if (strcmp(s, level_names[i]) == 0) {
            *ret = (log_level_t)i;
            return 0;
        }
    return -EINVAL;
}

void log_write(const log_t *log, log_level_t level, const char *format, ...)
{
    char line[1024];
    struct timespec now;
    struct tm tm;
    va_list args;
    FILE *to = log->sink->file ? log->sink->file : stderr;

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    int n =
        snprintf(line, sizeof line, "%02d:%02d:%02d.%06ld %-7s %s%s%s: ", tm.tm_hour, tm.tm_min, tm.tm_sec,
                 now.tv_nsec / 1000, level_names[level], log->sink->node ? log->sink->node : "",
                 log->sink->node ? " " : "", log->name ? log->name : "");
    va_start(args, format);
    int m = vsnprintf(line + n, sizeof line - (size_t)n - 1, format, args);
    va_end(args);
    n += m < 0 ? 0 : m;
    if (n > (int)sizeof line - 2)
        n = (int)sizeof line - 2;
    line[n++] = '\n';
    fwrite(line, 1, (size_t)n, to);
    fflush(to);
}
