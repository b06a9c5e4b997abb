"""Evaluate a checkpoint on every source of a config.

    python tools/test.py CONFIG CHECKPOINT [--work-dir DIR]
"""
from mmengine.runner import Runner

from xlearner_mm.apis import run_tool, runner_config, runner_parser


def main() -> None:
    parser = runner_parser('Evaluate a checkpoint on every source')
    parser.add_argument('checkpoint', help='path of the checkpoint')
    args = parser.parse_args()
    cfg = runner_config(args)
    cfg.load_from, cfg.resume = args.checkpoint, False
    Runner.from_cfg(cfg).test()


if __name__ == '__main__':
    run_tool(main)
