import { render } from 'preact';
import './styles/index.css';
import type { BatonBridge } from '#preload/contract.ts';
import { createClientEnvironment } from '#ui/browser-environment.ts';
import { App } from './app.tsx';
import { createAppContext } from './app-context.ts';
import { LocalClient } from './local-client.ts';

/** Set by the preload; the only way to main. */
const { baton } = window as unknown as { readonly baton: BatonBridge };

const client = new LocalClient({ bridge: baton, environment: createClientEnvironment() });

const root = document.getElementById('app');
if (!root) throw new Error('The page has no element #app.');
root.replaceChildren();
render(<App context={createAppContext(baton, client, window)} />, root);
