"""Consents in the account: what is asked about me and my children, reading it, saying yes or no, taking it back."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from idp.core import levels
from idp.core.errors import Conflict, Denied, Invalid, NotFound, Unavailable
from idp.services.acting import StepUp
from idp.services.consent_channels import Elsewhere
from idp.services.consent_document import WORDS, facts, language_of
from idp.services.consent_reading import Evidence
from idp.services.consent_signers import Hand
from idp.services.sessions import LiveSession
from idp.web import consent_files, i18n, step_up
from idp.web.account_door import person_session
from idp.web.house import house

bp = Blueprint("account_consents", __name__, url_prefix="/account/consents")
_WAYS = ("mfa", "eds", "kdp")


@bp.get("")
def consents() -> str:
    """Mine and my children's, by person and school."""
    session = _session()
    found = house().consent_desk.reading.everybody(session.person_id, language=i18n.language())
    return _page("account/consents.html", session, listed=found)


@bp.get("/<person_id>")
def one(person_id: str) -> str:
    """One person's, with everything that was ever answered."""
    session = _session()
    found = house().consent_desk.reading.about(session.person_id, person_id, language=i18n.language())
    return _page("account/consents_of.html", session, listed=found, subject_id=person_id)


@bp.get("/<person_id>/texts/<text_id>")
def text(person_id: str, text_id: str) -> str:
    return _text(_session(), person_id, text_id)


@bp.post("/<person_id>/texts/<text_id>")
def answer(person_id: str, text_id: str) -> str | Response | tuple[str, int]:
    """`answer` is one of the ways of saying yes, or `no`."""
    session = _session()
    said, language = request.form.get("answer", ""), request.form.get("text", "")
    hand, acts = _hand(session, language), house().consent_desk.acts
    try:
        if said == "no":
            record_id: str | Elsewhere = acts.decline(hand, person_id, text_id)
        elif said in _WAYS:
            record_id = acts.give(hand, person_id, text_id, channel=said)
        else:
            raise Invalid("no such answer")
    except StepUp as error:
        return step_up.ask(error.acr)
    except (Conflict, Denied, Unavailable) as error:
        try:
            return _text(session, person_id, text_id, error=error.code), 409
        except NotFound:
            return redirect(url_for("account_consents.one", person_id=person_id), 303)
    if isinstance(record_id, Elsewhere):
        return redirect(record_id.url, 303)
    return redirect(url_for("account_consents.record", person_id=person_id, record_id=record_id, done=1), 303)


@bp.get("/<person_id>/records/<record_id>")
def record(person_id: str, record_id: str) -> str:
    """One answer, its proof, and what can be done about it."""
    session = _session()
    return _record(session, house().consent_desk.reading.evidence(session.person_id, person_id, record_id))


@bp.post("/<person_id>/records/<record_id>/withdraw")
def withdraw(person_id: str, record_id: str) -> str | Response | tuple[str, int]:
    session = _session()
    try:
        house().consent_desk.withdrawals.withdraw(_hand(session), person_id, record_id)
    except StepUp as error:
        return step_up.ask(error.acr)
    except (Conflict, Denied) as error:
        shown = house().consent_desk.reading.evidence(session.person_id, person_id, record_id)
        return _record(session, shown, error=error.code), 409
    return redirect(url_for("account_consents.record", person_id=person_id, record_id=record_id), 303)


@bp.post("/<person_id>/records/<record_id>/acknowledge")
def acknowledge(person_id: str, record_id: str) -> Response:
    """A pupil of 14 to 17 has read it."""
    session = _session()
    if session.person_id != person_id:
        raise NotFound("no such consent")
    house().consent_desk.acts.acknowledge(_hand(session), record_id)
    return redirect(url_for("account_consents.record", person_id=person_id, record_id=record_id), 303)


@bp.get("/<person_id>/records/<record_id>/proof.json")
def proof(person_id: str, record_id: str) -> Response:
    shown = house().consent_desk.reading.evidence(_session().person_id, person_id, record_id)
    return consent_files.proof(shown)


@bp.get("/<person_id>/records/<record_id>/card.pdf")
def card(person_id: str, record_id: str) -> Response:
    shown = house().consent_desk.reading.evidence(_session().person_id, person_id, record_id)
    return consent_files.card(shown)


@bp.route("/state/<request_id>", methods=["GET", "POST"])
def state(request_id: str) -> str | Response:
    """What the state service says of a request of mine; a yes is recorded when it is seen here."""
    session, kdp = _session(), house().consent_desk.kdp
    if kdp is None:
        raise NotFound("the state service is not connected")
    answered = kdp.look(request_id)
    if answered.about["signer"] != session.person_id:
        raise NotFound("no such request")
    person_id = answered.about["person"]
    if request.method == "POST" and answered.state == "given":
        record_id = house().consent_desk.acts.collect(answered.about, answered.proof)
        return redirect(url_for("account_consents.record", person_id=person_id, record_id=record_id, done=1), 303)
    return _page("account/consent_state.html", session, answered=answered, request_id=request_id)


def _session() -> LiveSession:
    """Pupils with a badge read here too; what needs more asks for it when it is done."""
    return person_session(levels.PUPIL)


def _hand(session: LiveSession, language: str = "") -> Hand:
    return Hand(
        session.person_id, session.acr, tuple(session.amr), session.auth_time, session.id,
        language_of(language or i18n.language()),
    )  # fmt: skip


def _text(session: LiveSession, person_id: str, text_id: str, *, error: str = "") -> str:
    desk = house().consent_desk
    about, item = desk.reading.item(session.person_id, person_id, text_id, language=i18n.language())
    language = language_of(request.values.get("text", "") or i18n.language())
    off = {name: desk.acts.channel(name).why_off() for name in _WAYS}
    return _page(
        "account/consent_text.html",
        session,
        about=about,
        item=item,
        language=language,
        words=WORDS[language],
        facts=facts(item.text, language),
        off=off,
        is_strong=_hand(session).is_strong,
        error=error,
    )


def _record(session: LiveSession, shown: Evidence, *, error: str = "") -> str:
    return _page("account/consent_record.html", session, shown=shown, error=error, done=request.args.get("done") == "1")


def _page(template: str, session: LiveSession, **values: object) -> str:
    person = house().credentials.person(session.person_id)
    assert person is not None
    return render_template(template, person=person, **values)
