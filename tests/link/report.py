# SPDX-License-Identifier: Apache-2.0
"""CSV files of link simulations and the page that shows them."""

import csv
import math
import os

ABOUT = ("date", "commit", "cpu", "command")


def path(out, name):
    return os.path.join(out, "link-%s.csv" % name)


def interval(errors, trials, z=1.96):
    """95% interval of a rate (Wilson)."""
    if not trials:
        return 0.0, 1.0
    p, d = errors / trials, 1 + z * z / trials
    middle, half = (p + z * z / (2 * trials)) / d, z * math.sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials)) / d
    return max(0.0, middle - half), min(1.0, middle + half)


def write_csv(o, name, columns, rows):
    with open(path(o.out, name), "w") as f:
        for key in ABOUT:
            f.write("# %s: %s\n" % (key, getattr(o, key)))
        writer = csv.writer(f, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def read_csv(out, name):
    """(rows, {date, commit, cpu, command})"""
    about, lines = {}, []
    with open(path(out, name)) as f:
        for line in f:
            if line.startswith("# "):
                key, _, value = line[2:].partition(": ")
                about[key] = value.strip()
            else:
                lines.append(line)
    return list(csv.DictReader(lines)), about


def table(columns, rows):
    out = ["| " + " | ".join(columns) + " |", "| " + " | ".join("---" for _ in columns) + " |"]
    return "\n".join(out + ["| " + " | ".join(str(c) for c in r) + " |" for r in rows])


def requirement_rows(rows):
    """Rows with a requirement, then false alarms, then those whose requirement has no source."""
    shown, alarms, unsourced = [], [], []
    for r in rows:
        if r["limit"].startswith("false"):
            rate, limit = float(r["measured"]), float(r["limit"].split("<=")[1].strip("% ")) / 100
            alarms.append((r["table"], r["what"], r["limit"], "%.3f%%" % (100 * rate), r["trials"], "yes" if rate <= limit else "**no**"))
        elif r["required_db"]:
            margin = r["margin_db"]
            mark = "not reached" if not margin else margin if float(margin) >= 0 else "**%s**" % margin
            shown.append((r["table"], r["what"], r["limit"], r["required_db"], r["measured"] or "-", mark, r["source"]))
        else:
            unsourced.append((r["table"], r["what"], r["limit"], r["measured"] or "-"))
    return shown, alarms, unsourced


def requirement_section(text, rows):
    shown, alarms, unsourced = requirement_rows(rows)
    out = ["## " + text, ""]
    met = sum(1 for r in shown if not r[5].startswith("**") and r[5] != "not reached")
    out += ["%d of %d rows are met. Margin: required SNR less the SNR at which the limit is met." % (met, len(shown)), ""]
    out += [table(("table", "row", "limit", "required, dB", "measured, dB", "margin, dB", "source"), shown), ""]
    if alarms:
        out += [table(("table", "nothing sent", "limit", "measured", "trials", "met"), alarms), ""]
    if unsourced:
        out += ["Measured, without a requirement: no source for the value was found.", "", table(("table", "row", "limit", "measured, dB"), unsourced), ""]
    return out


def decoder_section(name, text, rows):
    out = ["## " + text[0].upper() + text[1:], ""]
    if name == "ldpc":
        out += ["Es/N0 (dB of a QPSK symbol's bit) at a block error rate of 1e-2, 8 iterations, int8 against exact messages. Aim: 0.2 dB at rates of 2/3 "
                "and above, 0.4 dB at 1/3.", "", table(("base graph", "Zc", "rate", "exact", "int8", "gap, dB"), [tuple(r.values()) for r in rows]), ""]
    else:
        out += ["Es/N0 (dB) at a block error rate of 1e-2, list of 8.", "", table(("code", "int8", "float", "gap, dB"), [tuple(r.values()) for r in rows]), ""]
    return out


def write_markdown(out, texts, families):
    """Made of the CSVs that are there; each says when and how it was made."""
    page = ["# Link simulations", "",
            "Made by `tests/link/run`, which measures this project's receivers with its own transmitters through radio channels of TS 38.104 annex G "
            "(taps, Doppler spectrum and antennas as tests/link/channel.h says; every block gets a channel of its own). SNR is that of TS 38.104: signal "
            "power of all transmit antennas over noise, at one receive antenna. MCS are rows of table 5.1.3.1-2 of TS 38.214 (256QAM). Requirements with "
            "their sources are in tests/link/requirements.csv; throughput counts HARQ with redundancy versions 0, 2, 3, 1.", ""]
    runs = []
    present = [n for n in texts if os.path.exists(path(out, n))]
    for name in present:
        _, about = read_csv(out, name)
        runs.append((name, texts[name], about["date"], about["commit"], "`%s`" % about["command"], about["cpu"]))
    page += [table(("run", "what", "date", "commit", "command", "CPU"), runs), ""]
    for name in present:
        rows, _ = read_csv(out, name)
        if name.endswith("-38104"):
            page += requirement_section(texts[name], rows)
        elif name == "floors":
            lost = [r for r in rows if int(r["errors"])]
            page += ["## Floors", "", "Far above the waterfall (dB above about where it lies over AWGN) no block may be lost. %d of %d points lost blocks." % (len(lost), len(rows)), "",
                     table(("what", "dB above", "SNR, dB", "blocks", "lost"), [(r["what"], r["db_above"], r["snr_db"], r["blocks"], r["errors"]) for r in rows]), ""]
        elif name in ("ldpc", "polar"):
            page += decoder_section(name, texts[name], rows)
    for name in present:
        if name in families:
            rows, _ = read_csv(out, name)
            page += ["## " + texts[name], ""]
            for p in dict.fromkeys(r["plot"] for r in rows):
                page += ["![%s](link-%s.svg)" % (p, p), ""]
    with open(os.path.join(out, "link.md"), "w") as f:
        f.write("\n".join(page).rstrip("\n") + "\n")
