"""The reader's pages."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from clients.kit.access import current_person, just_signed_out, person, signed_in
from clients.kit.kit import kit
from clients.textbooks import classes, reading
from clients.textbooks.books import Book, shelf
from idp.core.errors import NotFound

bp = Blueprint("textbooks", __name__)


def _book(slug: str) -> Book:
    book = shelf().get(slug)
    if book is None:
        raise NotFound("no such book")
    return book


@bp.get("/")
def catalogue() -> ResponseReturnValue:
    reader = current_person()
    if reader is None:
        return render_template("textbooks/welcome.html", signed_out=just_signed_out())
    places = reading.places_of(kit().database, reader.sub)
    begun = sorted((place.read_at, slug) for slug, place in places.items() if slug in shelf())
    last = shelf()[begun[-1][1]] if begun else None
    return render_template("textbooks/catalogue.html", books=list(shelf().values()), places=places, last=last)


@bp.get("/books/<slug>")
@signed_in
def contents(slug: str) -> ResponseReturnValue:
    book, database = _book(slug), kit().database
    place = reading.places_of(database, person().sub).get(slug)
    result = reading.result_of(database, person().sub, book)
    return render_template("textbooks/contents.html", book=book, place=place, result=result)


@bp.get("/books/<slug>/<int:number>")
@signed_in
def page(slug: str, number: int) -> ResponseReturnValue:
    book = _book(slug)
    if not 1 <= number <= len(book.pages):
        raise NotFound("no such page")
    place = reading.turn_to(kit().database, person(), book, number, kit().clock.now())
    return render_template("textbooks/page.html", book=book, number=number, place=place)


@bp.get("/books/<slug>/quiz")
@signed_in
def quiz(slug: str) -> ResponseReturnValue:
    book = _book(slug)
    result = None if "again" in request.args else reading.result_of(kit().database, person().sub, book)
    return render_template("textbooks/quiz.html", book=book, result=result)


@bp.post("/books/<slug>/quiz")
@signed_in
def answer(slug: str) -> ResponseReturnValue:
    book = _book(slug)
    reading.answer_quiz(kit().database, person(), book, request.form, kit().clock.now())
    return redirect(f"/books/{slug}/quiz", 303)


@bp.get("/classes")
@signed_in
def my_classes() -> ResponseReturnValue:
    taught = person().taught_classes
    counts = classes.reader_counts(kit().database, person()) if taught else {}
    return render_template("textbooks/classes.html", taught=taught, counts=counts)


@bp.get("/classes/<class_id>")
@signed_in
def one_class(class_id: str) -> ResponseReturnValue:
    taught = classes.taught_class(person(), class_id)
    lists = [(book, classes.readers_of(kit().database, person(), class_id, book)) for book in shelf().values()]
    return render_template("textbooks/class.html", taught=taught, lists=lists)
