"""What training may take, and when it is worth while: values from the settings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrainingRules:
    """`least_listeners`: with fewer people nothing is learned. `growth`: so many more plays (a share) are worth a new
    model. `most_rows`: so much is read at most, a row for each person and song. Bytes and seconds bound the process."""

    wanted: bool = True
    least_listeners: int = 5
    growth: float = 0.05
    most_rows: int = 20_000_000
    memory_bytes: int = 4_000_000_000
    seconds: float = 7_200.0
