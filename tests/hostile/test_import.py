"""A music folder full of traps: an import goes through all of it, takes what is sound and names the rest."""

from __future__ import annotations

import pytest

from tests.hostile.sounds import SOUNDS
from tests.library.conftest import house, sounds
from tests.library.house import House

__all__ = ["house", "sounds"]


@pytest.mark.long
async def test_an_import_goes_through_a_folder_of_traps(house: House) -> None:
    for name, (make, _) in SOUNDS.items():
        place, _, said = name.partition(": ")
        ending = {"id3": "mp3", "ape": "mp3", "mp4": "m4a", "ogg": "opus"}.get(place, place)
        (house.music / f"{said}.{ending}").write_bytes(make())
    summary = await house.run()
    refused = {problem.path.rpartition("/")[2].rpartition(".")[0] for problem in summary.problems}
    expected = {name.partition(": ")[2] for name, (_, reason) in SOUNDS.items() if reason is not None}
    assert expected <= refused
    assert len(await house.files()) == len(SOUNDS)
    again = await house.run()
    assert len(again.problems) <= len(summary.problems)
