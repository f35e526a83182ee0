"""/api/v1/me/consents and …/me/children/<sub>/consents: what is asked, what was answered, a yes, a no, taking back.

A yes needs two factors a moment ago (Digital Code art. 46(4)): the grant behind the token must say so, else the app is
told to send the person to sign in again (RFC 9470).
"""

from __future__ import annotations

from flask import Response, jsonify

from idp.core.errors import Invalid, NotFound
from idp.oidc.scopes import ME, ME_WRITE
from idp.services.consent_channels import Elsewhere
from idp.web import i18n
from idp.web.api import shapes, token_door
from idp.web.api.me import members
from idp.web.api.person_door import Caller, caller
from idp.web.api.told import told
from idp.web.house import house

bp = token_door.blueprint("api_me_consents", __name__)
_OWN = "/me/consents"
_CHILD = "/me/children/<sub>/consents"
_WAYS = ("mfa", "eds", "kdp")
Answer = tuple[Response, int]


@bp.get(_OWN)
@told("Texts that are asked of the person, and every answer", answer="Consents", scope=ME)
def own() -> Response:
    who = caller()
    return _listed(who, who.person_id)


@bp.get(_CHILD)
@told("Texts that are asked about the child, and every answer", answer="Consents", scope=ME)
def of_child(sub: str) -> Response:
    who = caller()
    return _listed(who, who.open_child(sub).person_id)


@bp.post(_OWN)
@told("Answers a text for oneself; twice is as good as once", answer="Consent", scope=ME_WRITE, body="ConsentAnswer", status=201)  # fmt: skip  # noqa: E501
def answer_own() -> Answer:
    who = caller(ME_WRITE)
    return _answer(who, who.person_id)


@bp.post(_CHILD)
@told("Answers a text for the child; twice is as good as once", answer="Consent", scope=ME_WRITE, body="ConsentAnswer", status=201)  # fmt: skip  # noqa: E501
def answer_for_child(sub: str) -> Answer:
    who = caller(ME_WRITE)
    return _answer(who, who.open_child(sub).person_id)


@bp.post(f"{_OWN}/<consent_id>/withdraw")
@told("Takes an own consent back; `stop_by` says when dependent work has ended", answer="Consent", scope=ME_WRITE)
def withdraw_own(consent_id: str) -> Response:
    who = caller(ME_WRITE)
    return _withdraw(who, who.person_id, consent_id)


@bp.post(f"{_CHILD}/<consent_id>/withdraw")
@told("Takes a consent about the child back, whichever guardian gave it", answer="Consent", scope=ME_WRITE)
def withdraw_for_child(sub: str, consent_id: str) -> Response:
    who = caller(ME_WRITE)
    return _withdraw(who, who.open_child(sub).person_id, consent_id)


@bp.post(f"{_OWN}/<consent_id>/acknowledge")
@told("A pupil of 14 to 17 has read what a guardian answered", answer="Consent", scope=ME_WRITE)
def acknowledge(consent_id: str) -> Response:
    who = caller(ME_WRITE)
    record_id = _known(who, who.person_id, consent_id)
    house().consent_desk.acts.acknowledge(who.hand(), record_id)
    return _shown(who, who.person_id, record_id)


def _listed(who: Caller, person_id: str) -> Response:
    found = house().consent_desk.reading.about(who.person_id, person_id, language=i18n.language())
    return who.answers(who.shows("Consents", person_id, shapes.consents(who, found)))


def _answer(who: Caller, person_id: str) -> Answer:
    sent = members(("text", "answer"), ("channel", "language"))
    acts, channel = house().consent_desk.acts, sent.get("channel", "mfa")
    if sent["answer"] not in ("yes", "no") or channel not in _WAYS or sent.get("language", "kk") not in i18n.LANGUAGES:
        raise Invalid("answer is yes or no, channel one of mfa, eds, kdp, language one of kk, ru, en")
    hand = who.hand(sent.get("language", ""))
    if sent["answer"] == "no":
        given: str | Elsewhere = acts.decline(hand, person_id, sent["text"])
    else:
        given = acts.give(hand, person_id, sent["text"], channel=channel)
    if isinstance(given, Elsewhere):
        address = house().oidc.url(given.url) if given.url.startswith("/") else given.url
        return jsonify(continue_uri=address), 202
    return _shown(who, person_id, given), 201


def _withdraw(who: Caller, person_id: str, consent_id: str) -> Response:
    row = house().consent_desk.withdrawals.withdraw(who.hand(), person_id, _known(who, person_id, consent_id))
    return who.answers(who.shows("Consent", person_id, shapes.consent(who, row)))


def _known(who: Caller, person_id: str, consent_id: str) -> str:
    """The record that this client knows by such an id. Raises NotFound."""
    for about in house().consent_desk.reading.about(who.person_id, person_id):
        for row in about.history:
            if who.id_of("consents", row.id) == consent_id:
                return row.id
    who.refused("consent")
    raise NotFound("no such consent")


def _shown(who: Caller, person_id: str, record_id: str) -> Response:
    shown = house().consent_desk.reading.evidence(who.person_id, person_id, record_id)
    return who.answers(who.shows("Consent", person_id, shapes.consent(who, shown.record)))
