"""Everything with QtWidgets. Widgets emit signals and know nothing of each other."""
