"""core/names: Kazakh names in order, in search, in usernames."""

from idp.core.names import as_written, full_name, latin, search_key, sort_key


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
