/** Why a call failed, in one line that also says what to do about it. */
import { SluiceError } from '../client/sluice-error.ts';
import { isLoopback } from '../config/demo-config.ts';

/** The line for `thrown`, met while `doing` something (e.g. `joining`) at the gateway of `signalUrl`. */
export function callFailure(thrown: unknown, doing: string, signalUrl: string): string {
  const { hostname } = new URL(signalUrl);
  if (!(thrown instanceof SluiceError)) return `${doing}: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  const { reason, message, code } = thrown;
  const advice = adviceFor(reason, code, message, isLoopback(hostname));
  return `${doing}: ${message}${advice === '' ? '' : `: ${advice}`}`;
}

function adviceFor(reason: string, code: number, message: string, loopback: boolean): string {
  if (reason === 'unreachable') {
    if (!message.startsWith('nothing listens')) return 'is the address right? (--signal)';
    return loopback ? 'start it with npm start, or say where it is with --signal' : 'is the address right? (--signal)';
  }
  if (code === 401) return 'give --token, or the --api-key and --api-secret that this gateway knows';
  if (reason === 'node_unavailable') return 'the gateway has no SFU node: start one with sluice node reference';
  if (code === 403) return 'the access token does not allow it';
  if (code === 429 || code === 503) return 'try again in a moment';
  return '';
}
