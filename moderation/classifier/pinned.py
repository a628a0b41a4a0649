"""Knows the one manifest that the shipped model may have; written by `training.package`."""

MANIFEST_SHA256 = "0a8f9e1a4c006296525e7afb2d676b9233bca6656c35b430edd60c88e015f4c5"
