"""A frameless window with round corners that opens near a point and stays inside the screen."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QCloseEvent,
    QGuiApplication,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QRegion,
    QResizeEvent,
    QScreen,
)
from PySide6.QtWidgets import QWidget

from desktop.ui.theme.metrics import spacing
from desktop.ui.theme.palette import elsewhere, tinted


class FloatingPanel(QWidget):
    """The window and its place; a subclass fills it and calls :meth:`resize_to`.

    Where the platform does not let a program place its windows (Wayland), the window manager's own choice remains.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            parent,
            Qt.WindowType.Tool | Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint,
        )
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_MacAlwaysShowToolWindow)
        # A box that closes must not be the "last window" that ends the program.
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self._bottom: int | None = None
        self._leads_away = False

    def set_leads_away(self, leads_away: bool) -> None:
        """Draws the outline in the colour of what leaves this computer, or as usual."""
        self._leads_away = leads_away
        self.update()

    def available_area(self) -> QRect:
        """Returns the part of the screen that panels leave free, in global coordinates."""
        return self.screen().availableGeometry()

    def place_near(self, point: QPoint | None) -> None:
        """Moves below a point in the upper half of the screen, above one in the lower half, growing away from it.

        Args:
            point: In global coordinates; None: in the middle, a quarter down the screen.
        """
        screen: QScreen | None = QGuiApplication.screenAt(point) if point is not None else None
        screen = screen or QGuiApplication.primaryScreen()
        self.setScreen(screen)
        area = screen.availableGeometry()
        gap = spacing(self).unit
        self._bottom = None
        if point is None:
            self.move(area.center().x() - self.width() // 2, area.top() + area.height() // 4)
        elif point.y() < area.center().y():
            self.move(point.x() - self.width() // 2, point.y() + gap)
        else:
            self._bottom = point.y() - gap
            self.move(point.x() - self.width() // 2, self._bottom - self.height() + 1)
        self._keep_inside()

    def resize_to(self, size: QSize) -> None:
        """Takes a size, keeping the edge that lies at the point it was opened at."""
        if size != self.size():
            self.setFixedSize(size)
            self._keep_inside()

    def _keep_inside(self) -> None:
        gap = spacing(self).unit
        area = self.available_area().adjusted(gap, gap, -gap, -gap)
        y = self.y() if self._bottom is None else self._bottom - self.height() + 1
        # Where it does not fit at all, its top left corner stays visible.
        left = max(area.left(), min(self.x(), area.right() - self.width() + 1))
        top = max(area.top(), min(y, area.bottom() - self.height() + 1))
        if QPoint(left, top) != self.pos():
            self.move(left, top)

    def _radius(self) -> int:
        return spacing(self).unit

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the rounded page."""
        del event  # small enough to be painted whole
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = 2.0 if self._leads_away else 1.0
        painter.setPen(QPen(elsewhere(self.palette()) if self._leads_away else tinted(self.palette(), 0.25), width))
        painter.setBrush(self.palette().base())
        inset = width / 2
        rect = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(rect, self._radius(), self._radius())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cuts the corners off, which would be black under a window manager that does not blend windows."""
        super().resizeEvent(event)
        if QGuiApplication.platformName() == "xcb":
            self.setMask(_rounded(self.rect(), self._radius()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Lets the window be moved by its page."""
        handle = self.windowHandle()
        if event.button() is Qt.MouseButton.LeftButton and handle is not None:
            self._bottom = None
            handle.startSystemMove()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hides instead: the window is opened again."""
        event.ignore()
        self.hide()


def _rounded(rect: QRect, radius: int) -> QRegion:
    """Returns a rectangle with round corners."""
    corner = QSize(2 * radius, 2 * radius)
    region = QRegion(rect.adjusted(radius, 0, -radius, 0)) | QRegion(rect.adjusted(0, radius, 0, -radius))
    for x in (rect.left(), rect.right() - 2 * radius + 1):
        for y in (rect.top(), rect.bottom() - 2 * radius + 1):
            region |= QRegion(QRect(QPoint(x, y), corner), QRegion.RegionType.Ellipse)
    return region
