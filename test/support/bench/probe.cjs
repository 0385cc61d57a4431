// Preloaded with `node -r` into a process under test, which itself knows nothing of it: answers over the IPC channel what the
// process costs. Plain CommonJS, so that the process is not burdened with a TypeScript loader.
const EVERY_MS = 10;

const readBusyMs = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

let last = { at: performance.now(), busyMs: readBusyMs() };
let longest = { ms: 0, busyMs: 0 };
const timer = setInterval(() => {
  const now = { at: performance.now(), busyMs: readBusyMs() };
  const ms = now.at - last.at - EVERY_MS;
  if (ms > longest.ms) longest = { ms, busyMs: Math.min(ms, now.busyMs - last.busyMs) };
  last = now;
}, EVERY_MS);
timer.unref();

process.on('message', (request) => {
  const { id, kind } = request;
  if (kind === 'reset') {
    longest = { ms: 0, busyMs: 0 };
    last = { at: performance.now(), busyMs: readBusyMs() };
  }
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const at = performance.timeOrigin + performance.now();
  process.send({
    id,
    at,
    rssBytes: rss,
    heapBytes: heapUsed,
    cpuMicros: user + system,
    longestBlockMs: longest.ms,
    longestBlockBusyMs: longest.busyMs,
  });
});
// Who is measured ends when it wants to.
process.channel?.unref();
process.on('disconnect', () => timer.close());
