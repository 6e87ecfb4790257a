// Clocks that all threads share: milliseconds as 31-bit numbers, which start again after 24 days. The processor's
// time is that of the whole process; it stands still while the machine is busy with something else.
const WRAP = 2 ** 31;
export const milliseconds = () => Number((process.hrtime.bigint() / 1_000_000n) % BigInt(WRAP));
export const processorMs = () => { const { user, system } = process.cpuUsage(); return Math.floor((user + system) / 1000) % WRAP; };
export const between = (earlier, later) => (later - earlier + WRAP) % WRAP;
