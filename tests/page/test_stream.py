"""A tree that grew event by event is the tree of the whole record."""

from __future__ import annotations

from typing import Any

from prover.report.tree import tree_data
from prover.search.events import each_of
from prover.search.live import LiveTrace
from prover.search.trace import SearchTrace
from tests.page.conftest import Opened
from tests.search.searches import report_made_up

COMPARE = """async ({ changes, recorded }) => {
  const { Search } = await import("./static/shared/tree/search.js");
  const grown = new Search();
  for (const [event, data] of changes) {
    grown.apply(event, data);
    if (grown.nodes.length % 7 === 0) grown.settle();
  }
  grown.settle();
  const texts = (search) => search.nodes.map((node) => ({
    parent: node.parent, depth: node.depth, children: node.children, below: node.below, fate: search.fate(node),
    goals: node.goals.map((goal) => search.strings[goal]), logprob: Number(node.logprob.toFixed(4)),
    tactic: node.tactic === null ? null : search.strings[node.tactic], expansions: node.expansions,
    attempts: node.attempts.map((a) => [search.strings[a.tactic], search.strings[a.source], a.status,
      search.strings[a.message], a.child, a.fresh, a.owns, a.expansion]),
  }));
  grown.growing = false;
  const whole = Search.of(recorded);
  return [texts(grown), texts(whole), grown.proof.steps, whole.proof.steps];
}"""


def test_streamed_search_is_the_recorded_one(opened: Opened) -> None:
    live, whole = LiveTrace("t"), SearchTrace("t")
    report_made_up(each_of(live, whole), states=80, per_state=7, seed=3)
    changes = [[change.event, change.data] for change in live.take()]
    tab = opened("/jobs")
    grown, recorded, steps, all_steps = tab.evaluate(COMPARE, {"changes": changes, "recorded": tree_data(whole.tree())})
    assert len(grown) > 100
    assert grown == recorded
    assert steps == all_steps


def test_lost_events_leave_gaps_and_no_errors(opened: Opened) -> None:
    live = LiveTrace("t")
    report_made_up(live, states=40, per_state=6)
    changes: list[Any] = [[change.event, change.data] for change in live.take()]
    states = opened("/jobs").evaluate(
        """async (changes) => {
          const { Search } = await import("./static/shared/tree/search.js");
          const search = new Search();
          changes.forEach(([event, data], at) => { if (at < 60 || at > 120) search.apply(event, data); });
          search.settle();
          return search.nodes.filter(Boolean).length;
        }""",
        changes,
    )
    assert states > 5
