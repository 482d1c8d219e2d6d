"""Names of numbers, in column headings and beside values: the same in every renderer."""

from typing import Literal, TypeAlias

from grader.results.scores import UndefinedReason
from grader.words.language import Language, gettext_noop

MetricKey: TypeAlias = Literal[
    "loss",
    "accuracy",
    "accuracy_readable",
    "balanced_accuracy",
    "macro_f1",
    "brier",
    "ece",
    "n_correct",
    "n_scored",
    "n_ties",
    "label",
    "support",
    "recall",
    "precision",
    "f1",
    "auc",
    "mean_loss",
    "tp",
    "fp",
    "fn",
    "tn",
    "candidate",
    "baseline",
    "baseline_recall",
    "candidate_recall",
    "n_regressions",
    "n_improvements",
    "p_holm",
]


def metric_name(key: MetricKey, language: Language) -> str:
    """A metric's name or column heading, in lower case where possible."""
    return language.gettext(NAMES[key])


def top_k_name(k: int, language: Language) -> str:
    """The name of the accuracy among the k most probable classes."""
    return language.gettext("top-{k} accuracy").format(k=k)


def undefined_reason(reason: UndefinedReason, language: Language) -> str:
    """Why a number of a class is undefined, without a full stop."""
    return language.gettext(_REASONS[reason])


NAMES: dict[MetricKey, str] = {
    "loss": gettext_noop("loss (nats)"),
    "accuracy": gettext_noop("accuracy"),
    "accuracy_readable": gettext_noop("accuracy on readable images"),
    "balanced_accuracy": gettext_noop("balanced accuracy"),
    "macro_f1": gettext_noop("macro F1"),
    "brier": gettext_noop("Brier score"),
    "ece": gettext_noop("calibration error (ECE)"),
    "n_correct": gettext_noop("images right"),
    "n_scored": gettext_noop("images scored"),
    "n_ties": gettext_noop("ties, decided by hash"),
    "label": gettext_noop("class"),
    "support": gettext_noop("images"),
    "recall": gettext_noop("recall"),
    "precision": gettext_noop("precision"),
    "f1": gettext_noop("F1"),
    "auc": gettext_noop("AUC"),
    "mean_loss": gettext_noop("mean loss"),
    "tp": gettext_noop("TP"),
    "fp": gettext_noop("FP"),
    "fn": gettext_noop("FN"),
    "tn": gettext_noop("TN"),
    "candidate": gettext_noop("candidate"),
    "baseline": gettext_noop("baseline"),
    "baseline_recall": gettext_noop("baseline's recall"),
    "candidate_recall": gettext_noop("candidate's recall"),
    "n_regressions": gettext_noop("regressions"),
    "n_improvements": gettext_noop("improvements"),
    "p_holm": gettext_noop("p (Holm)"),
}
_REASONS: dict[UndefinedReason, str] = {
    "no_images": gettext_noop("no images of this class"),
    "never_predicted": gettext_noop("this class was never predicted"),
    "no_other_images": gettext_noop("no images of any other class"),
}
