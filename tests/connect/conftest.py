"""The house of the tests about queues."""

from __future__ import annotations

from tests.catalogue_rig import rig

__all__ = ["rig"]
