"""Asking a provider who somebody is, and reading its answer: the authorization code flow with PKCE (RFC 6749, 7636).

Owns what binds an answer to the browser that asked: one random secret in its cookie, from which `state`, `nonce` and
the PKCE verifier follow, each by a label of its own. Nothing is kept here meanwhile. Refuses to know accounts.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from services.clock import Clock
from services.identities.directory import Directory, Metadata, read_json
from services.identities.id_tokens import Untrue, read_id_token
from services.identities.providers import Provider, roles_of
from services.outgoing.outgoing import Outgoing
from services.viewer import Role

LIFETIME_S = 600
"""How long somebody may take at the provider."""


@dataclass(frozen=True, slots=True)
class Proven:
    """Whom a provider says somebody is: `subject` is its own name for them, and stays when all else changes.

    `email_verified` is true only where the provider vouches for the address. `roles` None: it has no say in them.
    """

    provider: str
    subject: str
    email: str = ""
    email_verified: bool = False
    name: str = ""
    roles: frozenset[Role] | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes, and the `secret` that its cookie keeps until it comes back."""

    url: str
    secret: str

    def __repr__(self) -> str:
        # Whoever has the secret can come back in somebody's place.
        return "Begun()"


class CodeFlow:
    """One provider's way in. `redirect_uri` is where it sends people back, one address for each provider."""

    def __init__(self, provider: Provider, outgoing: Outgoing, clock: Clock) -> None:
        self.provider = provider
        self._outgoing = outgoing
        self._clock = clock
        self._directory = Directory(outgoing, clock, provider.issuer)

    async def begin(self, redirect_uri: str) -> Begun:
        """A question to the provider. Unreachable or Untrue when it does not tell where to ask."""
        metadata = await self._metadata()
        secret = f"{self._clock.epoch_ms()}.{secrets.token_urlsafe(32)}"
        challenge = _digest(self._derived(secret, "verifier").encode())
        asked = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self.provider.scopes),
            "state": self._derived(secret, "state"),
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        if self.provider.kind == "oidc":
            asked["nonce"] = self._derived(secret, "nonce")
        sign = "&" if urlsplit(metadata.authorize_url).query else "?"
        return Begun(metadata.authorize_url + sign + urlencode(asked), secret)

    async def finish(self, secret: str, redirect_uri: str, answer: Mapping[str, str]) -> Proven:
        """Who came back. `secret` is from the browser's cookie, `answer` what the provider put into the address.

        Untrue for an answer to another browser's question, another provider's answer, one that is too late or that
        proves nothing; Unreachable when the provider is away.
        """
        self._check_asked(secret, answer.get("state", ""))
        metadata = await self._metadata()
        named = answer.get("iss")
        if (named is None and metadata.names_itself) or (named is not None and named != metadata.issuer):
            raise Untrue("another provider answers")
        code = answer.get("code", "")
        if "error" in answer or not 1 <= len(code) <= 4096:
            raise Untrue("the provider did not say yes")
        tokens = await self._redeem(metadata, code, redirect_uri, self._derived(secret, "verifier"))
        access_token = tokens.get("access_token")
        if not isinstance(access_token, str) or not access_token.isascii() or not access_token.isprintable():
            raise Untrue("the provider gave no access token")
        if self.provider.kind != "oidc":
            return self._profile(await self._ask_profile(self.provider.profile_url, access_token))
        claims = await read_id_token(
            tokens.get("id_token", ""),
            issuer=metadata.issuer,
            client_id=self.provider.client_id,
            nonce=self._derived(secret, "nonce"),
            clock=self._clock,
            find_key=self._directory.find_key,
        )
        return self._said(await self._completed(claims, metadata, access_token))

    async def _metadata(self) -> Metadata:
        if self.provider.kind == "oidc":
            return await self._directory.metadata()
        provider = self.provider
        return Metadata("", provider.authorize_url, provider.token_url, "", basic=provider.kind == "spotify")

    def _check_asked(self, secret: str, state: str) -> None:
        began, _, rest = secret.partition(".")
        if len(secret) > 200 or len(rest) < 40 or not began.isdecimal() or not secret.isascii():
            raise Untrue("this browser did not ask")
        if not state.isascii() or not hmac.compare_digest(state, self._derived(secret, "state")):
            raise Untrue("the answer to another question")
        age_ms = self._clock.epoch_ms() - int(began)
        if not -60_000 <= age_ms <= LIFETIME_S * 1000:
            raise Untrue("the answer comes too late")

    def _derived(self, secret: str, what: str) -> str:
        # With the provider's name in it, an answer meant for another provider's callback fits no question.
        label = f"tutti sign-in\0{self.provider.name}\0{what}"
        return _url64(hmac.new(secret.encode(), label.encode(), hashlib.sha256).digest())

    async def _redeem(self, metadata: Metadata, code: str, redirect_uri: str, verifier: str) -> dict[str, Any]:
        provider, headers = self.provider, {"Content-Type": "application/x-www-form-urlencoded"}
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        if provider.client_secret and metadata.basic:
            # Each half is form-encoded first (RFC 6749, 2.3.1).
            pair = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            form["client_id"] = provider.client_id
            if provider.client_secret:
                form["client_secret"] = provider.client_secret
        body = urlencode(form).encode()
        return await read_json(self._outgoing, metadata.token_url, method="POST", headers=headers, body=body)

    async def _completed(self, claims: dict[str, Any], metadata: Metadata, access_token: str) -> dict[str, Any]:
        """Some providers tell e-mail and groups only when asked; what they say must be of the same person."""
        roles_missing = bool(self.provider.roles) and self.provider.role_claim.partition(".")[0] not in claims
        if not metadata.userinfo_url or ("email" in claims and not roles_missing):
            return claims
        more = await self._ask_profile(metadata.userinfo_url, access_token)
        if more.get("sub") != claims["sub"]:
            raise Untrue("the provider speaks of somebody else")
        return {**more, **claims}

    async def _ask_profile(self, url: str, access_token: str) -> dict[str, Any]:
        if self.provider.kind == "facebook" and self.provider.client_secret:
            key = self.provider.client_secret.encode()
            proof = hmac.new(key, access_token.encode(), hashlib.sha256).hexdigest()
            url += f"{'&' if urlsplit(url).query else '?'}appsecret_proof={proof}"
        return await read_json(self._outgoing, url, headers={"Authorization": f"Bearer {access_token}"})

    def _said(self, claims: Mapping[str, Any]) -> Proven:
        email = claims.get("email")
        return Proven(
            self.provider.name,
            claims["sub"],
            email if isinstance(email, str) else "",
            claims.get("email_verified") is True and isinstance(email, str),
            _text(claims.get("name")) or _text(claims.get("preferred_username")),
            roles_of(self.provider, claims),
        )

    def _profile(self, profile: Mapping[str, Any]) -> Proven:
        """Neither Facebook nor Spotify vouches for the address it tells."""
        subject = profile.get("id")
        if not isinstance(subject, str) or not 1 <= len(subject) <= 255:
            raise Untrue("the provider names nobody")
        name = _text(profile.get("name")) or _text(profile.get("display_name"))
        return Proven(self.provider.name, subject, _text(profile.get("email")), False, name)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _digest(data: bytes) -> str:
    return _url64(hashlib.sha256(data).digest())


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
