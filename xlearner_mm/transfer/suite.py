"""A suite: which tasks a backbone is transferred to, and what they need."""
import os
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from mmengine.config import Config

from ..apis import VARIABLES, backbone_variables, load_config
from ..errors import UserError


@dataclass(frozen=True)
class Task:
    """One downstream task.

    Args:
        name: Short and unique, for folders and `--only`.
        title: For tables, with the metric.
        config: Path of its config.
        paper: The paper's number in percent, if it gives one.
        paper_method: Whose number that is, e.g. 'X-Learner, Table 2'.
        average: Name of the average that it counts for, if any.
    """

    name: str
    title: str
    config: str
    paper: float | None = None
    paper_method: str = ''
    average: str | None = None


@dataclass(frozen=True)
class Suite:
    """The tasks of a suite, as a config lists them.

    Args:
        name: Of the suite.
        tasks: In the order of the table.
        averages: Of several tasks: `{name: {'paper', 'paper_method'}}`.
        variable: Environment variable that the configs read the datasets'
            folder from.
        data_root: That folder, if the variable is not set.
        search: `{'points', 'fraction'}` of the learning-rate search, where
            there is one.
    """

    name: str
    tasks: list[Task]
    averages: dict[str, dict] = field(default_factory=dict)
    variable: str = 'XLEARNER_DATA'
    data_root: str = 'data'
    search: dict | None = None

    @classmethod
    def from_file(cls, file: Path) -> 'Suite':
        """Read a config of `configs/downstream/suites`.

        Raises:
            UserError: There is no such suite.
        """
        if not file.is_file():
            known = sorted(p.stem for p in file.parent.glob('*.py'))
            raise UserError(f'no suite {file.stem!r}; choose from {known}')
        cfg = Config.fromfile(file)
        tasks = [
            Task(**dict(task, config=str(file.parent / task.config)))
            for task in cfg.tasks
        ]
        given = {
            f.name: cfg[f.name]
            for f in fields(cls) if f.name in cfg and f.name != 'tasks'
        }
        return cls(name=file.stem, tasks=tasks, **given)

    def only(self, names: list[str]) -> 'Suite':
        """Leave only some tasks.

        Raises:
            UserError: A name is none of a task.
        """
        known = [task.name for task in self.tasks]
        unknown = sorted(set(names) - set(known))
        if unknown:
            raise UserError(f'--only {unknown}: suite {self.name!r} has the '
                            f'tasks {known}')
        chosen = [t for t in self.tasks if t.name in names or not names]
        return replace(self, tasks=chosen)

    def with_search(self, points: int | None) -> 'Suite':
        """Search so many learning rates per optimizer; 0: none at all."""
        if points is None:
            return self
        search = dict(self.search or dict(fraction=0.1), points=points)
        return replace(self, search=search if points else None)

    @property
    def default_data_root(self) -> str:
        """The datasets' folder by the environment, or by default."""
        return os.environ.get(self.variable, self.data_root)


def missing_data(transfer: Config, data_root: Path) -> str | None:
    """Say what a task's data lack, where they come from, how they lie.

    Args:
        transfer: `needs`, `source` and `layout` of the task's config.
        data_root: The datasets' folder.

    Returns:
        A sentence, or None where all is there.
    """
    needs = transfer.get('needs', [])
    lacking = [n for n in needs if not (data_root / n).exists()]
    if not lacking:
        return None
    return (f'no {data_root / lacking[0]}; get the data from '
            f'{transfer.source} and lay them out below {data_root} as '
            f'{transfer.layout}')


def task_config(task: Task,
                suite: Suite,
                data_root: Path,
                backbone: str,
                neck: str | None = None) -> Config:
    """Load a task's config for one backbone.

    Args:
        task: The task.
        suite: Its suite.
        data_root: The datasets' folder.
        backbone: The backbone's file.
        neck: The file of a pre-trained FPN, for configs that can take one.
    """
    variables = backbone_variables(backbone)
    variables[suite.variable] = str(data_root)
    if neck:
        variables[VARIABLES['neck']] = neck
    return load_config(task.config, variables=variables)


def neck_note(cfg: Config) -> str:
    """Say where the FPN of a config comes from, if it can be pre-trained."""
    file = cfg.get('neck_checkpoint')
    if file is None:
        return ''
    if not Path(file).is_file():
        return 'FPN from random weights'
    return f'pre-trained FPN {file}'
