// Preloaded with `node -r` into the host, the keeper or the relay: counts the writes that this process makes in BATON_DISK_FOLDER, and
// has no room left from the k-th on, when told so. Plain CommonJS: it runs before any loader.
//
// Where that folder is a file system of its own (a small tmpfs), "no room" is real: right before the k-th write a filler takes every
// free block, so that SQLite and the kernel fail by themselves, in the middle of a commit if some blocks were left. Elsewhere the write
// is refused here with the error that the kernel or SQLite gives. A full disk is a filler that exists, for all processes.
const fs = require('node:fs');
const net = require('node:net');
const childProcess = require('node:child_process');
const { syncBuiltinESMExports } = require('node:module');

const { BATON_DISK_FOLDER: folder, BATON_DISK_FILLER: filler, BATON_DISK_REAL, BATON_DISK_PORT: port } = process.env;
const isReal = BATON_DISK_REAL === '1';
const ROLES = { 'host-process.ts': 'host', 'relay-process.ts': 'relay', 'keeper/server/index.ts': 'keeper' };
const entry = (process.argv[1] ?? '').replaceAll('\\', '/');
const [, role] = Object.entries(ROLES).find(([name]) => entry.endsWith(name)) ?? [];
// What this process starts is told by hand below, and agents keep nothing on this disk.
delete process.env.NODE_OPTIONS;

let count = 0;
let armed = null;
let socket = null;
const say = (message) => socket?.write(`${JSON.stringify(message)}\n`);

if (role && folder) {
  const real = { ...fs };
  patchFiles(real);
  patchDatabases(real);
  if (role === 'host') patchSpawn();
  syncBuiltinESMExports();
  listen();
}

function listen() {
  socket = net.connect(Number(port), '127.0.0.1');
  socket.unref();
  socket.on('error', () => {});
  say({ kind: 'hello', role, pid: process.pid });
  let text = '';
  socket.setEncoding('utf8').on('data', (more) => {
    text += more;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      const message = JSON.parse(text.slice(0, end));
      text = text.slice(end + 1);
      const isArmed = message.kind === 'arm';
      armed = isArmed ? { at: message.at, spare: message.spare } : null;
      if (isArmed) count = 0;
      say({ kind: 'done', count });
    }
  });
}

/** One write: `perform` does it; `undo`, if given, is what is left to do where it is refused here. */
function write(real, what, perform, refusal, undo) {
  count += 1;
  if (armed !== null && count === armed.at) {
    const { spare } = armed;
    armed = null;
    fill(real, spare);
    say({ kind: 'struck', write: count, what });
  }
  try {
    if (!isReal && real.existsSync(filler)) {
      undo?.();
      throw refusal();
    }
    return perform();
  } catch (error) {
    if (error?.code === 'ENOSPC' || error?.code === 'SQLITE_FULL') say({ kind: 'failed', what });
    throw error;
  }
}

function fill(real, spare) {
  if (!isReal) {
    real.writeFileSync(filler, '');
    return;
  }
  const { bavail, bsize } = real.statfsSync(folder);
  try {
    real.writeFileSync(filler, Buffer.alloc(Math.max(0, bavail - spare) * bsize));
  } catch (error) {
    // Another process took some of it at the same time.
    if (error.code !== 'ENOSPC') throw error;
  }
}

function patchFiles(real) {
  const files = new Map();
  const isOurs = (path) => typeof path === 'string' && path.startsWith(folder) && path !== filler;
  const nameOf = (path) => path.slice(folder.length + 1).replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID');
  const noSpace = (call, path) => () =>
    Object.assign(new Error(`ENOSPC: no space left on device, ${call} '${path}'`), { code: 'ENOSPC', syscall: call });
  const guard = (call, path, perform) => write(real, `${call} ${nameOf(path)}`, perform, noSpace(call, path));

  fs.openSync = (path, flags = 'r', ...rest) => {
    const open = () => real.openSync(path, flags, ...rest);
    if (!isOurs(path) || flags === 'r') return open();
    const file = real.existsSync(path) ? open() : guard('open', path, open);
    files.set(file, path);
    return file;
  };
  fs.closeSync = (file) => {
    files.delete(file);
    real.closeSync(file);
  };
  for (const call of ['writeSync', 'writevSync', 'ftruncateSync', 'fsyncSync']) {
    fs[call] = (file, ...rest) => {
      const path = files.get(file);
      return path === undefined ? real[call](file, ...rest) : guard(call, path, () => real[call](file, ...rest));
    };
  }
  for (const call of ['writeFileSync', 'appendFileSync', 'mkdirSync']) {
    fs[call] = (path, ...rest) => {
      const perform = () => real[call](path, ...rest);
      const isNothing = call === 'mkdirSync' && real.existsSync(path);
      if (!isOurs(path) || isNothing) return perform();
      try {
        return guard(call, path, perform);
      } catch (error) {
        // What the log could not take is read by the test all the same.
        if (path.endsWith('.log')) say({ kind: 'unlogged', text: String(rest[0]) });
        throw error;
      }
    };
  }
  fs.renameSync = (from, to) => {
    const perform = () => real.renameSync(from, to);
    return isOurs(to) ? guard('rename', to, perform) : perform();
  };
}

function patchDatabases(real) {
  const Database = require('better-sqlite3');
  const statements = Object.getPrototypeOf(new Database(':memory:').prepare('SELECT 1'));
  const changed = new WeakSet();
  const refusal = () => new Database.SqliteError('database or disk is full', 'SQLITE_FULL');
  const isOurs = (database) => database.name.startsWith(folder);
  const { run } = statements;
  const { exec, pragma } = Database.prototype;
  const commit = (database, perform) => {
    if (!changed.delete(database)) return perform();
    // As SQLite does when a commit finds no room.
    return write(real, 'COMMIT', perform, refusal, () => exec.call(database, 'ROLLBACK'));
  };
  const isCommit = (text) => /^\s*(COMMIT|END)\b/i.test(text);
  statements.run = function (...values) {
    const perform = () => run.apply(this, values);
    const { database, source } = this;
    if (!isOurs(database)) return perform();
    if (isCommit(source)) return commit(database, perform);
    if (/^\s*ROLLBACK\s*$/i.test(source)) changed.delete(database);
    if (this.readonly) return perform();
    if (!database.inTransaction) return write(real, source.trim().slice(0, 60), perform, refusal);
    changed.add(database);
    return perform();
  };
  Database.prototype.exec = function (source) {
    const perform = () => exec.call(this, source);
    if (!isOurs(this)) return perform();
    if (/^\s*ROLLBACK\s*$/i.test(source)) changed.delete(this);
    return isCommit(source) ? commit(this, perform) : perform();
  };
  Database.prototype.pragma = function (source, options) {
    const perform = () => pragma.call(this, source, options);
    const isWrite = /^(wal_checkpoint|incremental_vacuum)/.test(source);
    return isWrite && isOurs(this) ? write(real, source, perform, refusal) : perform();
  };
}

/** The keeper gets next to no environment from its host, but this layer and what it has to know. */
function patchSpawn() {
  const { spawn } = childProcess;
  childProcess.spawn = (file, args, options) => {
    const isKeeper = Array.isArray(args) && args.some((one) => /keeper[\\/]server[\\/]index\.[jt]s$/.test(one));
    if (!isKeeper) return spawn(file, args, options);
    const own = Object.entries(process.env).filter(([name]) => name.startsWith('BATON_DISK_'));
    const env = { ...options.env, ...Object.fromEntries(own) };
    return spawn(file, ['-r', __filename, ...args], { ...options, env });
  };
}
