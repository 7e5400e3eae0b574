"""The small house over the real embedded engine."""

from tests.catalogue_rig import client, finds, music, rig

__all__ = ["client", "finds", "music", "rig"]
