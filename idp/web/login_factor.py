"""The second step after a good password: asked for, or set up by who must have one and has none."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from idp.core.errors import Denied, Invalid, TooSoon
from idp.services.factors import RECOVERY, Setting
from idp.services.second_step import Step
from idp.web.entrance import FACTOR, later, minutes, next_step, start_again, visitor, waiting, with_interaction
from idp.web.house import house
from idp.web.qr import qr_svg

bp = Blueprint("login_factor", __name__)


@bp.get("/login/factor")
def page() -> Response | WerkzeugResponse:
    interaction_id = request.args.get("i", "")
    step = _step(interaction_id)
    if not step.ways:
        return redirect(with_interaction(url_for("login_factor.setup_page"), interaction_id), 303)
    return _show(step)


@bp.post("/login/factor")
def answer() -> Response | WerkzeugResponse:
    """`way` and its answer (`code` or `response`); `answer` is `no` for somebody else, `skip` to go on without."""
    interaction_id, form = request.form.get("i", ""), request.form
    if form.get("answer") == "no":
        house().sign_in.second.disown(_ticket(), visitor())
        return start_again(interaction_id)
    if form.get("answer") == "skip":
        return _skip(interaction_id)
    step, way = _step(interaction_id), form.get("way", "")
    fields = {name: form.get(name, "") for name in ("code", "response")}
    try:
        opened = house().sign_in.second.finish(_ticket(), way, fields, visitor(interaction_id))
    except TooSoon as error:
        return _show(step, error="throttled", retry_after=error.retry_after, status=429)
    except Denied as error:
        if error.code != "login_failed":
            raise Invalid(error.description, code=error.code) from error
        return _show(step, error="wrong", status=401)
    # A recovery code lets in to set up what was lost, before anything else that waits.
    return next_step(opened, interaction_id, place=_recovered(interaction_id) if way == RECOVERY else "")


@bp.get("/login/factor/setup")
def setup_page() -> Response:
    """The choice; `way=totp` or `way=passkey` shows one."""
    step, way = _step(request.args.get("i", "")), request.args.get("way", "")
    if step.ways:
        raise Invalid("there is a second step already", code="link_expired")
    if step.instead:
        return _show_setup(step, "")
    if way == "totp":
        return _show_setup(step, way, setting=house().sign_in.second.begin_first_totp(_ticket(), visitor()))
    return _show_setup(step, way if way == "passkey" else "")


@bp.post("/login/factor/setup")
def setup() -> Response | WerkzeugResponse:
    interaction_id, form = request.form.get("i", ""), request.form
    step, second = _step(interaction_id), house().sign_in.second
    fields = {name: form.get(name, "") for name in ("response", "label", "setting", "code")}
    try:
        opened = second.finish_first(_ticket(), fields, visitor(interaction_id))
    except Denied as error:
        if error.code != "enrolment_refused":
            raise Invalid(error.description, code=error.code) from error
        if fields["response"]:
            return _show_setup(step, "passkey", error="wrong", status=422)
        setting = second.first_totp(_ticket(), fields["setting"], visitor())
        return _show_setup(step, "totp", setting=setting, error="wrong", status=422)
    return next_step(opened, interaction_id)


def _skip(interaction_id: str) -> WerkzeugResponse:
    try:
        opened = house().sign_in.second.skip(_ticket(), visitor(interaction_id))
    except Denied as error:
        raise Invalid(error.description, code="link_expired") from error
    return next_step(opened, interaction_id)


def _ticket() -> str:
    return str(session.get(FACTOR, ""))


def _step(interaction_id: str) -> Step:
    waiting(interaction_id)
    step = house().sign_in.second.step(_ticket(), visitor(interaction_id))
    if step is None:
        raise Invalid("this step is over", code="link_expired")
    return step


def _recovered(interaction_id: str) -> str:
    """What waits is named along, so that one can go on to it from there."""
    return url_for("account_security.page", recovered=1, i=interaction_id or None)


def _show(step: Step, *, error: str = "", retry_after: int = 0, status: int = 200) -> Response:
    wanted = request.values.get("way", "")
    way = wanted if wanted in step.ways else step.ways[0]
    page = render_template(
        "login/factor.html",
        person=step.person,
        way=way,
        ways=[one for one in step.ways if one != way],
        may_skip=step.may_skip,
        options=house().sign_in.second.begin_passkey(_ticket(), visitor()) if way == "passkey" else "",
        error=error,
        retry_minutes=minutes(retry_after),
        interaction_id=request.values.get("i", ""),
    )
    return later(page, status, retry_after)


def _show_setup(
    step: Step, way: str, *, setting: Setting | None = None, error: str = "", status: int = 200
) -> Response:
    login = house().login
    page = render_template(
        "login/factor_setup.html",
        instead=step.instead,
        signing=[name for name in ("eds_ncalayer", "eds_egov_mobile") if not login.why_off(name)],
        person=step.person,
        way=way,
        may_skip=step.may_skip,
        setting=setting,
        qr_svg=qr_svg(setting.uri) if setting else "",
        options=house().sign_in.second.begin_first_passkey(_ticket(), visitor()) if way == "passkey" else "",
        error=error,
        interaction_id=request.values.get("i", ""),
    )
    return later(page, status, 0)
