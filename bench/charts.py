"""A figure drawn: a bar for each rival, as an SVG that reads in the light and in the dark. Knows no bench."""

from __future__ import annotations

from html import escape

from bench.figures import Figure

WIDTH, NAMES, VALUES = 720, 210, 110
"""Pixels: of the whole, of the column of names, and of the room behind the longest bar for its value."""
BAR, GAP, HEAD = 20, 8, 34
LOOK = """
  text { font: 13px system-ui, sans-serif; fill: #1c1b1f }
  .what { font-weight: 600 }
  .theirs { fill: #9a97a6 }
  .ours { fill: #5b3fd6 }
  @media (prefers-color-scheme: dark) {
    text { fill: #eceaf2 }
    .theirs { fill: #6d6a79 }
    .ours { fill: #a995ff }
  }
"""


def chart(figures: list[Figure]) -> str:
    """All figures of one bench, one under the other; bars of a figure are to one scale, the first is ours."""
    parts: list[str] = []
    y = 0
    for figure in figures:
        y += HEAD
        better = "more is better" if figure.more else "less is better"
        parts.append(
            f'<text class="what" x="0" y="{y - 10}">{escape(figure.what)} ({escape(figure.unit)}, {better})</text>'
        )
        most = max(figure.rivals.values(), default=0) or 1
        for place, (name, value) in enumerate(figure.rivals.items()):
            length = max(1, round((WIDTH - NAMES - VALUES) * value / most))
            parts.append(f'<text x="{NAMES - 8}" y="{y + 15}" text-anchor="end">{escape(name)}</text>')
            kind = "theirs" if place else "ours"
            parts.append(f'<rect class="{kind}" x="{NAMES}" y="{y}" width="{length}" height="{BAR}" rx="3"/>')
            parts.append(f'<text x="{NAMES + length + 8}" y="{y + 15}">{written(value)}</text>')
            y += BAR + GAP
    title = escape("; ".join(figure.what for figure in figures))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" role="img" aria-label="{title}">'
        f"<style>{LOOK}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def written(value: float) -> str:
    """Three figures that say something, thousands apart."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
