"""Photos in the console."""

from __future__ import annotations

import io
import re
import zipfile

from PIL import Image

from tests.factories.console import Console


def _picture(kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (90, 120), "navy").save(out, kind)
    return out.getvalue()


def _token(text: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert found
    return found[1]


def test_a_photo_is_put_served_within_the_school_only_and_deleted(console: Console) -> None:
    browser = console.browser("secretary")
    url = f"/admin/schools/{console.school}/people/{console.people['pupil']}"
    token = _token(browser.go(url).text)
    assert browser.go(f"{url}/photo").status_code == 404
    for name, data in (("a.txt", b"not a picture"), ("a.png", _picture())):
        sent = {"csrf_token": token, "photo": (io.BytesIO(data), name)}
        browser._follow(browser.client.post(f"{url}/photo", data=sent))
    photo = browser.go(f"{url}/photo")
    assert (photo.status_code, photo.content_type) == (200, "image/jpeg")
    other = f"/admin/schools/{console.other}/people/{console.people['pupil']}/photo"
    assert console.browser("other_director").go(other).status_code == 404
    browser.go(url)
    browser.submit("/photo/delete")
    assert browser.go(f"{url}/photo").status_code == 404


def test_an_archive_is_reported_on_before_anything_is_kept(console: Console) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("7A/pupil.jpg", _picture("JPEG"))
        file.writestr("nobody.jpg", _picture("JPEG"))
        file.writestr("nurse.png", b"\x89PNG\r\n")
        file.writestr("__MACOSX/._pupil.jpg", b"")
    browser = console.browser("director")
    url = f"/admin/schools/{console.school}/photos"
    sent = {"csrf_token": _token(browser.go(url).text), "archive": (io.BytesIO(b"no zip"), "a.zip")}
    assert browser.client.post(url, data=sent).status_code == 422
    sent = {"csrf_token": _token(browser.go(url).text), "archive": (io.BytesIO(archive.getvalue()), "a.zip")}
    report = browser._follow(browser.client.post(url, data=sent))
    assert [name in report.text for name in ("1: pupil", "1: nobody", "1: nurse")] == [True] * 3
    photo = f"/admin/schools/{console.school}/people/{console.people['pupil']}/photo"
    assert browser.client.get(photo).status_code == 404
    browser.submit("/keep")
    assert browser.go(photo).status_code == 200
