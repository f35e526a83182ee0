"""Services of a school at /api/v1/schools/<school_id>/services: what each receives and why, and its switch."""

from __future__ import annotations

from flask import Response

from idp.oidc.scopes import ADMIN
from idp.web import i18n
from idp.web.admin.door import Here
from idp.web.api import token_door
from idp.web.api.person_door import Caller
from idp.web.api.rights_door import api_allows
from idp.web.api.school_lists import asked, cut, day, page
from idp.web.api.told import told
from idp.web.house import house

bp = token_door.blueprint("api_school_services", __name__)
_SERVICES = "/schools/<school_id>/services"


@bp.get(_SERVICES)
@told("Services as the school has them, those that are on first", answer="Services", scope=ADMIN, query=("page", "limit"))  # fmt: skip  # noqa: E501
@api_allows("clients.read")
def services(here: Here, who: Caller) -> Response:
    found = cut(house().school_services.of(here.scope, language=i18n.language()), asked())
    return page(here, who, "services", "Service", found, lambda one: {
        "client_id": one.client_id, "name": one.name, "owner": one.owner, "purpose": one.purpose,
        "claims": list(one.claims), "basis": one.basis, "iin_basis": one.iin_basis, "end_date": day(one.end_date),
        "is_on": one.is_on, "since": day(one.since), "is_everywhere": one.is_everywhere,
        "last_used": day(one.last_used),
    })  # fmt: skip


@bp.post(f"{_SERVICES}/<client_id>/on")
@told("Switches a service on at the school; twice is as good as once", scope=ADMIN, status=204)
@api_allows("clients.switch")
def switch_on(here: Here, _who: Caller, client_id: str) -> tuple[str, int]:
    house().school_services.switch(here.scope, here.actor, client_id, is_on=True)
    return "", 204


@bp.post(f"{_SERVICES}/<client_id>/off")
@told("Switches a service off: felt in its next request; twice is as good as once", scope=ADMIN, status=204)
@api_allows("clients.switch")
def switch_off(here: Here, _who: Caller, client_id: str) -> tuple[str, int]:
    house().school_services.switch(here.scope, here.actor, client_id, is_on=False)
    return "", 204
