"""Pre-train, export and transfer on generated scenes: `make demo`.

    python tools/demo.py [--work-dir work_dirs/demo]

Interrupted and started again, it goes on where it was.
"""
import argparse
from pathlib import Path

from xlearner_mm.apis import run_tool
from xlearner_mm.demo import Demo

CONFIGS = Path(__file__).resolve().parents[1] / 'configs/demo'


def main() -> None:
    parser = argparse.ArgumentParser(description='Run the demo')
    parser.add_argument(
        '--work-dir', default='work_dirs/demo', help='where everything goes')
    parser.add_argument(
        '--scale',
        type=float,
        default=1.0,
        help='factor of all iterations; 0.02 only shows that it runs')
    args = parser.parse_args()
    Demo(Path(args.work_dir).resolve(), CONFIGS, args.scale).run()


if __name__ == '__main__':
    run_tool(main)
