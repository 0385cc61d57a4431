import { expect, test } from 'vitest';
import { formatPath, parsePath, type Route } from '#phone/screens/router.ts';

test('every address comes back as the route it was made from', () => {
  const routes: Route[] = [
    { kind: 'home' },
    { kind: 'pairing' },
    { kind: 'session', hostId: 'a-_b', sessionId: '0199' },
    { kind: 'session', hostId: 'odd/host %', sessionId: 'ü' },
  ];
  expect(routes.map(formatPath).map(parsePath)).toEqual(routes);
});

test('an unknown or broken address is home', () => {
  expect(['/x', '/s/only-host', '/s/a/b/c', '/s/%E0%A4%A/b', ''].map(parsePath)).toEqual(
    Array(5).fill({ kind: 'home' }),
  );
});
