import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { findFreePort } from '#test/support/free-port.ts';

const RANGE_FILE = '/proc/sys/net/ipv4/ip_local_port_range';

test('a port is claimed for as long as the process that asked for it lives', async () => {
  const port = await findFreePort();
  const socket = connect(port + 1, '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
});

test('a process that asked for a port ends all the same, and its claim with it', async () => {
  const code = `import { findFreePort } from './test/support/free-port.ts'; console.log(await findFreePort());`;
  const port = Number(execFileSync(process.execPath, ['--input-type=module', '--eval', code], { encoding: 'utf8' }));
  expect(port % 2).toBe(0);
  await expect(once(connect(port + 1, '127.0.0.1'), 'connect')).rejects.toThrow('ECONNREFUSED');
});

test.skipIf(!existsSync(RANGE_FILE))('no port is one that the system gives to a dial', async () => {
  const [first = 0] = readFileSync(RANGE_FILE, 'utf8').trim().split(/\s+/).map(Number);
  const ports = await Promise.all(Array.from({ length: 50 }, () => findFreePort()));
  expect(new Set(ports).size).toBe(ports.length);
  expect(Math.max(...ports) + 1).toBeLessThan(first);
});
