"""A store, a clock and an importer over a temporary library."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from services.clock import Clock
from services.events import Bus, CatalogueChanged
from services.library.importer import Importer
from storage.collections.store import Store
from storage.files import Folder, LocalFiles
from tests.library.house import House
from tests.library.sounds import Sounds
from tests.sound_tool import shared_folder
from tests.template_store import open_empty_store


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Sounds:
    return Sounds(shared_folder(tmp_path_factory, "sounds"))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    engine = await open_empty_store(tmp_path / "data" / "tutti.db")
    store = Store(engine)
    bus = Bus()
    music = tmp_path / "music"
    music.mkdir()
    importer = Importer(store, LocalFiles(tmp_path / "data"), Folder(tmp_path / "data"), None, Clock(), bus, workers=2)
    house = House(store, importer, music, tmp_path / "data")
    bus.hear(CatalogueChanged, lambda event: house.events.extend(event.song_ids))
    yield house
    await engine.stop()


@pytest.fixture
def fresh_file(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "file"


_opened: list[str] | None = None


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and _opened is not None and isinstance(arguments[0], str):
        _opened.append(arguments[0])


@pytest.fixture(scope="session")
def _audit() -> None:
    # An audit hook can never be taken out again, so there is one for all tests.
    sys.addaudithook(_note)


@pytest.fixture
def opened(_audit: None) -> Iterator[list[str]]:
    """Every path that anything opens, as the interpreter itself reports it."""
    global _opened
    _opened = []
    yield _opened
    _opened = None
