"""What the personal-data law asks of the operator, handed to the doors in one record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from idp.core.calendar import WorkingDays
from idp.core.clock import Clock
from idp.services.access_list import AccessList
from idp.services.breaches import Breaches
from idp.services.consent_ends import Ends
from idp.services.maintenance import Maintenance
from idp.services.request_papers import RequestPapers
from idp.services.retention_rules import RetentionReport, Rule
from idp.services.statistics import Statistics
from idp.services.subject_answers import SubjectAnswers
from idp.services.subject_requests import SubjectRequests
from idp.store.session import Tx, UnitOfWork


@dataclass(frozen=True)
class Protection:
    """`working_days` gives the days of a school in the caller's transaction; `open_iin` unseals a number."""

    uow: UnitOfWork
    clock: Clock
    working_days: Callable[[Tx, str], WorkingDays]
    open_iin: Callable[[str, bytes], str]
    rules: tuple[Rule, ...]
    ends: Ends

    @cached_property
    def requests(self) -> SubjectRequests:
        return SubjectRequests(self.uow, self.clock, self.working_days)

    @cached_property
    def papers(self) -> RequestPapers:
        return RequestPapers(self.uow, self.clock, self.working_days)

    @cached_property
    def answers(self) -> SubjectAnswers:
        return SubjectAnswers(self.uow, self.clock, self.working_days, self.ends)

    @cached_property
    def breaches(self) -> Breaches:
        return Breaches(self.uow, self.clock, self.working_days, self.open_iin)

    @cached_property
    def statistics(self) -> Statistics:
        return Statistics(self.uow, self.clock)

    @cached_property
    def access(self) -> AccessList:
        return AccessList(self.uow, self.clock)

    @cached_property
    def retention(self) -> RetentionReport:
        return RetentionReport(self.uow, self.clock, self.rules)

    @cached_property
    def maintenance(self) -> Maintenance:
        return Maintenance(self.uow, self.clock)
