"""A family of two schools, served to a real browser: something stands on every page of the account.

with family_site(database_url, folder, clock) as site:
    site.url, site.people, site.parts     the address, ids by name, and the parts behind it
    site.cookie("gulnara")                of a session opened a moment ago with two factors
    site.pages()                          every page of the parent's account, by name

`gulnara` is a mother of `aigerim` (15, school № 12) and `nurlan` (7, school № 5), and waits for `ali`;
`dinara` teaches and has no child linked yet; `daulet` is 18 and asked about his mother.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pyotp
from werkzeug.serving import make_server

from idp.app import create_app
from idp.cli.keys import make_master_key
from idp.core import levels
from idp.core.clock import FixedClock
from idp.core.names import search_key, sort_key
from idp.parts import Parts, build
from idp.services.acting import Actor
from idp.services.consent_signers import Hand
from idp.services.scope import of_operator
from idp.settings import Settings
from idp.store import consents, credentials, words
from idp.store.session import Tx
from tests.factories.consent_ground import BIN, PASSING, contents, draft
from tests.factories.console import add_class, add_enrolment, add_guardianship
from tests.factories.factor_ground import HASH
from tests.factories.relying_party import document
from tests.factories.rows import add_membership, add_person, add_school
from tests.fakes.databases import free_port

PEOPLE = {
    "gulnara": ("Серікова", "Гүлнара", "Болатқызы"), "aigerim": ("Серікова", "Айгерім", "Ерланқызы"),
    "nurlan": ("Серіков", "Нұрлан", "Ерланұлы"), "ali": ("Қанатов", "Әли", ""),
    "daulet": ("Жүнісов", "Дәулет", "Маратұлы"), "mother": ("Жүнісова", "Әсем", ""),
    "dinara": ("Есенғалиева", "Динара", ""), "saule": ("Омарова", "Сәуле", ""), "gauhar": ("Өтегенова", "Гауһар", ""),
}  # fmt: skip
BORN = {
    "aigerim": date(2011, 5, 17), "nurlan": date(2019, 3, 1), "ali": date(2014, 1, 9), "daulet": date(2008, 8, 20),
}  # fmt: skip


@dataclass
class FamilySite:
    url: str
    parts: Parts
    clock: FixedClock
    people: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def cookie(self, name: str, acr: str = levels.MFA) -> Any:
        """A session of `name`, who signed in at `acr` a moment ago."""
        with self.parts.uow.write() as tx:
            opened = self.parts.sessions.open(
                tx, person_id=self.people[name], acr=acr, amr=("pwd", "otp"), is_shared=False,
                browser="Mozilla/5.0 (Linux; Android 14) Chrome/126 Mobile Safari/537.36",
            )  # fmt: skip
        return {"name": "bilim_id", "value": opened.token, "url": self.url}

    def code(self) -> str:
        """A code of the school for aigerim, as it stands on the slip."""
        scope = replace(of_operator((self.ids["school"],)), person=self.people["saule"])
        return self.parts.guardian_codes.make(scope, self.ids["school"], self.ids["klass"]).slips[0].code

    def pages(self) -> dict[str, str]:
        """Addresses by name, as the mother opens them."""
        ids, aigerim = self.ids, self.people["aigerim"]
        about = f"/account/consents/{aigerim}"
        return {
            "home": "/account", "children": "/account/children", "child-add": "/account/children/add",
            "child-disown": f"/account/children/{ids['link']}/disown", "consents": "/account/consents",
            "consents-of": about, "consent-text": f"{about}/texts/{ids['photo']}",
            "consent-given": f"{about}/texts/{ids['visits']}", "consent-record": f"{about}/records/{ids['record']}",
            "data": "/account/data", "data-child": f"/account/data/{aigerim}", "requests": "/account/requests",
            "request-correction": "/account/requests/new/correction",
            "security": "/account/security", "passkey-new": "/account/security/passkeys/new",
            "totp": "/account/security/totp", "codes": "/account/security/codes", "second": "/account/security/second",
            "totp-remove": "/account/security/totp/remove", "password-change": "/account/security/password",
            "email": "/account/security/email", "services": "/account/services",
        }  # fmt: skip


@contextmanager
def family_site(database_url: str, folder: Path, clock: FixedClock) -> Iterator[FamilySite]:
    """`database_url` is migrated; keys go into `folder`. The app has a name, for a number is no RP ID."""
    port = free_port()
    url = f"http://localhost:{port}"
    settings = Settings(
        issuer=url, database_url=database_url, keys_dir=folder, secret_file=folder / "master.key", env="dev",
        smtp_url="smtp://127.0.0.1:2525", mail_from="id@mektep12.example",
    )  # fmt: skip
    make_master_key(settings.secret_file)
    first = build(settings, clock)
    first.keys.init()
    first.engine.dispose()
    app = create_app(settings, clock)
    parts: Parts = app.extensions["parts"]
    site = FamilySite(url, parts, clock)
    _gather(site)
    _furnish(site)
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield site
    server.shutdown()
    parts.engine.dispose()


def _gather(site: FamilySite) -> None:
    site.parts.holidays.seed()
    ids, people = site.ids, site.people
    with site.parts.uow.write() as tx:
        ids["school"] = add_school(tx, name_ru="Школа-гимназия № 12", identifier=BIN)
        ids["other"] = add_school(tx, "№ 5 ауыл мектебі", name_ru="Сельская школа № 5")
        ids["klass"] = add_class(tx, ids["school"], "9 «А»", grade="9")
        ids["small"] = add_class(tx, ids["other"], "1 «Ә»", grade="1")
        for name in PEOPLE:
            people[name] = _person(tx, site, name)
        for name, where, role in (
            ("aigerim", "school", "pupil"), ("nurlan", "other", "pupil"), ("ali", "school", "pupil"),
            ("daulet", "school", "pupil"), ("gulnara", "school", "guardian"), ("gulnara", "other", "guardian"),
            ("mother", "school", "guardian"), ("dinara", "school", "teacher"), ("saule", "school", "director"),
            ("gauhar", "school", "secretary"),
        ):  # fmt: skip
            is_primary = where == "school" or name == "nurlan"
            ids[f"{name}@{where}"] = add_membership(tx, people[name], ids[where], role, is_primary=is_primary)
        add_enrolment(tx, ids["school"], ids["klass"], people["aigerim"], "pupil")
        add_enrolment(tx, ids["other"], ids["small"], people["nurlan"], "pupil")
        for child, guardian, where in (("aigerim", "gulnara", "school"), ("nurlan", "gulnara", "other")):
            ids["link"] = add_guardianship(
                tx, ids[where], people[child], people[guardian], relation="parent",
                of_age_on=BORN[child].replace(year=BORN[child].year + 18),
            )  # fmt: skip
        add_guardianship(
            tx, ids["school"], people["ali"], people["gulnara"], verified_at=None, verified_by="",
            evidence={"channel": "code"},
        )  # fmt: skip
        add_guardianship(tx, ids["school"], people["daulet"], people["mother"], of_age_on=date(2026, 8, 20))
        words.renew(tx, list(people.values()))


def _person(tx: Tx, site: FamilySite, name: str) -> str:
    family, given, middle = PEOPLE[name]
    mail: dict[str, Any] = {"email": f"{name}@mektep.example", "email_verified": True} if name == "gulnara" else {}
    person_id = add_person(
        tx, name, family_name=family, given_name=given, middle_name=middle, birth_date=BORN.get(name),
        sort_key=sort_key(family, given, middle), search_key=search_key(family, given, middle), **mail,
    )  # fmt: skip
    row = (person_id, {"hash": HASH})
    credentials.replace(tx, "password", [row], must_change=False, now=site.clock.now())
    return person_id


def _furnish(site: FamilySite) -> None:
    """Texts of consent and an answer, a card, somebody who looked, a request, an app and recovery codes."""
    ids, people, parts = site.ids, site.people, site.parts
    now, desk = site.clock.now(), site.parts.consent_desk
    scope = replace(of_operator((ids["school"], ids["other"])), person=people["saule"])
    actor = Actor(people["saule"], ids["saule@school"], "director", ids["school"], levels.EDS, ("pwd",), now, "s")
    photo = draft(
        title={"kk": "Оқушының суретін мектеп төсбелгісіне қою", "ru": "Фотография ученика на школьном бейдже"},
        body={
            "kk": "Мектеп оқушының суретін төсбелгіге басады, күзетші оны кіреберісте салыстырады.",
            "ru": "Школа печатает фотографию на бейдже, охранник сверяет её на входе.",
        },
        contents=contents(third_parties=PASSING),
    )
    for name, where, purpose, text in (
        ("visits", "school", "visits", draft()), ("photo", "school", "photo", photo),
        ("meals", "other", "meal_payment", draft()),
    ):  # fmt: skip
        ids[name] = desk.texts.draft(scope, ids[where], actor, purpose, "", text)
        desk.texts.publish(scope, ids[name], actor)
    hand = Hand(people["gulnara"], levels.MFA, ("pwd", "otp"), now, "session", "kk")
    given = desk.acts.give(hand, people["aigerim"], ids["visits"])
    assert isinstance(given, str)
    ids["record"] = given
    parts.cards.issue(scope, ids["school"], people["aigerim"], "0013961169", "dec10")
    parts.viewing.saw(actor, people["aigerim"], ids["school"], "facts")
    parts.clients.add(document("textbooks"))
    with parts.uow.write() as tx:
        consents.give(
            tx, person_id=people["gulnara"], client_id="textbooks", membership_id=ids["gulnara@school"],
            school_id=ids["school"], scopes=["openid", "profile", "offline_access"], claims=["name", "locale"], now=now,
        )  # fmt: skip
    parts.protection.requests.make(
        people["gulnara"], "blocking", about=people["aigerim"], school_id=ids["school"], text="Басқа біреу оқыған"
    )
    factors = parts.sign_in.factors
    setting = factors.begin_totp(people["gulnara"], bound="s")
    app = pyotp.TOTP(setting.key.replace(" ", ""))
    factors.add_totp(people["gulnara"], setting.ticket, app.at(now), bound="s")
