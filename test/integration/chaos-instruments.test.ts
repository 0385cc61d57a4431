/** The chaos test is only worth what its instruments can see: each of them is shown here what it must not miss. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { uuidv7 } from 'uuidv7';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { WireEvent } from '#protocol/events.ts';
import type { Evidence } from '../chaos/evidence.ts';
import { FAULT_KINDS, planFaults } from '../chaos/fault-plan.ts';
import { verify } from '../chaos/verify.ts';
import { CuttingProxy } from '../support/chaos/cutting-proxy.ts';
import { NeedleScanner } from '../support/chaos/needle-scanner.ts';
import { canScanMemory, scanMemory } from '../support/chaos/process-memory.ts';
import { Child } from '../support/chaos/processes.ts';
import { createRandom } from '../support/chaos/random.ts';

test('a text is found however the bytes are cut, once for each time it is there', () => {
  const bytes = Buffer.concat([
    Buffer.from('..needle..'),
    Buffer.from('needle', 'utf16le'),
    Buffer.from('needleneedle'),
  ]);
  for (let size = 1; size <= bytes.length; size += 1) {
    const scanner = new NeedleScanner(['needle', 'absent']);
    for (let at = 0; at < bytes.length; at += size) scanner.scan(bytes.subarray(at, at + size));
    expect([size, scanner.count('needle'), scanner.count('absent')]).toEqual([size, 4, 0]);
  }
});

test('the wire sees through the mask of a client, in small and large frames, both ways; cut, both ends hear of it', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await once(server, 'listening');
  const wire = await CuttingProxy.start(() => (server.address() as AddressInfo).port, ['from-client', 'from-server']);
  const client = new WebSocket(wire.origin.replace('http', 'ws'), { perMessageDeflate: false });
  const [[served]] = (await Promise.all([once(server, 'connection'), once(client, 'open')])) as [[WebSocket], unknown];
  for (const size of [0, 200, 70_000]) {
    client.send(`${'.'.repeat(size)}from-client`);
    await once(served, 'message');
    served.send(`${'.'.repeat(size)}from-server`);
    await once(client, 'message');
  }
  const ends = [client, served].map(async (socket) => {
    socket.on('error', () => {});
    await once(socket, 'close');
  });
  wire.cut();
  await Promise.all(ends);
  await wire.stop();
  server.close();
  expect([wire.seen('from-client'), wire.seen('from-server'), wire.connections, wire.unreadable]).toEqual([
    3,
    3,
    1,
    [],
  ]);
});

test('traffic that is compressed is reported as unreadable', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: { threshold: 0 } });
  await once(server, 'listening');
  const wire = await CuttingProxy.start(() => (server.address() as AddressInfo).port, ['text']);
  const client = new WebSocket(wire.origin.replace('http', 'ws'), { perMessageDeflate: { threshold: 0 } });
  const [[served]] = (await Promise.all([once(server, 'connection'), once(client, 'open')])) as [[WebSocket], unknown];
  client.send('text '.repeat(100));
  await once(served, 'message');
  client.terminate();
  await once(served, 'close');
  await wire.stop();
  server.close();
  expect(wire.unreadable).toEqual(['a frame is compressed']);
});

test.runIf(canScanMemory)(
  'a text that a process holds in its memory only is found there, and another is not',
  async () => {
    const held = `held-${uuidv7()}`;
    const program =
      'process.stdin.once("data", (text) => { globalThis.held = String(text); console.log("ready"); }); setInterval(() => {}, 1000)';
    const child = new Child(['-e', program]);
    child.process.stdin?.write(held);
    await child.untilPrinted(/ready/);
    const scan = scanMemory(child.pid, [held, `not ${held}`]);
    await child.kill();
    expect(scan.count(held)).toBeGreaterThan(0);
    expect(scan.count(`not ${held}`)).toBe(0);
  },
);

test('the same seed plans the same faults, and half a minute has room for every kind', () => {
  for (let seed = 0; seed < 200; seed += 1) {
    const plan = planFaults(createRandom(seed), 30_000, 2);
    expect(planFaults(createRandom(seed), 30_000, 2)).toEqual(plan);
    expect(new Set(plan.map(({ kind }) => kind))).toEqual(new Set(FAULT_KINDS));
    expect(plan.every(({ atMs, forMs }) => atMs + forMs <= 30_000)).toBe(true);
  }
  expect(planFaults(createRandom(1), 30_000, 2)).not.toEqual(planFaults(createRandom(2), 30_000, 2));
});

interface MutableEvidence {
  host: { events: Map<string, WireEvent[]>; commands: Map<string, string> };
  devices: {
    name: string;
    events: Map<string, WireEvent[]>;
    commands: { id: string; session: string; kind: string; body: unknown; state: string }[];
  }[];
  journal: string[];
  keeperKills: number;
}

/** Two devices, one session: a prompt that ran, one that is uncertain, a title, an answered question. All as it should be. */
function goodEvidence(): MutableEvidence {
  const by = { device: 'd', name: 'Phone' };
  const option = { id: 'allow', name: 'Allow', kind: 'allow_once' };
  const bodies: [string, unknown][] = [
    ['prompt', { command: 'ran', text: 'one', by }],
    ['turn.started', { command: 'ran' }],
    ['approval.answered', { approval: 'question', option, by }],
    ['approval.resolved', { approval: 'question', outcome: 'selected' }],
    ['turn.ended', { command: 'ran', stop: 'end_turn' }],
    ['session.renamed', { title: 'title', by }],
    ['prompt', { command: 'doubt', text: 'two', by }],
    ['turn.started', { command: 'doubt' }],
    ['command.uncertain', { command: 'doubt', kind: 'prompt', text: 'Baton stopped.' }],
  ];
  const log = () => new Map([['s', bodies.map(([kind, body], index) => ({ seq: index + 1, at: 0, kind, body }))]]);
  const command = (id: string, kind: string, body: unknown, state = 'applied') => ({
    id,
    session: 's',
    kind,
    body,
    state,
  });
  const first = [command('ran', 'prompt', { text: 'one' }), command('named', 'session.rename', { title: 'title' })];
  const second = [
    command('doubt', 'prompt', { text: 'two' }, 'uncertain'),
    command('answered', 'answer', { approval: 'question', option: 'allow' }),
    command('refused', 'prompt', { text: 'three' }, 'rejected'),
  ];
  return {
    host: { events: log(), commands: new Map([...first, ...second].map(({ id, state }) => [id, state])) },
    devices: [
      { name: 'One', events: log(), commands: first },
      { name: 'Two', events: log(), commands: second },
    ],
    journal: ['one', 'two'],
    keeperKills: 1,
  };
}

const violationsOf = (evidence: MutableEvidence) => verify(evidence as unknown as Evidence).violations;
const eventsOf = (evidence: MutableEvidence, device: number) => evidence.devices[device]?.events.get('s') ?? [];
const commandOf = (evidence: MutableEvidence, id: string) => {
  const found = evidence.devices.flatMap(({ commands }) => commands).find((command) => command.id === id);
  if (!found) throw new Error(`No command ${id}.`);
  return found;
};
/** On the host and its devices alike: so that only what it means is wrong. */
function changeLog(evidence: MutableEvidence, change: (log: WireEvent[]) => void): void {
  for (const events of [evidence.host.events, ...evidence.devices.map((device) => device.events)])
    change(events.get('s') ?? []);
}
function renumber(log: WireEvent[]): void {
  for (const [index, event] of log.entries()) event.seq = index + 1;
}
function setState(evidence: MutableEvidence, id: string, state: string): void {
  commandOf(evidence, id).state = state;
  evidence.host.commands.set(id, state);
}

test('what is as it should be passes, and an uncertain prompt may have run or not', () => {
  expect(violationsOf(goodEvidence())).toEqual([]);
  const notRun = goodEvidence();
  notRun.journal.pop();
  expect(violationsOf(notRun)).toEqual([]);
});

const damages: Record<string, [damage: (evidence: MutableEvidence) => void, words: string]> = {
  'an event that a device lost': [(it) => eventsOf(it, 0).pop(), 'One does not have session s as the host has it'],
  'an event that a device changed': [
    (it) => Object.assign(eventsOf(it, 1)[2] ?? {}, { at: 1 }),
    'Two does not have session s',
  ],
  'an event that only a device has': [
    (it) => eventsOf(it, 1).push({ seq: 10, at: 0, kind: 'notice', body: {} }),
    '10 events instead of 9',
  ],
  'a session that only a device has': [
    (it) => it.devices[0]?.events.set('t', eventsOf(it, 1)),
    'does not have session t',
  ],
  'a gap in the host’s log': [(it) => changeLog(it, (log) => log.splice(3, 1)), 'has a gap at 4'],
  'a prompt that ran twice': [(it) => it.journal.push('one'), 'executed it 2 times'],
  'an uncertain prompt that ran twice': [(it) => it.journal.push('two'), 'executed it 2 times'],
  'an applied prompt that never ran': [(it) => it.journal.shift(), 'executed it 0 times'],
  'a refused prompt that ran': [(it) => it.journal.push('three'), 'executed it 1 times'],
  'a prompt out of nowhere': [(it) => it.journal.push('four'), 'executed what nobody sent'],
  'a command without a final receipt': [(it) => setState(it, 'ran', 'dispatched'), 'has no final receipt'],
  'a receipt that the device does not have': [
    (it) => Object.assign(commandOf(it, 'named'), { state: 'sending' }),
    'is "applied" on the host and "sending" on its device',
  ],
  'a command that never arrived': [(it) => it.host.commands.delete('named'), 'never reached the host'],
  'doubt without a crash': [(it) => Object.assign(it, { keeperKills: 0 }), 'the keeper was never killed'],
  'doubt that the log does not mention': [(it) => changeLog(it, (log) => log.pop()), 'has no doubt about doubt'],
  'a turn that began twice': [
    (it) => changeLog(it, (log) => log.push({ seq: 10, at: 0, kind: 'turn.started', body: { command: 'ran' } })),
    'turn of ran stands in the log 2 times',
  ],
  'a question that was answered twice': [
    (it) => changeLog(it, (log) => log.push({ ...(log[2] as WireEvent), seq: 10 })),
    'answer to question stands in the log 2 times',
  ],
  'a title that was given twice': [
    (it) => changeLog(it, (log) => log.push({ ...(log[5] as WireEvent), seq: 10 })),
    'title "title" stands in the log 2 times',
  ],
  'a title that was never given': [
    (it) =>
      changeLog(it, (log) => {
        log.splice(5, 1);
        renumber(log);
      }),
    'the log has no title "title"',
  ],
};

test.each(Object.entries(damages))('%s is a violation', (_, [damage, words]) => {
  const evidence = goodEvidence();
  damage(evidence);
  expect(violationsOf(evidence)).toContainEqual(expect.stringContaining(words));
});
