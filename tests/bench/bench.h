/* SPDX-License-Identifier: Apache-2.0 */
/* What every bench shares: time samples, sort them, print one JSON line a figure with what the figure stands
 * on (n, p50, p99, min, max, CPU model, compiler, commit). Single-threaded; the samples live in the caller's
 * array. */
#ifndef VITRAN_TESTS_BENCH_H
#define VITRAN_TESTS_BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline double bench_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static inline int bench_compare_(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* VITRAN_COMMIT comes from tests/bench/run; "unknown" when the program is run by hand. */
static inline void bench_print_machine_(void)
{
    char line[256], cpu[128] = "unknown";
    FILE *f = fopen("/proc/cpuinfo", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "model name : %127[^\n]", cpu) == 1)
            break;
    if (f)
        fclose(f);
    const char *commit = getenv("VITRAN_COMMIT");
    printf("\"cpu\":\"%s\",\"compiler\":\"%s\",\"commit\":\"%s\"}\n", cpu, __VERSION__,
           commit ? commit : "unknown");
    fflush(stdout);
}

/* Sorts samples [size: n]. `params` is JSON members without braces, e.g. "\"ues\":64", or "". */
static inline void bench_print(const char *name, const char *params, const char *unit, double *samples,
                               size_t n)
{
    qsort(samples, n, sizeof *samples, bench_compare_);
    printf("{\"name\":\"%s\",\"params\":{%s},\"value\":%.6g,\"unit\":\"%s\",\"p50\":%.6g,\"p99\":%.6g,"
           "\"p999\":%.6g,"
           "\"min\":%.6g,\"max\":%.6g,\"n\":%zu,",
           name, params, samples[n / 2], unit, samples[n / 2], samples[n * 99 / 100], samples[n * 999 / 1000],
           samples[0], samples[n - 1], n);
    bench_print_machine_();
}

/* A figure that is one number, not a distribution. */
static inline void bench_print_value(const char *name, const char *params, const char *unit, double value)
{
    printf("{\"name\":\"%s\",\"params\":{%s},\"value\":%.6g,\"unit\":\"%s\",\"n\":1,", name, params, value,
           unit);
    bench_print_machine_();
}

#endif
