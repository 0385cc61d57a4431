/** The least that a relay could be: two sockets of `ws`, and what one says is handed to the other. No limits, no proofs, no counters. */
import { WebSocket, WebSocketServer } from 'ws';
import { RELAY_FRAME_MAX_BYTES } from '#protocol/limits.ts';

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  perMessageDeflate: false,
  maxPayload: RELAY_FRAME_MAX_BYTES,
});
const waiting: WebSocket[] = [];
server.on('connection', (socket) => {
  const other = waiting.pop();
  if (!other) {
    waiting.push(socket);
    return;
  }
  join(socket, other);
  join(other, socket);
});
server.on('listening', () => {
  const address = server.address();
  console.log(`listening on ${typeof address === 'object' && address ? address.port : 0}`);
});

function join(from: WebSocket, to: WebSocket): void {
  from.on('message', (data: Buffer) => {
    if (to.readyState === WebSocket.OPEN) to.send(data, { binary: true });
  });
  from.on('close', () => to.terminate());
}
