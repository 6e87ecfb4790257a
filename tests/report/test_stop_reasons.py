"""Pages say why a theorem is not proved in the same words as the rest."""

from __future__ import annotations

import re

from prover.core.effort import Limit
from prover.core.record import NOTHING_PROPOSED, SPENT_LIMITS_IN_WORDS, STOP_REASONS_IN_WORDS, StopReason
from prover.report.standalone_page import TEMPLATES


def test_every_stop_reason_and_limit_has_words() -> None:
    assert set(STOP_REASONS_IN_WORDS) == set(StopReason)
    assert set(SPENT_LIMITS_IN_WORDS) == set(Limit)


def test_pages_have_the_same_words() -> None:
    script = (TEMPLATES / "stopped.js").read_text(encoding="utf-8")
    assert f'NOTHING_PROPOSED = "{NOTHING_PROPOSED}"' in script
    words = re.findall(r'^  (\w+): "(.*)",$', script, re.MULTILINE)
    assert dict(words) == {str(key): text for key, text in (STOP_REASONS_IN_WORDS | SPENT_LIMITS_IN_WORDS).items()}
