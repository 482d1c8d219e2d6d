"""Model cards: what is recorded and what the grader found, and nothing else."""

from pathlib import Path

from huggingface_hub import ModelCard, ModelCardData

from hidden_test_spec.sidecar import ExportProof, Measured, WeightsOrigin
from pipeline.exporting.model_card import model_card, write_model_card
from tests.pipeline.records import SHA, graded_of, sidecar_of


def test_the_front_matter_is_hugging_faces() -> None:
    """Their own reader finds library, task and both results."""
    data = ModelCard(model_card(sidecar_of(), graded_of())).data
    assert isinstance(data, ModelCardData)
    assert (data.library_name, data.pipeline_tag) == ("fastai", "image-classification")
    assert data.model_name == "resnet18 for 2 classes (fine_tuned)"
    assert [(one.metric_type, one.metric_value) for one in data.eval_results or ()] == [
        ("accuracy", 0.75),
        ("loss", 0.5),
    ]


def test_a_card_holds_the_graders_numbers_with_intervals() -> None:
    """Overall and for each class; undefined numbers are a dash."""
    lines = model_card(sidecar_of(), graded_of()).splitlines()
    assert "| | | 95% interval |" in lines
    assert "| Accuracy | 0.7500 (3 of 4) | 0.3006 to 0.9544 |" in lines
    assert "| Loss (cross-entropy, nats) | 0.5000 | 0.2000 to 0.9000 |" in lines
    assert "| robin | 2 | 0.5000 | 0.0945 to 0.9055 | 0.6667 | 0.2000 to 0.9000 |" in lines
    assert "| wren | 2 | 0.5000 | 0.0945 to 0.9055 | - | - |" in lines


def test_a_card_tells_where_the_model_comes_from() -> None:
    """Architecture, weights, data, settings and history, as the record has them."""
    text = model_card(sidecar_of(), graded_of())
    assert "| Architecture | `resnet18` (11,705,410 parameters) |" in text
    assert f"torchvision ResNet18\\_Weights.IMAGENET1K\\_V1, sha256 `{SHA}` |" in text
    assert "| Normalisation | mean 0.485, 0.456, 0.406, standard deviation" in text
    assert "divided 0.7 : 0.15 : 0.15 into train, val and test by split-folders 0.6.1" in text
    assert "| wren | 8 | 2 | 0 |" in text
    assert '"recipe": "best"' in text
    assert "| first stage | 1 | 0.9000 | 0.5000 | 0.7500 | 2.0 |" in text
    assert "Hashes of all 4 images are in the record `fine_tuned.json`" in text


def test_the_rows_of_a_table_follow_each_other() -> None:
    """An empty line would end the table: every row directly follows another."""
    lines = model_card(sidecar_of(), graded_of()).splitlines()
    firsts = [
        number
        for number, line in enumerate(lines)
        if line.startswith("|") and not lines[number - 1].startswith("|")
    ]
    assert len(firsts) == 5
    assert all(lines[number + 1].startswith("|---") for number in firsts)
    assert all(lines[number - 1] == "" for number in firsts)


def test_a_card_says_verified_only_where_the_record_does() -> None:
    """The card says by what and where, or that nobody has verified it."""
    proof = ExportProof(
        tool="classifier-grader 1.0",
        device="cpu",
        measured=Measured(n_images=4, loss=0.5, accuracy=0.75),
    )
    unverified = model_card(sidecar_of(), graded_of())
    assert "Nobody has verified" in unverified
    assert "is verified" not in unverified
    verified = model_card(sidecar_of(verified=proof), graded_of())
    assert "The export is verified: loaded back by classifier-grader 1.0 on cpu" in verified


def test_what_is_not_recorded_is_said_to_be_unknown() -> None:
    """This holds for the split, the settings and the file of weights."""
    record = sidecar_of(
        split=None, settings={}, weights=WeightsOrigin(source="random", sha256=None)
    )
    text = model_card(record, graded_of())
    assert "How the images were divided into parts is not recorded." in text
    assert "| Starting weights | random |" in text
    assert "All settings" not in text


def test_names_of_classes_draw_nothing() -> None:
    """They don't become a table, a link, HTML or a template."""
    record = sidecar_of(vocab=("a|b", "<script>", "[x](y)", "{{ 7 * 7 }}", "new\nline"))
    text = model_card(record, graded_of())
    assert r"a\|b, \<script\>, \[x\](y), {{ 7 \* 7 }}, new\\nline." in text


def test_a_card_stands_beside_its_export(tmp_path: Path) -> None:
    """It has the export's name, and ends with one line break."""
    path = write_model_card(tmp_path / "fine_tuned.pkl", sidecar_of(), graded_of())
    assert path == tmp_path / "fine_tuned.md"
    content = path.read_text("utf-8")
    assert content.startswith("---\n")
    assert content.endswith("`.\n")
