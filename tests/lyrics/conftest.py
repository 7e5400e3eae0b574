"""The small house, furnished, and its doors."""

from tests.catalogue_rig import client, finds, music, rig

__all__ = ["client", "finds", "music", "rig"]
