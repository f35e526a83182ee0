"""The letter for the authorised body."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

from pypdf import PdfReader

from idp.documents.breach_notice import breach_notice
from idp.services.breaches import Listed, Notice

NOW = datetime(2026, 9, 2, 5, tzinfo=UTC)
BREACH = Listed(
    id="b1", school_id="s1", school="№ 12", school_ru="№ 12", detected_at=NOW, due_on=date(2026, 9, 3),
    what="Тізім чатқа жіберілді", measures="Чат жабылды", contact="Қасымова Ж., +7 701 123 45 67", people=2,
    notified_at=None, notified_how="", closed_at=None, is_late=False,
)  # fmt: skip


def test_a_notice_holds_what_the_law_demands_in_both_languages() -> None:
    people = [("Серікова Айгерім Болатқызы", "130517600011", "+77011234567"), ("Ә" * 80, "", "")]
    for language, title in (("kk", "хабарлама"), ("ru", "Уведомление"), ("en", "Уведомление")):
        pdf = breach_notice(Notice(BREACH, people), language=language, now=NOW)
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
        for part in (title, "130517600011", "+77011234567", "Чат жабылды", "Қасымова", "02.09.2026, 10:00"):
            assert part in text
