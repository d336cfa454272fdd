# SPDX-License-Identifier: Apache-2.0
"""Error rates over SNR as SVG: a small writer with a logarithmic axis, a grid and a legend."""

import csv
import math
import os

import report

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 64, 170, 40, 52
COLOURS = ("#1b6ca8", "#d1495b", "#2e933c", "#e08e0b", "#6a4c93", "#00798c", "#7a4419", "#444444")
MARKERS = ("circle", "square", "triangle", "diamond")
FLOOR = 1e-4


def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def marker(kind, x, y, colour):
    if kind == "circle":
        return '<circle cx="%.1f" cy="%.1f" r="3.4" fill="%s"/>' % (x, y, colour)
    if kind == "square":
        return '<rect x="%.1f" y="%.1f" width="6.4" height="6.4" fill="%s"/>' % (x - 3.2, y - 3.2, colour)
    corners = ((0, -4.2), (4, 3.2), (-4, 3.2)) if kind == "triangle" else ((0, -4.4), (4.4, 0), (0, 4.4), (-4.4, 0))
    return '<polygon points="%s" fill="%s"/>' % (" ".join("%.1f,%.1f" % (x + a, y + b) for a, b in corners), colour)


def nice_step(span):
    for step in (0.5, 1, 2, 5, 10):
        if span / step <= 14:
            return step
    return 20


def svg(title, curves):
    """curves: [(label, [(snr, rate, low, high)])]; points without errors are left out but for an arrow."""
    points = [p for _, c in curves for p in c]
    step = nice_step(max(p[0] for p in points) - min(p[0] for p in points) + 1)
    low = math.floor(min(p[0] for p in points) / step) * step
    high = math.ceil(max(p[0] for p in points) / step) * step
    high = high if high > low else low + step
    w, h = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def at_x(snr):
        return LEFT + w * (snr - low) / (high - low)

    def at_y(r):
        return TOP + h * math.log10(max(r, FLOOR)) / math.log10(FLOOR)

    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">' % (WIDTH, HEIGHT, WIDTH, HEIGHT),
           '<rect width="%d" height="%d" fill="white"/>' % (WIDTH, HEIGHT), '<text x="%d" y="24" font-size="15">%s</text>' % (LEFT, escape(title))]
    for decade in range(0, int(round(-math.log10(FLOOR))) + 1):
        y = at_y(10.0 ** -decade)
        out.append('<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" stroke="#bbb"/>' % (LEFT, y, LEFT + w, y))
        out.append('<text x="%d" y="%.1f" text-anchor="end">%s</text>' % (LEFT - 6, y + 4, "1" if decade == 0 else "%g" % 10.0 ** -decade))
        if 10.0 ** -decade > FLOOR:
            for m in range(2, 10):
                y = at_y(m * 10.0 ** -(decade + 1))
                out.append('<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" stroke="#eee"/>' % (LEFT, y, LEFT + w, y))
    for i in range(int(round((high - low) / step)) + 1):
        x = at_x(low + i * step)
        out.append('<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="#ddd"/>' % (x, TOP, x, TOP + h))
        out.append('<text x="%.1f" y="%d" text-anchor="middle">%g</text>' % (x, TOP + h + 18, low + i * step))
    out.append('<text x="%.1f" y="%d" text-anchor="middle">SNR, dB</text>' % (LEFT + w / 2, TOP + h + 40))
    out.append('<text transform="translate(16 %.1f) rotate(-90)" text-anchor="middle">error rate</text>' % (TOP + h / 2))
    for i, (label, curve) in enumerate(curves):
        colour, kind = COLOURS[i % len(COLOURS)], MARKERS[i % len(MARKERS)]
        seen = [p for p in curve if p[1] > 0]
        out.append('<polyline fill="none" stroke="%s" stroke-width="1.6" points="%s"/>' % (colour, " ".join("%.1f,%.1f" % (at_x(p[0]), at_y(p[1])) for p in seen)))
        for p in seen:
            out.append('<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-opacity="0.5"/>' % (at_x(p[0]), at_y(p[2]), at_x(p[0]), at_y(p[3]), colour))
            out.append(marker(kind, at_x(p[0]), at_y(p[1]), colour))
        y = TOP + 10 + 20 * i
        out.append('<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="%s" stroke-width="1.6"/>' % (LEFT + w + 12, y, LEFT + w + 36, y, colour))
        out.append(marker(kind, LEFT + w + 24, y, colour))
        out.append('<text x="%d" y="%d">%s</text>' % (LEFT + w + 42, y + 4, escape(label)))
    return "\n".join(out + ["</svg>", ""])


def plots_of(out, name):
    """{plot: {label: points}} of a family's CSV, in its order."""
    plots = {}
    with open(report.path(out, name)) as f:
        for r in csv.DictReader(line for line in f if not line.startswith("#")):
            plots.setdefault(r["plot"], {}).setdefault(r["curve"], []).append(tuple(float(r[k]) for k in ("snr_db", "bler", "low95", "high95")))
    return plots


def title_of(plot):
    return plot.replace("pusch-", "PUSCH, ").replace("pdsch-", "PDSCH, ").replace("pucch-", "PUCCH, ").replace("prach-", "PRACH, ").replace("pdcch-", "PDCCH, ")


def draw_all(out, names):
    for name in names:
        for p, curves in plots_of(out, name).items():
            with open(os.path.join(out, "link-%s.svg" % p), "w") as f:
                f.write(svg(title_of(p), list(curves.items())))
