import json
from pathlib import Path
from typing import Any

from acceptance.exports.corpus import read_reference, read_rows
from acceptance.making.indexing import write_index

VERSIONS = {"fastai": "2.6.0", "torch": "1.11.0", "python": "3.7.16", "pillow": "9.1.1"}


def record_of(kind: str, **facts: str) -> dict[str, Any]:
    """What a script of patterns writes beside an export."""
    index = {"images": "images", "expected": "graded", "why": "", **facts}
    answers = {
        "files": ["images/cat/cat_0.png"],
        "vocab": ["cat", "dog"],
        "probs": [[0.25, 0.75]],
        "reference": "probabilities",
    }
    is_graded = index["expected"] == "graded"
    return {"kind": kind, "versions": VERSIONS, "index": index, **(answers if is_graded else {})}


def test_an_index_is_read_back_as_the_records_say(tmp_path: Path) -> None:
    """By the session that grades a corpus: sorted by path, with the answers of each."""
    folder = tmp_path / "exports" / "2.6.0_py37_torch1.11.0"
    folder.mkdir(parents=True)
    own = record_of("own_network", expected="refused", why="needs the submission's own code")
    for record in (own, record_of("labels_int")):
        (folder / f"{record['kind']}.json").write_text(json.dumps(record), "utf-8")

    assert write_index(tmp_path) == 2
    graded, refused = read_rows(tmp_path)
    assert (graded.kind, graded.is_gradable, graded.comparable) == ("labels_int", True, None)
    assert read_reference(graded).images == ("cat/cat_0.png",)
    assert read_reference(graded).probabilities.tolist() == [[0.25, 0.75]]
    assert (refused.is_gradable, refused.why) == (False, "needs the submission's own code")
