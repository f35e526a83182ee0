"""Manifest and files of a bundle hold together or say what does not."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from idp.core.errors import Invalid
from idp.oneroster.errors import MAX_ERRORS, Problems
from tests.factories.rosters import USERS, columns, errors, read, write_bundle, zipped


def test_folder_and_zip_read_alike(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b")
    problems = Problems()
    records = read(folder, problems)
    assert not problems.counts
    assert len(records) == 2 + 1 + 1 + 3 + 1 + 3 + 1 + 2
    assert read(zipped(folder, tmp_path / "b.zip"), problems) == records


def test_a_bundle_without_a_manifest_says_what_to_do(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path)
    (folder / "manifest.csv").unlink()
    problems = Problems()
    assert read(folder, problems) == []
    assert errors(problems) == [("manifest_missing", "manifest.csv", 0, "")]
    assert "--school" in problems.items[0].message("en")


def test_one_schools_lone_file_is_read_as_bulk(tmp_path: Path) -> None:
    users = [{"sourcedId": "p", "enabledUser": "true", "role": "student", "orgSourcedIds": "?", "givenName": "А"}]
    folder = write_bundle(tmp_path, {"users": users}, version="1.1")
    (folder / "manifest.csv").unlink()
    assert len(read(folder, Problems(), has_school=True)) == 2


def test_blank_modes_and_unknown_versions_are_refused(tmp_path: Path) -> None:
    problems = Problems()
    read(write_bundle(tmp_path / "a", modes={"scoreScales": ""}), problems)
    assert [e[:3] for e in errors(problems)] == [("manifest_value", "manifest.csv", 23)]
    problems = Problems()
    folder = write_bundle(tmp_path / "b")
    text = (folder / "manifest.csv").read_text()
    (folder / "manifest.csv").write_text(text.replace("oneroster.version,1.2", "oneroster.version,2.0"))
    read(folder, problems)
    assert errors(problems) == [("manifest_value", "manifest.csv", 0, "oneroster.version")]


def test_missing_misnamed_unknown_and_undeclared_files_are_named(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path, modes={"courses": "bulk", "demographics": "absent", "results": "bulk"})
    (folder / "roles.csv").rename(folder / "Roles.csv")
    (folder / "results.csv").write_text("sourcedId\n")
    (folder / "notes.txt").write_text("x")
    problems = Problems()
    read(folder, problems)
    found = {(p.code, p.file) for p in problems.items}
    assert found == {
        ("file_missing", "courses.csv"), ("file_case", "Roles.csv"), ("file_undeclared", "demographics.csv"),
        ("file_unused", "results.csv"), ("file_unknown", "notes.txt"),
    }  # fmt: skip
    assert problems.acceptable_now == []


def test_an_empty_file_and_an_empty_bundle(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "a")
    (folder / "users.csv").write_bytes(b"")
    problems = Problems()
    read(folder, problems)
    assert errors(problems) == [("file_empty", "users.csv", 0, "")]
    problems = Problems()
    assert read(write_bundle(tmp_path / "b", {}), problems) == []
    assert problems.counts == {"empty_bundle": 1}


def test_a_manifest_with_semicolons_is_named(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path)
    (folder / "manifest.csv").write_text("propertyName;value\n")
    problems = Problems()
    read(folder, problems)
    assert errors(problems) == [("delimiter", "manifest.csv", 1, "")]


def test_the_list_of_errors_is_capped_and_the_rest_counted(tmp_path: Path) -> None:
    users = [{**USERS[0], "sourcedId": f"u{n}", "enabledUser": "maybe"} for n in range(MAX_ERRORS + 50)]
    problems = Problems()
    read(write_bundle(tmp_path, users=users), problems)
    assert problems.errors == MAX_ERRORS + 50
    assert len(problems.items) == MAX_ERRORS
    assert problems.unlisted == {"bad_value": 50}


def test_only_acceptable_codes_can_be_accepted() -> None:
    with pytest.raises(Invalid, match="column_missing, nonsense"):
        Problems(accept=["column_missing", "letter_case", "nonsense"])


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path)
    line = ",".join(f"{{}}{column}" if column == "sourcedId" else "" for column in columns("users"))
    peaks = []
    for count in (2_000, 20_000):
        with (folder / "users.csv").open("w") as file:
            file.write(",".join(columns("users")) + "\n")
            file.writelines(line.format(number) + "\n" for number in range(count))
        tracemalloc.start()
        problems = Problems()
        from idp.oneroster.container import open_container
        from idp.oneroster.csv_bulk import open_bundle

        with open_container(folder, problems) as container:
            seen = sum(1 for _ in open_bundle(container, problems, has_school=False).records("users"))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert seen == count
    assert peaks[1] < peaks[0] * 1.5
