/** What a browser must have for Baton, and the words for a person whose browser lacks it. */
import { generateNoiseKeys } from '#protocol/keys.ts';
import type { Database } from './database.ts';

export interface Refusal {
  readonly title: string;
  readonly text: string;
}

/** Null if this browser can be paired. */
export async function checkBrowser(database: Database): Promise<Refusal | null> {
  if (!globalThis.isSecureContext || !globalThis.crypto?.subtle) {
    return {
      title: 'This page is not secure',
      text: 'Browsers allow encryption only on https pages (and on localhost). Open the relay by its https address and scan again.',
    };
  }
  if (!(await hasX25519()) || typeof Promise.withResolvers !== 'function') {
    return {
      title: 'This browser is too old',
      text: 'It lacks the X25519 encryption that Baton needs. Update it: Chrome 133, Firefox 130 and Safari 17.4, or newer, have it.',
    };
  }
  try {
    await database.run((opened) => opened.count('hosts'));
  } catch {
    return {
      title: 'This browser cannot store anything',
      text: 'Baton keeps its keys on this device. Leave private browsing, or allow this site to store data, then scan again.',
    };
  }
  return null;
}

async function hasX25519(): Promise<boolean> {
  try {
    await generateNoiseKeys(false);
    return true;
  } catch {
    return false;
  }
}

/** A name by which the person at the computer recognises this device, from the browser's user agent. Pure. */
export function suggestDeviceName(userAgent: string): string {
  const devices: [RegExp, string][] = [
    [/iPhone/, 'iPhone'],
    [/iPad/, 'iPad'],
    [/Android/, 'Android'],
    [/CrOS/, 'Chromebook'],
    [/Macintosh/, 'Mac'],
    [/Windows/, 'Windows'],
    [/Linux/, 'Linux'],
  ];
  const browsers: [RegExp, string][] = [
    [/Edg(e|A|iOS)?\//, 'Edge'],
    [/(Firefox|FxiOS)\//, 'Firefox'],
    [/SamsungBrowser\//, 'Samsung Internet'],
    [/(Chrome|CriOS)\//, 'Chrome'],
    [/Safari\//, 'Safari'],
  ];
  const find = (names: [RegExp, string][]) => names.find(([pattern]) => pattern.test(userAgent))?.[1];
  const browser = find(browsers) ?? 'Browser';
  const device = find(devices);
  return device ? `${browser} on ${device}` : browser;
}
