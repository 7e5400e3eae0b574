"""What a waiting encoder is told: one graph of filters that opens the source, enters it at a sample and ends at one.

Owns how that is written down, and for which sources and encoders it gives the very bytes of an encoder that is started
with the source as its argument (proven in `tests/stream/test_ready_encoders.py`). Refuses to know segments.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import PurePath

_DEMUXERS = {".flac": "flac", ".wav": "wav"}
# Named, for the filters choose how to resample by what comes behind them.
_TAKES = {"libmp3lame": "s16|s32|flt", "libopus": "s16|flt", "aac": "flt"}
_CODECS = frozenset({"flac", "pcm"})


def late_graph(
    path: str, *, codec: str, sample_rate: int, channels: int, from_us: int, encoder: str, chain: Sequence[str]
) -> bytes | None:
    """The graph: the file at `path` from `from_us` on, through `chain`, for `encoder` in one channel or in two.

    None where the usual way has to be gone: codecs whose first sample depends on how a file is entered, encoders
    that take other sound than is known here, a time that is between two samples.
    """
    demuxer, takes = _DEMUXERS.get(PurePath(path).suffix.lower()), _TAKES.get(encoder)
    if demuxer is None or takes is None or codec not in _CODECS or from_us * sample_rate % 1_000_000:
        return None
    opened = [f"amovie=filename={_written(f'file:{path}')}", f"format_name={demuxer}", "dec_threads=1"]
    filters = []
    if from_us:
        # The file is entered at or before that time; from there on it is counted in samples.
        opened.append(f"seek_point={from_us / 1e6:.6f}")
        filters.append(f"atrim=start_pts={from_us * sample_rate // 1_000_000}")
        filters.append("asetpts=N/SR/TB")
    filters += [*chain, f"aformat=sample_fmts={takes}:channel_layouts={'mono' if channels == 1 else 'stereo'}"]
    return os.fsencode(",".join([":".join(opened), *filters]))


def _written(value: str) -> str:
    """A value as an option of a filter in a graph: quoted for the option, and the whole once more for the graph."""
    option = re.sub(r"([\\':\s])", r"\\\1", value)
    return re.sub(r"([\\'\[\],;\s])", r"\\\1", option)
