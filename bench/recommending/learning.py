"""One learning in a process of its own, which tells seconds, memory and what it found.

The crowd is made in yet another process, or its memory would be counted here.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from tqdm import tqdm

from bench.recommending.planted import crowd, in_circle
from services.discovery.collaborative.fitting import fit
from services.discovery.collaborative.interactions import Interactions

NEAREST = 10
SAMPLE = 1_000


def learned(users: int, songs: int, plays: int) -> dict[str, Any]:
    """What a fresh process tells of learning from such a crowd."""
    environ = os.environ | dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "crowd.npz"
        for words in (("make", str(users), str(songs), str(plays)), ("learn",)):
            command = [sys.executable, "-m", "bench.recommending.learning", words[0], str(file), *words[1:]]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environ, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _make(file: Path, users: int, songs: int, plays: int) -> None:
    sparse.save_npz(file, crowd(users, songs, plays).counts, compressed=False)


def _learn(file: Path) -> dict[str, Any]:
    plays = Interactions(sparse.csr_array(sparse.load_npz(file)))
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wall, cpu = time.perf_counter(), time.process_time()
    with tqdm(desc="learning", total=1.0, disable=None, bar_format="{l_bar}{bar}| {elapsed}<{remaining}") as bar:
        model, recipe = fit(plays, told=lambda share: bar.update(share - bar.n))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    played = np.flatnonzero(model.popularity > 0)
    songs = np.random.default_rng(1).choice(played, min(SAMPLE, len(played)), replace=False)
    asked = sparse.csr_array(
        (np.ones(len(songs), np.float32), (np.arange(len(songs)), songs)), shape=(len(songs), plays.items)
    )
    found, _ = model.best(asked, NEAREST)
    return {
        "users": plays.users,
        "songs": plays.items,
        "pairs": int(plays.counts.nnz),
        "seconds": wall,
        "cpu_seconds": cpu,
        "before_mb": before_mb,
        "peak_mb": peak_mb,
        "model_mb": len(model.to_bytes()) / 2**20,
        "planted": float(np.mean([in_circle(int(song), near) for song, near in zip(songs, found, strict=True)])),
        "recipe": str(recipe),
    }


if __name__ == "__main__":
    if sys.argv[1] == "make":
        _make(Path(sys.argv[2]), *map(int, sys.argv[3:6]))
    else:
        print(json.dumps(_learn(Path(sys.argv[2]))))
