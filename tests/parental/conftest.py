"""The small house over the real embedded engine."""

from tests.catalogue_rig import music, rig

__all__ = ["music", "rig"]
