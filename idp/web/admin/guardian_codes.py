"""Codes for a parents' meeting: made for a class, printed once, void again when a sheet is lost."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from idp.core.errors import NotFound
from idp.web.admin.door import Here, allows
from idp.web.admin.lists import counted
from idp.web.house import house
from idp.web.qr import qr_svg

bp = Blueprint("admin_guardian_codes", __name__, url_prefix="/admin/schools/<school_id>/guardians/codes")


@bp.get("")
@allows("guardians.invite")
def classes(here: Here) -> str:
    return _page(here)


@bp.post("")
@allows("guardians.invite")
def make(here: Here) -> str | tuple[str, int]:
    """The sheet itself: what is shown here is kept nowhere, and pressing again makes other codes."""
    try:
        sheet = house().guardian_codes.make(here.scope, here.school_id, request.form.get("class", ""))
    except NotFound as error:
        return _page(here, error.code), 422
    address = f"{house().issuer}{url_for('account_children.add')}"
    return render_template(
        "admin/guardian_code_sheet.html", sheet=sheet, address=address, qr=qr_svg(address),
        shown_people=counted(sheet.slips),
    )  # fmt: skip


@bp.post("/revoke")
@allows("guardians.invite")
def revoke(here: Here) -> Response:
    count = house().guardian_codes.revoke(here.scope, here.school_id, request.form.get("class", ""))
    return redirect(url_for("admin_guardian_codes.classes", school_id=here.school_id, revoked=count), 303)


def _page(here: Here, error: str = "") -> str:
    revoked = request.args.get("revoked", "")
    return render_template(
        "admin/guardian_codes.html",
        classes=house().guardian_codes.classes(here.scope),
        error=error,
        revoked=int(revoked) if revoked.isascii() and revoked.isdigit() and len(revoked) < 6 else None,
    )
