"""A model whose thoughts are asked for, in a process of its own: right figures, and processes that misbehave."""

from __future__ import annotations

import math
import os
import struct
import sys
from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from desktop.common.errors import MessageTooLongError, UserFacingError
from desktop.engine.distillation.client import AskedModel, rewrite_model
from desktop.engine.distillation.messages import Answer, Answered, Rewrite
from desktop.engine.llama.distillation.logits import record_size
from desktop.gguf.copying import read_values
from desktop.gguf.header import read_header
from desktop.machine.process import is_alive
from desktop.student.alignment import TokenTexts
from tests.support.command_line import python
from tests.support.tiny import make_tiny

KEPT, TEMPERATURES = 259, (1.0, 2.5)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny(tmp_path_factory.mktemp("models") / "tiny.gguf", layers=3, ascii_only=True)


@pytest.fixture(scope="module")
def model(path: Path) -> Iterator[AskedModel]:
    with AskedModel(path, 256) as model:
        yield model


def answer(model: AskedModel, text: str = "Who are you?", *, temperature: float = 0.0, seed: int = 1) -> Answered:
    return model.answer(Answer(text, 12, temperature, seed, KEPT, TEMPERATURES))


def test_what_is_told_of_a_token_is_a_softmax(model: AskedModel) -> None:
    told = answer(model)
    kind = np.dtype([("best", "<f4"), ("totals", "<f4", 2), ("ids", "<u4", KEPT), ("below", "<f2", KEPT)])
    assert kind.itemsize == record_size(KEPT, 2)
    records = np.frombuffer(told.logits, kind)
    assert len(records) == len(told.answer) == 12 and model.vocabulary == KEPT
    for record, token in zip(records, told.answer, strict=True):
        logits = float(record["best"]) - record["below"].astype(np.float64)
        assert sorted(record["ids"].tolist()) == list(range(KEPT)) and record["ids"][0] == token
        assert (np.diff(logits) <= 0).all()
        for total, temperature in zip(record["totals"], TEMPERATURES, strict=True):
            assert math.isclose(float(total), float(np.log(np.exp(logits / temperature).sum())), abs_tol=0.01)


def test_reading_an_answer_tells_what_writing_it_told(model: AskedModel) -> None:
    told = answer(model, temperature=1.5)
    assert told == answer(model, temperature=1.5) != answer(model, temperature=1.5, seed=2)
    tokens, size = (*told.prompt, *told.answer), record_size(KEPT, 2)
    asked = array("I", [token for _ in told.answer for token in (5, 70)])
    judged = model.judge(tokens, len(told.prompt), asked, 2)
    for place, (total, best, logits) in enumerate(judged):
        numbers = struct.unpack_from(f"<3f{KEPT}I{KEPT}e", told.logits, place * size)
        written = {token: numbers[0] - below for token, below in zip(numbers[3:262], numbers[262:], strict=True)}
        assert math.isclose(total, numbers[1], abs_tol=0.05) and best == numbers[3]
        wanted = [written[token] for token in (told.answer[place], 5, 70)]
        assert list(logits) == pytest.approx(wanted, abs=0.05)


def test_a_text_longer_than_a_batch_is_judged_in_pieces(model: AskedModel) -> None:
    tokens = [40 + place % 50 for place in range(150)]
    ids = array("I", [7] * 149)
    whole = model.judge(tokens, 1, ids, 1)
    part = model.judge(tokens, 100, ids[:50], 1)
    assert len(whole) == 149
    for (one, _, mine), (other, _, theirs) in zip(whole[99:], part, strict=True):
        assert math.isclose(one, other, abs_tol=0.02) and list(mine) == pytest.approx(list(theirs), abs=0.02)


def test_layers_and_columns_are_watched(model: AskedModel) -> None:
    texts = [[40 + place % 50 for place in range(100)], [50, 60]]
    influences, importances = model.watch(texts, influence=True, importance=True)
    assert len(influences) == 3 and all(0 < each < 2 for each in influences)
    assert len(importances) == 3 * 7 + 1 and all(
        value >= 0 and math.isfinite(value) for row in importances.values() for value in array("f", row)
    )
    assert model.watch(texts, influence=True) == (influences, {})
    assert model.watch(texts, importance=True) == ((), importances)


def test_what_does_not_fit_is_told_and_the_next_is_answered(model: AskedModel) -> None:
    with pytest.raises(MessageTooLongError):
        answer(model, "word " * 200)
    with pytest.raises(MessageTooLongError):
        model.judge([40] * 300, 1, array("I", [7] * 299), 1)
    assert answer(model).answer


def test_a_model_is_written_anew(path: Path, tmp_path: Path) -> None:
    rewrite_model(Rewrite(path, tmp_path / "q.gguf", "Q8_0", 0, texts=(("general.name", "Ein Schüler"),)))
    assert read_header(tmp_path / "q.gguf").name == "Ein Schüler"
    rewrite_model(Rewrite(path, tmp_path / "p.gguf", "copy", 0, without=(1,)))
    assert read_header(tmp_path / "p.gguf").n_layers == 2
    # AND what cannot be leaves nothing behind, and what was there as it was
    before = (tmp_path / "p.gguf").read_bytes()
    with pytest.raises(UserFacingError, match="cannot be written anew"):
        rewrite_model(Rewrite(path, tmp_path / "p.gguf", "Q99", 0))
    (tmp_path / "bad.gguf").write_bytes(path.read_bytes()[:-40_000])
    with pytest.raises(UserFacingError):
        rewrite_model(Rewrite(tmp_path / "bad.gguf", tmp_path / "p.gguf", "Q8_0", 0))
    assert (tmp_path / "p.gguf").read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["bad.gguf", "p.gguf", "q.gguf"]


@pytest.mark.skipif(sys.platform != "linux", reason="walls are Linux's")
def test_it_stands_behind_walls(model: AskedModel) -> None:
    assert any("files: its model" in wall for wall in model.walls)
    assert any("system calls" in wall for wall in model.walls)


_BEGIN = (
    "import os, time\n"
    "from desktop.engine.distillation.messages import *\n"
    "from desktop.engine.process.channel import Receiver, Sender\n"
    "receiver, sender = Receiver(0, TO_PROCESS, TO_PROCESS_LIMIT), Sender(1, FROM_PROCESS)\n"
    "receiver.receive()\n"
)
_OPENED = "sender.send(Opened(259, ())); receiver.receive(); "
_LIES = {
    "a strange vocabulary": "sender.send(Opened(0, ())); time.sleep(600)",
    "no answer to a question": _OPENED + "sender.send(Judged(b'')); time.sleep(600)",
    "too few bytes": _OPENED + "sender.send(Answered((1,), (2,), True, bytes(5))); time.sleep(600)",
    "a token that there is not": _OPENED + "sender.send(Answered((1,), (999,), True, bytes(1566))); time.sleep(600)",
    "no number": _OPENED + "sender.send(Answered((1,), (2,), True, b'\\xff' * 1566)); time.sleep(600)",
    "too long an answer": _OPENED + "sender.send(Answered((1,), (2,) * 99, True, bytes(1566 * 99))); time.sleep(600)",
    "noise": "os.write(1, b'x' * 99); time.sleep(600)",
    "its end": _OPENED,
}


@pytest.mark.parametrize("lie", _LIES)
def test_nothing_is_believed_that_cannot_be(lie: str, path: Path) -> None:
    assert record_size(KEPT, 2) == 1566
    command = (sys.executable, "-c", _BEGIN + _LIES[lie])
    with (
        pytest.raises(UserFacingError, match="brought the process for distillation down"),
        AskedModel(path, 256, command=command) as model,
    ):
        answer(model)


def test_a_damaged_file_is_a_sentence(path: Path, tmp_path: Path) -> None:
    content = path.read_bytes()
    for name, damaged in (("cut.gguf", content[:-4000]), ("empty.gguf", b""), ("text.gguf", b"GGUF, I say")):
        (tmp_path / name).write_bytes(damaged)
        with pytest.raises(UserFacingError):
            AskedModel(tmp_path / name, 256)


def test_the_process_goes_with_the_model(path: Path) -> None:
    with AskedModel(path, 256) as model:
        number = model._companion.process_id
        os.kill(number, 0)
    assert not is_alive(number)


def test_nobody_starts_it_by_hand() -> None:
    done = python("import sys; from desktop.__main__ import main; sys.exit(main(['distillation-process']))")
    assert done.code == 2 and "started by Catnap itself" in done.err


def test_a_question_and_somebodys_answer_are_cut_into_tokens(model: AskedModel, path: Path) -> None:
    texts = TokenTexts.of(read_values(path))
    prompt, tokens = model.lay_out("Who are you?", "I am <|im_end|> é", is_whole=False)
    assert b"".join(map(texts.said, tokens)) == "I am <|im_end|> é".encode() and prompt == answer(model).prompt
    whole = model.lay_out("Who are you?", "I am <|im_end|> é", is_whole=True)[1]
    assert whole[:-1] == tokens and texts.texts[whole[-1]] == b"<|im_end|>"
    with pytest.raises(MessageTooLongError):
        model.lay_out("x", "y" * 100_001, is_whole=True)
