"""store/staging_gate: what the plan would do, and taking people out of it."""

from __future__ import annotations

from idp.services.roster_stage import open_staging
from idp.store import staging_gate


def test_people_who_are_left_out_keep_row_and_birth_date() -> None:
    staging = open_staging()
    staging.execute(
        "INSERT INTO rows_users (sourced_id, line, ended, family_name, target, action)"
        " VALUES ('p', 2, 0, 'С', 'person', 'changed'), ('n', 3, 0, 'Н', 'new', 'added')"
    )
    staging.execute(
        "INSERT INTO rows_demographics (sourced_id, line, ended, target, action) VALUES ('p', 2, 0, 'person', 'added')"
    )
    staging.execute(
        "INSERT INTO rows_roles (sourced_id, line, ended, user, org, role, owner, action)"
        " VALUES ('r', 2, 0, 'p', 's', 'principal', '', 'added')"
    )
    assert [row[1:] for batch in staging_gate.roles(staging) for row in batch] == [
        (2, "principal", "s", "added", "person", 0)
    ]
    assert [row[1:] for batch in staging_gate.people(staging) for row in batch] == [(2, "p", "С", "changed", "person")]
    assert list(staging_gate.demographics_alone(staging)) == []
    staging_gate.leave(staging, ["p"])
    assert list(staging_gate.people(staging)) == []
    staging.close()
