"""What is wrong with a bundle: a record per problem, collected with caps, and the one exception that refuses it.

BilimError
  Refused       the bundle as a whole; carries every problem found
    Unreadable  raised where reading cannot go on
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from idp.core.errors import Invalid
from idp.oneroster.codes import ACCEPTABLE, CODES

MAX_ERRORS = 200
MAX_WARNINGS_PER_CODE = 5
_MAX_VALUE = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `line` counts from 1, 0 when it concerns a whole file; `severity` is `error` or `warning`."""

    file: str
    line: int
    column: str
    code: str
    severity: str
    value: str

    def message(self, lang: str) -> str:
        """The problem in words; ends without a full stop."""
        return CODES[self.code].text(lang, self.value)

    def record(self, lang: str) -> dict[str, object]:
        """For --json."""
        return asdict(self) | {"message": self.message(lang), "acceptable": self.code in ACCEPTABLE}


class Refused(Invalid):
    """The bundle is refused and nothing was changed. `problems` tells why."""

    code = "roster_refused"

    def __init__(self, problems: Problems) -> None:
        super().__init__(f"{problems.errors} errors")
        self.problems = problems


class Unreadable(Refused):
    """Reading cannot go on after the problem just added."""


class Problems:
    """Collects problems. Counts all of them, keeps the first: a broken file must not fill memory or the screen."""

    def __init__(self, *, accept: Iterable[str] = (), is_dev: bool = False) -> None:
        """`accept` holds codes; raises Invalid for a code that is unknown or never acceptable."""
        self.accepted = frozenset(accept)
        never = sorted(self.accepted - ACCEPTABLE)
        if never:
            raise Invalid(f"cannot be accepted: {', '.join(never)}", code="code_not_acceptable")
        self._is_dev = is_dev
        self.items: list[Problem] = []
        self.counts: Counter[str] = Counter()
        self.errors = 0
        self.warnings = 0

    def severity(self, code: str) -> str:
        weight = CODES[code].weight
        if weight == "warning" or code in self.accepted or (code == "iin_checksum" and self._is_dev):
            return "warning"
        return "error"

    def add(self, code: str, file: str, line: int = 0, column: str = "", value: str = "") -> None:
        severity = self.severity(code)
        self.counts[code] += 1
        if severity == "error":
            self.errors += 1
            keep = self.errors <= MAX_ERRORS
        else:
            self.warnings += 1
            keep = self.counts[code] <= MAX_WARNINGS_PER_CODE
        if keep:
            short = value if len(value) <= _MAX_VALUE else value[:_MAX_VALUE] + "…"
            shown = "".join(c if c.isprintable() else "·" for c in short)
            self.items.append(Problem(file, line, column, code, severity, shown))

    def fatal(self, code: str, file: str, line: int = 0, column: str = "", value: str = "") -> Unreadable:
        """Adds the problem and returns what to raise."""
        self.add(code, file, line, column, value)
        return Unreadable(self)

    def fatal_again(self) -> Unreadable:
        """What to raise when the problems that stop reading have been added already."""
        return Unreadable(self)

    def refuse_if_any(self) -> None:
        if self.errors:
            raise Refused(self)

    @property
    def unlisted(self) -> dict[str, int]:
        """How many problems of each code are counted but not in `items`."""
        listed = Counter(item.code for item in self.items)
        return {code: count - listed[code] for code, count in self.counts.items() if count > listed[code]}

    @property
    def acceptable_now(self) -> list[str]:
        """Codes the operator could still accept, when nothing else stands in the way."""
        errors = {code for code in self.counts if self.severity(code) == "error"}
        return sorted(errors) if errors <= ACCEPTABLE else []
