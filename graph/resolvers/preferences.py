"""What the viewer chose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.accounts.preferences import PreferencesEdit
from services.audio.renditions import Quality
from storage.records import UserPreferences


@dataclass(slots=True)
class UpdatePreferences:
    """What changing preferences gives."""

    preferences: UserPreferences


RECORDS = {"UserPreferences": UserPreferences, "UpdatePreferences": UpdatePreferences}
ENUMS = {"AudioQuality": Quality}


@resolves("Query.userPreferences")
def user_preferences(_: None, info: Info) -> Any:
    """The viewer's preferences."""
    return info.context.house.preferences.of(info.context.viewer)


@resolves("UserPreferences.timeZone")
def time_zone(preferences: UserPreferences, _info: Info) -> str | None:
    """The zone they chose."""
    return preferences.time_zone or None


@resolves("Mutation.updatePreferences")
async def update_preferences(_: None, info: Info, **edit: Any) -> UpdatePreferences:
    """The viewer's preferences after the edit."""
    return UpdatePreferences(await info.context.house.preferences.update(info.context.viewer, PreferencesEdit(**edit)))
