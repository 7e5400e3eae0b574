"""Files whose absence is told in our own words: `FilesAway` becomes `Unavailable`, everything else passes.

Stands between the services and whichever store of files there is, as `steady_engine` does for documents. Refuses to
know what is kept.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, cast

from services.errors import Unavailable
from storage.files import Files, FilesAway

log = logging.getLogger("tutti.files")

RETRY_SECONDS = 5.0


class _SteadyFiles:
    def __init__(self, files: Files) -> None:
        self._files = files
        self.name = files.name

    def __getattr__(self, name: str) -> Any:
        """The store's method in its wrapping, made once."""
        method = getattr(self._files, name)
        if inspect.isasyncgenfunction(method):
            wrapped: Any = _steady_pieces(method)
        elif inspect.iscoroutinefunction(method):
            wrapped = _steady_call(method)
        else:
            wrapped = method
        self.__dict__[name] = wrapped
        return wrapped


def steady_files(files: Files) -> Files:
    """The store, raising Unavailable where it raised FilesAway."""
    return cast(Files, _SteadyFiles(files))


def _steady_call(method: Callable[..., Any]) -> Callable[..., Any]:
    async def call(*arguments: Any, **options: Any) -> Any:
        try:
            return await method(*arguments, **options)
        except FilesAway as fault:
            raise _away(fault) from fault

    return call


def _steady_pieces(method: Callable[..., Any]) -> Callable[..., Any]:
    async def pieces(*arguments: Any, **options: Any) -> AsyncIterator[Any]:
        try:
            async with aclosing(method(*arguments, **options)) as found:
                async for piece in found:
                    yield piece
        except FilesAway as fault:
            raise _away(fault) from fault

    return pieces


def _away(fault: FilesAway) -> Unavailable:
    # Clients are not told why; whoever keeps the house must be able to read it.
    log.warning("the store of files failed", extra={"reason": str(fault)})
    said = (
        "There is no room to keep this." if fault.code == "STORAGE_FULL" else "The file store does not answer just now."
    )
    code = fault.code if fault.code == "STORAGE_FULL" else "FILES_AWAY"
    return Unavailable(said, code=code, retry_after=RETRY_SECONDS)
