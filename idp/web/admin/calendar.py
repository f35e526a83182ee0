"""The calendar of a school, and the holidays of the country for the operator."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from idp.core.clock import local_date
from idp.services.forms import Wrong
from idp.services.school_calendar import LESSONS, SHIFTS
from idp.web import i18n
from idp.web.admin.door import Here, allows
from idp.web.admin.lists import exported
from idp.web.house import house

bp = Blueprint("admin_calendar", __name__, url_prefix="/admin")


@bp.get("/schools/<school_id>/calendar")
@allows("calendar.read")
def calendar(here: Here) -> str:
    return _show(here, "", {})


@bp.post("/schools/<school_id>/calendar/sessions")
@allows("calendar.write")
def add_session(here: Here) -> Response | tuple[str, int]:
    """A school year, or a term of one."""
    try:
        house().calendar.add_session(here.scope, here.actor.person_id, here.school_id, request.form)
    except Wrong as wrong:
        return _show(here, "session", wrong.fields), 400
    return _back(here)


@bp.post("/schools/<school_id>/calendar/sessions/<session_id>/end")
@allows("calendar.write")
def end_session(here: Here, session_id: str) -> Response:
    house().calendar.end_session(here.scope, here.actor.person_id, here.school_id, session_id)
    return _back(here)


@bp.post("/schools/<school_id>/calendar/copy")
@allows("calendar.write")
def copy(here: Here) -> Response | tuple[str, int]:
    """Last year's once more."""
    try:
        house().calendar.copy_year(here.scope, here.actor.person_id, here.school_id)
    except Wrong as wrong:
        return _show(here, "copy", wrong.fields), 400
    return _back(here)


@bp.post("/schools/<school_id>/calendar/days")
@allows("calendar.write")
def add_day(here: Here) -> Response | tuple[str, int]:
    try:
        house().calendar.add_day(here.scope, here.actor.person_id, here.school_id, request.form)
    except Wrong as wrong:
        return _show(here, "day", wrong.fields), 400
    return _back(here)


@bp.post("/schools/<school_id>/calendar/days/<day_id>/remove")
@allows("calendar.write")
def remove_day(here: Here, day_id: str) -> Response:
    house().calendar.remove_day(here.scope, here.actor.person_id, here.school_id, day_id)
    return _back(here)


@bp.route("/schools/<school_id>/calendar/bells/<shift>", methods=["GET", "POST"])
@allows("calendar.write")
def bells(here: Here, shift: str) -> str | Response | tuple[str, int]:
    """The lessons of one shift."""
    there = house().calendar.view(here.scope, here.school_id).bells.get(shift, ())
    values = {f"{side}{row['lesson']}": _time(row[side]) for row in there for side in ("begin", "end")}
    if request.method == "GET":
        return render_template("admin/bells.html", shift=shift, values=values, wrong={}, lessons=LESSONS)
    try:
        house().calendar.set_bells(here.scope, here.actor.person_id, here.school_id, shift, request.form)
    except Wrong as wrong:
        page = render_template(
            "admin/bells.html", shift=shift, values=request.form, wrong=wrong.fields, lessons=LESSONS
        )
        return page, 400
    return _back(here)


@bp.get("/holidays")
@allows("holidays.write")
def holidays(here: Here) -> str | Response:
    columns = [_("Name in Kazakh"), _("Name in Russian"), _("Kind"), _("First day"), _("Last day")]
    return exported(here, "holidays", columns, lambda: (
        (one["title"], one["title_ru"], one["kind"], one["begin"], one["end"])
        for one in house().calendar.national(here.scope, _asked_year())
    ), right="holidays.write") or _national(here, {})  # fmt: skip


@bp.post("/holidays")
@allows("holidays.write")
def add_holiday(here: Here) -> Response | tuple[str, int]:
    try:
        house().calendar.add_day(here.scope, here.actor.person_id, None, request.form)
    except Wrong as wrong:
        return _national(here, wrong.fields), 400
    year = request.form.get("begin", "")[:4]
    return redirect(url_for("admin_calendar.holidays", year=year, done="saved"), 303)


@bp.post("/holidays/<day_id>/remove")
@allows("holidays.write")
def remove_holiday(here: Here, day_id: str) -> Response:
    house().calendar.remove_day(here.scope, here.actor.person_id, None, day_id)
    return redirect(url_for("admin_calendar.holidays", year=request.form.get("year", "")[:4], done="saved"), 303)


def _national(here: Here, wrong: dict[str, str]) -> str:
    year = _asked_year()
    rows = house().calendar.national(here.scope, year)
    return render_template("admin/holidays.html", year=year, rows=rows, values=request.form, wrong=wrong)


def _asked_year() -> int:
    """This year, unless the address or the first day of a form names another."""
    asked = request.args.get("year", "") or request.form.get("begin", "")[:4]
    is_year = asked.isascii() and asked.isdigit() and len(asked) == 4 and 2000 <= int(asked) <= 2100
    return int(asked) if is_year else local_date(house().clock.now()).year


def _back(here: Here) -> Response:
    return redirect(url_for("admin_calendar.calendar", school_id=here.school_id, done="saved"), 303)


def _show(here: Here, form: str, wrong: dict[str, str]) -> str:
    view = house().calendar.view(
        here.scope, here.school_id, month=request.args.get("month", ""), language=i18n.language()
    )
    return render_template(
        "admin/calendar.html", view=view, form=form, wrong=wrong, values=request.form, shifts=SHIFTS, time=_time,
        may_change=here.actor.holds("calendar.write"),
    )  # fmt: skip


def _time(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
