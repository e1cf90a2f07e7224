/** Whether bytes are UTF-8: by Node's own check where there is one, which needs no import a browser could not follow. */

type Check = (bytes: Uint8Array) => boolean;

interface NodeGlobals {
  readonly process?: { readonly getBuiltinModule?: (name: 'node:buffer') => { readonly isUtf8: Check } };
}

/** The check where the platform has none: decodes, and throws the text away. */
export function decodesAsUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

const strict = new TextDecoder('utf-8', { fatal: true });

/** Whether the bytes are well-formed UTF-8. */
export const isUtf8: Check =
  (globalThis as unknown as NodeGlobals).process?.getBuiltinModule?.('node:buffer').isUtf8 ?? decodesAsUtf8;

/** As far as strings are looked at byte by byte: longer ones are worth a view. */
const SHORT_BYTES = 64;

/** Whether `bytes[start, end)` is well-formed UTF-8. A short string of ASCII, as most are, needs no view on the bytes. */
export function isUtf8Between(bytes: Uint8Array, start: number, end: number): boolean {
  const near = Math.min(end, start + SHORT_BYTES);
  let at = start;
  while (at < near && bytes[at]! < 0x80) at++;
  return at >= end || isUtf8(bytes.subarray(at, end));
}
