"""Ask one squeezed network about images: classes, boxes and masks.

    python demo/image_demo.py IMAGES... CONFIG WEIGHTS --out-dir DIR

IMAGES are files or folders. For each image, DIR gets NAME.png, a picture with
a panel for each source, NAME.json, the answers, and NAME.SOURCE.png, a mask.
"""
import argparse
from pathlib import Path

from xlearner_mm.apis import MultiTaskInferencer, add_trust, run_tool


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Classes, boxes and masks of images by one backbone')
    parser.add_argument('images', nargs='+', help='files or folders')
    parser.add_argument('config', help='config of the heads stage')
    parser.add_argument('weights', help='checkpoint of its run')
    parser.add_argument('--out-dir', default='work_dirs/image_demo')
    parser.add_argument('--device', help="e.g. 'cpu'; default: what is there")
    parser.add_argument('--batch-size', type=int, default=1)
    parser.add_argument(
        '--sources', nargs='+', help='whose heads are asked; default: all')
    parser.add_argument(
        '--scale',
        nargs=2,
        type=int,
        metavar=('LONG', 'SHORT'),
        help="side of the common input in pixels; default: the config's")
    parser.add_argument(
        '--own-inputs',
        action='store_true',
        help='let each source see the image as its test pipeline makes it, at '
        'the price of more backbone passes')
    parser.add_argument('--score-thr', type=float, default=0.3)
    parser.add_argument('--topk', type=int, default=5)
    add_trust(parser)
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    ask = MultiTaskInferencer(
        args.config,
        args.weights,
        device=args.device,
        scale=args.scale,
        own_inputs=args.own_inputs)
    answers = ask(
        args.images,
        batch_size=args.batch_size,
        sources=args.sources,
        score_thr=args.score_thr,
        topk=args.topk,
        out_dir=args.out_dir)['predictions']
    print(f'{len(answers)} images: see {Path(args.out_dir).resolve()}')


if __name__ == '__main__':
    run_tool(main)
