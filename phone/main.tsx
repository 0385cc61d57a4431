import { render } from 'preact';
import './styles/index.css';
import { createBaton } from './core/baton.ts';
import { App } from './screens/app.tsx';
import { createAppContext } from './screens/app-context.ts';
import { FailedScreen } from './screens/failed-screen.tsx';

const root = document.getElementById('app');
if (!root) throw new Error('The page has no element #app.');

try {
  const context = createAppContext(await createBaton(), window);
  root.replaceChildren();
  render(<App context={context} />, root);
} catch (error) {
  console.error('Failed to start the page:', error);
  root.replaceChildren();
  render(<FailedScreen error={error} />, root);
}
