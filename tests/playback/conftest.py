"""The small house over the real embedded engine, and the stream tests' music."""

from tests.catalogue_rig import finds, rig
from tests.stream.conftest import tunes

__all__ = ["finds", "rig", "tunes"]
