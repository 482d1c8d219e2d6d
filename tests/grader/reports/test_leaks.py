"""No file of a student's edition holds anything of the hidden set, however it is written."""

import base64
import binascii
import hashlib
import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote_plus

import numpy as np
import pytest

from grader.reports.folder import make_folder, write_report
from grader.results.answers import Predictions
from grader.results.report import Evidence, GradeReport, ImageRecord, Notice, TestSetSummary
from grader.scoring.comparison import Pairing, ScoredModel, compare
from grader.scoring.metrics import score
from grader.scoring.rubric import judge
from tests.factories import STATISTICS, as_targets, draw_image, make_model, make_report, make_rubric

SIZES = {"robin": 9, "wren": 8, "snowy owl": 3}
LABELS = tuple(SIZES)
# Each name is told apart from all that a report says otherwise.
NAMES = (
    "Zwölf <b>Käuze</b> {n} & 'mehr'.png",
    "quetzal%20photo+{n};x=1.png",
    'plumage "{n}" \\n.png',
    "鸚鵡-{n}-ünïcode.png",
    "=cmd|'{n}'!A9876.png",
)
PROBABILITY_DIGITS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenSet:
    """A folder of drawn images, and a report of two models on it."""

    root: Path
    report: GradeReport

    @property
    def evidence(self) -> Evidence:
        """What is known of single images."""
        assert self.report.evidence is not None
        return self.report.evidence


def drawn_records(root: Path) -> tuple[ImageRecord, ...]:
    """Images with strange names, as a grading records them."""
    records: list[ImageRecord] = []
    for label, n_images in SIZES.items():
        for number in range(n_images):
            name = NAMES[number % len(NAMES)].format(n=f"{label[0]}{number}7531")
            path = draw_image(root / label / name, side_px=48, seed=len(records))
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            records.append(
                ImageRecord(name=f"{label}/{name}", label=label, sha256=digest, unreadable=None)
            )
    return tuple(records)


def random_predictions(n_images: int, *, seed: int) -> Predictions:
    """Answers whose every probability is a number of its own."""
    logits = np.random.default_rng(seed).normal(size=(n_images, len(LABELS))) * 2
    log_probabilities = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return Predictions(
        labels=LABELS,
        vocab_labels=LABELS,
        log_probabilities=log_probabilities,
        predictions=log_probabilities.argmax(axis=1),
    )


@pytest.fixture(scope="module")
def hidden(tmp_path_factory: pytest.TempPathFactory) -> HiddenSet:
    """Twenty images in three classes, one of them too small to be shown, and a torn one."""
    root = tmp_path_factory.mktemp("geheimnis") / "hidden_folder_4711"
    records = drawn_records(root)
    torn = ImageRecord(
        name="robin/zerrissen_8642.png",
        label="robin",
        sha256=hashlib.sha256(b"torn").hexdigest(),
        unreadable="broken at byte 90210",
    )
    targets = as_targets([LABELS.index(record.label) for record in records])
    n_images = len(records) + 1
    models = []
    for seed, name in enumerate(("candidate.pkl", "baseline.pkl")):
        predictions = random_predictions(len(records), seed=seed)
        scores = score(predictions, targets, n_images=len(records), statistics=STATISTICS)
        info = replace(make_model(name, vocab=LABELS), path=f"{root}/models/{name}")
        models.append(ScoredModel(info=info, predictions=predictions, scores=scores))
    pairing = Pairing(images=records, targets=targets, n_images=len(records), statistics=STATISTICS)
    comparison = compare(models[1], models[0], pairing)
    rubric = make_rubric("accuracy >= 0.9", "recall >= 0.9 in every class")
    verdicts, grade = judge(rubric, models[0].scores, comparison)
    names = tuple(record.name for record in records)
    report = replace(
        make_report(labels=LABELS, rubric=rubric),
        model=models[0].info,
        test_set=TestSetSummary(
            path=str(root),
            classes=LABELS,
            n_images=n_images,
            n_unreadable=1,
            n_counted=len(records),
            n_photos=len(records),
            n_effective=float(len(records)),
            n_other_files=1,
            n_rotated=2,
        ),
        scores=models[0].scores,
        comparison=comparison,
        verdicts=verdicts,
        grade=grade,
        notices=(
            Notice(code="rotated_images", n=2, of=n_images, images=names[:2]),
            Notice(code="seen_in_training", n=1, of=n_images, model="x.pkl", images=names[:1]),
            Notice(code="other_files", n=1, images=("wren/notizen_1357.txt",)),
        ),
        evidence=Evidence(
            images=(torn, *records),
            other_files=("wren/notizen_1357.txt",),
            predictions=models[0].predictions,
            baseline_predictions=models[1].predictions,
        ),
    )
    return HiddenSet(root=root, report=report)


def secret_words(hidden: HiddenSet) -> set[str]:
    """File names, stems, hashes, folders, reasons and probabilities, as text."""
    evidence = hidden.evidence
    words = {hidden.root.name, hidden.root.parent.name, "notizen_1357", "byte 90210"}
    for record in evidence.images:
        path = Path(record.name)
        words |= {path.name, path.stem, record.sha256}
        if record.unreadable is None:
            content = (hidden.root / record.name).read_bytes()
            words.add(hashlib.md5(content, usedforsecurity=False).hexdigest())
    for predictions in (evidence.predictions, evidence.baseline_predictions):
        assert predictions is not None
        numbers = [*predictions.probabilities.flat, *(-predictions.log_probabilities).flat]
        words |= {repr(float(number))[: PROBABILITY_DIGITS + 2] for number in numbers}
    return words


def secret_bytes(hidden: HiddenSet) -> set[bytes]:
    """Digests of the images, and stretches of their files."""
    secrets = set()
    for record in hidden.evidence.scored:
        content = (hidden.root / record.name).read_bytes()
        secrets |= {bytes.fromhex(record.sha256), content[60:92], content[-60:-28]}
    return secrets


def strings_of(value: object) -> Iterator[str]:
    """Every text in what JSON holds, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from strings_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings_of(inner)


def readings(content: bytes) -> tuple[str, list[bytes]]:
    """A file's text in every spelling that a browser or program would undo, and its inner files."""
    text = content.decode("utf-8", "replace")
    spellings = [text, html.unescape(text), html.unescape(html.unescape(text))]
    spellings += [unquote_plus(one) for one in spellings]
    spellings.append(re.sub(r"\\(.)", r"\1", text))
    for found in re.findall(r"\{.*\}", text, re.DOTALL):
        try:
            inner = "\n".join(strings_of(json.loads(found)))
        except ValueError:
            continue
        spellings += [inner, html.unescape(re.sub(r"\\(.)", r"\1", inner))]
    # A space without width stands where Markdown must not make a link.
    together = "\n".join(spellings).replace("\u200b", "")
    inner_files = [content]
    for run in re.findall(rb"[A-Za-z0-9+/_-]{16,}={0,2}", content):
        try:
            inner_files.append(base64.b64decode(run + b"==", altchars=None))
        except binascii.Error:
            continue
    return together, inner_files


def leaks(folder: Path, words: set[str], secrets: set[bytes]) -> set[tuple[str, str]]:
    """File and secret of each that is found, in any spelling."""
    found = set()
    for path in (one for one in folder.rglob("*") if one.is_file()):
        text, inner_files = readings(path.read_bytes())
        lowered = text.lower()
        found |= {(path.name, word) for word in words if word.lower() in lowered}
        for inner in inner_files:
            texts = inner.decode("utf-8", "ignore").lower()
            found |= {(path.name, word) for word in words if word.lower() in texts}
            found |= {(path.name, one.hex()) for one in secrets if one in inner}
    return found


def thumbnails_in(page: Path) -> set[bytes]:
    """Every picture that is embedded in a page, decoded."""
    runs = re.findall(rb"data:image/[a-z+]+;base64,([A-Za-z0-9+/=]+)", page.read_bytes())
    return {base64.b64decode(run) for run in runs}


@pytest.fixture(scope="module")
def instructors(hidden: HiddenSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report as an instructor gets it, each form for those who usually read it."""
    folder = tmp_path_factory.mktemp("instructor")
    write_report(hidden.report, folder, photos=hidden.root)
    return folder


def test_no_file_of_a_students_edition_tells_of_an_image(
    hidden: HiddenSet, instructors: Path, tmp_path: Path
) -> None:
    """Not even of those that an instructor's report lay beside, in the same folder."""
    make_folder(tmp_path / "out")
    write_report(hidden.report, tmp_path / "out", photos=hidden.root)
    write_report(hidden.report, tmp_path / "out", audience="student", photos=hidden.root)
    thumbnails = thumbnails_in(instructors / "report.html")
    secrets = secret_bytes(hidden) | thumbnails
    assert leaks(tmp_path / "out", secret_words(hidden), secrets) == set()
    assert not thumbnails_in(tmp_path / "out" / "report.html") & thumbnails


def test_what_students_see_of_an_instructors_run_tells_of_no_image(
    hidden: HiddenSet, instructors: Path, tmp_path: Path
) -> None:
    """Markdown and Gradescope are a student's unless asked for."""
    for name in ("report.md", "results.json"):
        (tmp_path / name).write_bytes((instructors / name).read_bytes())
    secrets = secret_bytes(hidden) | thumbnails_in(instructors / "report.html")
    assert leaks(tmp_path, secret_words(hidden), secrets) == set()


def test_the_search_finds_what_an_instructor_sees(hidden: HiddenSet, instructors: Path) -> None:
    """Every name, hash and probability in JSON and CSV, and photos on the page."""
    thumbnails = thumbnails_in(instructors / "report.html")
    assert len(thumbnails) > len(LABELS)
    found = leaks(instructors, secret_words(hidden), thumbnails)
    names = {Path(record.name).name for record in hidden.evidence.images}
    hashes = {record.sha256 for record in hidden.evidence.images}
    in_json = {word for name, word in found if name == "report.json"}
    assert in_json >= names | hashes | {hidden.root.name, "byte 90210"}
    in_csv = {word for name, word in found if name == "predictions.csv"}
    assert in_csv >= hashes
    probabilities = {word for word in secret_words(hidden) if re.match(r"0\.\d{8}", word)}
    assert len(probabilities & (in_json | in_csv)) > len(hidden.evidence.scored)
    assert {word for name, word in found if name == "report.html"} & names
