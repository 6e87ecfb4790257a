// A clock that all threads share: milliseconds as a 31-bit number, which starts again after 24 days.
const WRAP = 2 ** 31;
export const milliseconds = () => Number((process.hrtime.bigint() / 1_000_000n) % BigInt(WRAP));
export const since = earlier => (milliseconds() - earlier + WRAP) % WRAP;
