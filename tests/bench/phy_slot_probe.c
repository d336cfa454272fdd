/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/phy_slot_probe.h"

#include "tests/bench/bench.h"

#include <assert.h>

typedef struct {
    const char *title;
    int parent;
    int child[24], n_children;
    uint64_t ticks, start, calls;
    float run_ticks[PROBE_MAX_RUNS], run_calls[PROBE_MAX_RUNS];
} node_t;

static node_t node[PROBE_MAX_NODES];
static int n_nodes, at = -1, n_runs;
static bool on;
static uint64_t began_ticks;
static double began_ns, us_per_tick;

static inline uint64_t ticks(void)
{
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#else
    return (uint64_t)bench_now_ns();
#endif
}

static int find(int parent, const char *title)
{
    node_t *p = &node[parent];
    for (int i = 0; i < p->n_children; i++)
        if (node[p->child[i]].title == title)
            return p->child[i];
    for (int i = 0; i < p->n_children; i++)
        if (strcmp(node[p->child[i]].title, title) == 0)
            return p->child[i];
    assert(n_nodes < PROBE_MAX_NODES && p->n_children < 24);
    node[n_nodes] = (node_t){.title = title, .parent = parent};
    p->child[p->n_children++] = n_nodes;
    return n_nodes++;
}

void probe_enter(const char *title)
{
    if (!on)
        return;
    at = find(at, title);
    node[at].calls++;
    node[at].start = ticks();
}

void probe_leave(void)
{
    if (!on)
        return;
    node[at].ticks += ticks() - node[at].start;
    at = node[at].parent;
}

bool probe_enter_channel(const char *channel, const char *title)
{
    bool inside = false;
    if (!on)
        return false;
    for (int i = at; i >= 0 && !inside; i = node[i].parent)
        inside = strcmp(node[i].title, channel) == 0;
    if (!inside)
        probe_enter(channel);
    probe_enter(title);
    return !inside;
}

void probe_leave_channel(bool both)
{
    probe_leave();
    if (both)
        probe_leave();
}

void probe_begin(const char *title)
{
    n_nodes = 1;
    n_runs = 0;
    node[0] = (node_t){.title = title, .parent = -1};
    began_ns = bench_now_ns();
    began_ticks = ticks();
}

void probe_run_begin(void)
{
    for (int i = 0; i < n_nodes; i++)
        node[i].ticks = node[i].calls = 0;
    at = 0;
    on = true;
    node[0].start = ticks();
    node[0].calls = 1;
}

void probe_run_end(void)
{
    node[0].ticks = ticks() - node[0].start;
    on = false;
    assert(at == 0);
    for (int i = 0; i < n_nodes && n_runs < PROBE_MAX_RUNS; i++) {
        node[i].run_ticks[n_runs] = (float)node[i].ticks;
        node[i].run_calls[n_runs] = (float)node[i].calls;
    }
    n_runs += n_runs < PROBE_MAX_RUNS;
}

void probe_end(void)
{
    us_per_tick = (bench_now_ns() - began_ns) / (double)(ticks() - began_ticks) / 1e3;
}

double probe_cost_ns(void)
{
    double best = 1e9;
    probe_begin("cost");
    for (int i = 0; i < 20; i++) {
        probe_run_begin();
        double start = bench_now_ns();
        for (int k = 0; k < 1000; k++) {
            probe_enter("nothing");
            probe_leave();
        }
        double took = (bench_now_ns() - start) / 1000;
        probe_run_end();
        best = took < best ? took : best;
    }
    probe_end();
    return best;
}

static unsigned add(int i, int parent, unsigned depth, const bool *keep, unsigned n, probe_node_t *ret)
{
    double t = 0, c = 0, kept = 0;
    for (int r = 0; r < n_runs; r++)
        if (keep[r]) {
            t += (double)node[i].run_ticks[r];
            c += (double)node[i].run_calls[r];
            kept++;
        }
    ret[n] = (probe_node_t){node[i].title, parent, depth, t / kept * us_per_tick, c / kept};
    int me = (int)n++;
    for (int k = 0; k < node[i].n_children; k++)
        n = add(node[i].child[k], me, depth + 1, keep, n, ret);
    return n;
}

unsigned probe_nodes(probe_node_t ret[PROBE_MAX_NODES])
{
    static double sorted[PROBE_MAX_RUNS];
    static bool keep[PROBE_MAX_RUNS];
    assert(n_runs > 0);
    for (int r = 0; r < n_runs; r++)
        sorted[r] = (double)node[0].run_ticks[r];
    qsort(sorted, (size_t)n_runs, sizeof *sorted, bench_compare_);
    for (int r = 0; r < n_runs; r++)
        keep[r] = (double)node[0].run_ticks[r] <= sorted[n_runs / 2];
    return add(0, -1, 0, keep, 0, ret);
}

void probe_print_table(FILE *f)
{
    static probe_node_t nodes[PROBE_MAX_NODES];
    unsigned n = probe_nodes(nodes);
    for (unsigned i = 0; i < n; i++)
        fprintf(f, "%*s%-*s %9.2f us %5.1f %%  %6.0f calls\n", 2 * (int)nodes[i].depth, "",
                44 - 2 * (int)nodes[i].depth, nodes[i].title, nodes[i].us, 100 * nodes[i].us / nodes[0].us,
                nodes[i].calls);
}

#define SVG_WIDTH 1180.0
#define SVG_ROW 34.0

/* A colour of the title's own, light enough for black text. */
static void colour(const char *title, char ret[8])
{
    unsigned h = 5381;
    for (const char *p = title; *p; p++)
        h = h * 33 + (unsigned char)*p;
    snprintf(ret, 8, "#%02x%02x%02x", 190 + h % 60, 170 + h / 60 % 70, 130 + h / 4200 % 90);
}

static void escaped(FILE *f, const char *s)
{
    for (; *s; s++)
        if (*s == '&')
            fputs("&amp;", f);
        else if (*s == '<')
            fputs("&lt;", f);
        else
            fputc(*s, f);
}

void probe_print_svg(FILE *f, const char *heading)
{
    static probe_node_t nodes[PROBE_MAX_NODES];
    static double x[PROBE_MAX_NODES], filled[PROBE_MAX_NODES];
    unsigned n = probe_nodes(nodes), deepest = 0;
    for (unsigned i = 0; i < n; i++)
        deepest = nodes[i].depth > deepest ? nodes[i].depth : deepest;
    const double height = 40 + SVG_ROW * (deepest + 1) + 10;
    fprintf(
        f,
        "<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" font-family=\"sans-serif\">\n"
        "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n"
        "<text x=\"10\" y=\"24\" font-size=\"15\">",
        SVG_WIDTH + 20, height);
    escaped(f, heading);
    fputs("</text>\n", f);
    for (unsigned i = 0; i < n; i++) {
        const probe_node_t *d = &nodes[i];
        const double width = SVG_WIDTH * d->us / nodes[0].us;
        x[i] = 10;
        filled[i] = 0;
        if (d->parent >= 0) {
            x[i] = x[d->parent] + filled[d->parent];
            filled[d->parent] += width;
        }
        if (width < 0.3)
            continue;
        char fill[8];
        colour(d->title, fill);
        const double y = 40 + SVG_ROW * d->depth, percent = 100 * d->us / nodes[0].us;
        fprintf(f, "<g><title>");
        escaped(f, d->title);
        fprintf(f, ": %.2f us, %.1f %%, %.0f calls</title>", d->us, percent, d->calls);
        fprintf(f,
                "<rect x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%.0f\" fill=\"%s\" stroke=\"#ffffff\" "
                "stroke-width=\"0.6\"/>",
                x[i], y, width, SVG_ROW - 1, fill);
        /* about 6.2 units a letter at size 11; what does not fit is cut, what does not show is left out */
        int letters = (int)((width - 6) / 6.2), length = (int)strlen(d->title);
        if (letters >= 3) {
            char cut[80];
            snprintf(cut, sizeof cut, "%.*s", letters < length ? letters : length, d->title);
            fprintf(f, "<text x=\"%.2f\" y=\"%.1f\" font-size=\"11\">", x[i] + 3, y + 14);
            escaped(f, cut);
            fputs("</text>", f);
            char figures[32];
            int k = snprintf(figures, sizeof figures, "%.1f us, %.0f %%", d->us, percent);
            if (k > letters)
                k = snprintf(figures, sizeof figures, "%.0f us", d->us);
            if (k <= letters)
                fprintf(f, "<text x=\"%.2f\" y=\"%.1f\" font-size=\"10\">%s</text>", x[i] + 3, y + 27,
                        figures);
        }
        fputs("</g>\n", f);
    }
    fputs("</svg>\n", f);
}
