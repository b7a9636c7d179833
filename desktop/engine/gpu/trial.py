"""Tries a graphics processor with a model in a process that is thrown away, and judges what came of it.

A verdict holds for one device with one driver, one build of the library, and one model loaded in one way. It rests on
what was computed and measured there; a process that dies or hangs has said enough.
"""

from __future__ import annotations

import contextlib
import logging
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import IO, Final

from desktop.common.errors import QT_TRANSLATE_NOOP, Cancelled, UserFacingError
from desktop.common.own_process import own_command
from desktop.engine.backends import GpuDevice, GpuKind
from desktop.engine.cage import job
from desktop.engine.gpu.comparison import Agreement, ProductDifference, limit_for
from desktop.engine.gpu.messages import FROM_PROCESS, LIMIT, TO_PROCESS, VERB, Found, Speeds, Tried, Try
from desktop.engine.gpu.verdict import GpuVerdict, Outcome
from desktop.engine.process.channel import ProtocolError, Receiver, Sender
from desktop.engine.process.crash import cause_of, is_from_outside
from desktop.engine.process.environment import end_process, start_process
from desktop.engine.process.messages import Ended, Refused

_log = logging.getLogger(__name__)

# By the clock: two loads from a slow disk, and an old processor that reads a text with a large model.
_SECONDS: Final = 900.0
_END_SECONDS: Final = 5.0
_LAST_WORDS: Final = 40
# Below that the processor alone answers: what is gained must be noticed, and pay for what may go wrong.
LEAST_GAIN: Final = 1.10
# Nats; what is no number is as far off, and a file holds none that is infinite.
_FAR_OFF: Final = 1000.0
# A turn as people have them: so many tokens are read, so many are written.
_TURN_READ, _TURN_WRITTEN = 200, 100


def judge(tried: Tried) -> GpuVerdict:
    """Returns the verdict on a trial that came to its end. Pure."""
    gain = _seconds(tried.alone) / max(_seconds(tried.together), 1e-9)
    outcome = Outcome.GOOD if gain >= LEAST_GAIN else Outcome.SLOW
    reason = ""
    limit = limit_for(tried.rounding)
    if not tried.agreement.mean <= limit:
        outcome, reason = Outcome.WRONG, _words(tried.agreement, limit)
    elif tried.products.is_wrong(tried.size_rounding):
        outcome, reason = Outcome.WRONG, _words_of_product(tried.products)
    return GpuVerdict(
        outcome,
        device=tried.device.description,
        name=tried.device.name,
        driver=tried.device.driver,
        layers=tried.layers,
        of_layers=tried.of_layers,
        gain=gain,
        reading=_ratio(tried.together.reading, tried.alone.reading),
        generation=_ratio(tried.together.generation, tried.alone.generation),
        divergence=min(tried.agreement.mean, _FAR_OFF) if tried.agreement.mean >= 0 else _FAR_OFF,  # not so of NaN
        memory=tried.memory,
        has_own_memory=tried.device.kind is GpuKind.OWN_MEMORY,
        reason=reason,
    )


class GpuTrial:
    """One trial; :meth:`run` is called once, on a thread that may wait for a minute.

    Attributes:
        devices: What was found, as soon as it was.
        walls: What shut the process in, in words.
    """

    def __init__(self, order: Try, command: Sequence[str] | None = None, seconds: float = _SECONDS) -> None:
        """
        Args:
            order: What to try.
            command: What to start; None: this very program.
            seconds: After which it is ended, having hung.
        """
        self._order, self._command, self._seconds = order, command or own_command(VERB), seconds
        self._given_up, self._hung = threading.Event(), threading.Event()
        self._kill = threading.Lock()
        self._end: Callable[[], None] | None = None
        self.devices: tuple[GpuDevice, ...] = ()
        self.walls: tuple[str, ...] = ()

    def cancel(self) -> None:
        """Has :meth:`run` end the process at once; any thread, also before and after it runs."""
        self._given_up.set()
        with self._kill:
            if self._end is not None:
                self._end()

    def run(self) -> GpuVerdict:
        """Tries, and returns the verdict.

        Raises:
            Cancelled: :meth:`cancel` was called, or somebody else has ended the process: that says nothing.
            UserFacingError: It cannot be started.
        """
        process = start_process(self._command, _cannot_start)
        walls = job.confine(process.pid)
        stdin, stdout, stderr = process.stdin, process.stdout, process.stderr
        assert stdin is not None and stdout is not None and stderr is not None
        last_words: deque[str] = deque(maxlen=_LAST_WORDS)
        listener = threading.Thread(target=_collect, args=(stderr, last_words), name="gpu-stderr", daemon=True)
        timer = threading.Timer(self._seconds, self._on_hang)
        with self._kill:
            self._end = process.kill
        try:
            listener.start()
            timer.start()
            if self._given_up.is_set():
                process.kill()
            said = self._talk(stdin, stdout)
        finally:
            timer.cancel()
            with self._kill:
                self._end = None
            # Its pipe is closed, so it has ended, or hangs in the driver's end.
            try:
                code = process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                end_process(process, "the process that tries graphics processors")
                code = 0
            with contextlib.suppress(RuntimeError):
                listener.join(_END_SECONDS)
            for stream in (stdin, stdout):
                with contextlib.suppress(OSError):
                    stream.close()
            if walls is not None:
                walls.close()
        return self._judge(said, Ended(code, tuple(last_words)))

    def _talk(self, stdin: IO[bytes], stdout: IO[bytes]) -> Tried | Refused | None:
        """Gives the order, and returns the last that is said; None: nothing that makes sense."""
        with contextlib.suppress(OSError):
            Sender(stdin.fileno(), TO_PROCESS).send(self._order)
        receiver, said = Receiver(stdout.fileno(), FROM_PROCESS, LIMIT), None
        try:
            while (message := receiver.receive()) is not None:
                if isinstance(message, Found):
                    self.devices, self.walls = message.devices, message.walls
                else:
                    said = message
        except ProtocolError as nonsense:
            _log.warning("the process that tries graphics processors: %s", nonsense)
        return said

    def _judge(self, said: Tried | Refused | None, ended: Ended) -> GpuVerdict:
        if self._given_up.is_set():
            raise Cancelled
        best = max(self.devices, key=lambda each: each.memory_total, default=None)
        device, name, driver = (best.description, best.name, best.driver) if best is not None else ("", "", "")
        match said:
            case Tried():
                verdict = judge(said)
            case Refused():
                error = said.as_error()
                reason = f"{error.title} {error.detail}".strip()
                verdict = GpuVerdict(Outcome.REFUSED, device, name, driver, reason=reason)
            case None if self._hung.is_set():
                verdict = GpuVerdict(Outcome.HUNG, device, name, driver)
            case None if self._order.config.model_path is None and not ended.code:
                verdict = GpuVerdict(Outcome.GOOD, device, name, driver)
            case None:
                if is_from_outside(ended):
                    raise Cancelled
                verdict = GpuVerdict(Outcome.DIED, device, name, driver, reason=cause_of(ended))
        _log.info("graphics processor: %s", verdict)
        return verdict

    def _on_hang(self) -> None:
        self._hung.set()
        with self._kill:
            if self._end is not None:
                self._end()


def _collect(stderr: IO[bytes], last_words: deque[str]) -> None:
    with stderr:
        while line := stderr.readline(400):
            last_words.append("".join(c if c.isprintable() else " " for c in line.decode("utf-8", "replace")).rstrip())


def _seconds(speeds: Speeds) -> float:
    """Returns how long a usual turn takes."""
    return _TURN_READ / max(speeds.reading, 1e-6) + _TURN_WRITTEN / max(speeds.generation, 1e-6)


def _ratio(one: float, other: float) -> float:
    return one / other if other > 0 else 0.0


def _words(agreement: Agreement, limit: float) -> str:
    best = f"{agreement.same_best:.0%} of the likeliest words agree"
    return f"divergence {agreement.mean:.2g} nats where {limit:.2g} are rounding; {best}"


def _words_of_product(product: ProductDifference) -> str:
    return f"{product.name} is {product.times:.3g} times what the processor computes"


def _cannot_start(reason: str) -> UserFacingError:
    title = QT_TRANSLATE_NOOP("Errors", "The process that tries the graphics processor cannot be started.")
    return UserFacingError(title, f"{reason}.")
