"""Encrypted copies: whole and under the right key, or not at all."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from idp.core.errors import Conflict, Invalid
from idp.store import sealed_files
from idp.store.sealed_files import MAGIC


@pytest.fixture
def key(tmp_path: Path) -> bytes:
    sealed_files.make_key(tmp_path / "backup.key")
    return sealed_files.read_key(tmp_path / "backup.key")


def test_a_copy_comes_back_whatever_its_size(key: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_files, "PIECE", 100)
    for size in (0, 1, 99, 100, 101, 1000):
        plain, sealed, back = (tmp_path / f"{size}.{name}" for name in ("plain", "sealed", "back"))
        plain.write_bytes(bytes(range(256)) * 4 if size == 1000 else b"x" * size)
        sealed_files.seal(key, plain, sealed)
        assert sealed.read_bytes().startswith(MAGIC)
        sealed_files.unseal(key, sealed, back)
        assert back.read_bytes() == plain.read_bytes()


def test_what_was_changed_cut_or_swapped_does_not_open(
    key: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed_files, "PIECE", 10)
    (tmp_path / "plain").write_bytes(b"0123456789" * 3)
    sealed_files.seal(key, tmp_path / "plain", tmp_path / "sealed")
    whole = (tmp_path / "sealed").read_bytes()
    head, piece = 24, 4 + 10 + 16
    first, second = whole[head : head + piece], whole[head + piece : head + 2 * piece]
    spoiled = {
        "a bit": whole[:-1] + bytes([whole[-1] ^ 1]),
        "the salt": whole[:10] + bytes([whole[10] ^ 1]) + whole[11:],
        "a lost end": whole[:-piece],
        "half a piece": whole[:-3],
        "a length": whole[:head] + b"\xff" + whole[head + 1 :],
        "swapped": whole[:head] + second + first + whole[head + 2 * piece :],
        "plain": b"SQLite format 3\x00" + bytes(100),
    }
    for name, data in spoiled.items():
        (tmp_path / "spoiled").write_bytes(data)
        with pytest.raises(Invalid):
            sealed_files.unseal(key, tmp_path / "spoiled", tmp_path / name.replace(" ", "-"))
    with pytest.raises(Invalid, match="another key"):
        sealed_files.unseal(bytes(32), tmp_path / "sealed", tmp_path / "back")


def test_a_key_is_private_and_never_overwritten(key: bytes, tmp_path: Path) -> None:
    file = tmp_path / "backup.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(Conflict):
        sealed_files.make_key(file)
    file.chmod(0o644)
    with pytest.raises(Invalid, match="others"):
        sealed_files.read_key(file)
    file.chmod(0o600)
    file.write_text("not a key")
    with pytest.raises(Invalid, match="32 bytes"):
        sealed_files.read_key(file)


def test_the_plain_copy_is_gone_afterwards(key: bytes, tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"people")
    sealed_files.seal(key, tmp_path / "plain", tmp_path / "sealed")
    with sealed_files.opened(key, tmp_path / "sealed") as plain:
        assert plain.read_bytes() == b"people"
        assert stat.S_IMODE(plain.stat().st_mode) == 0o600
    assert not plain.exists()
    with sealed_files.opened(None, tmp_path / "plain") as same:
        assert same == tmp_path / "plain"
    with pytest.raises(Invalid, match="--key"), sealed_files.opened(None, tmp_path / "sealed"):
        pass
