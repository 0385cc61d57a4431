/** `nativeImage`: real files only. Electron answers a missing file with an empty image; here it fails, so that a forgotten one shows. */
import { readFileSync } from 'node:fs';

type Used = 'getSize' | 'isEmpty' | 'isTemplateImage' | 'setTemplateImage' | 'toPNG';

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47]);
const ICO = Buffer.from([0, 0, 1, 0]);

export class StandInNativeImage implements Pick<Electron.NativeImage, Used> {
  /** Where it came from; empty if not from a file. */
  readonly path: string;
  readonly #data: Buffer;
  #isTemplate: boolean;

  constructor(path: string, data: Buffer) {
    this.path = path;
    this.#data = data;
    this.#isTemplate = /Template(@\dx)?\.\w+$/.test(path);
    if (data.length > 0) this.getSize();
  }

  /** Pixels of the image, or of the first one in an icon file. Throws if it is neither PNG nor ICO. */
  getSize(): Electron.Size {
    const data = this.#data;
    if (data.subarray(0, 4).equals(PNG)) return { width: data.readUInt32BE(16), height: data.readUInt32BE(20) };
    if (data.subarray(0, 4).equals(ICO)) return { width: data[6] || 256, height: data[7] || 256 };
    throw new Error(`Failed to load image from path '${this.path}': it is neither PNG nor ICO.`);
  }

  isEmpty(): boolean {
    return this.#data.length === 0;
  }

  isTemplateImage(): boolean {
    return this.#isTemplate;
  }

  setTemplateImage(isTemplate: boolean): void {
    this.#isTemplate = isTemplate;
  }

  toPNG(): Buffer<ArrayBuffer> {
    return Buffer.from(this.#data);
  }
}

export const nativeImage = {
  createEmpty: () => new StandInNativeImage('', Buffer.alloc(0)),
  createFromPath: (path: string) => new StandInNativeImage(path, readFileSync(path)),
  createFromBuffer: (buffer: Buffer) => new StandInNativeImage('', buffer),
  createFromDataURL: (url: string) => new StandInNativeImage('', Buffer.from(url.split(',')[1] ?? '', 'base64')),
};

/** What Electron takes where it takes an image. Throws if the file is missing or no image. */
export function imageFrom(image: string | Electron.NativeImage | StandInNativeImage): StandInNativeImage {
  return typeof image === 'string' ? nativeImage.createFromPath(image) : (image as StandInNativeImage);
}
