// A search that has ended without a verdict, taken further: the same search with more of what it ran out of.
// The server knows the outcome of every tactic that was tried, so it is quickly where it stopped.
const TIMES = 4;

// What the button says and the budget it gives, or null: there is a verdict, or the server allows no more.
export function moreEffort({ record, verdict, status }, most) {
  if (status !== "completed" || verdict !== "unknown" || !record) return null;
  const limits = Object.entries(record.budget).filter(([name, value]) => name !== "candidates" && name !== "tactic_effort" && value !== null);
  const raised = Object.fromEntries(limits.map(([name, value]) => [name, Math.min(value * TIMES, Math.max(value, most[name] ?? value))]));
  if (raised.effort === record.budget.effort && raised.expansions === record.budget.expansions) return null;
  return { words: `Go on with ${TIMES} times the effort`, budget: { ...record.budget, ...raised } };
}
