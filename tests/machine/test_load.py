"""What other programs take of the processors."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

from desktop.machine.load import ProcessorTimes, read_times, share_of_others
from tests.support.patience import wait_for


def test_shares() -> None:
    before = ProcessorTimes(100.0, 50.0, 10.0)
    assert share_of_others(before, ProcessorTimes(110.0, 60.0, 10.0)) == 0.0  # all of it idle
    assert share_of_others(before, ProcessorTimes(110.0, 50.0, 20.0)) == 0.0  # all of it ours
    assert share_of_others(before, ProcessorTimes(110.0, 52.0, 13.0)) == 0.5
    # AND clocks that step back, or count in steps, make nothing out of range
    assert share_of_others(before, before) == 0.0
    assert share_of_others(before, ProcessorTimes(101.0, 49.0, 10.0)) == 1.0
    assert share_of_others(before, ProcessorTimes(101.0, 51.5, 10.0)) == 0.0


def test_what_computes_here_is_told_from_what_computes_elsewhere() -> None:
    stop = threading.Event()

    def compute() -> None:
        while not stop.is_set():
            sum(range(10_000))

    own = os.getpid()
    before = read_times([own])
    thread = threading.Thread(target=compute)
    thread.start()
    try:
        wait_for("a second of our own", lambda: read_times([own]).own - before.own > 0.5)
        after = read_times([own])
    finally:
        stop.set()
        thread.join()
    assert after.total > before.total
    assert after.idle >= before.idle
    # THEN the same time counts for others where it is not said to be ours
    ours, theirs = after.own - before.own, read_times([]).own
    assert theirs == 0.0
    counted = share_of_others(before, after)
    uncounted = share_of_others(
        ProcessorTimes(before.total, before.idle, 0.0), ProcessorTimes(after.total, after.idle, 0.0)
    )
    assert uncounted >= counted
    assert abs((uncounted - counted) - ours / (after.total - before.total)) < 0.5


def test_a_process_that_is_gone_counts_nothing() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert read_times([gone.pid]).own == 0.0
