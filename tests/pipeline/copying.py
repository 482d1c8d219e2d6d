"""Class folders in which some images are copies of others."""

from pathlib import Path

from PIL import Image, ImageOps

from tests.pipeline.drawing import draw_classes


def smaller_copy(path: Path, target: Path) -> Path:
    """Write an image again, at another size."""
    with Image.open(path) as image:
        image.resize((image.width * 3 // 4, image.height * 3 // 4)).save(target)
    return target


def mirrored_copy(path: Path, target: Path) -> Path:
    """Write an image again, mirrored."""
    with Image.open(path) as image:
        ImageOps.mirror(image).save(target)
    return target


def draw_with_copies(root: Path, *, per_class: int = 12) -> Path:
    """Three classes; five of red's photos are there twice, and one of them also in blue."""
    draw_classes(root, per_class=per_class)
    for number in range(5):
        source = root / "red" / f"red {number}.png"
        copy = smaller_copy if number % 2 else mirrored_copy
        copy(source, root / "red" / f"again {number}.png")
    smaller_copy(root / "red" / "red 0.png", root / "blue" / "strayed.png")
    return root
