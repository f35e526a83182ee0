"""A drill tells a whole copy from one that would fail when it is needed."""

from __future__ import annotations

from idp.core.clock import FixedClock
from idp.core.errors import Unavailable
from idp.services.audit_check import Report
from idp.services.restore_drill import look
from idp.store import audit, credentials, keys
from idp.store.session import UnitOfWork
from tests.factories.rows import add_person


def _report(*problems: str) -> Report:
    report = Report(links=3)
    for problem in problems:
        report.add(problem, "x", seq=2)
    return report


def _sealed(use: str) -> bytes:
    raise Unavailable("keys cannot be opened")


def test_a_whole_copy_has_no_problem_and_a_bad_one_names_each(uow: UnitOfWork, clock: FixedClock) -> None:
    empty = look(uow, check_ready=lambda: "keys", secret=_sealed, verify=lambda: _report("gap"))
    assert {"not fit to serve: keys", "no rows in people", "audit trail: gap at link 2: x"} < set(empty.problems)
    assert any("secret iin_seal" in problem for problem in empty.problems)
    with uow.write() as tx:
        person = add_person(tx)
        credentials.replace(tx, "password", [(person, {"hash": "x"})], must_change=False, now=clock.now())
        audit.record(tx, event="login", now=clock.now(), person_id=person)
        times = {"now": clock.now(), "active_from": clock.now()}
        keys.add(tx, kid="k", use="sign", alg="ES256", sealed=b"", state="active", **times)
    whole = look(uow, check_ready=lambda: "", secret=lambda _use: b"x", verify=_report, live=uow)
    assert (whole.problems, whole.counts["people"], whole.links) == ([], (1, 1), 3)
    assert whole.newest_event == clock.now()
