"""Roster import: a bundle is staged, checked as a whole, planned, and applied in one transaction or not at all.

roster_stage → roster_checks → roster_plan → roster_apply
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict
from idp.core.ids import new_id
from idp.core.scope import Scope
from idp.oneroster.container import open_container
from idp.oneroster.csv_bulk import open_bundle
from idp.oneroster.errors import Problems
from idp.oneroster.ports import Bundle, IinVault
from idp.services import scope as scopes
from idp.services.consent_ends import Ends
from idp.services.import_gate import Gate
from idp.services.roster_apply import Apply
from idp.services.roster_checks import Checks
from idp.services.roster_ledger import Ledger, NoLedger
from idp.services.roster_plan import Plan
from idp.services.roster_stage import Progress, Stager, open_staging
from idp.store import audit, import_ledger, rosters, staging_checks, staging_plan
from idp.store.session import Tx, UnitOfWork
from idp.store.staging import Staging


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of one kind. `read` = `added` + `changed` + `ended` + `left`, but for what ended by being absent."""

    read: int = 0
    added: int = 0
    changed: int = 0
    ended: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or with `is_dry_run` would do. `problems` are warnings only: errors refuse the bundle."""

    source: str
    is_dry_run: bool
    kinds: dict[str, Counts]
    """By file; `memberships` and `guardianships` are implied by users.csv."""
    ended_with: dict[str, int]
    """Rows that ended because what they depend on did, by kind."""
    ended_absent: dict[str, int]
    matched: int
    """New records of people whom the database knew by ИИН."""
    problems: Problems = field(repr=False)

    @property
    def is_unchanged(self) -> bool:
        counts = self.kinds.values()
        return not any(c.added or c.changed or c.ended for c in counts) and not any(self.ended_with.values())


def _quiet(_step: str, _rows: int) -> None:
    """No progress shown."""


class Rosters:
    """`is_dev` makes a failing ИИН check digit a warning. `ends` ends and moves what hangs on a date of birth that a
    roster corrects: links and consents of who comes of age.
    """

    def __init__(
        self, uow: UnitOfWork, clock: Clock, vault: IinVault, *, is_dev: bool, ends: Ends | None = None
    ) -> None:  # fmt: skip
        self._uow = uow
        self._clock = clock
        self._vault = vault
        self._is_dev = is_dev
        self._ends = ends

    def import_path(
        self, path: Path, *, accept: Iterable[str] = (), school: str = "", dry_run: bool = False,
        progress: Progress = _quiet, by: str = "", file_name: str = "", keeps_changes: bool = False,
        gate: Gate | None = None,
    ) -> Report:  # fmt: skip
        """Imports a folder, a zip or a spreadsheet.

        `accept` holds codes to take as warnings, `school` the id or БИН of the one school a bundle without
        organisations is for. `by` is who does it and `file_name` what the history calls the file; with `keeps_changes`
        it can be taken back; a `gate` is for a school's own file, whose links wait for its word.

        Raises Refused with every problem found, Invalid for a code that cannot be accepted,
        Conflict when another import came between; in each case nothing has changed.
        """
        problems = Problems(accept=accept, is_dev=self._is_dev)
        target = self._school(school, problems) if school else ""
        with ExitStack() as stack:
            staging = stack.enter_context(_scratch())
            bundle = stack.enter_context(_open(path, problems, has_school=bool(school)))

            def again() -> Bundle:
                return stack.enter_context(_open(path, Problems(is_dev=self._is_dev), has_school=bool(school)))

            stager = Stager(self._uow, self._vault, staging, problems, progress)
            stager.run(bundle, target, again)
            sign = _Sign(file_name or path.name, by, keeps_changes, gate)
            return self._finish(stager, staging, bundle, problems, sign, dry_run=dry_run, progress=progress)

    def _school(self, key: str, problems: Problems) -> str:
        with self._uow.read() as tx:
            found = rosters.organisations_by_key(tx, key)
        if len(found) != 1:
            raise problems.fatal("school_unknown", "--school", value=key)
        return found[0]

    def _finish(
        self, stager: Stager, staging: Staging, bundle: Bundle, problems: Problems, sign: _Sign, *, dry_run: bool,
        progress: Progress,
    ) -> Report:  # fmt: skip
        now = self._clock.now()
        today = local_date(now)
        if not stager.is_complete:
            problems.refuse_if_any()
        plan = Plan(self._uow, staging, bundle, problems, today=today)
        plan.organisations(stager.source, is_new_source=stager.is_new_source)
        scope, types, places = self._reach(staging, stager.source, is_empty=not bundle.modes)
        progress("checks", 0)
        checks = Checks(self._uow, staging, bundle, problems, today=today)
        checks.run(scope, types)
        problems.refuse_if_any()
        progress("plan", 0)
        plan.run(scope, {placed: types.get(foreign, "") for foreign, placed in places.items()})
        if sign.gate is not None:
            sign.gate.look(self._uow, staging, scope, types, checks.add, today=today)
            problems.refuse_if_any()
        report = _report(stager.source, staging, bundle, plan, problems, dry_run=dry_run)
        if dry_run or not bundle.modes:
            return report
        if not report.is_unchanged or report.matched or plan.matched or any(plan.ended_absent.values()):
            self._apply(stager, staging, scope, report, sign, now=now, progress=progress)
        return report

    def _reach(self, staging: Staging, source: str, *, is_empty: bool) -> tuple[Scope, dict[str, str], dict[str, str]]:
        """The scope of the import: the organisations of its source; their types and our ids by foreign id."""
        placed = dict(staging_checks.organisations(staging))
        with self._uow.read() as tx:
            stored = rosters.organisation_types(tx, sorted(placed.values()))
        fresh = dict(staging_checks.organisation_types(staging))
        types = {foreign: fresh.get(foreign) or stored.get(target, "") for foreign, target in placed.items()}
        schools = () if is_empty else tuple(dict.fromkeys([source, *sorted(placed.values())]))
        return scopes.of_operator(schools), types, placed

    def _note(
        self, tx: Tx, scope: Scope, source: str, import_id: str, sign: _Sign, report: Report, *, now: datetime
    ) -> None:
        """A new source is written down after its organisations, which it refers to."""
        row = {"id": import_id, "school_id": source, "file_name": sign.file_name[:120], "report": _summary(report)}
        import_ledger.note(tx, scope, {**row, "applied_by": sign.by, "applied_at": now})

    def _apply(
        self, stager: Stager, staging: Staging, scope: Scope, report: Report, sign: _Sign, *, now: datetime,
        progress: Progress,
    ) -> None:  # fmt: skip
        today = local_date(now)
        try:
            with self._uow.write() as tx:
                rosters.next_generation(tx, stager.generation, new_id())
                import_id = new_id()
                ledger = Ledger(tx, scope, import_id) if sign.keeps_changes else NoLedger()
                if not stager.is_new_source:
                    self._note(tx, scope, stager.source, import_id, sign, report, now=now)
                Apply(
                    tx, staging, scope, stager.source, now=now, today=today, progress=progress, ledger=ledger,
                    links_wait=sign.gate is not None, by=sign.by, ends=self._ends,
                ).run()  # fmt: skip
                if stager.is_new_source:
                    self._note(tx, scope, stager.source, import_id, sign, report, now=now)
                audit.record(
                    tx, event="import", now=now, actor_id=sign.by, school_id=stager.source, data=_summary(report)
                )
        except IntegrityError as error:
            # Somebody took a username or an ИИН between the plan and this transaction.
            raise Conflict(
                "the database changed meanwhile: run the import again", code="roster_changed", detail=str(error.orig)
            ) from None


@dataclass(frozen=True, slots=True)
class _Sign:
    """What an import leaves in the history: the file, who did it, whether its changes are kept; and its gate."""

    file_name: str
    by: str
    keeps_changes: bool
    gate: Gate | None


@contextmanager
def _scratch() -> Iterator[Staging]:
    staging = open_staging()
    try:
        yield staging
    finally:
        staging.close()


@contextmanager
def _open(path: Path, problems: Problems, *, has_school: bool) -> Iterator[Bundle]:
    if path.suffix.lower() in (".xlsx", ".xlsm", ".xls"):
        # openpyxl is heavy and only this path needs it.
        from idp.oneroster.workbook import open_workbook

        with open_workbook(path, problems) as workbook:
            yield workbook
        return
    with open_container(path, problems) as container:
        yield open_bundle(container, problems, has_school=has_school)


def _report(source: str, staging: Staging, bundle: Bundle, plan: Plan, problems: Problems, *, dry_run: bool) -> Report:
    kinds: dict[str, Counts] = {}
    matched = 0
    names: dict[str, str] = {file: file for file in bundle.modes}
    if "users" in names:
        names.setdefault("roles", "memberships")
        names["agents"] = "guardianships"
    for kind, name in names.items():
        tally = staging_plan.tally(staging, kind)
        matched += tally.get("matched", 0) if kind == "users" else 0
        read = sum(tally.values())
        ended = staging_plan.count_endings(staging, kind) if name in ("memberships", "guardianships") else 0
        ended = max(tally.get("ended", 0), ended - plan.ended_with.get(kind, 0))
        added, changed = tally.get("added", 0), tally.get("changed", 0)
        kinds[name] = Counts(read, added, changed, ended, read - added - changed - tally.get("ended", 0))
    return Report(source, dry_run, kinds, dict(plan.ended_with), dict(plan.ended_absent), matched, problems)


def _summary(report: Report) -> dict[str, object]:
    """Numbers only: the audit log holds no names."""
    return {
        "kinds": {name: [c.read, c.added, c.changed, c.ended, c.left] for name, c in report.kinds.items()},
        "ended_with": report.ended_with,
        "warnings": dict(report.problems.counts),
        "accepted": sorted(report.problems.accepted),
    }
