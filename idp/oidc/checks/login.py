"""Who is there, and since when, and how sure."""

from __future__ import annotations

from datetime import timedelta

from idp.core.levels import satisfies
from idp.jose.errors import BadToken
from idp.oidc.authorization import Authorization, Need
from idp.oidc.errors import InvalidRequest, LoginRequired
from idp.oidc.id_token import read_hint


def hint_is_ours(auth: Authorization) -> None:
    """`id_token_hint` was signed by us for this client; it may have expired (OIDC Core §3.1.2.1)."""
    unverified_hint = auth.params.get("id_token_hint")
    if not unverified_hint:
        return
    try:
        hint = read_hint(auth.server, unverified_hint)
    except BadToken as error:
        raise InvalidRequest("id_token_hint is not an ID token of ours", detail=str(error)) from error
    if hint.client_id != auth.client.client_id:
        raise InvalidRequest("id_token_hint was issued to another client")
    auth.hint_sub = hint.sub


def level_asked(auth: Authorization) -> None:
    """`acr_values`, else what the client registered as its default (OIDC Core §3.1.2.1, Registration §2)."""
    auth.acr_values = tuple(auth.params.get("acr_values").split()) or tuple(auth.client.default_acr_values)


def present(auth: Authorization) -> Need | None:
    """Somebody is signed in in this browser."""
    return Need.LOGIN if auth.session_or_none is None else None


def as_hinted(auth: Authorization) -> Need | None:
    """Somebody else than the hint names is not an answer (OIDC Core §3.1.2.2: login_required)."""
    if not auth.hint_sub:
        return None
    sub = auth.server.subjects.sub(auth.client.record.sector, auth.session.person_id)
    if sub == auth.hint_sub:
        return None
    if auth.has_signed_in_since:
        raise LoginRequired("another person than the hint names has signed in")
    return Need.LOGIN


def fresh(auth: Authorization) -> Need | None:
    """`prompt=login` and `select_account` want a sign-in now, `max_age` one not long ago (OIDC Core §3.1.2.1)."""
    if auth.has_signed_in_since:
        return None
    if not auth.prompts.isdisjoint(("login", "select_account")):
        return Need.LOGIN
    if auth.max_age is not None and auth.now - auth.session.auth_time > timedelta(seconds=auth.max_age):
        return Need.LOGIN
    return None


def strong(auth: Authorization) -> Need | None:
    """A level at least as high as one of those asked for. Voluntary (OIDC Core §3.1.2.1): after one try the token
    says what was reached, and the client decides."""
    if satisfies(auth.session.acr, auth.acr_values) or auth.has_signed_in_since:
        return None
    return Need.LOGIN
