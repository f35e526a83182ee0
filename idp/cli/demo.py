"""`idp demo`: made-up people for tests, benchmarks and sandboxes."""

from __future__ import annotations

import json
from pathlib import Path

import click

from idp.cli import Work
from idp.cli.people import Progress


@click.group()
def demo() -> None:
    """Made-up people."""


@demo.command()
@click.option("--people", type=click.IntRange(1, 5_000_000), required=True, metavar="N", help="How many people.")
@click.option("--schools", type=click.IntRange(1, 10_000), metavar="M", help="In how many schools.")
@click.option("--seed", type=int, required=True, metavar="S", help="The same seed makes the same region.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR_OR_ZIP", help="Write a OneRoster 1.2 bundle here.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def region(work: Work, people: int, schools: int | None, seed: int, out: Path | None, as_json: bool) -> None:
    """Make a region: schools, classes, pupils, guardians and staff, straight into the database or as a bundle.

    Every ИИН fails its checksum. Without --out this needs IDP_ENV=dev.
    """
    from idp.services.demo import region as make

    show = Progress()
    rosters = work.parts.rosters if out is None and work.settings.is_dev else None
    report = make(
        rosters, people_count=people, schools=schools or 0, seed=seed, out=out, progress=show.step
    )  # fmt: skip
    show.done()
    if rosters is not None:
        work.parts.holidays.seed()
    made = {"people": people, "seed": seed, "out": str(out) if out else None}
    if report is not None:
        made["source"] = report.source
    click.echo(
        json.dumps(made)
        if as_json
        else f"{people} people" + (f" in {out}" if out else f", {report.source}" if report else "")
    )
