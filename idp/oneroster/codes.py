"""Every code an import can report, with its weight and its words in Kazakh, Russian and English.

`error` refuses the bundle, `acceptable` refuses it until the operator names the code with --accept, `warning` only
tells. Codes are names others rely on: never rename one. `{value}` is the cell, shortened; secrets are never shown.
"""

from __future__ import annotations

from dataclasses import dataclass

from idp.oneroster.desk_codes import DESK

LANGUAGES = ("kk", "ru", "en")


@dataclass(frozen=True, slots=True)
class Code:
    """`weight` is `error`, `acceptable` or `warning`."""

    weight: str
    kk: str
    ru: str
    en: str

    def text(self, lang: str, value: str) -> str:
        words: str = getattr(self, lang)
        return words.replace("{value}", value)


def _error(kk: str, ru: str, en: str) -> Code:
    return Code("error", kk, ru, en)


def _acceptable(kk: str, ru: str, en: str) -> Code:
    return Code("acceptable", kk, ru, en)


def _warning(kk: str, ru: str, en: str) -> Code:
    return Code("warning", kk, ru, en)


_CONTAINER = {
    "not_a_bundle": _error(
        "Бұл қалта да, ZIP те, XLSX те емес: {value}",
        "Это не папка, не ZIP и не XLSX: {value}",
        "This is neither a folder, a ZIP nor an XLSX: {value}",
    ),
    "zip_broken": _error(
        "Мұрағат бүлінген немесе оқылмайды: {value}",
        "Архив повреждён или не читается: {value}",
        "The archive is damaged or cannot be read: {value}",
    ),
    "zip_path": _error(
        "Мұрағаттағы файл жолы рұқсат етілмеген: {value}",
        "Недопустимый путь файла в архиве: {value}",
        "A path in the archive is not allowed: {value}",
    ),
    "zip_symlink": _error(
        "Мұрағатта сілтеме-файл бар: {value}",
        "В архиве есть символическая ссылка: {value}",
        "The archive holds a symbolic link: {value}",
    ),
    "zip_encrypted": _error(
        "Мұрағат құпиясөзбен жабылған: {value}",
        "Архив закрыт паролем: {value}",
        "The archive is encrypted: {value}",
    ),
    "zip_bomb": _error(
        "Мұрағат тым үлкен болып ашылады: {value}",
        "Архив раскрывается в слишком большой объём: {value}",
        "The archive unpacks to far too much: {value}",
    ),
    "zip_duplicate": _error(
        "Мұрағатта бір атпен екі файл бар: {value}",
        "В архиве два файла с одним именем: {value}",
        "The archive holds two files of one name: {value}",
    ),
    "zip_folder": _warning(
        "Файлдар мұрағаттың түбірінде емес, {value} қалтасында жатыр",
        "Файлы лежат не в корне архива, а в папке {value}",
        "The files are not at the top of the archive but in {value}",
    ),
    "file_missing": _error(
        "Манифест бұл файлды атайды, бірақ ол жоқ",
        "Манифест называет этот файл, но его нет",
        "The manifest names this file, but it is not there",
    ),
    "file_case": _error(
        "Файл атауының әріптері қате: {value} деп жазыңыз",
        "Неверный регистр имени файла: нужно {value}",
        "The letter case of the file name is wrong: it must be {value}",
    ),
    "file_undeclared": _warning(
        "Манифест бұл файлды жоқ дейді, сондықтан ол оқылмады",
        "Манифест объявляет файл отсутствующим, он не прочитан",
        "The manifest declares this file absent, so it was not read",
    ),
    "file_unknown": _warning(
        "OneRoster мұндай файлды білмейді, ол оқылмады",
        "OneRoster не знает такого файла, он не прочитан",
        "OneRoster knows no such file; it was not read",
    ),
    "file_unused": _warning(
        "Бұл файл бізге керек емес (бағалар, ресурстар), ол оқылмады",
        "Этот файл нам не нужен (оценки, ресурсы), он не прочитан",
        "We have no use for this file (grades, resources); it was not read",
    ),
    "empty_bundle": _warning("Жинақта оқитын файл жоқ", "В наборе нечего читать", "The bundle holds nothing to read"),
    "manifest_missing": _error(
        "manifest.csv жоқ. Бір мектептің жеке файлы болса, --school көрсетіңіз",
        "Нет manifest.csv. Если это отдельный файл одной школы, укажите --school",
        "There is no manifest.csv. If this is one school's single file, give --school",
    ),
    "manifest_value": _error(
        "Манифесттегі мән жарамсыз: «{value}»",
        "Недопустимое значение в манифесте: «{value}»",
        "The manifest's value is not allowed: “{value}”",
    ),
    "manifest_property": _warning(
        "Манифестте белгісіз қасиет: {value}",
        "Неизвестное свойство в манифесте: {value}",
        "Unknown property in the manifest: {value}",
    ),
}

_TEXT = {
    "encoding": _error(
        "Файл UTF-8 емес (мүмкін {value}). «CSV UTF-8» түрінде сақтаңыз",
        "Файл не в UTF-8 (похоже на {value}). Сохраните его как «CSV UTF-8»",
        "The file is not UTF-8 (it looks like {value}). Save it as “CSV UTF-8”",
    ),
    "nul": _error("Жолда нөлдік байт бар", "В строке есть нулевой байт", "The line holds a NUL byte"),
    "delimiter": _error(
        "Бағандар {value} таңбасымен бөлінген, үтір керек",
        "Столбцы разделены знаком {value}, нужна запятая",
        "The columns are separated by {value}; a comma is needed",
    ),
    "line_too_long": _error(
        "Жол немесе ұяшық 64 КиБ-тан ұзын",
        "Строка или ячейка длиннее 64 КиБ",
        "The line or cell is longer than 64 KiB",
    ),
    "csv_broken": _error(
        "CSV ережесі бұзылған (тырнақша не жол соңы): {value}",
        "Нарушены правила CSV (кавычки или конец строки): {value}",
        "The CSV is malformed (quotes or line ends): {value}",
    ),
    "file_empty": _error("Файл бос, тақырып жолы да жоқ", "Файл пуст, нет даже заголовка", "The file has no header"),
    "row_width": _error(
        "Жолдағы ұяшық саны тақырыптағыдан өзгеше: {value}",
        "Число ячеек не совпадает с заголовком: {value}",
        "The number of cells differs from the header: {value}",
    ),
    "column_missing": _error(
        "Міндетті баған жоқ: {value}", "Нет обязательного столбца: {value}", "A required column is missing: {value}"
    ),
    "column_misspelt": _error(
        "Баған атауы қате жазылған: {value}",
        "Название столбца написано с ошибкой: {value}",
        "A column name is misspelt: {value}",
    ),
    "column_duplicate": _error(
        "Баған екі рет кездеседі: {value}", "Столбец встречается дважды: {value}", "A column appears twice: {value}"
    ),
    "column_unnamed": _error("Атауы жоқ баған бар", "Есть столбец без названия", "A column has no name"),
    "column_absent": _warning(
        "Міндетті емес баған жоқ: {value}",
        "Нет необязательного столбца: {value}",
        "An optional column is missing: {value}",
    ),
    "column_unknown": _warning(
        "Белгісіз баған оқылмады: {value}",
        "Неизвестный столбец не прочитан: {value}",
        "An unknown column was not read: {value}",
    ),
}

_VALUE = {
    "value_missing": _error("Ұяшық бос болмауы керек", "Ячейка не должна быть пустой", "The cell must not be empty"),
    "bad_value": _error(
        "Мұндай мән болмайды: «{value}»", "Такого значения не бывает: «{value}»", "No such value: “{value}”"
    ),
    "bad_date": _error(
        "Күн оқылмайды: «{value}». Жазылуы: 2026-09-01",
        "Дата не читается: «{value}». Нужно так: 2026-09-01",
        "The date cannot be read: “{value}”. Write it as 2026-09-01",
    ),
    "dates_reversed": _error(
        "Басталу күні аяқталу күнінен кейін тұр: {value}",
        "Начало позже конца: {value}",
        "The beginning is after the end: {value}",
    ),
    "text_too_long": _error("Мәтін тым ұзын", "Текст слишком длинный", "The text is too long"),
    "control_character": _error(
        "Мәтінде басқару таңбасы бар", "В тексте есть управляющий символ", "The text holds a control character"
    ),
    "formula": _acceptable(
        "Атау формула сияқты басталады: «{value}». Қабылданса, мәтін болып қалады",
        "Имя начинается как формула: «{value}». Если принять, останется текстом",
        "The name begins like a formula: “{value}”. If accepted it stays text",
    ),
    "letter_case": _acceptable(
        "Бас не кіші әріптері қате: «{value}». Қабылданса, мағынасына қарай оқылады",
        "Неверный регистр букв: «{value}». Если принять, читается по смыслу",
        "Wrong letter case: “{value}”. If accepted it is read as meant",
    ),
    "status_missing": _acceptable(
        "Өзгерістер файлында күй (status) бос. Қабылданса, active болады",
        "В файле изменений пуст status. Если принять, читается как active",
        "The status is empty in a delta file. If accepted it is read as active",
    ),
    "inactive": _acceptable(
        "Күйі inactive: OneRoster мұны алып тастаған. Қабылданса, жазба жабылады",
        "Статус inactive: OneRoster его отменил. Если принять, запись закрывается",
        "The status is inactive, which OneRoster withdrew. If accepted the record ends",
    ),
    "bulk_status": _warning(
        "Толық файлда status пен dateLastModified бос болуы керек",
        "В полном файле status и dateLastModified должны быть пусты",
        "In a bulk file status and dateLastModified should be empty",
    ),
    "school_year": _warning(
        "Оқу жылы аяқталатын жылмен жазылады: «{value}»",
        "Учебный год пишется годом его конца: «{value}»",
        "A school year is written as the year it ends in: “{value}”",
    ),
    "grade_unknown": _warning(
        "Сынып саны белгісіз: «{value}»", "Неизвестный класс обучения: «{value}»", "Unknown grade: “{value}”"
    ),
    "language_unknown": _warning(
        "Тіл белгісіз: «{value}»", "Неизвестный язык: «{value}»", "Unknown language: “{value}”"
    ),
    "shift_unknown": _warning("Ауысым белгісіз: «{value}»", "Неизвестная смена: «{value}»", "Unknown shift: “{value}”"),
    "phone_format": _warning(
        "Телефон нөмірі толық емес, алынбады",
        "Неполный номер телефона, не взят",
        "An unusable phone number was left out",
    ),
    "email_format": _warning(
        "Пошта мекенжайы қате, алынбады", "Неверный адрес почты, не взят", "A malformed e-mail address was left out"
    ),
    "password_ignored": _warning(
        "Файлда ашық құпиясөз бар. Ол сақталмайды және қолданылмайды",
        "В файле открытый пароль. Он не сохраняется и не используется",
        "The file holds a clear-text password. It is neither kept nor used",
    ),
    "username_invalid": _warning(
        "Логин жарамсыз: «{value}», жаңасы жасалады",
        "Логин не подходит: «{value}», будет создан новый",
        "The username cannot be used: “{value}”; a new one is made",
    ),
    "username_repeated": _warning(
        "Логин файлда қайталанады: «{value}», біріне жаңасы жасалады",
        "Логин повторяется: «{value}», одному будет создан новый",
        "The username repeats: “{value}”; one of them gets a new one",
    ),
    "email_shared": _warning(
        "Бір пошта мекенжайы бірнеше адамда тұр",
        "Один адрес почты указан у нескольких людей",
        "Several people share one e-mail address",
    ),
    "iin_format": _error(
        "ЖСН 12 цифрдан тұрады және басында туған күн болады",
        "ИИН состоит из 12 цифр и начинается с даты рождения",
        "An ИИН has 12 digits and begins with a date of birth",
    ),
    "iin_checksum": _error(
        "ЖСН-нің бақылау цифры қате", "Неверная контрольная цифра ИИН", "The check digit of the ИИН is wrong"
    ),
    "iin_date": _warning(
        "ЖСН-дегі туған күн басқа", "Дата рождения в ИИН другая", "The ИИН carries another date of birth"
    ),
}

_ACROSS = {
    "duplicate_id": _error(
        "Бұл нөмір қайталанады: {value}", "Этот идентификатор повторяется: {value}", "This id repeats: {value}"
    ),
    "duplicate_iin": _error(
        "Бұл ЖСН басқа адамда да тұр", "Этот ИИН указан и у другого человека", "Another person here has the same ИИН"
    ),
    "iin_taken": _error(
        "Бұл ЖСН базадағы басқа адамдікі",
        "Этот ИИН в базе принадлежит другому человеку",
        "This ИИН belongs to somebody else in the database",
    ),
    "dangling_reference": _acceptable(
        "Сілтеме ешқайда апармайды: {value}. Қабылданса, бос қалады",
        "Ссылка никуда не ведёт: {value}. Если принять, останется пустой",
        "The reference leads nowhere: {value}. If accepted it stays empty",
    ),
    "dangling_owner": _error(
        "Жазба жоқ нәрсеге тиесілі: {value}",
        "Запись относится к тому, чего нет: {value}",
        "The record belongs to something that is not there: {value}",
    ),
    "parent_cycle": _error(
        "Бағыныштылық шеңберге тұйықталған: {value}",
        "Подчинённость замкнута в круг: {value}",
        "The hierarchy runs in a circle: {value}",
    ),
    "class_outside_school": _acceptable(
        "Сынып мектепке емес, басқа ұйымға тиесілі: {value}. Қабылданса, сол ұйымда қалады",
        "Класс относится не к школе: {value}. Если принять, останется в этой организации",
        "The class belongs to no school: {value}. If accepted it stays with that organisation",
    ),
    "school_mismatch": _warning(
        "Мектеп сыныптың мектебінен өзгеше, сыныптікі алынды",
        "Школа отличается от школы класса, взята школа класса",
        "The school differs from the class's; the class's is taken",
    ),
    "role_unknown": _acceptable(
        "Рөл белгісіз: «{value}». Қабылданса, рөл берілмейді",
        "Неизвестная роль: «{value}». Если принять, роль не даётся",
        "Unknown role: “{value}”. If accepted no role is given",
    ),
    "enrolled_as_pupil": _acceptable(
        "Оқушы болып жазылған, бірақ рөлі басқа. Қабылданса, оқушы болып жазылады",
        "Записан учеником, но роль другая. Если принять, записывается учеником",
        "Enrolled as a student, but has no such role. If accepted it is kept as a pupil",
    ),
    "enrolled_as_teacher": _error(
        "Мұғалім болып жазылған, бірақ қызметкер емес",
        "Записан учителем, но сотрудником не является",
        "Enrolled as a teacher, but is no member of staff",
    ),
    "enrolment_unused": _warning(
        "Сыныптағы мұндай рөл қолданылмайды: {value}",
        "Такая роль в классе не используется: {value}",
        "Such a role in a class is not used: {value}",
    ),
    "child_older_than_guardian": _acceptable(
        "Бала өзінің заңды өкілінен үлкен немесе құрдас: {value}",
        "Ребёнок старше своего представителя или ровесник: {value}",
        "A child is no younger than its guardian: {value}",
    ),
    "agent_role": _warning(
        "Көрсетілген адам ата-ана да, өкіл де емес: {value}",
        "Указанный человек не родитель и не представитель: {value}",
        "The agent is neither parent nor guardian: {value}",
    ),
    "user_without_role": _warning(
        "Адамның бірде-бір рөлі жоқ", "У человека нет ни одной роли", "The person has no role"
    ),
    "owner_ended": _warning(
        "Жазба жабылған нәрсеге тиесілі, сондықтан өзі де жабық",
        "Запись относится к закрытому, поэтому закрыта и сама",
        "The record belongs to something that has ended, so it ends too",
    ),
    "absent": _warning(
        "Бұрын болған жазба жаңа толық файлда жоқ: {value}. --accept absent болса, жабылады",
        "Прежней записи нет в новом полном файле: {value}. С --accept absent она закрывается",
        "A former record is not in the new bulk file: {value}. With --accept absent it ends",
    ),
    "school_needed": _error(
        "Жинақта ұйымдар жоқ. Қай мектеп екенін --school арқылы көрсетіңіз",
        "В наборе нет организаций. Укажите школу: --school",
        "The bundle defines no organisation. Say which school with --school",
    ),
    "school_unexpected": _error(
        "Жинақтың өз ұйымдары бар, --school қажет емес",
        "В наборе есть свои организации, --school не нужен",
        "The bundle has organisations of its own; leave --school out",
    ),
    "school_unknown": _error(
        "Мұндай мектеп базада жоқ не біреуден көп: {value}",
        "Такой школы в базе нет или их несколько: {value}",
        "No such school in the database, or more than one: {value}",
    ),
    "source_ambiguous": _error(
        "Бұл ұйымдар бірнеше дереккөзде кездеседі: {value}",
        "Эти организации встречаются в нескольких источниках: {value}",
        "These organisations occur in several sources: {value}",
    ),
}

_WORKBOOK = {
    "xlsx_broken": _error(
        "XLSX файлы бүлінген немесе оқылмайды: {value}",
        "Файл XLSX повреждён или не читается: {value}",
        "The XLSX is damaged or cannot be read: {value}",
    ),
    "sheet_missing": _error("Кітапта парақ жоқ: {value}", "В книге нет листа: {value}", "A sheet is missing: {value}"),
    "sheet_unknown": _warning(
        "Белгісіз парақ оқылмады: {value}",
        "Неизвестный лист не прочитан: {value}",
        "An unknown sheet was not read: {value}",
    ),
    "formula_cell": _error(
        "Ұяшықта формула тұр. Оның орнына мәнін жазыңыз",
        "В ячейке формула. Впишите вместо неё значение",
        "The cell holds a formula. Write its value instead",
    ),
    "too_many_rows": _error("Парақта жол тым көп", "На листе слишком много строк", "The sheet has too many rows"),
}

_DESK = {name: Code(*words) for name, words in DESK.items()}
CODES: dict[str, Code] = {**_CONTAINER, **_TEXT, **_VALUE, **_ACROSS, **_WORKBOOK, **_DESK}
ACCEPTABLE = frozenset(name for name, code in CODES.items() if code.weight == "acceptable") | {"absent"}
