/** Shows the demo page to the person who started the gateway, where there is one: a terminal and a display. */
import { spawn } from 'node:child_process';

/** Opens `url` in the browser of whoever sits here; does nothing where nobody does, or no browser can be opened. */
export function openPage(url: string): void {
  const { DISPLAY, WAYLAND_DISPLAY, SSH_CONNECTION, CI } = process.env;
  const mac = process.platform === 'darwin';
  const display = mac ? SSH_CONNECTION === undefined : Boolean(DISPLAY || WAYLAND_DISPLAY);
  if (!process.stdout.isTTY || !display || CI) return;
  const opener = spawn(mac ? 'open' : 'xdg-open', [url], { stdio: 'ignore', detached: true });
  opener.on('error', () => undefined);
  opener.unref();
}
