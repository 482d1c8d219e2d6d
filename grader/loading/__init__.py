"""Bytes of an export to a `Classifier`."""

from grader.loading.classifier import Classifier
from grader.loading.learner import load_classifier

__all__ = ["Classifier", "load_classifier"]
