import { tmpdir } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import { KeeperClient } from '#main/keeper/client/keeper-client.ts';
import { LoneKeeper } from '#test/support/keeper/lone-keeper.ts';

test.skipIf(process.platform === 'win32')(
  'a keeper that hangs is not waited for without end; what it starts when it goes on again is ended',
  async () => {
    const keeper = await new LoneKeeper({ graceMs: 60_000 }).ready();
    onTestFinished(() => keeper.clear());
    const client = new KeeperClient({
      folder: keeper.folder,
      log: silentLog,
      aloneMs: () => 60_000,
      answerDeadlineMs: 300,
    });
    const command = {
      file: process.execPath,
      args: ['-e', 'setInterval(() => {}, 1000)'],
      env: {},
      cwd: tmpdir(),
    };
    const first = await client.start(command);
    keeper.child.signal('SIGSTOP');
    await expect(client.start(command)).rejects.toMatchObject({
      message: 'The process that keeps agents running does not answer.',
      hint: expect.stringContaining('baton-keeper'),
    });
    keeper.child.signal('SIGCONT');
    // What came late is dealt with by the time in which two more were started, one after the other.
    const others = [await client.start(command), await client.start(command)];
    await client.close();
    const pids = async () => (await keeper.connect()).agents.map(({ pid }) => pid).sort();
    await expect.poll(pids, { timeout: 15_000 }).toEqual([first, ...others].map(({ pid }) => pid).sort());
  },
);
