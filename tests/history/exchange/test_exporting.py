"""Conversations into files: readable, whole, and never over what is there."""

from __future__ import annotations

import json
import os
import stat
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop.common.errors import Cancelled, UserFacingError
from desktop.engine.types import Role
from desktop.history.exchange.exporting import ExportFormat, format_of, pieces, write_file, write_folder
from desktop.history.exchange.extent import Extent, LeftOut, left_out
from desktop.history.exchange.records import ExchangedConversation, ExchangedMessage
from desktop.history.exchange.words import ExportWords
from desktop.history.records import MessageState
from desktop.history.store import History

NOW = 1_800_000_000.0
EVERYTHING = Extent(thoughts=True, versions=True)
CODE = "Look:\n\n````md\n```python\nprint(1)\n```\n````\n\nDone."


@pytest.fixture
def clock() -> Callable[[], float]:
    return lambda: NOW


def answer(history: History, conversation_id: str, text: str, thinking: str = "") -> None:
    history.add_answer(
        conversation_id, text, thinking=thinking, state=MessageState.COMPLETE, model="Tiny *1B*", stats=None
    )


def text_of(history: History, form: ExportFormat, extent: Extent = EVERYTHING) -> str:
    ids = [conversation.id for conversation in history.conversations()]
    return "".join(pieces(history, ids, form, ExportWords(), NOW, extent))


@pytest.fixture
def versions(history: History) -> History:
    """A question in two versions, the first with an answer."""
    conversation = history.create("Cats & <b>dogs</b>")
    question = history.add_user_message(conversation.id, "Old question")
    answer(history, conversation.id, "Old answer")
    history.add_user_message(conversation.id, "New question", instead_of=question.id)
    answer(history, conversation.id, CODE, thinking="Hm.\n</details>\n```\nopen")
    return history


def test_markdown_tells_what_is_in_view_and_then_the_other_versions(versions: History) -> None:
    text = text_of(versions, ExportFormat.MARKDOWN)
    assert text.startswith("# Cats & \\<b\\>dogs\\</b\\>\n\n*Exported from Catnap ")
    order = ["New question", "Look:", "## Other versions", "### Instead of message 1", "Old question", "Old answer"]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert "version 2 of 2" in text
    assert "**Tiny \\*1B\\***" in text


def test_markdown_keeps_fences_in_fences_and_closes_what_is_open(versions: History) -> None:
    text = text_of(versions, ExportFormat.MARKDOWN)
    assert CODE in text
    # the thoughts end their own code, and cannot end the fold around them
    assert "<summary>Thoughts</summary>\n\nHm.\n\\</details>\n```\nopen\n```\n\n</details>\n" in text


def test_plain_text(versions: History) -> None:
    text = text_of(versions, ExportFormat.TEXT)
    assert text.startswith("Cats & <b>dogs</b>\n====")
    assert CODE in text
    assert "[Thoughts]\n    Hm.\n" in text
    assert text.index("New question") < text.index("Other versions") < text.index("Old question")


@pytest.mark.parametrize("form", [ExportFormat.MARKDOWN, ExportFormat.TEXT])
def test_what_is_not_in_view_is_left_out_unless_it_is_asked_for_and_the_file_says_so(
    versions: History, form: ExportFormat
) -> None:
    thoughts, others = ("Hm.", "Thoughts\n", "Thoughts<", "Thoughts]"), ("Old question", "Old answer", "Instead of")
    told = {extent: text_of(versions, form, extent) for extent in (Extent(), Extent(thoughts=True), EVERYTHING)}
    # nothing is asked for
    assert not [words for words in (*thoughts, *others) if words in told[Extent()]]
    assert "Left out: the thoughts of 1 answer · 2 messages of other versions" in told[Extent()]
    assert "New question" in told[Extent()] and CODE in told[Extent()]
    assert "version 2 of 2" in told[Extent()]  # that there are others stays where they are
    # the thoughts are
    assert "Hm." in told[Extent(thoughts=True)] and "Old" not in told[Extent(thoughts=True)]
    assert "Left out: 2 messages of other versions" in told[Extent(thoughts=True)]
    # everything is: nothing is left out, and what is said of other versions can be found
    assert "Left out" not in told[EVERYTHING]
    assert "message 1" in told[EVERYTHING].partition("Other versions")[0]


def test_thoughts_of_what_is_not_told_are_not_counted(versions: History) -> None:
    conversation = versions.create("Thoughts in another version").id
    question = versions.add_user_message(conversation, "Why?")
    answer(versions, conversation, "One", thinking="deep")
    versions.add_answer(
        conversation,
        "Two",
        thinking=" \n\t",
        state=MessageState.COMPLETE,
        model="Tiny",
        stats=None,
        parent=question.id,
    )
    tree = versions.stored_tree(conversation)
    assert tree is not None
    assert left_out(tree, Extent()) == LeftOut(thoughts=0, versions=1)
    assert left_out(tree, Extent(versions=True)) == LeftOut(thoughts=1, versions=0)


def test_json_is_what_the_document_says(versions: History) -> None:
    value = json.loads(text_of(versions, ExportFormat.JSON))
    assert (value["format"], value["version"]) == ("catnap-conversations", 1)
    (conversation,) = value["conversations"]
    first, old, new, _ = conversation["messages"]
    assert (first["parent"], old["parent"], new["parent"]) == (None, first["id"], None)
    assert (first["shown"], old["shown"], new["shown"]) == (False, True, True)
    example = (Path(__file__).parents[3] / "docs" / "EXPORT.md").read_text(encoding="utf-8")
    for name in (*value, *conversation, *first, *conversation["messages"][-1]):
        assert f"`{name}`" in example, name


def test_every_format_of_no_conversation(history: History) -> None:
    assert json.loads(text_of(history, ExportFormat.JSON))["conversations"] == []
    assert text_of(history, ExportFormat.MARKDOWN) == ""


def test_a_conversation_that_has_gone_is_left_out(versions: History) -> None:
    ids = ["gone", versions.conversations()[0].id]
    assert (
        "".join(pieces(versions, ids, ExportFormat.TEXT, ExportWords(), NOW, EVERYTHING)).count("====\nExported") == 1
    )


def test_a_long_conversation_is_never_all_in_memory(history: History, tmp_path: Path) -> None:
    # GIVEN 16 MB in 2,000 messages
    messages = tuple(
        ExchangedMessage(str(n), str(n - 1) if n else None, list(Role)[1 + n % 2], f"{n} " + "x" * 8000, NOW)
        for n in range(2_000)
    )
    conversation_id = history.take_in(ExchangedConversation("test:1", "Long", NOW, NOW, messages)).conversation_id
    del messages
    # WHEN they are exported
    for form in ExportFormat:
        tracemalloc.start()
        write_file(
            tmp_path / f"long{form.value}",
            pieces(history, [conversation_id], form, ExportWords(), NOW, EVERYTHING),
            replace=False,
        )
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        # THEN a quarter of that is enough
        assert peak < 4_000_000, form
        assert (tmp_path / f"long{form.value}").stat().st_size > 16_000_000


# Files


def test_only_the_user_can_read_it(tmp_path: Path) -> None:
    write_file(tmp_path / "a.md", iter(("a",)), replace=False)
    if os.name != "nt":
        assert stat.S_IMODE((tmp_path / "a.md").stat().st_mode) == 0o600


def test_a_file_that_is_there_is_replaced_only_if_that_was_said(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("mine")
    with pytest.raises(UserFacingError, match="is there already"):
        write_file(file, iter(("new",)), replace=False)
    assert file.read_text() == "mine"
    write_file(file, iter(("new",)), replace=True)
    assert file.read_text() == "new"


@pytest.mark.parametrize("replace", [True, False])
def test_what_fails_in_the_middle_leaves_nothing(tmp_path: Path, replace: bool) -> None:
    def broken() -> Iterator[str]:
        yield "half"
        raise OSError(28, "No space left on device")

    file = tmp_path / "a.md"
    with pytest.raises(UserFacingError, match="disk is full"):
        write_file(file, broken(), replace=replace)
    with pytest.raises(Cancelled):
        write_file(file, iter(("half", "more")), replace=replace, cancelled=lambda: True)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_a_pipe_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "gone" / "a.md", Path(os.devnull)):
        with pytest.raises(UserFacingError) as problem:
            write_file(place, iter(("a",)), replace=True)
        assert problem.value.remedy


def test_a_link_leads_to_the_file_that_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real.md").write_text("old")
    (tmp_path / "link.md").symlink_to(tmp_path / "real.md")
    write_file(tmp_path / "link.md", iter(("new",)), replace=True)
    assert (tmp_path / "real.md").read_text() == "new"


def test_a_folder_gets_one_file_for_each(history: History, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "same.md").write_text("mine")
    for title in ("Same", "same", "CON", "a/b\\c:d", "", "猫" * 200):
        history.add_user_message(history.create(title).id, title)
    ids = [conversation.id for conversation in reversed(history.conversations())]
    files = write_folder(folder, history, ids, ExportFormat.MARKDOWN, ExportWords(), NOW, Extent())
    assert [file.name for file in files] == [
        "Same (2).md",
        "same (3).md",
        "_CON.md",
        "a b c d.md",
        "Conversation.md",
        f"{'猫' * 33}.md",
    ]
    assert (folder / "same.md").read_text() == "mine"


def test_the_format_is_told_by_the_ending() -> None:
    assert format_of(Path("a.JSON")) is ExportFormat.JSON
    assert format_of(Path("a.markdown")) is ExportFormat.MARKDOWN
    assert format_of(Path("a.text")) is ExportFormat.TEXT
    assert format_of(Path("a.pdf")) is None
