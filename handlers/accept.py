"""Which media type to answer with: RFC 9110's `Accept`, for doors that can answer in more than one."""

from __future__ import annotations

from collections.abc import Sequence


def negotiate(accept: str | None, offered: Sequence[str], *, usual: str) -> str | None:
    """The offered type that the header likes best, None when it takes none of them.

    A type named outright wins over one that only a wildcard takes; between equals the earlier offer wins, but `usual`
    is what a wildcard alone, or no header at all, gets.
    """
    if accept is None or not accept.strip():
        return usual
    ranges = [wanted for wanted in map(_range, accept.split(",")) if wanted is not None]
    best: tuple[float, int, int] | None = None
    chosen = None
    for place, kind in enumerate(offered):
        fitting = [(named, quality) for name, quality in ranges if (named := _fit(name, kind))]
        if not fitting:
            continue
        named, quality = max(fitting)
        preference = len(offered) if named < 3 and kind == usual else -place
        if quality > 0 and (best is None or (quality, named, preference) > best):
            best, chosen = (quality, named, preference), kind
    return chosen


def _range(text: str) -> tuple[str, float] | None:
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    quality = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                quality = float(value)
            except ValueError:
                return None
        elif key.strip() == "charset" and value.strip('" ') not in ("utf-8", "utf8"):
            return None
    return (name, quality) if name and 0 <= quality <= 1 else None


def _fit(name: str, kind: str) -> int:
    """How exactly a range names a type: 3 outright, 2 by its family, 1 by `*/*`, 0 not at all."""
    if name == kind:
        return 3
    if name == kind.partition("/")[0] + "/*":
        return 2
    return 1 if name == "*/*" else 0
