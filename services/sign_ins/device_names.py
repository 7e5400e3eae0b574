"""What to call the device behind a User-Agent header, in words its owner knows. A guess, for lists and mails alone."""

from __future__ import annotations

UNKNOWN = "An unknown device"
_PROGRAMS = (
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python", "A Python program"),
    ("mpv", "mpv"),
    ("VLC/", "VLC"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)
_LONGEST = 40


def device_name(user_agent: str) -> str:
    """`Firefox on Linux`; the first word of a header that no rule knows; a fixed text for none."""
    program = next((name for mark, name in _PROGRAMS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if program and system:
        return f"{program} on {system}"
    if program or system:
        return program or system
    words = user_agent.split("/", 1)[0].split()
    return words[0][:_LONGEST] if words else UNKNOWN
