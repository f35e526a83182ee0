"""The page of imports: a file checked, agreed to, applied, taken back."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from tests.factories.console import Console
from tests.factories.rosters import CLASSES, ENROLLMENTS, ROLES, USERS, changed, write_bundle, zipped


@pytest.fixture
def roster(tmp_path: Path) -> bytes:
    users = [{**row, "username": "", "familyName": "Жаңа" if row["sourcedId"] == "p" else row["familyName"]}
             for row in changed(USERS, "p", grades="7x")]  # fmt: skip
    files = {
        "classes": changed(CLASSES, "c", termSourcedIds=""), "users": users, "roles": ROLES,
        "enrollments": ENROLLMENTS,
        "demographics": [{"sourcedId": key, "birthDate": f"20{day}-01-01"} for key, day in (("p", 13), ("g", 14))],
    }  # fmt: skip
    return zipped(write_bundle(tmp_path / "roster", files), tmp_path / "roster.zip").read_bytes()


def test_a_secretary_imports_a_list_and_takes_it_back(console: Console, roster: bytes) -> None:
    browser = console.browser("secretary")
    base = f"/admin/schools/{console.school}/imports"
    page = browser.go(f"{base}?lang=en")
    csrf = page.text.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]

    def send(name: str, data: bytes) -> str:
        form = {"csrf_token": csrf, "file": (BytesIO(data), name)}
        sent = browser.client.post(base, data=form, content_type="multipart/form-data")
        return sent.headers.get("Location", str(sent.status_code))

    assert send("list.exe", roster) == "400"
    assert browser.client.post(base, data={"csrf_token": csrf}).status_code == 400
    waiting = send("list.zip", roster)
    page = browser.go(waiting)
    assert (page.status_code, "7x" in page.text) == (200, True)
    codes = [part.split('"', 1)[0] for part in page.text.split('name="accept" value="')[1:]]
    assert codes == ["child_older_than_guardian"]
    assert browser.client.post(f"{waiting}/apply", data={"csrf_token": csrf}).status_code == 400
    page = browser.go(f"{waiting}?accept={codes[0]}")
    assert "Import the list" in page.text
    agreed = {"accept": codes[0], "csrf_token": csrf}
    assert "done=applied" in browser.client.post(f"{waiting}/apply", data=agreed).headers["Location"]
    assert browser.go(waiting).status_code == 404
    console.clock.advance(minutes=1)
    browser.go(base)
    assert "Taken back" in browser.submit("/undo").text
    dropped = send("list.zip", roster)
    browser.go(dropped)
    browser.client.post(dropped, data={"csrf_token": csrf})
    assert browser.go(dropped).status_code == 404
    for language in ("kk", "ru"):
        file = browser.client.get(f"{base}/template.xlsx?in={language}")
        assert (file.status_code, file.data[:2]) == (200, b"PK")
    assert browser.go(f"/admin/schools/{console.other}/imports").status_code == 404
    assert "command line" in console.browser("operator").go(f"/admin/schools/{console.district}/imports?lang=en").text
