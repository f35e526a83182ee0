"""A table that is not declared fails here: whoever adds one says whether it holds something about people."""

from __future__ import annotations

from idp.services.my_data import PURPOSES
from idp.store import models
from idp.store.base import Base
from idp.store.my_data import KEPT, LEFT_OUT

assert models  # importing them fills the metadata


def test_every_table_is_copied_or_left_out_for_a_reason() -> None:
    assert not KEPT.keys() & LEFT_OUT.keys()
    assert sorted(KEPT.keys() | LEFT_OUT.keys()) == sorted(Base.metadata.tables)
    assert all(LEFT_OUT.values())


def test_what_is_declared_exists() -> None:
    for name, kept in KEPT.items():
        columns = set(Base.metadata.tables[name].c.keys())
        named = {*kept.by, *kept.secret, *kept.private, *({kept.owner} - {""})}
        assert named <= columns, name
        assert kept.group in PURPOSES


def test_columns_that_name_a_person_find_their_rows() -> None:
    """A second reference to people must not be forgotten: who is named in a row gets it."""
    apart = {"people": {"merged_into_id"}}
    for name, kept in KEPT.items():
        columns = {
            column.name
            for column in Base.metadata.tables[name].c
            if any(key.target_fullname == "people.id" for key in column.foreign_keys)
        }
        assert columns - apart.get(name, set()) <= set(kept.by), name


def test_nothing_that_opens_something_is_copied() -> None:
    """Hashes and sealed values are named by their columns."""
    for name, kept in KEPT.items():
        for column in Base.metadata.tables[name].c:
            is_secret = column.name.endswith(("_hash", "_sealed", "_lookup")) or column.name == "sealed"
            assert not is_secret or column.name in kept.secret, f"{name}.{column.name}"
