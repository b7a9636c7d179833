"""What the window and the tray say about students, in the language of the interface."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from desktop.common.byte_sizes import format_bytes
from desktop.lifecycle.students.making import Standing
from desktop.lifecycle.students.offers import Cost, Offer
from desktop.lifecycle.students.projects import Goal, StudentProject
from desktop.student.steps import Step, StepProgress
from desktop.ui.words import SEPARATOR, duration_words, percent_words, time_left_words


def offer_words(offer: Offer) -> str:
    """Returns ``A quarter fewer layers: 23 of 30, about 80 MB``."""
    if offer.is_smallest:
        words = QCoreApplication.translate("Students", "A third fewer layers: {layers} of {all}, about {size}")
    else:
        words = QCoreApplication.translate("Students", "A quarter fewer layers: {layers} of {all}, about {size}")
    return words.format(layers=offer.layers, all=offer.of_layers, size=format_bytes(offer.size))


def cost_words(cost: Cost) -> str:
    """Returns what it takes to make a student."""
    if cost.most_seconds > cost.least_seconds:
        words = QCoreApplication.translate(
            "Students",
            "It takes {least} to {most} of computing on this computer, {disk} on the disk meanwhile, and up to "
            "{memory} of memory.",
        )
    else:
        words = QCoreApplication.translate(
            "Students",
            "It takes about {most} of computing on this computer, {disk} on the disk meanwhile, and up to {memory} of "
            "memory.",
        )
    return words.format(
        least=duration_words(cost.least_seconds),
        most=duration_words(cost.most_seconds),
        disk=format_bytes(cost.disk),
        memory=format_bytes(cost.memory),
    )


def result_size_words(project: StudentProject) -> str:
    """Returns ``23 of 30 layers, for faster answers``."""
    wish = project.wish
    if wish.goal is Goal.SMALLER:
        words = QCoreApplication.translate("Students", "{layers} of {all} layers, as small as can be")
    else:
        words = QCoreApplication.translate("Students", "{layers} of {all} layers, for faster answers")
    return words.format(layers=wish.layers, all=wish.of_layers)


def step_words(step: Step) -> str:
    """Returns what is done in a step."""
    return {
        Step.COLLECT: QCoreApplication.translate("Students", "collecting the model's answers"),
        Step.PRUNE: QCoreApplication.translate("Students", "finding the layers that can go"),
        Step.TRAIN: QCoreApplication.translate("Students", "learning"),
        Step.EXPORT: QCoreApplication.translate("Students", "writing the file"),
        Step.VOCABULARY: QCoreApplication.translate("Students", "leaving out rare words"),
        Step.CHECK: QCoreApplication.translate("Students", "checking what it can do"),
        Step.INSTALL: QCoreApplication.translate("Students", "putting it in its place"),
    }[step]


def standing_words(standing: Standing) -> str:
    """Returns why it does not go on; empty: it does, or there is nothing to say."""
    return {
        Standing.WAITING_FOR_ANSWER: QCoreApplication.translate("Students", "Waiting while you use Catnap"),
        Standing.WAITING_FOR_POWER: QCoreApplication.translate("Students", "Waiting until this computer is plugged in"),
        Standing.WAITING_FOR_MEMORY: QCoreApplication.translate("Students", "Waiting until there is more free memory"),
        Standing.WAITING_FOR_TURN: QCoreApplication.translate(
            "Students", "Waiting until the other smaller model is made"
        ),
        Standing.STOPPING: QCoreApplication.translate("Students", "Stopping; what is done is kept"),
        Standing.STOPPED: QCoreApplication.translate("Students", "Stopped; what is done is kept"),
    }.get(standing, "")


def pytorch_words() -> str:
    """Returns how to get PyTorch, above the lines that are to be typed."""
    if sys.platform == "linux":
        size = QCoreApplication.translate("Students", "3 GB to download and 5 GB on the disk")
    else:
        size = QCoreApplication.translate("Students", "some hundred megabytes")
    return QCoreApplication.translate(
        "Students",
        "Learning takes PyTorch ({size}), which does not come with Catnap. Python 3.11 or newer installs it with the "
        "two lines below, in a terminal; then “Look again”. If you have PyTorch and NumPy already, say where.",
    ).format(size=size)


def progress_words(steps: Sequence[Step], progress: StepProgress | None) -> str:
    """Returns ``Step 2 of 5: finding the layers that can go · 12 of 64 · 4 min left``.

    Args:
        steps: All of them, those that are done too: a number that went back would look as if it began anew.
        progress: How far it is; None: nobody knows yet.
    """
    if progress is None:
        return QCoreApplication.translate("Students", "Beginning…")
    words = step_words(progress.step)
    if progress.step in steps:
        words = QCoreApplication.translate("Students", "Step {number} of {count}: {what}").format(
            number=steps.index(progress.step) + 1, count=len(steps), what=words
        )
    else:
        words = words[:1].upper() + words[1:]
    parts = [words]
    if progress.total > 1:
        parts.append(
            QCoreApplication.translate("Students", "{done} of {total}").format(done=progress.done, total=progress.total)
        )
    if progress.seconds_left is not None:
        parts.append(time_left_words(progress.seconds_left))
    return SEPARATOR.join(parts)


def tray_words(standing: Standing, progress: StepProgress | None) -> str:
    """Returns the line of the tray's menu: ``Smaller model: learning 40%``; empty: nothing is under way."""
    if standing in (Standing.DONE, Standing.FAILED, Standing.STOPPED):
        return ""
    waiting = standing_words(standing)
    if waiting:
        return QCoreApplication.translate("Students", "Smaller model: {what}").format(
            what=waiting[:1].lower() + waiting[1:]
        )
    if progress is None:
        return QCoreApplication.translate("Students", "Making a smaller model")
    what = step_words(progress.step)
    if progress.total > 1:
        what = f"{what} {percent_words(progress.share)}"
    return QCoreApplication.translate("Students", "Smaller model: {what}").format(what=what)
