"""What several checks look at, made once and without loading data."""
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mmengine.config import Config, ConfigDict
from mmengine.registry import MODELS as MMENGINE_MODELS
from torch import nn

from ..datasets.pseudo_labels import PseudoLabels
from ..errors import UserError
from ..models.algorithms.head_model import build_head_model
from ..models.algorithms.multi_source_model import MultiSourceModel
from ..sources import Source, parse_sources
from .building import attempt, without_values
from .looking import look_up
from .parts import Part, leaves, unread


@dataclass
class Case:
    """A config under examination.

    Args:
        cfg: The config, as a runner gets it; it is not changed.
        world_size: W, the processes it is to be trained with.
    """

    cfg: Config
    world_size: int = 1

    @cached_property
    def source_cfgs(self) -> list[dict]:
        """Configs of the sources; none in a stock runner's config."""
        model = self.cfg.get('model') or {}
        return list(self.cfg.get('sources') or model.get('sources') or ())

    @cached_property
    def parsed(self) -> list[Source | UserError]:
        """Each source by itself, or what is wrong with it."""
        return [
            attempt(lambda cfg=cfg: parse_sources([cfg])[0], UserError)
            for cfg in self.source_cfgs
        ]

    @cached_property
    def sources(self) -> list[Source]:
        """The sources that are well described."""
        return [s for s in self.parsed if isinstance(s, Source)]

    @cached_property
    def plan(self) -> PseudoLabels | UserError | None:
        """What a student's config says about its labels, or misstates."""
        if self.cfg.get('pseudo_labels') is None:
            return None
        return attempt(lambda: PseudoLabels.from_config(self.cfg), UserError)

    @property
    def unlabelled(self) -> list[str]:
        """Sources whose labels a teacher has not written yet."""
        if not isinstance(self.plan, PseudoLabels):
            return []
        return [
            name for name in self.plan.teachers
            if not Path(self.plan.folder, name, 'stamp.json').is_file()
        ]

    @cached_property
    def parts(self) -> list[Part]:
        """All datasets, paths joined by upstream, annotations unread."""
        found, seen = [], []
        for where, split, scope, cfg, source in self._dataset_cfgs():
            for path, leaf in leaves(cfg):
                if (source, leaf) not in seen:  # a test set may be val's
                    seen.append((source, leaf))
                    built = attempt(lambda: unread(leaf, scope))
                    found.append(
                        Part(f'{where}{path}', split, scope, leaf, source,
                             built))
        return found

    def _dataset_cfgs(self) -> Iterator[tuple]:
        """Yield place, split, scope, config and source of each dataset."""
        scope = self.cfg.get('default_scope')
        for split in ('train', 'val', 'test'):
            loader = self.cfg.get(f'{split}_dataloader') or {}
            if loader.get('dataset'):
                yield (f'{split}_dataloader.dataset', split, scope,
                       loader['dataset'], '')
            for s in self.sources if loader else ():
                awaited = split == 'train' and s.name in self.unlabelled
                if getattr(s, split) and not awaited:
                    yield (f"source '{s.name}', {split}", split, s.scope,
                           getattr(s, split), s.name)
        for name, cfg in (self.cfg.get('splits') or {}).items():
            yield f'splits.{name}', 'val', scope, cfg, ''  # a linear probe's

    @cached_property
    def heads(self) -> dict[str, nn.Module | Exception]:
        """Head model of each source, where the config's model has them."""
        kind = (self.cfg.get('model') or {}).get('type')
        cls = kind and look_up(MMENGINE_MODELS, kind,
                               self.cfg.get('default_scope'))
        if not (isinstance(cls, type) and issubclass(cls, MultiSourceModel)):
            return {}
        return {
            s.name:
            attempt(lambda s=s: without_values(lambda: build_head_model(s)))
            for s in deepcopy(self.sources)
        }

    @cached_property
    def model(self) -> nn.Module | Exception | None:
        """The model without values, or why it cannot be built.

        None where there is none, or where an error was found before.
        """
        broken = [
            p for p in (*self.parsed, *self.heads.values())
            if isinstance(p, Exception)
        ]
        if broken or not self.cfg.get('model'):
            return None
        cfg = dict(deepcopy(self.cfg.model))
        if self.cfg.get('data_preprocessor'):  # as MMEngine's runner has it
            cfg.setdefault('data_preprocessor', self.cfg.data_preprocessor)
        return attempt(lambda: without_values(lambda: MMENGINE_MODELS.build(
            ConfigDict(deepcopy(cfg)))))

    def head_of(self, part: Part) -> nn.Module | None:
        """Return the model that tells a dataset's classes apart."""
        model = self.heads.get(part.source) if part.source else self.model
        return model if isinstance(model, nn.Module) else None
