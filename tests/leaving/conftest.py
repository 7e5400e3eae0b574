"""The small house over the real embedded engine."""

from tests.catalogue_rig import client, music, rig

__all__ = ["client", "music", "rig"]
