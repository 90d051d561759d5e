"""What the first visitor would wait for, done while the server starts."""

from __future__ import annotations

import gc
import inspect

from necc.app.session.sources import configured
from necc.app.session.state import sample
from necc.present.svg.fonts import font_faces, undrawable


def warm_up() -> None:
    """Reads the sample and the fonts, and leaves what is loaded out of every collection of garbage.

    Streamlit looks up, at its first element, where each module comes from; Python keeps what it found.
    """
    sample()
    configured()  # tells the log what isn't available
    undrawable("\N{GREATER-THAN OR EQUAL TO}")
    font_faces()
    inspect.stack()
    gc.collect()
    gc.freeze()
