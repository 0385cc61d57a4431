/** The folders that a person wants to be offered for new sessions. */
import { statSync } from 'node:fs';
import type { SettingsStore } from '../host/settings.ts';

/** Adds absolute folders to the known ones. Answers the first that is no folder, and then has added none; else null. */
export function addProjectFolders(settings: SettingsStore, folders: readonly string[]): string | null {
  for (const folder of folders) {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  }
  const { projects } = settings.get();
  const missing = [...new Set(folders)].filter((folder) => !projects.includes(folder));
  if (missing.length > 0) settings.update({ projects: [...projects, ...missing] });
  return null;
}
