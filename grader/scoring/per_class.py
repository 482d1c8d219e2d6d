"""Each class by itself: counts, shares with intervals, ROC area and loss, and what is undefined."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from grader.results.answers import Predictions
from grader.results.scores import ClassScore, ConfusionMatrix, OneVsRest, Undefined
from grader.scoring.areas import area_interval, area_under_curve
from grader.scoring.intervals import f1_interval, share_interval
from grader.scoring.sample_sizes import Sampling, image_weight


def confusion_matrix(
    targets: NDArray[np.intp], predictions: NDArray[np.intp], *, vocab: tuple[str, ...]
) -> ConfusionMatrix:
    """Counts of true class (down) and predicted class (across).

    Args:
        targets: Class indices, shape (n_scored,).
        predictions: Class indices, shape (n_scored,).
        vocab: The classes that the indices stand for.

    Example:
        >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), vocab=("robin", "wren"))
        ConfusionMatrix(vocab=('robin', 'wren'), counts=((1, 1), (0, 1)))
    """
    counts = count_pairs(targets, predictions, n_classes=len(vocab))
    return ConfusionMatrix(vocab=vocab, counts=tuple(tuple(row) for row in counts.tolist()))


def count_pairs(
    targets: NDArray[np.intp], predictions: NDArray[np.intp], *, n_classes: int
) -> NDArray[np.int64]:
    """How often each class was taken for each other, shape (n_classes, n_classes), true class down.

    Args:
        targets: Class indices, shape (n_scored,).
        predictions: Class indices, shape (n_scored,).
        n_classes: More than any index.
    """
    pairs = np.bincount(targets * n_classes + predictions, minlength=n_classes**2)
    return pairs.reshape(n_classes, n_classes).astype(np.int64)


def class_scores(
    predictions: Predictions, sampling: Sampling, *, level: float
) -> tuple[ClassScore, ...]:
    """Scores of each class, in the order of the labels.

    Recall and mean loss are None where the class has no images, precision where it was never
    predicted, F1 where both hold, and the ROC area where it has none or all of the images.

    Args:
        predictions: Of the scored images.
        sampling: The class of each image, and which show the same photo.
        level: Of the intervals.
    """
    targets = sampling.targets
    counts = count_pairs(targets, predictions.predictions, n_classes=len(predictions.labels))
    losses = image_losses(predictions, targets)
    scores = []
    for index, label in enumerate(predictions.labels):
        is_true = targets == index
        is_either = is_true | (predictions.predictions == index)
        one_vs_rest = one_vs_rest_matrix(counts, index)
        tp, fp, fn = one_vs_rest.tp, one_vs_rest.fp, one_vs_rest.fn
        weight = image_weight(sampling.photos[is_true])
        of_predicted = image_weight(sampling.photos[predictions.predictions == index])
        of_either = image_weight(sampling.photos[is_either])
        probabilities = np.exp(predictions.log_probabilities[:, index])
        scores.append(
            ClassScore(
                label=label,
                support=tp + fn,
                recall=_share(tp, tp + fn),
                recall_interval=share_interval(tp, tp + fn, level=level, weight=weight),
                precision=_share(tp, tp + fp),
                precision_interval=share_interval(tp, tp + fp, level=level, weight=of_predicted),
                f1=_share(2 * tp, 2 * tp + fp + fn),
                f1_interval=f1_interval(tp, fp + fn, level=level, weight=of_either),
                auc=area_under_curve(is_true, probabilities),
                auc_interval=area_interval(is_true, probabilities, level=level, weight=weight),
                mean_loss=float(losses[is_true].mean()) if is_true.any() else None,
                one_vs_rest=one_vs_rest,
            )
        )
    return tuple(scores)


def image_losses(predictions: Predictions, targets: NDArray[np.intp]) -> NDArray[np.float64]:
    """Cross-entropy of each image, in nats, shape (n_scored,), in [0, inf].

    Infinite where the model lacks the image's class.

    Args:
        predictions: Of the scored images.
        targets: Class index of each image, shape (n_scored,).
    """
    losses: NDArray[np.float64] = -predictions.log_probabilities[np.arange(len(targets)), targets]
    return losses


def one_vs_rest_matrix(counts: NDArray[np.int64], index: int) -> OneVsRest:
    """The 2x2 matrix of one class against all others.

    Args:
        counts: Shape (n_classes, n_classes), true class down.
        index: Of the class.

    Example:
        >>> one_vs_rest_matrix(np.array([[3, 1], [0, 2]]), 0)
        OneVsRest(tp=3, fp=0, fn=1, tn=2)
    """
    tp = int(counts[index, index])
    fp, fn = int(counts[:, index].sum()) - tp, int(counts[index].sum()) - tp
    return OneVsRest(tp=tp, fp=fp, fn=fn, tn=int(counts.sum()) - tp - fp - fn)


def undefined_numbers(scores: Sequence[ClassScore]) -> Iterator[Undefined]:
    """Every number of a class that is None, with the reason."""
    for score in scores:
        for metric in ("recall", "precision", "f1", "auc", "mean_loss"):
            if getattr(score, metric) is not None:
                continue
            if metric == "precision":
                yield Undefined(metric=metric, label=score.label, reason="never_predicted")
            elif score.support:
                yield Undefined(metric=metric, label=score.label, reason="no_other_images")
            else:
                yield Undefined(metric=metric, label=score.label, reason="no_images")


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
