// Time and chance as Lean sees them: the same in every run.
//
// The allocator draws numbers and looks at the clock, and what it gives out depends on both; tables that are keyed by
// address then cost another number of heartbeats. So the clock goes on by a microsecond whenever it is read, and every
// random byte is the same. Real limits of time are enforced from outside (driver.mjs).
const TICK_MS = 0.001, MIDNIGHT_MS = Date.UTC(2026, 0, 1), RANDOM_BYTE = 0x5a;
const REALTIME = 0; // clock id of WASI

export class Chance {
  constructor(memory) { this.memory = memory; this.readings = 0; }
  now() { this.readings += 1; return MIDNIGHT_MS + this.readings * TICK_MS; }
  replace(imports) {
    const { memory } = this, now = () => this.now();
    Object.assign(imports, {
      emscripten_get_now: now, emscripten_performance_now: now, emscripten_date_now: now,
      emscripten_random: () => 0.5, emscripten_math_random: () => 0.5,
      clock_time_get: (clock, precision, at) => {
        const ms = clock === REALTIME ? MIDNIGHT_MS : this.now();
        new DataView(memory.buffer).setBigUint64(at, BigInt(Math.round(ms * 1e6)), true);
        return 0;
      },
      random_get: (at, size) => { new Uint8Array(memory.buffer).fill(RANDOM_BYTE, at, at + size); return 0; },
    });
  }
}
