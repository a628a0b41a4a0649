"""Turns what Detoxify loads into a folder that ONNX Runtime runs; the only part that needs torch.

Run `python -m moderation.classifier.export --help`; a server does so by itself, in a process of
its own, when it has never run a model before.
"""
