import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concat } from '#protocol/bytes.ts';
import { MalformedMessage, MessageReader, MessageWriter } from '#protocol/frames.ts';
import { MESSAGE_MAX_BYTES } from '#protocol/limits.ts';

test('any messages cut anywhere come out as they went in', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { maxLength: 20 }), fc.integer({ min: 1, max: 70 }), (messages, limit) => {
      const writer = new MessageWriter();
      const reader = new MessageReader();
      for (const message of messages) writer.write(message);
      const read: unknown[] = [];
      for (let piece = writer.take(limit); piece; piece = writer.take(limit)) read.push(...reader.read(piece));
      expect(JSON.stringify(read)).toBe(JSON.stringify(messages));
      expect(writer.pendingBytes).toBe(0);
    }),
  );
});

test('a length of zero, a length over the limit and text that is no JSON are refused', () => {
  const header = (length: number) => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, length);
    return bytes;
  };
  expect(() => new MessageReader().read(header(0))).toThrow(MalformedMessage);
  expect(() => new MessageReader().read(header(MESSAGE_MAX_BYTES + 1))).toThrow(MalformedMessage);
  expect(() => new MessageReader().read(concat(header(2), Uint8Array.of(0xff, 0xfe)))).toThrow(MalformedMessage);
  expect(() => new MessageReader().read(concat(header(1), Uint8Array.of(0x7b)))).toThrow(MalformedMessage);
});
