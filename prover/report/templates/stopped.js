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

export function whyNotProved(search) {
  return SPENT_LIMITS[search.limit] || STOP_REASONS[search.stop] || search.stop;
}
