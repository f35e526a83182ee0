"""The console of a school in the middle of its year, served to a real browser: something waits on every page.

with console_site(database_url, folder, clock) as site:
    site.url, site.ground                 the address, and the district of tests/factories/console.py
    site.token("director")                the cookie of a session signed in by ЭЦҚ a moment ago
    site.pages()                          every page of the console at the school, by name
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from werkzeug.serving import make_server

from idp.app import create_app
from idp.cli.keys import make_master_key
from idp.core import levels
from idp.core.clock import FixedClock, local_date
from idp.core.names import search_key, sort_key
from idp.parts import build
from idp.services.acting import Actor
from idp.services.scope import of_operator
from idp.settings import Settings
from idp.store import words
from tests.factories.consent_ground import draft
from tests.factories.console import Console, add_class, add_enrolment, add_guardianship

PUPILS = (
    ("Әбдіқадыр", "Томирис", "Нұрланқызы"), ("Бекболат", "Ерасыл", ""), ("Ғабитов", "Дінмұхамед", "Асқарұлы"),
    ("Ким", "Полина", "Андреевна"), ("Қуанышұлы", "Мирас", ""), ("Үсенов", "Шыңғыс", "Болатұлы"),
)  # fmt: skip


@dataclass
class ConsoleSite:
    url: str
    ground: Console
    ids: dict[str, str] = field(default_factory=dict)

    def token(self, name: str) -> str:
        client = self.ground.browser(name).client
        found = client.get_cookie("bilim_id")
        assert found is not None
        return found.value

    def cookie(self, name: str) -> Any:
        return {"name": "bilim_id", "value": self.token(name), "url": self.url}

    def pages(self) -> dict[str, str]:
        """Addresses by name."""
        at, ids = f"/admin/schools/{self.ground.school}", self.ids
        one = f"{at}/people/{ids['pupil']}"
        return {
            "overview": at, "people": f"{at}/people", "people-none": f"{at}/people?q=жұлдыз",
            "person-new": f"{at}/people/new", "person": one, "person-edit": f"{one}/edit",
            "person-guardians": f"{one}/guardians", "person-guardian-add": f"{one}/guardians/add",
            "person-cards": f"{one}/cards", "person-consents": f"{one}/consents", "person-access": f"{one}/access",
            "transfer-out": f"{one}/transfer", "transfer-in": f"{at}/transfer", "photos": f"{at}/photos",
            "duplicates": f"{at}/duplicates", "merge": f"{one}/merge/{ids['twin']}", "merged": f"{one}/merged",
            "classes": f"{at}/classes",
            "class": f"{at}/classes/{self.ground.klass}", "class-new": f"{at}/classes/new",
            "guardians": f"{at}/guardians", "guardian": f"{at}/guardians/{ids['link']}",
            "guardian-block": f"{at}/guardians/{ids['link']}/block",
            "guardian-end": f"{at}/guardians/{ids['link']}/end",
            "guardian-waiting": f"{at}/guardians/{ids['waiting']}", "guardian-codes": f"{at}/guardians/codes",
            "cards": f"{at}/cards", "cards-import": f"{at}/cards/import", "badges": f"{at}/cards/badges",
            "consents": f"{at}/consents", "withdrawals": f"{at}/consents/withdrawals",
            "consent": f"{at}/consents/records/{ids['record']}",
            "texts": f"{at}/consents/texts", "text": f"{at}/consents/texts/{ids['text']}",
            "text-new": f"{at}/consents/texts/new?purpose=photo", "campaigns": f"{at}/consents/campaigns",
            "campaign": f"{at}/consents/campaigns/{ids['campaign']}", "campaign-new": f"{at}/consents/campaigns/new",
            "slips": f"{at}/consents/campaigns/{ids['campaign']}/slips",
            "calendar": f"{at}/calendar", "bells": f"{at}/calendar/bells/1", "imports": f"{at}/imports",
            "services": f"{at}/services", "requests": f"{at}/requests", "request": f"{at}/requests/{ids['request']}",
            "breaches": f"{at}/breaches", "breach": f"{at}/breaches/{ids['breach']}", "log": f"{at}/log",
            "access": f"{at}/access", "statistics": f"{at}/statistics", "settings": f"{at}/settings",
            "year": f"{at}/year", "year-class": f"{at}/year/{self.ground.klass}",
        }  # fmt: skip


@contextmanager
def console_site(database_url: str, folder: Path, clock: FixedClock) -> Iterator[ConsoleSite]:
    """`database_url` is migrated; keys go into `folder`."""
    site = filled(database_url, folder, clock)
    server = make_server("127.0.0.1", 0, site.ground.app, threaded=True)
    site.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield site
    server.shutdown()
    site.ground.parts.engine.dispose()


def filled(database_url: str, folder: Path, clock: FixedClock) -> ConsoleSite:
    """The same without a server."""
    settings = Settings(database_url=database_url, keys_dir=folder, secret_file=folder / "master.key", env="dev")
    make_master_key(settings.secret_file)
    first = build(settings, clock)
    first.keys.init()
    first.engine.dispose()
    app = create_app(settings, clock)
    site = ConsoleSite("", Console(app, app.extensions["parts"], clock))
    _fill(site)
    return site


def _fill(site: ConsoleSite) -> None:
    ground, ids, parts = site.ground, site.ids, site.ground.parts
    parts.holidays.seed()
    with parts.uow.write() as tx:
        add_class(tx, ground.school, "1 «А»", grade="1")
        for place, (family, given, middle) in enumerate(PUPILS):
            name = f"pupil{place}"
            keys = {"sort_key": sort_key(family, given, middle), "search_key": search_key(family, given, middle)}
            names = {"family_name": family, "given_name": given, "middle_name": middle} | keys
            ground.add(tx, name, "pupil", ground.school, **names)
            add_enrolment(tx, ground.school, ground.klass, ground.people[name], "pupil")
        ground.add(tx, "twin", "pupil", ground.school)
        ground.add(tx, "aunt", "guardian", ground.school, family_name="Ниязова", given_name="Әсем")
        pupil = ids["pupil"] = ground.people["pupil"]
        ids["twin"] = ground.people["twin"]
        ids["waiting"] = add_guardianship(
            tx, ground.school, pupil, ground.people["aunt"], verified_at=None, verified_by="",
            evidence={"channel": "code"},
        )  # fmt: skip
        ids["link"] = add_guardianship(tx, ground.school, ground.people["pupil0"], ground.people["guardian"])
        words.renew(tx, list(ground.people.values()))
    scope = replace(of_operator((ground.school,)), person=ground.people["director"])
    actor = Actor(
        scope.person, ground.memberships["director"], "director", ground.school, levels.EDS, ("pwd",),
        parts.clock.now(), "s",
    )  # fmt: skip
    parts.cards.issue(scope, ground.school, pupil, "0013961169", "dec10")
    _ask(site, scope, actor)
    _protect(site, scope, actor)


def _ask(site: ConsoleSite, scope: Any, actor: Actor) -> None:
    """A text of consent, a campaign for it, one answer."""
    from idp.services.consent_signers import Hand

    ground, ids, desk = site.ground, site.ids, site.ground.parts.consent_desk
    ids["text"] = desk.texts.draft(scope, ground.school, actor, "visits", "", draft())
    desk.texts.publish(scope, ids["text"], actor)
    today = local_date(ground.clock.now())
    sent = {"title": "Қыркүйек", "begin": today.isoformat(), "end": (today + timedelta(days=20)).isoformat()}
    ids["campaign"] = desk.campaigns.begin(scope, ground.school, actor, sent, [ids["text"]], [])
    hand = Hand(ground.people["guardian"], levels.MFA, ("pwd", "otp"), ground.clock.now(), "session", "kk")
    given = desk.acts.give(hand, ids["pupil"], ids["text"])
    assert isinstance(given, str)
    ids["record"] = given


def _protect(site: ConsoleSite, scope: Any, actor: Actor) -> None:
    ground, ids, protection = site.ground, site.ids, site.ground.parts.protection
    ids["request"] = protection.requests.make(
        ground.people["guardian"], "blocking", about=ids["pupil"], school_id=ground.school, text="Басқа біреу оқыған"
    )
    ids["breach"] = protection.breaches.register(
        actor, scope, ground.school, what="Сынып тізімі басылған парақ жоғалды",
        detected_at=ground.clock.now() - timedelta(hours=2),
    )  # fmt: skip
