"""The pruned expanded backbone of X-Learner_p (paper Sec. 3.4)."""
from copy import deepcopy

from mmengine.logging import print_log
from torch import Tensor

from ...errors import UserError
from ...registry import MODELS
from ..pruners import (add_masks, attach_masks, convolutions, kept_weights,
                       num_weights, prune_globally, resolve_budget)
from .expanded_resnet import ExpandedResNet


@MODELS.register_module()
class PrunedExpandedResNet(ExpandedResNet):
    """An expanded backbone of which only a budget of weights is not zero.

    Global magnitude pruning in the place of distillation (Observation 5).
    One threshold over the convolutions of sub-backbones and gammas. It is
    pruned at the moment when it loads a trained expanded backbone without
    masks, by whichever way; a file with masks brings its own.

    The state dict holds `weight_orig` and `weight_mask` from the start, so
    that optimizers, resumes and averages (EMA) always see the same names.

    Args:
        *args: See :class:`ExpandedResNet`.
        budget: How many convolution weights are kept: a number as an int, a
            fraction in (0, 1] as a float. None: as many as (the largest) one
            of the sub-backbones has, so that the network costs as much as a
            squeezed student.
        **kwargs: See :class:`ExpandedResNet`.

    Raises:
        UserError: The budget is nothing, or more than there is; in training,
            no trained expanded backbone was loaded.
    """

    def __init__(self,
                 *args,
                 budget: int | float | None = None,
                 **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.budget = resolve_budget(
            budget, num_weights(self),
            max(num_weights(net) for net in self.sub_backbones.values()))
        self.loaded = False
        attach_masks(self)
        self.register_load_state_dict_post_hook(_prune_loaded)

    def forward(self,
                x: Tensor,
                task: str,
                fuse: bool = True) -> tuple[Tensor, ...]:
        """Compute the features of one task's images, as the base class."""
        if self.training and not self.loaded:
            raise UserError(
                'X-Learner_p prunes a trained expanded backbone, but none was '
                'loaded: name the checkpoint of an expansion stage, in '
                'model.expansion of a PrunedExpansionModel or in init_cfg')
        return super().forward(x, task, fuse)

    def _load_from_state_dict(self, state_dict: dict, prefix: str,
                              *args) -> None:
        """Accept an expanded backbone without masks too."""
        add_masks(state_dict, (prefix + n for n in convolutions(self)))
        super()._load_from_state_dict(state_dict, prefix, *args)

    def __deepcopy__(self, memo: dict) -> 'PrunedExpandedResNet':
        """Copy between passes, too, which leave products with a history."""
        for conv in convolutions(self).values():
            conv.weight = conv.weight.detach()
        copied = self.__new__(type(self))
        memo[id(self)] = copied
        copied.__dict__.update(deepcopy(self.__dict__, memo))
        return copied


def _prune_loaded(net: PrunedExpandedResNet, _) -> None:
    """Prune what was loaded without any pruned weight; say what is kept."""
    if next(net.parameters()).is_meta:
        return  # the doctor compares names and shapes, there are no values
    total = num_weights(net)
    masks = (conv.weight_mask for conv in convolutions(net).values())
    if all(mask.all() for mask in masks):
        prune_globally(net, net.budget)
    net.loaded = True
    kept = kept_weights(net)
    print_log(
        f'pruned expanded backbone: {kept} of {total} convolution weights '
        f'are not zero ({kept / total:.1%})', 'current')
