"""Turn WIDER FACE's lists of boxes into COCO JSON.

    python tools/dataset_converters/wider_face_to_coco.py \
        DATA/wider_face/wider_face_split/wider_face_train_bbx_gt.txt \
        DATA/wider_face/WIDER_train/images \
        DATA/wider_face/annotations/train.json

and once more with `val`, for configs/_base_/sources/wider_face.py.
"""
import argparse
from pathlib import Path

from xlearner_mm.apis import run_tool
from xlearner_mm.datasets.converters import convert_wider_face


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='WIDER FACE as COCO JSON')
    parser.add_argument(
        'annotations', type=Path, help='wider_face_{train,val}_bbx_gt.txt')
    parser.add_argument('images', type=Path, help='folder of the images')
    parser.add_argument('out', type=Path, help='JSON file to write')
    parser.add_argument(
        '--overwrite', action='store_true', help='replace an existing file')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    counts = convert_wider_face(args.annotations, args.images, args.out,
                                args.overwrite)
    print(f"{args.out}: {counts['images']} images, {counts['faces']} faces, "
          f"{counts['invalid']} of them invalid (iscrowd), "
          f"{counts['left_out']} left out: nothing inside the image")


if __name__ == '__main__':
    run_tool(main)
