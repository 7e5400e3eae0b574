"""Reading the configuration, once: `config.yaml`, then `TUTTI_*` variables over it.

Owns the only look at the environment. A wrong key or value is refused by name with the nearest valid one; all faults
are told at once. Refuses to know what a setting does.
"""

from __future__ import annotations

import os
import re
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import Field, dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from handlers.proxies import Proxies
from server.billing_rules import check_billing
from server.setting_values import checked_value, nearest
from server.settings import Settings
from server.sign_in_providers import providers_of
from services.audio.accel import AccelFolders
from services.search.rules import read_rules
from services.students.schools import read_domains
from storage.files import check_key

ENV_PREFIX = "TUTTI_"
Named = Mapping[str, Sequence[str]]
"""The names that people gave in sections of `sign_in.others`' kind, by the section's dotted name."""
_NOTHING_NAMED: Named = {}
_NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")
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
        return ENV_PREFIX + self.name.replace(".", "_").replace("-", "_").upper()


@cache
def _hints(section: Any) -> dict[str, Any]:
    """The types of a section's settings, read once: reading them is most of what reading a configuration costs."""
    return typing.get_type_hints(section)


def places(section: type = Settings, prefix: str = "", named: Named = _NOTHING_NAMED) -> Iterator[Place]:
    """Every setting there is, section by section; of sections that people name, those of `named`."""
    hints = _hints(section)
    for spec in fields(section):
        name = f"{prefix}{spec.name}"
        if is_dataclass(hints[spec.name]):
            yield from places(hints[spec.name], f"{name}.", named)
        elif (kind := _kind_of_named(hints[spec.name])) is not None:
            for chosen in named.get(name, ()):
                yield from places(kind, f"{name}.{chosen}.", named)
        else:
            yield Place(name, hints[spec.name], spec)


def load_settings(file: Path | None, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of `file` (None: the defaults) with the environment's over them. BadConfiguration tells them all."""
    faults: list[str] = []
    written = {} if file is None else _read_yaml(file, faults)
    named = _named(written, faults)
    values = dict(_flatten(written, faults, named))
    sources = dict.fromkeys(values, str(file))
    known = {place.name: place for place in places(named=named)}
    for name in list(values):
        if name not in known:
            faults.append(f"{file}: unknown setting {name}{nearest(name, known)}")
            del values[name]
    variables = {place.variable: place for place in known.values()}
    for variable, text in (os.environ if environ is None else environ).items():
        if variable.startswith(ENV_PREFIX):
            if variable not in variables:
                faults.append(f"unknown variable {variable}{nearest(variable, variables)}")
            else:
                values[variables[variable].name] = text
                sources[variables[variable].name] = variable
    checked: dict[str, Any] = {}
    for name, value in values.items():
        try:
            checked[name] = checked_value(known[name].hint, known[name].spec.metadata, value)
        except ValueError as fault:
            faults.append(f"{sources[name]}: {name} {fault}")
    if faults:
        raise BadConfiguration(faults)
    settings: Settings = _build(Settings, "", checked, file.parent if file else Path.cwd(), named)
    _refuse_unsafe(settings)
    return settings


def _read_yaml(file: Path, faults: list[str]) -> dict[str, Any]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadConfiguration([f"{file}: cannot be read: {error.strerror}"]) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadConfiguration([f"{file}: is not valid YAML: {' '.join(str(error).split())}"]) from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        faults.append(f"{file}: must hold sections such as `server:`")
        return {}
    return content


def _kind_of_named(hint: Any) -> type | None:
    """The section that people may have any number of, each under a name of its own: `dict[str, Section]`."""
    return typing.get_args(hint)[1] if typing.get_origin(hint) is dict else None


def _named(written: Mapping[str, Any], faults: list[str]) -> Named:
    found: dict[str, list[str]] = {}
    for section, hint in _hints(Settings).items():
        for spec in fields(hint) if is_dataclass(hint) else ():
            tree = written.get(section)
            given = tree.get(spec.name) if isinstance(tree, dict) else None
            if _kind_of_named(_hints(hint)[spec.name]) is None or given is None:
                continue
            name = f"{section}.{spec.name}"
            if not isinstance(given, dict):
                faults.append(f"{name} must hold a section for each name, not {given!r}")
                continue
            wrong = [each for each in given if not isinstance(each, str) or not _NAME.fullmatch(each)]
            faults += [f"{name}: {each!r} is no name; use small letters, digits and -" for each in wrong]
            found[name] = [each for each in given if each not in wrong]
    return found


def _flatten(tree: Mapping[Any, Any], faults: list[str], named: Named, prefix: str = "") -> Iterator[tuple[str, Any]]:
    names = {place.name for place in places(named=named)}
    sections = {name[:at] for name in names for at, sign in enumerate(name) if sign == "."} | set(named)
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if name in sections:
            if isinstance(value, dict):
                yield from _flatten(value, faults, named, f"{name}.")
            elif value is not None:
                faults.append(f"{name} must hold settings, not {value!r}")
        elif isinstance(value, dict) and name not in names:
            faults.append(f"unknown section {name}{nearest(name, sections)}")
        else:
            yield name, value


def _build(section: type, prefix: str, values: Mapping[str, Any], base: Path, named: Named) -> Any:
    hints = _hints(section)
    built: dict[str, Any] = {}
    for spec in fields(section):
        name = f"{prefix}{spec.name}"
        if is_dataclass(hints[spec.name]):
            built[spec.name] = _build(typing.cast(type, hints[spec.name]), f"{name}.", values, base, named)
        elif (kind := _kind_of_named(hints[spec.name])) is not None:
            built[spec.name] = {
                each: _build(kind, f"{name}.{each}.", values, base, named) for each in named.get(name, ())
            }
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
    try:
        Proxies(settings.server.proxies)
    except ValueError as fault:
        raise BadConfiguration([f"server.proxies: {fault}"]) from fault
    if settings.server.processes > 1 and not settings.realtime.redis_url:
        raise BadConfiguration(
            [
                f"server.processes is {settings.server.processes}: several processes tell each other what happens "
                "through Redis, so realtime.redis_url must be set (TUTTI_REALTIME_REDIS_URL), or server.processes be 1"
            ]
        )
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
    try:
        providers_of(settings.sign_in)
    except ValueError as fault:
        raise BadConfiguration([str(fault)]) from fault
    if faults := check_billing(settings.billing, settings.server.public_url):
        raise BadConfiguration(faults)
    if settings.production and not secrets:
        raise BadConfiguration(
            ["server.secret must be set in production (TUTTI_SERVER_SECRET); 32 random characters or more"]
        )
