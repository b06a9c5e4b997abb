"""X-Learner_p: pruning in place of distillation (paper Sec. 3.4)."""
from collections.abc import Sequence

from ...errors import UserError
from ...registry import MODELS
from ..backbones.backbone_weights import read_state
from .expansion_model import ExpansionModel


@MODELS.register_module()
class PrunedExpansionModel(ExpansionModel):
    """A trained expansion, pruned in one shot, to be fine-tuned with masks.

    Heads start from the expansion too, and are not pruned: they are dropped
    on transfer. Train it in phase 'joint' alone (`join_iter=0`).

    Args:
        backbone: Config of a :class:`PrunedExpandedResNet`.
        sources: Configs of the sources, those of the expansion.
        expansion: Checkpoint of the expansion stage. It has to fill the
            whole model.
        **kwargs: See :class:`ExpansionModel`.

    Raises:
        UserError: No checkpoint is named, or it is of another network, of
            other sources, or of no expansion.
    """

    def __init__(self,
                 backbone: dict,
                 sources: Sequence[dict],
                 expansion: str | None = None,
                 **kwargs) -> None:
        if not expansion:
            raise UserError(
                'X-Learner_p prunes a trained expansion: set model.expansion '
                'to its checkpoint, e.g. --cfg-options model.expansion='
                'work_dirs/<expansion>/iter_<K>.pth')
        super().__init__(backbone, sources, **kwargs)
        self.expansion = expansion

    def init_weights(self) -> None:
        """Load the expansion, all of it, which prunes the backbone."""
        super().init_weights()
        self.load_expansion()

    def load_expansion(self) -> None:
        """Load the expansion, and nothing else.

        Raises:
            UserError: The file is missing, or is of another model.
        """
        state = read_state(self.expansion)
        try:
            self.load_state_dict(state)
        except (UserError, RuntimeError) as error:
            raise UserError(
                f'model.expansion={self.expansion} is no expansion of this '
                f'network and these sources ({error}); give a checkpoint of '
                'an ExpansionModel with the same config') from error
