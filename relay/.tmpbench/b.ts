import { fork } from 'node:child_process';
import { WebSocket, WebSocketServer } from 'ws';
import { connectHost, connectDevice, createIdentity } from '../../test/support/relay-clients.ts';
import { createRelay } from '../relay.ts';
const mode = process.argv[2];
if (mode === 'relay') {
  const relay = await createRelay({ host: '127.0.0.1', port: 0, publicOrigins: [], databaseFile: `/tmp/bench-${process.pid}.db`, phoneFolder: null, log: () => {} , limits: {deviceBufferMaxBytes: 1e9}});
  process.send!({ port: relay.port });
  process.on('message', () => process.send!({ cpu: process.cpuUsage() }));
} else if (mode === 'bare') {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  const all: WebSocket[] = [];
  wss.on('connection', (w) => { all.push(w); w.on('message', (d, b) => { for (const o of all) if (o !== w) o.send(d, { binary: b }); }); });
  wss.on('listening', () => process.send!({ port: (wss.address() as any).port }));
  process.on('message', () => process.send!({ cpu: process.cpuUsage() }));
} else {
  const N = 200_000, SIZE = 256, WINDOW = 1000;
  for (const m of ['bare', 'relay', 'bare', 'relay']) {
    const child = fork(import.meta.filename, [m]);
    const next = () => new Promise<any>((r) => child.once('message', r));
    const { port } = await next();
    let a: WebSocket, b: WebSocket, channel = 1;
    if (m === 'relay') {
      const origin = `http://127.0.0.1:${port}`;
      const host = await connectHost(origin); const d = await createIdentity(); await host.admit(d);
      const dev = await connectDevice(origin, host.hostId, d); channel = await host.nextChannel(); await dev.expect('open');
      a = host.socket.webSocket; b = dev.webSocket; a.removeAllListeners('message'); b.removeAllListeners('message');
    } else {
      a = new WebSocket(`ws://127.0.0.1:${port}`); b = new WebSocket(`ws://127.0.0.1:${port}`);
      await Promise.all([a, b].map((w) => new Promise((r) => w.on('open', r))));
      await new Promise((r) => setTimeout(r, 100));
    }
    const frame = Buffer.alloc(SIZE + 4); frame.writeUInt32BE(channel);
    const small = Buffer.alloc(SIZE);
    for (const [from, to, f] of [[a, b, frame], [b, a, m === 'relay' ? small : frame]] as const) {
      const cpu0 = (child.send('x'), (await next()).cpu);
      const t = performance.now(); let got = 0, sent = 0;
      await new Promise<void>((done) => {
        const pump = () => { while (sent < N && sent - got < WINDOW) { from.send(f); sent++; } };
        to.on('message', () => { got++; if (got % 250 === 0) pump(); if (got === N) { to.removeAllListeners('message'); done(); } });
        pump();
      });
      const ms = performance.now() - t;
      const cpu1 = (child.send('x'), (await next()).cpu);
      console.log(m, from === a ? 'host→device' : 'device→host', Math.round(N / ms * 1000), 'msg/s', ((cpu1.user + cpu1.system - cpu0.user - cpu0.system) / N).toFixed(2), 'µs cpu/msg');
    }
    child.kill();
  }
  process.exit(0);
}
