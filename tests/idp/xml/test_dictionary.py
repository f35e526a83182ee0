"""What a thread reads does not stay in memory for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable

import psutil
import pytest

from idp.xml import dictionary, parser
from idp.xml.build import serialize
from idp.xml.errors import NotWellFormed, TooLarge
from idp.xml.parser import Element, parse


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> dictionary._Names:
    """Names of this test's own."""
    fresh = dictionary._Names()
    monkeypatch.setattr(dictionary, "_names", fresh)
    return fresh


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the threads that have read a document."""
    seen: list[str] = []
    read = parser._read

    def watched(data: bytes) -> Element:
        seen.append(threading.current_thread().name)
        return read(data)

    monkeypatch.setattr(parser, "_read", watched)
    return seen


def test_known_names_cost_no_room(names: dictionary._Names) -> None:
    for number in range(5):
        parse(f'<?pi-1 x?><a xmlns="urn:x" xmlns:p="urn:p" p:b="{number}"><c>{number}</c></a><?pi-2?>'.encode())
    assert names.known == {"{urn:x}a", "{urn:p}b", "{urn:x}c", "urn:x", "urn:p", "p", "pi-1", "pi-2"}
    assert dictionary._ROOM - names.left == sum(len(one) + dictionary._EACH for one in names.known)


def test_many_short_names_take_more_room_than_their_letters(names: dictionary._Names) -> None:
    for number in range(3):
        parse(b"<a>" + b"".join(b"<b%x/>" % (number * 4_000 + n) for n in range(4_000)) + b"</a>")
    assert len(names.known) < 10_000
    assert names.left <= 0


def test_a_thread_that_was_filled_with_names_has_its_documents_read_elsewhere(
    names: dictionary._Names, readers: list[str]
) -> None:
    here = threading.current_thread().name
    parse(b"<a/>")
    names.left = 10
    parse(b"<a><a-name-of-a-stranger/></a>")
    root = parse("<a Ә='1'><b>Әлия</b></a>".encode())
    assert readers == [here, here, "xml"]
    root.append(parse(b"<c><d/></c>"))
    root.set("made-here", "1")
    assert serialize(root).decode() == '<a Ә="1" made-here="1"><b>Әлия</b><c><d/></c></a>'
    with pytest.raises(NotWellFormed):
        parse(b"<a>")
    with pytest.raises(TooLarge):
        parse(b"<a><b/></a>", max_elements=1)
    assert names.known == {"a", "a-name-of-a-stranger"}


@pytest.mark.parametrize("document", [b"<a></b></a>", b"<a>" + b"<n/>" * 30 + b"</a>"])
def test_what_is_refused_costs_room_too(document: bytes, names: dictionary._Names) -> None:
    with pytest.raises((NotWellFormed, TooLarge)):
        parse(document, max_elements=20)
    assert dictionary._ROOM - names.left == len(document)


@pytest.mark.soak
def test_names_of_strangers_do_not_fill_the_memory(counted: Callable[[str, int], None]) -> None:
    process = psutil.Process()
    sizes = []
    for number in range(300):
        parse(b"<a>" + b"".join(b"<n%x_%x_stranger/>" % (number, n) for n in range(19_000)) + b"</a>")
        sizes.append(process.memory_info().rss)
    counted("documents full of new names", len(sizes))
    assert max(sizes[100:]) - sizes[20] < 24 * 1024**2
