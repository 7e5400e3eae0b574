"""What the whole schema shares: the roles."""

from __future__ import annotations

from services.viewer import Role

ENUMS = {"Role": Role}
