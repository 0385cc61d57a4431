/** One scene of the phone's screens, chosen by the address: `/?scene=home`. Without a scene: links to all of them. */
import { render } from 'preact';
import '../../phone/styles/index.css';
import { App } from '#phone/screens/app.tsx';
import { createAppContext } from '#phone/screens/app-context.ts';
import { FailedScreen } from '#phone/screens/failed-screen.tsx';
import type { FixtureBaton } from './fixture-baton.ts';
import { scenes } from './scenes.ts';

declare global {
  interface Window {
    /** For tests: the made-up core behind the screens. */
    gallery: FixtureBaton;
  }
}

const root = document.getElementById('app');
if (!root) throw new Error('The page has no element #app.');
const name = new URLSearchParams(location.search).get('scene');
const scene = name === null ? undefined : scenes[name];

if (name === 'failed') {
  render(
    <FailedScreen
      error={new Error('This browser keeps nothing for this page. Leave private browsing and load it again.')}
    />,
    root,
  );
} else if (scene) {
  history.replaceState(null, '', scene.path);
  window.gallery = scene.make();
  render(<App context={createAppContext(window.gallery, window)} />, root);
} else {
  render(
    <main class="alone">
      <ul>
        {[...Object.keys(scenes), 'failed'].map((key) => (
          <li key={key}>
            <a href={`/?scene=${key}`}>{key}</a>
          </li>
        ))}
      </ul>
    </main>,
    root,
  );
}
