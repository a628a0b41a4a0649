"""Turns text into scores; torch is needed only to export a model, elsewhere."""

from moderation.classifier.batching import BatchingClassifier
from moderation.classifier.loading import load
from moderation.classifier.scores import Classifier, Scores
from moderation.classifier.thresholds import DEFAULT_HOLD

__all__ = ["DEFAULT_HOLD", "BatchingClassifier", "Classifier", "Scores", "load"]
