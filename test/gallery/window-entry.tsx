/** One scene of the window's pages, chosen by the address: `/window.html?scene=sessions`. Without a scene: links to all of them. */
import { render } from 'preact';
import '../../renderer/styles/index.css';
import { App } from '#renderer/app.tsx';
import { createAppContext } from '#renderer/app-context.ts';
import type { FixtureBridge } from './fixture-bridge.ts';
import { windowScenes } from './window-scenes.ts';

declare global {
  interface Window {
    /** For tests: the made-up main process behind the pages. */
    fixture: FixtureBridge;
  }
}

const root = document.getElementById('app');
if (!root) throw new Error('The page has no element #app.');
const name = new URLSearchParams(location.search).get('scene');
const scene = name === null ? undefined : windowScenes[name];

if (scene) {
  const { main, host } = scene.make();
  window.fixture = main;
  window.host = host;
  const context = createAppContext(main, host, window);
  main.show({ page: scene.page, session: scene.session });
  render(<App context={context} />, root);
} else {
  render(
    <ul>
      {Object.keys(windowScenes).map((key) => (
        <li key={key}>
          <a href={`/window.html?scene=${key}`}>{key}</a>
        </li>
      ))}
    </ul>,
    root,
  );
}
