/**
 * The switches that are baked into Electron's binary. electron-builder sets the first eight (`electronFuses` in electron-builder.yml);
 * what Electron has got since is stated here and looked at in the binary, so that no fuse is ever left to chance.
 * Format: "The hard way" in https://github.com/electron/electron/blob/main/docs/tutorial/fuses.md
 */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const VERSION = 1;
const ON = '1'.charCodeAt(0);

/** Fuses that electron-builder 26 cannot set, by their place in the wire. All stay as Electron ships them, which has to be this. */
export const LATER_FUSES: readonly { readonly place: number; readonly name: string; readonly isOn: boolean }[] = [
  // On: V8 catches WebAssembly's bad memory accesses by signals. Baton has no WebAssembly; off would only slow down what others write.
  { place: 8, name: 'WasmTrapHandlers', isOn: true },
];

/** The bytes of every wire in a binary (a universal one has two). Throws if there is none or its format is another. */
export function readFuseWires(binary: Buffer): Buffer[] {
  const wires: Buffer[] = [];
  for (let at = binary.indexOf(SENTINEL); at !== -1; at = binary.indexOf(SENTINEL, at + 1)) {
    const start = at + SENTINEL.length;
    if (binary[start] !== VERSION) throw new Error(`The fuses have version ${binary[start]}, not ${VERSION}.`);
    wires.push(binary.subarray(start + 2, start + 2 + (binary[start + 1] as number)));
  }
  if (wires.length === 0) throw new Error('This is not an Electron binary: it has no fuses.');
  return wires;
}

/** What is not as stated, in words; empty if all is well. `settable`: how many fuses electron-builder sets. */
export function checkLaterFuses(wire: Buffer, settable: number): string[] {
  const expected = settable + LATER_FUSES.length;
  if (wire.length !== expected) {
    return [
      `This Electron has ${wire.length} fuses and ${expected} are stated. Decide about the new ones in scripts/fuse-wire.ts or electron-builder.yml.`,
    ];
  }
  return LATER_FUSES.filter(({ place, isOn }) => (wire[place] === ON) !== isOn).map(
    ({ name, isOn }) => `The fuse ${name} should be ${isOn ? 'on' : 'off'} and is not.`,
  );
}
