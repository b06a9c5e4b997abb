"""Compile the networks that a run trains, and those that teach it."""
import torch._dynamo
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper

from ...errors import UserError
from ...registry import HOOKS

#: Graphs of one block's code. PyTorch's limit of 8 would silently leave some
#: uncompiled: widths and strides of the stages, training and frozen passes,
#: and batch shapes of the sources each need their own.
_GRAPHS = 128


@HOOKS.register_module()
class CompileHook(Hook):
    """Compile every stage of every ResNet with torch.compile, in place.

    Of an expansion these are the sub-backbones, of a squeeze the teacher's
    sub-backbones and the student. Heads, whose shapes change with the labels,
    and gammas are left alone, and so are names in checkpoints.

    Args:
        **kwargs: Of `torch.compile`, e.g. `mode`, `backend`.

    Raises:
        UserError: The model has no ResNet.
    """

    def __init__(self, **kwargs) -> None:
        self.kwargs = kwargs

    def before_train(self, runner) -> None:
        """Mark the stages; each is compiled when it first runs."""
        model = runner.model
        model = model.module if is_model_wrapper(model) else model
        nets = [net for net in model.modules() if hasattr(net, 'res_layers')]
        if not nets:
            raise UserError(f'CompileHook: no ResNet in {type(model).__name__}'
                            '; take it off custom_hooks')
        config = torch._dynamo.config
        config.cache_size_limit = max(config.cache_size_limit, _GRAPHS)
        for net in nets:
            for name in net.res_layers:
                getattr(net, name).compile(**self.kwargs)
