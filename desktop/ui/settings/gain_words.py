"""What "faster answers" brings, in a person's words and the language of the interface."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from desktop.common.byte_sizes import format_bytes
from desktop.lifecycle.background_trial import Hindrance
from desktop.lifecycle.faster_answers import RepackAdvice
from desktop.ui.words import sentences

# Of the speed: less is noise.
_NOTICED = 0.03


def gain_words(advice: RepackAdvice | None, *, is_on: bool) -> str:
    """Returns what is known of the option with the model in use; empty: there is no model.

    Args:
        advice: What is known.
        is_on: The option is switched on.
    """
    if advice is None:
        return ""
    if advice.gain is None:
        return _not_yet(advice)
    gain = advice.gain
    if not gain.backend:
        text = QCoreApplication.translate(
            "FasterAnswers", "Brings nothing with {model}: this computer has no faster form for its weights."
        )
    elif gain.pays:
        text = QCoreApplication.translate(
            "FasterAnswers",
            "With {model} on this computer: reading {reading}, answering {answering}; "
            "takes {memory} more that the system cannot take back.",
        )
    else:
        text = QCoreApplication.translate(
            "FasterAnswers",
            "Does not pay with {model} on this computer: reading {reading}, answering {answering}, {memory} more.",
        )
    text = text.format(
        model=advice.model,
        reading=_speed(gain.reading),
        answering=_speed(gain.generation),
        memory=format_bytes(gain.memory),
    )
    if is_on and not gain.pays:
        return sentences(text, QCoreApplication.translate("FasterAnswers", "So it is not used."))
    return text


def _not_yet(advice: RepackAdvice) -> str:
    if advice.is_measuring:
        text = QCoreApplication.translate("FasterAnswers", "Measuring what it brings with {model} on this computer…")
    elif advice.hindrance is Hindrance.BATTERY:
        text = QCoreApplication.translate(
            "FasterAnswers", "What it brings is measured when the computer is plugged in and these settings are open."
        )
    elif advice.hindrance is Hindrance.ANSWERING:
        text = QCoreApplication.translate("FasterAnswers", "What it brings is measured when the answer is complete.")
    elif advice.hindrance is Hindrance.MEMORY:
        text = QCoreApplication.translate(
            "FasterAnswers", "There is not enough free memory to measure what it brings with {model}."
        )
    else:
        text = QCoreApplication.translate(
            "FasterAnswers", "What it brings could not be measured; the computer may be too busy."
        )
    return text.format(model=advice.model)


def _speed(ratio: float) -> str:
    """Returns a ratio of speeds in words; 1.4 is 40 % faster."""
    percent = round(abs(ratio - 1) * 100)
    if abs(ratio - 1) < _NOTICED:
        return QCoreApplication.translate("FasterAnswers", "as fast as without")
    if ratio > 1:
        return QCoreApplication.translate("FasterAnswers", "{percent} % faster").format(percent=percent)
    return QCoreApplication.translate("FasterAnswers", "{percent} % slower").format(percent=percent)
