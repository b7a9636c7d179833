"""The whole program is killed at random moments of its use, again and again on the same data, and nothing may be lost.

Survived: after the next start every message that was shown as sent is there, in its place; nothing deleted has come
back; of an answer that was on its way all but the last 2 s is there and marked as interrupted; drafts and settings are
there; the database and its index are sound; no scratch file is left, and no engine.
"""

from __future__ import annotations

import contextlib
import queue
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from tests.support.patience import NotThereError, wait_for
from tests.torture.kills.dying import compile_library
from tests.torture.kills.folders import (
    Models,
    age_copies,
    age_deleted,
    damage,
    is_damaged,
    make_exchange,
    make_folder,
    make_models,
    make_old,
)
from tests.torture.kills.judge import Verdict, adopt, check_files, find, judge, leftovers
from tests.torture.kills.plans import Plan, draw, draw_lives
from tests.torture.kills.session import Heard, Session
from tests.torture.kills.shown import Shown
from tests.torture.results import Outcome, Run

# The next start may come when the processor has other things to do; a start takes 1 to 2 s.
_START_S: Final = 60.0
# Nothing that is waited for takes longer, an engine's start and a whole answer included.
_MOST_S: Final = 90.0
# What the next start has to tidy up it does on a thread, beside all else that a start does.
_TIDY_S: Final = 60.0
# Two at a time: a start keeps one processor busy, and so does an answer.
_AT_A_TIME: Final = 2


@dataclass(frozen=True)
class _Tools:
    run: Run
    models: Models
    exchange: Path
    library: Path


@dataclass
class _Kill:
    """A kill that is not judged yet.

    Attributes:
        is_dead_by_itself: It came to the change to a file that it was to die at; else it was killed from outside.
    """

    number: int
    plan: Plan
    began: float
    lost: list[str] = field(default_factory=list)
    is_dead_by_itself: bool = False


def run(run: Run) -> Iterator[Outcome]:
    """Kills it; several data folders at a time."""
    tools = _Tools(run, make_models(run.folder / "models"), make_exchange(run.folder / "exchange"),
                   compile_library(run.folder))  # fmt: skip
    lives: queue.SimpleQueue[tuple[int, list[str]]] = queue.SimpleQueue()
    first = 0
    for rows in draw_lives(random.Random(f"{run.seed} lives"), is_short=run.is_short):
        if not run.only or any(first <= number < first + len(rows) for number in run.only):
            lives.put((first, rows))
        first += len(rows)
    outcomes: queue.SimpleQueue[Outcome | BaseException | None] = queue.SimpleQueue()
    threads = [
        threading.Thread(target=_live_all, args=(lives, tools, outcomes), daemon=True) for _ in range(_AT_A_TIME)
    ]
    for thread in threads:
        thread.start()
    ended = 0
    while ended < len(threads):
        outcome = outcomes.get()
        if isinstance(outcome, BaseException):
            raise outcome
        if outcome is None:
            ended += 1
        elif not run.only or outcome.again.rpartition(" ")[2] in map(str, run.only):
            yield outcome


def _live_all(
    lives: queue.SimpleQueue[tuple[int, list[str]]],
    tools: _Tools,
    outcomes: queue.SimpleQueue[Outcome | BaseException | None],
) -> None:
    try:
        while True:
            try:
                first, rows = lives.get_nowait()
            except queue.Empty:
                break
            for outcome in _Life(tools, first).live(rows):
                outcomes.put(outcome)
    except BaseException as problem:
        outcomes.put(problem)
    outcomes.put(None)


class _Life:
    """A data folder that goes through one kill after the other."""

    def __init__(self, tools: _Tools, first: int) -> None:
        """
        Args:
            tools: What all share.
            first: The number of its first kill.
        """
        self._tools, self._first = tools, first
        folder = tools.run.folder / f"life-{first}"
        self._home = folder / "home"
        self._home.mkdir(parents=True)
        self._exchange = folder / "exchange"
        self._exchange.mkdir()
        for file in tools.exchange.glob("import*"):
            (self._exchange / file.name).write_bytes(file.read_bytes())
        self._rng = random.Random(f"{tools.run.seed} {first}")
        self._paths = make_folder(folder, tools.models, self._rng)
        self._shown = Shown()
        self._killed_at = time.monotonic()
        self._open: list[_Kill] = []

    def live(self, rows: list[str]) -> Iterator[Outcome]:
        """Yields what became of each kill, once the next start has shown it."""
        last = max(self._tools.run.only, default=self._first + len(rows))
        for number, row in enumerate(rows, self._first):
            if number > last:
                break
            plan = draw(row, random.Random(f"{self._tools.run.seed} {number}"), str(self._paths.data))
            kill = _Kill(number, plan, time.monotonic())
            if plan.is_old:
                make_old(self._paths, self._shown, self._rng)
            if plan.ages == "deleted":
                age_deleted(self._paths, self._shown)
            elif plan.ages == "copies":
                age_copies(self._paths)
            elif plan.ages == "damaged":
                damage(self._paths, self._exchange, self._shown)
            yield from self._use_and_kill(kill)
        yield from self._end()

    def _session(self, plan: Plan, number: int) -> Session:
        tools = self._tools
        session = Session(self._paths, tools.models.catalog, self._exchange, tools.library, self._home)
        session.start(f"{tools.run.seed} {number} use", list(plan.first), plan.doom)
        return session

    def _use_and_kill(self, kill: _Kill) -> Iterator[Outcome]:
        plan = kill.plan
        session = self._session(plan, kill.number)
        ready: list[dict[str, Any]] = []

        def is_ready(report: dict[str, Any]) -> bool:
            ready.extend([report] if report["what"] in ("ready", "broken") else [])
            return bool(ready)

        patience = plan.delay if plan.in_start and plan.doom is None else _START_S
        heard = session.listen(is_ready, patience)
        if heard is Heard.IT:
            self._shown.hear(ready[0])
            yield from self._judge()
            self._open = [kill]
            session.begin()
            self._wait_for_moment(session, plan)
            self._killed_at = session.kill(self._shown.hear)
        else:
            self._open.append(kill)
            session.kill(lambda _report: None)
            if heard is Heard.NOTHING and patience == _START_S:
                kill.lost.append(f"it did not start within {_START_S:.0f} s: {self._said()}")
            elif heard is Heard.THE_END and plan.doom is None:
                kill.lost.append(f"it ended by itself: {self._said()}")
        kill.is_dead_by_itself = session.died_by_itself
        kill.lost += session.end_of_others()
        if not is_damaged(self._paths):
            kill.lost += check_files(self._paths, self._home)

    def _wait_for_moment(self, session: Session, plan: Plan) -> None:
        left = plan.reports

        def is_moment(report: dict[str, Any]) -> bool:
            nonlocal left
            self._shown.hear(report)
            left -= report["what"] == plan.counted
            return left <= 0 or bool(report["what"] == "broken")

        if session.listen(is_moment, _MOST_S) is Heard.NOTHING:
            self._open[-1].lost.append(f"nothing of what was waited for in {_MOST_S:.0f} s: {self._shown.doing}")
        session.listen(self._shown.hear, plan.delay)

    def _end(self) -> Iterator[Outcome]:
        """Starts it once more, to see what the last kill has cost."""
        if not self._open:
            return
        session = self._session(Plan("the end"), -1)

        def is_ready(report: dict[str, Any]) -> bool:
            self._shown.hear(report)
            return bool(report["what"] == "ready")

        if session.listen(is_ready, _START_S) is Heard.IT:
            yield from self._judge()
        else:
            verdict = Verdict([f"it did not start within {_START_S:.0f} s: {self._said()}"])
            yield from (self._outcome(kill, verdict) for kill in self._open)
        session.kill(lambda _report: None)

    def _judge(self) -> Iterator[Outcome]:
        """Judges the last kill, and those in the starts after it: the program is there, and nobody uses it yet."""
        found = find(self._paths)
        verdict = judge(self._shown, found, self._killed_at)
        verdict.lost += self._left()
        for kill in self._open:
            yield self._outcome(kill, verdict)
        if not self._open and verdict.lost:
            raise AssertionError(f"lost before anything was done: {verdict.lost}")
        adopt(self._shown, found, time.monotonic())
        self._open = []

    def _left(self) -> list[str]:
        """Returns which scratch files there are once the program, which nobody uses yet, has had time to remove them.

        Of a copy that was being changed the journal is one: it goes when the deleted words are taken out of the copy.
        """
        with contextlib.suppress(NotThereError):
            wait_for("the scratch files to go", lambda: not self._scratch_files(), _TIDY_S)
        return self._scratch_files()

    def _scratch_files(self) -> list[str]:
        return leftovers(self._paths, was_damaged=self._shown.was_damaged)

    def _outcome(self, kill: _Kill, verdict: Verdict) -> Outcome:
        lost = "; ".join([*kill.lost, *verdict.lost])
        run = self._tools.run
        again = f"--seed {run.seed}{' --short' if run.is_short else ''} --part kills --only {kill.number}"
        kept = run.keep(self._paths.history_file, f"kills-{kill.number}-history.sqlite3") if lost else None
        ending = "lost" if lost else _words(verdict) + (", in a write" if kill.is_dead_by_itself else "")
        what = f"killed in {kill.plan.row}: {replace(kill.plan, row='')}"
        return Outcome("kills", kill.plan.row, what, ending, lost, again, kept, time.monotonic() - kill.began)

    def _said(self) -> str:
        return (self._home / "stderr.txt").read_text(encoding="utf-8", errors="replace")[-2000:]


def _words(verdict: Verdict) -> str:
    if not verdict.seconds:
        return "an answer kept whole" if verdict.adopted else "nothing lost"
    return f"{'less than 1' if verdict.seconds < 1 else '1 to 2'} s of an answer lost"
