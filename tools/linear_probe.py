"""Linear probe of a frozen backbone (paper Sec. 4.2).

    python tools/linear_probe.py CHECKPOINT --dataset NAME... --data-root DIR

NAME is a file of configs/downstream/linear_probe without `.py`, or the path
of a config of your own. Features are kept in --cache, so that a second sweep
passes no image through the network. On several GPUs or processes:

    python -m torch.distributed.run --nproc_per_node 8 tools/linear_probe.py \
        CHECKPOINT --dataset NAME... --data-root DIR --launcher pytorch
"""
import argparse
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from mmengine.config import DictAction

from xlearner_mm.apis import (VARIABLES, add_trust, backbone_variables,
                              expanded_in, init_processes, load_config,
                              run_tool, write_backbone)
from xlearner_mm.evaluation.linear_probe import AMP_TYPES
from xlearner_mm.transfer import missing_data, probe

CONFIGS = Path(__file__).parents[1] / 'configs/downstream/linear_probe'


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Linear probe of a frozen backbone')
    add = parser.add_argument
    add('checkpoint', help='of ours, or of any trainer of ResNets')
    add('--out-tasks',
        nargs='+',
        metavar='TASK',
        help='of an expanded network, the tasks whose fused features are '
        'concatenated (default: all)')
    add('--dataset', nargs='+', required=True, help='names or configs')
    add('--data-root', default='data', help="the datasets' folder")
    add('--cache',
        default='work_dirs/linear_probe',
        help='folder of the features')
    add('--json', help='file to write the results to')
    add('--device', help='cpu, cuda, cuda:1')
    add('--amp', choices=list(AMP_TYPES), help='mixed precision')
    add('--num-workers', type=int, default=2, help='loader processes')
    add('--cfg-options',
        nargs='+',
        action=DictAction,
        help='override the configs: key=value')
    add('--launcher',
        choices=['none', 'pytorch', 'slurm', 'mpi'],
        default='none')
    add_trust(parser)
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    # While the first process fits, the others wait with the next dataset.
    init_processes(args.launcher, patience=24 * 3600)
    with TemporaryDirectory() as folder:
        probe_all(args, backbone_variables(readable(args, Path(folder))))


def readable(args: argparse.Namespace, folder: Path) -> str:
    """Return the checkpoint; an expanded network's is written for configs."""
    if not args.out_tasks and not expanded_in(args.checkpoint):
        return args.checkpoint  # a ResNet, or what a config of yours knows
    file = folder / 'backbone.pth'
    write_backbone(args.checkpoint, file, args.out_tasks)
    return str(file)


def probe_all(args: argparse.Namespace, variables: dict[str, str]) -> None:
    """Probe on all datasets; print and write the results."""
    variables[VARIABLES['data_root']] = str(Path(args.data_root).resolve())
    found, lacking = {}, []
    for name in args.dataset:
        file = name if name.endswith('.py') else str(CONFIGS / f'{name}.py')
        cfg = load_config(file, args.cfg_options, variables)
        problem = missing_data(cfg.get('transfer', {}), Path(args.data_root))
        if problem:
            lacking.append(f'{name}: {problem}')
            continue
        result = probe(cfg, Path(args.cache), args.device, args.amp,
                       args.num_workers)
        if result:
            found[name] = result._asdict()
            print(f'{name}: {cfg.metric} {result.score:.2f} at lambda='
                  f'{result.l2_strength:.2e}, fits {result.seconds:.1f} s, '
                  f'gradient norm {result.gradient_norm:.1e}')
    if args.json and found:
        Path(args.json).write_text(json.dumps(found, indent=2))
    if lacking:
        sys.exit('\n'.join(lacking))


if __name__ == '__main__':
    run_tool(main)
