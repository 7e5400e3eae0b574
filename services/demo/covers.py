"""The six covers, each drawn by its own few rules: a wet window, a map, a coast, a block print, an
observatory, tides.

Owns the designs. Refuses to know tags and files: a name goes in, the bytes of a picture come out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from services.demo.canvas import (
    EDGE,
    as_jpeg,
    as_png,
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

__all__ = ["COVERS", "EDGE", "draw_cover"]


def draw_cover(name: str) -> bytes:
    """The cover of that name as JPEG or PNG, `EDGE` pixels square; the same bytes every time."""
    return COVERS[name]()


def _night_bus() -> bytes:
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


def _cartography() -> bytes:
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


def _coastline() -> bytes:
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


def _salt_letters() -> bytes:
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


def _observatory() -> bytes:
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


def _postcards() -> bytes:
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


COVERS: dict[str, Callable[[], bytes]] = {
    "night_bus": _night_bus,
    "cartography": _cartography,
    "coastline": _coastline,
    "salt_letters": _salt_letters,
    "observatory": _observatory,
    "postcards": _postcards,
}
"""Every cover by the name an album refers to it with."""
