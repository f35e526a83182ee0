"""Every page and form of the console and of the account, spoiled in the hands of somebody who may use it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from idp.core.clock import FixedClock
from tests.factories.console_forms import console_targets
from tests.fuzz.spoiling import spoil


def test_no_form_of_a_signed_in_person_breaks_tells_or_changes_anything(
    database_url: str,
    tmp_path: Path,
    clock: FixedClock,
    effort: Callable[[int, int], int],
    counted: Callable[[str, int], None],
) -> None:
    with console_targets(database_url, tmp_path, clock) as (targets, bases):
        assert len(bases) > 100
        sent, refused = spoil(targets, bases, effort(3, 20), derandomize=effort(0, 1) == 0)
        audited = targets.audited()
        assert [name for name, secret in targets.secrets.items() if secret in audited] == []
    counted("spoiled forms of the console and the account", sent)
    counted("spoiled forms that were refused", refused)
