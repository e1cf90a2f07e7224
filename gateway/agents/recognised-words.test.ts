import t from 'tap';
import { recognisedWords } from './recognised-words.ts';

t.test('REAL-8 the confidence of a final is the mean of what the recogniser says of its words', async (t) => {
  const output = `send the(2)
<s> 0.000 0.170 1.000200
send 0.720 0.990 0.900000
[NOISE] 0.990 1.000 0.100000
the(2) 1.000 1.080 0.300000
<sil> 1.080 1.090 0.500000
</s> 2.570 2.680 1.000000
`;
  t.same(recognisedWords(output), { text: 'send the(2)', confidence: 0.6 });
  t.same(recognisedWords('one\none 0.1 0.2 1.000300\n'), { text: 'one', confidence: 1 }, 'never above 1');
  t.same(recognisedWords('send the\n'), { text: 'send the', confidence: null }, 'a recogniser that says no more');
  t.same(recognisedWords('\n<s> 0.000 0.170 1.000200\n'), { text: '', confidence: null }, 'nothing was said');
  t.same(recognisedWords('room 4.5\ntwo\n'), { text: 'room 4.5 two', confidence: null });
});
