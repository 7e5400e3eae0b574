"""Every setting as it is in force, for the log at the start: what differs from the defaults, and no secret."""

from __future__ import annotations

import logging
from dataclasses import MISSING
from typing import Any

from server.config import places
from server.settings import Settings

log = logging.getLogger("tutti.settings")


def told(settings: Settings) -> dict[str, tuple[Any, bool]]:
    """Each setting's dotted name, with its value (`***` for a secret that is set) and whether it is not the default."""
    named = {"sign_in.others": tuple(settings.sign_in.others)}
    found: dict[str, tuple[Any, bool]] = {}
    for place in places(named=named):
        value: Any = settings
        for part in place.name.split("."):
            value = value[part] if isinstance(value, dict) else getattr(value, part)
        default = place.spec.default if place.spec.default is not MISSING else None
        if place.spec.default_factory is not MISSING:
            default = place.spec.default_factory()
        differs = (tuple(value) != tuple(default or ())) if isinstance(value, tuple) else value != default
        found[place.name] = ("***" if place.spec.metadata["secret"] and value else value, differs)
    return found


def log_settings(settings: Settings) -> None:
    """A line for each that somebody set; at `debug` for every other too."""
    for name, (value, differs) in told(settings).items():
        log.log(logging.INFO if differs else logging.DEBUG, "setting", extra={"setting": name, "value": str(value)})
