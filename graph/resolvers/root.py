"""What the whole schema shares: the roles, and who may keep an answer."""

from __future__ import annotations

from graph.cache_control import CacheScope
from services.viewer import Role

ENUMS = {"Role": Role, "CacheControlScope": CacheScope}
