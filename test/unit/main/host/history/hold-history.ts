/** A process that holds a history with a transaction open, until it is killed. */

import { silentLog } from '#lib/log.ts';
import { openHistory } from '#main/host/history/history.ts';

const opened = openHistory({ folder: process.argv[2] ?? '', now: () => Date.now(), log: silentLog });
if (opened.kind === 'refused') throw new Error(opened.text);
const { history } = opened;
const id = '01890000-0000-7000-8000-000000000001';
history.sessions.add({
  id,
  agent: 'demo',
  agentName: 'Demo',
  folder: '/',
  title: '/',
  titleFrom: 'folder',
  state: 'idle',
});
history.events.append(id, [{ kind: 'notice', body: { level: 'info', text: 'committed' } }]);
history.database.connection.exec('BEGIN IMMEDIATE');
history.events.append(id, [{ kind: 'notice', body: { level: 'info', text: 'never committed' } }]);
process.send?.('holding');
// What nobody refers to any more is collected, and its lock with it.
setInterval(() => history.epoch, 1_000);
