import base64
import io
import itertools
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mutagen import File
from mutagen.flac import FLAC, Picture
from mutagen.id3 import PictureType
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4
from mutagen.oggopus import OggOpus
from PIL import Image

from services.audio.ffmpeg import Ffmpeg, FfmpegFailed, find_ffmpeg
from services.demo import lyrics
from services.demo.catalogue import ALBUMS, VERSION, Album, Format, Lyrics, Song, every_song, stable_uuid
from services.demo.composer import chord_at, compose, read_theme
from services.demo.covers import COVERS, draw_cover
from services.demo.mastering import loudness_lufs
from services.demo.studio import STAMP, Take, perform, press, record_demo
from services.demo.theory import Key, motion_between, nearest, read_chord, read_progression, voice
from services.errors import Unavailable
from services.lyrics.reading import LyricsFormat, read_lyrics


@pytest.fixture(scope="module")
def ffmpeg() -> Ffmpeg:
    return Ffmpeg(find_ffmpeg(None))


@pytest.fixture(scope="module")
def snippet() -> np.ndarray:
    _, song = named("O Barco de Papel")
    return perform(song.score, replace(song.music, form="verse=A:4")).pcm


def named(title: str) -> tuple[Album, Song]:
    return next((album, song) for album, song in every_song() if song.title == title)


def take_of(song: Song, pcm: np.ndarray) -> Take:
    return Take(compose(song.music, np.random.default_rng(5)), pcm, 1.0)


def test_scales_and_degrees_are_spelled_from_the_tonic():
    assert Key("Eb", "major").scale == {3, 5, 7, 8, 10, 0, 2}
    assert Key("G", "dorian").scale == {7, 9, 10, 0, 2, 4, 5}
    assert [Key("C", "major").pitch(degree) for degree in (1, 5, 8, 0)] == [60, 67, 72, 59]
    assert Key("D", "lydian").pitch(4) == 68
    assert Key("A", "minor").step(69, 2) == 72
    assert Key("F#", "minor").initial_key == "F#m"
    assert Key("D", "mixolydian").initial_key == "D"


def test_chords_are_read_by_numeral_quality_and_bass():
    key = Key("C", "major")
    assert read_chord(key, "ii9").tones == {2, 5, 9, 0, 4}
    assert read_chord(key, "V7b9").tones == {7, 11, 2, 5, 8}
    assert read_chord(key, "bVImaj7").root == 8
    assert read_chord(key, "I/3").bass == 4
    assert read_chord(Key("A", "minor"), "VI").tones == {5, 9, 0}
    assert [len(bar) for bar in read_progression(key, "I | ii7 V7 | I")] == [1, 2, 1]


@pytest.mark.parametrize("wrong", ["X7", "V99", "", "iiii", "I/9"])
def test_a_wrong_chord_is_refused(wrong):
    with pytest.raises(ValueError):
        read_chord(Key("C", "major"), wrong)


def test_a_bar_that_does_not_add_up_is_refused():
    with pytest.raises(ValueError, match="not 4 beats long"):
        read_theme(Key("C", "major"), "1 2 3", 4, 4)


def test_voices_hold_every_colour_tone_stay_in_range_and_move_little():
    for _, song in every_song():
        for text in song.music.harmony.values():
            chords = [chord for bar in read_progression(song.music.key, text) for chord in bar]
            voicings = voice(chords, centre=62, low=50, high=77)
            for chord, notes in zip(chords, voicings, strict=True):
                assert {note % 12 for note in notes} == set(chord.colour)
                assert list(notes) == sorted(set(notes))
                assert notes[0] >= 50 and notes[-1] <= 77
            moves = [motion_between(*pair) / len(pair[0]) for pair in itertools.pairwise(voicings)]
            assert max(moves) <= 4, (song.title, text)


def test_the_nearest_tone_is_the_lower_one_on_a_tie():
    assert nearest(61, frozenset({0, 2})) == 60
    assert nearest(66, frozenset({0, 7})) == 67


def test_melodies_stay_in_key_and_their_long_notes_on_the_chord():
    for _, song in every_song():
        piece = compose(song.music, np.random.default_rng(1))
        for section in piece.sections[:-1]:
            for note in section.melody:
                chord = chord_at(section.chords, note.start)
                assert 43 <= note.pitch <= 91, song.title
                written = {pitch % 12 for bar in _themes(song) for pitch, _ in bar if pitch is not None}
                assert note.pitch % 12 in song.music.key.scale | chord.tones | written
                if note.length >= 2:
                    assert note.pitch % 12 in chord.tones, (song.title, note)


def _themes(song):
    score = song.music
    return [
        bar for text in score.themes.values() for bar in read_theme(score.key, text, score.octave, score.beats_per_bar)
    ]


def test_a_returning_theme_is_varied_but_recognisable():
    _, song = named("Last Stop, Lantern Street")
    first, again = [s for s in compose(song.music, np.random.default_rng(3)).sections if s.role == "verse"]
    opening = [note for note in first.melody if note.start < first.start + 16]
    early = {(n.start - first.start, n.pitch) for n in opening}
    late = {(n.start - again.start, n.pitch) for n in again.melody}
    assert early != late
    assert len(early & late) / len(early) > 0.6


def test_swing_and_ritardando_bend_time_without_turning_it_back():
    _, song = named("Waltz of the Paper Moons")
    piece = compose(replace(song.music, swing=0.6), np.random.default_rng(1))
    beats = np.arange(0, piece.beats, 0.25)
    moments = [piece.seconds(piece.swung(float(beat))) for beat in beats]
    assert all(later > earlier for earlier, later in itertools.pairwise(moments))
    assert piece.swung(2.5) == pytest.approx(2.6)
    assert piece.seconds(piece.beats) > piece.beats * 60 / song.music.bpm + 0.3


def test_the_catalogue_keeps_its_promises():
    songs = every_song()
    assert len({artist.name for album in ALBUMS for artist in album.artists}) >= 4
    assert len(ALBUMS) >= 5
    assert len(songs) >= 16
    assert {album.format for album in ALBUMS} == set(Format)
    assert len({song.music.bpm for _, song in songs}) >= 12
    assert len({song.music.key for _, song in songs}) >= 12
    assert len({song.mood for _, song in songs}) == len(songs)
    assert sum(song.featured is not None for _, song in songs) >= 2
    assert {song.lyrics for _, song in songs} == set(Lyrics)
    assert len({album.isrc(song) for album, song in songs}) == len(songs)
    assert {album.cover for album in ALBUMS} == set(COVERS)
    for album, song in songs:
        assert re.fullmatch(r"[A-Z]{2}[A-Z0-9]{3}\d{7}", album.isrc(song))
        piece = compose(song.music, np.random.default_rng(1))
        assert 33 <= piece.seconds(piece.beats) <= 84, song.title


def test_barcodes_have_their_check_digit():
    for album in ALBUMS:
        digits = [int(digit) for digit in album.barcode]
        assert len(digits) == 13
        assert sum(digit * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10 == 0, album.title


def test_ids_are_uuids_and_never_change():
    assert stable_uuid("artist", "Neon Heron") == stable_uuid("artist", "Neon Heron")
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", stable_uuid("a", "b"))
    assert stable_uuid("artist", "x") != stable_uuid("release", "x")


def test_tracks_are_numbered_without_gaps():
    for album in ALBUMS:
        for disc in range(1, album.discs + 1):
            tracks = [song.track for song in album.songs if song.disc == disc]
            assert tracks == list(range(1, len(tracks) + 1))


def test_every_line_of_lyrics_begins_with_a_sung_note():
    for _, song in every_song():
        if song.lyrics is Lyrics.NONE:
            continue
        piece = compose(song.music, np.random.default_rng(1))
        lines = lyrics.timed(song.score, piece)
        onsets = {round(piece.seconds(piece.swung(note.start)) * 1000) for note in piece.melody}
        assert [text for _, text in lines] == list(lyrics.WORDS[song.score])
        assert all(at in onsets for at, _ in lines)
        assert [at for at, _ in lines] == sorted({at for at, _ in lines})


def test_every_word_beside_a_song_begins_with_a_note_of_its_line():
    album, song = named("Salt Letters")
    piece = compose(song.music, np.random.default_rng(1))
    heard = {round(piece.seconds(piece.swung(note.start)) * 100) for note in piece.melody}
    lines = lyrics.timed_words(song.score, piece)
    text = lyrics.as_lrc(lines, title=song.title, artist=album.artist, album=album.title, length_ms=180_000)
    read = read_lyrics(text, LyricsFormat.LRC)
    assert [line.text for line in read.lines] == list(lyrics.WORDS["salt"])
    for line, words in zip(read.lines, lyrics.WORDS["salt"], strict=True):
        starts = [word.at_ms for word in line.words]
        assert len(starts) == len(words.split()) and starts == sorted(starts)
        assert {round(start / 10) for start in starts} <= heard


def test_an_lrc_text_counts_in_hundredths():
    text = lyrics.as_lrc([(61_234, "one"), (600_000, "two")], title="T", artist="A", album="B", length_ms=90_400)
    assert text == "[ti:T]\n[ar:A]\n[al:B]\n[length:01:30]\n[01:01.23]one\n[10:00.00]two\n"


def test_covers_are_square_pictures_and_the_same_every_time():
    picture = Image.open(io.BytesIO(draw_cover("salt_letters")))
    assert (picture.size, picture.format) == ((1000, 1000), "JPEG")
    assert draw_cover("salt_letters") == draw_cover("salt_letters")


def test_the_same_score_gives_the_same_samples_at_the_right_level(snippet):
    _, song = named("O Barco de Papel")
    again = perform(song.score, replace(song.music, form="verse=A:4")).pcm
    assert snippet.dtype == np.int16 and snippet.shape[1] == 2
    assert np.array_equal(again, snippet)
    sound = snippet.T / 32768.0
    assert loudness_lufs(sound) == pytest.approx(-14, abs=0.5)
    assert 0.3 < np.abs(sound).max() <= 10 ** (-2.4 / 20)
    assert np.abs(sound.mean(axis=1)).max() < 0.001


def test_loudness_of_a_full_scale_sine_is_the_standards_value():
    t = np.arange(44_100 * 3) / 44_100
    tone = np.sin(2 * np.pi * 997 * t)
    assert loudness_lufs(np.stack([tone, np.zeros_like(tone)])) == pytest.approx(-3.01, abs=0.05)
    assert loudness_lufs(np.zeros((2, 44_100))) == -70.0


def test_an_mp3_carries_everything_in_id3(tmp_path, ffmpeg, snippet):
    album, song = named("Umbrella Weather")
    take = take_of(song, snippet)
    written = press(tmp_path, ffmpeg, album, song, take, draw_cover(album.cover))
    path = tmp_path / "Paper Lantern Club/Rain on the Night Bus/02 Umbrella Weather.mp3"
    assert written == {path.relative_to(tmp_path).as_posix(): path.stat().st_size}
    audio = MP3(path)
    tags = audio.tags
    assert tags.version == (2, 4, 0)
    said = {name: tags[name].text for name in ("TIT2", "TPE1", "TPE2", "TALB", "TRCK", "TPOS", "TCON", "TBPM", "TKEY")}
    assert said == {
        "TIT2": ["Umbrella Weather"],
        "TPE1": ["Paper Lantern Club feat. Inês Calado"],
        "TPE2": ["Paper Lantern Club"],
        "TALB": ["Rain on the Night Bus"],
        "TRCK": ["2/4"],
        "TPOS": ["1/1"],
        "TCON": ["Lo-Fi", "Soul"],
        "TBPM": ["84"],
        "TKEY": ["Gm"],
    }
    assert str(tags["TDRC"]) == "2024-10-11"
    assert (tags["TSRC"].text, tags["TPUB"].text) == ([album.isrc(song)], ["Second Kettle Records"])
    assert (tags["TMOO"].text, tags["TLAN"].text) == (["wistful"], ["eng"])
    assert tags["TXXX:ARTISTS"].text == ["Paper Lantern Club", "Inês Calado"]
    assert tags["TXXX:BARCODE"].text == ["2000000240145"]
    assert tags["UFID:http://musicbrainz.org"].data.decode() == stable_uuid(
        "recording", "Rain on the Night Bus/Umbrella Weather"
    )
    assert re.fullmatch(r"[+-]\d+\.\d\d dB", tags["TXXX:REPLAYGAIN_TRACK_GAIN"].text[0])
    expected = lyrics.timed("umbrella", take.piece)
    assert [(at, line) for line, at in tags.getall("SYLT")[0].text] == expected
    assert tags.getall("USLT")[0].text.splitlines() == list(lyrics.WORDS["umbrella"])
    assert tags.getall("APIC")[0].data == draw_cover("night_bus")
    assert audio.info.length == pytest.approx(len(snippet) / 44_100, abs=2.5)


def test_a_flac_leaves_cover_and_timed_words_beside_it(tmp_path, ffmpeg, snippet):
    album, song = named("Salt Letters")
    take = take_of(song, snippet)
    written = press(tmp_path, ffmpeg, album, song, take, draw_cover(album.cover))
    folder = tmp_path / "Inês Calado/Salt Letters"
    assert sorted(Path(path).name for path in written) == [
        "01 Salt Letters.flac",
        "01 Salt Letters.lrc",
        "cover.jpg",
    ]
    assert sorted(path.name for path in folder.iterdir()) == sorted(Path(path).name for path in written)
    assert (folder / "cover.jpg").read_bytes() == draw_cover("salt_letters")
    words = (folder / "01 Salt Letters.lrc").read_text("utf-8").splitlines()
    assert [re.sub(r"<[\d:.]+>", "", line.split("]", 1)[1]) for line in words[4:]] == list(lyrics.WORDS["salt"])
    audio = FLAC(folder / "01 Salt Letters.flac")
    assert audio.pictures == []
    assert (audio["artist"], audio["albumartist"], audio["title"]) == (
        ["Inês Calado"],
        ["Inês Calado"],
        ["Salt Letters"],
    )
    assert (audio["tracknumber"], audio["tracktotal"], audio["discnumber"]) == (["1"], ["3"], ["1"])
    assert (audio["genre"], audio["date"], audio["bpm"]) == (
        ["Folk", "Singer-Songwriter"],
        ["2022-05-27"],
        ["96"],
    )
    assert (audio["initialkey"], audio["barcode"]) == (["G"], ["2000000220093"])
    assert "lyrics" not in audio and "replaygain_track_gain" not in audio
    assert (audio.info.sample_rate, audio.info.bits_per_sample, audio.info.channels) == (44_100, 16, 2)


def test_an_opus_file_carries_two_album_artists_timed_words_and_its_cover(tmp_path, ffmpeg, snippet):
    album, song = named("Dear Moon")
    take = take_of(song, snippet)
    press(tmp_path, ffmpeg, album, song, take, draw_cover(album.cover))
    audio = OggOpus(tmp_path / "Neon Heron & Halden Vey/Postcards to the Tide/01 Dear Moon.opus")
    assert audio["albumartist"] == ["Neon Heron & Halden Vey"]
    assert audio["artists"] == ["Neon Heron", "Halden Vey"]
    assert len(audio["musicbrainz_artistid"]) == 2
    assert audio["syncedlyrics"] == audio["lyrics"]
    first_ms, first = lyrics.timed("dear-moon", take.piece)[0]
    stamp = f"[00:{first_ms // 1000:02d}.{round(first_ms / 10) % 100:02d}]"
    assert f"{stamp}{first}" in audio["syncedlyrics"][0].splitlines()
    picture = Picture(base64.b64decode(audio["metadata_block_picture"][0]))
    assert (picture.type, picture.width, picture.data) == (
        PictureType.COVER_FRONT,
        1000,
        draw_cover("postcards"),
    )
    gained, unmapped = named("The Unmapped Hour")
    press(tmp_path, ffmpeg, gained, unmapped, take_of(unmapped, snippet), draw_cover(gained.cover))
    audio = OggOpus(tmp_path / "Halden Vey/Slow Cartography/01 The Unmapped Hour.opus")
    assert int(audio["r128_track_gain"][0]) == pytest.approx((-23 - -14) * 256, abs=128)
    assert Picture(base64.b64decode(audio["metadata_block_picture"][0])).mime == "image/png"


def test_an_m4a_carries_everything_in_atoms(tmp_path, ffmpeg, snippet):
    album, song = named("Motel Aquamarine")
    press(tmp_path, ffmpeg, album, song, take_of(song, snippet), draw_cover(album.cover))
    audio = MP4(tmp_path / "Neon Heron/Coastline, After Dark/02 Motel Aquamarine.m4a")
    assert audio["\xa9ART"] == ["Neon Heron feat. The Tin Aviary"]
    assert (audio["aART"], audio["trkn"], audio["disk"], audio["tmpo"]) == (
        ["Neon Heron"],
        [(2, 3)],
        [(1, 1)],
        [94],
    )
    assert audio["\xa9gen"] == ["Synthwave", "Dream Pop"]
    assert audio["\xa9lyr"] == [lyrics.plain("motel")]
    free = {name: [bytes(one).decode() for one in audio[f"----:com.apple.iTunes:{name}"]] for name in ("ISRC", "MOOD")}
    assert free == {"ISRC": [album.isrc(song)], "MOOD": ["nocturnal"]}
    assert bytes(audio["----:com.apple.iTunes:ARTISTS"][1]) == b"The Tin Aviary"
    assert bytes(audio["covr"][0]) == draw_cover("coastline")
    assert audio.info.codec == "mp4a.40.2"


def _pretend(folder: Path, missing: str, version: str = VERSION) -> list[Path]:
    """A folder whose stamp vouches for small stand-ins of every song but one."""
    files = {}
    for album, song in every_song():
        name = album.file_name(song)
        if song.title == missing:
            continue
        names = [name] + ([name.rsplit(".", 1)[0] + ".lrc"] if song.lyrics is Lyrics.BESIDE else [])
        names += [str(Path(name).parent / "cover.jpg")] if album.folder_cover else []
        for one in names:
            (folder / one).parent.mkdir(parents=True, exist_ok=True)
            (folder / one).write_bytes(b"stand-in")
            files[one] = 8
    (folder / STAMP).write_text(json.dumps({"version": version, "files": files}))
    return [folder / one for one in files]


def test_only_what_is_missing_or_damaged_is_recorded_again(tmp_path, ffmpeg):
    stand_ins = _pretend(tmp_path, "The Astronomer’s Cat")
    seen: list[tuple[int, int, str]] = []
    record_demo(tmp_path, ffmpeg, workers=1, progress=lambda *step: seen.append(step))
    total = len(every_song())
    assert seen == [(total - 1, total, ""), (total, total, "The Astronomer’s Cat")]
    assert all(path.read_bytes() == b"stand-in" for path in stand_ins)
    album, song = named("The Astronomer’s Cat")
    made = tmp_path / album.file_name(song)
    assert 30 <= File(made).info.length <= 90
    assert not list(tmp_path.rglob("*.part"))
    before = made.stat().st_mtime_ns
    seen.clear()
    record_demo(tmp_path, ffmpeg, workers=1, progress=lambda *step: seen.append(step))
    assert seen == [(total, total, "")]
    assert made.stat().st_mtime_ns == before
    made.write_bytes(b"cut short")

    def stop_there(done: int, count: int, title: str) -> None:
        raise InterruptedError(f"{done} of {count}")

    with pytest.raises(InterruptedError, match=f"{total - 1} of {total}"):
        record_demo(tmp_path, ffmpeg, workers=1, progress=stop_there)


def test_a_folder_of_another_version_is_cleared_of_its_songs_alone(tmp_path, ffmpeg):
    old = _pretend(tmp_path, "Wingspan", version="0")
    mine = tmp_path / "Neon Heron" / "my own song.mp3"
    mine.write_bytes(b"mine")

    def stop_there(done: int, count: int, title: str) -> None:
        raise InterruptedError(str(done))

    with pytest.raises(InterruptedError, match=r"^0$"):
        record_demo(tmp_path, ffmpeg, workers=1, progress=stop_there)
    assert not any(path.exists() for path in old)
    assert mine.read_bytes() == b"mine"


def test_a_configured_ffmpeg_that_is_not_there_is_refused_by_name():
    with pytest.raises(Unavailable, match="/no/such/ffmpeg"):
        find_ffmpeg("/no/such/ffmpeg")


def test_a_failing_ffmpeg_says_why(ffmpeg):
    with pytest.raises(FfmpegFailed) as caught:
        ffmpeg.run(["-f", "wav", "-i", "pipe:0", "-f", "null", "-"], stdin=b"not a wav", timeout_s=20)
    assert "Invalid data" in caught.value.stderr_tail
    assert re.match(r"\d|N|n", ffmpeg.version())
