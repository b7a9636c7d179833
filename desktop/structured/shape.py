"""What an answer in the chat is to look like: a form that the model fills in, shown as a table, lines or JSON."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from desktop.engine.schema.checking import parse_answer
from desktop.engine.schema.nodes import Value
from desktop.engine.schema.reading import read_schema
from desktop.structured.asking import json_question
from desktop.structured.fields import Form, schema_of
from desktop.structured.tables import markdown_form, markdown_json, markdown_table


class Look(Enum):
    """How an answer is shown; a table has several rows."""

    TABLE = "table"
    FORM = "form"
    JSON = "json"


@dataclass(frozen=True)
class AnswerShape:
    """What an answer is to say, and how it is shown.

    Attributes:
        form: The fields.
    """

    form: Form
    look: Look

    @property
    def asked(self) -> Form:
        """The form that the model fills in: for a table it may do so several times."""
        return Form(self.form.name, self.form.fields, many=self.look is Look.TABLE or self.form.many)

    @property
    def schema(self) -> str:
        """The JSON Schema that the answer keeps to."""
        return schema_of(self.asked, spaced=True)

    def question(self, text: str) -> str:
        """Returns what the model is asked where a person has written this."""
        return json_question(text, read_schema(self.schema))

    def value(self, answer: str) -> Value:
        """Returns what an answer says.

        Raises:
            InvalidAnswerError: It is not whole.
        """
        return _tidied(parse_answer(answer, read_schema(self.schema)))

    def shown(self, value: Value) -> str:
        """Returns what an answer says as Markdown."""
        match self.look:
            case Look.TABLE:
                return markdown_table(value, self.form)
            case Look.FORM:
                return markdown_form(value, self.form)
            case Look.JSON:
                return markdown_json(value)


def _tidied(value: Value) -> Value:
    """Returns a value without the spaces that its texts begin with, see :attr:`TextNode.spaced`."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return [_tidied(each) for each in value]
    return {name: _tidied(each) for name, each in value.items()} if isinstance(value, dict) else value
