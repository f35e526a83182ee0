"""A small real OpenID provider in this process: discovery, JWKS, code + PKCE, rotation with reuse detection,
UserInfo, logout tokens. It knows no page: whoever `person` says is signed in.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Flask, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from joserfc import jwt
from joserfc.jwk import ECKey

from clients.kit.logout_token import EVENT
from idp.core.clock import Clock, epoch
from idp.core.ids import new_secret


@dataclass
class Grant:
    client_id: str
    sid: str
    claims: dict[str, Any]
    nonce: str = ""
    challenge: str = ""
    redirect_uri: str = ""
    refresh_token: str = ""
    spent: set[str] = field(default_factory=set)
    live: bool = True


class OpenIdProvider:
    """`person` holds the claims of who is signed in; `error`, when set, is what /authorize answers instead."""

    def __init__(self, clock: Clock, issuer: str = "http://localhost:8000") -> None:
        self.clock = clock
        self.issuer = issuer
        self.key = ECKey.generate_key("P-256", {"kid": "key-1", "alg": "ES256", "use": "sig"})
        self.person: dict[str, Any] = {"sub": "sub-aigerim", "name": "Айгерім Оспанова", "given_name": "Айгерім"}
        self.error = ""
        self.lifetime = 300
        self.refreshes = 0
        self.reuses = 0
        self.discoveries = 0
        self.asked: dict[str, str] = {}
        self.grants: list[Grant] = []
        self._codes: dict[str, Grant] = {}
        self._access: dict[str, tuple[Grant, datetime]] = {}
        self.app = Flask("openid-provider")
        for rule, view, methods in (
            ("/.well-known/openid-configuration", self._discovery, ["GET"]),
            ("/oauth/jwks.json", self._jwks, ["GET"]),
            ("/oauth/authorize", self._authorize, ["GET"]),
            ("/oauth/token", self._token, ["POST"]),
            ("/oauth/userinfo", self._userinfo, ["GET"]),
            ("/oauth/logout", self._logout, ["GET"]),
        ):
            self.app.add_url_rule(rule, view.__name__, view, methods=methods)

    def end_session(self) -> None:
        """Every grant dies: what a sign-out at the IdP does."""
        for grant in self.grants:
            grant.live = False

    def forget_access_tokens(self) -> None:
        self._access.clear()

    def logout_token(
        self, client_id: str, *, header: dict[str, Any] | None = None, drop: tuple[str, ...] = (), **changes: Any
    ) -> str:
        """A right logout token for the newest grant, changed by keywords; `drop` names claims to leave out."""
        grant = self.grants[-1] if self.grants else Grant(client_id, "sid-1", self.person)
        now = epoch(self.clock.now())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": client_id,
            "iat": now,
            "exp": now + 120,
            "jti": new_secret(8),
            "sub": grant.claims["sub"],
            "sid": grant.sid,
            "events": {EVENT: {}},
        }
        claims |= changes
        for name in drop:
            claims.pop(name)
        return self.sign(claims, {"typ": "logout+jwt"} | (header or {}))

    def sign(self, claims: dict[str, Any], header: dict[str, Any], key: ECKey | None = None) -> str:
        return jwt.encode({"alg": "ES256", "kid": "key-1"} | header, claims, key or self.key)

    def _discovery(self) -> ResponseReturnValue:
        self.discoveries += 1
        return jsonify(
            issuer=self.issuer,
            authorization_endpoint=f"{self.issuer}/oauth/authorize",
            token_endpoint=f"{self.issuer}/oauth/token",
            userinfo_endpoint=f"{self.issuer}/oauth/userinfo",
            jwks_uri=f"{self.issuer}/oauth/jwks.json",
            end_session_endpoint=f"{self.issuer}/oauth/logout",
            id_token_signing_alg_values_supported=["ES256", "none", "HS256"],
            authorization_response_iss_parameter_supported=True,
        )

    def _jwks(self) -> ResponseReturnValue:
        return jsonify(keys=[self.key.as_dict(private=False)])

    def _authorize(self) -> ResponseReturnValue:
        self.asked = request.args.to_dict()
        answer = {"state": self.asked["state"], "iss": self.issuer}
        if self.error:
            answer["error"] = self.error
        else:
            grant = Grant(
                client_id=self.asked["client_id"],
                sid=f"sid-{len(self.grants) + 1}",
                claims=dict(self.person),
                nonce=self.asked["nonce"],
                challenge=self.asked["code_challenge"],
                redirect_uri=self.asked["redirect_uri"],
            )
            self.grants.append(grant)
            answer["code"] = new_secret()
            self._codes[answer["code"]] = grant
        return redirect(f"{self.asked['redirect_uri']}?{urlencode(answer)}", 303)

    def _token(self) -> ResponseReturnValue:
        sent = request.form
        given = request.authorization
        if given is None or given.password != f"secret-of-{given.username}":
            return {"error": "invalid_client"}, 401
        if sent["grant_type"] == "authorization_code":
            grant = self._codes.pop(sent["code"], None)
            digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if grant is None or grant.challenge != challenge or grant.redirect_uri != sent["redirect_uri"]:
                return {"error": "invalid_grant"}, 400
            return self._issue(grant, with_id_token=True)
        self.refreshes += 1
        for grant in self.grants:
            if sent["refresh_token"] in grant.spent:
                self.reuses += 1
                grant.live = False
            if grant.live and grant.refresh_token == sent["refresh_token"]:
                grant.spent.add(grant.refresh_token)
                return self._issue(grant, with_id_token=False)
        return {"error": "invalid_grant"}, 400

    def _issue(self, grant: Grant, *, with_id_token: bool) -> ResponseReturnValue:
        now = self.clock.now()
        access_token = new_secret()
        grant.refresh_token = new_secret()
        self._access[access_token] = (grant, now + timedelta(seconds=self.lifetime))
        answer = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": self.lifetime,
            "refresh_token": grant.refresh_token,
        }
        if with_id_token:
            claims = {
                "iss": self.issuer,
                "aud": grant.client_id,
                "sub": grant.claims["sub"],
                "sid": grant.sid,
                "nonce": grant.nonce,
                "iat": epoch(now),
                "exp": epoch(now) + 600,
                "auth_time": epoch(now),
            }
            answer["id_token"] = self.sign(claims, {})
        return answer, 200, {"Cache-Control": "no-store"}

    def _userinfo(self) -> ResponseReturnValue:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        found = self._access.get(token)
        if found is None or not found[0].live or found[1] <= self.clock.now():
            return {"error": "invalid_token"}, 401
        grant = found[0]
        return jsonify({**self.person, "sub": grant.claims["sub"]} if self.person else {})

    def _logout(self) -> ResponseReturnValue:
        self.end_session()
        query = urlencode({"state": request.args.get("state", "")})
        return redirect(f"{request.args['post_logout_redirect_uri']}?{query}", 303)
