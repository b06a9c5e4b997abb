"""Draw how alike the features of several networks are (linear CKA).

    python tools/analysis_tools/cka.py NAME=CHECKPOINT... --images FOLDER...
        [--num-images 512] [--size 224] [--out FILE.svg]

The checkpoints are of runs of ours: the backbone of hard-sharing, the student
of a squeeze, every sub-backbone of an expansion (fused, as the student's hints
are). All see the same images, evenly taken from the folders.
"""
import argparse
from pathlib import Path

from xlearner_mm.apis import add_trust, image_files, picture_cka, run_tool
from xlearner_mm.transfer import named_files


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Draw how alike the features of several networks are')
    add = parser.add_argument
    add('checkpoints', nargs='+', help='FILE or NAME=FILE')
    add('--images', nargs='+', required=True, help='folders of images')
    add('--num-images', type=int, default=512, help='at most')
    add('--size', type=int, default=224, help='side in pixels')
    add('--out',
        help='.svg or .png; default: analysis/cka.svg beside the first '
        'checkpoint')
    add_trust(parser)
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    named = named_files(args.checkpoints)
    first = Path(next(iter(named.values())))
    file = Path(args.out or first.parent / 'analysis/cka.svg')
    images = image_files(args.images, args.num_images)
    picture_cka(named, images, args.size, file)
    print(f'{len(images)} images. Written: {file}, '
          f'{file.with_suffix(".json").name}')


if __name__ == '__main__':
    run_tool(main)
