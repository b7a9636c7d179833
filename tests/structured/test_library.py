"""Saved forms: kept over a start, and what cannot be read stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from desktop.structured.fields import MOST_FIELDS, Field, FieldKind, Form, checked_form, parse_fields
from desktop.structured.library import MOST_FORMS, FormLibrary


def test_forms_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "forms.json"
    library = FormLibrary(file)
    bills, people = parse_fields("name, state: choice(a|b)?", "Bills"), parse_fields("\u59d3\u540d", "People")
    library.save(bills)
    library.save(people)
    assert FormLibrary(file).all() == (people, bills)
    # WHEN one of the same name is saved THEN it takes its place, at the front
    newer = parse_fields("who", "bills")
    library.save(newer)
    assert FormLibrary(file).all() == (newer, people)
    library.delete("People")
    assert FormLibrary(file).all() == (newer,)


def test_what_another_version_has_written_stays(tmp_path: Path) -> None:
    file = tmp_path / "forms.json"
    strange = {"name": "X", "fields": [{"name": "a", "kind": "picture"}]}
    file.write_text(json.dumps({"version": 1, "forms": [strange, 3], "later": 1}))
    library = FormLibrary(file)
    assert library.all() == ()
    library.save(parse_fields("a", "A"))
    document = json.loads(file.read_text())
    assert document["forms"][1:] == [strange, 3] and document["later"] == 1


def test_as_many_of_the_longest_as_are_kept_are_read_again(tmp_path: Path) -> None:
    file = tmp_path / "forms.json"
    writes: list[Callable[[], None]] = []
    library = FormLibrary(file, lambda _file, write: writes.append(write))
    fields = tuple(
        Field(f"{at}" + "\u5b57" * 78, FieldKind.TEXT, (), True, "\u5b57" * 200) for at in range(MOST_FIELDS)
    )
    for number in range(MOST_FORMS):
        library.save(checked_form(Form(f"Form {number}", fields)))
    library.save(checked_form(Form("Last", fields)))
    writes[-1]()  # of several writes of one file only the last need be done
    again = FormLibrary(file)
    assert again.load_problem is None and len(again.all()) == MOST_FORMS


def test_a_broken_file_is_put_aside(tmp_path: Path) -> None:
    file = tmp_path / "forms.json"
    file.write_text("{")
    library = FormLibrary(file)
    assert library.load_problem is not None
    library.save(parse_fields("a", "A"))
    assert FormLibrary(file).all()[0].name == "A"
    assert len(list(tmp_path.iterdir())) == 2
