"""Files of conversations into the history: once, whole, and whatever else is in the file."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.common.errors import UserFacingError
from desktop.engine.types import Role, Stats
from desktop.history.choices import ConversationChoices
from desktop.history.exchange.exporting import ExportFormat, pieces
from desktop.history.exchange.extent import Extent
from desktop.history.exchange.importing import ImportReport, import_file, parse
from desktop.history.exchange.records import ExchangedConversation, NotAConversationError
from desktop.history.exchange.words import ExportWords
from desktop.history.records import MessageState
from desktop.history.store import History

EXAMPLES = Path(__file__).parent / "examples"
NOW = 1_800_000_000.0
STATS = Stats(load_s=0.5, prompt_tokens=40, generated_tokens=20, generate_s=2.0, threads=2)


def write(folder: Path, value: Any) -> Path:
    file = folder / "export.json"
    file.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return file


def take(history: History, value: Any) -> ImportReport:
    return import_file(history, io.BytesIO(json.dumps(value).encode()), NOW)


def ours(*messages: dict[str, Any], **fields: Any) -> dict[str, Any]:
    conversation = {"id": "x", "title": "T", "messages": list(messages), **fields}
    return {"format": "catnap-conversations", "version": 1, "conversations": [conversation]}


def exported(history: History) -> str:
    ids = [conversation.id for conversation in history.conversations()]
    return "".join(pieces(history, ids, ExportFormat.JSON, ExportWords(), NOW, Extent()))


def told(history: History) -> list[tuple[str, list[str]]]:
    """Returns titles and texts of what is in view."""
    return [
        (one.title, [message.text for message in history.transcript(one.id).messages])
        for one in history.conversations()
    ]


def whole(history: History) -> Any:
    """Returns everything that an export says, without what every history numbers for itself."""
    value = json.loads(exported(history))["conversations"]
    for conversation in value:
        del conversation["id"]
        places = {message["id"]: place for place, message in enumerate(conversation["messages"])}
        for message in conversation["messages"]:
            message["id"], message["parent"] = places[message["id"]], places.get(message["parent"])
    return value


# What is taken in


@pytest.mark.parametrize("name", ["chatgpt.json", "open-webui.json"])
def test_importing_the_same_file_twice_doubles_nothing(history: History, name: str) -> None:
    # GIVEN a file that was imported
    first = import_file(history, EXAMPLES / name, NOW)
    before = whole(history)
    # WHEN it is imported once more
    second = import_file(history, EXAMPLES / name, NOW)
    # THEN it says so, and nothing has changed
    assert (first.added, first.known, second.added, second.known) == (2, 0, 0, 2)
    assert whole(history) == before


def test_a_newer_export_of_the_same_account_brings_only_what_is_new(history: History) -> None:
    value = json.loads((EXAMPLES / "chatgpt.json").read_text(encoding="utf-8"))
    take(history, value)
    # GIVEN an export made later, in which one conversation went on
    node: dict[str, Any] = {
        "id": "q9",
        "parent": "a3",
        "children": [],
        "message": dict(value[0]["mapping"]["q1"]["message"]),
    }
    node["message"]["content"] = {"content_type": "text", "parts": ["And a tiger?"]}
    value[0]["mapping"]["q9"] = node
    value[0]["mapping"]["a3"]["children"] = ["q9"]
    value[0]["current_node"] = "q9"
    # WHEN
    report = take(history, value)
    # THEN
    assert (report.added, report.grown, report.known) == (0, 1, 1)
    texts = dict(told(history))["Weight of a cat"]
    assert (len(texts), texts[-1]) == (5, "And a tiger?")


def test_what_was_said_here_meanwhile_stays(history: History) -> None:
    file = ours({"id": 1, "role": "user", "text": "Q"}, {"id": 2, "parent": 1, "role": "assistant", "text": "A"})
    take(history, file)
    (conversation,) = history.conversations()
    history.add_user_message(conversation.id, "Mine")
    # WHEN the file is imported again
    again = take(history, file)
    assert (again.known, told(history)) == (1, [("T", ["Q", "A", "Mine"])])


def test_a_conversation_that_was_deleted_comes_back(history: History) -> None:
    take(history, ours({"role": "user", "text": "Q"}))
    (conversation,) = history.conversations()
    history.delete(conversation.id)
    assert take(history, ours({"role": "user", "text": "Q"})).added == 1
    assert [one.id for one in history.conversations()] == [conversation.id]


def test_where_a_conversation_stands_here_is_not_changed_by_an_import(history: History) -> None:
    # GIVEN one that was imported pinned and in a folder, and moved here since
    value = ours({"role": "user", "text": "Q"}, pinned=5, folder="Work", archived="soon", choices={"model": 7})
    take(history, value)
    (one,) = history.conversations()
    assert (one.pinned, one.folder, one.archived, one.choices) == (5.0, "Work", None, ConversationChoices())
    history.set_folder(one.id, "Home")
    history.set_pinned(one.id, None)
    # WHEN it comes again, with more
    value["conversations"][0]["messages"].append({"role": "user", "text": "Q2"})
    assert take(history, value).grown == 1
    # THEN
    (one,) = history.conversations()
    assert (one.pinned, one.folder) == (None, "Home")


@pytest.mark.parametrize(
    ("name", "fields", "pinned", "archived"),
    [
        ("chatgpt.json", {"is_archived": True, "is_starred": True}, True, True),
        ("chatgpt.json", {"is_archived": "yes", "is_starred": 1}, False, False),
        ("open-webui.json", {"archived": True, "pinned": False}, False, True),
    ],
)
def test_what_was_archived_or_pinned_elsewhere_is_here(
    history: History, name: str, fields: dict[str, Any], pinned: bool, archived: bool
) -> None:
    value = json.loads((EXAMPLES / name).read_text(encoding="utf-8"))
    take(history, [{**value[0], **fields}])
    (one,) = history.conversations()
    assert (one.pinned is not None, one.archived is not None) == (pinned, archived)


def test_a_message_that_was_deleted_is_not_exported_and_what_followed_it_is_known_again(
    history: History, tmp_path: Path
) -> None:
    # GIVEN a conversation of which a question in the middle was deleted, with an export of before
    one = history.create("one").id
    ids = []
    for text in ("Q1", "Q2", "Q3", "Q4"):
        ids.append(history.add_user_message(one, text).id)
    before = write(tmp_path, exported(history))
    history._connection.execute("UPDATE messages SET deleted = 5 WHERE id IN (?, ?)", (ids[1], ids[2]))
    # WHEN it is exported THEN that one is not told, and what followed it follows the one before it
    after = json.loads(exported(history))
    messages = after["conversations"][0]["messages"]
    assert [(each["text"], each["parent"], each["shown"]) for each in messages] == [
        ("Q1", None, True), ("Q4", ids[0], True),
    ]  # fmt: skip
    for form in (ExportFormat.MARKDOWN, ExportFormat.TEXT):
        text = "".join(pieces(history, [one], form, ExportWords(), NOW, Extent(True, True)))
        assert "Q2" not in text and "Q4" in text and "version" not in text
    # AND neither export brings anything when it comes back
    assert take(history, after).known == 1
    assert import_file(history, before, NOW).known == 1


def test_two_versions_that_say_the_same_stay_two(history: History) -> None:
    versions = [
        {"id": 1, "role": "user", "text": "Q"},
        {"id": 2, "parent": 1, "role": "assistant", "text": "A"},
        {"id": 3, "parent": 1, "role": "assistant", "text": "A"},
    ]
    take(history, ours(*versions))
    assert take(history, ours(*versions)).known == 1
    (conversation,) = history.conversations()
    assert len(history.tree(conversation.id).messages) == 3


def test_imported_conversations_stand_in_the_list_by_their_time(tmp_path: Path) -> None:
    # GIVEN a conversation of 2020 and one of 2024
    times = iter((1.58e9, 1.58e9, 1.71e9, 1.71e9, 1.8e9, 1.8e9))
    history = History(tmp_path / "history.sqlite3", lambda: next(times))
    for title in ("2020", "2024"):
        history.add_user_message(history.create(title).id, title)
    # WHEN some of other years are imported, in no order
    for year, at in (("2023", 1.68e9), ("2017", 1.5e9), ("2025", 1.75e9), ("2022", 1.65e9)):
        take(history, ours({"role": "user", "text": "Q", "created": at}, id=year, title=year))
    # THEN
    assert [title for title, _ in told(history)] == ["2025", "2024", "2023", "2022", "2020", "2017"]
    # AND who goes on with one finds it on top
    old = next(one for one in history.conversations() if one.title == "2022")
    history.add_user_message(old.id, "Still there?")
    assert told(history)[0] == ("2022", ["Q", "Still there?"])
    history.close()


def test_a_conversation_without_a_title_is_named_after_its_beginning(history: History) -> None:
    take(history, ours({"role": "user", "text": "How do I\nboil an egg?"}, title=None))
    assert told(history)[0][0] == "How do I boil an egg?"


def test_a_very_long_conversation_lets_others_write_between(tmp_path: Path) -> None:
    # GIVEN 4,500 messages, and the app that writes whenever it can
    app = History(tmp_path / "history.sqlite3")
    mine = app.create("Mine")
    importer = History(tmp_path / "history.sqlite3", beside=True)
    messages = [{"id": n, "parent": n - 1 if n else None, "role": "user", "text": f"m {n}"} for n in range(4500)]
    lengths: list[int] = []
    committed = importer.transaction

    @contextmanager
    def watched(*, durable: bool = True) -> Iterator[None]:
        with committed(durable=durable):
            yield
        app.add_user_message(mine.id, "between")
        lengths.extend(len(app.transcript(one.id).messages) for one in app.conversations() if one.title == "T")

    with patch.object(importer, "transaction", watched):
        report = take(importer, ours(*messages))
    # THEN it came in parts, each of them whole, and is one conversation
    assert lengths == [2000, 4000, 4500]
    assert (report.added, report.grown) == (1, 0)
    assert take(importer, ours(*messages)).known == 1
    importer.close()
    app.close()


# Round trip


def test_an_export_of_ours_brings_back_all_of_it(history: History, tmp_path: Path) -> None:
    # GIVEN versions, thoughts, states, figures, a cut, and what others left aside
    conversation = history.create('Sums "here" 猫 👩‍👧')
    question = history.add_user_message(conversation.id, "2+2?\n\t```\x00")
    history.add_answer(conversation.id, "5", thinking="Hm.", state=MessageState.STOPPED, model="Tiny", stats=STATS)
    history.add_user_message(conversation.id, "No.")
    history.add_user_message(conversation.id, "3+3?", instead_of=question.id)
    history.set_cut(conversation.id, 1)
    import_file(history, EXAMPLES / "open-webui.json", NOW)
    # WHEN it is taken into another history
    other = History(tmp_path / "other.sqlite3")
    report = import_file(other, write(tmp_path, exported(history)), NOW)
    # THEN an export of that is the same
    assert report.added == 3
    assert whole(other) == whole(history)
    # AND back at home nothing doubles
    assert import_file(history, write(tmp_path, exported(other)), NOW).known == 3
    other.close()


TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
MESSAGES = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from(Role).filter(lambda role: role is not Role.SYSTEM), TEXT, TEXT),
    min_size=1,
    max_size=7,
)


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(messages=MESSAGES, shown=st.lists(st.booleans(), min_size=7, max_size=7))
def test_any_tree_comes_back(
    messages: list[tuple[int, Role, str, str]], shown: list[bool], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("trees")
    one, two = History(folder / "1.sqlite3"), History(folder / "2.sqlite3")
    values = [
        {
            "id": number,
            "parent": parent if parent < number else None,
            "shown": shown[number],
            "role": role.value,
            "text": text,
            "thinking": thinking if role is Role.ASSISTANT else "",
            "created": 1e9 + number,
        }
        for number, (parent, role, text, thinking) in enumerate(messages)
    ]
    take(one, ours(*values))
    import_file(two, io.BytesIO(exported(one).encode()), NOW)
    assert whole(two) == whole(one)
    for form in ExportFormat:
        assert "".join(
            pieces(one, [each.id for each in one.conversations()], form, ExportWords(), NOW, Extent(True, True))
        )
    one.close()
    two.close()


# Any values


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
KEY = st.sampled_from(["a", "b", "c", "gone"])


def objects(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Returns objects that have some of the fields, each of them what it should be, or anything."""
    return st.fixed_dictionaries({}, optional={name: field | ANY for name, field in fields.items()})


CONTENT = objects(
    content_type=st.sampled_from(["text", "code", "thoughts", "multimodal_text", "tether_quote", "reasoning_recap"]),
    parts=st.lists(ANY | objects(content_type=st.just("image_asset_pointer"), text=ANY), max_size=3),
    text=st.text(),
    thoughts=st.lists(objects(summary=ANY, content=ANY, chunks=ANY), max_size=2),
)
NODE = objects(
    message=objects(
        author=objects(role=st.sampled_from(["user", "assistant", "tool", "system"])),
        content=CONTENT,
        create_time=ANY,
        metadata=objects(model_slug=ANY, attachments=ANY, finish_details=ANY),
        recipient=ANY,
        weight=ANY,
        status=ANY,
    ),
    parent=KEY,
    children=st.lists(KEY | ANY, max_size=3),
)
CHATGPT = objects(mapping=st.dictionaries(KEY, NODE | ANY, max_size=4), current_node=KEY, title=ANY, create_time=ANY)
WEBUI_MESSAGE = objects(
    id=KEY,
    parentId=KEY,
    childrenIds=st.lists(KEY | ANY, max_size=3),
    role=st.sampled_from(["user", "assistant", "system"]),
    content=st.sampled_from(['<details type="reasoning">x</details>y', "y"]),
    timestamp=ANY,
    output=st.lists(objects(type=ANY, summary=st.lists(ANY, max_size=2)), max_size=2),
    files=st.lists(objects(name=ANY), max_size=2),
)
WEBUI = objects(
    id=ANY,
    title=ANY,
    chat=objects(
        history=objects(messages=st.dictionaries(KEY, WEBUI_MESSAGE | ANY, max_size=4), currentId=KEY),
        messages=st.lists(WEBUI_MESSAGE, max_size=3),
    ),
)
OURS = objects(
    id=ANY,
    messages=st.lists(
        objects(id=KEY, parent=KEY, role=st.sampled_from(["user", "assistant"]), text=st.text(), stats=objects(
            load_s=ANY, threads=ANY), state=ANY, shown=ANY), max_size=4
    ),
    aside=ANY, cut=ANY, origin=ANY, created=ANY,
)  # fmt: skip


@settings(deadline=None, max_examples=400)
@given(value=CHATGPT | WEBUI | OURS | ANY)
def test_any_value_is_a_conversation_or_none(value: Any) -> None:
    try:
        conversation = parse(value, NOW)
    except NotAConversationError:
        return
    assert isinstance(conversation, ExchangedConversation)
    seen: set[str | None] = {None}
    for message in conversation.messages:
        assert message.parent in seen
        assert message.key not in seen
        seen.add(message.key)
        message.text.encode()


@settings(deadline=None, max_examples=60)
@given(values=st.lists(CHATGPT | WEBUI | OURS | ANY, max_size=3))
def test_any_file_is_imported_or_refused(values: list[Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    history = History(tmp_path_factory.mktemp("any") / "history.sqlite3")
    try:
        take(history, values)
    except UserFacingError as problem:
        assert problem.remedy
    json.loads(exported(history))
    history.close()


# What cannot be read


@pytest.mark.parametrize(
    "text",
    ["", " ", "7", '"text"', "[]x", "[1, 2]", '{"a": 1}', '[{"a": 1}]', "\x00", "null", "<html>"],
)
def test_a_file_without_conversations_is_refused_with_what_can_be_read(
    history: History, tmp_path: Path, text: str
) -> None:
    with pytest.raises(UserFacingError, match="holds no conversations") as problem:
        import_file(history, write(tmp_path, text), NOW)
    assert "ChatGPT" in problem.value.remedy
    assert history.conversations() == ()


@pytest.mark.parametrize(
    "text", ['[{"id": "g", "mapping": {"a": {"mess', '{"conversations": [{"id"', "[" * 200_000, "["]
)
def test_a_file_that_ends_before_its_first_conversation_says_so(history: History, tmp_path: Path, text: str) -> None:
    with pytest.raises(UserFacingError, match="ends in the middle"):
        import_file(history, write(tmp_path, text), NOW)


def test_a_bad_conversation_among_good_ones_is_left_out_and_counted(history: History) -> None:
    good = {"id": "g", "messages": [{"role": "user", "text": "Q"}]}
    value = [good, 7, {"mapping": "no object"}, None, {**good, "id": "h"}]
    report = take(history, value)
    assert (report.added, report.skipped, report.damaged) == (2, 3, False)


def test_of_a_file_that_was_cut_off_the_beginning_is_taken(history: History, tmp_path: Path) -> None:
    text = (EXAMPLES / "open-webui.json").read_text(encoding="utf-8")
    report = import_file(history, write(tmp_path, text[:-100]), NOW)
    assert (report.added, report.damaged) == (1, True)


@pytest.mark.parametrize("place", ["before", "behind"])
def test_a_file_of_a_newer_catnap_says_so(history: History, tmp_path: Path, place: str) -> None:
    head = '"format": "catnap-conversations", "version": 2'
    conversations = '"conversations": [{"id": "x", "messages": [{"role": "user", "text": "Q"}]}]'
    parts = [head, conversations] if place == "before" else [conversations, head]
    with pytest.raises(UserFacingError, match="newer Catnap") as problem:
        import_file(history, write(tmp_path, f"{{{', '.join(parts)}}}"), NOW)
    assert "2" in problem.value.detail


def test_a_file_of_ours_without_conversations_brings_nothing(history: History) -> None:
    assert take(history, {"format": "catnap-conversations", "version": 1, "conversations": []}) == ImportReport()


def test_more_messages_than_can_be_shown_are_refused(history: History) -> None:
    messages = [{"id": number, "role": "user", "text": "x"} for number in range(100_001)]
    with pytest.raises(UserFacingError):
        take(history, ours(*messages))


def test_a_folder_and_nothing_are_refused(history: History, tmp_path: Path) -> None:
    for file in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(UserFacingError):
            import_file(history, file, NOW)


# Archives


def pack(folder: Path, **members: str | bytes) -> Path:
    file = folder / "export.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file


def test_the_archive_of_chatgpt_is_taken_as_it_is(history: History, tmp_path: Path) -> None:
    text = (EXAMPLES / "chatgpt.json").read_text(encoding="utf-8")
    file = pack(tmp_path, **{"user.json": "{}", "chat.html": "<html>", "x/conversations.json": text})
    assert import_file(history, file, NOW).added == 2


def test_an_archive_in_parts_is_taken_whole(history: History, tmp_path: Path) -> None:
    first, second, _ = json.loads((EXAMPLES / "chatgpt.json").read_text(encoding="utf-8"))
    parts = {"conversations-000.json": json.dumps([first]), "conversations-001.json": json.dumps([second])}
    assert import_file(history, pack(tmp_path, **parts), NOW).added == 2


def test_an_archive_of_something_else_is_refused(history: History, tmp_path: Path) -> None:
    with pytest.raises(UserFacingError, match="holds no conversations"):
        import_file(history, pack(tmp_path, **{"a.json": "[]", "b.json": "[]"}), NOW)
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(UserFacingError, match="holds no conversations"):
        import_file(history, broken, NOW)


def test_a_bomb_is_refused_before_it_fills_anything(history: History, tmp_path: Path) -> None:
    # GIVEN 300 MB of spaces in 300 kB
    file = tmp_path / "bomb.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("conversations.json", "w") as out:
        for _ in range(300):
            out.write(b" " * 1_000_000)
    with pytest.raises(UserFacingError, match="too large"):
        import_file(history, file, NOW)


def test_of_a_damaged_archive_what_was_whole_is_taken(history: History, tmp_path: Path) -> None:
    conversation = {"id": "g", "messages": [{"role": "user", "text": "Q"}]}
    noise = "".join(chr(33 + (number * 7919) % 89) for number in range(3_000_000)).replace('"', "").replace("\\", "")
    file = pack(tmp_path, **{"conversations.json": json.dumps([conversation, {"noise": noise}])})
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 64] = bytes(64)
    file.write_bytes(raw)
    report = import_file(history, file, NOW)
    assert (report.added, report.damaged) == (1, True)


# While it goes on


def test_a_cancel_keeps_what_was_read_before(history: History, tmp_path: Path) -> None:
    conversations = [{"id": str(n), "messages": [{"role": "user", "text": "Q" * 1000}]} for n in range(2000)]
    stop = threading.Event()
    seen: list[tuple[int, int]] = []

    def report(done: int, total: int) -> None:
        seen.append((done, total))
        if len(seen) == 2:
            stop.set()

    file = write(tmp_path, conversations)
    result = import_file(history, file, NOW, report, stop.is_set)
    assert result.cancelled
    assert 0 < result.added == len(history.conversations()) < 2000
    assert seen[0][1] == file.stat().st_size
    # AND the next time brings the rest
    rest = import_file(history, file, NOW)
    assert rest.added + rest.known == 2000


def test_it_goes_on_beside_the_app(tmp_path: Path) -> None:
    # GIVEN the history open as the app has it, with a conversation that was just begun
    app = History(tmp_path / "history.sqlite3")
    mine = app.create("Mine")
    app.add_user_message(mine.id, "Q")
    # WHEN a second connection imports
    beside = History(tmp_path / "history.sqlite3", beside=True)
    import_file(beside, EXAMPLES / "chatgpt.json", NOW)
    beside.close()
    # THEN both are there, for both
    app.add_user_message(mine.id, "R")
    assert len(app.conversations()) == 3
    assert app.transcript(mine.id).messages[-1].text == "R"
    app.close()


def test_where_conversations_came_from_survives_a_damaged_file(tmp_path: Path) -> None:
    # GIVEN a history with imported conversations, whose first page is overwritten where the version stands
    file = tmp_path / "history.sqlite3"
    history = History(file)
    import_file(history, EXAMPLES / "chatgpt.json", NOW)
    history.close()
    raw = bytearray(file.read_bytes())
    raw[60:64] = b"\x7f\xff\xff\xff"
    file.write_bytes(raw)
    # WHEN it is opened, recovered into a new one
    history = History(file)
    assert history.load_problem is not None
    # THEN the same file is still known
    assert import_file(history, EXAMPLES / "chatgpt.json", NOW).known == 2
    history.close()


def test_a_second_connection_repairs_nothing(tmp_path: Path) -> None:
    # GIVEN a damaged file that the app may have open
    file = tmp_path / "history.sqlite3"
    History(file).close()
    raw = file.read_bytes()
    file.write_bytes(b"noise" * 1000)
    with pytest.raises(UserFacingError, match="damaged"):
        History(file, beside=True)
    assert [path.name for path in tmp_path.iterdir()] == ["history.sqlite3"]
    # AND where there is none yet, it begins one
    file.unlink()
    History(file, beside=True).close()
    assert file.read_bytes()[:16] == raw[:16]
