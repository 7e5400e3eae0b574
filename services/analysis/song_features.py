"""What a measured sound tells of its song, where neither a tag nor a person said it.

Owns the rule of who may say what. Refuses to write.
"""

from __future__ import annotations

from typing import Any

from storage.records.song import Song
from storage.records.sound_analysis import SoundAnalysis

LEAST_SURE = 0.5
"""Tempo and key are told when they are more likely right than wrong: nobody searches by a guess."""

NAMES = ("tempo", "key", "energy", "danceability", "valence")


def features_of(analysis: SoundAnalysis) -> dict[str, float | str | None]:
    """The song's features as this analysis tells them; a key is written as people read it: `A minor`."""
    key = f"{analysis.key} {analysis.mode}" if analysis.key and analysis.mode else analysis.key
    tempo = _rounded(analysis.tempo, 2)
    return {
        "tempo": tempo if analysis.tempo_confidence >= LEAST_SURE else None,
        "key": key if analysis.key_confidence >= LEAST_SURE else None,
        "energy": _rounded(analysis.energy, 3),
        "danceability": _rounded(analysis.danceability, 3),
        "valence": _rounded(analysis.valence, 3),
    }


def changed_features(song: Song, analysis: SoundAnalysis) -> dict[str, Any]:
    """The song's stored fields that follow from the analysis and differ; None for those to take away.

    A feature that is known and was not measured stays: a tag or a person said it. So does one that a person edited.
    """
    told, features = features_of(analysis), song.features
    mine = [name for name in NAMES if _may_set(song, name)]
    fields: dict[str, Any] = {f"features.{name}": told[name] for name in mine if told[name] != getattr(features, name)}
    measured = [name for name in mine if told[name] is not None]
    if measured != features.measured:
        fields["features.measured"] = measured
    return fields


def _may_set(song: Song, name: str) -> bool:
    if name in song.edited_fields or f"features.{name}" in song.edited_fields:
        return False
    return getattr(song.features, name) is None or name in song.features.measured


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
