/** Reads the text of a file that a person named. */
import { readFileSync } from 'node:fs';
import { ConfigError } from './config-error.ts';

/** The text of a file. Throws `ConfigError`, one line that begins with the name, when it cannot be read. */
export function readText(name: string): string {
  try {
    return readFileSync(name, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ConfigError([`${name}: cannot be read: ${code === 'ENOENT' ? 'there is no such file' : message}`]);
  }
}
