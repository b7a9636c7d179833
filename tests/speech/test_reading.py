"""What is read: one text at a time, sentence by sentence, nothing twice."""

from __future__ import annotations

import pytest

from desktop.speech.reading import Reader
from desktop.speech.sentences import Sentence
from desktop.ui.transcript.maths.spotting import inline_formula


class Voice:
    """A fake of the speech engine: remembers what it was told."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.number = 0
        self.stops = 0
        self.changes = 0
        self.reader = Reader(self, inline_formula, self._changed)

    def say(self, number: int, sentence: Sentence) -> None:
        self.said.append(sentence.text)
        self.number = number

    def stop(self) -> None:
        self.stops += 1

    def done(self) -> None:
        self.reader.said(self.number)

    def _changed(self) -> None:
        self.changes += 1


@pytest.fixture
def voice() -> Voice:
    return Voice()


def test_a_message_is_read_sentence_by_sentence(voice: Voice) -> None:
    voice.reader.read(7, "One. Two. 三。")
    assert voice.said == ["One."]
    assert voice.reader.is_reading
    assert voice.reader.key == 7
    voice.done()
    voice.done()
    assert voice.said == ["One.", "Two.", "三。"]
    voice.done()
    assert not voice.reader.is_reading
    assert voice.reader.key is None
    assert voice.changes == 2  # it was begun, and is over


def test_an_answer_is_read_while_it_grows(voice: Voice) -> None:
    voice.reader.begin()
    assert voice.reader.is_reading
    voice.reader.grow("It is ")
    assert voice.said == []
    voice.reader.grow("five. And mo")
    voice.done()
    voice.reader.grow("re. ")
    voice.reader.end(9)
    assert voice.reader.key == 9
    voice.done()
    assert voice.said == ["It is five.", "And more."]
    assert not voice.reader.is_reading


def test_a_voice_that_is_slower_than_the_answer_reads_on_to_its_end(voice: Voice) -> None:
    voice.reader.begin()
    for number in range(20):
        voice.reader.grow(f"This is number {number}! ")
    voice.reader.end(1)
    for _ in range(20):
        assert voice.reader.is_reading
        voice.done()
    assert len(voice.said) == 20
    assert not voice.reader.is_reading


def test_stopped_it_is_silent_and_what_comes_late_changes_nothing(voice: Voice) -> None:
    voice.reader.begin()
    voice.reader.grow("One. Two. Three. ")
    voice.reader.stop()
    assert (voice.stops, voice.reader.is_reading) == (1, False)
    voice.done()
    voice.reader.grow("Four. ")
    voice.reader.end(3)
    assert voice.said == ["One."]
    assert voice.reader.key is None
    voice.reader.stop()
    assert voice.stops == 1


def test_another_text_takes_its_place_and_the_end_of_the_old_sentence_is_not_its_own(voice: Voice) -> None:
    voice.reader.read(1, "Old one. Old two.")
    old = voice.number
    voice.reader.read(2, "New one. New two.")
    assert voice.stops == 1
    voice.reader.said(old)
    assert voice.said == ["Old one.", "New one."]
    voice.done()
    assert voice.said[-1] == "New two."


def test_of_what_has_no_words_nothing_is_said_and_it_is_over_at_once(voice: Voice) -> None:
    voice.reader.read(1, " \n---\n 😀 ")
    assert voice.said == []
    assert not voice.reader.is_reading
