"""Knows the one manifest that the shipped model may have; written by `training.package`."""

MANIFEST_SHA256 = "0b346ac0334f14a9918a6f4181af008bcd6694ce762b008a995c70109d92d0d8"
