// Preloaded with `node -r` into a process under test, which itself knows nothing of it: answers over the IPC channel what the
// process costs. Plain CommonJS, so that the process is not burdened with a TypeScript loader.
const EVERY_MS = 10;

let last = performance.now();
let longestMs = 0;
const timer = setInterval(() => {
  const now = performance.now();
  longestMs = Math.max(longestMs, now - last - EVERY_MS);
  last = now;
}, EVERY_MS);
timer.unref();

process.on('message', (request) => {
  const { id, kind } = request;
  if (kind === 'reset') {
    longestMs = 0;
    last = performance.now();
  }
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const at = performance.timeOrigin + performance.now();
  process.send({ id, at, rssBytes: rss, heapBytes: heapUsed, cpuMicros: user + system, longestBlockMs: longestMs });
});
// Who is measured ends when it wants to.
process.channel?.unref();
process.on('disconnect', () => timer.close());
