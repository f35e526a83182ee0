"""cli/dev/demo_holders: everybody has a key, and those that must be refused are there too."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from idp.cli.dev.demo_holders import make_demo_nca
from idp.cli.dev.demo_nca import DemoNca
from idp.core.clock import monotonic
from idp.core.iin import has_valid_check_digit
from idp.services.demo import SCHOOL_BIN, adults

NOW = datetime(2026, 11, 2, tzinfo=UTC)


def test_every_adult_has_a_key_with_their_made_up_number_and_the_director_one_for_the_school() -> None:
    demo = make_demo_nca(NOW)
    for adult in adults():
        assert demo.keys[adult.username].key.numbers() == {"iin": adult.iin, "bin": ""}
    director = next(adult for adult in adults() if adult.username == "saule")
    assert demo.keys["saule-school"].key.numbers() == {"iin": director.iin, "bin": SCHOOL_BIN}
    numbers = [one.key.numbers()["iin"] for one in demo.keys.values()]
    assert not [number for number in numbers if has_valid_check_digit(number)]
    assert demo.keys["stranger"].key.numbers()["iin"] not in {adult.iin for adult in adults()}
    assert demo.keys["expired"].key.not_after < NOW
    assert demo.keys["gulnara"].key.not_after > NOW + timedelta(days=365)


def test_a_saved_folder_is_private_and_gives_the_same_keys_back(tmp_path: Path) -> None:
    demo = make_demo_nca(NOW)
    demo.save(tmp_path / "nca")
    for file in (tmp_path / "nca").rglob("*.json"):
        assert file.stat().st_mode & 0o077 == 0
    began = monotonic()
    again = DemoNca.load(tmp_path / "nca")
    assert monotonic() - began < 1.5
    assert {name: one.key.certificate for name, one in again.keys.items()} == {
        name: one.key.certificate for name, one in demo.keys.items()
    }
    files = again.write_anchors(tmp_path / "anchors")
    assert [file.read_bytes() for file in files] == [der for nca in demo.authorities.values() for der in nca.anchors]
