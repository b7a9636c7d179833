"""Tests; they mirror the folders of desktop."""
