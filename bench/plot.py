#!/usr/bin/env python3
"""Draws what ./dev bench wrote: latency against load, and memory against open streams.

Usage: bench/plot.py [RESULTS [OUTPUT]]     (build/bench and docs/performance)
Needs nothing but Python 3.
"""

import json
import math
import pathlib
import re
import sys

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 150, 40, 50
COLORS = {"magna": "#1f6feb", "baseline": "#8b949e"}
LABELS = {"magna": "magna", "baseline": "libcurl alone"}


def rows_of(results, bench):
    path = results / f"{bench}.json"
    if not path.exists():
        sys.exit(f"{path} is not there: run ./dev bench {bench} first")
    return json.loads(path.read_text())["rows"]


def series(rows, metric, load):
    """{subject: [(load, value)]} of one metric of actors; `load` finds the load in a case's name."""
    result = {}
    for row in rows:
        found = re.fullmatch(load, row["case"])
        if row["metric"] != metric or row["who"] != "actors" or not found:
            continue
        for subject in COLORS:
            result.setdefault(subject, []).append((float(found[1]), row[subject]))
    return result


def number(value):
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"


class Axis:
    """Maps values to places; logarithmic between powers of ten, or linear from 0."""

    def __init__(self, values, begin, end, logarithmic):
        self.begin, self.end, self.logarithmic = begin, end, logarithmic
        if logarithmic:
            self.low = 10 ** math.floor(math.log10(min(values)))
            self.high = 10 ** math.ceil(math.log10(max(values)))
            self.ticks = [10**i for i in range(round(math.log10(self.low)), round(math.log10(self.high)) + 1)]
        else:
            step = 10 ** math.floor(math.log10(max(values)))
            step = step / 2 if max(values) / step < 3 else step
            self.low, self.high = 0, step * math.ceil(max(values) / step)
            self.ticks = [step * i for i in range(round(self.high / step) + 1)]

    def at(self, value):
        if self.logarithmic:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = value / self.high
        return self.begin + share * (self.end - self.begin)


def draw(path, title, x_title, y_title, lines, logarithmic):
    """`lines`: [(label, color, dashed, [(x, y)])]"""
    points = [point for *_, line in lines for point in line]
    x_axis = Axis([x for x, _ in points], LEFT, WIDTH - RIGHT, logarithmic)
    y_axis = Axis([y for _, y in points], HEIGHT - BOTTOM, TOP, logarithmic)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="20" font-size="14" font-weight="bold">{title}</text>',
    ]
    for tick in x_axis.ticks:
        x = x_axis.at(tick)
        out.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{HEIGHT - BOTTOM}" stroke="#e5e7eb"/>')
        out.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{number(tick)}</text>')
    for tick in y_axis.ticks:
        y = y_axis.at(tick)
        out.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#e5e7eb"/>')
        out.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{number(tick)}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    out.append(f'<text x="{middle}" y="{HEIGHT - 12}" text-anchor="middle">{x_title}</text>')
    out.append(f'<text transform="translate(16 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">{y_title}</text>')
    # Labels stand where the lines end, but not on each other.
    places = []
    for label, color, dashed, line in sorted(lines, key=lambda x: y_axis.at(x[3][-1][1])):
        path_of_line = " ".join(f"{x_axis.at(x):.1f},{y_axis.at(y):.1f}" for x, y in line)
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        out.append(f'<polyline points="{path_of_line}" fill="none" stroke="{color}" stroke-width="2"{dash}/>')
        for x, y in line:
            out.append(f'<circle cx="{x_axis.at(x):.1f}" cy="{y_axis.at(y):.1f}" r="3" fill="{color}"/>')
        place = y_axis.at(line[-1][1]) + 4
        if places:
            place = max(place, places[-1] + 15)
        places.append(place)
        out.append(f'<text x="{x_axis.at(line[-1][0]) + 10:.1f}" y="{place:.1f}" fill="{color}">{label}</text>')
    out.append("</svg>")
    path.write_text("\n".join(out) + "\n")
    print(path)


def main():
    if any(x in ("-h", "--help") for x in sys.argv[1:]):
        sys.exit(__doc__.strip())
    results = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/bench")
    output = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "docs/performance")
    output.mkdir(parents=True, exist_ok=True)
    requests = rows_of(results, "request")
    lines = []
    for metric, dashed in (("latency p50", False), ("latency p99", True)):
        for subject, line in series(requests, metric, r"(\d+) at a time").items():
            lines.append((f"{LABELS[subject]}, {metric[-3:]}", COLORS[subject], dashed, line))
    draw(output / "latency.svg", "Latency against load", "requests in flight", "microseconds", lines, True)
    streams = series(rows_of(results, "idle_streams"), "memory per stream", r"(\d+) streams")
    lines = [(LABELS[subject], COLORS[subject], False, [(x, x * y / 1024) for x, y in line]) for subject, line in streams.items()]
    draw(output / "memory.svg", "Memory against open streams", "open streams", "MiB", lines, False)


if __name__ == "__main__":
    main()
