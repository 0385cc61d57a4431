/** The only thing the window's page sees of Electron. A sandboxed preload is one CommonJS file and can load no other. */
import type { IpcRendererEvent } from 'electron';
import type { BatonBridge } from './contract.ts' with { 'resolution-mode': 'import' };

const { contextBridge, ipcRenderer } = require('electron') as typeof import('electron');

const bridge: BatonBridge = {
  call: (channel, argument) => ipcRenderer.invoke(`baton:${channel}`, argument),
  on: (name, listener) => {
    const handle = (_event: IpcRendererEvent, push: Parameters<typeof listener>[0]) => listener(push);
    ipcRenderer.on(`baton:push:${name}`, handle);
    return () => {
      ipcRenderer.off(`baton:push:${name}`, handle);
    };
  },
};

contextBridge.exposeInMainWorld('baton', bridge);
