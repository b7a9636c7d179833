"""Which models there are, how they arrive on the disk, and what is installed."""
