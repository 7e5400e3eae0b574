"""The recording studio: composes, mixes, masters, encodes and tags the whole demo catalogue into a folder.

Owns the order of work, the process pool and what is on disk: a song appears under its name only when it is
complete. Refuses to know the library; the folder is imported like any other. Blocking: call it from a
worker thread.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import zlib
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import numpy.typing as npt

from services.audio.ffmpeg import Ffmpeg
from services.demo import lyrics
from services.demo.bands import BANDS
from services.demo.canvas import EDGE
from services.demo.catalogue import VERSION, Album, Format, Lyrics, Song, every_song, stable_uuid
from services.demo.composer import Piece, Score, compose
from services.demo.covers import draw_cover
from services.demo.instruments import SAMPLE_RATE
from services.demo.mastering import loudness_lufs, master, to_int16
from services.demo.mixing import mix
from services.demo.reel import finish
from services.demo.tagging import Facts, write_tags

STAMP = "DEMO_VERSION"
"""The file in the demo folder that says which version made it and how large each finished file is."""

_ENCODE_TIMEOUT_S = 120.0
_ENCODERS: dict[Format, tuple[str, ...]] = {
    Format.FLAC: ("-c:a", "flac", "-compression_level", "8", "-f", "flac"),
    Format.MP3: ("-c:a", "libmp3lame", "-q:a", "2", "-f", "mp3"),
    Format.OPUS: ("-c:a", "libopus", "-b:a", "136k", "-f", "opus"),
    Format.M4A: ("-c:a", "aac", "-b:a", "192k", "-movflags", "+faststart", "-f", "ipod"),
}


@dataclass(frozen=True, slots=True)
class Take:
    """A performance: the composed piece, its 16-bit stereo samples (n, 2), and how long its end should
    fade."""

    piece: Piece
    pcm: npt.NDArray[np.int16]
    fade_out_s: float


def record_demo(folder: Path, ffmpeg: Ffmpeg, *, workers: int, progress: Callable[[int, int, str], None]) -> None:
    """Make every song of the catalogue that is not in `folder` yet, `workers` at a time.

    `progress(done, total, title)` is called in this thread, first with what was already there. Stopped
    halfway (even by a power cut), it goes on where it was. A folder of another version is cleared of that
    version's files first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    finished = _finished(folder)
    songs = every_song()
    missing = [
        (place, album, song)
        for place, (album, song) in enumerate(songs)
        if not _intact(folder, finished, _promised(album, song))
    ]
    done = len(songs) - len(missing)
    progress(done, len(songs), "")
    if not missing:
        return
    # Spawned, not forked: the caller may be a server with threads of its own.
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=max(1, workers), mp_context=spawned) as pool:
        # The longest pieces first, so that no worker is left alone with one at the end.
        missing.sort(key=lambda row: row[2].music.band not in ("ambient", "tide"))
        names = list(dict.fromkeys(album.cover for _, album, _ in missing))
        covers = dict(zip(names, pool.map(draw_cover, names), strict=True))
        running = {
            pool.submit(record_song, folder, ffmpeg.path, place, covers[album.cover]): song
            for place, album, song in missing
        }
        try:
            while running:
                ready, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in ready:
                    song = running.pop(future)
                    finished |= future.result()
                    _stamp(folder, finished)
                    done += 1
                    progress(done, len(songs), song.title)
        finally:
            for future in running:
                future.cancel()


def record_song(folder: Path, ffmpeg: Path, place: int, cover: bytes) -> dict[str, int]:
    """Make the song at that place of the catalogue; the files it wrote, by path in the folder, with their
    sizes."""
    album, song = every_song()[place]
    return press(folder, Ffmpeg(ffmpeg), album, song, perform(song.score, song.music), cover)


def perform(name: str, score: Score) -> Take:
    """Compose, arrange, mix and master a score; `name` seeds every choice, so a `VERSION` always sounds the
    same."""
    rng = np.random.default_rng(zlib.crc32(f"{name}/{VERSION}".encode()))
    piece = compose(score, rng)
    arrangement = BANDS[score.band](piece, rng)
    sound = master(mix(piece, arrangement, rng), glue=arrangement.glue)
    return Take(piece, to_int16(sound, rng), arrangement.fade_out_s)


def press(folder: Path, ffmpeg: Ffmpeg, album: Album, song: Song, take: Take, cover: bytes) -> dict[str, int]:
    """Encode and tag a take, with what lies beside it; every file appears whole or not at all."""
    paths = _files_of(album, song)
    target = folder / paths[0]
    target.parent.mkdir(parents=True, exist_ok=True)
    beside: dict[str, bytes] = {}
    if song.lyrics is Lyrics.BESIDE:
        beside[paths[1]] = _lrc(album, song, take, by_word=True).encode("utf-8")
    if album.folder_cover:
        beside[str(PurePosixPath(paths[0]).with_name("cover.jpg"))] = cover
    for path, content in beside.items():
        # Several songs of an album may bring the same cover at once: each has a draft of its own.
        draft = (folder / path).with_name(f".{PurePosixPath(path).name}.{song.score}.part")
        draft.write_bytes(content)
        _settle(draft, folder / path)
    wav = finish(
        take.pcm,
        sample_rate=SAMPLE_RATE,
        fade_in_ms=12,
        fade_out_ms=round(take.fade_out_s * 1000),
        ffmpeg=ffmpeg.path,
    )
    draft = target.with_name(f".{target.name}.part")
    clean = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact")
    ffmpeg.run(
        ("-f", "wav", "-i", "pipe:0", *clean, *_ENCODERS[album.format], str(draft)),
        stdin=wav,
        timeout_s=_ENCODE_TIMEOUT_S,
    )
    write_tags(draft, album.format, facts_of(album, song, take, b"" if album.folder_cover else cover))
    _settle(draft, target)
    return {path: (folder / path).stat().st_size for path in dict.fromkeys((*paths, *beside))}


def facts_of(album: Album, song: Song, take: Take, cover: bytes) -> Facts:
    """What the song's tags will say."""
    year = album.date[:4]
    credits = album.credits(song)
    sound = take.pcm.T.astype(np.float32) / 32768.0
    words = song.lyrics in (Lyrics.PLAIN, Lyrics.EMBEDDED)
    synced = lyrics.timed(song.score, take.piece) if song.lyrics is Lyrics.EMBEDDED else []
    return Facts(
        title=song.title,
        artist=album.credit_line(song),
        artists=tuple(artist.name for artist in credits),
        artist_ids=tuple(artist.id for artist in credits),
        artist_sort=" & ".join(artist.sort_name for artist in album.artists),
        album=album.title,
        album_artist=album.artist,
        album_artists=tuple(artist.name for artist in album.artists),
        album_artist_ids=tuple(artist.id for artist in album.artists),
        album_id=album.id,
        recording_id=stable_uuid("recording", f"{album.title}/{song.title}"),
        kind=album.kind,
        track=song.track,
        tracks=album.tracks_on(song.disc),
        disc=song.disc,
        discs=album.discs,
        disc_title=album.disc_titles[song.disc - 1] if album.disc_titles else "",
        date=album.date,
        genres=song.genres,
        isrc=album.isrc(song),
        barcode=album.barcode,
        label=album.label,
        catalogue_number=album.catalogue_number,
        copyright=f"{year} {album.label}",
        composer=album.artist,
        bpm=round(song.music.bpm),
        key=song.music.key.initial_key,
        mood=song.mood,
        language=song.language,
        comment="Composed and synthesised by Tutti",
        featured=song.featured.name if song.featured else "",
        gain_db=round(-18.0 - loudness_lufs(sound), 2) if album.replaygain else None,
        peak=round(float(np.abs(sound).max()), 6) if album.replaygain else None,
        lyrics=lyrics.plain(song.score) if words else "",
        synced=synced,
        lrc=_lrc(album, song, take) if synced else "",
        cover=cover,
        cover_type="image/png" if cover.startswith(b"\x89PNG") else "image/jpeg",
        cover_edge=EDGE,
    )


def _lrc(album: Album, song: Song, take: Take, *, by_word: bool = False) -> str:
    timed = lyrics.timed_words if by_word else lyrics.timed
    return lyrics.as_lrc(
        timed(song.score, take.piece),
        title=song.title,
        artist=album.credit_line(song),
        album=album.title,
        length_ms=round(len(take.pcm) * 1000 / SAMPLE_RATE),
    )


def _files_of(album: Album, song: Song) -> tuple[str, ...]:
    """The song's own files within the folder: the audio, and its `.lrc` where the words lie beside it."""
    name = album.file_name(song)
    if song.lyrics is Lyrics.BESIDE:
        return name, name.rsplit(".", 1)[0] + ".lrc"
    return (name,)


def _promised(album: Album, song: Song) -> tuple[str, ...]:
    """Everything that must be there for the song to be complete, the album's folder cover included."""
    files = _files_of(album, song)
    if album.folder_cover:
        files += (str(PurePosixPath(files[0]).with_name("cover.jpg")),)
    return files


def _finished(folder: Path) -> dict[str, int]:
    """Files the stamp vouches for. One of another version is emptied: its files go, and nothing counts as
    made."""
    stamp = folder / STAMP
    try:
        said = json.loads(stamp.read_text("utf-8"))
        version, files = str(said["version"]), {str(path): int(size) for path, size in said["files"].items()}
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    if version == VERSION:
        return files
    for path in files:
        inside = (folder / path).resolve()
        if inside.is_relative_to(folder.resolve()):
            inside.unlink(missing_ok=True)
    stamp.unlink()
    return {}


def _intact(folder: Path, finished: dict[str, int], paths: tuple[str, ...]) -> bool:
    """Whether each of these was finished and still has the size it had then."""
    for path in paths:
        try:
            size = (folder / path).stat().st_size
        except FileNotFoundError:
            return False
        if finished.get(path) != size:
            return False
    return True


def _stamp(folder: Path, finished: dict[str, int]) -> None:
    draft = folder / f".{STAMP}.part"
    text = json.dumps({"version": VERSION, "files": finished}, indent=1, sort_keys=True, ensure_ascii=False)
    draft.write_text(text + "\n", "utf-8")
    _settle(draft, folder / STAMP)


def _settle(draft: Path, target: Path) -> None:
    """Make the draft durable, then give it its name: a reader sees all of it or none."""
    with draft.open("rb") as written:
        os.fsync(written.fileno())
    draft.replace(target)
    directory = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
