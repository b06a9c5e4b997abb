"""Print what each network of a config costs (paper Fig. 4).

    python tools/analysis_tools/complexity.py CONFIG [--json] [--shape H W]
        [--checkpoint FILE]

A row for each sub-backbone, the gammas, the expanded backbone, a student,
guidance layers; heads are left out. A multiply-add counts as one FLOP.
"""
import argparse
import json

from xlearner_mm.apis import (add_trust, as_table, complexity, load_config,
                              run_tool)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Print parameters and FLOPs of the networks of a config')
    parser.add_argument('config', help='path of the config')
    parser.add_argument(
        '--json', action='store_true', help='print one line of JSON')
    parser.add_argument(
        '--shape',
        nargs=2,
        type=int,
        metavar=('H', 'W'),
        default=(224, 224),
        help='size of the image in pixels')
    parser.add_argument(
        '--checkpoint', help='run whose non-zero weights are counted')
    add_trust(parser)
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    rows = complexity(
        load_config(args.config), tuple(args.shape), args.checkpoint)
    if args.json:
        networks = [row._asdict() for row in rows]
        print(
            json.dumps(
                dict(config=args.config, shape=args.shape, networks=networks)))
    else:
        print(as_table(rows))


if __name__ == '__main__':
    run_tool(main)
