"""A house without files, and a household over a folder of real ones."""

from tests.analysis.conftest import shelf
from tests.catalogue_rig import finds, rig

__all__ = ["finds", "rig", "shelf"]
