"""Reading the configuration, once: `config.yaml`, then `TUTTI_*` variables over it.

Owns the only look at the environment. A wrong key or value is refused by name with the nearest valid one; all faults
are told at once. Refuses to know what a setting does.
"""

from __future__ import annotations

import difflib
import os
import re
import typing
from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from server.billing_rules import check_billing
from server.settings import Settings
from services.audio.accel import AccelFolders
from services.search.rules import read_rules
from services.students.schools import read_domains
from storage.files import check_key

ENV_PREFIX = "TUTTI_"
LEAST_SECRET_LENGTH = 32
_PREFIX = re.compile(r"[a-z0-9_]{1,40}")


class BadConfiguration(Exception):
    """What is wrong with the configuration, one sentence a fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Place:
    """One setting in the tree: its dotted name, its variable, its type and its details."""

    name: str
    hint: Any
    spec: Field[Any]

    @property
    def variable(self) -> str:
        """The environment variable that overrides it."""
        return ENV_PREFIX + self.name.replace(".", "_").upper()


def places(section: type = Settings, prefix: str = "") -> Iterator[Place]:
    """Every setting there is, section by section."""
    hints = typing.get_type_hints(section)
    for spec in fields(section):
        name = f"{prefix}{spec.name}"
        if is_dataclass(hints[spec.name]):
            yield from places(hints[spec.name], f"{name}.")
        else:
            yield Place(name, hints[spec.name], spec)


def load_settings(file: Path | None, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of `file` (None: the defaults) with the environment's over them. BadConfiguration tells them all."""
    faults: list[str] = []
    written = {} if file is None else _read_yaml(file, faults)
    values = dict(_flatten(written, faults))
    sources = dict.fromkeys(values, str(file))
    known = {place.name: place for place in places()}
    for name in list(values):
        if name not in known:
            faults.append(f"{file}: unknown setting {name}{_nearest(name, known)}")
            del values[name]
    variables = {place.variable: place for place in known.values()}
    for variable, text in (os.environ if environ is None else environ).items():
        if variable.startswith(ENV_PREFIX):
            if variable not in variables:
                faults.append(f"unknown variable {variable}{_nearest(variable, variables)}")
            else:
                values[variables[variable].name] = text
                sources[variables[variable].name] = variable
    checked: dict[str, Any] = {}
    for name, value in values.items():
        try:
            checked[name] = _check(known[name], value)
        except ValueError as fault:
            faults.append(f"{sources[name]}: {name} {fault}")
    if faults:
        raise BadConfiguration(faults)
    settings: Settings = _build(Settings, "", checked, file.parent if file else Path.cwd())
    _refuse_unsafe(settings)
    return settings


def _read_yaml(file: Path, faults: list[str]) -> dict[str, Any]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadConfiguration([f"{file}: cannot be read: {error.strerror}"]) from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise BadConfiguration([f"{file}: is not valid YAML: {' '.join(str(error).split())}"]) from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        faults.append(f"{file}: must hold sections such as `server:`")
        return {}
    return content


def _flatten(tree: Mapping[Any, Any], faults: list[str], prefix: str = "") -> Iterator[tuple[str, Any]]:
    names = {place.name for place in places()}
    sections = {name.rpartition(".")[0] for name in names} | {"storage"}
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if name in sections:
            if isinstance(value, dict):
                yield from _flatten(value, faults, f"{name}.")
            elif value is not None:
                faults.append(f"{name} must hold settings, not {value!r}")
        elif isinstance(value, dict) and name not in names:
            faults.append(f"unknown section {name}{_nearest(name, sections)}")
        else:
            yield name, value


def _nearest(name: str, known: typing.Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else ""


def _check(place: Place, value: Any) -> Any:
    """The value in its type. ValueError says what it must be."""
    details = place.spec.metadata
    if place.hint is bool:
        return _as_bool(value)
    kind = _number_of(place.hint)
    if kind is not None:
        if kind is not place.hint and value in (None, "null", ""):
            return None
        number = _as_number(kind, value)
        least, most = details["least"], details["most"]
        if least is not None and not least <= number <= most:  # also catches NaN
            raise ValueError(f"must be from {least:.15g} to {most:.15g}, not {value}")
        return number
    if place.hint is Path:
        if not isinstance(value, str) or not value or "\0" in value:
            raise ValueError(f"must be a path, not {value!r}")
        return Path(value)
    if place.hint is str:
        shown = "what is set" if details["secret"] else repr(value)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise ValueError(f"must be text, not {shown}")
        if details["choices"] and value not in details["choices"]:
            raise ValueError(
                f"must be one of {', '.join(details['choices'])}, not {shown}{_nearest(value, details['choices'])}"
            )
        if value and details["schemes"] and not _is_url(value, details["schemes"]):
            raise ValueError(f"must be a URL such as {details['schemes'][0]}://host, not {shown}")
        return value
    items = [item.strip() for item in value.split(",") if item.strip()] if isinstance(value, str) else value
    if items is None:
        return ()
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ValueError(f"must be a list of texts, not {value!r}")
    return tuple(items)


def _is_url(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        # A MongoDB address may name several hosts, each with its port: only the client itself can read that.
        return parts.scheme in schemes and bool(parts.netloc or parts.path) and ("," in value or parts.port != 0)
    except ValueError:
        return False


def _as_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    raise ValueError(f"must be true or false, not {value!r}")


def _number_of(hint: Any) -> Any:
    """`int` or `float` where the setting is such a number, or one that may be `null`; else None."""
    for kind in (int, float):
        if hint is kind or hint == kind | None:
            return kind
    return None


def _as_number(kind: type, value: Any) -> Any:
    wanted = "a whole number" if kind is int else "a number"
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"must be {wanted}, not {value!r}")
    try:
        number = kind(value)
    except (ValueError, OverflowError):
        raise ValueError(f"must be {wanted}, not {value!r}") from None
    if isinstance(value, float) and number != value:
        raise ValueError(f"must be {wanted}, not {value!r}")
    return number


def _build(section: type, prefix: str, values: Mapping[str, Any], base: Path) -> Any:
    hints = typing.get_type_hints(section)
    built: dict[str, Any] = {}
    for spec in fields(section):
        name = f"{prefix}{spec.name}"
        if is_dataclass(hints[spec.name]):
            built[spec.name] = _build(typing.cast(type, hints[spec.name]), f"{name}.", values, base)
        elif name in values:
            built[spec.name] = values[name]
        if hints[spec.name] is Path:
            path = built.get(spec.name, spec.default)
            built[spec.name] = path.expanduser() if path.expanduser().is_absolute() else (base / path).resolve()
    return section(**built)


def _refuse_unsafe(settings: Settings) -> None:
    secrets = [part.strip() for part in settings.server.secret.split(",") if part.strip()]
    if any(len(part) < LEAST_SECRET_LENGTH for part in secrets):
        raise BadConfiguration([f"server.secret must have at least {LEAST_SECRET_LENGTH} characters"])
    search = settings.search
    try:
        read_rules(search.synonyms, search.never_trending, search.trending_people)
    except ValueError as fault:
        raise BadConfiguration([f"search.synonyms {fault}"]) from fault
    if not _PREFIX.fullmatch(search.typesense_prefix):
        # Without a hyphen no house's alias is another's collection.
        raise BadConfiguration(["search.typesense_prefix must be 1 to 40 small letters, digits and _"])
    try:
        read_domains(settings.students.domains)
    except ValueError as fault:
        raise BadConfiguration([f"students.domains: {fault}"]) from fault
    files = settings.files
    if files.backend == "s3" and not files.s3.bucket:
        raise BadConfiguration(["files.s3.bucket must be set where files.backend is s3"])
    if bool(files.s3.access_key) != bool(files.s3.secret_key):
        raise BadConfiguration(["files.s3.access_key and files.s3.secret_key are set together or not at all"])
    try:
        check_key(files.s3.prefix.strip("/") or "none")
        AccelFolders.parse(files.accel)
    except ValueError as fault:
        raise BadConfiguration([f"files: {fault}"]) from fault
    if faults := check_billing(settings.billing, settings.server.public_url):
        raise BadConfiguration(faults)
    if settings.production and not secrets:
        raise BadConfiguration(
            ["server.secret must be set in production (TUTTI_SERVER_SECRET); 32 random characters or more"]
        )
