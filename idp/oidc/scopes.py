"""Scopes and the claims each stands for (OIDC Core §5.4; ours: education-sso profile)."""

from __future__ import annotations

from collections.abc import Iterable

OPENID = "openid"
OFFLINE = "offline_access"

SCOPE_CLAIMS: dict[str, tuple[str, ...]] = {
    "openid": (),
    "profile": (
        "name",
        "family_name",
        "given_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "updated_at",
    ),
    "email": ("email", "email_verified"),
    "phone": ("phone_number", "phone_number_verified"),
    "address": ("address",),
    "offline_access": (),
    "school": ("school", "grade"),
    "roles": ("roles",),
    "classes": ("classes",),
    "guardians": ("guardians",),
    "children": ("children",),
    "licences": ("licences",),
    "birthdate": ("birthdate",),
    "iin": ("iin",),
}
FEED = "feed:"
"""Before a kind of the feed, such as `feed:people`."""
RESOLVE_CARDS = "cards:resolve"
SIGNING = "signing:request"
MODULE_SCOPES = (
    SIGNING,
    RESOLVE_CARDS,
    *(
        f"{FEED}{kind}"
        for kind in ("people", "memberships", "classes", "guardianships", "consents", "cards", "calendar")
    ),
)
"""What a client may be approved to do in its own name at our own interfaces; they stand for no claim of a person."""
ME, ME_WRITE, ME_DATA, ADMIN = "me", "me:write", "me:data", "admin"
PERSON_SCOPES = (ME, ME_WRITE, ME_DATA, ADMIN)
"""What a person lets one of the operator's own apps do in their name at `/api/v1`; no claim stands behind them.

`me:data` is a copy of everything: apart, so that an app has it only where the operator wrote it down."""
IDENTITY_SCOPES = frozenset((*SCOPE_CLAIMS, *PERSON_SCOPES))
"""Of a person: a client never has them by itself (`client_credentials`)."""
ALL_CLAIMS = tuple(dict.fromkeys(claim for claims in SCOPE_CLAIMS.values() for claim in claims))
NAMED_ONLY = frozenset(
    (
        "birthdate",
        "gender",
        "picture",
        "phone_number",
        "phone_number_verified",
        "address",
        "guardians",
        "children",
        "iin",
    )
)
"""Released only when the operator approved them by name: nobody gets them by asking for a wide scope."""


def split(scope: str) -> tuple[str, ...]:
    """The distinct words of a `scope` parameter, in order (RFC 6749 §3.3)."""
    return tuple(dict.fromkeys(word for word in scope.split(" ") if word))


def claims_for(scopes: Iterable[str], approved: Iterable[str]) -> tuple[str, ...]:
    """Names of the claims that `scopes` ask for and the operator approved, in a stable order."""
    asked = {claim for scope in scopes for claim in SCOPE_CLAIMS.get(scope, ())}
    allowed = asked.intersection(approved)
    return tuple(claim for claim in ALL_CLAIMS if claim in allowed)


def has_only_scope_characters(word: str) -> bool:
    """RFC 6749 §3.3: printable ASCII without space, quote and backslash."""
    return bool(word) and all("!" <= letter <= "~" and letter not in '"\\' for letter in word)
