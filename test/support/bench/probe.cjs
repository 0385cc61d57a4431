// Preloaded with `node -r` into a process under test, which itself knows nothing of it: answers over the IPC channel what the
// process costs. Plain CommonJS, so that the process is not burdened with a TypeScript loader.
const { closeSync, openSync, readdirSync, readSync } = require('node:fs');
const v8 = require('node:v8');
const vm = require('node:vm');

const EVERY_MS = 10;

let collect = null;
/** Collects garbage, so that what is left is what is held on to. The flag is set when that is asked for first. */
const collectGarbage = () => {
  if (!collect) {
    v8.setFlagsFromString('--expose-gc');
    collect = vm.runInNewContext('gc');
  }
  collect();
};

/** Linux and macOS; elsewhere 0. */
const countDescriptors = () => {
  for (const folder of ['/proc/self/fd', '/dev/fd']) {
    try {
      return readdirSync(folder).length;
    } catch {} // The other one.
  }
  return 0;
};

/** What keeps an event loop busy: timers, sockets, files, children. */
const countResources = () => {
  const counts = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

/** Listeners of the process itself, which every part can reach and forget to leave. */
const countListeners = () => process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);

const readBusyMs = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

// Linux tells how long the main thread was ready to run and had no core: time that is not its own. 0 where no one tells.
const buffer = Buffer.alloc(128);
const readWaitedMs = () => {
  let file;
  try {
    file = openSync('/proc/self/schedstat', 'r');
    const length = readSync(file, buffer);
    return Number(buffer.toString('latin1', 0, length).split(' ')[1]) / 1e6;
  } catch {
    return 0;
  } finally {
    if (file !== undefined) closeSync(file);
  }
};

const look = () => ({ at: performance.now(), busyMs: readBusyMs(), waitedMs: readWaitedMs() });
const NONE = { ms: 0, busyMs: 0 };
let last = look();
let longest = NONE;
let longestOwnMs = 0;
const timer = setInterval(() => {
  const now = look();
  const ms = now.at - last.at - EVERY_MS;
  if (ms > longest.ms) longest = { ms, busyMs: Math.min(ms, now.busyMs - last.busyMs) };
  longestOwnMs = Math.max(longestOwnMs, ms - (now.waitedMs - last.waitedMs));
  last = now;
}, EVERY_MS);
timer.unref();

process.on('message', (request) => {
  const { id, kind } = request;
  if (kind === 'reset') {
    longest = NONE;
    longestOwnMs = 0;
    last = look();
  }
  if (kind === 'hold') collectGarbage();
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const at = performance.timeOrigin + performance.now();
  process.send({
    id,
    at,
    rssBytes: rss,
    heapBytes: heapUsed,
    cpuMicros: user + system,
    ...(kind === 'hold' && {
      descriptors: countDescriptors(),
      resources: countResources(),
      listeners: countListeners(),
    }),
    longestBlockMs: longest.ms,
    longestBlockBusyMs: longest.busyMs,
    longestOwnBlockMs: longestOwnMs,
  });
});
// Who is measured ends when it wants to.
process.channel?.unref();
process.on('disconnect', () => timer.close());
