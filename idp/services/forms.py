"""What a form holds that cannot be taken: a code for each field, so that a page can say it beside the field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from idp.core.errors import Invalid


class Wrong(Invalid):
    """`fields` maps a field to a code: `missing`, `too_long`, `format`, `unknown`, `taken`, `order`, `overlap`, …"""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {code}" for name, code in fields.items()))
        self.fields = dict(fields)


class Sheet:
    """Reads fields one by one and collects what is wrong; `done` raises it all at once."""

    def __init__(self, sent: Mapping[str, str]) -> None:
        self._sent = sent
        self.wrong: dict[str, str] = {}

    def text(self, name: str, *, longest: int = 200, required: bool = False) -> str:
        """One line without control characters, blanks squeezed."""
        value = " ".join("".join(c if c.isprintable() else " " for c in self._sent.get(name, "")).split())
        if required and not value:
            self.wrong[name] = "missing"
        elif len(value) > longest:
            self.wrong[name] = "too_long"
        return value[:longest]

    def choice(self, name: str, known: tuple[str, ...]) -> str:
        value = self._sent.get(name, "")
        if value not in known:
            self.wrong[name] = "unknown"
            return known[0]
        return value

    def day(self, name: str) -> date:
        """A date field; the first day of all when it is none."""
        value = self._sent.get(name, "")
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.wrong[name] = "format" if value else "missing"
            return date.min

    def minutes(self, name: str) -> int:
        """A time field such as `08:30`, as minutes after midnight."""
        hours, _, minutes = self._sent.get(name, "").partition(":")
        if not (hours.isascii() and hours.isdigit() and minutes.isascii() and minutes.isdigit()):
            self.wrong[name] = "format" if hours else "missing"
            return 0
        if int(hours[:3]) > 23 or int(minutes[:3]) > 59:
            self.wrong[name] = "format"
        return int(hours[:3]) * 60 + int(minutes[:3])

    def refuse(self, name: str, code: str) -> None:
        """Unless the field is wrong already."""
        self.wrong.setdefault(name, code)

    def done(self) -> None:
        """Raises Wrong when anything is."""
        if self.wrong:
            raise Wrong(self.wrong)
