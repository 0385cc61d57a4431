/** One scene of the window's pages, chosen by the address: `/?scene=sessions`. Without a scene: links to all of them. */
import { render } from 'preact';
import '../../renderer/styles/index.css';
import { App } from '#renderer/app.tsx';
import { createAppContext } from '#renderer/app-context.ts';
import type { FixtureBridge } from './fixture-bridge.ts';
import { scenes } from './scenes.ts';

declare global {
  interface Window {
    /** For tests: the made-up main process behind the pages. */
    fixture: FixtureBridge;
  }
}

const root = document.getElementById('app');
if (!root) throw new Error('The page has no element #app.');
const name = new URLSearchParams(location.search).get('scene');
const scene = name === null ? undefined : scenes[name];

if (scene) {
  window.fixture = scene.make();
  const context = createAppContext(window.fixture, window);
  window.fixture.show({ page: scene.page, session: null });
  render(<App context={context} />, root);
} else {
  render(
    <ul>
      {Object.keys(scenes).map((key) => (
        <li key={key}>
          <a href={`/?scene=${key}`}>{key}</a>
        </li>
      ))}
    </ul>,
    root,
  );
}
