/** Errors name the word that was meant, and no word when none is near. */
import t from 'tap';
import { didYouMean, nearestWord } from './nearest-word.ts';

t.test('WIRE-10 the nearest known word is named', async (t) => {
  const known = ['caption', 'candidate', 'cancel', 'agentTurn'];
  t.equal(nearestWord('capton', known), 'caption');
  t.equal(nearestWord('cpation', known), 'caption', 'neighbours swapped');
  t.equal(nearestWord('AGENTTURN', known), 'agentTurn', 'case aside');
  t.equal(nearestWord('cancle', known), 'cancel');
});

t.test('WIRE-10 no word is named when none is near', async (t) => {
  t.equal(nearestWord('presence', ['caption', 'ping']), null);
  t.equal(nearestWord('x', []), null);
  t.equal(didYouMean('zzzzzz', ['caption']), '');
});
