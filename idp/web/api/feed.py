"""The feed, photos of people in it, and whose card a reader holds: for modules, with tokens of their own."""

from __future__ import annotations

from flask import Response, jsonify, make_response, request

from idp.core.errors import Invalid, NotFound
from idp.oidc.scopes import FEED, RESOLVE_CARDS
from idp.services.feed import USUAL
from idp.services.feed_cursor import CursorTooOld
from idp.services.feed_fields import FIELDS
from idp.web.api import token_door
from idp.web.api.told import told
from idp.web.errors import api_problem
from idp.web.house import house

bp = token_door.blueprint("api_feed", __name__)


@bp.get("/feed/<kind>")
@told("Snapshot, changes and tombstones of one kind", answer="FeedPage", scope=f"{FEED}<kind>", by="client", query=("school", "after", "limit"))  # fmt: skip  # noqa: E501
def read(kind: str) -> Response:
    """{kind, records, cursor, more, snapshot, as_of}: see docs/reference/feed.md."""
    if kind not in FIELDS:
        raise NotFound("no such kind")
    client = token_door.client(f"{FEED}{kind}")
    limit = request.args.get("limit", str(USUAL))
    if not (limit.isascii() and limit.isdigit() and len(limit) < 6):
        raise Invalid("limit must be a number")
    page = house().feed.page(
        client, kind, school_id=_school(), after=request.args.get("after", ""), limit=int(limit)
    )  # fmt: skip
    return jsonify(
        kind=page.kind,
        records=list(page.records),
        cursor=page.cursor,
        more=page.has_more,
        snapshot=page.is_snapshot,
        as_of=page.as_of.isoformat(),
    )


@bp.get("/people/<sub>/photo")
@told("Picture of somebody in the feed", scope=f"{FEED}people", by="client", query=("of", "school"), media="image/jpeg")
def photo(sub: str) -> Response:
    """The picture of somebody whom the feed tells this client of, at the address that stands in their record."""
    client = token_door.client(f"{FEED}people")
    answer = make_response(house().feed.photo(client, sub, request.args.get("of", ""), school_id=_school()))
    answer.headers["Content-Type"] = "image/jpeg"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/cards/resolve")
@told("Whose card a reader holds", answer="CardAnswer", body="CardQuestion", scope=RESOLVE_CARDS, by="client")
def resolve_card() -> Response:
    """{number, school, format?} gives {card, sub, school, state}. Posted, for a number belongs into no address."""
    client = token_door.client(RESOLVE_CARDS)
    sent = token_door.body()
    if not isinstance(sent, dict) or not all(isinstance(value, str) for value in sent.values()):
        raise Invalid("number and school are needed, as texts")
    unknown = set(sent) - {"number", "school", "format"}
    if unknown or not sent.get("number") or not sent.get("school"):
        raise Invalid("number and school are needed, format may be given, and nothing else")
    return jsonify(
        house().reader_cards.resolve(client, sent["school"], sent["number"], sent.get("format", ""))
    )  # fmt: skip


def _school() -> str:
    return request.args.get("school", "")


@bp.errorhandler(CursorTooOld)
def _too_old(error: CursorTooOld) -> Response:
    return api_problem(error.code, 410, description=error.description)
