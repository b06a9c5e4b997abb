"""Runs that start from each other's checkpoints."""
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mmengine.config import Config
from mmengine.runner import find_latest_checkpoint

from ..apis import load_config, write_pseudo_labels
from ..files import alone_in
from ..transfer import Stage, train

_CHECKPOINT = re.compile(r'work_dirs/([\w-]+)/iter_\d+\.pth')


@dataclass(frozen=True)
class Run:
    """A training that is done.

    Args:
        name: Of its config, without suffix.
        cfg: The config as it was run.
        checkpoint: Its last one.
        metrics: Of its validation; none where it has no validation.
        seconds: Spent on it.
        digest: Of all that it was made from.
        before: The runs whose checkpoints it starts from.
    """

    name: str
    cfg: Config
    checkpoint: str
    metrics: dict[str, float]
    seconds: float
    digest: str
    before: tuple['Run', ...]

    def chain(self) -> list['Run']:
        """Return all runs behind this one, each once, and itself last."""
        found = {run.name: run for b in self.before for run in b.chain()}
        return [*found.values(), self]

    @property
    def images(self) -> int:
        """Training images that passed through the network."""
        return images_seen(self.cfg)


class Chain:
    """Trains configs, each after those whose checkpoints it names.

    A config that starts from `work_dirs/NAME/iter_N.pth` says by this that
    the config NAME comes first. What is done is not repeated, an interrupted
    run goes on.

    Args:
        root: The folder that stands for `work_dirs`.
        config_dir: Where the configs are.
        scale: Factor of all iterations; small ones only show that all runs.
        seed: Of all runs, >= 0.
        inputs: What all results depend on besides, e.g. the data's size.
        options: As `--cfg-options`, by the name of the config.
        say: Told what is done next.
    """

    def __init__(self,
                 root: Path,
                 config_dir: Path,
                 scale: float = 1.0,
                 seed: int = 0,
                 inputs: object = None,
                 options: Mapping[str, Mapping] = {},
                 say: Callable[[str], None] = print) -> None:
        self.root, self.config_dir = root, config_dir
        self.scale, self.seed, self.inputs = scale, seed, inputs
        self.options, self.say = options, say
        self.done: dict[str, Run] = {}

    def run(self, name: str) -> Run:
        """Train a config, and first what it starts from.

        Args:
            name: Of the config, without suffix.

        Raises:
            UserError: Another process trains one of them.
        """
        if name not in self.done:
            cfg = self.config(name)
            before = [self.run(n) for n in starts_from(cfg)]
            files = {run.name: run.checkpoint for run in before}
            cfg = Config(
                mapped(cfg.to_dict(), lambda text: self.place(text, files)),
                filename=cfg.filename,
                env_variables=cfg.env_variables)
            stage = Stage(self.root / name, cfg.to_dict(), self.inputs,
                          *[run.digest for run in before])
            self.say(f'training {name}')
            result = stage.run(lambda folder: pretrain(cfg, folder))
            self.done[name] = Run(
                name, cfg, digest=stage.digest, before=tuple(before), **result)
        return self.done[name]

    def config(self, name: str) -> Config:
        """Load a config, with this chain's seed and length."""
        labels = dict(XLEARNER_PSEUDO_LABELS=str(self.root / 'pseudo_labels'))
        cfg = load_config(
            str(self.config_dir / f'{name}.py'),
            self.options.get(name),
            variables=labels)
        cfg.randomness = dict(seed=self.seed)
        for key in ('max_iters', 'join_iter'):
            if cfg.train_cfg.get(key):
                cfg.train_cfg[key] = max(
                    1, round(cfg.train_cfg[key] * self.scale))
        return cfg

    def place(self, text: str, files: dict[str, str]) -> str:
        """Return where a path below `work_dirs` lies for this chain."""
        found = _CHECKPOINT.fullmatch(text)
        if found:
            return files[found[1]]
        return re.sub(r'^work_dirs(?=/)', str(self.root), text)


def starts_from(cfg: Config) -> list[str]:
    """Return the names of the runs whose checkpoints a config reads."""
    names: dict[str, None] = {}

    def note(text: str) -> None:
        found = _CHECKPOINT.fullmatch(text)
        if found:
            names[found[1]] = None

    mapped(cfg.to_dict(), note)
    return list(names)


def pretrain(cfg: Config, folder: Path) -> dict:
    """Train; return the last 'checkpoint', and the 'metrics'.

    A student of MuST first gets its labels.
    """
    with alone_in(folder):
        if 'pseudo_labels' in cfg:
            write_pseudo_labels(cfg)
        metrics = train(cfg, folder)
    return dict(
        checkpoint=find_latest_checkpoint(str(folder)), metrics=metrics)


def images_seen(cfg: Config) -> int:
    """Count the training images that pass through the network.

    Args:
        cfg: A config of ours, or of an upstream runner.
    """
    batch = sum(s.batch_size for s in cfg.sources) if 'sources' in cfg else (
        cfg.train_dataloader.batch_size)
    return cfg.train_cfg.max_iters * batch


def mapped(value: object, change: Callable[[str], object]) -> object:
    """Return nested dictionaries and lists with every string changed.

    Example:
        >>> mapped(dict(a=['b', ('c', 1)]), str.upper)
        {'a': ['B', ('C', 1)]}
    """
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: mapped(item, change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(mapped(item, change) for item in value)
    return value
