"""`idp people`: rosters in, first passwords out, and people one by one."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from idp.cli import Work

if TYPE_CHECKING:
    from idp.oneroster.errors import Problems
    from idp.services.rosters import Report

_LANG = click.option(
    "--lang", type=click.Choice(["kk", "ru", "en"]), default="kk", show_default=True, help="Language of the report."
)
_PRINT_LANG = click.option("--lang", type=click.Choice(["kk", "ru"]), default="kk", show_default=True)
_TOTALS = ("read", "added", "changed", "ended", "left")


@click.group()
def people() -> None:
    """Import rosters, print first passwords, add people."""


@people.command(name="import")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what would change and change nothing.")
@click.option("--accept", default="", metavar="CODE,…", help="Take these errors as warnings.")
@click.option("--school", default="", metavar="ID", help="The one school everybody belongs to (its id or БИН).")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@_LANG
@click.pass_obj
def import_(work: Work, source: Path, dry_run: bool, accept: str, school: str, as_json: bool, lang: str) -> None:
    """Import SOURCE: a OneRoster 1.1 or 1.2 folder or zip, or the filled-in spreadsheet of one school.

    A bundle with errors is refused as a whole and changes nothing; the report names file, line and code. Importing the
    same bundle again changes nothing. No passwords are made: see `idp people sheets`.
    """
    from idp.oneroster.errors import Refused

    codes = [code.strip() for code in accept.split(",") if code.strip()]
    show = Progress()
    try:
        report = work.parts.rosters.import_path(
            source, accept=codes, school=school, dry_run=dry_run, progress=show.step
        )
    except Refused as refused:
        show.done()
        _refused(refused.problems, lang, as_json=as_json)
        sys.exit(1)
    show.done()
    _accepted(report, lang, as_json=as_json)


def _refused(problems: Problems, lang: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"refused": True, **_problems(problems, lang)}, ensure_ascii=False, indent=2))
        return
    _list(problems, lang)
    click.echo(_WORDS[lang]["refused"].format(n=problems.errors))
    if problems.acceptable_now:
        click.echo(_WORDS[lang]["accept"].format(codes=",".join(problems.acceptable_now)))


def _accepted(report: Report, lang: str, *, as_json: bool) -> None:
    words = _WORDS[lang]
    if as_json:
        kinds = {name: {t: getattr(c, t) for t in _TOTALS} for name, c in report.kinds.items()}
        ends = {"ended_with": report.ended_with, "ended_absent": report.ended_absent}
        record = {"refused": False, "dry_run": report.is_dry_run, "source": report.source, "kinds": kinds, **ends}
        record |= {"matched": report.matched, **_problems(report.problems, lang)}
        click.echo(json.dumps(record, ensure_ascii=False, indent=2))
        return
    _list(report.problems, lang)
    if report.kinds:
        click.echo(f"{'':18}" + "".join(f"{words[t]:>12}" for t in _TOTALS))
    for name, counts in report.kinds.items():
        click.echo(f"{name:18}" + "".join(f"{getattr(counts, t):>12}" for t in _TOTALS))
    for name, count in report.ended_with.items():
        if count:
            click.echo(words["ended_with"].format(name=name, n=count))
    if report.matched:
        click.echo(words["matched"].format(n=report.matched))
    click.echo(words["dry_run" if report.is_dry_run else "unchanged" if report.is_unchanged else "done"])


def _problems(problems: Problems, lang: str) -> dict[str, object]:
    return {
        "errors": problems.errors,
        "warnings": problems.warnings,
        "counts": dict(problems.counts),
        "problems": [item.record(lang) for item in problems.items],
        "unlisted": problems.unlisted,
        "acceptable": problems.acceptable_now,
    }


def _list(problems: Problems, lang: str) -> None:
    for item in problems.items:
        place = item.file + (f":{item.line}" if item.line else "") + (f" [{item.column}]" if item.column else "")
        click.echo(f"{item.severity:7} {item.code:20} {place}  {item.message(lang)}")
    for code, count in sorted(problems.unlisted.items()):
        click.echo(_WORDS[lang]["more"].format(code=code, n=count))


@people.command()
@click.option("--class", "klass", default="", metavar="C", help="The class: its id or its title, such as 7 «Ә».")
@click.option("--who", type=click.Choice(["pupils", "guardians"]), default="pupils", show_default=True)
@click.option("--staff", is_flag=True, help="Instead of a class: everybody who works at --school.")
@click.option("--school", default="", metavar="ID", help="The school, when several have a class of that title.")
@click.option("--again", is_flag=True, help="Also grown-ups who have a password already; it stops working.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The PDF to write; else sheet-ID.pdf.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as one JSON object, without passwords.")
@_PRINT_LANG
@click.pass_obj
def sheets(
    work: Work, klass: str, who: str, staff: bool, school: str, again: bool, out: Path | None, as_json: bool, lang: str
) -> None:
    """Make first passwords for a class, its guardians or a school's staff, and write them as a PDF to cut apart.

    They must be changed at the first sign-in. Printing again replaces them: older sheets stop working.
    """
    from idp.documents.sheets import password_sheet
    from idp.methods.password import hash_password
    from idp.services.sheets import Sheets

    if bool(klass) == staff or (staff and not school):
        raise click.UsageError("give --class, or --staff with --school")
    service = Sheets(work.parts.uow, work.parts.clock, hash_password)
    if staff:
        sheet = service.of_staff(school, again=again)
    else:
        sheet = service.of_class(klass, school=school, who=who, again=again)
    target = out or Path(f"sheet-{sheet.id}.pdf")
    issuer = work.settings.issuer
    document = password_sheet(sheet, lang=lang, address=f"{issuer}/account", now=work.parts.clock.now())
    _write_private(target, document)
    show = Progress()
    try:
        service.store(sheet, show.step)
    except BaseException:
        # Paper with passwords that do not work helps nobody.
        target.unlink(missing_ok=True)
        raise
    show.done()
    if as_json:
        made = {"id": sheet.id, "people": len(sheet.slips), "file": str(target)}
        click.echo(json.dumps(made, ensure_ascii=False))
    else:
        click.echo(f"{target}: {sheet.title or sheet.school}, {len(sheet.slips)}")


@people.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_PRINT_LANG
def template(file: Path, lang: str) -> None:
    """Write the empty spreadsheet for a school without OneRoster to FILE.xlsx."""
    from idp.documents.template import roster_template

    if file.suffix.lower() != ".xlsx":
        raise click.UsageError("FILE must end in .xlsx")
    file.write_bytes(roster_template(lang))
    click.echo(str(file))


@people.command()
@click.option("--username", required=True, metavar="U")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
@click.option("--role", required=True, metavar="R", help="pupil, guardian, teacher, director, operator, …")
@click.option("--school", required=True, metavar="S", help="The id or БИН of the organisation.")
@click.option("--claims", type=click.File("r", encoding="utf-8"), help="A JSON object of standard OIDC claims.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def add(
    work: Work, username: str, password_stdin: bool, role: str, school: str, claims: IO[str] | None, as_json: bool
) -> None:
    """Add one person with a password and one role."""
    from idp.services.claims_input import read_claims

    try:
        document = json.load(claims) if claims else {}
    except ValueError as error:
        raise click.ClickException(f"the claims file is not JSON: {error}") from error
    password = sys.stdin.readline().rstrip("\r\n")
    person = work.parts.people.add(
        username=username, password=password, role=role, school=school, claims=read_claims(document)
    )
    click.echo(json.dumps({"id": person, "username": username.lower()}) if as_json else f"{username.lower()} {person}")


class Progress:
    """One line on standard error that rewrites itself, and only on a terminal."""

    def __init__(self) -> None:
        self._shows = sys.stderr.isatty()
        self._step = ""
        self._rows = 0

    def step(self, step: str, rows: int) -> None:
        self._rows = rows if step != self._step or rows >= self._rows else self._rows + rows
        self._step = step
        if self._shows:
            click.echo(f"\r\x1b[K{step} {self._rows:,}", err=True, nl=False)

    def done(self) -> None:
        if self._shows:
            click.echo("\r\x1b[K", err=True, nl=False)


def _write_private(target: Path, data: bytes) -> None:
    """Readable by its owner only: it holds passwords."""
    target.unlink(missing_ok=True)
    target.touch(mode=0o600, exist_ok=False)
    target.write_bytes(data)


_WORDS = {
    "kk": {
        "read": "оқылды", "added": "қосылды", "changed": "өзгерді", "ended": "жабылды", "left": "қалды",
        "refused": "Қабылданбады, ештеңе өзгерген жоқ. Қателер саны: {n}",
        "accept": "Осы қателерге келіссеңіз: --accept {codes}",
        "more": "… {code}: тағы {n}", "ended_with": "Соған байланысты жабылды, {name}: {n}",
        "matched": "ЖСН бойынша танылған адамдар: {n}", "dry_run": "Тек көрсетілді, ештеңе өзгерген жоқ",
        "unchanged": "Ештеңе өзгерген жоқ", "done": "Дайын",
    },
    "ru": {
        "read": "прочитано", "added": "добавлено", "changed": "изменено", "ended": "закрыто", "left": "осталось",
        "refused": "Отклонено, ничего не изменено. Ошибок: {n}",
        "accept": "Если согласны с этими ошибками: --accept {codes}",
        "more": "… {code}: ещё {n}", "ended_with": "Закрыто вместе с этим, {name}: {n}",
        "matched": "Узнано по ИИН: {n}", "dry_run": "Только показ, ничего не изменено",
        "unchanged": "Ничего не изменилось", "done": "Готово",
    },
    "en": {
        "read": "read", "added": "added", "changed": "changed", "ended": "ended", "left": "left",
        "refused": "Refused, nothing was changed. Errors: {n}",
        "accept": "If you agree with these errors: --accept {codes}",
        "more": "… {code}: {n} more", "ended_with": "Ended with them, {name}: {n}",
        "matched": "People known by ИИН: {n}", "dry_run": "Shown only, nothing was changed",
        "unchanged": "Nothing changed", "done": "Done",
    },
}  # fmt: skip
