"""The arithmetic of an Opus rendition: every page of the Ogg file is known but for the sound in it.

Owns the two header pages, packet and page sizes, granule positions, segment borders and total length (RFC 7845 in
RFC 3533). A rendition has hard constant bitrate and packets of 20 ms, so that each packet has the same size, fifty to
a page, and is cut into segments that are encoded one by one. Refuses to know ffmpeg, files and listeners.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from services.audio.codecs.geometry import SAMPLE_RATE, BadFrames, Gapless, Label, Window
from services.audio.formats import ogg_pages

PACKET_SAMPLES = 960
"""20 ms, the frame Opus is tuned for."""
PAGE_PACKETS = 50
"""One second a page, the longest that RFC 7845 §6 recommends; at 192 kbit/s it has 24 KB of the possible 64."""
SEGMENT_PACKETS = 500
"""Ten seconds, ten pages."""
WARMUP_PACKETS = 200
"""Packets encoded before a segment and thrown away. One second settles the sound, but it takes libopus up to four to
settle how much treble there is in dark music at 64 kbit/s (decision 0012, `bench/warm_up.py`)."""
PREROLL_PACKETS = 50
"""Decoded before the warm-up and thrown away. Both are whole seconds, so that every sample rate is entered evenly."""
PRE_SKIP = 312
"""Samples a decoder throws away at first: the look-ahead of libopus at 48 kHz (6.5 ms), which ffmpeg reports too."""
EXPECTED_LOSS_PERCENT = 3
"""What libopus is told of packets that get lost. None do; but from 3 % on it trusts its pitch filter only half as far,
in which two runs may stay apart for ever on steady tones, and a splice costs nothing (decision 0018)."""
LAYOUT = "s500w200p50n312l3h2"
"""Names the constants above and the two header pages apart; in every tag, so a change of them is a new rendition."""

_VENDOR = b"Tutti, libopus"
_TAGS_BYTES = 128
_HEAD_BYTES = 19
# The first byte of a packet (RFC 6716 §3.1): configurations of 20 ms in SILK, hybrid and CELT; one frame; any channels.
_CONFIGURATIONS = (1, 5, 9, 13, 15, 19, 23, 27, 31)
_FIRST_BYTES = bytes(configuration << 3 | stereo << 2 for configuration in _CONFIGURATIONS for stereo in (0, 1))


@dataclass(frozen=True)
class Geometry:
    """Where everything lies in the rendition of `samples` samples (per channel, at 48 kHz) at `bitrate` bits a second.

    `serial` is the logical stream's number. Offsets are bytes; segments, pages of sound and packets count from 0.
    """

    bitrate: int
    samples: int
    channels: int = 2
    serial: int = 0

    sample_rate = SAMPLE_RATE
    mixes_down = True

    @property
    def packet_bytes(self) -> int:
        """Size of each packet: bitrate / 8 × 960 / 48000."""
        return self.bitrate // 400

    @property
    def packets(self) -> int:
        """All packets: enough for what is skipped in front and the last sample."""
        return -(-(self.samples + PRE_SKIP) // PACKET_SAMPLES)

    @property
    def padding(self) -> int:
        """Samples of silence after the last one; the last page's granule position takes them off."""
        return self.packets * PACKET_SAMPLES - PRE_SKIP - self.samples

    @property
    def pages(self) -> int:
        """Pages of sound; the two before them are not counted. The last may be short."""
        return -(-self.packets // PAGE_PACKETS)

    @property
    def length(self) -> int:
        """Bytes of the whole rendition, header pages included."""
        return self.page_bytes(self.pages - 1).stop

    @property
    def head_bytes(self) -> int:
        """Bytes of the two header pages: 203."""
        return _HEADER_LENGTH

    @property
    def gapless(self) -> Gapless:
        """What pre-skip and the last page's granule position say."""
        return Gapless(PRE_SKIP, self.padding, self.samples)

    @property
    def segments(self) -> int:
        """How many segments; the last may be short."""
        return -(-self.packets // SEGMENT_PACKETS)

    def head(self, label: Label) -> bytes:
        """The two pages before the sound; of one length for all songs, gains known or not.

        The output gain, which every decoder applies, stays 0: gains are told in tags, for players to apply or not.
        """
        head = struct.pack("<8sBBHIhB", b"OpusHead", 1, self.channels, PRE_SKIP, SAMPLE_RATE, 0, 0)
        first = self._page(head, _HEAD_BYTES, 0, 0, ogg_pages.FIRST)
        return first + self._page(_tags(label), _TAGS_BYTES, 1, 0, 0)

    def page_packets(self, number: int) -> range:
        """The packets of one page of sound."""
        first = number * PAGE_PACKETS
        return range(first, min(first + PAGE_PACKETS, self.packets))

    def page_bytes(self, number: int) -> range:
        """The byte offsets of one page of sound in the whole."""
        start = _HEADER_LENGTH + number * self._full_page_bytes
        return range(start, start + ogg_pages.page_bytes(len(self.page_packets(number)), self.packet_bytes))

    def granule(self, number: int) -> int:
        """A page's granule position: samples up to its end with those skipped in front; the last ends with the song."""
        return min(self.page_packets(number).stop * PACKET_SAMPLES, PRE_SKIP + self.samples)

    def segment_packets(self, index: int) -> range:
        """The packets of one segment."""
        first = index * SEGMENT_PACKETS
        return range(first, min(first + SEGMENT_PACKETS, self.packets))

    def segment_pages(self, index: int) -> range:
        """The pages of sound of one segment."""
        packets = self.segment_packets(index)
        return range(packets.start // PAGE_PACKETS, -(-packets.stop // PAGE_PACKETS))

    def segment_bytes(self, index: int) -> range:
        """The byte offsets of one segment in the whole."""
        pages = self.segment_pages(index)
        return range(self.page_bytes(pages[0]).start, self.page_bytes(pages[-1]).stop)

    def touched(self, start: int, end: int) -> range:
        """The segments that hold the bytes `start` up to and without `end`; none for bytes of the header pages."""
        if end <= max(start, _HEADER_LENGTH):
            return range(0)
        size = SEGMENT_PACKETS // PAGE_PACKETS * self._full_page_bytes
        return range(max(0, start - _HEADER_LENGTH) // size, (end - 1 - _HEADER_LENGTH) // size + 1)

    def window(self, index: int) -> Window:
        """What has to be encoded for one segment. A packet never looks at what comes after it, so nothing follows."""
        packets = self.segment_packets(index)
        encode_from = max(0, packets.start - WARMUP_PACKETS)
        return Window(
            decode_from=max(0, encode_from - PREROLL_PACKETS) * PACKET_SAMPLES,
            encode_from=encode_from * PACKET_SAMPLES,
            end=packets.stop * PACKET_SAMPLES,
            most_bytes=(packets.stop - encode_from + 8) * self.packet_bytes,
        )

    def encoder_arguments(self) -> list[str]:
        """libopus at hard constant bitrate, its packets in a row with nothing around them."""
        settings = ["-c:a", "libopus", "-b:a", str(self.bitrate), "-vbr", "off", "-frame_duration", "20"]
        settings += ["-application", "audio", "-packet_loss", str(EXPECTED_LOSS_PERCENT)]
        return [*settings, "-map_metadata", "-1", "-f", "data"]

    def assemble(self, index: int, encoded: bytes) -> bytes:
        """The segment's pages, around the packets cut out of the encoded window."""
        packets, size = self.segment_packets(index), self.packet_bytes
        warmup = min(WARMUP_PACKETS, packets.start)
        kept = encoded[warmup * size :][: len(packets) * size]
        check_packets(kept, size, len(packets))
        return self._pages(self.segment_pages(index), kept)

    def further(self, index: int, encoded: bytearray, done: int) -> bytes:
        """Whole pages behind the first `done` bytes."""
        packets, size = self.segment_packets(index), self.packet_bytes
        first = min(WARMUP_PACKETS, packets.start) * size
        there = min(max(0, len(encoded) - first) // size, len(packets))
        before = done // self._full_page_bytes
        pages = self.segment_pages(index)[before:]
        ready = range(pages.start, pages.start)
        while ready.stop < pages.stop and self.page_packets(ready.stop).stop - packets.start <= there:
            ready = range(ready.start, ready.stop + 1)
        if not ready:
            return b""
        held = range(self.page_packets(ready[0]).start, self.page_packets(ready[-1]).stop)
        at = first + (held.start - packets.start) * size
        kept = bytes(encoded[at : at + len(held) * size])
        check_packets(kept, size, len(held))
        return self._pages(ready, kept)

    def check(self, index: int, data: bytes) -> None:
        """BadFrames unless `data` is the segment's pages, each of them with the checksum of what it holds.

        Takes apart and assembles again, half a millisecond for the largest segment.
        """
        place = self.segment_bytes(index)
        if len(data) != len(place):
            raise BadFrames(f"{len(data)} bytes where {len(place)} belong")
        packets = []
        for number in self.segment_pages(index):
            at = self.page_bytes(number)
            end = at.stop - place.start
            packets.append(data[end - len(self.page_packets(number)) * self.packet_bytes : end])
        warmup = bytes(min(WARMUP_PACKETS, self.segment_packets(index).start) * self.packet_bytes)
        if self.assemble(index, warmup + b"".join(packets)) != data:
            raise BadFrames("a page is not what its packets make it")

    @property
    def _full_page_bytes(self) -> int:
        return ogg_pages.page_bytes(PAGE_PACKETS, self.packet_bytes)

    def _pages(self, numbers: range, kept: bytes) -> bytes:
        """Pages of sound in a row, around the packets that begin with those of the first."""
        size, first = self.packet_bytes, self.page_packets(numbers[0]).start
        pages = []
        for number in numbers:
            held = self.page_packets(number)
            body = kept[(held.start - first) * size : (held.stop - first) * size]
            flags = ogg_pages.LAST if number == self.pages - 1 else 0
            pages.append(self._page(body, size, number + 2, self.granule(number), flags))
        return b"".join(pages)

    def _page(self, body: bytes, packet_bytes: int, sequence: int, granule: int, flags: int) -> bytes:
        return ogg_pages.page(
            body, packet_bytes=packet_bytes, serial=self.serial, sequence=sequence, granule=granule, flags=flags
        )


class Opus:
    """The codec as delivery knows it. Streams are numbered by their key, so that files may be put in a row."""

    layout = LAYOUT
    sample_rate = SAMPLE_RATE

    def geometry(self, bitrate: int, samples: int, channels: int, key: str) -> Geometry:
        """The layout of one song at `bitrate`, in one channel or in two."""
        return Geometry(bitrate, samples, 1 if channels == 1 else 2, int(key[:8], 16))


def check_packets(data: bytes, packet_bytes: int, packets: int) -> None:
    """BadFrames unless `data` is exactly `packets` packets of one frame of 20 ms each."""
    if len(data) != packet_bytes * packets:
        raise BadFrames(f"{len(data)} bytes where {packet_bytes * packets} belong")
    strange = data[::packet_bytes].translate(None, _FIRST_BYTES)
    if strange:
        raise BadFrames(f"{len(strange)} packets are not one frame of 20 ms")


def _tags(label: Label) -> bytes:
    """The comment packet (RFC 7845 §5.2), filled with zeros, which readers skip, to one length for all songs."""
    named = {"R128_TRACK_GAIN": label.track_gain_q8, "R128_ALBUM_GAIN": label.album_gain_q8}
    comments = [f"{name}={value}".encode("ascii") for name, value in named.items() if value is not None]
    counted = b"".join(len(text).to_bytes(4, "little") + text for text in comments)
    vendor = len(_VENDOR).to_bytes(4, "little") + _VENDOR
    return (b"OpusTags" + vendor + len(comments).to_bytes(4, "little") + counted).ljust(_TAGS_BYTES, b"\0")


_HEADER_LENGTH = ogg_pages.page_bytes(1, _HEAD_BYTES) + ogg_pages.page_bytes(1, _TAGS_BYTES)
