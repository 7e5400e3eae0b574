"""Who may see what somebody does: the people and artists they follow, and who follows them. The one rule for it."""

from __future__ import annotations

from services.viewer import Role, Viewer
from storage.records import User


def may_see_activity(viewer: Viewer, user: User) -> bool:
    """Whether the viewer may see whom an account follows and who follows it: oneself, moderators, and everybody else
    as long as the account is not suspended."""
    return viewer.user_id == user.id or viewer.has(Role.MODERATOR) or not user.is_suspended
