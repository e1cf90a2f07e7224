import t from 'tap';
import { figuresBetween, readFigures, total } from './gateway-figures.ts';

const exposition = (offered: number, refused: number, residual: number) => `# HELP sluice_offered_total frames
# TYPE sluice_offered_total counter
sluice_offered_total{plane="metadata",class="captions"} ${offered}
sluice_offered_total{plane="control",class="captions",otel_scope_name="a \\"quoted\\" name"} 1
sluice_frames_total{plane="metadata",class="captions",outcome="rejected_session"} ${refused}
sluice_frames_total{plane="metadata",class="premium",outcome="rejected_session"} 2
sluice_queued_frames{plane="metadata",class="captions"} 7
sluice_deliveries_total{class="captions"} 1.5e3
sluice_conservation_residual{plane="metadata",class="captions"} ${residual}
sluice_handshakes_total{plane="control",result="accepted"} 4 1700000000000
unrelated 7
`;

t.test('LOAD-12 figures are summed over planes from the gateway’s own exposition', async (t) => {
  const figures = readFigures(exposition(100, 30, -2));
  t.strictSame(figures.offered, { captions: 101 });
  t.strictSame(figures.outcomes, { rejected_session: 32 });
  t.strictSame(figures.ended, { captions: 30, premium: 2 });
  t.strictSame(figures.queued, { captions: 7 });
  t.equal(figures.deliveries, 1500);
  t.equal(figures.residual, 2);
  t.strictSame(figures.handshakes, { accepted: 4 });
  t.strictSame(readFigures('').offered, {});
});

t.test('LOAD-12 what came between two readings is their difference, the residual the later one', async (t) => {
  const between = figuresBetween(readFigures(exposition(100, 30, 5)), readFigures(exposition(400, 60, 0)));
  t.strictSame(between.offered, { captions: 300 });
  t.strictSame(between.outcomes, { rejected_session: 30 });
  t.strictSame(between.ended, { captions: 30 });
  t.strictSame(between.queued, { captions: 7 });
  t.equal(between.residual, 0);
  t.equal(total(between.handshakes), 0);
});
