from .run import METHODS, Demo

__all__ = ['METHODS', 'Demo']
