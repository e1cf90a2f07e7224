/**
 * The course of `sluice call`: the second participant first, so that somebody is there; then the caller, measured stage
 * by stage; then captions until the time is up or the user ends it.
 *
 * Invariants: it ends in one way: in order, with a summary and both participants gone, or with one `CommandFailure` line
 * that names the stage; either way no socket or timer is left.
 */
import { CaptionStore } from '../client/caption-store.ts';
import type { Subprotocol } from '../client/frame-encoding.ts';
import { Course } from './call-course.ts';
import { callFailure } from './call-failure.ts';
import { CallParticipant, type CallStage } from './call-participant.ts';
import { CallReport, type Screen } from './call-report.ts';
import { CommandFailure } from './command-failure.ts';

export interface CallPlan {
  readonly signalUrl: string;
  readonly room: string;
  readonly identity: string;
  readonly accessToken: string;
  /** The second participant; null: nobody. */
  readonly peer: { readonly identity: string; readonly accessToken: string } | null;
  readonly seconds: number;
  readonly subprotocol: Subprotocol;
}

const STAGE_NAMES: Readonly<Record<CallStage, string>> = {
  connected: 'TCP + WebSocket',
  welcome: 'welcome',
  joined: 'joined',
  answered: 'offer → answer',
  iceConnected: 'ICE connected',
  dtlsConnected: 'DTLS connected',
  mediaSent: 'media sent',
  mediaReceived: 'media received',
};

/** Where a call is reported. */
export interface CallOutput {
  readonly json: boolean;
  readonly screen: Screen;
  /** Aborted when nobody reads the report any more: then the call ends as if the user had ended it. */
  readonly unread: AbortSignal;
}

/** Places the call and reports it. Throws `CommandFailure` (1) when it does not come to media. */
export async function runCall(plan: CallPlan, output: CallOutput): Promise<void> {
  const report = new CallReport(output.screen, output.json);
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  // The launcher passes signals on that the terminal has sent us too: a second one changes nothing.
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  output.unread.addEventListener('abort', interrupt, { once: true });
  const participants: CallParticipant[] = [];
  try {
    const peer = plan.peer === null ? null : await startPeer(plan, plan.peer, participants, report, stop.signal);
    if (!stop.signal.aborted) await callAndWatch(plan, peer, participants, report, stop.signal);
  } finally {
    await Promise.all(participants.map((one) => one.leave()));
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    output.unread.removeEventListener('abort', interrupt);
  }
}

/** The second participant, until it sends. Its stages are not the call's, so they stay unsaid. */
async function startPeer(
  plan: CallPlan,
  peer: NonNullable<CallPlan['peer']>,
  participants: CallParticipant[],
  report: CallReport,
  stop: AbortSignal,
): Promise<Peer> {
  const course = new Course(plan.signalUrl, stop);
  const participant = new CallParticipant({ ...plan, accessToken: peer.accessToken }, course);
  participants.push(participant);
  await course.until('mediaSent', participant.start());
  report.begin(plan.room, plan.signalUrl, plan.identity, `${peer.identity} is there already and sends`);
  return { participant, course };
}

/** The second participant and what it lives through. */
interface Peer {
  readonly participant: CallParticipant;
  readonly course: Course;
}

async function callAndWatch(
  plan: CallPlan,
  peer: Peer | null,
  participants: CallParticipant[],
  report: CallReport,
  stop: AbortSignal,
): Promise<void> {
  const sinceMs = performance.now();
  const course = new Course(plan.signalUrl, stop);
  const caller = new CallParticipant(plan, course);
  participants.push(caller);
  const others = () => caller.client.joined?.participants.filter((one) => one.identity !== plan.peer?.identity) ?? [];
  course.reached = (stage, atMs) => {
    report.begin(plan.room, plan.signalUrl, plan.identity, '');
    const note =
      stage === 'joined' && others().length > 0
        ? `with ${others()
            .map((one) => one.identity)
            .join(', ')}`
        : '';
    report.stage(STAGE_NAMES[stage], atMs - sinceMs, note.slice(0, MAX_NOTE_CHARACTERS));
  };
  let interims = 0;
  let finals = 0;
  const captions = new CaptionStore({
    changed: (state) => {
      if (state.final) return;
      interims++;
      report.interim(state);
    },
    finalised: (state) => {
      finals++;
      report.final(state);
    },
  });
  caller.client.on('caption', (frame) => captions.take(frame));
  caller.client.on('state', ({ state, error }) => {
    if (state === 'reconnecting') report.note(`connection lost (${error?.message ?? 'unknown'}): reconnecting`);
  });
  // With others in the room, what the second participant hears first may be theirs.
  const heardBefore = peer !== null && peer.course.atMs('mediaReceived') > 0;
  if (peer !== null && !heardBefore) {
    peer.course.reached = (_, atMs) => report.stage('heard by the echo', atMs - sinceMs);
  }
  await course.until(peer === null ? 'mediaSent' : 'mediaReceived', caller.start());
  if (peer !== null) await peer.course.until('mediaReceived', Promise.resolve());
  const setupMs = peer === null || stop.aborted ? null : performance.now() - sinceMs;
  report.setUp();
  if (setupMs !== null) caller.client.stats({ connectMs: course.atMs('joined') - sinceMs, firstMediaMs: setupMs });
  else if (!stop.aborted && others().length === 0) report.note('nobody else is in the room yet');
  const ended = await stay(caller, plan.seconds * 1000 - (performance.now() - sinceMs), stop);
  report.summary({
    seconds: (performance.now() - sinceMs) / 1000,
    setupMs,
    sent: caller.sent,
    received: caller.received,
    peer: peer === null ? null : { sent: peer.participant.sent, received: peer.participant.received },
    finals,
    interims,
  });
  if (ended !== null) throw new CommandFailure([callFailure(ended, 'in the call', plan.signalUrl)], 1);
  if (!stop.aborted && caller.client.state === 'reconnecting') {
    throw new CommandFailure(['in the call: the connection was lost and did not come back'], 1);
  }
}

const MAX_NOTE_CHARACTERS = 60;

/** Waits until the time is over, the user ends it, or the gateway does: then the reason. */
function stay(caller: CallParticipant, forMs: number, stop: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => end(null), forMs);
    const off = caller.client.on('state', (event) => {
      if (event.state === 'closed') end(event.error);
    });
    const end = (why: unknown): void => {
      clearTimeout(timer);
      off();
      resolve(why);
    };
    if (stop.aborted) end(null);
    else stop.addEventListener('abort', () => end(null), { once: true });
  });
}
