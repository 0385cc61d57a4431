import { expect, test } from 'vitest';
import { checkLaterFuses, readFuseWires } from '#scripts/fuse-wire.ts';

const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const binary = (...wires: string[]) =>
  Buffer.concat(
    wires.map((wire) =>
      Buffer.concat([Buffer.from(`ELF${SENTINEL}`), Buffer.of(1, wire.length), Buffer.from(`${wire}code`)]),
    ),
  );
const check = (wire: string) => readFuseWires(binary(wire)).flatMap((bytes) => checkLaterFuses(bytes, 8));

test('the wires of a binary are found, both of a universal one', () => {
  expect(readFuseWires(binary('101', '110')).map(String)).toEqual(['101', '110']);
});

test('what is no Electron, or has fuses of another format, is refused', () => {
  expect(() => readFuseWires(Buffer.from('ELF'))).toThrow('not an Electron binary');
  expect(() => readFuseWires(Buffer.concat([Buffer.from(SENTINEL), Buffer.of(2, 1, 49)]))).toThrow('version 2');
});

test('the fuse that electron-builder cannot set must be as stated, and another one stops the build', () => {
  expect(check('101100011')).toEqual([]);
  expect(check('101100010')).toEqual(['The fuse WasmTrapHandlers should be on and is not.']);
  expect(check('1011000111')[0]).toMatch(/has 10 fuses and 9 are stated/);
  expect(check('10110001')[0]).toMatch(/has 8 fuses and 9 are stated/);
});
