"""Run every benchmark of tools/benchmarks and report on all: `make bench`.

    python tools/run_benchmarks.py [--only train_step inference]
    python tools/run_benchmarks.py --only squeeze_step --repeats 3

Each runs in a process of its own, with two threads. One that fails does not
stop the others. Further options go to every script, e.g. `--device cuda`.
"""
import argparse
from pathlib import Path

from xlearner_mm.apis import run_tool
from xlearner_mm.errors import UserError
from xlearner_mm.testing.bench_report import write_report
from xlearner_mm.testing.bench_runs import find_benchmarks, run_benchmark

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(
        description='Run the benchmarks and report on all')
    add = parser.add_argument
    add('--only', nargs='+', default=[], help='some, by name')
    add('--work-dir', default='work_dirs/bench', help='where the report goes')
    args, options = parser.parse_known_args()
    results = []
    for script in find_benchmarks(ROOT / 'tools/benchmarks', args.only):
        print(f'== {script.stem}', flush=True)
        results.append(run_benchmark(script, options, ROOT))
        table = write_report(results, Path(args.work_dir))
    print(f'\n{table}\n\nWritten to {args.work_dir}: report.md, report.json')
    failed = [r['name'] for r in results if 'error' in r]
    if failed:
        raise UserError(f'these benchmarks failed: {", ".join(failed)}; '
                        'their output is above')


if __name__ == '__main__':
    run_tool(main)
