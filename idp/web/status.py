"""Whether we work, in words, for anybody; planned work with its times; and the banner that tells of it beforehand."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template, request

from idp.web.house import house

bp = Blueprint("status", __name__)
_SHOWN_ON = ("login", "login_eds", "login_steps", "account")


def init(app: Flask) -> None:
    app.context_processor(_context)


@bp.get("/status")
def page() -> str:
    """Says nothing that helps to attack: parts by what people use them for, working or not."""
    trouble = house().check_ready()
    maintenance = house().protection.maintenance
    has_database = trouble != "database"
    parts = [
        ("sign_in", not trouble),
        ("data", has_database),
        ("services", not trouble),
    ]
    return render_template(
        "status.html",
        parts=parts,
        announced=maintenance.upcoming() if has_database else (),
        away=maintenance.away() if has_database else [],
        checked=house().clock.now(),
    )


def _context() -> dict[str, object]:
    """`planned_work` on pages of the sign-in and the account, from three days before it begins."""
    if not (request.blueprint or "").startswith(_SHOWN_ON):
        return {}
    return {"planned_work": house().protection.maintenance.banner()}
