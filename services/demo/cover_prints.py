"""Covers like prints: lines, blocks and letters.

Owns the designs. Refuses to know names, tags and files.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from services.demo.canvas import (
    EDGE,
    as_jpeg,
    as_png,
    clouds,
    gradient,
    grain,
    layer,
    over,
    picture_of,
    rgba,
    write,
)


def cartography() -> bytes:
    """Contour lines over misty hills, a river of light between them."""
    rng = np.random.default_rng(23)
    edge = EDGE * 3 // 2
    height = clouds(rng, 3, 2, edge)
    field = gradient([(0, "#17414b"), (0.3, "#2f6f74"), (0.52, "#8fb8a8"), (0.72, "#e3dcc3"), (1, "#f7f1e3")], height)
    slope = np.gradient(height)[1] - np.gradient(height)[0]
    field *= (1 + 20 * slope)[..., None].clip(0.82, 1.15)
    for every, strength in ((1 / 36, 0.30), (5 / 36, 0.42)):
        steepness = np.hypot(*np.gradient(height)) + 1e-6
        distance = np.abs((height / every + 0.5) % 1 - 0.5) * every / steepness
        line = np.clip(1.6 - distance, 0, 1) * strength
        field = field * (1 - line[..., None]) + np.array([0.06, 0.20, 0.24], dtype=np.float32) * line[..., None]
    picture = picture_of(field).resize((EDGE, EDGE), Image.Resampling.LANCZOS)
    sheet, brush = layer()
    brush.rectangle((44, 44, EDGE - 45, EDGE - 45), outline=rgba("#f7f1e3", 0.85), width=2)
    for place in range(10):
        mark = 44 + place * (EDGE - 89) / 9
        brush.line((mark, 44, mark, 58), fill=rgba("#f7f1e3", 0.85), width=2)
        brush.line((44, mark, 58, mark), fill=rgba("#f7f1e3", 0.85), width=2)
    brush.rectangle((88, 812, 470, 912), fill=rgba("#f7f1e3", 0.93))
    write(brush, (112, 830), "SLOW CARTOGRAPHY", 25, "#17414b", spacing=5)
    write(brush, (112, 868), "Halden Vey", 22, "#2f6f74", spacing=1)
    return as_png(over(picture, sheet), 96)


def salt_letters() -> bytes:
    """A block print in four inks: a sun, a paper boat, and waves cut as scallops."""
    rng = np.random.default_rng(47)
    edge = EDGE * 2
    picture = Image.new("RGB", (edge, edge), "#f2e8d5")
    brush = ImageDraw.Draw(picture)
    brush.ellipse((1130, 330, 1610, 810), fill="#d9694a")
    for row in range(9):
        shade = ("#1f3f5b", "#2c5f7c", "#5f93a3", "#9dbfbb")[(row + 1) % 4]
        top = 1080 + row * 112
        size = 190
        for place in range(-1, 12):
            cx = place * size + (row % 2) * size / 2
            for ring, ink in enumerate((shade, "#f2e8d5", shade, "#f2e8d5", shade)):
                reach = size * 0.62 - ring * 19
                brush.ellipse((cx - reach, top - reach + 90, cx + reach, top + reach + 90), fill=ink)
        if row == 1:
            hull = [(560, 1060), (1240, 1060), (1090, 1250), (710, 1250)]
            brush.polygon(hull, fill="#f8f2e4", outline="#1f3f5b", width=9)
            brush.polygon([(900, 660), (1090, 1060), (710, 1060)], fill="#f8f2e4", outline="#1f3f5b", width=9)
            brush.line((900, 660, 900, 1060), fill="#1f3f5b", width=6)
            for line in range(4):
                brush.line(
                    (760 + line * 8, 1110 + line * 30, 1030 - line * 10, 1110 + line * 30),
                    fill="#c9b99a",
                    width=6,
                )
    for gull in ((420, 520, 70), (610, 420, 48), (300, 690, 40)):
        gx, gy, wing = gull
        brush.arc((gx - 2 * wing, gy - wing // 2, gx, gy + wing), 200, 340, fill="#1f3f5b", width=9)
        brush.arc((gx, gy - wing // 2, gx + 2 * wing, gy + wing), 200, 340, fill="#1f3f5b", width=9)
    picture = picture.resize((EDGE, EDGE), Image.Resampling.LANCZOS)
    worn = clouds(rng, 4, 40)
    field = np.asarray(picture, dtype=np.float32) / 255
    flecks = (np.clip((worn - 0.70) * 9, 0, 1) * 0.55)[..., None]
    field = field * (1 - flecks) + np.array([0.949, 0.910, 0.835], dtype=np.float32) * flecks
    picture = picture_of(field)
    sheet, brush = layer()
    brush.rectangle((0, 0, EDGE, 36), fill=rgba("#f2e8d5", 1))
    brush.rectangle((0, EDGE - 36, EDGE, EDGE), fill=rgba("#f2e8d5", 1))
    brush.rectangle((0, 0, 36, EDGE), fill=rgba("#f2e8d5", 1))
    brush.rectangle((EDGE - 36, 0, EDGE, EDGE), fill=rgba("#f2e8d5", 1))
    write(brush, (78, 74), "Salt Letters", 64, "#1f3f5b", spacing=2)
    write(brush, (82, 156), "INÊS CALADO", 24, "#d9694a", spacing=8)
    return as_jpeg(grain(over(picture, sheet), rng, 0.012))
