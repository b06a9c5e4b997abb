"""Train a config, like the train.py of any OpenMMLab package.

    python tools/train.py CONFIG [--work-dir DIR] [--resume [CHECKPOINT]]

Mistakes in the config are looked for before, see tools/doctor.py; not with
--no-doctor.
"""
from pathlib import Path

from mmengine.device import get_device
from mmengine.runner import Runner

from xlearner_mm.apis import run_tool, runner_config, runner_parser
from xlearner_mm.doctor import refuse_mistakes
from xlearner_mm.errors import UserError
from xlearner_mm.files import alone_in


def main() -> None:
    parser = runner_parser('Train a config')
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        help='go on from this checkpoint, or from the last one in work_dir')
    parser.add_argument(
        '--amp', action='store_true', help='automatic mixed precision')
    parser.add_argument(
        '--no-doctor',
        action='store_true',
        help='start even if tools/doctor.py finds errors')
    args = parser.parse_args()
    cfg = runner_config(args)
    if args.amp:
        if get_device() == 'cpu':
            raise UserError('--amp needs an accelerator; leave it out')
        cfg.optim_wrapper.type = 'AmpOptimWrapper'
        cfg.optim_wrapper.setdefault('loss_scale', 'dynamic')
    if args.resume:
        cfg.resume = True
        cfg.load_from = None if args.resume == 'auto' else args.resume
    if not args.no_doctor:
        refuse_mistakes(cfg)
    with alone_in(Path(cfg.work_dir)):
        Runner.from_cfg(cfg).train()


if __name__ == '__main__':
    run_tool(main)
