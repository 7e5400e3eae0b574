"""The small house over the real embedded engine."""

from tests.catalogue_rig import rig

__all__ = ["rig"]
