"""The script's data is JSON that can't leave its element."""

import json
from typing import Any

from grader.reports.html.galleries import cards
from grader.reports.html.photo_data import Pictures, photo_json
from grader.reports.html.thumbnails import Thumbnail
from grader.words.language import ENGLISH, language_of
from tests.factories import make_report

URI = "data:image/webp;base64,AAAA"


def data_of(*thumbnails: Thumbnail, labels: tuple[str, str] = ("robin", "wren")) -> str:
    """The data of two images."""
    report = make_report(labels=labels, targets=(0, 1), candidate=(0, 0), baseline=(1, 1))
    assert report.evidence is not None
    pictures = Pictures(thumbnails=thumbnails, large=(Thumbnail(state="left_out"),) * 2)
    return photo_json(labels, cards(report.evidence), pictures, (), language=ENGLISH)


def test_each_image_is_a_row_of_answers() -> None:
    """Name, class, and of each model: classes, each before its probability."""
    found: dict[str, Any] = json.loads(data_of(*[Thumbnail(state="missing")] * 2))
    assert found["labels"] == ["robin", "wren"]
    assert found["images"] == [
        ["robin/0.png", 0, [0, 750, 1, 250], [1, 750, 0, 250]],
        ["wren/1.png", 1, [0, 750, 1, 250], [1, 750, 0, 250]],
    ]


def test_a_photo_is_there_once_and_a_missing_one_has_its_reason() -> None:
    """Photos that were left out need none, since that is the default."""
    found = json.loads(data_of(Thumbnail(state="shown", uri=URI), Thumbnail(state="changed")))
    assert (found["photos"], found["states"]) == ({"0": URI}, {"1": "changed"})
    found = json.loads(data_of(*[Thumbnail(state="left_out")] * 2))
    assert (found["photos"], found["states"]) == ({}, {})


def test_a_photo_that_opens_large_is_there_a_second_time() -> None:
    """Beside its thumbnail, at the same position."""
    large = (Thumbnail(state="left_out"), Thumbnail(state="shown", uri=URI))
    pictures = Pictures(thumbnails=(Thumbnail(state="left_out"),) * 2, large=large)
    assert json.loads(photo_json((), (), pictures, (), language=ENGLISH))["large"] == {"1": URI}


def test_nothing_in_it_could_end_the_script_or_a_line_of_it() -> None:
    """Yet it is the same text again once it is read."""
    labels = ("</script><!--&", "a\u2028b\u2029c")
    text = data_of(*[Thumbnail(state="left_out")] * 2, labels=labels)
    assert not set(text) & set("<>&\u2028\u2029")
    assert json.loads(text)["labels"] == list(labels)


def test_words_speak_the_language_of_the_page() -> None:
    """Their fields are not yet filled in."""
    words = json.loads(
        photo_json((), (), Pictures(thumbnails=(), large=()), (), language=language_of("es"))
    )["words"]
    assert words["photo"] == "Foto de la clase {label}"
    assert words["reasons"]["missing"] == "no está en la carpeta"
