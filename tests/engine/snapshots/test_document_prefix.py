"""A document is read once: its state serves every conversation about it, in any context, also where it was broken off.

On the real binding; what is restored must answer as what was read.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.errors import Cancelled, MessageTooLongError
from desktop.engine.context_window import fit_known_part, fit_prompt
from desktop.engine.llama import bindings
from desktop.engine.llama.bindings import Native
from desktop.engine.prefill import Prefill
from desktop.engine.requests import PendingRequest
from desktop.engine.snapshots.manager import SnapshotManager, identify
from desktop.engine.snapshots.store import Identity, SnapshotStore
from desktop.engine.threads.tuner import Phase, Step
from desktop.engine.types import Asleep, EngineConfig, Finished, Generation, KvType, Message, Role
from tests.support.engine_harness import GREEDY, Harness, assistant, config_for, user
from tests.support.opened_session import opened
from tests.support.tiny import make_tiny

SHORT = replace(GREEDY, max_tokens=12)
TEXT = " ".join(
    f"On day {number} the cat of house {number * 7 % 31} slept for {number % 13} hours." for number in range(22)
)
SYSTEM = Message(Role.SYSTEM, "You are kind.")
OPENING = f"```\n{TEXT}\n```"
QUESTION, OTHER = user("How long did it sleep on day 3?"), user("And in which house?")
ARCHITECTURES = ("qwen2", "qwen3", "llama", "gemma3", "lfm2")
STATE = "document:d1/instructions"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    return {name: make_tiny(folder / f"{name}.gguf", architecture=name, ascii_only=True) for name in ARCHITECTURES}


def config(model: Path, folder: Path | None, n_ctx: int = 2048, kv: KvType = KvType.F16) -> EngineConfig:
    return replace(config_for(model, n_ctx=n_ctx), snapshots_dir=folder, kv_type=kv)


def ask(engine: Harness, conversation: str, *turns: Message, prepares: bool = False) -> tuple[Finished, str]:
    """Asks about the document; returns the end and the answer."""
    messages = (SYSTEM, *turns)
    request = Generation(
        next(engine._ids), conversation, messages, SHORT, prefix_id=STATE, prefix_lasts=True, opening=OPENING
    )
    (engine.worker.prepare if prepares else engine.worker.generate)(request)
    end = engine.end_of(request.request_id)
    assert isinstance(end, Finished), end
    return end, engine.text(request.request_id)


def nap(engine: Harness) -> None:
    engine.rest()
    engine.worker.sleep()
    engine.wait(Asleep)


def unread(end: Finished) -> int:
    return end.stats.prompt_tokens - end.stats.reused_tokens


@pytest.mark.parametrize("kv", [KvType.F16, KvType.Q8_0])
@pytest.mark.parametrize("model", ARCHITECTURES)
def test_another_conversation_in_another_context_answers_as_if_it_had_read(
    models: dict[str, Path], tmp_path: Path, model: str, kv: KvType
) -> None:
    # GIVEN what a fresh reading answers in each context
    plain = {}
    for n_ctx in (2048, 3072, 1792):
        with Harness(config(models[model], None, n_ctx, kv)) as engine:
            plain[n_ctx] = ask(engine, "plain", OTHER)[1]
    # WHEN the document was read once, without a question, and others ask after a restart, in contexts of other sizes
    with Harness(config(models[model], tmp_path / "states", 2048, kv)) as engine:
        read, _ = ask(engine, "not-begun", prepares=True)
        nap(engine)
    for number, n_ctx in enumerate((3072, 1792, 2048)):
        with Harness(config(models[model], tmp_path / "states", n_ctx, kv)) as engine:
            end, answer = ask(engine, f"conversation {number}", OTHER)
            # THEN each reads its question only, and answers the same
            assert unread(end) < len(OTHER.text) + 60, n_ctx
            assert end.stats.reused_tokens >= read.stats.prompt_tokens - 30
            assert answer == plain[n_ctx]


@pytest.mark.parametrize("model", ARCHITECTURES)
def test_it_is_kept_where_it_comes_in_the_middle_of_a_conversation(
    models: dict[str, Path], tmp_path: Path, model: str
) -> None:
    before = (user("Hello!"), assistant("Meow."))
    with Harness(config(models[model], tmp_path / "states")) as engine:
        engine.ask(before[0], sampling=SHORT, conversation="one")
        ask(engine, "one", *before, QUESTION)
        nap(engine)
        end, answer = ask(engine, "two", OTHER)
    with Harness(config(models[model], None)) as engine:
        plain = ask(engine, "plain", OTHER)[1]
    assert unread(end) < len(OTHER.text) + 60
    assert answer == plain


def test_a_conversation_that_goes_on_is_not_read_again_for_it(models: dict[str, Path], tmp_path: Path) -> None:
    # GIVEN a conversation about a document whose state was evicted
    folder = tmp_path / "states"
    with Harness(config(models["qwen2"], folder)) as engine:
        _, answer = ask(engine, "one", QUESTION)
        engine.rest()
        SnapshotStore(folder, 1 << 30).erase("document:d1")
        # WHEN it goes on THEN only the question is read
        end, _ = ask(engine, "one", QUESTION, assistant(answer), OTHER)
    assert unread(end) < len(OTHER.text) + 60


def test_all_that_was_read_of_a_document_goes_with_it_and_nothing_else(models: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "states"
    with Harness(config(models["qwen2"], folder)) as engine:
        for state, text in (
            ("document:d1/a", OPENING),
            ("document:d1/b", OPENING[:-99]),
            ("document:d2/a", OPENING[5:]),
        ):
            request = Generation(
                next(engine._ids), "x", (SYSTEM,), SHORT, keep_state=False, prefix_id=state, prefix_lasts=True,
                opening=text,
            )  # fmt: skip
            engine.worker.prepare(request)
            assert isinstance(engine.end_of(request.request_id), Finished)
        assert len(list(folder.glob("*.state"))) == 3
        engine.worker.forget("document:d1")
        nap(engine)
        (left,) = folder.glob("*.json")
    assert '"document:d2/a"' in left.read_text()
    assert len(list(folder.glob("*.state"))) == 1


def test_of_what_a_context_changes_the_state_is_not_taken_elsewhere() -> None:
    stretched = Identity("m:1:2", "b", 2048, "f16", "auto", "t", n_ctx_matters=True)
    usual = replace(stretched, n_ctx_matters=False)
    assert stretched.of_prefix.n_ctx == 2048
    assert usual.of_prefix == replace(usual, n_ctx=4096).of_prefix
    assert usual.of_prefix != replace(usual, kv_type="q8_0").of_prefix
    assert usual.of_prefix != replace(usual, model="m:1:3").of_prefix


# --- a reading that is broken off


class Reader:
    """Reads a document on a session of its own, and is broken off at will."""

    def __init__(self, native: Native, model: Path, folder: Path) -> None:
        self.native, self.model, self.folder = native, model, folder

    def read(self, opening: str, *, until: int | None = None) -> int:
        """Reads what is known before a question; returns how many tokens had to be read.

        Args:
            opening: The document.
            until: Give way before the batch that begins with this many tokens read, or more.
        """
        with opened(self.native, self.model, n_ctx=4096) as session:
            session.config = replace(session.config, model_path=self.model)
            snapshots = SnapshotManager(self.folder, 1 << 30)
            snapshots.attend(identify(self.native, session))
            request = Generation(
                1, "c", (SYSTEM,), SHORT, keep_state=False, prefix_id=STATE, prefix_lasts=True, opening=opening
            )
            job = PendingRequest(request, prepares=True)

            def step(_phase: Phase, done: int, _cut_off: bool) -> Step:
                if until is not None and done >= until:
                    job.give_way.set()
                return Step(1)

            prompt = fit_known_part(session, request)
            assert prompt is not None
            try:
                Prefill(session, snapshots, job, lambda _event: None, step).read_ahead(prompt)
            except Cancelled:
                assert until is not None
            return job.stats.prompt_tokens - job.stats.reused_tokens


LONG = f"```\n{TEXT}\n{TEXT[::-1]}\n```"


@pytest.mark.parametrize("model", ["qwen2", "gemma3", "lfm2"])
def test_a_reading_that_was_broken_off_goes_on_from_there(models: dict[str, Path], tmp_path: Path, model: str) -> None:
    reader = Reader(bindings.load(), models[model], tmp_path / "states")
    # GIVEN a reading that gave way after a batch or two, and the program has ended
    whole = Reader(bindings.load(), models[model], tmp_path / "others").read(LONG)
    reader.read(LONG, until=512)
    # WHEN it is read again THEN only the rest is, and it is whole then
    rest = reader.read(LONG)
    assert 0 < rest <= whole - 512
    assert reader.read(LONG) == 0


def test_little_more_than_is_there_is_not_written(models: dict[str, Path], tmp_path: Path) -> None:
    reader = Reader(bindings.load(), models["qwen2"], tmp_path / "states")
    reader.read(LONG, until=512)
    (kept,) = (tmp_path / "states").glob("*.state")
    before = kept.stat().st_mtime_ns
    reader.read(LONG, until=0)
    assert kept.stat().st_mtime_ns == before or len(kept.read_bytes()) > 0


def test_the_prefix_ends_where_the_first_question_begins_at_every_turn(models: dict[str, Path]) -> None:
    with opened(bindings.load(), models["qwen2"], n_ctx=4096) as session:
        turns = [QUESTION, assistant("3."), OTHER]
        prefixes = set()
        for count in (1, 3):
            request = Generation(
                1, "c", (SYSTEM, *turns[:count]), SHORT, prefix_id=STATE, prefix_lasts=True, opening=OPENING
            )
            prompt = fit_prompt(session, request)
            prefixes.add(prompt.tokens[: prompt.prefix])
            assert fit_prompt(session, replace(request, prefix_lasts=False)).prefix == (
                prompt.prefix if count == 1 else 0
            )
        assert len(prefixes) == 1
        assert prefixes != {()}


def test_the_document_stays_when_turns_are_dropped(models: dict[str, Path]) -> None:
    with opened(bindings.load(), models["qwen2"], n_ctx=1536) as session:
        turns = [user("One? " * 30), assistant("1 " * 60), user("Two? " * 30), assistant("2 " * 60), user("Three?")]
        request = Generation(1, "c", (SYSTEM, *turns), SHORT, prefix_id=STATE, prefix_lasts=True, opening=OPENING)
        whole = fit_prompt(session, replace(request, messages=(SYSTEM, turns[0])))
        prompt = fit_prompt(session, request)
        # THEN turns went, and what was read of the document is the beginning of what is read now
        assert prompt.cut > 0
        assert prompt.prefix == whole.prefix > len(TEXT)
        assert prompt.tokens[: prompt.prefix] == whole.tokens[: whole.prefix]


def test_a_document_that_leaves_no_room_is_too_long_and_says_by_how_much(models: dict[str, Path]) -> None:
    with opened(bindings.load(), models["qwen2"], n_ctx=1024) as session:
        request = Generation(1, "c", (SYSTEM,), SHORT, prefix_id=STATE, prefix_lasts=True, opening=OPENING)
        for fit, messages in ((fit_known_part, (SYSTEM,)), (fit_prompt, (SYSTEM, QUESTION)), (fit_known_part, ())):
            with pytest.raises(MessageTooLongError) as refused:
                fit(session, replace(request, messages=messages))
            assert refused.value.tokens > len(TEXT) > refused.value.room
