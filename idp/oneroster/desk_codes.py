"""Codes that only an import in the console reports: a school's file may not do what its hands may not.

Each has its weight and its words in Kazakh, Russian and English.
"""

from __future__ import annotations

DESK = {
    "role_not_yours": (
        "error",
        "Бұл рөлді сіз бере де, аяқтай да алмайсыз: {value}",
        "Эту роль вы не можете ни дать, ни завершить: {value}",
        "You may neither give nor end this role: {value}",
    ),
    "pupil_elsewhere": (
        "error",
        "Бұл оқушы басқа мектепте оқиды. Ол ауысу кодымен ғана келеді",
        "Этот ученик учится в другой школе. Он приходит только по коду перехода",
        "This pupil learns at another school and comes only by a transfer code",
    ),
    "iin_other_name": (
        "error",
        "Бұл ЖСН-мен базада тегі басқа адам тұр",
        "Под этим ИИН в базе человек с другой фамилией",
        "Under this ИИН the database has somebody with another family name",
    ),
    "person_of_another_school": (
        "warning",
        "Адамның басқа мектепте де рөлі бар: оның деректері өзгертілмейді",
        "У человека есть роль и в другой школе: его данные не меняются",
        "The person has a role at another school too: their data stay as they are",
    ),
    "account_in_use": (
        "warning",
        "Бұл тіркелгіні иесі мектепке келгенге дейін де пайдаланған: деректері өзгертілмейді",
        "Этой учётной записью владелец пользовался ещё до школы: её данные не меняются",
        "The owner used this account before the school knew them: their data stay as they are",
    ),
    "person_above": (
        "warning",
        "Бұл аккаунттың мүмкіндігі сіздікінен кем емес: оның деректері өзгертілмейді",
        "Эта учётная запись может не меньше вашей: её данные не меняются",
        "This account can do no less than yours: its data stay as they are",
    ),
}
