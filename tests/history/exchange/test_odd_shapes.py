"""Exports of ChatGPT and Open WebUI in shapes that nobody documents, and that other programs write: no word is lost."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from desktop.common.errors import UserFacingError
from desktop.history.exchange.importing import import_file
from desktop.history.store import History

Json = dict[str, Any]


def said(key: str, parent: str | None, role: str, *parts: Any, **more: Any) -> Json:
    """Returns a node of ChatGPT's."""
    content = {"content_type": "text", "parts": list(parts)}
    return {
        "id": key,
        "parent": parent,
        "children": [],
        "message": {"author": {"role": role}, "content": content, **more},
    }


def bare(key: str, parent: str | None, **message: Any) -> Json:
    """Returns a node whose message is just that."""
    return {"id": key, "parent": parent, "children": [], "message": message}


def chat(*nodes: Json, **more: Any) -> Json:
    """Returns a conversation of ChatGPT's."""
    return {"title": "t", "create_time": 1.7e9, "mapping": {node["id"]: node for node in nodes}, **more}


def webui(*messages: Json, current: str = "", **more: Any) -> Json:
    """Returns a chat of Open WebUI's."""
    tree = {message["id"]: message for message in messages}
    return {"id": "1", "title": "t", "chat": {"history": {"currentId": current, "messages": tree}}, **more}


def told(key: str, parent: str | None, role: str, content: Any, **more: Any) -> Json:
    """Returns a message of Open WebUI's."""
    return {"id": key, "parentId": parent, "childrenIds": [], "role": role, "content": content, **more}


ASKED = said("a", None, "user", "Why?")
DETAILS = (
    '<details type="reasoning"><summary>Thought</summary>\n> one\n<details><summary>x</summary>y</details>\n> two\n'
    "</details>\nSo."
)
SHAPES: dict[str, tuple[Any, list[str]]] = {
    # ChatGPT
    "a content that is a text": (chat(bare("a", None, author={"role": "user"}, content="hello")), ["hello"]),
    "a content that is a list": (chat(bare("a", None, author={"role": "user"}, content=["one", "two"])), ["one\ntwo"]),
    "an author that is a text": (chat(bare("a", None, author="user", content={"parts": ["hello"]})), ["hello"]),
    "a role beside the content": (chat(bare("a", None, role="user", content={"parts": ["hello"]})), ["hello"]),
    "no content_type": (chat(bare("a", None, author={"role": "user"}, content={"parts": ["hello"]})), ["hello"]),
    "parts within parts": (chat(said("a", None, "user", ["x", ["too deep"]], {"text": "y"}, "z")), ["x\ny\nz"]),
    "parts that are null": (
        chat(ASKED, bare("b", "a", author={"role": "assistant"}, content={"parts": None})),
        ["Why?"],
    ),
    "a picture between words": (
        chat(said("a", None, "user", {"content_type": "image_asset_pointer", "asset_pointer": "x"}, "what is it?")),
        ["[Image]\nwhat is it?"],
    ),
    "spoken words": (
        chat(
            said(
                "a",
                None,
                "user",
                {"content_type": "audio_transcription", "text": "spoken"},
                {"content_type": "audio_asset_pointer"},
            )
        ),
        ["spoken\n[Audio]"],
    ),
    "a tool that was called": (
        chat(
            ASKED,
            bare(
                "b",
                "a",
                author={"role": "assistant"},
                recipient="python",
                content={"content_type": "code", "text": "1+1"},
            ),
            bare("c", "b", author={"role": "tool"}, content={"content_type": "execution_output", "text": "2"}),
            said("d", "c", "assistant", "Two."),
        ),
        ["Why?", "Two."],
    ),
    "two questions and no answer between": (
        chat(ASKED, said("b", "a", "user", "Why not?"), said("c", "b", "assistant", "Yes.")),
        ["Why?", "Why not?", "Yes."],
    ),
    "an answer that comes first": (
        chat(said("a", None, "assistant", "Welcome."), said("b", "a", "user", "Hi")),
        ["Welcome.", "Hi"],
    ),
    "a node in view that is not there": (
        chat(ASKED, said("b", "a", "assistant", "One"), said("c", "a", "assistant", "Two"), current_node="gone"),
        ["Why?", "Two"],
    ),
    "a branch in view": (
        chat(ASKED, said("b", "a", "assistant", "One"), said("c", "a", "assistant", "Two"), current_node="b"),
        ["Why?", "One"],
    ),
    "keys that are numbers": (
        {
            "title": 5,
            "mapping": {"1": said("1", None, "user", "q"), "2": {**said("2", None, "assistant", "a"), "parent": 1}},
        },
        ["q", "a"],
    ),
    "a chain that leads back to itself": (
        chat(said("a", "b", "user", "q"), said("b", "a", "assistant", "a")),
        ["q", "a"],
    ),
    "half a surrogate pair": (chat(said("a", None, "user", "half \ud83d here")), ["half \ufffd here"]),
    "a time that is no time": (chat(ASKED, create_time=float("nan"), update_time=-5), ["Why?"]),
    "a title of 100,000 letters": (chat(ASKED) | {"title": "x" * 100_000}, ["Why?"]),
    "one conversation, not in a list": (chat(ASKED), ["Why?"]),
    "conversations in an object": ({"conversations": [chat(ASKED)]}, ["Why?"]),
    "unknown fields everywhere": (
        chat({**ASKED, "later": {"x": [1]}}, future={"deep": {"er": [None]}}, current_node="a"),
        ["Why?"],
    ),
    # Open WebUI
    "parts with a picture": (
        webui(
            told(
                "a",
                None,
                "user",
                [{"type": "text", "text": "look"}, {"type": "image_url", "image_url": {"url": "data:"}}],
            )
        ),
        ["look\n[Image]"],
    ),
    "files with their names inside": (
        webui(
            told("a", None, "user", "look", files=[{"type": "image", "url": "data:"}, {"file": {"filename": "b.pdf"}}])
        ),
        ["[Image]\n\n[b.pdf]\n\nlook"],
    ),
    "details within thoughts": (
        webui(told("a", None, "user", "q"), told("b", "a", "assistant", DETAILS), current="b"),
        ["q", "So."],
    ),
    "a tag that is never closed": (
        webui(told("a", None, "user", "q"), told("b", "a", "assistant", '<details type="reasoning">Hm'), current="b"),
        ["q", '<details type="reasoning">Hm'],
    ),
    "a tag that the model wrote itself": (
        webui(
            told("a", None, "user", "q"),
            told("b", "a", "assistant", '<details type="reasoning">Use <details> for it.</details>\nUse the tag.'),
            current="b",
        ),
        ["q", "Use the tag."],
    ),
    "two models side by side": (
        webui(
            told("a", None, "user", "q"),
            told("b", "a", "assistant", "one"),
            told("c", "a", "assistant", "two"),
            current="b",
        ),
        ["q", "one"],
    ),
    "a parent that is gone": (webui(told("b", "gone", "assistant", "alone"), current="b"), ["alone"]),
    "a list in the place of the tree": ([{"id": "1", "chat": {"messages": [{"role": "user", "content": "q"}]}}], ["q"]),
}


def take(history: History, content: bytes) -> list[list[str]]:
    """Returns what is shown of each conversation of a file."""
    report = import_file(history, io.BytesIO(content), 2e9)
    assert not report.damaged and not report.skipped
    return [[one.text for one in history.transcript(each.id).messages] for each in history.conversations()]


@pytest.mark.parametrize("shape", SHAPES)
def test_what_was_said_is_there(history: History, shape: str) -> None:
    value, texts = SHAPES[shape]
    content = json.dumps(value).encode()
    assert take(history, content) == [texts]
    # AND twice is once
    assert take(history, content) == [texts]


def test_a_file_with_a_conversation_on_each_line(history: History) -> None:
    lines = [webui(told("a", None, "user", "first")), chat(said("a", None, "user", "second")), [chat(ASKED, id="3")]]
    found = take(history, "\n".join(map(json.dumps, lines)).encode() + b"\n")
    assert sorted(found) == [["Why?"], ["first"], ["second"]]


def test_what_another_program_has_exported_is_refused_with_what_can_be_read(history: History) -> None:
    claude = [{"uuid": "1", "chat_messages": [{"sender": "human", "text": "hi"}]}]
    with pytest.raises(UserFacingError) as caught:
        take(history, json.dumps(claude).encode())
    assert "no conversations that Catnap can read" in caught.value.title and caught.value.remedy


def test_thoughts_with_details_in_them_stay_together(history: History) -> None:
    value, _texts = SHAPES["details within thoughts"]
    take(history, json.dumps(value).encode())
    answer = history.transcript(history.conversations()[0].id).messages[-1]
    assert answer.thinking.splitlines() == ["one", "<details><summary>x</summary>y</details>", "two"]


@pytest.mark.parametrize("piece", ['<details type="reasoning"><details>x</details>', '<details type="reasoning">'])
def test_100_000_tags_in_any_order_take_no_time(history: History, piece: str) -> None:
    value = webui(told("a", None, "user", "q"), told("b", "a", "assistant", piece * 30_000 + "</details>"), current="b")
    take(history, json.dumps(value).encode())
    assert history.transcript(history.conversations()[0].id).messages[0].text == "q"
