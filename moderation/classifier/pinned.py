"""Knows the one manifest that the shipped model may have; written by `training.package`."""

MANIFEST_SHA256 = "041080aa3aeb442a9b330ca21057d4115298e163831da41edc57a87b499f3bb5"
