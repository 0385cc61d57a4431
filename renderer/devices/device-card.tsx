import { useId, useState } from 'preact/hooks';
import { agoWords } from '#lib/duration-words.ts';
import type { DeviceView, Scope } from '#preload/contract.ts';
import { Icon, LinkShape } from '#ui/controls/icons.tsx';
import { momentWords } from '#ui/words/age-words.ts';
import { useApp } from '../app-context.ts';
import { ConfirmSheet } from '../controls/confirm-sheet.tsx';
import { CallWords } from '../controls/problem.tsx';
import { useCall } from '../use-call.ts';
import { isSilent } from '../words/link-words.ts';
import { SCOPES } from '../words/scope-words.ts';

export function DeviceCard({ device }: { device: DeviceView }) {
  const { now } = useApp();
  const headingId = useId();
  const change = useCall();
  const [isRevoking, setIsRevoking] = useState(false);
  const { connection } = device;
  const isHeard = connection !== null && !isSilent(connection, now.value);
  const trip =
    connection === null || connection.lastRoundTripMs === null
      ? ''
      : ` · ${Math.round(connection.lastRoundTripMs)} ms round trip`;
  return (
    <li class="card device" aria-labelledby={headingId}>
      <div class="device-words">
        <h2 id={headingId} title={device.name}>
          {device.name}
        </h2>
        <p class={`device-state tone-${isHeard ? 'good' : 'quiet'}`}>
          <LinkShape shape={isHeard ? 'proven' : connection ? 'silent' : 'host-gone'} />
          <span>
            {connection
              ? `${isHeard ? 'Connected' : 'Silent'} · answered ${agoWords(connection.provenAt, now.value)}${trip}`
              : device.lastSeenAt === null
                ? 'Not seen since it was paired'
                : `Not connected · last seen ${agoWords(device.lastSeenAt, now.value)}`}
          </span>
        </p>
        {device.watching !== null && (
          <p class="device-watching" title={device.watching}>
            <Icon name="phone" size={16} />
            <span>On its screen: {device.watching}</span>
          </p>
        )}
      </div>
      <p class="meta device-paired">Paired {momentWords(device.pairedAt, now.value)}</p>
      <div class="device-controls">
        <label class="select-field">
          <span class="visually-hidden">What {device.name} may do</span>
          <select
            value={device.scope}
            disabled={change.isBusy}
            title={SCOPES.find(({ scope }) => scope === device.scope)?.words}
            onChange={(event) => {
              const select = event.currentTarget;
              const scope = select.value as Scope;
              // It shows what holds: main's answer moves it.
              select.value = device.scope;
              change.run('device.set-scope', { device: device.id, scope });
            }}
          >
            {SCOPES.map(({ scope, name }) => (
              <option key={scope} value={scope}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          class="button danger"
          aria-label={`Revoke ${device.name}`}
          onClick={() => setIsRevoking(true)}
        >
          Revoke
        </button>
      </div>
      <div class="card-problem">
        <CallWords caller={change} />
      </div>
      {isRevoking && <Revoke device={device} onClose={() => setIsRevoking(false)} />}
    </li>
  );
}

function Revoke({ device, onClose }: { device: DeviceView; onClose: () => void }) {
  const { announce } = useApp();
  const revoke = useCall();
  return (
    <ConfirmSheet
      title="Revoke this device?"
      action="Revoke"
      caller={revoke}
      onClose={onClose}
      onConfirm={(close) =>
        revoke.run('device.revoke', { device: device.id }, () => {
          announce(`${device.name} is revoked`);
          close();
        })
      }
    >
      <p class="plain-text">
        <strong>{device.name}</strong> loses its access at once
        {device.connection ? ', in the middle of what it does' : ''}. To use it again, pair it again.
      </p>
    </ConfirmSheet>
  );
}
