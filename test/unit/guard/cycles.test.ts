import { expect, test } from 'vitest';
import { importsOf, listSources, ROOMS } from './import-tree.ts';

/** Groups of two or more nodes that all lead to each other. Source: Tarjan, "Depth-first search and linear graph algorithms", 1972. */
function findCycles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const path: string[] = [];
  const cycles: string[][] = [];
  const visit = (node: string): number => {
    order.set(node, order.size);
    let low = order.get(node) as number;
    path.push(node);
    for (const next of edges.get(node) ?? []) {
      if (!order.has(next)) low = Math.min(low, visit(next));
      else if (path.includes(next)) low = Math.min(low, lowest.get(next) ?? (order.get(next) as number));
    }
    lowest.set(node, low);
    if (low === order.get(node)) {
      const group = path.splice(path.indexOf(node));
      if (group.length > 1) cycles.push(group.sort());
    }
    return low;
  };
  for (const node of edges.keys()) if (!order.has(node)) visit(node);
  return cycles;
}

test('a cycle is found wherever it begins, and what only leads to it is not called one', () => {
  const edges = new Map([
    ['a', ['b']],
    ['b', ['c', 'd']],
    ['c', ['b']],
    ['d', []],
    ['e', ['f']],
    ['f', ['g', 'a']],
    ['g', ['e']],
  ]);
  expect(findCycles(edges)).toEqual([
    ['b', 'c'],
    ['e', 'f', 'g'],
  ]);
});

test('no file imports itself by way of others, not even for types', () => {
  const files = ROOMS.flatMap((room) => listSources(room));
  const known = new Set(files);
  const edges = new Map(files.map((file) => [file, importsOf(file).filter((name) => known.has(name))]));
  expect([...edges.values()].flat().length).toBeGreaterThan(500);
  expect(findCycles(edges)).toEqual([]);
});
