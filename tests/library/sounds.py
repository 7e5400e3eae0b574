"""Short real sounds in every format, made once, and a library folder to put tagged copies in."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import mutagen
from mutagen.easyid3 import EasyID3
from mutagen.flac import FLAC
from mutagen.mp4 import MP4, MP4FreeForm
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis

from tests.sound_tool import QUICK_FFMPEG, made_once

ARGUMENTS = {
    "mp3": ["-c:a", "libmp3lame", "-b:a", "64k"],
    "vbr.mp3": ["-c:a", "libmp3lame", "-q:a", "7"],
    "plain.mp3": ["-c:a", "libmp3lame", "-b:a", "64k", "-write_xing", "0", "-id3v2_version", "0"],
    "flac": ["-c:a", "flac"],
    "ogg": ["-c:a", "libvorbis"],
    "opus": ["-c:a", "libopus", "-b:a", "48k"],
    "m4a": ["-c:a", "aac", "-b:a", "64k"],
    "alac.m4a": ["-c:a", "alac"],
    "aac": ["-c:a", "aac", "-b:a", "64k"],
    "wav": [],
    "aiff": [],
}


@dataclass(frozen=True)
class Sounds:
    """A shelf of sounds: `take` gives one of a tone and a length in a format, made on first use."""

    folder: Path

    def take(self, kind: str, tone: int = 440, seconds: float = 1.0, rate: int = 44100) -> Path:
        # Two tones: mono sines of one kind make encoders produce equal frames at different lengths.
        source = f"aevalsrc=0.3*sin({tone}*2*PI*t)+0.1*sin({tone}*3.7*PI*t*t):s={rate}:d={seconds},aformat=s16"
        words = ["-f", "lavfi", "-i", source, "-ac", "2", *ARGUMENTS[kind]]
        return made_once(
            self.folder / f"{tone}-{seconds}-{rate}.{kind}", lambda unfinished: run_ffmpeg(*words, str(unfinished))
        )

    def put(
        self, target: Path, tone: int = 440, seconds: float = 1.0, *, kind: str | None = None, **tags: object
    ) -> Path:
        """A copy at `target`, in the format of its suffix, with these tags."""
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.take(kind or target.suffix[1:], tone, seconds), target)
        tag(target, **tags)
        return target


def run_ffmpeg(*arguments: str) -> bytes:
    command = [QUICK_FFMPEG, "-hide_banner", "-loglevel", "error", "-y", *arguments]
    return subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL).stdout


def tag(path: Path, **tags: object) -> None:
    """Write Vorbis-style names into any format that mutagen's easy tags or comments know."""
    if not tags:
        return
    values = {name: value if isinstance(value, list) else [str(value)] for name, value in tags.items()}
    kind = None if path.suffix == ".aac" else mutagen.File(path)
    if isinstance(kind, (FLAC, OggVorbis, OggOpus)):
        for name, value in values.items():
            kind[name] = value
        kind.save()
        return
    if isinstance(kind, MP4):
        names = {"title": "\xa9nam", "artist": "\xa9ART", "album": "\xa9alb", "albumartist": "aART", "genre": "\xa9gen",
                 "date": "\xa9day"}  # fmt: skip
        for name, value in values.items():
            if name == "tracknumber":
                kind["trkn"] = [(int(value[0]), 0)]
            elif name in names:
                kind[names[name]] = value
            else:
                kind[f"----:com.apple.iTunes:{name.upper()}"] = [MP4FreeForm(v.encode()) for v in value]
        kind.save()
        return
    if path.suffix in (".wav", ".aiff"):
        if kind.tags is None:
            kind.add_tags()
        frames = kind.tags
        _put_frames(frames, values)
        kind.save()
        return
    try:
        easy = EasyID3(path)
    except mutagen.id3.ID3NoHeaderError:
        easy = EasyID3()
    known = {name: value for name, value in values.items() if name in EasyID3.valid_keys}
    easy.update(known)
    easy.save(path)
    rest = {name: value for name, value in values.items() if name not in known}
    if rest:
        frames = mutagen.id3.ID3(path)
        for name, value in rest.items():
            frames.add(mutagen.id3.TXXX(encoding=3, desc=name.upper(), text=value))
        frames.save(path)


def _put_frames(frames: mutagen.id3.ID3, values: dict[str, list[str]]) -> None:
    names = {"title": "TIT2", "artist": "TPE1", "album": "TALB", "albumartist": "TPE2", "tracknumber": "TRCK",
             "date": "TDRC", "genre": "TCON", "isrc": "TSRC"}  # fmt: skip
    for name, value in values.items():
        frames.add(getattr(mutagen.id3, names[name])(encoding=3, text=value))
