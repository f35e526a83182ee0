"""The documentation is whole: what must be there is there, links lead somewhere, and what it names exists."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.fakes.source import ROOT, files, name

REQUIRED = (
    "README.md",
    "CHANGELOG.md",
    "docs/index.md",
    "docs/contributing.md",
    "docs/tutorials/first-school.md",
    "docs/tutorials/first-client.md",
    *(
        f"docs/how-to/{page}.md"
        for page in (
            "add-a-login-method",
            "register-a-client",
            "import-a-roster",
            "rotate-keys",
            "deploy",
            "back-up-and-restore",
            "read-the-logs",
            "eds",
        )
    ),
    *(
        f"docs/reference/{page}.md"
        for page in (
            "specs",
            "divergences",
            "order-456",
            "endpoints",
            "settings",
            "errors",
            "claims",
            "data-map",
            "glossary",
            "audit-events",
            "commands",
            "client-metadata",
            "client-settings",
            "roster-import",
            "performance",
        )
    ),
    *(
        f"docs/explanation/{page}.md"
        for page in ("house", "one-login-end-to-end", "threat-model", "children-and-consent", "eds")
    ),
)
LANGUAGES = {
    "kiru": "vhod",
    "ata-analarga": "roditelyam",
    "hatshyga": "sekretaryu",
    "etsq": "etsp",
    "README": "README",
    "derekter": "dannye",
    "synyp-zhetekshisine": "klassnomu-rukovoditelyu",
}
"""Pages for schools and families: Kazakh name, Russian name."""

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
_MENTION = re.compile(r"`((?:idp|clients|tests|templates|docs|keys)/[\w./-]*\w)(?:::(\w+))?`")
_SAMPLE = re.compile(r"NAME|<|…|^keys/master\.key$")
_PLACE = re.compile(r"(?<![\w.])/(?:home|Users|root|work|tmp)/\w")
_UNPROMISED = re.compile(r"\b(coming soon|work in progress|lorem ipsum|tbd)\b", re.IGNORECASE)


@cache
def pages() -> tuple[Path, ...]:
    """Every page of the documentation, the README first."""
    return (ROOT / "README.md", *(path for path in files() if name(path).startswith("docs/") and path.suffix == ".md"))


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_every_page_that_must_exist_exists() -> None:
    assert [page for page in REQUIRED if not (ROOT / page).is_file()] == []


def test_links_lead_somewhere() -> None:
    broken = []
    for page in pages():
        for target in _LINK.findall(_FENCE.sub("", text(page))):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            there = (page.parent / path).resolve() if path else page
            if not there.exists():
                broken.append(f"{name(page)}: {target}")
            elif anchor and anchor not in _anchors(there):
                broken.append(f"{name(page)}: {target} has no such heading")
    assert broken == []


def _anchors(page: Path) -> set[str]:
    """Headings as they are linked to: lower case, words joined by hyphens, punctuation left out."""
    headings = _HEADING.findall(_FENCE.sub("", text(page)))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_can_be_reached_from_the_index() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "README.md", ROOT / "docs/index.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or not page.is_file() or page.suffix != ".md":
            continue
        seen.add(page)
        waiting += [(page.parent / target.partition("#")[0]).resolve() for target in _LINK.findall(text(page))]
    assert [name(page) for page in pages() if page not in seen] == []


def test_what_is_named_in_the_code_exists() -> None:
    """A path in code marks, and after `::` something defined in that file."""
    lost = []
    for page in pages():
        for path, member in _MENTION.findall(text(page)):
            there = ROOT / path
            if _SAMPLE.search(path):
                continue
            if not there.exists():
                lost.append(f"{name(page)}: {path}")
            elif member and not _defines(there, member):
                lost.append(f"{name(page)}: {path}::{member}")
    assert lost == []


@cache
def _defines(path: Path, member: str) -> bool:
    return bool(re.search(rf"^\s*(?:(?:def|class) {member}\b|{member}\s*[:=])", text(path), re.MULTILINE))


def test_the_catalogue_of_decisions_is_numbered_without_gaps() -> None:
    numbers = sorted(path.name[:4] for path in (ROOT / "docs/decisions").glob("*.md"))
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]


@pytest.mark.parametrize("path", sorted((ROOT / "docs/decisions").glob("*.md")), ids=lambda path: path.stem)
def test_a_decision_has_context_choice_and_price(path: Path) -> None:
    sections = re.findall(r"^## (\w+)", text(path), re.MULTILINE)
    assert [section for section in ("Context", "Choice", "Price") if section not in sections] == []


def test_families_and_schools_read_the_same_in_both_languages() -> None:
    for kazakh, russian in LANGUAGES.items():
        one, other = text(ROOT / f"docs/kk/{kazakh}.md"), text(ROOT / f"docs/ru/{russian}.md")
        assert len(_HEADING.findall(_FENCE.sub("", one))) == len(_HEADING.findall(_FENCE.sub("", other))), kazakh
    assert {path.stem for path in (ROOT / "docs/kk").glob("*.md")} == set(LANGUAGES)
    assert {path.stem for path in (ROOT / "docs/ru").glob("*.md")} == set(LANGUAGES.values())


def test_no_page_names_a_place_of_one_machine_or_promises_what_is_not_there() -> None:
    found = [
        f"{name(page)}:{number}"
        for page in pages()
        for number, line in enumerate(text(page).splitlines(), 1)
        if _PLACE.search(line) or _UNPROMISED.search(line)
    ]
    assert found == []


def test_the_readme_answers_four_questions() -> None:
    readme = text(ROOT / "README.md")
    headings = _HEADING.findall(_FENCE.sub("", readme))
    assert readme.startswith("# Bilim ID\n")
    assert "make run" in readme
    assert "Where a code becomes tokens" in headings
    assert "How to add a sign-in method" in headings
