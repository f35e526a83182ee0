"""core/names: Kazakh names in order, in search, in usernames."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.core.names import (
    as_written,
    fold_title,
    full_name,
    latin,
    search_beginnings,
    search_key,
    search_word,
    search_words,
    sort_key,
)

_SYLLABLES = st.lists(
    st.tuples(st.sampled_from("бвгғджзкқлмнңпрстфхһцчшщ"), st.sampled_from("аәеёиоөуұүыіэюя")), min_size=1, max_size=6
).map(lambda pairs: "".join(map("".join, pairs)))
"""What may be said: a row of any letters holds pairs that no name has and that Latin spells like one letter."""
_PASSPORT = str.maketrans(
    {"ж": "zh", "й": "y", "қ": "q", "х": "kh", "һ": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ы": "y",
     "і": "i", "ю": "yu", "я": "ya", "ғ": "gh", "ё": "yo"}
)  # fmt: skip


def test_names_sort_in_the_kazakh_alphabet() -> None:
    names = ["Яна", "Іңкәр", "Ыбырай", "Әлия", "Аян", "Һәкім", "Қуат", "Кәрім", "Ғали", "Гүлнара"]
    assert sorted(names, key=sort_key) == [
        "Аян", "Әлия", "Гүлнара", "Ғали", "Кәрім", "Қуат", "Һәкім", "Ыбырай", "Іңкәр", "Яна",
    ]  # fmt: skip


def test_a_shorter_surname_comes_before_a_longer_one_whatever_the_given_name() -> None:
    assert sort_key("Асан", "Яна") < sort_key("Асанов", "Аян")


def test_search_does_not_mind_kazakh_letters_or_case() -> None:
    assert search_key("ӘБДІҚАДЫР", "Іңкәр") == search_key("абдикадыр", "инкар")


def test_usernames_are_plain_ascii() -> None:
    assert latin("Айгерім") == "aigerim"
    assert latin("Қуанышұлы-Щ") == "quanyshulysh"
    assert latin("O'Keefe Müller") == "okeefemuller"


def test_a_single_name_is_a_full_name_and_no_patronymic_is_built() -> None:
    assert full_name("", "Сұлтан") == "Сұлтан"
    assert full_name("Оспанова", "Айгерім", "Серікқызы") == "Оспанова Айгерім Серікқызы"


def test_capitals_of_a_document_become_what_people_write() -> None:
    assert as_written("ӘБДІҚАДЫР-БЕК") == "Әбдіқадыр-Бек"
    assert as_written("  ДЕ ЛА  КРУС ") == "Де Ла Крус"
    assert as_written("Мак-Дональд де ла Крус") == "Мак-Дональд де ла Крус"
    assert as_written("") == ""


@pytest.mark.parametrize(
    "spellings",
    [
        ("Серікова", "серикова", "Serikova", "Serykova"),
        ("Есенғалиева", "Yessengaliyeva", "Esengalieva"),
        ("Жұмабаева", "Zhumabayeva", "Jumabaeva"),
        ("Қуаныш", "Kuanysh", "Quanysh", "Kwanysh"),
        ("Щукин", "Shchukin", "Shukin"),
        ("Юлия", "Yulia", "Iuliia"),
        ("Алёна", "Алена", "Alyona", "Alena"),
        ("Асхат", "Askhat", "Ashat"),
        ("Цой", "Tsoy", "Coi"),
        ("Ғалым", "Ghalym", "Ğalym", "Галим"),
        ("Арсеньев", "Arsenyev", "Arseniev"),
        ("Достоевский", "Dostoyevskiy", "Dostoevsky"),
    ],
)
def test_spellings_of_one_name_meet_in_search(spellings: tuple[str, ...]) -> None:
    assert len({search_word(one) for one in spellings}) == 1


def test_different_names_stay_apart() -> None:
    names = ("Серікова", "Сериков", "Омарова", "Ахметов", "Сейітова", "Сәуле", "Сәуір", "Жан", "Зан")
    assert len({search_word(one) for one in names}) == len(names)


def test_words_end_at_spaces_hyphens_and_dots() -> None:
    assert search_words("Омаров-Сейіт", "", "aigerim.serikova2", "  ") == ["omarov", "seit", "aigerim", "serikova2"]
    assert search_words("О'Нил") == search_words("О’Нил") == ["onil"]


def test_letters_of_other_alphabets_are_found_as_they_are() -> None:
    assert search_word("გიორგი") == "გიორგი"
    assert search_words("李 明") == ["李", "明"]


@pytest.mark.parametrize("change", [str.upper, str.title, lambda name: name.translate(_PASSPORT), search_key])
@given(name=_SYLLABLES)
@settings(max_examples=60, deadline=None)
def test_case_alphabet_and_kazakh_letters_do_not_matter(change: Callable[[str], str], name: str) -> None:
    assert search_word(change(name)) == search_word(name)


@given(name=st.text(st.sampled_from("аәбвгғдежзийклмнңоөпрстуұүчшыіэюя"), min_size=3, max_size=12), data=st.data())
@settings(max_examples=100, deadline=None)
def test_the_beginning_of_a_name_finds_it(name: str, data: st.DataObject) -> None:
    typed = name[: data.draw(st.integers(2, len(name)))]
    assert any(search_word(name).startswith(beginning) for beginning in search_beginnings(typed))


@given(name=st.text(max_size=20))
@settings(max_examples=100, deadline=None)
def test_a_skeleton_is_the_same_every_time_and_holds_no_blank(name: str) -> None:
    assert all(word == search_word(word) or word for word in search_words(name))
    assert not any(c.isspace() for word in search_words(name) for c in word)


def test_titles_of_classes_are_folded_on_either_keyboard_and_kazakh_letters_stay_apart() -> None:
    assert {fold_title(text) for text in ("7 «Ә»", "7-ә", "7ә", " 07 Ә ", "7 ə", '7 "Ə"')} == {"7ә"}
    assert {fold_title(text) for text in ("5А", "5 «а»", "5a", "5-A", "５A")} == {"5а"}
    assert len({fold_title(f"5{letter}") for letter in "АӘГҒКҚНҢОӨУҰҮХҺИІ"}) == 17
    assert fold_title("10А") != fold_title("1А")
