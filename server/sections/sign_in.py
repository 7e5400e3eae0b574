"""Settings of the providers by which people may sign in.

Owns names, defaults and meanings. Refuses to know where a value came from.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from server.sections.setting import setting


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """This house's registration at a provider whose addresses are known. Empty: nobody signs in by it."""

    client_id: str = setting("", "The id that the provider gave this house.")
    client_secret: str = setting("", "The secret beside it.", secret=True)


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """An OpenID Connect provider of your own: Keycloak, Authentik, Authelia, Entra and the like."""

    issuer: str = setting(
        "",
        "Its address, as it names itself; `/.well-known/openid-configuration` stands below it.",
        schemes=("https", "http"),
    )
    client_id: str = setting("", "The id that it gave this house.")
    client_secret: str = setting("", "The secret beside it; empty for a public client.", secret=True)
    title: str = setting("your organisation", "What its button says after “Sign in with”.")
    scopes: tuple[str, ...] = setting(["openid", "email", "profile"], "What is asked of it.")
    role_claim: str = setting("groups", "The claim that tells roles; a dotted path such as `realm_access.roles`.")
    roles: tuple[str, ...] = setting(
        [], "What its values mean here, as `music-admins = admin`. Such roles follow the provider both ways."
    )


@dataclass(frozen=True, slots=True)
class SignInSettings:
    """Signing in by other providers. Each needs `server.public_url`, where it sends people back."""

    google: ClientSettings = field(default_factory=ClientSettings)
    facebook: ClientSettings = field(default_factory=ClientSettings)
    spotify: ClientSettings = field(default_factory=ClientSettings)
    oidc: OidcSettings = field(default_factory=OidcSettings)
    others: dict[str, OidcSettings] = field(default_factory=dict)
    """More OpenID Connect providers, each under the name that stands in its addresses (`/auth/NAME`)."""
