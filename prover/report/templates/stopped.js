// Why a theorem is not proved, in the words of `prover/core/record.py`; a test compares them.
const STOP_REASONS = {
  found: "verification rejected what the search found",
  exhausted: "every candidate of every state was tried",
  budget_spent: "the budget is spent",
  cancelled: "cancelled",
  refuted: "the statement is false",
};
const SPENT_LIMITS = {
  effort: "the effort is spent",
  time: "the time is up",
  expansions: "the expansions are spent",
};

const NOTHING_PROPOSED = "nothing was proposed that could be tried";

export function whyNotProved(search) {
  if (search.stop === "exhausted" && !search.statistics?.tactics) return NOTHING_PROPOSED;
  return SPENT_LIMITS[search.limit] || STOP_REASONS[search.stop] || search.stop;
}
