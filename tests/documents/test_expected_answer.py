"""What kind of thing a question asks for, and which sentences have one."""

from __future__ import annotations

import pytest

from desktop.documents.expected_answer import Kind, has, kind_of


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What does a card cost?", Kind.MONEY),
        ("How much is the price of a roll?", Kind.MONEY),
        ("How high is the rent?", Kind.MONEY),
        ("借书卡多少钱？", Kind.MONEY),
        ("When does it open?", Kind.TIME),
        ("In which year was it built?", Kind.TIME),
        ("How often does the ferry run?", Kind.TIME),
        ("图书馆几点关门？", Kind.TIME),
        ("多久除垢一次？", Kind.TIME),
        ("How many steps are there?", Kind.NUMBER),
        ("How long does it last?", Kind.NUMBER),
        ("有几个房间？", Kind.NUMBER),
        ("Who was the keeper?", Kind.NAME),
        ("What is the plumber's name?", Kind.NAME),
        ("What did she study?", None),
        ("Where is it?", None),
        ("谁负责？", None),
    ],
)
def test_what_a_question_asks_for(question: str, kind: Kind | None) -> None:
    assert kind_of(question) is kind


@pytest.mark.parametrize(
    ("kind", "sentence", "expected"),
    [
        (Kind.MONEY, "A card is 12 euros.", True),
        (Kind.MONEY, "Children pay nothing.", True),
        (Kind.MONEY, "It is 12 metres wide.", False),
        (Kind.MONEY, "The price is not known.", False),
        (Kind.MONEY, "每年十二元。", True),
        (Kind.TIME, "It is closed on Sundays.", True),
        (Kind.TIME, "It opens at nine.", True),
        (Kind.TIME, "It is open.", False),
        (Kind.NUMBER, "It has five rooms.", True),
        (Kind.NUMBER, "It has rooms.", False),
        (Kind.NUMBER, "有三间房。", True),
        (Kind.NAME, "The keeper was Ada Brook.", True),
        (Kind.NAME, "The keeper was a woman.", False),
        (Kind.NAME, "The keeper lived in Quorn.", False),  # the question has it
        (Kind.NAME, "管理员叫安宁。", True),
    ],
)
def test_whether_a_sentence_has_it(kind: Kind, sentence: str, expected: bool) -> None:
    assert has(kind, sentence, "Who was the keeper at Quorn?") is expected


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("How many steps are there?", "It has 203 steps.", True),
        ("How many steps are there?", "It is 41 metres high.", False),
        ("How many people came?", "There were 40 visitors.", True),
        ("How long is it in metres?", "It is 41 metres long.", True),
        ("How long is it in metres?", "It is closed for 41 days.", False),
        ("How old is the oak in Weimar?", "It is 400 years old.", True),
    ],
)
def test_a_figure_is_of_what_is_counted(question: str, sentence: str, expected: bool) -> None:
    assert has(Kind.NUMBER, sentence, question) is expected
