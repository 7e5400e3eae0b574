"""The small house of the catalogue's tests, for what needs a store and no door."""

from tests.catalogue_rig import rig

__all__ = ["rig"]
