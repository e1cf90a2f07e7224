/**
 * Bytes as base64 text and back, the same in Node and browsers. Reading is strict: the standard alphabet, padded, and
 * no stray bits, so that equal bytes have one spelling.
 */
const STRICT = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;

/** The bytes that `text` spells, or null when it is not strict base64. */
export function base64Bytes(text: string): Uint8Array | null {
  if (!STRICT.test(text)) return null;
  if (typeof Buffer !== 'undefined') return new Uint8Array(Buffer.from(text, 'base64'));
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Spells `bytes` in base64, padded. */
export function base64Text(bytes: Uint8Array): string {
  if (typeof Buffer !== 'undefined') {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  }
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
