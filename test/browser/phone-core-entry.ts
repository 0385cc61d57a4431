/** What the tests of the phone's core call inside the browser, on a page that a real relay serves. */

import { uuidv7 } from 'uuidv7';
import { createBaton } from '#phone/core/baton.ts';
import { Database } from '#phone/core/database.ts';
import { createKeysRecord, proveKeys, unwrapKeys } from '#phone/core/device-keys.ts';
import { EventStore } from '#phone/core/event-store.ts';
import { HostStore } from '#phone/core/host-store.ts';
import {
  STORED_EVENTS_MAX,
  STORED_EVENTS_SLACK,
  STORED_EVENTS_WHEN_FULL,
  STORED_SESSIONS_MAX,
} from '#phone/core/limits.ts';
import { Outbox } from '#phone/core/outbox.ts';

const core = {
  createBaton,
  createKeysRecord,
  Database,
  EventStore,
  HostStore,
  limits: { STORED_EVENTS_MAX, STORED_EVENTS_SLACK, STORED_EVENTS_WHEN_FULL, STORED_SESSIONS_MAX },
  Outbox,
  proveKeys,
  unwrapKeys,
  uuidv7,
};

declare global {
  interface Window {
    core: typeof core;
    baton: Awaited<ReturnType<typeof createBaton>>;
  }
}

window.core = core;
if (new URL(location.href).pathname !== '/empty.html') window.baton = await createBaton();
document.title = 'ready';
