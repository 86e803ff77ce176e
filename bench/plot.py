"""Draws bars and curves as SVG, plainly: no library, the same text for the same figures."""
import html
import math
from typing import List, NamedTuple, Sequence, Tuple

WIDTH, LABEL, ROW, TOP = 760, 300, 26, 64
STYLE = ('<style>text{font:13px sans-serif;fill:#24292f}.h{font-weight:bold;font-size:15px}'
         '.s{fill:#57606a;font-size:12px}.o{fill:#8c959f}.m{fill:#0969da}.g{stroke:#d0d7de}'
         '.l{fill:none;stroke:#0969da;stroke-width:2}.k{fill:none;stroke:#8c959f;stroke-width:2}'
         '</style>')


class Bar(NamedTuple):
    label: str
    value: float
    low: float
    high: float
    ours: bool


class Curve(NamedTuple):
    title: str
    unit: str  # of what grows
    lines: Sequence[Tuple[str, Sequence[Tuple[float, float]]]]  # name; (how much, seconds)


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">'
            f'{html.escape(words)}</text>')


def document(width: float, height: float, parts: Sequence[str]) -> str:
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" '
                      f'height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}">', STYLE,
                      '<rect width="100%" height="100%" fill="#ffffff"/>', *parts, "</svg>", ""])


def number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def bars(title: str, below: str, groups: Sequence[Tuple[str, Sequence[Bar]]]) -> str:
    """Bars on a logarithmic scale, as the values differ a hundredfold; each with its spread."""
    rows = [row for _, group in groups for row in group]
    first = min([0.5, *(row.low for row in rows if row.low > 0)])
    last = max(row.high for row in rows) * 1.6
    room = WIDTH - LABEL - 20

    def x(value: float) -> float:
        return LABEL + room * (math.log(max(value, first) / first) / math.log(last / first))

    height = TOP + ROW * (len(rows) + len(groups)) + 34
    parts = [text(16, 26, title, "h"), text(16, 46, below, "s")]
    for tick in (0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000):
        if first <= tick <= last:
            parts += [f'<line x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{TOP}" '
                      f'y2="{height - 30}" class="g"/>',
                      text(x(tick), height - 12, f"{number(tick)} ×", "s", "middle")]
    y = TOP + 4
    for heading, group in groups:
        parts.append(text(16, y + 14, heading, "s"))
        y += ROW
        for row in group:
            parts += [text(LABEL - 8, y + 14, row.label, "", "end"),
                      f'<rect x="{LABEL}" y="{y}" width="{max(x(row.value) - LABEL, 1):.1f}" '
                      f'height="{ROW - 8}" class="{"m" if row.ours else "o"}"/>',
                      f'<line x1="{x(row.low):.1f}" x2="{x(row.high):.1f}" y1="{y + 9}" '
                      f'y2="{y + 9}" stroke="#24292f"/>',
                      text(x(row.high) + 5, y + 14, number(row.value), "s")]
            y += ROW
    return document(WIDTH, height, parts)


def panel(curve: Curve, left: float, top: float, width: float, height: float) -> List[str]:
    points = [point for _, line in curve.lines for point in line]
    most_x, most_y = max(p[0] for p in points), max(p[1] for p in points) * 1.1 or 1

    def at(point: Tuple[float, float]) -> str:
        return (f"{left + width * point[0] / most_x:.1f},"
                f"{top + height * (1 - point[1] / most_y):.1f}")

    parts = [text(left, top - 12, curve.title, "h"),
             f'<path d="M{left},{top} V{top + height} H{left + width}" class="g" fill="none"/>',
             text(left - 6, top + 10, f"{number(most_y)} s", "s", "end"),
             text(left - 6, top + height, "0 s", "s", "end"),
             text(left + width, top + height + 18, f"{number(most_x)} {curve.unit}", "s", "end"),
             text(left, top + height + 18, "0", "s")]
    for place, (name, line) in enumerate(curve.lines):
        line_kind, fill = ("l", "m") if place == 0 else ("k", "o")
        parts += [f'<polyline points="{" ".join(map(at, line))}" class="{line_kind}"/>',
                  *(f'<circle cx="{at(p).split(",")[0]}" cy="{at(p).split(",")[1]}" r="3" '
                    f'class="{fill}"/>' for p in line),
                  f'<rect x="{left + 130 * place}" y="{top + height + 29}" width="10" height="10" '
                  f'class="{fill}"/>',
                  text(left + 130 * place + 15, top + height + 38, name, "s")]
    return parts


def curves(panels: Sequence[Curve]) -> str:
    """Two beside each other, all axes from 0."""
    width, height, gap = 300, 180, 90
    parts: List[str] = []
    for place, curve in enumerate(panels):
        parts += panel(curve, 60 + (place % 2) * (width + gap),
                       40 + (place // 2) * (height + gap), width, height)
    rows = (len(panels) + 1) // 2
    return document(60 + 2 * (width + gap) - 50, 10 + rows * (height + gap), parts)
