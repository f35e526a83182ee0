"""Hostile archives are refused before anything of them is read."""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

import pytest

from idp.oneroster.container import MAX_ENTRIES, open_container
from idp.oneroster.errors import Problems, Unreadable
from tests.factories.rosters import write_bundle, zipped


def _refusal(path: Path) -> str:
    problems = Problems()
    with pytest.raises(Unreadable), open_container(path, problems):
        pass
    return problems.items[-1].code


def _archive(path: Path, name: str, data: bytes = b"x") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return path


@pytest.mark.parametrize(
    "name", ["../users.csv", "a/../../users.csv", "/etc/users.csv", "C:users.csv", "..\\users.csv"]
)
def test_a_path_that_climbs_out_is_refused(tmp_path: Path, name: str) -> None:
    assert _refusal(_archive(tmp_path / "b.zip", name)) == "zip_path"


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("users.csv")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    assert _refusal(tmp_path / "b.zip") == "zip_symlink"


def test_an_encrypted_entry_is_refused(tmp_path: Path) -> None:
    path = _archive(tmp_path / "b.zip", "users.csv")
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))
    assert _refusal(path) == "zip_encrypted"


def test_a_bomb_is_refused_by_its_ratio(tmp_path: Path) -> None:
    assert _refusal(_archive(tmp_path / "b.zip", "users.csv", b"0" * (20 << 20))) == "zip_bomb"


def test_a_bomb_is_refused_by_its_number_of_files(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        for number in range(MAX_ENTRIES + 1):
            archive.writestr(f"{number}.csv", "")
    assert _refusal(tmp_path / "b.zip") == "zip_bomb"


def test_two_entries_of_one_name_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("users.csv", "a")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("users.csv", "b")
    assert _refusal(tmp_path / "b.zip") == "zip_duplicate"


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    path = zipped(write_bundle(tmp_path / "b"), tmp_path / "b.zip")
    data = bytearray(path.read_bytes())
    data[60:64] = b"\xff\xff\xff\xff"
    path.write_bytes(bytes(data))
    problems = Problems()
    with pytest.raises(Unreadable), open_container(path, problems) as container:
        for name in container.names():
            with container.open(name) as stream:
                stream.read()
    assert problems.items[-1].code == "zip_broken"


def test_anything_else_is_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "roster.pdf").write_bytes(b"%PDF-1.7")
    assert _refusal(tmp_path / "roster.pdf") == "not_a_bundle"
    assert _refusal(tmp_path / "missing.zip") == "not_a_bundle"


def test_files_within_one_folder_of_the_archive_are_found(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("roster/users.csv", "x")
        archive.writestr("__MACOSX/roster/._users.csv", "x")
    problems = Problems()
    with open_container(tmp_path / "b.zip", problems) as container:
        assert container.names() == ["users.csv"]
    assert problems.counts == {"zip_folder": 1}


def test_a_link_in_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "b").mkdir()
    os.symlink(tmp_path / "secret", tmp_path / "b" / "users.csv")
    with open_container(tmp_path / "b", Problems()) as container:
        assert container.names() == []
