"""What is said about "faster answers"."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication

from desktop.engine.repacking import RepackGain
from desktop.lifecycle.background_trial import Hindrance
from desktop.lifecycle.faster_answers import RepackAdvice
from desktop.ui.settings.gain_words import gain_words

MODEL = "Qwen {2.5}"  # what a file calls itself is no pattern


@pytest.mark.parametrize(
    ("gain", "expected"),
    [
        (
            RepackGain(1.4, 1.35, 310_000_000, "haswell"),
            (
                "With Qwen {2.5} on this computer: reading 40 % faster, answering 35 % faster; "
                "takes 310 MB more that the system cannot take back."
            ),
        ),
        (
            RepackGain(0.98, 1.24, 310_000_000, "haswell"),
            (
                "With Qwen {2.5} on this computer: reading as fast as without, answering 24 % faster; "
                "takes 310 MB more that the system cannot take back."
            ),
        ),
        (
            RepackGain(0.7, 1.15, 600_000_000, "haswell"),
            "Does not pay with Qwen {2.5} on this computer: reading 30 % slower, answering 15 % faster, 600 MB more.",
        ),
        (RepackGain(), "Brings nothing with Qwen {2.5}: this computer has no faster form for its weights."),
    ],
)
def test_what_was_measured(qapp: QCoreApplication, gain: RepackGain, expected: str) -> None:
    assert gain_words(RepackAdvice(MODEL, gain), is_on=False) == expected
    unused = "" if gain.pays else " So it is not used."
    assert gain_words(RepackAdvice(MODEL, gain), is_on=True) == expected + unused


def test_each_hindrance_has_words_of_its_own(qapp: QCoreApplication) -> None:
    said = {gain_words(RepackAdvice(MODEL, None, hindrance=why), is_on=False) for why in Hindrance}
    assert len(said) == len(Hindrance)
    assert all(said)
    measuring = gain_words(RepackAdvice(MODEL, None, is_measuring=True), is_on=False)
    assert measuring == "Measuring what it brings with Qwen {2.5} on this computer…"
    assert gain_words(None, is_on=False) == ""
