/** Mistakes in limits. */
import { readFileSync } from 'node:fs';
import { mistake, testMistakes } from './fixtures/policy-mistakes.ts';

const GOOD = readFileSync(new URL('./fixtures/small-policy.yaml', import.meta.url), 'utf8');
const PREMIUM = 'classes.premium';

testMistakes(GOOD, [
  mistake(
    'a session above its tenant',
    'rate: 50,',
    'rate: 6000,',
    'rate: 6000',
    `${PREMIUM}.limits.session.rate`,
    'can never be reached: expected at most the rate of tenant (5000), found 6000',
  ),
  mistake(
    'a burst above that of the tenant',
    'burst: 100}\n',
    'burst: 20000}\n',
    'burst: 20000',
    `${PREMIUM}.limits.session.burst`,
    'can never be reached: expected at most the burst of tenant (10000), found 20000',
  ),
  mistake(
    'borrowing less than one has',
    'rate: 50, burst: 100',
    'rate: 50, ceil: 40, burst: 100',
    'ceil',
    `${PREMIUM}.limits.session.ceil`,
    'expected at least the rate (50), found 40',
  ),
  mistake(
    'finals where there are none',
    'session: {rate: 50, burst: 100}',
    'finals: {session: {rate: 5, burst: 9}}',
    'finals',
    `${PREMIUM}.limits.finals`,
    'expected only at the class of captions: nothing else has finals',
  ),
  mistake(
    'borrowing more than the tenant has',
    'rate: 50, burst: 100',
    'rate: 50, ceil: 9000, burst: 100',
    'ceil',
    `${PREMIUM}.limits.session.ceil`,
    'can never be reached: expected at most what tenant may have (5000), found 9000',
  ),
  mistake(
    'finals that borrow',
    'finals: {session: {rate: 5, burst: 20}}',
    'finals: {session: {rate: 5, ceil: 9, burst: 20}}',
    'ceil',
    'classes.captions.limits.finals.session.ceil',
    'there is no such key, expected rate or burst',
  ),
  mistake(
    'a room of a control class',
    'leave], sloMs: {p999: 25}}',
    'leave], limits: {room: {rate: 900, burst: 900}}}',
    'room',
    'classes.call-setup.limits.room',
    'a control class has none: before the join, no room is known',
  ),
  mistake(
    'model tokens of what costs none',
    'finals: {session: {rate: 5, burst: 20}}',
    'modelTokens: {session: {rate: 5, burst: 20}}',
    'modelTokens: {session',
    'classes.captions.limits.modelTokens',
    'expected only at the class of agentTurn: nothing else costs anything',
  ),
  mistake(
    'spending without prices',
    'modelTokens:',
    'spend:',
    'spend',
    `${PREMIUM}.limits.spend`,
    'expected prices in this policy, or nothing costs anything',
  ),
]);
