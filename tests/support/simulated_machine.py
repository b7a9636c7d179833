"""A machine in a model, for tests of the number of threads: no clock, no chance."""

from __future__ import annotations

from desktop.engine.threads.tuner import Counts, Phase, Step, ThreadTuner, Usage


class Machine:
    """A machine in a model: how fast each number of threads is while others are busy, and what the clocks then show.

    Attributes:
        speeds: Tokens per second alone, with 1, 2, ... threads.
        others: Processors that other programs keep busy.
        penalty: With more threads than processors are free, all wait for the one that does not run.
    """

    def __init__(self, *speeds: float, processors: int | None = None, penalty: float = 20.0) -> None:
        self.speeds = speeds
        self.processors = processors or len(speeds)
        self.penalty = penalty
        self.others = 0.0
        self.cut_off = 0  # evaluations
        self.lost = 0.0  # seconds spent on them
        self.wall = self.used = self.idle = 0.0

    def read(self) -> Usage:
        return Usage(self.wall, self.used, self.idle)

    def clock(self) -> float:
        return self.wall

    def speed(self, threads: int) -> float:
        free = self.processors - self.others
        if threads <= free:
            return self.speeds[threads - 1]
        if threads == 1:
            return self.speeds[0] * max(free, 0.3)
        return self.speeds[0] / self.penalty / (threads - free)

    def evaluate(self, step: Step, tokens: int = 1) -> bool:
        """Lets an evaluation pass; False: it was cut off.

        Every program gets its fair share when there are too few processors.
        """
        seconds = tokens / self.speed(step.threads)
        whole = True
        limit = tokens / step.slowest if step.slowest else seconds
        if seconds > limit:
            # Of a batch it is seen how far it is: as desktop.engine.llama.eval_progress does it.
            seconds = limit if tokens == 1 else min(seconds, max(0.5, 0.05 * limit / (1 - limit / seconds)))
            self.cut_off += 1
            self.lost += seconds
            whole = False
        wanted = step.threads + self.others
        self.wall += seconds
        self.used += step.threads * min(1.0, self.processors / wanted) * seconds
        self.idle += self.seen_idle(wanted) * seconds
        return whole

    def rest(self, seconds: float) -> None:
        self.wall += seconds
        self.idle += self.seen_idle(self.others) * seconds

    def seen_idle(self, wanted: float) -> float:
        return max(0.0, self.processors - wanted)


class Run:
    """An answer that is generated on a machine in a model."""

    def __init__(self, machine: Machine, limit: int, known: Counts | None = None) -> None:
        self.machine = machine
        self.limit = limit
        self.pace = ThreadTuner(machine.read, machine.clock, known, machine.rest)
        self.done = 0
        self.begin()

    def begin(self) -> None:
        self.done = 0
        self.pace.begin(self.limit)

    def generate(self, seconds: float) -> list[int]:
        """Returns the threads used for each token."""
        history = []
        end = self.machine.wall + seconds
        while self.machine.wall < end:
            history.append(self._evaluate(Phase.DECODE, 1, 1))
        return history

    def read_batches(self, count: int, tokens: int = 512) -> list[int]:
        """Returns the threads used for each; a batch is ten times as fast for each token."""
        return [self._evaluate(Phase.PREFILL, tokens, 10) for _ in range(count)]

    def _evaluate(self, phase: Phase, tokens: int, speedup: int) -> int:
        step = self.pace.step(phase, self.done, self.limit)
        while not self.machine.evaluate(Step(step.threads, step.slowest / speedup), max(1, tokens // speedup)):
            step = self.pace.step(phase, self.done, self.limit, cut_off=True)
        self.done += tokens
        return step.threads

    def share_of_best(self, seconds: float) -> float:
        """Returns the tokens generated in a time, as a share of what the best fixed number makes in it."""
        began = self.machine.wall
        tokens = len(self.generate(seconds))
        best = max(self.machine.speed(count) for count in range(1, self.limit + 1))
        return tokens / (best * (self.machine.wall - began))
