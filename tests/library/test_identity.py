"""The decision alone: properties that hold for any catalogue."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.library.identity import Candidates, Facts, KnownFile, decide

facts = st.builds(
    Facts,
    title_key=st.sampled_from("tu"),
    match_key=st.sampled_from(["m", "n"]),
    duration_ms=st.sampled_from([1000, 2500, 9000]),
    album_id=st.sampled_from([None, "x", "y"]),
    slot=st.tuples(st.sampled_from([1, 2]), st.sampled_from([None, 1, 2])),
    isrc=st.sampled_from([None, "i", "j"]),
    recording_id=st.sampled_from([None, "r"]),
)
payloads = st.sampled_from(["p", "q", "o"])


@st.composite
def catalogues(draw: st.DrawFn) -> Candidates:
    candidates = Candidates()
    for number in range(draw(st.integers(0, 5))):
        candidates.add_song(f"s{number}", draw(facts))
        for copy in range(draw(st.integers(0, 2))):
            id = f"f{number}{copy}"
            candidates.add_file(KnownFile(id, f"/{id}", f"s{number}", draw(payloads), draw(st.booleans())))
    return candidates


@given(catalogues(), facts, payloads)
def test_a_song_that_is_there_is_only_joined_in_its_own_place(
    candidates: Candidates, seen: Facts, payload: str
) -> None:
    verdict = decide(seen, payload, None, candidates)
    if verdict.song_id is not None and not candidates.is_gone(verdict.song_id):
        song = candidates.songs[verdict.song_id]
        assert (song.album_id, song.slot) == (seen.album_id, seen.slot)


@given(catalogues(), facts, payloads)
def test_a_new_song_shares_no_sound_with_one_that_is_gone(candidates: Candidates, seen: Facts, payload: str) -> None:
    verdict = decide(seen, payload, None, candidates)
    if verdict.song_id is None:
        assert not any(candidates.is_gone(file.song_id or "") for file in candidates.sounding(payload))


@given(catalogues(), facts, payloads)
def test_the_decision_does_not_depend_on_the_order_of_songs(candidates: Candidates, seen: Facts, payload: str) -> None:
    turned = Candidates()
    for id in reversed(candidates.songs):
        turned.add_song(id, candidates.songs[id])
    for file in reversed(candidates.files.values()):
        turned.add_file(file)
    assert decide(seen, payload, None, candidates) == decide(seen, payload, None, turned)


@given(catalogues(), facts)
def test_an_untouched_file_is_its_song_whatever_its_tags_say(candidates: Candidates, seen: Facts) -> None:
    for file in list(candidates.files.values()):
        alone = len(candidates.files_of(file.song_id or "")) == 1
        if alone:
            assert decide(seen, file.payload_hash or "", file, candidates).song_id == file.song_id


def test_two_seconds_are_near_and_a_millisecond_more_is_not() -> None:
    song = Facts("t", "m", 10_000)
    for duration, expected in ((12_000, "s"), (8_000, "s"), (12_001, None), (7_999, None)):
        candidates = Candidates()
        candidates.add_song("s", song)
        assert decide(Facts("t", "m", duration), "new", None, candidates).song_id == expected
