"""WIDER FACE's lists of boxes as COCO JSON (the paper's 31-34 is COCO AP)."""
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from mmengine.utils import track_iter_progress
from PIL import Image, UnidentifiedImageError

from ...errors import UserError

_FIELDS = 10  # x, y, w, h, blur, expression, illumination, invalid, ...
_INVALID = 7


class Faces(NamedTuple):
    """The entry of one image: path and rows of ten numbers, in pixels."""

    path: str
    rows: list[list[int]]


def convert_wider_face(ann_file: Path,
                       image_dir: Path,
                       out_file: Path,
                       overwrite: bool = False) -> dict[str, int]:
    """Write `wider_face_*_bbx_gt.txt` as COCO JSON with the category 'face'.

    Boxes are clipped to their image, and left out where nothing remains.
    Faces flagged invalid become `iscrowd`: neither mmdet's training nor COCO's
    evaluation counts them for or against. Sizes are read from the images.

    Args:
        ann_file: The list, of `wider_face_split/`.
        image_dir: Folder of the images, e.g. `WIDER_train/images`.
        out_file: The JSON to write; it is complete or absent.
        overwrite: Whether an existing one is replaced.

    Returns:
        Counts: 'images', 'faces', 'invalid' (of these), 'left_out'.

    Raises:
        UserError: A file is missing, exists or is no image, or a line of the
            list is malformed.
    """
    if out_file.exists() and not overwrite:
        raise UserError(f'{out_file} exists; pass --overwrite to replace it')
    content, left_out = _coco_of(list(read_faces(ann_file)), image_dir)
    out_file.parent.mkdir(parents=True, exist_ok=True)
    part = out_file.with_name(out_file.name + '.part')
    part.write_text(json.dumps(content))
    os.replace(part, out_file)
    return dict(
        images=len(content['images']),
        faces=len(content['annotations']),
        invalid=sum(a['iscrowd'] for a in content['annotations']),
        left_out=left_out)


def _coco_of(entries: Sequence[Faces],
             image_dir: Path) -> tuple[dict[str, list], int]:
    """Return COCO's three lists, and how many boxes were left out."""
    images, annotations, left_out = [], [], 0
    entries = track_iter_progress(entries, file=sys.stderr)
    for number, entry in enumerate(entries, 1):
        width, height = _size_of(image_dir / entry.path)
        images.append(
            dict(id=number, file_name=entry.path, width=width, height=height))
        for row in entry.rows:
            box = clip(row[:4], width, height)
            if box is None:
                left_out += 1
                continue
            annotations.append(
                dict(
                    id=len(annotations) + 1,
                    image_id=number,
                    category_id=1,
                    bbox=box,
                    area=box[2] * box[3],
                    iscrowd=row[_INVALID]))
    return dict(
        images=images,
        annotations=annotations,
        categories=[dict(id=1, name='face')]), left_out


def read_faces(ann_file: Path) -> Iterator[Faces]:
    """Read path, number of faces and faces of one image after the other.

    An image without faces has one row of zeros.

    Raises:
        UserError: The file is missing, or a line is not what is due there.
    """
    if not ann_file.is_file():
        raise UserError(f'no list of faces at {ann_file}; it is in '
                        'wider_face_split.zip')
    lines = enumerate(ann_file.read_text().splitlines(), 1)
    for number, path in lines:
        if not path.strip():
            continue
        if not path.strip().endswith('.jpg'):
            raise _malformed(ann_file, number, path, "an image's path (.jpg)")
        number, text = next(lines, (number + 1, ''))
        if not text.strip().isdecimal():
            raise _malformed(ann_file, number, text, 'a number of faces')
        count = int(text)
        rows = []
        for _ in range(max(count, 1)):
            number, text = next(lines, (number + 1, ''))
            try:
                rows.append([int(field) for field in text.split()])
            except ValueError:
                rows.append([])
            if len(rows[-1]) != _FIELDS or rows[-1][_INVALID] not in (0, 1):
                raise _malformed(
                    ann_file, number, text,
                    'ten whole numbers (x y w h blur expression '
                    'illumination invalid occlusion pose)')
        yield Faces(path.strip(), rows[:count])


def clip(box: list[int], width: int, height: int) -> list[int] | None:
    """Clip [x, y, w, h] to an image; None where nothing remains."""
    left, top = max(box[0], 0), max(box[1], 0)
    right = min(box[0] + box[2], width)
    bottom = min(box[1] + box[3], height)
    if right <= left or bottom <= top:
        return None
    return [left, top, right - left, bottom - top]


def _size_of(file: Path) -> tuple[int, int]:
    try:
        with Image.open(file) as image:
            return image.size
    except FileNotFoundError as error:
        raise UserError(f'no image at {file}; check the folder of the '
                        'images') from error
    except UnidentifiedImageError as error:
        raise UserError(f'{file} is no image; download it again') from error


def _malformed(file: Path, number: int, text: str, due: str) -> UserError:
    return UserError(f'{file}, line {number}: {text!r} where {due} is due; '
                     'download wider_face_split.zip again')
