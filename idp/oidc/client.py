"""A client as the engine sees it: its record with the metadata read by name (RFC 7591 §2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from idp.oidc.ports import ClientRecord


class Client:
    """Reads metadata when asked: a request needs few of its members, and rows are read on every one."""

    def __init__(self, record: ClientRecord) -> None:
        self.record = record
        self.client_id = record.client_id
        self._metadata: Mapping[str, Any] = record.metadata

    @property
    def redirect_uris(self) -> Sequence[str]:
        return self._metadata.get("redirect_uris") or ()

    @property
    def auth_method(self) -> str:
        """RFC 7591 §2: `client_secret_basic` when nothing is registered."""
        return str(self._metadata.get("token_endpoint_auth_method") or "client_secret_basic")

    @property
    def is_public(self) -> bool:
        return self.auth_method == "none"

    @property
    def grant_types(self) -> Sequence[str]:
        return self._metadata.get("grant_types") or ("authorization_code",)

    @property
    def response_types(self) -> Sequence[str]:
        return self._metadata.get("response_types") or ("code",)

    @property
    def is_native(self) -> bool:
        return self._metadata.get("application_type") == "native"

    @property
    def id_token_alg(self) -> str:
        return str(self._metadata.get("id_token_signed_response_alg") or "ES256")

    @property
    def assertion_algs(self) -> Sequence[str]:
        """What its assertions may be signed with: the one it registered, or any that we speak."""
        named = self._metadata.get("token_endpoint_auth_signing_alg")
        return (str(named),) if named else ("ES256", "PS256", "RS256")

    @property
    def accepts_token_endpoint_audience(self) -> bool:
        """RFC 10070 wants the issuer as `aud`; older libraries send the token endpoint, if the operator allows it."""
        return self._metadata.get("bilim_assertion_audience") == "token_endpoint"

    @property
    def jwks(self) -> Mapping[str, Any] | None:
        return self._metadata.get("jwks")

    @property
    def jwks_uri(self) -> str:
        return str(self._metadata.get("jwks_uri") or "")

    @property
    def post_logout_redirect_uris(self) -> Sequence[str]:
        return self._metadata.get("post_logout_redirect_uris") or ()

    @property
    def default_max_age(self) -> int | None:
        value = self._metadata.get("default_max_age")
        return value if isinstance(value, int) else None

    @property
    def default_acr_values(self) -> Sequence[str]:
        return self._metadata.get("default_acr_values") or ()

    @property
    def rotates_refresh_tokens(self) -> bool:
        """Always for public clients (RFC 9700 §4.14.2); a confidential one may have it off (FAPI 2.0 §5.3.2.1)."""
        return self.is_public or self._metadata.get("bilim_refresh_rotation") is not False

    @property
    def demands_pkce(self) -> bool:
        """Every profile but `legacy`, and every public client whatever its profile (RFC 9700 §2.1.1)."""
        return self.record.profile != "legacy" or self.is_public

    @property
    def basis(self) -> str:
        """On what it receives data: `consent` of the person, `school` that switched it on, or the operator's `contract`
        for its own modules (order-456 reference, D7)."""
        if self.record.consent != "implicit":
            return "consent"
        return "contract" if self.record.all_schools else "school"

    @property
    def iin_basis(self) -> str:
        """The legal basis for receiving ИИН, recorded by the operator (R13.5); without it none is released."""
        return str(self._metadata.get("bilim_iin_basis") or "")

    @cached_property
    def approved_claims(self) -> tuple[str, ...]:
        """What the operator approved; ИИН only beside its basis."""
        return tuple(name for name in self.record.approved_claims if name != "iin" or self.iin_basis)

    @cached_property
    def approved_scopes(self) -> frozenset[str]:
        return frozenset(self.record.approved_scopes)

    def is_in_force(self, today: date) -> bool:
        """Neither switched off nor past its end date (order-456 reference R2.1); the end date is its last day."""
        end = self.record.end_date
        return not self.record.is_disabled and (end is None or today <= end)

    def text(self, name: str, language: str = "") -> str:
        """A displayed member, in `language` when the client gave one (RFC 7591 §2.2), else plain."""
        return str(self._metadata.get(f"{name}#{language}") or self._metadata.get(name) or "")
