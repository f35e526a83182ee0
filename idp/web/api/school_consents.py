"""Campaigns for consents at /api/v1/schools/<school_id>/consents/campaigns: how far the school and each class is.

Numbers only; who has not answered stands in the console. A class teacher sees the own class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, jsonify, request

from idp.oidc.scopes import ADMIN
from idp.services.consent_campaigns import Count
from idp.web.admin.door import Here
from idp.web.api import token_door
from idp.web.api.person_door import Caller
from idp.web.api.rights_door import api_allows
from idp.web.api.school_lists import asked, cut, day, page
from idp.web.api.told import told
from idp.web.house import house

if TYPE_CHECKING:
    from idp.store.consent_campaigns import CampaignRow

bp = token_door.blueprint("api_school_consents", __name__)
_CAMPAIGNS = "/schools/<school_id>/consents/campaigns"


@bp.get(_CAMPAIGNS)
@told("Campaigns for consents, the newest first", answer="Campaigns", scope=ADMIN, query=("page", "limit"))
@api_allows("consents.read")
def campaigns(here: Here, who: Caller) -> Response:
    found = cut(house().consent_desk.campaigns.all(here.scope), asked())
    return page(here, who, "campaigns", "Campaign", found, lambda one: _campaign(*one))


@bp.get(f"{_CAMPAIGNS}/<campaign_id>")
@told("How far a campaign is, by class and by text", answer="Progress", scope=ADMIN, query=("class",))
@api_allows("consents.read")
def campaign(here: Here, who: Caller, campaign_id: str) -> Response:
    class_id = request.args.get("class", "")
    found = house().consent_desk.campaigns.progress(here.scope, campaign_id, class_id=class_id)
    return jsonify(who.shows("Progress", "", {
        **_campaign(found.campaign, found.state),
        "whole": _numbers(found.whole),
        "classes": [{"id": one.id, "title": one.title, **_numbers(one)} for one in found.classes],
        "texts": [
            {
                "id": one.id, "title": dict(one.title), "purpose": one.purpose, "recipient": one.recipient,
                "version": one.version, "states": dict(found.by_text.get(one.id, {})),
            }
            for one in found.texts
        ],
    }))  # fmt: skip


def _campaign(row: CampaignRow, state: str) -> dict[str, Any]:
    return {
        "id": row.id, "title": row.title, "begin": day(row.begin), "end": day(row.end), "state": state,
        "class_count": len(row.class_ids), "closed_at": day(row.closed_at),
    }  # fmt: skip


def _numbers(one: Count) -> dict[str, int]:
    return {"pupils": one.pupils, "answered": one.answered, "given": one.given}
