"""Result -> figure: one description for screen, print and slide.

Every function takes a result and a `Style` and gives a `Figure`; a result without patients gives a figure that says so.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
