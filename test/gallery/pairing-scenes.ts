/** The way to the first computer, and to one more. */
import { FixtureBaton } from './fixture-baton.ts';
import { FixtureHost } from './fixture-host.ts';
import { hostState } from './fixture-state.ts';
import type { Scene } from './scene.ts';

export const pairingScenes: Record<string, Scene> = {
  welcome: { path: '/', make: () => new FixtureBaton({}) },
  'welcome-again': { path: '/p', make: () => new FixtureBaton({ hosts: [new FixtureHost({ state: hostState() })] }) },
  'pair-ready': {
    path: '/p',
    make: () =>
      new FixtureBaton({
        pairing: { kind: 'ready', suggestedName: 'Chrome on Pixel 8', relay: 'https://relay.example' },
      }),
  },
  'pair-connecting': { path: '/p', make: () => new FixtureBaton({ pairing: { kind: 'connecting' } }) },
  'pair-compare': { path: '/p', make: () => new FixtureBaton({ pairing: { kind: 'compare', digits: '408152' } }) },
  'pair-storing': { path: '/p', make: () => new FixtureBaton({ pairing: { kind: 'storing' } }) },
  'pair-paired': {
    path: '/p',
    make: () => new FixtureBaton({ pairing: { kind: 'paired', hostId: 'studio', hostName: 'Studio' } }),
  },
  'pair-refused': {
    path: '/p',
    make: () =>
      new FixtureBaton({
        pairing: {
          kind: 'refused',
          title: 'This code is too old',
          text: 'A code works once and for two minutes. Press p in Baton on your computer for a new one and scan it.',
        },
      }),
  },
};
