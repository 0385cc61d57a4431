import { useState } from 'preact/hooks';
import { Icon } from '#ui/controls/icons.tsx';
import { useApp } from '../app-context.ts';
import { ConfirmSheet } from '../controls/confirm-sheet.tsx';
import { useCall } from '../use-call.ts';
import { DeviceCard } from './device-card.tsx';

export function DevicesPage() {
  const { slices, showPage } = useApp();
  const devices = slices.devices.value;
  const [isRevokingAll, setIsRevokingAll] = useState(false);
  const sorted = devices.toSorted(
    (a, b) =>
      Number(b.connection !== null) - Number(a.connection !== null) || (b.lastSeenAt ?? 0) - (a.lastSeenAt ?? 0),
  );
  return (
    <>
      <header class="page-head">
        <h1>Devices</h1>
        {devices.length > 0 && (
          <button type="button" class="button primary" onClick={() => showPage('pair')}>
            <Icon name="plus" size={18} />
            Pair a phone
          </button>
        )}
      </header>
      {devices.length === 0 ? (
        <div class="nothing">
          <p>
            No device is paired. A phone is paired once, by scanning a code, and holds a key of its own from then on.
          </p>
          <button type="button" class="button primary" onClick={() => showPage('pair')}>
            Pair a phone
          </button>
        </div>
      ) : (
        <>
          <ul class="cards" aria-label="Paired devices">
            {sorted.map((device) => (
              <DeviceCard key={device.id} device={device} />
            ))}
          </ul>
          <div class="page-end">
            <p class="meta">
              A device that is lost keeps nothing but what it has shown. Revoke it, and its key is void at once.
            </p>
            <button type="button" class="button danger" onClick={() => setIsRevokingAll(true)}>
              Revoke all devices
            </button>
          </div>
        </>
      )}
      {isRevokingAll && <RevokeAll count={devices.length} onClose={() => setIsRevokingAll(false)} />}
    </>
  );
}

function RevokeAll({ count, onClose }: { count: number; onClose: () => void }) {
  const { announce } = useApp();
  const revoke = useCall();
  return (
    <ConfirmSheet
      title={count === 1 ? 'Revoke the device?' : `Revoke all ${count} devices?`}
      action={count === 1 ? 'Revoke it' : `Revoke all ${count}`}
      caller={revoke}
      onClose={onClose}
      onConfirm={(close) =>
        revoke.run('device.revoke-all', null, ({ revoked }) => {
          announce(`${revoked} devices revoked`);
          close();
        })
      }
    >
      <p>
        Every phone and browser loses its access at once and has to be paired again. Sessions on this computer run on.
      </p>
    </ConfirmSheet>
  );
}
