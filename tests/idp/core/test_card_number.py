"""One card, one canonical number, whoever reads it; and no guess where two cards could be meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.card_number import FORMATS, AmbiguousNumber, UnreadableNumber, read

whole = st.binary(min_size=4, max_size=4).filter(lambda uid: any(uid) and set(uid) != {0xFF})
long_uid = st.one_of(st.binary(min_size=7, max_size=7), st.binary(min_size=10, max_size=10)).filter(any)


@pytest.mark.parametrize(
    ("text", "format_", "canonical", "short", "hint"),
    [
        ("0013961168", "dec10", "uid:00d507d0", "d507d0", "1168"),
        ("13961168", "dec10", "uid:00d507d0", "d507d0", "1168"),
        ("213,02000", "", "w26:d507d0", "d507d0", "2000"),
        ("080,38104", "dec10", "w26:5094d8", "5094d8", "8104"),
        ("80.38104\r\n", "hexr", "w26:5094d8", "5094d8", "8104"),
        ("21302000", "w26", "w26:d507d0", "d507d0", "2000"),
        ("0013961168 213,02000", "", "uid:00d507d0", "d507d0", "1168"),
        ("0077705923", "dec10", "uid:04a1b2c3", "a1b2c3", "5923"),
        ("3283263748", "dec10r", "uid:04a1b2c3", "a1b2c3", "3748"),
        ("04:A1:B2:C3", "hex", "uid:04a1b2c3", "a1b2c3", "B2C3"),
        ("0xC3B2A104", "hexr", "uid:04a1b2c3", "a1b2c3", "A104"),
        ("C3 B2 A1 04", "dec10r", "uid:04a1b2c3", "a1b2c3", "A104"),
        ("01 00D507D0", "hex", "uid:00d507d0", "d507d0", "07D0"),
        ("04-A1-B2-C3-D4-E5-F6", "hex", "uid:04a1b2c3d4e5f6", "", "E5F6"),
        ('ққ"іұ,"",ү', "dec10", "uid:00d507d0", "d507d0", "1168"),
        ("04ФИВСУАА1", "hex", "uid:abdceff1", "dceff1", "EFF1"),
        ("001 396 1168", "dec10", "uid:00d507d0", "d507d0", "1168"),
    ],
)
def test_what_readers_and_prints_give(text: str, format_: str, canonical: str, short: str, hint: str) -> None:
    number = read(text, format_)
    assert (number.canonical, number.short, number.hint) == (canonical, short, hint)
    assert number.is_whole == canonical.startswith("uid:")
    assert number.format in FORMATS


@given(whole)
def test_every_way_to_write_a_whole_number_gives_one_form(uid: bytes) -> None:
    big, little = int.from_bytes(uid, "big"), int.from_bytes(uid, "little")
    written = [
        (f"{big:010d}", "dec10"), (str(big), "dec10"), (f"{little:010d}", "dec10r"), (uid.hex(), "hex"),
        (uid.hex(":").upper(), "hex"), (f"0x{uid.hex('-')}", "hex"), (uid[::-1].hex(" "), "hexr"),
    ]  # fmt: skip
    assert {read(text, format_).canonical for text, format_ in written} == {f"uid:{uid.hex()}"}
    if any(uid[1:]) and set(uid[1:]) != {0xFF}:
        printed = f"{big:010d} {uid[1]:03d},{int.from_bytes(uid[2:], 'big'):05d}"
        assert read(printed).canonical == f"uid:{uid.hex()}"
        assert read(printed[11:]).short == read(uid.hex(), "hex").short


@given(long_uid)
def test_long_numbers_are_octets_only(uid: bytes) -> None:
    assert read(uid.hex(":"), "hex") == read(uid.hex(), "hex")
    assert read(uid.hex(), "hex").canonical == read(uid[::-1].hex(), "hexr").canonical == f"uid:{uid.hex()}"


@given(st.text(max_size=80), st.sampled_from(("", *FORMATS)))
def test_no_text_breaks_the_reading(text: str, format_: str) -> None:
    """Whatever a reader sends is a number or refused; a number read is read the same again."""
    try:
        number = read(text, format_)
    except (UnreadableNumber, AmbiguousNumber):
        return
    assert read(text, number.format) == number
    assert 0 < len(number.hint) <= 4


@given(whole.filter(lambda uid: uid != uid[::-1]))
def test_the_byte_order_is_never_guessed(uid: bytes) -> None:
    for text in (f"{int.from_bytes(uid, 'big'):010d}", uid.hex(":")):
        with pytest.raises(AmbiguousNumber) as refused:
            read(text)
        readings = {read(text, format_).canonical for format_ in refused.value.formats}
        assert len(readings) > 1


@pytest.mark.parametrize(
    ("text", "format_"),
    [
        ("", ""), ("   ", "dec10"), ("0", "dec10"), ("0000000000", ""), ("000,00000", ""), ("FFFFFFFF", "hex"),
        ("4294967296", "dec10"), ("256,00001", ""), ("001,65536", ""), ("0013961168 213,02001", ""), ("картаnull", ""),
        ("04A1B2", "hex"), ("04A1B2C", "hex"), ("1" * 65, "dec10"), ("0013961168", "w26"), ("0013961168", "зщл"),
        ("१२३४५६७८९०", "dec10"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused(text: str, format_: str) -> None:
    with pytest.raises(UnreadableNumber):
        read(text, format_)
