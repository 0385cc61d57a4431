/** The real relay, as `npm run relay` runs it, measured. */
import { join } from 'node:path';
import { MeasuredProcess, ROOT } from './measured-process.ts';

export interface BenchRelay {
  readonly process: MeasuredProcess;
  readonly port: number;
  readonly origin: string;
}

/** Resolves once it listens. `port` 0: any free one. */
export async function startBenchRelay(options: {
  folder: string;
  phoneFolder: string;
  port?: number;
  environment?: NodeJS.ProcessEnv;
}): Promise<BenchRelay> {
  const { folder, phoneFolder, port = 0, environment } = options;
  const args = ['--port', String(port), '--data', folder, '--phone', phoneFolder];
  const process = MeasuredProcess.start([join(ROOT, 'dist/relay/index.js'), ...args], environment);
  const [, actual] = await process.untilPrinted(/The relay listens.*"port":(\d+)/);
  return { process, port: Number(actual), origin: `http://127.0.0.1:${actual}` };
}
