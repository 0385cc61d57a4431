/** What the chaos test and its host process say to each other over Node's IPC. Both are ours and of the same build. */

export interface HostProcessOptions {
  readonly dataFolder: string;
  readonly project: string;
  readonly relayOrigin: string;
}

export type ToHostProcess =
  | { readonly kind: 'show-code' }
  | { readonly kind: 'allow'; readonly request: string }
  | { readonly kind: 'stop' };

export type FromHostProcess =
  | { readonly kind: 'started'; readonly hostId: string }
  | { readonly kind: 'refused'; readonly text: string }
  | { readonly kind: 'link'; readonly status: string }
  | { readonly kind: 'code'; readonly link: string }
  | { readonly kind: 'asked'; readonly request: string; readonly name: string; readonly digits: string };
