/* SPDX-License-Identifier: Apache-2.0 */
/* PER: ns to encode and to decode the messages of asn1_messages.h, service model contents included. Nothing
 * is allocated: the arena and the buffers are static. `asn1_bench --hex` writes the messages instead, for the
 * referees. */
#include "tests/bench/asn1_messages.h"
#include "tests/bench/bench.h"

#define N_SAMPLES 2000
#define N_PER_SAMPLE 20

static _Alignas(64) uint8_t memory[1 << 20];
static uint8_t out[MESSAGE_MAX_BYTES];
static double samples[N_SAMPLES];

static void fail(const message_t *m, const asn1_error_t *err)
{
    fprintf(stderr, "%s: %s in %s\n", m->name, err->what, err->path);
    exit(1);
}

static void bench_message(const message_t *m)
{
    asn1_error_t err;
    arena_t arena;
    size_t n = 0;
    char params[96];
    for (int s = 0; s < N_SAMPLES; s++) {
        double start = bench_now_ns();
        for (int i = 0; i < N_PER_SAMPLE; i++)
            if (message_encode(m, out, &n, &err))
                fail(m, &err);
        samples[s] = (bench_now_ns() - start) / N_PER_SAMPLE;
    }
    snprintf(params, sizeof params, "\"message\":\"%s\",\"bytes\":%zu", m->name, n);
    bench_print("per_encode", params, "ns", samples, N_SAMPLES);
    arena_init(&arena, memory, sizeof memory);
    for (int s = 0; s < N_SAMPLES; s++) {
        double start = bench_now_ns();
        for (int i = 0; i < N_PER_SAMPLE; i++) {
            arena_reset(&arena);
            if (message_decode(m, out, n, &arena, &err))
                fail(m, &err);
        }
        samples[s] = (bench_now_ns() - start) / N_PER_SAMPLE;
    }
    bench_print("per_decode", params, "ns", samples, N_SAMPLES);
}

static void print_hex(const message_t *m)
{
    asn1_error_t err;
    size_t n;
    if (message_encode(m, out, &n, &err))
        fail(m, &err);
    printf("%s ", m->name);
    for (size_t i = 0; i < n; i++)
        printf("%02x", out[i]);
    putchar('\n');
}

int main(int argc, char **argv)
{
    const message_t *all = messages_build();
    bool hex = argc > 1 && !strcmp(argv[1], "--hex");
    for (unsigned i = 0; i < N_MESSAGES; i++) {
        if (hex)
            print_hex(&all[i]);
        else
            bench_message(&all[i]);
    }
    return 0;
}
