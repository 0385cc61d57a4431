import { render } from 'preact';
import './styles/index.css';
import type { BatonBridge } from '#preload/contract.ts';
import { App } from './app.tsx';
import { createAppContext } from './app-context.ts';

/** Set by the preload; the only way to main. */
const { baton } = window as unknown as { readonly baton: BatonBridge };

const root = document.getElementById('app');
if (!root) throw new Error('The page has no element #app.');
root.replaceChildren();
render(<App context={createAppContext(baton, window)} />, root);
