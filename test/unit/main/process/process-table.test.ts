import { expect, test } from 'vitest';
import { parseProcessStat, parsePs, parseWindowsProcesses, readProcessTable } from '#main/process/process-table.ts';

test('a name that looks like other fields does not mislead, and a zombie is no process that runs', () => {
  const fields = '1 42 7 0 -1 4194304 9 0 0 0 250 50 0 0 20 0 1 0 98765 4096 12';
  expect(parseProcessStat(`42 (a) S 9 9 (b)) S ${fields}`)).toEqual({
    pid: 42,
    parent: 1,
    group: 42,
    startTicks: '98765',
    cpuMs: 3_000,
    residentBytes: null,
  });
  expect(parseProcessStat(`42 (gone) Z ${fields}`)).toBeNull();
  expect(parseProcessStat('')).toBeNull();
  expect(parseProcessStat('no process (at all)')).toBeNull();
});

test('what ps says on macOS is read, with its ways of writing times', () => {
  const text = [
    '    1     0     1 Ss    13024   1:02.50',
    '  812     1   812 S+   204800  01:00:01',
    '  813   812   812 R    102400 2-00:00:00',
    '  814   812   812 Z         0   0:00.00',
    '',
  ].join('\n');
  const process = (pid: number, parent: number, group: number, residentBytes: number, cpuMs: number) => ({
    pid,
    parent,
    group,
    startTicks: null,
    cpuMs,
    residentBytes,
  });
  expect(parsePs(text)).toEqual([
    process(1, 0, 1, 13_024 * 1024, 62_500),
    process(812, 1, 812, 204_800 * 1024, 3_601_000),
    process(813, 812, 812, 102_400 * 1024, 172_800_000),
  ]);
});

test('what PowerShell says on Windows is read; lines that are something else are left out', () => {
  const text = '4 0 159744 6400000 0\r\nGet-CimInstance : failed\r\n1234 4 1048576 10000000 20000000\r\n\r\n';
  expect(parseWindowsProcesses(text)).toEqual([
    { pid: 4, parent: 0, group: 0, startTicks: null, cpuMs: 640, residentBytes: 159_744 },
    { pid: 1234, parent: 4, group: 0, startTicks: null, cpuMs: 3_000, residentBytes: 1_048_576 },
  ]);
});

test.skipIf(process.platform === 'win32')(
  'who asks while the list is read gets one that was read after, and shares it with others who ask',
  async () => {
    const first = readProcessTable();
    const [second, third] = [readProcessTable(), readProcessTable()];
    expect(second).toBe(third);
    expect(second).not.toBe(first);
    for (const rows of [await first, await second]) {
      expect(rows.find(({ pid }) => pid === process.pid)).toMatchObject({ parent: process.ppid });
    }
    expect(readProcessTable()).not.toBe(second);
  },
);
