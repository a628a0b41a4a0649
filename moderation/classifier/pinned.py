"""Knows the one manifest that the shipped model may have; written by `training.package`."""

MANIFEST_SHA256 = "32a851061e5d2642cc02895e4696633a08461d6fe22e9abfa0b3d237b0e1c878"
