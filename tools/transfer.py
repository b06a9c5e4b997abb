"""Transfer backbones to a suite of downstream tasks: one command, one table.

    python tools/transfer.py CHECKPOINT... --suite paper --data-root DIR

CHECKPOINT is a file, of ours or of any trainer of ResNets, or NAME=FILE. Of an
expanded network (of X-Learner_r, X-Learner_p or an expansion) all tasks'
features are transferred, or those that --out-tasks names. A task without its
data is reported and the others run; the exit code is 3 then, and 1 if a task
failed. Started again, it goes on where it was.
"""
import argparse
import sys
from pathlib import Path

from xlearner_mm.apis import add_trust, run_tool
from xlearner_mm.errors import UserError
from xlearner_mm.evaluation.linear_probe import AMP_TYPES
from xlearner_mm.transfer import Suite, Transfer, named_files, write_report

SUITES = Path(__file__).resolve().parents[1] / 'configs/downstream/suites'


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Transfer backbones to a suite of downstream tasks')
    add = parser.add_argument
    add('checkpoints', nargs='+', help='FILE or NAME=FILE')
    add('--suite', default='paper', help='paper, demo or small')
    add('--data-root', help="the datasets' folder")
    add('--only', nargs='+', default=[], help='names of tasks')
    add('--work-dir', help='default: work_dirs/transfer/SUITE')
    add('--processes', type=int, default=1, help='GPUs, or CPU processes')
    add('--search',
        type=int,
        metavar='POINTS',
        help='learning rates to try per optimizer; 0: none (default: as the '
        'suite says)')
    add('--neck',
        nargs='+',
        default=[],
        metavar='NAME=FILE',
        help="pre-trained FPNs of the checkpoints, see export_backbone.py's "
        '--neck')
    add('--out-tasks',
        nargs='+',
        default=[],
        metavar='NAME=TASK[,TASK]',
        help='of expanded networks, the tasks whose fused features are '
        'concatenated (default: all)')
    add('--num-workers', type=int, default=2, help="of the probes' loaders")
    add('--amp', choices=list(AMP_TYPES), help="of the probes' features")
    add('--scale',
        type=float,
        default=1.0,
        help='factor of all fine-tunings; 0.01 only shows that they run')
    add_trust(parser)
    return parser.parse_args()


def named_tasks(texts: list[str]) -> dict[str, list[str]]:
    """Return tasks by checkpoint, of texts NAME=TASK[,TASK]."""
    found: dict[str, list[str]] = {}
    for text in texts:
        name, _, tasks = text.partition('=')
        if not tasks or name in found:
            raise UserError(f'--out-tasks {text}: name each checkpoint once, '
                            'as NAME=TASK[,TASK]')
        found[name] = tasks.split(',')
    return found


def main() -> None:
    args = parse_args()
    checkpoints, necks = named_files(args.checkpoints), named_files(args.neck)
    out_tasks = named_tasks(args.out_tasks)
    for option, names in (('--neck', necks), ('--out-tasks', out_tasks)):
        unknown = sorted(set(names) - set(checkpoints))
        if unknown:
            raise UserError(f'{option} {unknown}: no checkpoint has such a '
                            f'name among {list(checkpoints)}')
    suite = Suite.from_file(SUITES / f'{args.suite}.py').only(args.only)
    suite = suite.with_search(args.search)
    root = Path(args.work_dir or f'work_dirs/transfer/{args.suite}').resolve()
    data_root = Path(args.data_root or suite.default_data_root).resolve()
    transfer = Transfer(suite, root, data_root, args.processes,
                        args.num_workers, args.amp, args.scale, necks,
                        out_tasks)
    rows = transfer.run(checkpoints)
    print(f'\n{write_report(rows, suite, root)}\n\nWritten to {root}: '
          'report.md, report.json, report.png')
    for status, code in (('failed', 1), ('no data', 3)):
        lines = [
            f'{r["checkpoint"]}, {r["task"]}: {status}: {r["detail"]}'
            for r in rows if r['status'] == status
        ]
        if lines:
            print('\n'.join(lines), file=sys.stderr)
            sys.exit(code)


if __name__ == '__main__':
    run_tool(main)
