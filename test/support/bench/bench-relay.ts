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
}): Promise<BenchRelay> {
  const { folder, phoneFolder, port = 0 } = options;
  const process = MeasuredProcess.start([
    join(ROOT, 'dist/relay/index.js'),
    '--port',
    String(port),
    '--data',
    folder,
    '--phone',
    phoneFolder,
  ]);
  const [, actual] = await process.untilPrinted(/The relay listens.*"port":(\d+)/);
  return { process, port: Number(actual), origin: `http://127.0.0.1:${actual}` };
}
