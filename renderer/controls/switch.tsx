/** An on/off switch that shows what is, never what was asked for: it moves when main says so. */
export function Switch({
  label,
  isOn,
  isBusy = false,
  isDisabled = false,
  isMuted = false,
  describedBy,
  onChange,
}: {
  label: string;
  isOn: boolean;
  isBusy?: boolean;
  isDisabled?: boolean;
  /** On, but without effect now. */
  isMuted?: boolean;
  describedBy?: string | undefined;
  onChange: (isOn: boolean) => void;
}) {
  return (
    <button
      type="button"
      role="switch"
      class={`switch ${isMuted ? 'muted' : ''}`}
      aria-checked={isOn}
      aria-label={label}
      aria-busy={isBusy}
      aria-describedby={describedBy}
      disabled={isDisabled}
      onClick={() => {
        if (!isBusy) onChange(!isOn);
      }}
    >
      <span class="switch-track" aria-hidden="true">
        <span class="switch-knob" />
      </span>
    </button>
  );
}
