import type { HostClient } from '../host-client.ts';

/** Why the computer can store nothing now: as long as it lasts, nothing that is sent to it counts. */
export function DiskTrouble({ host }: { host: HostClient }) {
  const trouble = host.state.value?.diskTrouble;
  if (trouble === undefined) return null;
  return (
    <p class="problem" role="status">
      <strong>{host.name.value} can store nothing now.</strong> {trouble}
    </p>
  );
}
