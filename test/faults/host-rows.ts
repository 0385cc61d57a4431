/** What can happen to the computer, and on its way to the relay. */
import { makeCertificate } from '../support/certificate.ts';
import { untilTrue } from './patience.ts';
import type { Row } from './row.ts';
import type { Stage } from './stage.ts';

const CUT_OFF = { page: true, relay: true, phone: true };
const passAgain = ({ hostWire }: Stage) => {
  hostWire.mood = { kind: 'pass' };
};

export const HOST_ROWS: readonly Row[] = [
  {
    name: 'host-killed',
    isShort: true,
    broken: { page: true },
    says: /Computer offline/,
    mayBeUncertain: true,
    strike: (stage) => stage.killHost(),
    heal: (stage) => stage.restartHost(),
  },
  {
    name: 'host-frozen',
    isShort: true,
    broken: { page: true },
    says: /No answer from the computer/,
    strike: (stage) => stage.signalHost('SIGSTOP'),
    heal: (stage) => stage.signalHost('SIGCONT'),
  },
  {
    name: 'host-asleep-10-min',
    stage: { jump: 'clock' },
    broken: { page: true },
    says: /No answer from the computer/,
    strike: (stage) => stage.signalHost('SIGSTOP'),
    heal: (stage) => {
      // What a person sees who opens the lid: the process goes on, and ten minutes are gone.
      stage.hostWire.strand();
      stage.signalHost('SIGUSR2');
      stage.signalHost('SIGCONT');
    },
  },
  {
    name: 'host-changes-network',
    stage: { jump: 'network' },
    broken: {},
    says: /Connected · proven/,
    strike: async (stage) => {
      stage.hostWire.strand();
      stage.signalHost('SIGUSR2');
      const isNoticed = async () => (await stage.hostLog()).includes('The network has changed');
      await untilTrue('the host to notice that its network is another one', isNoticed, 10_000);
    },
    heal: () => {},
  },
  ...([302, 403] as const).map(
    (status): Row => ({
      name: `captive-portal-${status}`,
      broken: CUT_OFF,
      says: /Computer offline/,
      terminalSays: new RegExp(`relay unreachable .*${status}`),
      strike: ({ hostWire }) => {
        hostWire.mood = { kind: 'portal', status };
      },
      heal: passAgain,
    }),
  ),
  {
    name: 'tls-refused',
    stage: { isHostTls: true },
    broken: CUT_OFF,
    says: /Computer offline/,
    terminalSays: /relay unreachable .*certificate/,
    strike: ({ hostWire }) => hostWire.present(makeCertificate('localhost')),
    heal: (stage) => stage.hostWire.present(stage.certificate()),
  },
];
