/**
 * Hands a few requests on to another listener of this machine, so that a browser that trusts this one needs no second:
 * one connection, one certificate. For the demo's controls, not for the planes' traffic.
 *
 * Invariants: nothing is handed on that was not admitted; a body is at most `MOST_BODY_BYTES`; of what comes back no
 * more waits than the browser is behind; either side's end is the other's.
 */

import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { type IncomingMessage, request } from 'node:http';
import type { Listener } from '../config/config.ts';
import { answerRefusal } from './http-answers.ts';
import { type Refusal, refusal } from './refusal.ts';

const MOST_BODY_BYTES = 4096;
const MOST_AT_ONCE = 256;

/** What is looked at before a request is handed on; empty where the request has no such header. */
export interface RelayVisit {
  readonly host: string;
  readonly origin: string;
  readonly authorization: string;
}

/** Which requests are handed on, and to whom. */
export interface Relay {
  /** Patterns of paths: `/demo/*`. */
  readonly routes: readonly string[];
  /** null: it is handed on; else what it is answered. */
  readonly admit: (visit: RelayVisit) => Refusal | null;
  /** A plain HTTP listener on loopback. */
  readonly target: Listener;
  /** What the relay itself bears there; absent: nothing. What the visit bore is not handed on. */
  readonly authorization?: string;
}

let relayed = 0;

/** Hands the request on, or refuses it. To be called inside the request's callback. */
export function relayRequest(res: HttpResponse, req: HttpRequest, { admit, target, authorization }: Relay): void {
  const header = (name: string) => req.getHeader(name);
  const visit = { host: header('host'), origin: header('origin'), authorization: header('authorization') };
  const full = relayed < MOST_AT_ONCE ? null : refusal(503, 'full', 'too much is asked for at once', 1000);
  const refused = admit(visit) ?? full;
  if (refused) return answerRefusal(res, refused, '');
  const query = req.getQuery();
  const path = query ? `${req.getUrl()}?${query}` : req.getUrl();
  const type = header('content-type');
  const headers = { ...(type && { 'content-type': type }), ...(authorization && { authorization }) };
  const call = request({ ...target, path, method: req.getMethod().toUpperCase(), headers });
  let open = true;
  let answered = false;
  relayed++;
  const end = () => {
    if (open) relayed--;
    open = false;
    call.destroy();
  };
  res.onAborted(end);
  call.on('error', () => {
    if (!open) return;
    end();
    if (answered) res.close();
    else answerRefusal(res, refusal(503, 'unavailable', 'what answers this is not there now', 1000), '');
  });
  call.on('response', (answer) => {
    answered = true;
    if (open) passOn(res, answer, () => open, end);
  });
  takeBody(res, (body) => {
    if (!open) return;
    if (body !== null) return void call.end(body);
    end();
    answerRefusal(res, refusal(400, 'tooLarge', `expected at most ${MOST_BODY_BYTES} bytes`), '');
  });
}

/** Calls `taken` once with the whole body, or with null where it is too large. */
function takeBody(res: HttpResponse, taken: (body: Buffer | null) => void): void {
  let body = Buffer.alloc(0);
  let over = false;
  res.onData((chunk, last) => {
    if (over) return;
    // The chunk is valid only now.
    body = Buffer.concat([body, Buffer.from(chunk)]);
    over = body.length > MOST_BODY_BYTES;
    if (over || last) taken(over ? null : body);
  });
}

function passOn(res: HttpResponse, answer: IncomingMessage, isOpen: () => boolean, end: () => void): void {
  const { statusCode = 500, statusMessage = '', headers } = answer;
  res.cork(() => {
    res.writeStatus(`${statusCode} ${statusMessage}`);
    for (const name of ['content-type', 'cache-control']) {
      const value = headers[name];
      if (typeof value === 'string') res.writeHeader(name, value);
    }
  });
  res.onWritable(() => {
    answer.resume();
    return true;
  });
  answer.on('data', (chunk: Buffer) => {
    if (!isOpen()) return;
    res.cork(() => {
      if (!res.write(chunk)) answer.pause();
    });
  });
  answer.on('end', () => {
    if (!isOpen()) return;
    end();
    res.cork(() => void res.end());
  });
  // Cut short: so is what was told of it.
  answer.on('error', () => {
    if (!isOpen()) return;
    end();
    res.close();
  });
}
