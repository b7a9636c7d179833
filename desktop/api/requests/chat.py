"""A request for the next message of a chat, as ``POST /v1/chat/completions`` takes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from desktop.api.errors import invalid, unsupported
from desktop.api.requests import fields
from desktop.api.requests.generating import Options, read_options
from desktop.common.json_file import to_json
from desktop.engine.schema.reading import ANY_OBJECT, read_schema
from desktop.engine.types import Message, Role

_MOST_MESSAGES: Final = 2_000
_ROLES: Final = {
    "system": Role.SYSTEM,
    "developer": Role.SYSTEM,
    "user": Role.USER,
    "assistant": Role.ASSISTANT,
}
_BETWEEN: Final = "\n\n"


@dataclass(frozen=True)
class ChatRequest:
    """What is asked.

    Attributes:
        messages: A system message perhaps, then turns, a user's first and last.
        begun: The beginning of the answer, which goes on from there; empty: there is none.
        schema: A JSON Schema that the answer keeps to; None: it is free.
        thinks: A model that can think aloud does.
    """

    options: Options
    messages: tuple[Message, ...]
    begun: str = ""
    schema: str | None = None
    thinks: bool = False


def read_chat(document: Mapping[str, Any]) -> ChatRequest:
    """Returns what a document asks for.

    Raises:
        ApiError: It makes no sense, or asks for what cannot be had.
        UserFacingError: Its schema cannot be used.
    """
    options = read_options(document)
    _refuse_tools(document)
    if "text" not in (document.get("modalities") or ["text"]):
        raise unsupported("modalities", "answers are text.")
    template = fields.object_at(document, "chat_template_kwargs")
    messages, begun = _turns(_messages(document))
    return ChatRequest(options, messages, begun, _schema(document), fields.flag(template, "enable_thinking"))


def _refuse_tools(document: Mapping[str, Any]) -> None:
    for name, choice in (("tools", "tool_choice"), ("functions", "function_call")):
        if document.get(name) and document.get(choice) != "none":
            raise unsupported(name, f"the model calls no functions. Leave them out, or send '{choice}': 'none'.")


def _messages(document: Mapping[str, Any]) -> list[Message]:
    given = document.get("messages")
    if not isinstance(given, list) or not given:
        raise invalid("'messages' must be a list of at least one message.", "messages")
    if len(given) > _MOST_MESSAGES:
        raise invalid(f"'messages' has more than {_MOST_MESSAGES} messages.", "messages")
    return [_message(each, f"messages[{place}]") for place, each in enumerate(given)]


def _message(given: Any, at: str) -> Message:
    if not isinstance(given, dict):
        raise fields.wrong(at, "an object", given)
    role = given.get("role")
    if role in ("tool", "function") or given.get("tool_calls") or given.get("function_call"):
        raise unsupported(at, "the model calls no functions.")
    if not isinstance(role, str) or role not in _ROLES:
        raise fields.wrong(f"{at}.role", "system, developer, user or assistant", role)
    content = given.get("content")
    if content is None and role == "assistant":
        content = ""
    return Message(_ROLES[role], _text(content, f"{at}.content"))


def _text(content: Any, at: str) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise fields.wrong(at, "a text or a list of parts", content)
    texts: list[str] = []
    for place, part in enumerate(content):
        kind = part.get("type") if isinstance(part, dict) else None
        if kind in ("text", "input_text", "output_text") and isinstance(part.get("text"), str):
            texts.append(part["text"])
        elif kind == "refusal" and isinstance(part.get("refusal"), str):
            texts.append(part["refusal"])
        elif isinstance(kind, str) and kind not in ("text", "input_text", "output_text", "refusal"):
            raise unsupported(f"{at}[{place}]", f"the model reads text, and nothing of the kind '{kind[:40]}'.")
        else:
            raise fields.wrong(f"{at}[{place}]", "a part such as {'type': 'text', 'text': '...'}", part)
    return "\n".join(texts)


def _turns(said: Iterable[Message]) -> tuple[tuple[Message, ...], str]:
    """Returns the messages as every template takes them, and the beginning of the answer.

    Instructions in between stand before what the user says next, and who speaks twice has said one thing: a template
    that refused them would not be used for anybody any more.
    """
    system: list[str] = []
    turns: list[Message] = []
    told: list[str] = []  # instructions for the next user's message
    for message in said:
        if message.role is Role.SYSTEM:
            (told if turns else system).append(message.text)
            continue
        text = message.text
        if message.role is Role.USER:
            text, told = _BETWEEN.join((*told, text)), []
        elif not turns:
            turns.append(Message(Role.USER, ""))  # somebody has to begin
        if turns and turns[-1].role is message.role:
            turns[-1] = Message(message.role, _BETWEEN.join((turns[-1].text, text)))
        else:
            turns.append(Message(message.role, text))
    begun = ""
    if told and turns[-1].role is Role.USER:
        turns[-1] = Message(Role.USER, _BETWEEN.join((turns[-1].text, *told)))
    elif told:
        turns.append(Message(Role.USER, _BETWEEN.join(told)))
    elif turns and turns[-1].role is Role.ASSISTANT:
        begun = turns.pop().text
    if not turns:
        turns.append(Message(Role.USER, ""))
    first = (Message(Role.SYSTEM, _BETWEEN.join(system)),) if system else ()
    return (*first, *turns), begun


def _schema(document: Mapping[str, Any]) -> str | None:
    """Returns the schema that an answer is to keep to; None: it is free.

    Raises:
        ApiError: It is none that is known.
        UserFacingError: It cannot be used.
    """
    wish = fields.object_at(document, "response_format")
    kind = wish.get("type") if wish else "text"
    if kind == "text":
        return None
    if kind == "json_object":
        return ANY_OBJECT
    if kind != "json_schema":
        raise fields.wrong("response_format.type", "text, json_object or json_schema", kind)
    schema = fields.object_at(wish, "json_schema").get("schema")
    if not isinstance(schema, dict):
        raise fields.wrong("response_format.json_schema.schema", "a JSON Schema", schema)
    text = to_json(schema)
    read_schema(text)
    return text
