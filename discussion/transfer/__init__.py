"""Discussions that come from other systems: file -> records -> rows."""
