"""What people read about claims, in their list and by mail. Owns the sentences; names no moderator and no rival."""

from __future__ import annotations

from services.mail.letter import Button, letter
from services.mail.wording import Wording
from services.notifications.kinds import Kind, News, TargetKind
from storage.records import Artist
from storage.records.artist_claim import ArtistClaim


def asked(claim: ArtistClaim, name: str) -> News:
    """Whoever decides wants to know more."""
    text = f"Before your claim of {name} is decided, somebody who keeps this house asks: {claim.words[-1].text}"
    return _news(Kind.ARTIST_CLAIM_ASKED, f"claim_asked:{claim.id}:{claim.rev}", "About your claim", text, claim)


def decided(claim: ArtistClaim, name: str) -> News:
    """What became of a claim."""
    if claim.state == "approved":
        title, text = f"{name} is yours", f"Your claim of {name} is approved. You keep its pages from now on."
    else:
        title, text = "Your claim was not accepted", f"Your claim of {name} was not accepted."
    said = f"{text} {claim.reason}".strip()
    return _news(Kind.ARTIST_CLAIM_DECIDED, f"claim_decided:{claim.id}", title, said, claim)


def disputed(claim: ArtistClaim, name: str) -> News:
    """To the present owner: somebody else says that the artist is theirs."""
    text = f"Somebody else says that {name} is theirs. It stays yours unless a moderator decides otherwise."
    return _news(Kind.ARTIST_CLAIM_DISPUTED, f"claim_disputed:{claim.id}", f"A claim of {name}", text, claim)


def taken(artist: Artist, reason: str, key: str) -> News:
    """To who owned an artist until now."""
    text = f"{artist.name} is no longer yours. {reason}".strip()
    return News(Kind.ARTIST_OWNER_CHANGED, key, f"{artist.name} was taken back", text, TargetKind.ARTIST, artist.id)


def given(artist: Artist, reason: str, key: str) -> News:
    """To who owns an artist from now on."""
    text = f"A moderator has handed {artist.name} over to you. {reason}".strip()
    return News(Kind.ARTIST_OWNER_CHANGED, key, f"{artist.name} is yours", text, TargetKind.ARTIST, artist.id)


def as_mail(news: News, username: str, home: str) -> Wording:
    """The same by mail, at once."""
    studio = Button("Your studio", f"{home}studio#/claims")
    return letter(username, news.title, [news.message], home=home, button=studio)


def _news(kind: Kind, key: str, title: str, text: str, claim: ArtistClaim) -> News:
    return News(kind, key, title, text, TargetKind.ARTIST, claim.artist_id)
