"""Time calls that are compared with each other."""
import gc
import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from platform import python_version
from resource import RUSAGE_SELF, getrusage
from statistics import median, quantiles
from time import perf_counter, process_time
from typing import NamedTuple

import torch

from ..environment import installed_versions
from ..errors import UserError


class Lap(NamedTuple):
    """What one call took.

    Args:
        wall: Seconds that passed.
        cpu: Seconds of processor time.
        faults: Page faults, i.e. pages the system gave to the process anew.
    """

    wall: float
    cpu: float
    faults: int = 0

    @classmethod
    def now(cls) -> 'Lap':
        """Read the clocks and the count of this process."""
        faults = getrusage(RUSAGE_SELF).ru_minflt
        return cls(perf_counter(), process_time(), faults)

    def since(self, start: 'Lap') -> 'Lap':
        """Return the difference to an earlier reading."""
        return Lap(*(now - before for now, before in zip(self, start)))


def bench_parser(description: str) -> ArgumentParser:
    """Return a parser with the options that all benchmarks share."""
    parser = ArgumentParser(description=description)
    parser.add_argument('--device', default='cpu', help='cpu, cuda, cuda:1')
    parser.add_argument(
        '--threads', type=int, default=2, help='threads of torch')
    parser.add_argument(
        '--repeats', type=int, default=10, help='timed rounds, >= 2')
    parser.add_argument(
        '--warm-up', type=int, default=2, help='rounds before these')
    parser.add_argument(
        '--json', action='store_true', help='end with one line of JSON')
    return parser


def prepare(device: str, threads: int) -> torch.device:
    """Pin the threads and check the device.

    Raises:
        UserError: The device is not there.
    """
    torch.set_num_threads(threads)
    if torch.device(device).type == 'cuda' and not torch.cuda.is_available():
        raise UserError(f'--device {device}: torch sees no GPU here; '
                        'use --device cpu')
    return torch.device(device)


def interleave(calls: Mapping[str, Callable[[], object]], repeats: int,
               warm_up: int, device: torch.device) -> dict[str, list[Lap]]:
    """Time calls in turn (a, b, a, b, ...), so that all see the same load.

    Args:
        calls: What is compared, by name.
        repeats: Timed rounds.
        warm_up: Rounds before these that are not timed.
        device: Where the calls compute; its queue is empty before and after
            each of them.

    Returns:
        The rounds, by name.
    """
    laps: dict[str, list[Lap]] = {name: [] for name in calls}
    for _ in range(warm_up + repeats):
        for name, call in calls.items():
            gc.collect()
            synchronize(device)
            start = Lap.now()
            call()
            synchronize(device)
            laps[name].append(Lap.now().since(start))
    return {name: values[warm_up:] for name, values in laps.items()}


def spread(values: Iterable[float]) -> dict[str, float]:
    """Return minimum and quartiles of at least two values."""
    values = list(values)
    low, middle, high = quantiles(values, n=4, method='inclusive')
    return dict(min=min(values), q1=low, median=middle, q3=high)


def compare(above: Sequence[Lap], below: Sequence[Lap]) -> dict:
    """Put interleaved rounds in numbers.

    Returns:
        'ratio' of the median wall times, `above` over `below`; 'pairs', the
        quartiles of the rounds' own ratios; 'cpu_ratio' of the medians of the
        processor time of this process, which other jobs on the machine
        disturb less; 'faults', the medians of the page faults of both.
    """
    wall = [[lap.wall for lap in laps] for laps in (above, below)]
    cpu = [[lap.cpu for lap in laps] for laps in (above, below)]
    return dict(
        ratio=median(wall[0]) / median(wall[1]),
        pairs=spread(a / b for a, b in zip(*wall)),
        cpu_ratio=median(cpu[0]) / median(cpu[1]),
        faults=[median(lap.faults for lap in laps) for laps in (above, below)])


def seconds(laps: Mapping[str, Sequence[Lap]]) -> dict[str, dict]:
    """Return the spread of wall times, by name."""
    return {
        name: spread(lap.wall for lap in values)
        for name, values in laps.items()
    }


def describe(row: Mapping) -> str:
    """Say in a line what a row of a benchmark's 'settings' holds."""
    pairs = row['pairs']
    return (f'{row["setting"]}: {row["against"]}: ratio {row["ratio"]:.3f} '
            f'(pairs {pairs["q1"]:.3f}-{pairs["q3"]:.3f}, '
            f'cpu {row["cpu_ratio"]:.3f}, page faults '
            f'{" / ".join(f"{n:,.0f}" for n in row["faults"])})')


def environment(device: torch.device) -> dict[str, object]:
    """Describe what a number was measured with."""
    name = 'cpu'
    if device.type == 'cuda':
        name = torch.cuda.get_device_name(device)
    return dict(
        device=name,
        threads=torch.get_num_threads(),
        versions=dict(
            python=python_version(),
            torch=torch.__version__,
            **installed_versions()))


def finish(report: Mapping, args: Namespace, device: torch.device) -> None:
    """End with a line of JSON if asked to.

    Args:
        report: 'name', 'ratio' and more, see :func:`.bench_report.rows_of`;
            the options and the environment come with it.
        args: The options.
        device: Where it was measured.
    """
    if args.json:
        options = {k: v for k, v in vars(args).items() if k != 'json'}
        print(json.dumps(dict(report, options=options, **environment(device))))


def synchronize(device: torch.device) -> None:
    """Wait until a GPU has done what it was asked to."""
    if device.type == 'cuda':
        torch.cuda.synchronize(device)
