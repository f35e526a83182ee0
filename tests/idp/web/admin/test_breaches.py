"""The register of breaches in the console; an authority sees whether it was told, and nobody's name."""

from __future__ import annotations

from datetime import timedelta

from tests.factories.console import Console


def test_a_breach_is_written_down_filled_and_taken_out_as_a_file(console: Console) -> None:
    office, page = console.browser("data_protection"), f"/admin/schools/{console.school}/breaches"
    office.go(page)
    wrong = office.client.post(page, data={"what": "", "detected_at": "2026-09-01T08:00"})
    assert wrong.status_code in (400, 422)
    opened = office.submit("/breaches", what="Тізім жоғалды", detected_at="2026-09-01T07:30")
    one = opened.request.path
    assert opened.status_code == 200
    office.submit("/people", who="pupils")
    assert "Серікова Айгерім" in office.page.text
    assert office.submit("/notice", reason="", format="csv").status_code == 422
    office.go(one)
    for kind, begins in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("pdf", b"%PDF")):
        office.go(one)
        assert office.submit("/notice", reason="Хабарлау үшін", format=kind).data.startswith(begins)
    late = console.browser("data_protection", age=timedelta(minutes=16))
    late.go(one)
    # Many ИИН: who it is, is proved again.
    assert late.submit("/notice", reason="Хабарлау үшін", format="csv").status_code == 403
    above = console.browser("official")
    assert "Тізім жоғалды" in above.go("/admin/breaches").text
    seen = above.go(one)
    assert seen.status_code == 200
    assert "Серікова" not in seen.text
    assert console.browser("other_director").go(one).status_code == 404
    assert console.browser("secretary").go(page).status_code == 403
