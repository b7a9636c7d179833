"""The settings' page about the graphics processor: what is known of it, another trial, what to choose on which."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QPushButton

from desktop.common.byte_sizes import format_bytes
from desktop.engine.gpu.verdict import FoundLibrary, GpuVerdict, Outcome, Presence
from desktop.lifecycle.background_trial import Hindrance
from desktop.lifecycle.gpu.advisor import GpuAdvice, GpuAdvisor
from desktop.lifecycle.gpu.recommendation import ADVICE, Advice, Tier
from desktop.ui.settings.dialog import SettingsDialog

_SETTING, _LAYERS = "gpu", "gpu_layers"


def connect_gpu(dialog: SettingsDialog, advisor: GpuAdvisor) -> None:
    """Shows what is known of the graphics processor as long as there is a dialog, and adds the button for a trial.

    Args:
        dialog: The settings.
        advisor: Knows, and finds out.
    """
    button = QPushButton(QCoreApplication.translate("Gpu", "Try it"))
    button.setAutoDefault(False)
    button.setToolTip(
        QCoreApplication.translate("Gpu", "Compare what it computes with the processor, and how fast it does")
    )
    button.clicked.connect(advisor.try_again)
    dialog.add_button(_SETTING, button)

    def show() -> None:
        is_on = dialog.settings.gpu != "off"
        advice = advisor.advice()
        dialog.set_finding(_SETTING, gpu_words(advice, is_on=is_on))
        button.setEnabled(is_on and advice.library.presence is Presence.READY and not advice.is_trying)

    advisor.subscribe(show)
    dialog.shown.connect(show)
    dialog.set_finding(_LAYERS, advice_table())
    show()


def gpu_words(advice: GpuAdvice, *, is_on: bool) -> str:
    """Returns what is known of the graphics processor with the model in use.

    Args:
        advice: What is known.
        is_on: It may compute along, by the setting.
    """
    if advice.library.presence is not Presence.READY:
        return _absent(advice.library)
    if not is_on:
        return QCoreApplication.translate("Gpu", "The code for it is installed. It is tried once this is switched on.")
    if advice.verdict is not None:
        return _verdict(advice.verdict, is_used=advice.is_used)
    if advice.is_trying:
        return QCoreApplication.translate("Gpu", "It is being tried with your model; that may take some minutes…")
    match advice.hindrance:
        case Hindrance.BATTERY:
            return QCoreApplication.translate("Gpu", "It is tried when the computer is plugged in.")
        case Hindrance.ANSWERING:
            return QCoreApplication.translate("Gpu", "It is tried when the answer is complete.")
        case Hindrance.MEMORY:
            return QCoreApplication.translate("Gpu", "There is not enough free memory to try it now.")
        case Hindrance.FAILED:
            return QCoreApplication.translate("Gpu", "It could not be tried. The log says more.")
        case None:
            return QCoreApplication.translate("Gpu", "It was not tried yet: there is no model.")


def advice_table() -> str:
    """Returns what to choose in every tier, a line for each."""
    return "\n".join([_heading(), *map(advice_words, ADVICE)])


def advice_words(advice: Advice) -> str:
    """Returns what to choose in one tier, in one line."""
    layers = (
        QCoreApplication.translate("Gpu", "all layers")
        if advice.layers < 0
        else QCoreApplication.translate("Gpu", "{count} layers").format(count=advice.layers)
    )
    return QCoreApplication.translate(
        "Gpu", "{tier}: {quantisation}, {layers}, conversation memory {kv}, context {context}; about {words} words/s"
    ).format(
        tier=_tier(advice.tier),
        quantisation=advice.quantisation,
        layers=layers,
        kv=advice.kv_type.value,
        context=f"{advice.n_ctx:,}",
        words=advice.words_per_second,
    )


def _heading() -> str:
    return QCoreApplication.translate("Gpu", "For a model of 7 billion weights, by the memory that it has:")


def _tier(tier: Tier) -> str:
    match tier:
        case Tier.LARGE:
            return QCoreApplication.translate("Gpu", "16 GB and more")
        case Tier.MIDDLE:
            return QCoreApplication.translate("Gpu", "12 to 16 GB")
        case Tier.SMALL:
            return QCoreApplication.translate("Gpu", "less than 12 GB")
        case Tier.INTEGRATED:
            return QCoreApplication.translate("Gpu", "none of its own")


def _absent(found: FoundLibrary) -> str:
    match found.presence:
        case Presence.NOT_INSTALLED:
            text = QCoreApplication.translate(
                "Gpu",
                "The code for it is a download of its own, and not there. {path} is its place (catnap gpu install).",
            )
            return text.format(path=found.path)
        case Presence.ANOTHER_FILE:
            text = QCoreApplication.translate("Gpu", "{path} does not belong to this Catnap, and is not used.")
            return text.format(path=found.path)
        case _:
            return QCoreApplication.translate("Gpu", "This Catnap was built without code for graphics processors.")


def _verdict(verdict: GpuVerdict, *, is_used: bool) -> str:
    match verdict.outcome:
        case Outcome.GOOD | Outcome.SLOW:
            return _right(verdict, is_used=is_used)
        case Outcome.WRONG:
            text = QCoreApplication.translate(
                "Gpu", "{device} computes something else than the processor, so it is not used: {reason}."
            )
        case Outcome.DIED:
            text = QCoreApplication.translate("Gpu", "The engine died on {device}, so it is not used: {reason}.")
        case Outcome.HUNG:
            text = QCoreApplication.translate("Gpu", "{device} did not come to an end, so it is not used.")
        case Outcome.REFUSED:
            text = QCoreApplication.translate("Gpu", "Not used: {reason}.")
    return text.format(device=verdict.device, reason=verdict.reason.rstrip("."))


def _right(verdict: GpuVerdict, *, is_used: bool) -> str:
    if is_used:
        text = QCoreApplication.translate(
            "Gpu",
            "{device} is used: {layers} of {of} layers, {memory}; reads {reading}, writes {writing} times as fast.",
        )
    else:
        text = QCoreApplication.translate(
            "Gpu", "{device} computes rightly, but reads {reading} and writes {writing} times as fast as the processor "
            "alone, so it is not used."
        )  # fmt: skip
    return text.format(
        device=verdict.device,
        layers=verdict.of_layers if verdict.layers < 0 else verdict.layers,
        of=verdict.of_layers,
        memory=format_bytes(verdict.memory),
        reading=f"{verdict.reading:.2g}",
        writing=f"{verdict.generation:.2g}",
    )
