"""What the first steps say about this computer and its models, for a child and for somebody of seventy."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from desktop.common.byte_sizes import format_bytes
from desktop.engine.footprint import Fit
from desktop.lifecycle.expected_speed import SpeedRange
from desktop.lifecycle.first_choice import Computer, FirstChoice, Lack, Offer, Role
from desktop.ui.words import sentences

# What a token holds: plain sentences have 0.88 words and 1.25 Chinese characters a token in the vocabulary of Qwen2.5;
# names and numbers take more.
_WORDS, _CHARACTERS = 0.8, 1.2
# From here on figures go by fives, as those below answers do.
_BY_FIVES = 20


def computer_words(computer: Computer) -> str:
    """Returns what this computer has."""
    if computer.cores == 1:
        cores = QCoreApplication.translate("FirstRun", "one processor core")
    else:
        cores = QCoreApplication.translate("FirstRun", "{count} processor cores").format(count=computer.cores)
    if computer.room is None:
        words = QCoreApplication.translate("FirstRun", "This computer has {cores} and {memory} of memory.")
        return words.format(cores=cores, memory=format_bytes(computer.memory))
    words = QCoreApplication.translate(
        "FirstRun", "This computer has {cores}, {memory} of memory, and {room} free on its disk."
    )
    return words.format(cores=cores, memory=format_bytes(computer.memory), room=format_bytes(computer.room))


def offer_words(offer: Offer, *, chinese: bool) -> str:
    """Returns why a model is offered, and how fast it will be.

    Args:
        offer: The model.
        chinese: Count in Chinese characters.
    """
    return sentences(_why(offer), expected_words(offer.speed, chinese=chinese))


def _why(offer: Offer) -> str:
    match offer.role:
        case Role.FASTER:
            return QCoreApplication.translate("FirstRun", "Answers sooner, and knows less.")
        case Role.CLEVERER if offer.judgement.fit is Fit.TIGHT:
            return QCoreApplication.translate(
                "FirstRun", "Knows more, and answers more slowly; memory may be short beside other programs."
            )
        case Role.CLEVERER:
            return QCoreApplication.translate("FirstRun", "Knows more, and answers more slowly.")
    if offer.judgement.fit is Fit.TIGHT:
        return QCoreApplication.translate(
            "FirstRun", "The smallest of all: memory is short here, so close other programs while it answers."
        )
    return QCoreApplication.translate("FirstRun", "The best with room left for other programs.")


def expected_words(speed: SpeedRange, *, chinese: bool) -> str:
    """Returns how fast answers will probably come."""
    share = _CHARACTERS if chinese else _WORDS
    least, most = _rounded(speed.least * share), _rounded(speed.most * share)
    if most < 1:
        return QCoreApplication.translate("FirstRun", "Expect less than one word a second.")
    if least < 1:
        words = QCoreApplication.translate("FirstRun", "Expect {most} words a second at the most.")
    elif least == most:
        words = QCoreApplication.translate("FirstRun", "Expect about {most} words a second.")
    else:
        words = QCoreApplication.translate("FirstRun", "Expect {least} to {most} words a second.")
    return words.format(least=least, most=most)


def _rounded(count: float) -> int:
    if count < 1:
        return 0
    return round(count) if count < _BY_FIVES else round(count / 5) * 5


def lack_words(choice: FirstChoice) -> str:
    """Returns why nothing is offered and what can be done; empty: there are offers."""
    computer = choice.computer
    match choice.lack:
        case Lack.MEMORY:
            words = QCoreApplication.translate(
                "FirstRun",
                "There is too little memory for a model just now: the smallest needs {needed}, and {free} of {all} are "
                "free. Close other programs, above all the browser, then look again.",
            )
            return words.format(
                needed=format_bytes(choice.least), free=format_bytes(computer.free), all=format_bytes(computer.memory)
            )
        case Lack.DISK:
            words = QCoreApplication.translate(
                "FirstRun",
                "There is too little room on the disk for a model: the smallest needs {needed}, and {free} are free. "
                "Delete what you no longer need, then look again; or keep models in a folder on another disk.",
            )
            return words.format(needed=format_bytes(choice.least), free=format_bytes(computer.room or 0))
        case Lack.MODELS:
            return QCoreApplication.translate(
                "FirstRun",
                "The list of models that comes with Catnap could not be read, so there is none to download. "
                "You can use a model file that you already have.",
            )
    return ""
