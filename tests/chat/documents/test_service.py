"""Documents in conversations: opened, attached, read ahead, asked about, and erased."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.chat.documents.events import (
    DocumentOpened,
    DocumentOpening,
    DocumentRead,
    DocumentReading,
    DocumentRefused,
    DocumentTooLong,
)
from desktop.chat.events import AnswerFailed
from desktop.common.errors import Cancelled, MessageTooLongError, UserFacingError
from desktop.documents.library.preparing import prepare
from desktop.documents.types import Document, DocumentKind, Part, PartKind, ReadingProgress
from desktop.engine.types import Awake, EngineConfig, Failed, Finished, FinishReason, Reading, Stats
from desktop.history.choices import ConversationChoices
from desktop.history.sources import Source
from desktop.settings.options import Settings
from desktop.structured.fields import parse_fields
from desktop.structured.shape import AnswerShape, Look
from tests.chat.documents.bench import LIGHTHOUSE, Bench, instructions, said
from tests.support.subjects import Subjects


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


# --- documents by themselves


def test_a_file_is_read_and_kept(bench: Bench) -> None:
    def read(path: Path, progress: Callable[[ReadingProgress], None], _given_up: threading.Event) -> Document:
        progress(ReadingProgress(1, 3, 40))
        return replace(LIGHTHOUSE, name=path.name)

    async def main() -> None:
        bench.reader = read
        key = bench.documents.open(bench.folder / "lighthouse.pdf")
        opened = await bench.until(DocumentOpened)
        assert isinstance(opened, DocumentOpened)
        assert opened.key == key
        assert opened.stored.origin == bench.folder / "lighthouse.pdf"
        assert bench.documents.document(opened.stored.id) == LIGHTHOUSE
        assert bench.documents.stored(opened.stored.id) == opened.stored
        progress = [event.progress for event in bench.of(DocumentOpening) if isinstance(event, DocumentOpening)]
        assert progress == [ReadingProgress(), ReadingProgress(1, 3, 40)]

    bench.run(main())


def test_what_cannot_be_read_is_said_and_nothing_is_kept(bench: Bench) -> None:
    def read(_path: Path, _progress: Callable[[ReadingProgress], None], _given_up: threading.Event) -> Document:
        raise UserFacingError("It is a picture.")

    async def main() -> None:
        bench.reader = read
        bench.documents.open(bench.folder / "scan.pdf")
        refused = await bench.until(DocumentRefused)
        assert isinstance(refused, DocumentRefused)
        assert refused.error.title == "It is a picture."
        assert bench.grounds().store.ids() == frozenset()

    bench.run(main())


def test_opening_can_be_given_up(bench: Bench) -> None:
    reads, ended = threading.Event(), threading.Event()

    def read(_path: Path, _progress: Callable[[ReadingProgress], None], given_up: threading.Event) -> Document:
        reads.set()
        given_up.wait()
        ended.set()
        raise Cancelled

    async def main() -> None:
        bench.reader = read
        key = bench.documents.open(bench.folder / "endless.pdf")
        await asyncio.to_thread(reads.wait)
        bench.documents.cancel(key)
        await asyncio.to_thread(ended.wait)
        assert not bench.of(DocumentRefused)
        assert not bench.of(DocumentOpened)

    bench.run(main())


def test_a_real_file_is_read_by_the_real_reader(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("The cat sleeps on Tuesdays.", encoding="utf-8")

    async def main() -> None:
        bench = Bench(tmp_path)
        bench.documents._read = type(bench.documents)(  # the usual one
            bench.chat, bench.grounds, bench.take, lambda _one, _request: None
        )._read
        bench.documents.open(tmp_path / "note.txt")
        opened = await bench.until(DocumentOpened)
        assert isinstance(opened, DocumentOpened)
        document = bench.documents.document(opened.stored.id)
        assert document is not None
        assert document.parts[0].text == "The cat sleeps on Tuesdays."
        bench.close()

    asyncio.run(main())


def test_a_pasted_text_is_a_document(bench: Bench) -> None:
    stored = bench.documents.take_text("  Line one.\r\nLine two.\n", "Pasted text")
    assert (stored.name, stored.origin, stored.kind) == ("Pasted text", None, DocumentKind.TEXT)
    document = bench.documents.document(stored.id)
    assert document is not None
    assert document.parts == (Part(PartKind.WHOLE, 1, "", "Line one.\nLine two."),)


# --- what the model is told


def test_the_document_stands_before_the_first_question_and_each_is_put_the_same_way(bench: Bench) -> None:
    # GIVEN a conversation that is about a document before it begins
    bench.settings = Settings(system_prompt="Be kind.", temperature=0.9)
    bench.documents.attach(None, bench.keep())
    # WHEN two questions are asked
    conversation = bench.chat.send(None, "Who was the first keeper?")
    first = bench.engine.last
    bench.answer("Ada Brook.")
    bench.chat.send(conversation, "How many steps are there?")
    second = bench.engine.last
    # THEN the model has the whole text before it, and what it has read is the beginning of what it reads next
    assert first.opening.startswith("```\n[page 1]\nThe lighthouse of Quorn")
    assert "[page 3]" in first.opening
    assert second.opening == first.opening
    assert instructions(first) == instructions(second) == "Be kind."
    assert second.messages[: len(first.messages)] == first.messages
    assert said(first)[0].startswith("Who was the first keeper?\n\nAnswer from this sentence")
    assert said(first)[0].endswith('"Its first keeper was Ada Brook."\n\nWho was the first keeper?')
    # THEN it answers with what stands there, and shortly
    assert (first.sampling.temperature, first.sampling.max_tokens) == (0.0, 400)
    # THEN what it reads of the document belongs to the document
    assert first.prefix_id is not None
    assert first.prefix_id == second.prefix_id
    assert first.prefix_id.startswith(f"document:{bench.keep()}/")
    # THEN what is kept of the conversation is what was said
    assert [message.text for message in bench.history.transcript(conversation).messages] == [
        "Who was the first keeper?", "Ada Brook.", "How many steps are there?",
    ]  # fmt: skip


def test_a_temperature_of_its_own_is_kept(bench: Bench) -> None:
    bench.documents.attach(None, bench.keep())
    bench.chat.choices.choose(None, replace(bench.chat.choices.of(None), temperature=0.4))
    bench.chat.send(None, "Who?")
    assert bench.engine.last.sampling.temperature == 0.4


def test_two_conversations_about_the_same_share_what_was_read_and_another_scope_does_not(bench: Bench) -> None:
    document = bench.keep()
    states = []
    for parts in ("", "", "1-2", "3"):
        bench.documents.attach(None, document, parts)
        bench.chat.send(None, "Who?")
        states.append(bench.engine.last.prefix_id)
        bench.answer("She.")
    assert states[0] == states[1]
    assert len(set(states)) == 3


def test_only_the_parts_that_are_meant_are_told(bench: Bench) -> None:
    bench.documents.attach(None, bench.keep(), "2-3")
    bench.chat.send(None, "Who?")
    assert "Ada Brook" not in bench.engine.last.opening
    assert "[page 2]" in bench.engine.last.opening


def test_a_document_can_be_attached_in_the_middle_and_taken_off_again(bench: Bench) -> None:
    # GIVEN a conversation about anything
    conversation = bench.chat.send(None, "Hello!")
    bench.answer("Hi.")
    # WHEN a document is attached
    bench.documents.attach(conversation, bench.keep())
    bench.chat.send(conversation, "管理员是谁？")
    # THEN only what is asked from then on is about it
    assert said(bench.engine.last)[0] == "Hello!"
    assert said(bench.engine.last)[1].startswith("管理员是谁？\n\n请根据这句话回答：")
    assert bench.engine.forgotten == [conversation], "what was read of it begins otherwise"
    bench.answer("王小明。")
    # WHEN it is taken off
    bench.documents.detach(conversation)
    bench.chat.send(conversation, "Thanks!")
    # THEN the model is told nothing of it, and the page that an answer came from can still be shown
    assert bench.engine.last.opening == ""
    assert said(bench.engine.last)[2] == "Thanks!"
    assert bench.documents.attached(conversation) is None
    assert bench.documents.document(bench.keep()) == LIGHTHOUSE


def test_a_document_that_is_gone_is_none(bench: Bench) -> None:
    conversation = bench.chat.send(None, "Hello!")
    bench.answer("Hi.")
    bench.documents.attach(conversation, bench.keep())
    bench.grounds().store.remove(bench.keep())
    bench.grounds()._last = None  # as after a restart
    assert bench.documents.attached(conversation) is None
    bench.chat.send(conversation, "Still there?")
    assert said(bench.engine.last)[-1] == "Still there?"


# --- reading ahead


def test_the_model_reads_while_the_person_does(bench: Bench) -> None:
    document = bench.keep()
    # WHEN a document is attached
    bench.documents.attach(None, document)
    # THEN its text is read, without a question
    (request,) = bench.engine.prepared
    assert "Ada Brook" in request.opening
    assert request.messages == ()
    bench.tell(Reading(request.request_id, 0, 1000))
    bench.now = 4.0
    bench.tell(Reading(request.request_id, 250, 1000))
    bench.tell(Finished(request.request_id, FinishReason.COMPLETE, Stats(prompt_tokens=1010, reused_tokens=10)))
    assert bench.of(DocumentReading) == [
        DocumentReading(document, 0, 1000), DocumentReading(document, 250, 1000, 12.0),
    ]  # fmt: skip
    assert bench.of(DocumentRead) == [DocumentRead(document, 1010)]


def test_a_question_comes_first_and_the_reading_goes_on_after_it(bench: Bench) -> None:
    async def main() -> None:
        # GIVEN a document that is being read, and another conversation
        other = bench.chat.send(None, "Hello!")
        bench.answer("Hi.")
        bench.documents.attach(None, bench.keep())
        (request,) = bench.engine.prepared
        bench.tell(Reading(request.request_id, 400, 1000))
        # WHEN something is asked there
        bench.chat.send(other, "What is a cat?")
        bench.tell(Finished(request.request_id, FinishReason.STOPPED, Stats()))
        await asyncio.sleep(0)
        assert len(bench.engine.prepared) == 1, "an answer is on its way"
        bench.answer("A mammal.")
        await asyncio.sleep(0)
        # THEN the reading goes on, and what is told counts from where it was
        assert len(bench.engine.prepared) == 2
        again = bench.engine.prepared[-1]
        bench.tell(Reading(again.request_id, 0, 600))
        assert bench.of(DocumentReading)[-1] == DocumentReading(bench.keep(), 400, 1000)
        bench.tell(Finished(again.request_id, FinishReason.COMPLETE, Stats(prompt_tokens=1010)))
        assert len(bench.of(DocumentRead)) == 1

    bench.run(main())


def test_the_first_question_takes_the_document_along_and_it_counts_as_read_after_it(bench: Bench) -> None:
    """The conversation gets its id with that question: what was being read belongs to it from then on."""

    async def main() -> None:
        # GIVEN a document that is being read, for a conversation that is not begun yet
        document = bench.keep()
        bench.documents.attach(None, document)
        (first,) = bench.engine.prepared
        bench.tell(Reading(first.request_id, 0, 60))
        # WHEN something is asked about it, which stops the reading, and that is answered
        conversation = bench.chat.send(None, "Who was the first keeper?")
        bench.documents.on_chat_event(bench.chat_events[0])
        bench.tell(Finished(first.request_id, FinishReason.STOPPED, Stats()))
        bench.answer("Ada Brook.")
        await asyncio.sleep(0)
        # THEN it is looked at whether all of it was read, in that conversation
        again = bench.engine.prepared[-1]
        assert again is not first and again.conversation_id == conversation
        assert "Ada Brook" in again.opening
        bench.tell(Finished(again.request_id, FinishReason.COMPLETE, Stats(prompt_tokens=70)))
        assert bench.of(DocumentRead) == [DocumentRead(document, 70)]

    bench.run(main())


def test_what_is_emptied_in_the_composer_does_not_end_the_reading(bench: Bench) -> None:
    async def main() -> None:
        bench.documents.attach(None, bench.keep())
        bench.tell(Finished(bench.engine.prepared[-1].request_id, FinishReason.STOPPED, Stats()))
        await asyncio.sleep(0)
        assert len(bench.engine.prepared) == 2

    bench.run(main())


def test_where_reading_ahead_is_not_welcome_the_question_reads(bench: Bench) -> None:
    bench.may_read_ahead = False
    bench.documents.attach(None, bench.keep())
    assert not bench.engine.prepared
    bench.chat.send(None, "Who?")
    assert "Ada Brook" in bench.engine.last.opening


# --- what does not fit


def test_of_what_does_not_fit_the_passages_are_told_that_the_question_is_about(bench: Bench) -> None:
    document = bench.keep()
    bench.documents.attach(None, document)
    # GIVEN the engine says that it does not fit
    bench.tell(Failed(bench.engine.prepared[-1].request_id, MessageTooLongError(9000, 1600), Stats()))
    assert bench.of(DocumentTooLong) == [DocumentTooLong(document, 9000, 1600)]
    # WHEN something is asked THEN the passage about it stands before the question, with its page
    conversation = bench.chat.send(None, "Who was the first keeper of the lighthouse?")
    assert bench.engine.last.opening == ""
    assert said(bench.engine.last)[0].startswith("```\n[page 1]\nThe lighthouse of Quorn")
    bench.answer("Ada Brook.")
    # THEN the answer says where it comes from
    answer = bench.history.transcript(conversation).messages[-1]
    assert answer.sources[0] == Source(document, 1, 0, len(LIGHTHOUSE.parts[0].text))
    # WHEN something else is asked THEN the passages of the question before are gone
    bench.chat.send(conversation, "What do tickets cost?")
    assert said(bench.engine.last)[0] == "Who was the first keeper of the lighthouse?"
    assert "three pounds" in said(bench.engine.last)[1]


def test_a_question_about_something_else_is_told_that_nothing_was_found(bench: Bench) -> None:
    bench.documents.attach(None, bench.keep())
    bench.tell(Failed(bench.engine.prepared[-1].request_id, MessageTooLongError(9000, 1600), Stats()))
    conversation = bench.chat.send(None, "Which vitamins are in broccoli?")
    (asked,) = said(bench.engine.last)
    assert "nothing about it was found" in asked
    assert "lighthouse" not in asked
    bench.answer("The text does not say it.")
    assert bench.history.transcript(conversation).messages[-1].sources == ()


def test_what_nobody_has_tried_is_asked_again_with_passages(bench: Bench) -> None:
    # GIVEN a question that was asked before anybody knew that the document does not fit
    bench.may_read_ahead = False
    document = bench.keep()
    bench.documents.attach(None, document)
    conversation = bench.chat.send(None, "How many steps has the tower?")
    # WHEN it is refused THEN it is asked again, and nobody hears of a failure
    bench.refuse()
    assert "199 steps" in said(bench.engine.last)[0]
    assert bench.chat.answers.is_busy(conversation)
    assert bench.of(DocumentTooLong) == [DocumentTooLong(document, 9000, 1600)]
    bench.answer("199.")
    assert [message.text for message in bench.history.transcript(conversation).messages][-1] == "199."
    # WHEN even that is too long THEN that is said
    bench.chat.send(conversation, "And how high is it?")
    assert "62 metres" in said(bench.engine.last)[-1]
    bench.refuse()
    assert not bench.chat.answers.is_busy(conversation)


def test_a_small_context_gets_as_many_passages_as_it_has_room_for(bench: Bench) -> None:
    # GIVEN a document of which three passages speak of what is asked, each as long as one may be
    tower = "The tower has a lamp, which is lit at night. " * 18
    parts = tuple(Part(PartKind.PAGE, number, "", f"Lamp {number}. {tower}") for number in (1, 2, 3, 4))
    bench.may_read_ahead = False
    bench.documents.attach(None, bench.keep(Document("tower.pdf", DocumentKind.PDF, parts)))
    conversation = bench.chat.send(None, "What has the tower, that is lit?")
    bench.refuse()
    assert said(bench.engine.last)[-1].count("Lamp ") == 3
    # WHEN these do not fit beside the question THEN it is asked with fewer, and nobody hears of it
    bench.refuse(655, 452)
    assert said(bench.engine.last)[-1].count("Lamp ") == 2
    bench.refuse(460, 452)
    assert said(bench.engine.last)[-1].count("Lamp ") == 1
    # WHEN not even one does THEN that is said, and that there was one
    bench.refuse()
    assert not bench.chat.answers.is_busy(conversation)
    failed = bench.chat_events[-1]
    assert isinstance(failed, AnswerFailed) and failed.passages == 1 and failed.put_back is not None


def test_a_question_in_another_language_gets_the_passage_that_means_the_same(bench: Bench) -> None:
    # GIVEN a document that does not fit, and an embedding model that has read it
    bench.embedder = Subjects()
    rules = (
        Part(PartKind.PAGE, 1, "", "Everybody gets 28 days of vacation."),
        Part(PartKind.PAGE, 2, "", "Tickets for trains are paid in second class."),
    )
    bench.documents.attach(None, bench.keep(Document("rules.pdf", DocumentKind.PDF, rules)))
    conversation = bench.chat.send(None, "Where do I sit in trains?")
    bench.refuse()
    bench.answer("In second class.")
    prepare(bench.grounds().store, bench.embedder, lambda _done, _total: None)
    # WHEN it is asked in another language
    bench.chat.preparation.request(conversation, "年假")
    assert bench.embedder.prepared == 1
    bench.chat.send(conversation, "年假怎么算？")
    # THEN the passage is there that its words do not find
    assert "28 days" in said(bench.engine.last)[-1]
    # AND without the model it is not
    bench.answer("28.")
    bench.embedder = None
    bench.chat.regenerate(conversation)
    assert "28 days" not in said(bench.engine.last)[-1]


def test_a_long_question_alone_says_nothing_about_the_document(bench: Bench) -> None:
    bench.documents.attach(None, bench.keep())
    conversation = bench.chat.send(None, "How many steps? " + "Tell me the steps. " * 400)
    bench.refuse(2200, 1600)  # of which the question takes nearly all
    assert not bench.of(DocumentTooLong)
    bench.answer("199.")
    bench.chat.send(conversation, "Who?")
    assert "Ada Brook" in bench.engine.last.opening


def test_another_context_is_another_chance(bench: Bench) -> None:
    bench.documents.attach(None, bench.keep())
    bench.tell(Awake("tiny", 2048, 2, False, EngineConfig(None)))
    bench.tell(Failed(bench.engine.prepared[-1].request_id, MessageTooLongError(9000, 1600), Stats()))
    bench.tell(Awake("tiny", 16384, 2, False, EngineConfig(None)))
    bench.chat.send(None, "Who?")
    assert "Ada Brook" in bench.engine.last.opening


def test_a_server_hears_of_a_document_with_the_question_only_and_what_fits_there_is_its_own(bench: Bench) -> None:
    # GIVEN a conversation that a server is to answer
    bench.chat.choices.choose(None, ConversationChoices(model="server:office/large"))
    # WHEN a document is attached THEN nobody reads it, neither there nor here
    bench.documents.attach(None, bench.keep())
    assert not bench.engine.prepared
    # AND the whole of it goes along with the question, or passages where that is too long for the server
    conversation = bench.chat.send(None, "Who was the first keeper of the lighthouse?")
    assert "Ada Brook" in bench.engine.last.opening and bench.engine.last.model_file == "server:office/large"
    bench.refuse()
    assert bench.engine.last.opening == "" and "Ada Brook" in said(bench.engine.last)[0]
    bench.answer("Ada Brook.")
    # WHEN the model here answers THEN it is given the whole, which may fit
    there = bench.chat.choices.of(conversation)
    bench.chat.choices.choose(conversation, replace(there, model=None))
    bench.chat.send(conversation, "And who was it?")
    assert "Ada Brook" in bench.engine.last.opening
    bench.answer("Ada Brook.")
    # AND another context here says nothing of the server's
    for tokens in (2048, 16384):
        bench.tell(Awake("tiny", tokens, 2, False, EngineConfig(None)))
    bench.chat.choices.choose(conversation, there)
    bench.chat.send(conversation, "Who again?")
    assert bench.engine.last.opening == ""


def test_what_no_context_can_hold_is_not_even_given_to_the_engine(bench: Bench) -> None:
    text = "The cat sat on the mat. " * 150_000
    huge = Document("huge.txt", DocumentKind.TEXT, (Part(PartKind.WHOLE, 1, "", text),))
    document = bench.keep(huge)
    bench.documents.attach(None, document)
    assert not bench.engine.prepared
    (told,) = bench.of(DocumentTooLong)
    assert isinstance(told, DocumentTooLong)
    assert told.tokens > told.room


# --- where an answer comes from


def test_an_answer_from_the_whole_text_names_its_page(bench: Bench) -> None:
    document = bench.keep()
    bench.documents.attach(None, document)
    conversation = bench.chat.send(None, "When can visitors come?")
    bench.answer("Visitors are welcome on Sundays.")
    answer = bench.history.transcript(conversation).messages[-1]
    assert answer.sources[0].document_id == document
    assert answer.sources[0].part == 3


# --- what an answer says and its document does not


def test_figures_and_names_that_stand_nowhere_are_kept_with_the_answer(bench: Bench) -> None:
    bench.documents.attach(None, bench.keep())
    conversation = bench.chat.send(None, "Did Malcolm pay for a ticket?")
    bench.answer("Yes, Malcolm and Bartholomew Brook paid 2.50 for 2 on Sundays.")
    answer = bench.history.transcript(conversation).messages[-1]
    assert answer.not_in_the_text == ("Bartholomew", "2.50")  # page 2 has the figure, and the question has Malcolm
    # WHEN what was said before comes up again THEN a made up name has not become a true one, the person's own have
    bench.chat.send(conversation, "And how high is it?")
    bench.answer("It is 62 metres high, say Malcolm and Bartholomew.")
    assert bench.history.transcript(conversation).messages[-1].not_in_the_text == ("Bartholomew",)


def test_what_stands_elsewhere_than_in_the_passages_that_were_given_is_in_the_text(bench: Bench) -> None:
    # GIVEN a document that does not fit, and of which only a few pages are given
    pages = ["The lighthouse of Quorn was built in 1874.", "Its first keeper was Ada Brook."]
    pages += [f"Room {number} of the tower is used for storing oil." for number in range(60, 80)]
    parts = tuple(Part(PartKind.PAGE, at, "", text) for at, text in enumerate(pages, 1))
    bench.documents.attach(None, bench.keep(Document("lighthouse.pdf", DocumentKind.PDF, parts)))
    bench.tell(Failed(bench.engine.prepared[-1].request_id, MessageTooLongError(9000, 1600), Stats()))
    conversation = bench.chat.send(None, "What is used for storing oil?")
    assert "Ada" not in said(bench.engine.last)[0]
    # WHEN an answer names what stands on another page, and what stands nowhere
    bench.answer("Room 60, says Ada, in 1874, or Malcolm for 2.50.")
    # THEN only that is kept
    assert bench.history.transcript(conversation).messages[-1].not_in_the_text == ("Malcolm", "2.50")


def test_where_nothing_is_given_and_where_there_is_no_document_nothing_is_said(bench: Bench) -> None:
    conversation = bench.chat.send(None, "Who?")
    bench.answer("It was Bartholomew in 1905.")
    assert bench.history.transcript(conversation).messages[-1].not_in_the_text == ()
    bench.documents.attach(None, bench.keep())
    bench.tell(Failed(bench.engine.prepared[-1].request_id, MessageTooLongError(9000, 1600), Stats()))
    conversation = bench.chat.send(None, "Which vitamins are in broccoli?")
    bench.answer("It has Vitamin 12.")
    assert bench.history.transcript(conversation).messages[-1].not_in_the_text == ()


def test_the_names_of_fields_are_not_what_the_answer_says(bench: Bench) -> None:
    bench.documents.attach(None, bench.keep())
    fields = parse_fields("Surname of Keeper, Room 1999", "Keepers")
    bench.chat.shapes.choose(None, AnswerShape(fields, Look.FORM))
    conversation = bench.chat.send(None, "Who was the keeper?")
    names = [field.name for field in fields.fields]
    bench.answer(json.dumps([dict(zip(names, ("Ada Brook or Malcolm Reed", "199"), strict=True))]))
    answer = bench.history.transcript(conversation).messages[-1]
    assert "1999" in answer.text
    assert answer.not_in_the_text == ("Malcolm", "Reed")


# --- erasing


def test_a_document_goes_with_the_last_conversation_that_has_it(bench: Bench) -> None:
    # GIVEN two conversations about a document
    async def main() -> None:
        document = await bench.opened()
        conversations = []
        for _ in range(2):
            bench.documents.attach(None, document)
            conversations.append(bench.chat.send(None, "Who?"))
            bench.answer("Ada Brook.")
        # WHEN one is deleted for good THEN the other one still has it
        bench.chat.delete_for_good(conversations[0])
        assert bench.documents.document(document) is not None
        # WHEN the other is only deleted THEN it can come back with it
        bench.history.delete(conversations[1])
        bench.chat.delete_for_good()
        assert bench.documents.document(document) is not None
        # WHEN that one goes for good THEN so does the document, with what the model has read of it
        bench.chat.delete_for_good(conversations[1])
        assert bench.documents.document(document) is None
        assert f"document:{document}" in bench.engine.forgotten

    bench.run(main())


def test_what_is_only_looked_at_stays_until_it_is_attached_somewhere_else(bench: Bench) -> None:
    async def main() -> None:
        document = await bench.opened()
        other = bench.chat.send(None, "Hello!")
        bench.answer("Hi.")
        bench.chat.delete_for_good(other)
        assert bench.documents.document(document) is not None, "somebody looks at it"
        bench.documents.attach(None, document)
        bench.documents.detach(None)
        assert bench.documents.document(document) is None

    bench.run(main())


def test_nothing_is_made_where_there_is_no_document(bench: Bench) -> None:
    conversation = bench.chat.send(None, "Hello!")
    bench.answer("Hi.")
    bench.chat.choices.choose(conversation, ConversationChoices(temperature=0.3))
    bench.chat.delete_for_good(conversation)
    assert bench.grounds._made is None
    assert not (bench.folder / "documents.db").exists()


def test_a_damaged_file_is_said_once(bench: Bench) -> None:
    (bench.folder / "documents.db").write_bytes(b"noise" * 5000)
    bench.documents.take_text("A text.", "text")
    bench.documents.take_text("Another text.", "text")
    assert [problem.title for problem in bench.troubles] == [
        "The file with the documents was damaged; a new one was begun."
    ]


def test_where_the_documents_cannot_be_read_a_question_is_not_stored(bench: Bench) -> None:
    # GIVEN a conversation about a document, and the file of the documents is of a newer Catnap at the next start
    bench.documents.attach(None, bench.keep())
    conversation = bench.chat.send(None, "Who?")
    bench.answer("Ada Brook.")
    store = bench.grounds().store
    store.connection.execute("PRAGMA user_version = 99")
    store.close()
    bench.grounds()._opened = bench.grounds()._last = None
    # WHEN something is asked THEN why is said, and the question is not there twice when it is asked again
    with pytest.raises(UserFacingError, match="newer"):
        bench.chat.send(conversation, "How many steps?")
    assert len(bench.history.transcript(conversation).messages) == 2


def test_trouble_with_the_passages_is_said_in_a_sentence(bench: Bench) -> None:
    bench.documents.attach(None, bench.keep())
    bench.tell(Failed(bench.engine.prepared[-1].request_id, MessageTooLongError(9000, 1600), Stats()))
    bench.grounds().store.connection.execute("CREATE TABLE passages (of_another_program)")
    bench.chat.send(None, "Who was the first keeper?")
    failed = bench.chat_events[-1]
    assert isinstance(failed, AnswerFailed) and failed.put_back is None
    assert failed.error.title == "The documents cannot be read or kept."
