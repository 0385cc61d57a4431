import { useEffect, useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { AboutSection } from './about-section.tsx';
import { AgentsSection } from './agents-section.tsx';
import { ComputerSection } from './computer-section.tsx';
import { DataSection } from './data-section.tsx';
import { DoctorSection } from './doctor-section.tsx';
import { RelaySection } from './relay-section.tsx';

const PARTS = [
  { id: 'relay', name: 'Relay' },
  { id: 'doctor', name: 'Check' },
  { id: 'computer', name: 'This computer' },
  { id: 'agents', name: 'Agents' },
  { id: 'data', name: 'Data' },
  { id: 'about', name: 'Version' },
] as const;

export function SettingsPage() {
  const { wantedPart, clearWantedPart, showSettings } = useApp();
  const place = useRef<HTMLDivElement>(null);
  const wish = wantedPart.value;
  useEffect(() => {
    if (wish === null) return;
    clearWantedPart();
    const part = place.current?.querySelector<HTMLElement>(`#${wish}`);
    part?.scrollIntoView({ block: 'start' });
    part?.focus({ preventScroll: true });
  }, [wish, clearWantedPart]);
  return (
    <div class="settings" ref={place}>
      <header class="page-head">
        <h1>Settings</h1>
      </header>
      <nav class="parts" aria-label="Parts of the settings">
        {PARTS.map(({ id, name }) => (
          <button key={id} type="button" class="part" onClick={() => showSettings(id)}>
            {name}
          </button>
        ))}
      </nav>
      <RelaySection />
      <DoctorSection />
      <ComputerSection />
      <AgentsSection />
      <DataSection />
      <AboutSection />
    </div>
  );
}
