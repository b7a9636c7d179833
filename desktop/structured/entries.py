"""Forms, and what answers are to look like, as values of JSON: for files, and beside a stored answer."""

from __future__ import annotations

from typing import Any, Final

from desktop.common.json_file import parse_json, to_json
from desktop.structured.fields import MOST_NAME, Field, FieldKind, Form, checked_form
from desktop.structured.shape import AnswerShape, Look

# Characters of a shape: forty fields with forty values each are less.
_MOST: Final = 200_000


def entry_of_form(form: Form) -> dict[str, Any]:
    """Returns a form as JSON has it."""
    fields = []
    for each in form.fields:
        entry: dict[str, Any] = {"name": each.name, "kind": each.kind.value}
        if each.choices:
            entry["choices"] = list(each.choices)
        if each.optional:
            entry["optional"] = True
        if each.hint:
            entry["hint"] = each.hint
        fields.append(entry)
    return {"name": form.name, "fields": fields}


def form_of_entry(entry: dict[str, Any]) -> Form:
    """Returns the form that a value of JSON is.

    Raises:
        LookupError, TypeError, ValueError, AttributeError, UserFacingError: It is none.
    """
    fields = tuple(
        Field(
            str(each["name"]),
            FieldKind(each["kind"]),
            tuple(map(str, each.get("choices", ()))),
            each.get("optional") is True,
            str(each.get("hint", "")),
        )
        for each in entry["fields"]
    )
    return checked_form(Form(str(entry["name"])[:MOST_NAME], fields, entry.get("many") is True))


def shape_text(shape: AnswerShape) -> str:
    """Returns a shape as a text of JSON, to be kept beside the answer."""
    entry = entry_of_form(shape.form)
    return to_json({"look": shape.look.value, **entry, **({"many": True} if shape.form.many else {})})


def shape_of_text(text: str) -> AnswerShape:
    """Returns the shape that :func:`shape_text` has made a text of.

    Raises:
        LookupError, TypeError, ValueError, AttributeError, UserFacingError: It is none, or one of another Catnap.
    """
    entry = parse_json(text, _MOST)
    return AnswerShape(form_of_entry(entry), Look(entry["look"]))
