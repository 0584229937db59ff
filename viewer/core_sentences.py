"""Sentences of the core that the window says in the reader's language: whole, as they stand there.

What the core says with values in it (names of files, numbers) stays English. No Qt here.
"""

from __future__ import annotations

CORE_SENTENCES = ("Research use only. Not for diagnosis.",)
"""Each stands so in the source of the core."""
