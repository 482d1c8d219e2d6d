"""What is odd about a grading, in sentences."""

from grader.results.report import Notice, NoticeCode
from grader.words.language import Language, gettext_noop
from hidden_test_spec.errors import quote, quote_all


def notice_sentence(notice: Notice, language: Language) -> str:
    """One or two sentences; names of files are quoted where the notice holds them."""
    sentence = language.gettext(_SENTENCES[notice.code]).format(
        n=notice.n,
        of=notice.of,
        model=quote(notice.model or ""),
        labels=quote_all(notice.labels),
    )
    if notice.images:
        return f"{sentence} {quote_all(notice.images)}."
    return sentence


_SENTENCES: dict[NoticeCode, str] = {
    "classes_without_images": gettext_noop(
        "Classes without images, so without a recall: {labels}."
    ),
    "other_files": gettext_noop("Files that are no images in a class folder: {n}."),
    "small_images": gettext_noop("Images with a side below {of} px: {n}."),
    "rotated_images": gettext_noop(
        "Images whose EXIF orientation asks for a turn: {n} of {of}. They were graded as fastai "
        "sees them, without it."
    ),
    "no_baseline": gettext_noop(
        "The rubric asks about the first stage, and no baseline was given."
    ),
    "repeated_classes": gettext_noop(
        "The vocab of {model} repeats classes, {n} entries in all; their probabilities were summed."
    ),
    "ties": gettext_noop(
        "On {n} of {of} images {model} gives several classes the same highest probability; which "
        "one counts was drawn from the image's hash."
    ),
    "seen_in_training": gettext_noop(
        "By its own record {model} was trained or validated on {n} of the {of} test images. Its "
        "scores are too good by what it remembers of them."
    ),
    "copies": gettext_noop(
        "Images that are copies of another one, byte for byte: {n} of {of}. Each counts by itself."
    ),
    "single_images": gettext_noop(
        "Classes with a single image: {labels}. They add nothing to the intervals by bootstrap, "
        "which are too narrow for that."
    ),
    "withheld_classes": gettext_noop(
        "Numbers of these classes are withheld, since they rest on fewer than {of} images or would "
        "give such numbers away: {labels}."
    ),
    "only_in_first": gettext_noop("Images that only the first run has, so not compared: {n}."),
    "only_in_second": gettext_noop("Images that only the second run has, so not compared: {n}."),
}
