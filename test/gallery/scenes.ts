/** Every screen in every state, by name. */
import { homeScenes } from './home-scenes.ts';
import { pairingScenes } from './pairing-scenes.ts';
import type { Scene } from './scene.ts';
import { sessionScenes } from './session-scenes.ts';

export const scenes: Record<string, Scene> = { ...pairingScenes, ...homeScenes, ...sessionScenes };
