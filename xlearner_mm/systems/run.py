"""All systems, for several seeds, below one folder: `make systems`."""
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..datasets.demo_scenes import generate_demo_data
from ..errors import UserError
from .chain import Chain
from .measure import measure
from .report import read_rows, write_report
from .table import SYSTEMS


class Systems:
    """Runs systems and reports on all that were ever run in the folder.

    Args:
        root: Where data, runs and the report go.
        config_dir: The folder `configs/demo`.
        scale: Factor of every run's iterations; small ones only show that
            everything runs.
        length: Another one, of the pre-trainings alone.
        options: As `--cfg-options`, by the name of the config.
        **data: Options of :func:`generate_demo_data`.
    """

    def __init__(self,
                 root: Path,
                 config_dir: Path,
                 scale: float = 1.0,
                 length: float = 1.0,
                 options: Mapping[str, Mapping] = {},
                 **data) -> None:
        self.root, self.config_dir = root, config_dir
        self.scale, self.length, self.options = scale, length, options
        root.mkdir(parents=True, exist_ok=True)
        os.environ['XLEARNER_DEMO_DATA'] = str(root / 'data')
        print('== data: generating scenes', flush=True)
        self.data = generate_demo_data(root / 'data', **data)

    def run(self, names: Sequence[str], seeds: Sequence[int]) -> str:
        """Run what is not done yet; return the report of all that is.

        Args:
            names: Keys of `SYSTEMS`; all where empty.
            seeds: Each >= 0; every one in turn.

        Raises:
            UserError: A name is none of a system, or systems failed; the
                others were run.
        """
        unknown = sorted(set(names) - set(SYSTEMS))
        if unknown:
            raise UserError(f'no systems {unknown}; choose from '
                            f'{list(SYSTEMS)}')
        report, failed = '', []
        for seed in seeds:
            chain = self.chain(seed)
            for name in names or SYSTEMS:
                try:
                    self.system(name, chain)
                    report = write_report(read_rows(self.root), self.root)
                except (UserError, FloatingPointError) as error:
                    failed.append(f'{name}, seed {seed}: {error}')
        if failed:
            raise UserError('some systems failed; the report has the others:'
                            '\n' + '\n'.join(failed))
        return report

    def system(self, name: str, chain: Chain) -> None:
        """Run one system with one seed; write its row."""
        row = measure(SYSTEMS[name], chain, self.root / 'data', name,
                      self.scale)
        row.update(
            system=name,
            seed=chain.seed,
            scale=self.scale,
            length=self.length,
            num_images=self.data.num_images)
        file = chain.root / 'rows' / f'{name}.json'
        file.parent.mkdir(exist_ok=True)
        draft = file.with_suffix('.tmp')
        draft.write_text(json.dumps(row, indent=2))
        draft.replace(file)  # other seeds' processes read it, too

    def chain(self, seed: int) -> Chain:
        """Return what trains the runs of one seed."""
        return Chain(
            self.root / f'seed-{seed}',
            self.config_dir,
            self.scale * self.length,
            seed,
            inputs=self.data.num_images,
            options=self.options,
            say=lambda what: print(f'== seed {seed}: {what}', flush=True))
