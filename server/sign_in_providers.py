"""From the settings of signing in to the providers that the services ask. Owns the translation and its refusals."""

from __future__ import annotations

from server.sections.sign_in import OidcSettings, SignInSettings
from services.identities.providers import PRESETS, Provider, preset
from services.viewer import Role

OIDC = "oidc"
_GIVEN = (Role.ARTIST, Role.MODERATOR, Role.ADMIN)


def providers_of(settings: SignInSettings) -> list[Provider]:
    """Those that are set up, in the order of their buttons. ValueError names a setting that is wrong."""
    found = []
    for name in PRESETS:
        client = getattr(settings, name)
        if client.client_id:
            found.append(preset(name, client_id=client.client_id, client_secret=client.client_secret))
    if settings.oidc.issuer or settings.oidc.client_id:
        found.append(_own(OIDC, f"sign_in.{OIDC}", settings.oidc))
    for name, own in settings.others.items():
        if name in (*PRESETS, OIDC):
            raise ValueError(f"sign_in.others.{name}: this name is taken")
        found.append(_own(name, f"sign_in.others.{name}", own))
    return found


def _own(name: str, setting: str, own: OidcSettings) -> Provider:
    if not own.issuer or not own.client_id:
        raise ValueError(f"{setting} needs both issuer and client_id")
    if "openid" not in own.scopes:
        raise ValueError(f"{setting}.scopes must have openid")
    return Provider(
        name,
        own.title,
        client_id=own.client_id,
        client_secret=own.client_secret,
        issuer=own.issuer,
        scopes=own.scopes,
        role_claim=own.role_claim,
        roles=dict(_role(setting, line) for line in own.roles),
    )


def _role(setting: str, line: str) -> tuple[str, Role]:
    value, equals, role = (part.strip() for part in line.rpartition("="))
    if not equals or not value or role not in _GIVEN:
        raise ValueError(f"{setting}.roles: {line!r} is not written `value = role`, with artist, moderator or admin")
    return value, Role(role)
