"""MP3 and raw AAC (ADTS): frame headers walked, encoder headers read, tags at either end left out.

Owns the exact sample count of formats that keep it in their frames. Refuses to know what the tags say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from services.audio.formats.stream_facts import Span, StreamFacts, Unreadable, read_at

SYNC_SEARCH_BYTES = 256 * 1024
RESYNC_BYTES = 64 * 1024
BREAKS_LIMIT = 2_000
"""How often frames may break off: to find the next one, each time up to 64 KB are read."""
_BITRATES_V1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_BITRATES_V2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame's header: its length in bytes, the samples it plays, and what must stay alike from frame to frame."""

    length: int
    samples: int
    sample_rate: int
    channels: int
    side_info: int = 0
    bitrate: int = 0

    def continues(self, other: Frame) -> bool:
        """Whether both can belong to one stream."""
        return self.sample_rate == other.sample_rate and self.samples == other.samples


def mp3_frame(head: bytes) -> Frame | None:
    """The layer III frame that these four bytes open (ISO 11172-3 and 13818-3); None when they do not."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version = head[1] >> 3 & 3
    bitrate_index, rate_index = head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or rate_index == 3 or not 0 < bitrate_index < 15:
        return None
    rate = _RATES[version][rate_index]
    kbit = (_BITRATES_V1 if version == 3 else _BITRATES_V2)[bitrate_index]
    samples = 1152 if version == 3 else 576
    channels = 1 if head[3] >> 6 == 3 else 2
    side_info = (17 if channels == 1 else 32) if version == 3 else (9 if channels == 1 else 17)
    length = samples * kbit * 125 // rate + (head[2] >> 1 & 1)
    return Frame(length, samples, rate, channels, side_info, kbit * 1000)


def adts_frame(head: bytes) -> Frame | None:
    """The ADTS frame that these seven bytes open (ISO 14496-3); None when they do not."""
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return None
    rate_index = head[2] >> 2 & 15
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    channels = (head[2] & 1) << 2 | head[3] >> 6
    if rate_index >= len(_AAC_RATES) or length < 8:
        return None
    return Frame(length, 1024 * ((head[6] & 3) + 1), _AAC_RATES[rate_index], 8 if channels == 7 else channels or 2)


def tag_free_span(file: BinaryIO, size: int) -> Span:
    """The part between tags: ID3v2 in front (however many), ID3v1, APE and Lyrics3 behind."""
    start = 0
    while (length := id3v2_length(read_at(file, start, 10))) and start + length <= size:
        start += length
    end = size
    while True:
        before = end
        if end - start >= 128 and read_at(file, end - 128, 3) == b"TAG":
            end -= 128
        footer = read_at(file, max(start, end - 32), 32)
        if len(footer) == 32 and footer.startswith(b"APETAGEX"):
            length = int.from_bytes(footer[12:16], "little") + (32 if footer[23] & 0x80 else 0)
            end -= length if 32 <= length <= end - start else 0
        tail = read_at(file, max(start, end - 15), 15)
        if tail.endswith(b"LYRICS200") and tail[:6].isdigit():
            length = int(tail[:6]) + 15
            end -= length if length <= end - start else 0
        if end == before:
            return start, end - start


def id3v2_length(head: bytes) -> int:
    """How many bytes the ID3v2 tag that opens here takes; 0 when none does."""
    if len(head) < 10 or head[:3] != b"ID3" or any(byte & 0x80 for byte in head[6:10]):
        return 0
    body = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
    return 10 + body + (10 if head[5] & 0x10 else 0)


def find_frames(file: BinaryIO, start: int, end: int, *, adts: bool) -> tuple[int, Frame] | None:
    """The first offset from which three frames follow each other (or all there are), within 256 KB."""
    window = read_at(file, start, min(SYNC_SEARCH_BYTES, end - start))
    at = window.find(b"\xff")
    while at >= 0:
        first = _frame(window[at : at + 7], adts)
        if first is not None and _has_company(file, start + at, end, first, adts):
            return start + at, first
        at = window.find(b"\xff", at + 1)
    return None


def _frame(head: bytes, adts: bool) -> Frame | None:
    return adts_frame(head) if adts else mp3_frame(head)


def _has_company(file: BinaryIO, at: int, end: int, first: Frame, adts: bool) -> bool:
    """Whether two more frames like this one follow, or the file ends exactly after it or the next."""
    frame = first
    for _ in range(2):
        at += frame.length
        if at == end:
            return True
        found = _frame(read_at(file, at, 7), adts)
        if found is None or not found.continues(first):
            return False
        frame = found
    return True


def read_mp3(file: BinaryIO, size: int) -> StreamFacts:
    """Facts of an MP3. Samples come from a Xing, Info or VBRI header less LAME's delay and padding, else from a walk.

    Unreadable without three frames in a row, or when the header promises more sound than there is.
    """
    start, length = tag_free_span(file, size)
    found = find_frames(file, start, start + length, adts=False)
    if found is None:
        raise Unreadable("no MP3 frames were found")
    at, first = found
    end = start + length
    facts = StreamFacts("mp3", "mp3", "audio/mpeg", first.sample_rate, first.channels, spans=((at, end - at),))
    head = read_at(file, at, first.length)
    promised = _promised(head, first)
    if promised is None:
        _walk(file, at, end, first, facts, adts=False)
        return facts.settle()
    frames, promised_bytes, facts.delay, facts.padding = promised
    if promised_bytes and end - at < promised_bytes - max(4096, promised_bytes // 100):
        raise Unreadable(f"the file is cut off: {end - at} of {promised_bytes} bytes of sound are there")
    facts.spans = ((at + first.length, max(0, end - at - first.length)),)
    if head[4 + first.side_info :].startswith(b"Info"):
        # LAME writes Info instead of Xing when every frame has the same bitrate.
        facts.bitrate = (mp3_frame(read_at(file, at + first.length, 4)) or first).bitrate
    if frames:
        facts.samples = max(0, frames * first.samples - (facts.delay or 0) - (facts.padding or 0))
    else:
        _walk(file, at + first.length, end, first, facts, adts=False)
    return facts.settle()


def _promised(head: bytes, first: Frame) -> tuple[int, int, int | None, int | None] | None:
    """Frames, bytes, delay and padding from the encoder's own header frame; None when the frame is plain sound."""
    at = 4 + first.side_info
    if head[at : at + 4] in (b"Xing", b"Info"):
        flags = int.from_bytes(head[at + 4 : at + 8], "big")
        at += 8
        frames = length = 0
        if flags & 1:
            frames, at = int.from_bytes(head[at : at + 4], "big"), at + 4
        if flags & 2:
            length, at = int.from_bytes(head[at : at + 4], "big"), at + 4
        at += (100 if flags & 4 else 0) + (4 if flags & 8 else 0)
        gap = head[at + 21 : at + 24]
        if len(gap) == 3 and head[at : at + 4].isalpha():
            return frames, length, gap[0] << 4 | gap[1] >> 4, (gap[1] & 15) << 8 | gap[2]
        return frames, length, None, None
    if head[36:40] == b"VBRI":
        return int.from_bytes(head[50:54], "big"), int.from_bytes(head[46:50], "big"), None, None
    return None


def read_adts(file: BinaryIO, size: int) -> StreamFacts:
    """Facts of raw AAC by walking its frames; the format does not tell the encoder's delay."""
    start, length = tag_free_span(file, size)
    found = find_frames(file, start, start + length, adts=True)
    if found is None:
        raise Unreadable("no AAC frames were found")
    at, first = found
    end = start + length
    facts = StreamFacts("aac", "adts", "audio/aac", first.sample_rate, first.channels, spans=((at, end - at),))
    _walk(file, at, end, first, facts, adts=True)
    return facts.settle()


def _walk(file: BinaryIO, at: int, end: int, first: Frame, facts: StreamFacts, *, adts: bool) -> None:
    """Count the samples frame by frame. Unreadable when more than a tenth of the sound is something else."""
    samples = strange = breaks = 0
    start = at
    is_constant = not adts
    read, seek = file.read, file.seek
    while at + 4 <= end:
        seek(at)
        frame = _frame(read(7), adts)
        if frame is not None and frame.continues(first):
            if at + frame.length > end:
                break
            samples += frame.samples
            at += frame.length
            is_constant = is_constant and frame.bitrate == first.bitrate
            continue
        found = find_frames(file, at + 1, min(end, at + RESYNC_BYTES), adts=adts)
        step = (found[0] if found else min(end, at + RESYNC_BYTES)) - at
        strange += step
        at += step
        breaks += 1
        if breaks > BREAKS_LIMIT or strange * 10 > end - start:
            break
    if breaks > BREAKS_LIMIT or strange * 10 > end - start:
        raise Unreadable("most of the file is not sound: its frames break off")
    facts.samples = samples
    if is_constant:
        facts.bitrate = first.bitrate
