"""Steps after a good signature: the password beside it, and the welcome of somebody new."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, session
from werkzeug.wrappers import Response as WerkzeugResponse

from idp.core.errors import Denied, Invalid, TooSoon
from idp.web.entrance import SECOND, WELCOME, later, minutes, next_step, start_again, visitor, waiting
from idp.web.house import house

bp = Blueprint("login_steps", __name__)


@bp.get("/login/second")
def second_page() -> Response:
    return _show_second()


@bp.post("/login/second")
def second() -> Response | WerkzeugResponse:
    """The password, or with `answer=no`: this is somebody else."""
    interaction_id = request.form.get("i", "")
    ticket, password = str(session.get(SECOND, "")), request.form.get("password", "")
    if request.form.get("answer") == "no":
        house().eds_login.disown(ticket, visitor())
        return start_again(interaction_id)
    try:
        result = house().eds_login.finish_second(ticket, password, visitor(interaction_id))
    except TooSoon as error:
        return _show_second(error="throttled", retry_after=error.retry_after, status=429)
    except Denied as error:
        if error.code == "link_expired":
            raise Invalid(error.description, code=error.code) from error
        if error.code != "login_failed":
            raise
        return _show_second(error="wrong", status=401)
    return next_step(result, interaction_id)


@bp.get("/login/welcome")
def welcome_page() -> str:
    interaction_id = request.args.get("i", "")
    waiting(interaction_id)
    shown = house().eds_login.welcome(str(session.get(WELCOME, "")), visitor(interaction_id))
    if shown is None:
        raise Invalid("this step is over", code="link_expired")
    return render_template(
        "login/welcome.html",
        names=shown.names,
        masked_iin=shown.masked_iin,
        role=shown.role,
        organisation=shown.organisation,
        school=shown.school,
        interaction_id=interaction_id,
    )


@bp.post("/login/welcome")
def welcome() -> WerkzeugResponse:
    """The newcomer agrees; nothing is typed, for the certificate says it all. `answer=no`: this is somebody else."""
    interaction_id, ticket = request.form.get("i", ""), str(session.get(WELCOME, ""))
    if request.form.get("answer") == "no":
        house().eds_login.disown(ticket, visitor())
        return start_again(interaction_id)
    try:
        result = house().eds_login.finish_welcome(ticket, visitor(interaction_id))
    except Denied as error:
        if error.code == "link_expired":
            raise Invalid(error.description, code=error.code) from error
        raise
    return next_step(result, interaction_id)


def _show_second(*, error: str = "", retry_after: int = 0, status: int = 200) -> Response:
    interaction_id = request.values.get("i", "")
    waiting(interaction_id)
    person = house().eds_login.second(str(session.get(SECOND, "")), visitor(interaction_id))
    if person is None:
        raise Invalid("this step is over", code="link_expired")
    page = render_template(
        "login/second_factor.html",
        person=person,
        error=error or None,
        retry_minutes=minutes(retry_after),
        interaction_id=interaction_id,
    )
    return later(page, status, retry_after)
