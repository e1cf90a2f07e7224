/** Which class the frames of a signalling session have, by the access token it shows now. */
import type { ClassTables, FrameClassifier } from '../../classes/frame-classifier.ts';
import { Principal } from '../../classes/rule-table.ts';
import type { EdgeSocket } from '../edge/edge-socket.ts';
import type { Session } from './session.ts';

/** The session's classifier, made when it is first asked for and when its access token has changed. */
export function classifierOf(tables: ClassTables, { state, principal }: EdgeSocket<Session>): FrameClassifier {
  const { classifier } = state;
  if (classifier !== null && classifier.bound === principal.classes) return classifier;
  const sender = principal.kind === 'agent' ? Principal.agent : Principal.standard;
  state.classifier = tables.sender(sender, principal.tenant, principal.classes);
  return state.classifier;
}
