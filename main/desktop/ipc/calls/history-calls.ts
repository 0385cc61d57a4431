/** The data of this computer: the folder it lies in, the sessions to keep or delete, and who did what. */
import { renderActivity } from '../views/activity-view.ts';
import { type CallHandlers, type FindHost, fail, succeed, withHost } from './call-handlers.ts';

type HistoryChannel =
  | 'folder.choose'
  | 'data.show'
  | 'history.export'
  | 'history.delete'
  | 'activity.page'
  | 'activity.verify';

export const ACTIVITY_PAGE_ROWS = 100;

/** The system's own dialogs; null if the person left them. */
export interface FileDialogs {
  chooseFolder(): Promise<string | null>;
  chooseExportFile(suggestedName: string): Promise<string | null>;
}

export function createHistoryCalls(options: {
  findHost: FindHost;
  dataFolder: string;
  dialogs: FileDialogs;
  /** Empty if it worked, else the system's words. */
  openPath: (path: string) => Promise<string>;
  now: () => number;
}): Pick<CallHandlers, HistoryChannel> {
  const { findHost, dataFolder, dialogs, openPath, now } = options;
  return {
    'folder.choose': async () => succeed({ folder: await dialogs.chooseFolder() }),
    'data.show': async () => {
      const problem = await openPath(dataFolder);
      return problem === '' ? succeed(null) : fail(`The folder ${dataFolder} could not be opened: ${problem}`);
    },
    'history.export': () =>
      withHost<{ file: string | null; sessions: number }>(findHost, async (host) => {
        const day = new Date(now()).toISOString().slice(0, 10);
        const file = await dialogs.chooseExportFile(`baton-history-${day}.jsonl`);
        if (file === null) return succeed({ file: null, sessions: 0 });
        try {
          const { sessions } = await host.exportHistory(file);
          return succeed({ file, sessions });
        } catch (error) {
          return fail(`The history could not be written to ${file}: ${wordsOf(error)}`);
        }
      }),
    'history.delete': ({ what }) =>
      withHost(findHost, async (host) => {
        try {
          return succeed(await host.deleteHistory(what));
        } catch (error) {
          return fail(`The history could not be deleted: ${wordsOf(error)}`);
        }
      }),
    'activity.page': ({ before }) =>
      withHost(findHost, ({ history }) => {
        const rows = history.audit.newest(ACTIVITY_PAGE_ROWS, before);
        return succeed({ rows: renderActivity(rows, (session) => history.sessions.get(session)?.title ?? null) });
      }),
    'activity.verify': () =>
      withHost<{ isIntact: boolean; text: string }>(findHost, ({ history }) => {
        const verdict = history.audit.verify();
        if (verdict.kind === 'broken') return succeed({ isIntact: false, text: verdict.text });
        const counted = verdict.rows === 1 ? 'The one row is' : `All ${verdict.rows} rows are`;
        return succeed({
          isIntact: true,
          text: verdict.rows === 0 ? 'Nothing has been written yet.' : `${counted} as written.`,
        });
      }),
  };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
