"""What is odd about a grading, in sentences."""

from grader.results.report import Notice, NoticeCode
from grader.words.language import Language, gettext_noop
from hidden_test_spec.errors import quote, quote_all


def notice_sentence(notice: Notice, language: Language) -> str:
    """One or two sentences; file names are quoted if the notice holds any."""
    sentence = language.gettext(_SENTENCES[notice.code]).format(
        n=notice.n,
        of=notice.of,
        model=quote(notice.model or ""),
        labels=quote_all(notice.labels),
    )
    if notice.images:
        return f"{sentence} {quote_all(notice.images)}."
    return sentence


def touches_grade(notice: Notice) -> bool:
    """Whether it is about the grade itself, so that it belongs at the top of a report."""
    return notice.code in _TOUCHES_GRADE


_TOUCHES_GRADE: frozenset[NoticeCode] = frozenset(
    {
        "no_baseline",
        "unreadable_left_out",
        "unreadable_wrong",
        "seen_in_training",
        "copies",
        "copies_across_classes",
        "ties",
        "repeated_classes",
        "classes_without_images",
        "withheld_classes",
        "only_in_first",
        "only_in_second",
    }
)
_SENTENCES: dict[NoticeCode, str] = {
    "classes_without_images": gettext_noop("Classes with no images, and so no recall: {labels}."),
    "other_files": gettext_noop("Files in class folders that are not images: {n}."),
    "small_images": gettext_noop("Images with a side below {of} px: {n}."),
    "rotated_images": gettext_noop(
        "Images whose EXIF orientation asks for a rotation: {n} of {of}. They were graded as "
        "fastai sees them, unrotated."
    ),
    "no_baseline": gettext_noop(
        "No baseline was given, so none of the rubric's rules about the first stage is met. Grade "
        "with --baseline, or drop those rules from the spec."
    ),
    "repeated_classes": gettext_noop(
        "The vocab of {model} repeats classes, {n} entries in all; their probabilities were summed."
    ),
    "ties": gettext_noop(
        "On {n} of {of} images {model} gives several classes the same highest probability; the "
        "image's hash decided which one counts."
    ),
    "seen_in_training": gettext_noop(
        "According to its own record, {model} was trained or validated on {n} of the {of} test "
        "images. What it remembers of them inflates its scores."
    ),
    "unreadable_left_out": gettext_noop(
        "Test images that can't be read: {n} of {of}. They are left out of every number."
    ),
    "unreadable_wrong": gettext_noop(
        "Test images that can't be read: {n} of {of}. The spec counts each as a wrong answer."
    ),
    "copies": gettext_noop(
        "Images that show the same photo as another: {n} of {of}. They tell little of their own, "
        "so every interval is that of fewer images."
    ),
    "copies_across_classes": gettext_noop(
        "Images that show the same photo as one of another class: {n} of {of}. One of the two is "
        "bound to be counted as a mistake."
    ),
    "single_images": gettext_noop(
        "Classes with a single image: {labels}. They add nothing to the intervals of the loss, the "
        "Brier score and the calibration error, which are therefore too narrow."
    ),
    "withheld_classes": gettext_noop(
        "The numbers of these classes are withheld, since they rest on fewer than {of} images or "
        "would reveal numbers that do: {labels}."
    ),
    "only_in_first": gettext_noop("Images only in the first run, not compared: {n}."),
    "only_in_second": gettext_noop("Images only in the second run, not compared: {n}."),
}
