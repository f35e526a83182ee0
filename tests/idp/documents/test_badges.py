"""Badges as paper: eight a page, a face or initials, nothing cut off."""

from __future__ import annotations

import io

from PIL import Image

from idp.documents.badges import badge_sheet
from idp.services.card_badges import BadgeSheet
from idp.store.cards import Face
from tests.factories.rows import BEGINNING


def test_nine_badges_take_two_pages_and_the_same_octets_each_time() -> None:
    Image.new("RGB", (60, 80), "#6cb4ee").save(out := io.BytesIO(), "JPEG")
    faces = [Face("Оспанов" * (1 + number % 2), "Нұрлан", "1 «А»", "1168", None) for number in range(7)]
    faces += [Face("Әлімжан", "Айзере", "1 «А»", "", out.getvalue()), Face("", "Мирас", "1 «А»", "", b"no picture")]
    sheet = BadgeSheet("№ 12 мектеп-гимназия", "Школа-гимназия № 12", "1 «А»", faces, BEGINNING)
    made = badge_sheet(sheet, lang="kk")
    assert made.startswith(b"%PDF-")
    assert made.count(b"/Type /Page\n") == 2
    assert made == badge_sheet(sheet, lang="kk") != badge_sheet(sheet, lang="ru")
