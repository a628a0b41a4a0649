"""Knows how else a text can be read than it stands there: each module takes off some disguises."""

from moderation.classifier.readings.found import Disguise, Readings, readings

__all__ = ["Disguise", "Readings", "readings"]
