"""Let teachers label the images of a student's config (MuST).

    python tools/pseudo_label.py CONFIG [--cfg-options KEY=VALUE ...]

Interrupted and started again, it goes on where it was.
"""
import argparse

from mmengine.config import DictAction

from xlearner_mm.apis import (add_trust, load_config, run_tool,
                              write_pseudo_labels)


def main() -> None:
    parser = argparse.ArgumentParser(description='Write pseudo labels')
    parser.add_argument('config', help='path of the config of the student')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        help='override the config: key=value, e.g. pseudo_labels.score_thr=.3')
    add_trust(parser)
    args = parser.parse_args()
    write_pseudo_labels(load_config(args.config, args.cfg_options))


if __name__ == '__main__':
    run_tool(main)
