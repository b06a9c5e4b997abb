from .global_magnitude import (add_masks, attach_masks, convolutions,
                               kept_weights, num_weights, prune_globally,
                               resolve_budget, without_masks)

__all__ = [
    'add_masks', 'attach_masks', 'convolutions', 'kept_weights', 'num_weights',
    'prune_globally', 'resolve_budget', 'without_masks'
]
