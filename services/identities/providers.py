"""The providers by which people may sign in, and what is known of each beforehand.

Owns the presets of Google, Facebook and Spotify, and how claims become roles. Refuses to speak to anybody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from services.viewer import Role

NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider: `kind` is `oidc`, `facebook` or `spotify`; only the first signs who somebody is.

    An `issuer` tells its endpoints by itself (OpenID Connect Discovery); the other two have theirs here. `roles` maps
    values of `role_claim` (a dotted path, such as `realm_access.roles`) to roles of this house.
    """

    name: str
    title: str
    kind: str = "oidc"
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    issuer: str = ""
    scopes: Sequence[str] = ("openid", "email", "profile")
    authorize_url: str = ""
    token_url: str = ""
    profile_url: str = ""
    role_claim: str = "groups"
    roles: Mapping[str, Role] = field(default_factory=dict)


PRESETS = {
    "google": Provider("google", "Google", issuer="https://accounts.google.com"),
    "facebook": Provider(
        "facebook",
        "Facebook",
        "facebook",
        scopes=("public_profile", "email"),
        authorize_url="https://www.facebook.com/v23.0/dialog/oauth",
        token_url="https://graph.facebook.com/v23.0/oauth/access_token",
        profile_url="https://graph.facebook.com/v23.0/me?fields=id,name,email",
    ),
    "spotify": Provider(
        "spotify",
        "Spotify",
        "spotify",
        scopes=("user-read-email",),
        authorize_url="https://accounts.spotify.com/authorize",
        token_url="https://accounts.spotify.com/api/token",
        profile_url="https://api.spotify.com/v1/me",
    ),
}


def preset(name: str, *, client_id: str, client_secret: str = "") -> Provider:
    """One of the providers that are known beforehand, with this house's registration there. KeyError for another."""
    return replace(PRESETS[name], client_id=client_id, client_secret=client_secret)


def roles_of(provider: Provider, claims: Mapping[str, Any]) -> frozenset[Role] | None:
    """The roles that these claims give; None when the provider has no say in roles.

    A claim that is missing gives none: whoever leaves the group at the provider loses the role here.
    """
    if not provider.roles:
        return None
    found: Any = claims
    for part in provider.role_claim.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    values = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    return frozenset(provider.roles[each] for each in values if isinstance(each, str) and each in provider.roles)
