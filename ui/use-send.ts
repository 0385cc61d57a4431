/** Runs what a button asked for and keeps the reason if it could not be kept or done on this device. */
import { useState } from 'preact/hooks';
import type { HostClient } from './host-client.ts';

export interface Sending {
  readonly isSending: boolean;
  readonly problem: string | null;
  /** `then` runs once the command is stored on this device. */
  send(promise: Promise<unknown>, then?: () => void): void;
}

export function useSend(host: HostClient): Sending {
  const [isSending, setIsSending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  return {
    isSending,
    problem,
    send: (promise, then) => {
      setIsSending(true);
      setProblem(null);
      promise.then(
        () => {
          setIsSending(false);
          then?.();
        },
        (error: unknown) => {
          setIsSending(false);
          setProblem(
            `This could not be kept for ${host.name.peek()}: ${error instanceof Error ? error.message : String(error)}`,
          );
        },
      );
    },
  };
}
