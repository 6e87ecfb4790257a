// Loaded into a Node process that is profiled: `--cpu-prof` writes what it has when the process exits, and SIGKILL is no exit.
process.on('SIGTERM', () => process.exit(0));
