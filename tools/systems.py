"""Run and compare every system of the paper on generated scenes.

    python tools/systems.py [--seeds 3] [--length 3] [--only xlearner_t must]

What is done is not repeated: interrupted, or with more seeds or systems, it
goes on where it was, and the report covers all that was ever run in the
folder.
"""
import argparse
from pathlib import Path

from xlearner_mm.apis import run_tool
from xlearner_mm.systems import SYSTEMS, Systems

CONFIGS = Path(__file__).resolve().parents[1] / 'configs/demo'
#: So few images and iterations only show that all systems run. Teachers that
#: have learnt nothing are sure of nothing.
QUICK = dict(
    scale=0.005,
    num_train=24,
    num_val=12,
    num_transfer=24,
    num_test=12,
    options={
        'must_r18_demo-cls2-det2': {
            f'pseudo_labels.teachers.{name}.score_thr': 0.0
            for name in ('shapes', 'materials', 'parts', 'fabric')
        }
    })


def main() -> None:
    parser = argparse.ArgumentParser(
        description='Run and compare every system of the paper')
    add = parser.add_argument
    add('--seeds', type=int, default=1, help='how many, one after the other')
    add('--first-seed', type=int, default=0)
    add('--only', nargs='+', default=[], help=f'some of {", ".join(SYSTEMS)}')
    add('--length',
        type=float,
        default=1.0,
        help='factor of the pre-trainings, not of the transfers')
    add('--quick', action='store_true', help='only show that all of them run')
    add('--work-dir',
        help='default: work_dirs/systems, with _quick, or _x3 of length 3')
    args = parser.parse_args()
    if args.seeds < 1 or args.first_seed < 0:
        parser.error('give --seeds >= 1 and --first-seed >= 0')
    if args.length <= 0:
        parser.error('give --length > 0')
    default = 'work_dirs/systems' + ('_quick' if args.quick else '')
    if args.length != 1:
        default += f'_x{args.length:g}'
    systems = Systems(
        Path(args.work_dir or default).resolve(),
        CONFIGS,
        length=args.length,
        **(QUICK if args.quick else {}))
    last = args.first_seed + args.seeds
    print(systems.run(args.only, range(args.first_seed, last)))
    print(f'\nWritten to {systems.root}: report.md, report.json, systems.png')


if __name__ == '__main__':
    run_tool(main)
