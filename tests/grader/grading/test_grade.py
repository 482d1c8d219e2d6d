"""A whole grading, compared with fastai's own evaluation and with planted answers."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from fastai.data.transforms import CategoryMap, get_image_files
from fastai.interpret import ClassificationInterpretation
from fastai.learner import Learner, load_learner

from grader.errors import BadInputError, ModelRefusedError
from grader.grading.grade import grade
from grader.grading.request import GradeRequest
from grader.reports.document.writing import report_json
from grader.results.report import Evidence, GradeReport, Notice
from hidden_test_spec.images import sha256_of
from hidden_test_spec.spec import ClassSpec, Criterion, Limits, Rubric, Spec
from tests.factories import make_sidecar
from tests.grader.exports import draw_colours, export, export_colour_model, export_unresized
from tests.opened import files_opened


def colour_spec(*classes: ClassSpec, rule: str = "accuracy >= 0.9", **limits: int) -> Spec:
    """A spec of the three colours, or of the classes given."""
    plain = tuple(ClassSpec(label=name, queries=(name,)) for name in ("red", "green", "blue"))
    return Spec(
        name="colours",
        version="1.0.0",
        classes=classes or plain,
        limits=Limits(**limits),
        rubric=Rubric(criteria=(Criterion(rule=rule, points=3),)),
    )


def learner_of(path: Path) -> Learner:
    """The export as fastai itself loads it."""
    with pytest.warns(UserWarning, match="insecure pickle"):
        return load_learner(path)


def evidence_of(report: GradeReport) -> Evidence:
    """What the report knows of single images."""
    assert report.evidence is not None
    return report.evidence


def test_loss_accuracy_and_matrix_agree_with_fastai(
    resnet_export: Path, noise_folder: Path
) -> None:
    """Validate and ClassificationInterpretation give the same numbers to 1e-5."""
    report = grade(GradeRequest(model=resnet_export, data=noise_folder))
    learner = learner_of(resnet_export)
    loader = learner.dls.test_dl(
        get_image_files(noise_folder), with_labels=True, num_workers=0, bs=7
    )
    with learner.no_bar():
        loss, accuracy = learner.validate(dl=loader)
        matrix = ClassificationInterpretation.from_learner(learner, dl=loader).confusion_matrix()

    assert report.scores.metrics.loss == pytest.approx(loss, abs=1e-5)
    assert report.scores.metrics.accuracy == pytest.approx(accuracy, abs=1e-5)
    assert report.scores.confusion_matrix.vocab == tuple(learner.dls.vocab)
    counts = report.scores.confusion_matrix.counts
    assert [list(row or ()) for row in counts] == matrix.tolist()


def test_a_network_of_one_size_is_graded_on_photos_of_that_size(tmp_path: Path) -> None:
    """As small networks on digits are, which resize nothing; its numbers are fastai's."""
    model = export_unresized(tmp_path / "flat.pkl", size=(28, 28))
    photos = draw_colours(tmp_path / "test", size=(28, 28))
    report = grade(GradeRequest(model=model, data=photos))
    learner = learner_of(model)
    loader = learner.dls.test_dl(get_image_files(photos), with_labels=True, num_workers=0)
    with learner.no_bar():
        (loss,) = learner.validate(dl=loader)

    assert report.scores.metrics.loss == pytest.approx(loss, abs=1e-5)


def test_planted_regressions_and_improvements_are_named_exactly(
    greenish_model: Path, reddish_model: Path, colour_folder: Path
) -> None:
    """The second model breaks three images and fixes one; the report names exactly those."""
    report = grade(GradeRequest(model=reddish_model, baseline=greenish_model, data=colour_folder))

    assert report.comparison is not None
    assert report.comparison.changes is not None
    assert [flip.image for flip in report.comparison.changes.regressions] == [
        "blue/violet.png",
        "green/lime.png",
        "green/olive.png",
    ]
    assert [flip.image for flip in report.comparison.changes.improvements] == ["red/rose.png"]
    assert report.comparison.accuracy_change == pytest.approx(-2 / 9)


def test_grading_twice_gives_the_same_numbers(resnet_export: Path, noise_folder: Path) -> None:
    """A report is the same to the last byte, except for how long the run took."""
    first, second = (grade(GradeRequest(model=resnet_export, data=noise_folder)) for _ in range(2))

    texts = (report_json(replace(one, engine=first.engine)) for one in (first, second))
    assert len(set(texts)) == 1


def test_an_unreadable_image_is_listed_and_left_out(
    sound_model: Path, colour_folder: Path, tmp_path: Path
) -> None:
    """Nine of ten images can be read and are right: both accuracies are 1."""
    data = shutil.copytree(colour_folder, tmp_path / "test")
    (data / "red" / "page.JPG").write_text("<html>not found</html>")

    report = grade(GradeRequest(model=sound_model, data=data))

    assert evidence_of(report).unreadable[0].name == "red/page.JPG"
    assert report.test_set.n_unreadable == 1
    assert report.scores.metrics.accuracy == 1
    assert report.scores.metrics.accuracy_readable == 1.0
    assert sum(score.support or 0 for score in report.scores.per_class) == 9


def test_a_folder_without_one_readable_image_is_bad_input(
    sound_model: Path, tmp_path: Path
) -> None:
    """Nothing can be scored, so nothing is."""
    for label in ("red", "green"):
        (tmp_path / label).mkdir()
        (tmp_path / label / "page.png").write_text("<html>")

    with pytest.raises(BadInputError, match="None of the 2 images can be read"):
        grade(GradeRequest(model=sound_model, data=tmp_path))


def test_tables_follow_the_order_of_the_spec(sound_model: Path, colour_folder: Path) -> None:
    """The spec's order wins over the vocab's."""
    report = grade(GradeRequest(model=sound_model, data=colour_folder, spec=colour_spec()))

    assert report.scores.confusion_matrix.vocab == ("red", "green", "blue")
    assert evidence_of(report).predictions.vocab_labels == ("blue", "green", "red")
    assert report.grade is not None
    assert report.grade.passed


def test_several_model_labels_of_one_class_are_summed(
    sound_model: Path, colour_folder: Path, tmp_path: Path
) -> None:
    """A class with two aliases in the vocab gets both probabilities."""
    data = tmp_path / "test"
    shutil.copytree(colour_folder / "red", data / "warm")
    shutil.copytree(colour_folder / "blue", data / "cold")
    cold = ClassSpec(label="cold", aliases=("Green", "BLUE"), queries=("cold",))
    warm = ClassSpec(label="warm", aliases=("red",), queries=("warm",))

    report = grade(GradeRequest(model=sound_model, data=data, spec=colour_spec(warm, cold)))

    assert report.scores.confusion_matrix.counts == ((3, 0), (0, 3))
    assert evidence_of(report).predictions.probabilities.sum(axis=1) == pytest.approx(1.0)
    assert [one.code for one in report.notices] == ["repeated_classes"]


def test_a_class_without_images_is_a_warning(
    sound_model: Path, colour_folder: Path, tmp_path: Path
) -> None:
    """Its recall is undefined and the other classes are graded."""
    data = tmp_path / "test"
    shutil.copytree(colour_folder / "red", data / "red")
    (data / "blue").mkdir()

    report = grade(GradeRequest(model=sound_model, data=data, spec=colour_spec()))

    recalls = {score.label: score.recall for score in report.scores.per_class}
    assert recalls == {"red": 1.0, "green": None, "blue": None}
    assert Notice(code="classes_without_images", n=2, labels=("green", "blue")) in report.notices


def test_small_images_and_other_files_are_warnings(
    sound_model: Path, colour_folder: Path, tmp_path: Path
) -> None:
    """Both are counted and named, and the grade is given."""
    data = shutil.copytree(colour_folder, tmp_path / "test")
    (data / "notes.txt").write_text("taken in May")

    report = grade(GradeRequest(model=sound_model, data=data, spec=colour_spec(min_side_px=31)))

    notices = {notice.code: notice for notice in report.notices}
    assert notices["small_images"].n == 9
    assert notices["other_files"].images == ("notes.txt",)


def test_a_model_that_lacks_a_class_is_refused_by_name(
    sound_model: Path, colour_folder: Path, tmp_path: Path
) -> None:
    """Both the baseline and the candidate must know every class that has images."""
    other = export_colour_model(tmp_path / "other.pkl", vocab="blue green scarlet")

    with pytest.raises(
        ModelRefusedError, match=r'lacks classes of the test set: "red"[\s\S]*other'
    ):
        grade(GradeRequest(model=sound_model, baseline=other, data=colour_folder))


def all_ties(path: Path, *, order: Sequence[int] = (0, 1, 2)) -> Path:
    """A model whose outputs are all equal; its vocab is blue, green, red in some order."""
    learner = learner_of(export_colour_model(path))
    with torch.no_grad():
        for parameter in learner.model.parameters():
            parameter.zero_()
    categorize = learner.dls.train_ds.tls[1].tfms[1]
    categorize.vocab = CategoryMap([categorize.vocab[index] for index in order], sort=False)
    return export(learner, path)


def test_ties_are_drawn_by_the_image_counted_and_warned_about(
    noise_folder: Path, tmp_path: Path
) -> None:
    """A model that answers nothing names every class, each image as its hash says, and no more."""
    data = tmp_path / "test"
    for label, folder in (("blue", "loro"), ("green", "garza"), ("red", "cigüeña")):
        shutil.copytree(noise_folder / folder, data / label)

    report = grade(GradeRequest(model=all_ties(tmp_path / "ties.pkl"), data=data))

    n_predicted = np.bincount(evidence_of(report).predictions.predictions, minlength=3)
    assert n_predicted.min() > 0
    assert report.scores.metrics.n_ties == 30
    counts = np.array(report.scores.confusion_matrix.counts)
    assert counts.sum(axis=0).tolist() == n_predicted.tolist()
    assert [(one.code, one.n, one.of) for one in report.notices] == [("ties", 30, 30)]


def test_the_order_of_the_vocab_changes_nothing_where_all_classes_tie(
    colour_folder: Path, tmp_path: Path
) -> None:
    """The same label is drawn for each image, and a comparison of the two finds no flips."""
    report = grade(
        GradeRequest(
            model=all_ties(tmp_path / "plain.pkl"),
            baseline=all_ties(tmp_path / "permuted.pkl", order=(2, 0, 1)),
            data=colour_folder,
        )
    )

    assert report.comparison is not None
    assert report.comparison.baseline.vocab == ("red", "blue", "green")
    assert report.comparison.n_regressions == report.comparison.n_improvements == 0
    assert report.comparison.baseline_scores == report.scores


def test_metrics_losses_and_histories_inside_an_export_change_nothing(
    reddish_model: Path, colour_folder: Path, tmp_path: Path
) -> None:
    """A metric that is always 1, a loss that is always 0 and a perfect history are ignored."""
    learner = learner_of(reddish_model)
    learner.metrics = [partial(max, 1)]
    learner.loss_func = partial(min, 0)
    learner.recorder.values = [[0.0, 0.0, 1.0]]
    learner.recorder.losses = [0.0]
    forged = export(learner, tmp_path / "forged.pkl")

    honest, report = (
        grade(GradeRequest(model=path, data=colour_folder)) for path in (reddish_model, forged)
    )

    assert report.scores == honest.scores
    assert report.scores.metrics.accuracy == pytest.approx(6 / 9)


def test_each_photo_is_opened_once_for_both_models(
    sound_model: Path, reddish_model: Path, colour_folder: Path
) -> None:
    """Its hash, its header, both models' pixels and the repeated answers come from one reading."""
    request = GradeRequest(model=sound_model, baseline=reddish_model, data=colour_folder)
    with files_opened() as opened:
        report = grade(request)
    photos = {path: n for path, n in opened.items() if colour_folder in path.parents}
    # One reading raises two events: that of open() and that of its opener.
    assert photos == dict.fromkeys(colour_folder.glob("*/*.png"), 2)
    assert report.engine.n_regraded > 0


def test_an_export_with_a_record_is_read_once_and_hashed_once(
    sound_model: Path, colour_folder: Path, tmp_path: Path
) -> None:
    """The hash in the report tells whether the record belongs to the export."""
    model = Path(shutil.copy(sound_model, tmp_path / "model.pkl"))
    record = make_sidecar(sha256=sha256_of(model))
    model.with_suffix(".json").write_text(record.model_dump_json(), "utf-8")
    with files_opened() as opened:
        report = grade(GradeRequest(model=model, data=colour_folder))
    assert report.model.provenance.record is not None
    assert opened[model] == 2
