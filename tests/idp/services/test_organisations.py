"""Organisations: the tree, who may stand below whom, and what a director settles."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from idp.core.clock import FixedClock
from idp.core.errors import NotFound
from idp.services import scope
from idp.services.forms import Wrong
from idp.services.listing import Asked
from idp.services.organisations import Organisations
from idp.store.models.audit import AuditEvent
from idp.store.models.org import Organisation
from idp.store.session import UnitOfWork
from tests.factories.rows import add_membership, add_person, add_school


@pytest.fixture
def ground(uow: UnitOfWork, clock: FixedClock) -> dict[str, Any]:
    with uow.write() as tx:
        ministry = add_school(tx, "Министрлік", type="ministry")
        region = add_school(tx, "Абай облысы", type="department", parent_id=ministry)
        district = add_school(tx, "Көктөбе ауданы", type="district", parent_id=region)
        school = add_school(tx, "№ 12 мектеп", parent_id=district, name_ru="Школа № 12", identifier="960940000011")
        other = add_school(tx, "Әлия мектебі", parent_id=district)
        for name, role in (("a", "pupil"), ("b", "pupil"), ("c", "teacher"), ("d", "guardian")):
            add_membership(tx, add_person(tx, name), school, role)
    ids = {"ministry": ministry, "region": region, "district": district, "school": school, "other": other}
    return ids | {"service": Organisations(uow, clock), "scope": scope.of_operator(tuple(ids.values()))}


def _form(**fields: str) -> dict[str, str]:
    return {"type": "secondary", "name": "№ 7 мектеп", **fields}


def test_the_tree_is_in_order_and_counts_in_one_query(ground: dict[str, Any]) -> None:
    found = ground["service"].listed(ground["scope"], Asked(), language="ru")
    assert [(line.name, line.depth) for line in found.rows] == [
        ("Министрлік", 0), ("Абай облысы", 1), ("Көктөбе ауданы", 2), ("Әлия мектебі", 3), ("Школа № 12", 3),
    ]  # fmt: skip
    assert [(line.pupils, line.staff) for line in found.rows][-1] == (2, 1)
    by_word = ground["service"].listed(ground["scope"], Asked(words="алия"))
    assert [line.name for line in by_word.rows] == ["Әлия мектебі"]
    by_type = ground["service"].listed(ground["scope"], Asked(filters={"type": "district"}))
    assert (by_type.total, by_type.rows[0].parent) == (1, "Абай облысы")
    alone = ground["service"].listed(scope.of_operator((ground["school"],)), Asked())
    assert [line.depth for line in alone.rows] == [0]


def test_a_ring_in_the_data_is_shown_and_holds_nothing_up(ground: dict[str, Any], uow: UnitOfWork) -> None:
    with uow.write() as tx:
        statement = update(Organisation).where(Organisation.id == ground["ministry"])
        tx.connection.execute(statement.values(parent_id=ground["district"]))
    assert ground["service"].listed(ground["scope"], Asked()).total == 5
    assert len({line.id for line in ground["service"].listed(ground["scope"], Asked()).rows}) == 5


@pytest.mark.parametrize(
    ("moved", "kind", "below", "wrong"),
    [
        ("region", "department", "district", {"parent_id": "cycle"}),
        ("district", "district", "district", {"parent_id": "cycle"}),
        ("district", "district", "school", {"parent_id": "cycle"}),
        ("school", "secondary", "other", {"parent_id": "order"}),
        ("district", "secondary", "region", {"type": "order"}),
        ("school", "nonsense", "district", {"type": "unknown", "parent_id": "order"}),
        ("school", "secondary", "nowhere", {"parent_id": "missing"}),
    ],
)
def test_nothing_is_moved_under_its_own_or_out_of_order(
    ground: dict[str, Any], moved: str, kind: str, below: str, wrong: dict[str, str]
) -> None:
    form = _form(type=kind, parent_id=ground.get(below, "0" * 32))
    with pytest.raises(Wrong) as refused:
        ground["service"].change(ground["scope"], "op", ground[moved], form)
    assert refused.value.fields == wrong


def test_an_organisation_is_added_moved_and_closed(ground: dict[str, Any], uow: UnitOfWork) -> None:
    service, reach = ground["service"], ground["scope"]
    form = _form(parent_id=ground["district"], identifier="190940000123", email="a@b.kz", site="https://a.edu.kz")
    new = service.add(reach, "op", form)
    with uow.read() as tx:
        details = tx.connection.execute(select(Organisation.details).where(Organisation.id == new)).scalar_one()
    assert details["email"] == "a@b.kz"
    for fields, wrong in (
        ({"identifier": "960940000011"}, {"identifier": "taken"}), ({"identifier": "12"}, {"identifier": "format"}),
        ({"email": "nobody"}, {"email": "format"}), ({"site": "javascript:1"}, {"site": "format"}),
        ({"name": ""}, {"name": "missing"}),
    ):  # fmt: skip
        with pytest.raises(Wrong) as refused:
            service.add(reach, "op", form | {"identifier": ""} | fields)
        assert refused.value.fields == wrong
    wide = scope.of_operator((*reach.schools, new))
    service.change(wide, "op", new, form | {"parent_id": ground["region"], "status": "ended"})
    row = service.details(wide, new)
    assert (row["parent_id"], row["status"]) == (ground["region"], "ended")
    assert new not in {one for one, _ in service.parents(wide)}
    assert {one for one, _ in service.parents(wide, but=ground["region"])} == {ground["ministry"]}
    with pytest.raises(NotFound):
        service.change(reach, "op", new, form)


def test_the_top_of_what_an_operator_reaches_stays_where_it_is(ground: dict[str, Any]) -> None:
    reach = scope.of_operator((ground["district"], ground["school"]))
    form = {"type": "district", "name": "Көктөбе ауданы", "parent_id": ground["school"]}
    ground["service"].change(reach, "op", ground["district"], form)
    assert ground["service"].details(reach, ground["district"])["parent_id"] == ground["region"]


def test_a_director_settles_the_second_factor(ground: dict[str, Any], uow: UnitOfWork) -> None:
    here = scope.of_person("boss", "director", (ground["school"],))
    ground["service"].set_up(here, "boss", ground["school"], {"second_factor": "staff", "phone": "+7 701"})
    row = ground["service"].details(here, ground["school"])
    assert (row["second_factor"], row["details"]["phone"]) == ("staff", "+7 701")
    ground["service"].set_up(here, "boss", ground["school"], {"second_factor": "staff", "phone": "+7 701"})
    with uow.read() as tx:
        events = tx.connection.execute(select(AuditEvent.event, AuditEvent.data)).all()
    assert [tuple(row) for row in events] == [
        ("school_settings_changed", {"fields": ["details", "second_factor"], "second_factor": "staff"})
    ]
    with pytest.raises(Wrong):
        ground["service"].set_up(here, "boss", ground["school"], {"second_factor": "whoever"})
    with pytest.raises(NotFound):
        ground["service"].set_up(here, "boss", ground["other"], {"second_factor": ""})
