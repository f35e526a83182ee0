"""Each rule says what it takes out; together they reach every table that would grow for ever."""

from __future__ import annotations

from idp.services import feed_cursor
from idp.services.retention_rules import KEEP_CHANGES, rules
from idp.store.data_map import TABLES


def test_every_table_that_promises_retention_has_its_rule_and_the_other_way_round() -> None:
    promised = {table for table, facts in TABLES.items() if "(retention)" in facts.keep}
    assert promised == {rule.table for rule in rules(people_days=1)}


def test_changes_outlive_every_cursor_into_them() -> None:
    assert KEEP_CHANGES > feed_cursor.KEEP
