/** The phone's drawings, and those that only the window needs. */
import { Icon, type IconName } from '#phone/screens/icons.tsx';

const PATHS = {
  qr: 'M3.5 3.5h5v5h-5zM11.5 3.5h5v5h-5zM3.5 11.5h5v5h-5zM6 6v.01M14 6v.01M6 14v.01M11.5 11.5v.01M11.5 14v2.5M14 11.5h2.5M16.5 14v2.5H14',
  power: 'M10 3v6.5M6 5.4a6.2 6.2 0 1 0 8 0',
  shield: 'M10 2.8 16 5v4.8c0 3.6-2.5 6-6 7.4-3.5-1.4-6-3.8-6-7.4V5zM7.3 9.8l2 2 3.5-3.8',
} as const;

export type WindowIconName = IconName | keyof typeof PATHS;

export function WindowIcon({ name, size = 20 }: { name: WindowIconName; size?: number }) {
  if (!isOwn(name)) return <Icon name={name} size={size} />;
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

function isOwn(name: WindowIconName): name is keyof typeof PATHS {
  return name in PATHS;
}
