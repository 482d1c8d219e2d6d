"""What an export does to an image, in English for people and as values for JSON."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from grader.results.preprocessing import Preprocessing
from grader.words.language import ENGLISH
from grader.words.preprocessing import preprocessing_phrases


def image_steps_text(preprocessing: Preprocessing) -> Iterator[str]:
    """One phrase for each thing that happens to an image, in order."""
    return preprocessing_phrases(preprocessing, ENGLISH)


def image_steps_object(preprocessing: Preprocessing) -> dict[str, Any]:
    """The steps as values that JSON knows; each says of which kind it is."""
    steps = (
        *preprocessing.image_steps,
        *preprocessing.tensor_steps,
        *preprocessing.batch_steps,
    )
    return {
        "mode": preprocessing.mode,
        "steps": [{"step": type(step).__name__, **asdict(step)} for step in steps],
        "left_out": list(preprocessing.left_out),
    }
