"""Covers like paintings: light, weather and distance.

Owns the designs. Refuses to know names, tags and files.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from services.demo.canvas import (
    EDGE,
    as_jpeg,
    clouds,
    glow,
    gradient,
    grain,
    grid,
    layer,
    over,
    picture_of,
    rgba,
    write,
)


def night_bus() -> bytes:
    """City lights out of focus behind a wet pane; drops that carry the lights upside down."""
    rng = np.random.default_rng(11)
    x, y = grid()
    field = gradient([(0, "#0b1026"), (0.45, "#1c2450"), (0.75, "#43305f"), (1, "#16132e")], y + 0.06 * np.sin(x * 5))
    picture = picture_of(field)
    shades = ["#ffb45e", "#ff7a59", "#ffd98a", "#6fd3ff", "#f25f8b", "#9b8cff"]
    for depth in range(3):
        sheet, brush = layer()
        for _ in range((26, 20, 12)[depth]):
            radius = float(rng.uniform(14, 34)) * (1 + depth * 0.9)
            cx, cy = float(rng.uniform(0, EDGE)), float(np.clip(rng.normal(610, 130), 250, 940))
            shade = shades[int(rng.integers(len(shades)))]
            brush.ellipse((cx - radius, cy - radius, cx + radius, cy + radius), fill=rgba(shade, 0.20 + 0.10 * depth))
            brush.ellipse(
                (cx - radius, cy - radius, cx + radius, cy + radius),
                outline=rgba(shade, 0.45),
                width=2 + depth,
            )
        picture = over(picture, sheet, blur=(9.0, 4.0, 2.0)[depth])
    picture = glow(picture, 36, 0.55)
    lensed = picture.rotate(180).filter(ImageFilter.GaussianBlur(2)).point(lambda level: min(255, int(level * 1.35)))
    mask = Image.new("L", (EDGE * 2, EDGE * 2), 0)
    shine, brush = layer()
    drops = ImageDraw.Draw(mask)
    for _ in range(330):
        cx, cy = rng.uniform(0, EDGE, 2)
        size = float(rng.exponential(4.2)) + 1.6
        length = size * float(rng.uniform(1.0, 1.6))
        if size > 13:
            drops.line((cx * 2, (cy - size * 14) * 2, cx * 2, cy * 2), fill=90, width=max(3, int(size * 0.5)))
        drops.ellipse(((cx - size) * 2, (cy - length) * 2, (cx + size) * 2, (cy + length) * 2), fill=225)
        glint = size * 0.26
        brush.ellipse(
            (
                cx - size * 0.4 - glint,
                cy - length * 0.45 - glint,
                cx - size * 0.4 + glint,
                cy - length * 0.45 + glint,
            ),
            fill=(255, 255, 255, 150),
        )
    picture.paste(lensed, (0, 0), mask.resize((EDGE, EDGE), Image.Resampling.LANCZOS))
    picture = over(picture, shine, blur=0.8)
    sheet, brush = layer()
    write(brush, (70, 66), "RAIN ON THE NIGHT BUS", 30, "#f6e7cf", spacing=9)
    write(brush, (70, 112), "Paper Lantern Club", 26, "#f6e7cf", spacing=1.5)
    return as_jpeg(grain(over(picture, sheet), rng, 0.012))


def coastline() -> bytes:
    """A low sun cut by haze, its road of light on the water, hills, and a heron waiting."""
    rng = np.random.default_rng(31)
    x, y = grid()
    horizon = 0.62
    sky = gradient([(0, "#0d0628"), (0.28, "#2a0f52"), (0.46, "#7b1e7a"), (0.58, "#f0476f"), (0.64, "#ffa45c")], y)
    sea = gradient([(0.6, "#5c1a66"), (0.72, "#2a1053"), (1, "#080420")], y)
    field = np.where((y < horizon)[..., None], sky, sea)
    radius = np.hypot(x - 0.5, y - 0.47)
    bands = (y - 0.36) * 26
    slit = (y > 0.42) & ((bands % 1) < np.clip((y - 0.40) * 3.0, 0, 0.75))
    sun = np.clip((0.205 - radius) * 500, 0, 1) * (~slit) * (y < horizon)
    field = (
        field * (1 - sun[..., None])
        + gradient([(0.26, "#fff1a8"), (0.48, "#ff9a5a"), (0.66, "#ff3f86")], y) * sun[..., None]
    )
    depth = np.clip((y - horizon) / (1 - horizon), 0, 1)
    ripple = np.sin(1 / (depth + 0.05) * 34 + 5 * np.sin(x * 21 + depth * 30) + 3 * np.sin(x * 57))
    road = np.exp(-(((x - 0.5) / (0.10 + 0.16 * depth)) ** 2)) * (ripple > 0.1) * (1 - depth) ** 0.8 * (y >= horizon)
    field = field + road[..., None] * gradient([(0, "#ffb46b"), (1, "#ff3f86")], depth) * 0.8
    stars = (rng.random((EDGE, EDGE)) > 0.9993) & (y < 0.36)
    field = np.where(stars[..., None], 0.9 - y[..., None], field)
    picture = glow(picture_of(field), 30, 0.45)
    sheet, brush = layer(EDGE * 2)
    for base, tall, shade, phase in ((0.615, 0.05, "#3b1059", 0.4), (0.622, 0.028, "#1c0838", 2.2)):
        ridge = []
        for step in range(0, 2001, 8):
            u = step / 2000
            edge = np.clip(abs(u - 0.5) * 2 - 0.36, 0, 1)
            rise = tall * edge * (1.3 + 0.5 * np.sin(u * 17 + phase) + 0.3 * np.sin(u * 41 + phase))
            ridge.append((step, (base - rise) * 2000))
        brush.polygon([(0, 1250), *ridge, (2000, 1250)], fill=rgba(shade, 1.0))
    _heron(brush, 1430, 1765, 2.3)
    picture = over(picture, sheet.resize((EDGE, EDGE), Image.Resampling.LANCZOS))
    sheet, brush = layer()
    write(brush, (500, 84), "COASTLINE, AFTER DARK", 34, "#ffe9d2", spacing=10, centred=True)
    write(brush, (500, 136), "NEON HERON", 22, "#ff9ac1", spacing=12, centred=True)
    return as_jpeg(grain(over(picture, sheet), rng, 0.014))


def observatory() -> bytes:
    """A brass star chart over a dome on a hill: rings, ticks, constellations."""
    rng = np.random.default_rng(59)
    _, y = grid()
    mist = clouds(rng, 4, 3)
    field = (
        gradient([(0, "#071126"), (0.5, "#10254a"), (0.82, "#2c4a74"), (1, "#c98d6b")], y)
        + 0.07 * (mist - 0.5)[..., None]
    )
    picture = picture_of(field)
    sheet, brush = layer(EDGE * 2)
    cx, cy = 1000.0, 900.0
    brass = "#e3c07f"
    for ring, reach in enumerate((250, 390, 400, 540, 690, 700)):
        brush.ellipse(
            (cx - reach, cy - reach, cx + reach, cy + reach),
            outline=rgba(brass, 0.75),
            width=3 if ring % 2 else 5,
        )
    for tick in range(144):
        angle = tick * np.pi / 72
        far = 728 if tick % 12 else 764
        ray = np.cos(angle), np.sin(angle)
        brush.line(
            (cx + ray[0] * 700, cy + ray[1] * 700, cx + ray[0] * far, cy + ray[1] * far),
            fill=rgba(brass, 0.8),
            width=4,
        )
    for spoke in range(12):
        ray = np.cos(spoke * np.pi / 6), np.sin(spoke * np.pi / 6)
        brush.line(
            (cx + ray[0] * 250, cy + ray[1] * 250, cx + ray[0] * 690, cy + ray[1] * 690),
            fill=rgba(brass, 0.22),
            width=2,
        )
    for reach, turn, ball in ((250, 0.6, 22), (395, 2.5, 30), (540, 4.25, 18), (695, 5.5, 38)):
        px, py = cx + reach * np.cos(turn), cy + reach * np.sin(turn)
        brush.ellipse((px - ball, py - ball, px + ball, py + ball), fill=rgba("#f7e3b5", 1))
    for _ in range(4):
        bearing, distance = float(rng.uniform(0, 6.28)), float(rng.uniform(300, 600))
        here = np.array([cx + distance * np.cos(bearing), cy + distance * np.sin(bearing)])
        for _ in range(5):
            there = here + rng.uniform(-120, 120, 2)
            brush.line((*here, *there), fill=rgba("#dfe8ff", 0.5), width=3)
            size = float(rng.uniform(5, 10))
            brush.ellipse((there[0] - size, there[1] - size, there[0] + size, there[1] + size), fill=rgba("#ffffff", 1))
            here = there
    for _ in range(420):
        sx, sy = rng.uniform(0, 2000), rng.uniform(0, 1500)
        size = float(rng.exponential(1.4)) + 0.6
        brush.ellipse((sx - size, sy - size, sx + size, sy + size), fill=rgba("#ffffff", float(rng.uniform(0.3, 0.95))))
    moon = 150
    brush.ellipse((cx - moon, cy - moon, cx + moon, cy + moon), fill=rgba("#f7e9c9", 1))
    picture = glow(over(picture, sheet.resize((EDGE, EDGE), Image.Resampling.LANCZOS)), 14, 0.35)
    sheet, brush = layer(EDGE * 2)
    ink = rgba("#060d1c", 1)
    hill = [
        (step, 1810 - 130 * np.exp(-(((step - 1000) / 620) ** 2)) + 16 * np.sin(step / 130))
        for step in range(0, 2001, 10)
    ]
    brush.polygon([(0, 2000), *hill, (2000, 2000)], fill=ink)
    brush.rectangle((850, 1560, 1150, 1720), fill=ink)
    brush.pieslice((830, 1390, 1170, 1730), 180, 360, fill=ink)
    brush.polygon([(985, 1480), (1035, 1500), (1120, 1330), (1080, 1312)], fill=ink)
    brush.rectangle((980, 1630, 1020, 1700), fill=rgba("#ffcf7d", 1))
    picture = over(picture, sheet.resize((EDGE, EDGE), Image.Resampling.LANCZOS))
    sheet, brush = layer()
    write(brush, (500, 924), "WALTZES FOR A SMALL OBSERVATORY", 23, "#f0dcb0", spacing=6, centred=True)
    write(brush, (500, 958), "The Tin Aviary", 20, "#c9b58a", spacing=2, centred=True)
    return as_jpeg(over(picture, sheet))


def postcards() -> bytes:
    """Tide lines as flowing strands under a pale moon, on a card with a deckled margin."""
    rng = np.random.default_rng(67)
    x, y = grid(EDGE * 2)
    swell = clouds(rng, 2, 2, EDGE * 2)
    flow = y + 0.16 * (swell - 0.5) + 0.035 * np.sin(x * 7 + swell * 9)
    field = gradient(
        [
            (0, "#f9d9c8"),
            (0.28, "#f4b6b8"),
            (0.45, "#a99bd1"),
            (0.66, "#4f7fb8"),
            (0.85, "#1f4f86"),
            (1, "#10305c"),
        ],
        np.clip(flow, 0, 1),
    )
    strands = 0.5 + 0.5 * np.cos(flow * 2 * np.pi * 46)
    weight = np.clip((flow - 0.36) * 2.6, 0, 1)
    field += (np.clip(strands - 0.86, 0, 1) * 2.6 * weight * (0.4 + 0.6 * swell))[..., None]
    radius = np.hypot(x - 0.66, y - 0.25)
    disc = np.clip((0.115 - radius) * 900, 0, 1)[..., None]
    field = field * (1 - disc) + np.array([1.0, 0.965, 0.90], dtype=np.float32) * disc
    field += (np.exp(-((radius / 0.22) ** 2)) * 0.16)[..., None]
    column = np.exp(-(((x - 0.66) / (0.03 + 0.10 * np.clip(y - 0.5, 0, 1))) ** 2)) * np.clip((flow - 0.47) * 6, 0, 1)
    field += (column * np.clip(strands - 0.25, 0, 1) * 0.55 * (1 - 0.6 * y))[..., None]
    picture = picture_of(field).resize((EDGE, EDGE), Image.Resampling.LANCZOS)
    sheet, brush = layer()
    paper = rgba("#fbf5ea", 1)
    for side in ((0, 0, EDGE, 54), (0, EDGE - 54, EDGE, EDGE), (0, 0, 54, EDGE), (EDGE - 54, 0, EDGE, EDGE)):
        brush.rectangle(side, fill=paper)
    write(brush, (98, 96), "Postcards", 66, "#3b3a6b", spacing=1)
    write(brush, (98, 168), "to the Tide", 66, "#3b3a6b", spacing=1)
    write(brush, (100, 262), "NEON HERON  &  HALDEN VEY", 19, "#3b3a6b", spacing=4)
    return as_jpeg(grain(over(picture, sheet), rng, 0.012))


def _heron(brush: ImageDraw.ImageDraw, x: float, foot: float, scale: float) -> None:
    """A standing heron in silhouette: legs, a leaf-shaped body, an S of a neck, a long bill."""
    ink = rgba("#0a0420", 1.0)

    def at(dx: float, dy: float) -> tuple[float, float]:
        return x + dx * scale, foot + dy * scale

    for leg in ((-6, 0, -2, -120), (12, 0, 8, -120)):
        brush.line((*at(leg[0], leg[1]), *at(leg[2], leg[3])), fill=ink, width=int(4 * scale))
    t = np.linspace(0, 1, 60)
    top = [at(-62 + 150 * u, -150 - 42 * np.sin(np.pi * u) ** 0.8 + 34 * u) for u in t]
    under = [at(88 - 150 * u, -116 + 26 * np.sin(np.pi * u) - 34 * u) for u in t]
    brush.polygon(top + under, fill=ink)
    for u in np.linspace(0, 1, 140):
        nx = -52 - 34 * np.sin(np.pi * 1.55 * u) * (1 - 0.25 * u) + 6 * u
        ny = -160 - 128 * u
        thick = (13 - 7 * u) * scale
        cx, cy = at(nx, ny)
        brush.ellipse((cx - thick, cy - thick, cx + thick, cy + thick), fill=ink)
    hx, hy = nx, ny
    cx, cy = at(hx - 6, hy - 3)
    brush.ellipse((cx - 15 * scale, cy - 9 * scale, cx + 15 * scale, cy + 9 * scale), fill=ink)
    brush.polygon([at(hx - 12, hy - 9), at(hx - 82, hy + 4), at(hx - 12, hy + 4)], fill=ink)
    brush.line((*at(hx, hy - 8), *at(hx + 40, hy + 8)), fill=ink, width=int(3 * scale))
