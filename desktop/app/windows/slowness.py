"""Finds out why answers are slow, and puts what the person chooses in the dialog into effect."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop.app.services import Services
from desktop.engine.types import Stats
from desktop.lifecycle.slowness import Situation, find_causes
from desktop.machine.cpu import read_features
from desktop.machine.load import ProcessorTimes, read_times, share_of_others
from desktop.machine.memory_pressure import Pressure
from desktop.models.types import InstalledModel, Thinking

if TYPE_CHECKING:
    from desktop.ui.slowness import SlownessDialog

# Between two looks at the processors and at the memory: shorter, and one busy moment would count for much.
_LOOK_MS = 1000


class SlownessPresenter(QObject):
    """Looks at the computer for a second whenever the dialog is opened.

    Signals:
        settingChosen: (key, value) The setting shall have that value.
        settingRequested: (key) The settings shall be shown, at that one.
        modelsRequested: The models shall be shown.
    """

    settingChosen = Signal(str, object)
    settingRequested = Signal(str)
    modelsRequested = Signal()

    def __init__(
        self,
        services: Services,
        own: Callable[[], int],
        last: Callable[[], Stats | None],
        can_think: Callable[[], bool | None],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            services: Settings, models, machine.
            own: Returns the id of this process.
            last: Returns the figures of the last answer in the window; None: there is none.
            can_think: Returns whether the model in use can think; None: not known, it is asleep.
            parent: Owner.
        """
        super().__init__(parent)
        self._services = services
        self._own = own
        self._last = last
        self._can_think = can_think
        self._dialog: SlownessDialog | None = None
        self._times: ProcessorTimes | None = None
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._judge)

    def show(self, parent: QWidget | None) -> None:
        """Opens the dialog, or brings it to the front and looks again."""
        from desktop.ui.slowness import SlownessDialog

        if self._dialog is None:
            dialog = self._dialog = SlownessDialog(parent)
            dialog.settingChosen.connect(self.settingChosen)
            dialog.settingRequested.connect(self.settingRequested)
            dialog.modelsRequested.connect(self.modelsRequested)
            dialog.destroyed.connect(self._forget)
        self._times = read_times(self._processes())
        self._services.machine.pressure.read()  # what it tells of stalls is of the time since
        self._services.machine.power.poll()
        self._timer.start()
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    def _forget(self) -> None:
        self._dialog = None
        self._timer.stop()

    def _processes(self) -> tuple[int, ...]:
        engine = self._services.engine.process_id
        return (self._own(),) if engine is None else (self._own(), engine)

    def _judge(self) -> None:
        if self._dialog is None or self._times is None:
            return
        others = share_of_others(self._times, read_times(self._processes()))
        stats = self._last()
        situation = self._situation(others, self._services.machine.pressure.read(), stats)
        self._dialog.show_findings(find_causes(situation), stats)

    def _situation(self, others: float, pressure: Pressure, stats: Stats | None) -> Situation:
        services = self._services
        supervisor, settings, model = services.supervisor, services.store.current, services.choice.ready()
        wanted, fit = supervisor.wanted(), supervisor.fit
        gain = supervisor.gains.get(model.path, settings.threads) if model is not None else None
        # Awake, it has already got what it needs: then what is free tells nothing of whether it fits.
        is_asleep = not supervisor.state.is_in_memory
        recommended = fit.recommended()
        return Situation(
            settings=settings,
            model=model,
            judgement=fit.judge_load(settings, model) if model is not None and is_asleep else None,
            recommended=services.models.catalog.get(recommended) if recommended else None,
            cores=services.machine.cores,
            features=read_features(),
            battery=services.machine.power.battery,
            pressure=pressure,
            others=others,
            is_mapped=wanted.use_mmap or wanted.repack,
            repacking_pays=gain.pays if gain is not None else None,
            thinks=settings.thinking and model is not None and self._thinks(model),
            tokens_per_second=stats.gen_tps if stats is not None else 0.0,
        )

    def _thinks(self, model: InstalledModel) -> bool:
        known = self._can_think()
        if known is not None:
            return known
        spec = self._services.models.catalog.get(model.id)
        return spec is not None and spec.thinking is Thinking.SWITCHABLE
