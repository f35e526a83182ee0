"""The spreadsheet for schools without OneRoster: sheets and columns, as the template writes and the reader wants them.

A column is known by its heading in either language, so a sheet may mix them and columns may stand in any order.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """`choices` are (value, kk, ru): words a cell may hold."""

    key: str
    kk: str
    ru: str
    is_required: bool = False
    note_kk: str = ""
    note_ru: str = ""
    example: str = ""
    choices: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    key: str
    kk: str
    ru: str
    columns: tuple[Column, ...]


_NUMBER = Column(
    "number", "№", "№", True,
    "Тұрақты нөмір: адам осы нөмірмен танылады. Өзгертпеңіз, басқа адамға бермеңіз",
    "Постоянный номер: по нему узнаётся человек. Не меняйте и не отдавайте другому",
    "1",
)  # fmt: skip
_FAMILY = Column("family", "Тегі", "Фамилия", example="Серікова")
_GIVEN = Column("given", "Аты", "Имя", True, example="Айгерім")
_MIDDLE = Column(
    "middle", "Әкесінің аты", "Отчество", False, "Болмаса, бос қалдырыңыз", "Если нет, оставьте пустым", "Нұрланқызы"
)
_IIN = Column("iin", "ЖСН", "ИИН", False, "12 цифр, мәтін түрінде", "12 цифр, как текст")
_PHONE = Column("phone", "Телефон", "Телефон", example="+7 700 000 00 01")
_EMAIL = Column("email", "Электрондық пошта", "Электронная почта", example="aigerim@example.com")
_USERNAME = Column(
    "username", "Логин", "Логин", False,
    "Бос болса, аты-жөнінен жасалады: латын әріптері, цифрлар, нүкте",
    "Если пусто, создаётся из имени: латиница, цифры, точка",
)  # fmt: skip
_LANGUAGE = Column(
    "language", "Тілі", "Язык", example="kk", choices=(("kk", "қазақша", "казахский"), ("ru", "орысша", "русский"))
)
_SHIFT = Column("shift", "Ауысымы", "Смена", example="1", choices=(("1", "1", "1"), ("2", "2", "2"), ("3", "3", "3")))

PUPILS = Sheet(
    "pupils", "Оқушылар", "Ученики",
    (
        _NUMBER, _FAMILY, _GIVEN, _MIDDLE,
        Column("class", "Сынып", "Класс", True, "7 «Ә» түрінде", "В виде 7 «Ә»", "7 «Ә»"),
        Column("birth", "Туған күні", "Дата рождения", False, "2013-05-17 немесе 17.05.2013",
               "2013-05-17 или 17.05.2013", "17.05.2013"),
        Column("sex", "Жынысы", "Пол", example="қыз", choices=(("female", "қыз", "ж"), ("male", "ұл", "м"))),
        _IIN, _LANGUAGE, _SHIFT, _USERNAME,
    ),
)  # fmt: skip

STAFF_ROLES = (
    ("principal", "директор", "директор"),
    ("ext:deputy", "директордың орынбасары", "заместитель директора"),
    ("teacher", "мұғалім", "учитель"),
    ("ext:social_pedagogue", "әлеуметтік педагог", "социальный педагог"),
    ("ext:nurse", "мейіргер", "медсестра"),
    ("ext:canteen", "асхана қызметкері", "работник столовой"),
    ("ext:guard", "күзетші", "охранник"),
    ("ext:staff", "басқа қызметкер", "другой сотрудник"),
)

STAFF = Sheet(
    "staff", "Қызметкерлер", "Сотрудники",
    (
        _NUMBER, _FAMILY, _GIVEN, _MIDDLE,
        Column("role", "Лауазымы", "Должность", True, example="мұғалім", choices=STAFF_ROLES),
        Column("leads", "Жетекшілік ететін сыныбы", "Классное руководство", False, "Сынып жетекшісі болса",
               "Если классный руководитель", "7 «Ә»"),
        Column("teaches", "Сабақ беретін сыныптары", "Преподаёт в классах", False, "Үтірмен бөліңіз",
               "Через запятую", "5 «А», 7 «Ә»"),
        _IIN, _LANGUAGE, _PHONE, _EMAIL, _USERNAME,
    ),
)  # fmt: skip

GUARDIANS = Sheet(
    "guardians", "Ата-аналар", "Родители",
    (
        _NUMBER, _FAMILY, _GIVEN, _MIDDLE,
        Column("children", "Балаларының №", "№ детей", True, "«Оқушылар» парағындағы нөмірлер, үтірмен",
               "Номера с листа «Ученики», через запятую", "1"),
        Column("relation", "Кім болып келеді", "Кем приходится", example="ата-ана",
               choices=(("parent", "ата-ана", "родитель"), ("guardian", "қамқоршы", "опекун"),
                        ("relative", "туыс", "родственник"))),
        _IIN, _LANGUAGE, _PHONE, _EMAIL, _USERNAME,
    ),
)  # fmt: skip

SHEETS = (PUPILS, STAFF, GUARDIANS)
EXAMPLE_MARK = "≡"
"""Stands before the number of the template's example rows, so that nobody's first pupil is an invented girl."""
