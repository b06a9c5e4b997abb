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
    if cfg.get('test_cfg') is None:  # the validation sets, then
        cfg.test_cfg = dict(type='MultiSourceTestLoop')
        cfg.test_dataloader = cfg.get('val_dataloader')
        cfg.test_evaluator = cfg.get('val_evaluator')
    Runner.from_cfg(cfg).test()


if __name__ == '__main__':
    run_tool(main)
