"""Who the credits of a batch stand for: artist ids by MusicBrainz id first, then by folded name.

Refuses to know the store.
"""

from __future__ import annotations

from services.library.credits import NamedCredit
from services.library.names import fold
from storage.records import Credit


class People:
    """Artist ids for credits, by MusicBrainz id first, then by folded name."""

    def __init__(self) -> None:
        self._by_id: dict[str, str] = {}
        self._by_name: dict[str, str] = {}

    def know(self, credit: NamedCredit, artist_id: str) -> None:
        """Remember who a credit stands for."""
        if credit.musicbrainz_id is not None:
            self._by_id[credit.musicbrainz_id] = artist_id
        else:
            self._by_name[fold(credit.name)] = artist_id

    def credit(self, credit: NamedCredit) -> Credit:
        """The credit with its artist's id."""
        if credit.musicbrainz_id is not None:
            return Credit(self._by_id[credit.musicbrainz_id], credit.name, credit.role, credit.join)
        return Credit(self._by_name[fold(credit.name)], credit.name, credit.role, credit.join)
