"""Models made wrong, each through the import and through the engine.

Survived: the import returns or says a sentence within 5 s; the worker lives; the request ends once, as answered or with
a sentence that names the file; nothing takes longer than 5 s after a Stop. After every 50 models a healthy one must say
what it said before, on the same worker.
"""

from __future__ import annotations

import queue
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Final

from desktop.common.errors import UserFacingError
from desktop.engine.types import Asleep, Crashed, Dozing, EngineConfig, Failed, FlashAttention, KvType, Waking
from desktop.gguf.header import read_header_if_possible
from desktop.lifecycle.memory_fit import MemoryFit
from desktop.machine.memory import MemoryReader
from desktop.models.catalog import EMPTY_CATALOG
from desktop.models.library import Library
from desktop.settings.options import Settings
from tests.torture.bases import REAL, SMALL, WHOLE, Bases
from tests.torture.cases import CASES
from tests.torture.judge import LONG_S, Asker, Ending, LostError, Overseer, check_words
from tests.torture.mutations import KINDS, mutate
from tests.torture.results import Outcome, Run

COUNT: Final = 1000
# Of the short form; it shares no factor with the number of kinds, or some would never be tried in it.
_SHORT_STEP: Final = 9
_REAL_SHARE: Final = 0.5
_HEALTHY_EVERY: Final = 50
_ODD_EVERY: Final = 9
_LANES: Final = 2
_CONTEXT: Final = 512
# The machine that runs this must live as well: for a file whose footprint nobody can tell.
MEMORY: Final = 3 << 30
_IMPORT_S: Final = 5.0


# They take other ways through the native code.
_CHANGES: Final[list[tuple[tuple[str, object], ...]]] = [
    (("repack", True),),
    (("use_mmap", False),),
    (("kv_type", KvType.Q8_0),),
    (("flash_attention", FlashAttention.OFF),),
]


class Manner(Enum):
    """What is done with a model."""

    ASK = "asked"
    PREPARE = "prepared, then asked"
    STOP = "stopped on its way"
    DOZE = "dozed, then asked again"


@dataclass(frozen=True)
class Plan:
    """One model to try.

    Attributes:
        base: The healthy model.
        kind: What will be wrong with it; for a case that was thought of, its name.
        patience: Events that somebody waits for before the Stop, where the manner is to stop it.
        change: What the configuration has that the usual one has not.
    """

    number: int
    base: str
    kind: str
    manner: Manner
    seed: str
    patience: int = 0
    change: tuple[tuple[str, object], ...] = ()


def plans(seed: int, count: int = COUNT) -> Iterator[Plan]:
    """Yields what will be tried: first what was thought of, then what is drawn. The same for the same seed."""
    kinds = list(KINDS)
    for number in range(count):
        own = f"{seed}:{number}"
        draw = random.Random(own)
        manner = draw.choice((*[Manner.ASK] * 6, Manner.PREPARE, Manner.PREPARE, Manner.STOP, Manner.DOZE))
        patience = draw.randrange(1, 7)
        change = draw.choice([()] * 6 + _CHANGES)
        if number < len(CASES):
            yield Plan(number, CASES[number].base, CASES[number].name, Manner.ASK, own)
        else:
            base = REAL if draw.random() < _REAL_SHARE else draw.choice(SMALL)
            yield Plan(number, base, kinds[number % len(kinds)], manner, own, patience, change)


def file_name(plan: Plan) -> str:
    """Returns the name of the file of a plan: most are plain."""
    if plan.number % _ODD_EVERY or sys.platform == "win32":
        return f"wrong-{plan.number}.gguf"
    odd = ("caf\udce9", "{0} {name} %s %n", "two\nlines", "'\"$(x)`", "长" * 60, "right\u202eleft", "\x1b[31mred", " ")
    return f"{odd[plan.number // _ODD_EVERY % len(odd)]}-{plan.number}.gguf"


def write(plan: Plan, bases: Bases, path: Path) -> str:
    """Writes the file of a plan; returns what is wrong with it."""
    if plan.number < len(CASES):
        CASES[plan.number].write(bases, path)
        return f"{plan.base}: {plan.kind}"
    mutant = mutate(random.Random(plan.seed), plan.kind, bases.get(plan.base))
    path.write_bytes(mutant.content)
    return f"{plan.base}: {mutant.what}"


def run(run: Run) -> Iterator[Outcome]:
    """Tries all models, two at a time."""
    chosen = list(plans(run.seed))
    if run.only:
        chosen = [plan for plan in chosen if plan.number in run.only]
    elif run.is_short:
        always = [plan for plan in chosen if plan.number < len(CASES) and CASES[plan.number].always]
        chosen = sorted({*always, *chosen[::_SHORT_STEP]}, key=lambda plan: plan.number)
    bases = Bases(run.folder)
    for base in (WHOLE, REAL, *SMALL):
        bases.get(base)  # here, since two lanes may not make the same one
    waiting: queue.SimpleQueue[Plan] = queue.SimpleQueue()
    for plan in chosen:
        waiting.put(plan)
    found: queue.SimpleQueue[Outcome | None] = queue.SimpleQueue()
    lanes = 1 if run.only else _LANES
    with ThreadPoolExecutor(lanes) as pool:
        done = [pool.submit(_Lane(run, number, bases, waiting, found).work) for number in range(lanes)]
        for lane in done:
            lane.add_done_callback(lambda _: found.put(None))
        for _ in done:
            while (outcome := found.get()) is not None:
                yield outcome
        for lane in done:
            lane.result()


class _Lane:
    """One worker, and the models it is given."""

    def __init__(
        self,
        run: Run,
        number: int,
        bases: Bases,
        waiting: queue.SimpleQueue[Plan],
        found: queue.SimpleQueue[Outcome | None],
    ) -> None:
        self._run = run
        self._bases = bases
        self._waiting = waiting
        self._found = found
        self._folder = run.folder / f"lane-{number}"
        self._folder.mkdir()
        self._library = Library(self._folder / "models", self._folder, EMPTY_CATALOG)
        self._healthy = {name: self._folder / f"healthy-{name}.gguf" for name in ("parrot", REAL)}
        self._said: dict[str, str] = {}
        self._asker = Asker()

    def work(self) -> None:
        for name, path in self._healthy.items():
            path.write_bytes(self._bases.get(name).write())
        tried = 0
        with self._asker as asker:
            for name, path in self._healthy.items():
                self._said[name] = self._answer_of(path)
            while not self._waiting.empty():
                try:
                    plan = self._waiting.get_nowait()
                except queue.Empty:
                    break
                self._found.put(self._try(asker, plan))
                tried += 1
                if tried % _HEALTHY_EVERY == 0 or self._waiting.empty():
                    for name in self._healthy:
                        self._found.put(self._check_healthy(name, plan))

    def _try(self, asker: Asker, plan: Plan) -> Outcome:
        path = self._folder / file_name(plan)
        what = write(plan, self._bases, path)
        what = f"{what} ({plan.manner.value}{''.join(f', {name}' for name, _ in plan.change)})"
        began = time.monotonic()
        ending, lost = "", ""
        with Overseer() as overseer:
            try:
                limit, imported = self._import(path)
                config = replace(self._config(path, limit, plan.manner), **dict(plan.change))  # type: ignore[arg-type]
                ending = judge_engine(asker, config, plan.manner, plan.patience)
                ending = f"{ending}{imported}"
            except LostError as problem:
                ending, lost = "lost", str(problem)
                asker.recover()
        if overseer.heard and not lost:
            ending, lost = "lost", f"unheard of: {'; '.join(overseer.heard)}"
        row = "thought of" if plan.number < len(CASES) else plan.kind
        outcome = Outcome("models", row, what, ending, lost, seconds=time.monotonic() - began)
        if lost:
            kept = self._run.keep(path, f"model-{self._run.seed}-{plan.number}.gguf")
            again = f"--part models --seed {self._run.seed} --only {plan.number}"
            outcome = replace(outcome, again=again, kept=kept)
        if path.is_dir():
            path.rmdir()
        path.unlink(missing_ok=True)
        return outcome

    def _check_healthy(self, name: str, after: Plan) -> Outcome:
        began = time.monotonic()
        lost = ""
        try:
            said = self._answer_of(self._healthy[name])
            if said != self._said[name]:
                lost = f"it said {said!r} instead of {self._said[name]!r}"
        except LostError as problem:
            lost = str(problem)
            self._asker.recover()
        ending = "lost" if lost else "answered as before"
        again = f"--part models --seed {self._run.seed}, after number {after.number}"
        seconds = time.monotonic() - began
        return Outcome("models", "healthy ones between", name, ending, lost, again=again, seconds=seconds)

    def _answer_of(self, path: Path) -> str:
        self._asker.worker.configure(self._config(path, None, Manner.ASK))
        end = self._asker.end_of(self._asker.ask(max_tokens=24), LONG_S)
        if end.words != "answered":
            raise LostError(f"a healthy model: {end.event}")
        self._asker.fall_asleep()
        self._asker.close()
        return end.text

    def _config(self, path: Path, limit: int | None, manner: Manner) -> EngineConfig:
        return EngineConfig(
            path,
            n_ctx=_CONTEXT,
            threads=1,
            idle_seconds=0.0 if manner is Manner.DOZE else None,
            sleep_seconds=None,
            memory_limit=limit or MEMORY,
            snapshots_dir=self._folder / "states",
        )

    def _import(self, path: Path) -> tuple[int | None, str]:
        """Imports a file as the app does; returns the memory it will be granted, and in words whether it was taken."""
        return in_time(lambda: import_file(self._library, path), _IMPORT_S)


def import_file(library: Library, path: Path) -> tuple[int | None, str]:
    """Imports a file, predicts what it takes, and forgets it; returns that and in words whether it was taken.

    Raises:
        LostError: A refusal that does not name the file.
    """
    try:
        model = library.import_file(path)
    except UserFacingError as problem:
        check_words(problem, path.name)
        return None, ", not imported"
    try:
        fit = MemoryFit(EMPTY_CATALOG, Settings, MemoryReader(), cores=2)
        fit.learn(model, read_header_if_possible(path))
        footprint = fit.cost(Settings(), model)
        fit.judge_load(Settings(), model)
    finally:
        library.remove(model.id)
    return (None, "") if footprint is None else (footprint.rss, "")


def in_time(do: Callable[[], tuple[int | None, str]], seconds: float) -> tuple[int | None, str]:
    """Returns what ``do`` returns, on a thread of its own.

    Raises:
        LostError: It takes longer, or raises anything but that.
    """
    done: queue.SimpleQueue[tuple[int | None, str] | Exception] = queue.SimpleQueue()

    def work() -> None:
        try:
            done.put(do())
        except Exception as problem:
            done.put(problem)

    threading.Thread(target=work, name="import", daemon=True).start()
    try:
        result = done.get(timeout=seconds)
    except queue.Empty:
        raise LostError(f"the import has taken longer than {seconds:.0f} s") from None
    if isinstance(result, LostError):
        raise result
    if isinstance(result, Exception):
        raise LostError(f"the import raised {result!r}") from result
    return result


def judge_engine(asker: Asker, config: EngineConfig, manner: Manner, patience: int = 1) -> str:
    """Has an engine answer with a model; returns in words how that ended.

    Args:
        asker: Asks it.
        config: Names the model.
        manner: What is done with it.
        patience: Events before the Stop, where it is stopped.

    Raises:
        LostError: Something must not happen, and did.
    """
    assert config.model_path is not None
    name = config.model_path.name
    asker.worker.configure(config)
    ends: list[Ending] = []
    if manner is Manner.PREPARE:
        ends.append(asker.end_of(asker.ask((), prepares=True)))
    request_id = asker.ask()
    if manner is Manner.STOP:
        ends.append(asker.stop_after(request_id, patience))
    else:
        ends.append(asker.end_of(request_id))
    if manner is Manner.DOZE and ends[-1].words == "answered":
        asker.wait(lambda event: isinstance(event, Dozing | Asleep), LONG_S, "the doze")
        ends.append(asker.end_of(asker.ask()))
    asker.fall_asleep()
    events = asker.close()
    for end in ends:
        if isinstance(end.event, Failed):
            check_words(end.event.error, name)
    crashed = any(isinstance(event, Crashed) for event in events)
    words = ends[-1].words
    if crashed:
        return "crashed and said so" if words == "refused" else f"{words}, crashed"
    if words == "stopped" and not any(isinstance(event, Waking) for event in events):
        return "stopped at once"
    return words
