"""Teachers of other tokens: a model of another family, one on a server; both answer in the student's."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.engine.distillation.client import AskedModel
from desktop.engine.distillation.messages import Answer
from desktop.gguf.copying import Cut, copy_with, number_value, read_values, text_value
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.servers.addresses import parse_address
from desktop.servers.log_probabilities import ChancesOfServer
from desktop.servers.registry import Server
from desktop.student.alignment import TokenTexts
from desktop.student.collecting import Collecting, make_plan
from desktop.student.judging import judge
from desktop.student.manifest import ProjectSettings
from desktop.student.project import Project
from desktop.student.prompts import builtin_prompts, of_languages, split
from desktop.student.sequences import Layout, TaughtSequence, read_layout, read_sequences
from desktop.student.teachers import ServedTeacher, TranslatedTeacher
from tests.student.conftest import PROMPTS, make_project, two_bytes
from tests.support.asked_servers import PATIENT
from tests.support.chat_server import ChatServer, serve_chat, told
from tests.support.gguf_build import LLAMA3
from tests.support.llama_server import serve_llama
from tests.support.llama_source import chat_template, vocabulary
from tests.support.tiny import make_tiny
from tests.support.weights import smollm2

KEPT, WARM = 5, 2.0
HELLO = told(("Hi", {"Hi": 0.6, "Yo": 0.3, "Hey": 0.02, "He": 0.02, "H": 0.02}), ended="length")


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with serve_chat() as server:
        server.script(HELLO, HELLO, HELLO)
        yield server


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A student that says "he" with one token."""
    return two_bytes(make_tiny(tmp_path_factory.mktemp("student") / "tiny.gguf", ascii_only=True), b"he")


@pytest.fixture(scope="module")
def student(pairs: Path) -> Iterator[AskedModel]:
    with AskedModel(pairs, 256) as model:
        yield model


def chances(server: ChatServer) -> ChancesOfServer:
    office = Server("office", parse_address(server.url), model="parrot")
    return ChancesOfServer(office, None, ProxyAccounts(), patience=PATIENT)


def ask(teacher: ServedTeacher | TranslatedTeacher, kept: int = KEPT, max_tokens: int = 8) -> TaughtSequence:
    answered = teacher.answer(Answer("Who?", max_tokens, 0.7, 1, kept, (1.0, WARM)))
    tokens = (*answered.prompt, *answered.answer)
    layout = Layout(teacher.vocabulary, kept, (1.0, WARM))
    return TaughtSequence("0" * 32, tokens, len(answered.prompt), answered.is_whole, layout, answered.logits)


def likely(sequence: TaughtSequence, place: int) -> dict[int, float]:
    thought = sequence.thought(place)
    pairs = zip(thought.ids, thought.logits, strict=True)
    return {token: round(math.exp(x - thought.totals[0]), 3) for token, x in pairs if x > -30}


def test_a_served_answer_is_written_in_the_students_tokens(server: ChatServer, student: AskedModel) -> None:
    server.script(
        told(
            ("h", {"h": 0.5, "t": 0.2, "zzz": 0.1}),
            ("e", {"e": 0.5}),
            ("y", {"y": 0.7, "<|im_end|>": 0.2}),
            ("<|im_end|>", {"<|im_end|>": 0.9, "!": 0.05}),
        )
    )
    with chances(server) as asked:
        teacher = ServedTeacher(asked, student)
        assert teacher.most_kept == KEPT and teacher.vocabulary == 259
        sequence = ask(teacher)
    end = 256 + 2
    assert sequence.tokens[sequence.first :] == (200, ord("y"), end) and sequence.is_whole
    # what "h" and "e" had goes to "he"; what has no partner to nobody
    assert likely(sequence, 0) == {200: 0.25, ord("h"): 0.25, ord("t"): 0.2}
    assert likely(sequence, 1) == {ord("y"): 0.7, end: 0.2}
    assert likely(sequence, 2) == {end: 0.9, ord("!"): 0.05}
    assert all(sequence.thought(place).mass(1, WARM) <= 1.001 for place in range(3))


def test_an_end_that_is_not_told_is_there_and_nothing_is_known_of_it(server: ChatServer, student: AskedModel) -> None:
    server.script(told(("y", {"y": 0.7})), told(("y", {"y": 0.7}), ended="length"))
    with chances(server) as asked:
        teacher = ServedTeacher(asked, student)
        whole, cut = ask(teacher), ask(teacher)
    assert whole.tokens[whole.first :] == (ord("y"), 258) and whole.is_whole
    assert likely(whole, 1) == {} and whole.thought(1).ids[0] == 258
    assert cut.tokens[cut.first :] == (ord("y"),) and not cut.is_whole


def test_a_server_that_tells_few_has_its_temperature_lowered(
    server: ChatServer, student: AskedModel, tmp_path: Path
) -> None:
    settings = ProjectSettings(held_out=2, max_tokens=4, n_ctx=256, temperature=3.0)
    project = make_project(tmp_path / "project", student.path, settings)
    server.script(*[told(("y", {"y": 0.8, "t": 0.15}))] * 20)
    with chances(server) as asked:
        teacher = ServedTeacher(asked, student)
        plan = make_plan(teacher, PROMPTS, settings)
        # five hold 95 % at 1, and at 3 no more than the worst case leaves
        assert plan.kept == KEPT and plan.is_capped and 1 <= plan.temperature < 2 and plan.mass > 0.9 > plan.mass_asked
        training, held_out = split(PROMPTS, 2, 1)
        collecting = Collecting(project, teacher, training, held_out, plan)
        list(collecting.steps())
        collecting.write_down()
        collecting.close()
    assert len(list(read_sequences(project.collected))) == 6 and len(list(read_sequences(project.held_out))) == 2
    assert read_layout(project.held_out).kept == KEPT


def test_a_teacher_of_another_family_answers_in_the_students_tokens(
    collected: Project, asked: AskedModel, student: AskedModel, tmp_path: Path
) -> None:
    teacher = TranslatedTeacher(asked, student)
    told_here = asked.answer(Answer("Who?", 8, 0.7, 1, 64, (1.0, WARM)))
    sequence = ask(teacher, kept=64)
    assert sequence.tokens[sequence.first :] == told_here.answer, "printable characters, one token each in both"
    theirs = TaughtSequence(
        "0" * 32, (*told_here.prompt, *told_here.answer), len(told_here.prompt), True, sequence.layout, told_here.logits
    )
    for place in range(sequence.length):
        mine, before = sequence.thought(place), theirs.thought(place)
        assert mine.ids[:20] == before.ids[:20]
        assert mine.mass(1, WARM) == pytest.approx(before.mass(1, WARM), abs=0.01)
    # AND where names of control tokens are others the end is the end
    with AskedModel(make_tiny(tmp_path / "other.gguf", layers=6, ascii_only=True, control=LLAMA3), 256) as other:
        assert ask(TranslatedTeacher(other, student)).length > 0


def test_a_real_teacher_answers_in_the_tokens_of_a_real_family(tmp_path: Path) -> None:
    # GIVEN a student with Phi's vocabulary, which is of SentencePiece
    student = tmp_path / "phi.gguf"
    values = {name: value for name, value in read_values(vocabulary("phi-3")).items() if "tokenizer" in name}
    values["tokenizer.chat_template"] = text_value(chat_template("microsoft-Phi-3.5-mini-instruct"))
    tiny = make_tiny(tmp_path / "tiny.gguf")
    before = {name: value for name, value in read_values(tiny).items() if "tokenizer" not in name}
    count = values["tokenizer.ggml.tokens"].count
    before["qwen2.vocab_size"] = number_value(count)
    rows = Cut([row % 259 for row in range(count)])
    copy_with(tiny, student, before | values, {"token_embd.weight": rows, "output.weight": rows})
    texts = TokenTexts.of(values)
    theirs = TokenTexts.of(read_values(smollm2()))
    with AskedModel(smollm2(), 256) as model, AskedModel(student, 256) as other:
        teacher = TranslatedTeacher(model, other)
        told, answered = (
            each.answer(Answer("What is the capital of France?", 40, 0.0, 1, 64, (1.0,))) for each in (model, teacher)
        )
    # THEN it says the same, and ends as Phi does
    said = b"".join(theirs.texts[token] for token in told.answer if token not in theirs.controls)
    assert b"Paris" in said and told.is_whole
    assert b"".join(texts.texts[token] for token in answered.answer[:-1]) == said
    assert texts.texts[answered.answer[-1]] == b"<|end|>"
    # AND what was thought is known of nearly all tokens, and thinks the right one best
    layout = Layout(count, 64, (1.0,))
    sequence = TaughtSequence("0" * 32, (0, *answered.answer), 1, True, layout, answered.logits)
    known = [place for place in range(sequence.length) if sequence.thought(place).is_known]
    assert len(known) > 0.8 * sequence.length and sequence.length - 1 in known
    best = [sequence.thought(place).ids[0] == answered.answer[place] for place in known]
    assert sum(best) > 0.9 * len(known)


def test_a_real_server_teaches_what_the_model_here_would(tmp_path: Path) -> None:
    """The served model is the student itself: what it tells of its answers must be what it thinks of them."""
    settings = ProjectSettings(languages=("en",), held_out=2, max_tokens=10, n_ctx=512)
    project = make_project(tmp_path / "project", smollm2(), settings)
    training, held_out = split(of_languages(builtin_prompts(), settings.languages), 2, settings.seed)
    with (
        serve_llama(smollm2()) as url,
        AskedModel(smollm2(), settings.n_ctx) as model,
        ChancesOfServer(Server("office", parse_address(url)), None, ProxyAccounts(), patience=PATIENT) as asked,
    ):
        assert asked.count == 256 and asked.kind == "llama.cpp" and not asked.depends_on_temperature
        teacher = ServedTeacher(asked, model)
        plan = make_plan(teacher, training[:2], settings)
        collecting = Collecting(project, teacher, training[:2], held_out, plan)
        list(collecting.steps())
        collecting.close()
        assert plan.kept == 64 and plan.mass > 0.9
        answers = [*read_sequences(project.collected), *read_sequences(project.held_out)]
        figures = judge(model, answers)
    assert len(answers) == 4 and figures.kl.value < 0.05 and figures.top1.value > 0.9
