/** That the supervisor divides limits among metadata workers over the process channel, and what becomes of a dead one's share. */
import t from 'tap';
import { eventually, GatewayUnderTest } from './fixtures/gateway-under-test.ts';

const sharesOf = async (gateway: GatewayUnderTest): Promise<number[]> => {
  const { planes } = await gateway.status();
  const workers = planes.filter(({ plane }) => plane === 'metadata');
  return workers.map(({ snapshot }) => snapshot?.sessions.shareInPermille ?? 0);
};

t.test('ADMIT-12 workers of a gateway are given shares by their demand, also of one that died', async (t) => {
  const gateway = await GatewayUnderTest.start(t, 'metadataWorkers=2');
  const busyHasMost = async (): Promise<boolean> => {
    const [busy = 0, idle = 0] = await sharesOf(gateway);
    return busy > 800 && idle > 50 && idle < 200;
  };
  const gatewayShare = (worker: number) => gateway.metric(`sluice_lease_share{worker="${worker}",class="call-setup"}`);
  await eventually(busyHasMost, 'nine tenths of the demand, nearly nine tenths of the limit');
  await eventually(async () => {
    // It is started again soon: let it not come far.
    const { pid, state } = await gateway.plane('metadata', 0);
    if (pid !== null && state !== 'waiting') process.kill(pid, 'SIGKILL');
    return (await sharesOf(gateway))[1]! > 900;
  }, 'the other has what it had, but for a floor');
  await eventually(busyHasMost, 'it is back, and has it again');
  t.ok((await gateway.plane('metadata', 0)).restarts > 0);
  await eventually(async () => (await gatewayShare(0)) > 0.45, 'of what nobody wants, each has a half again');
  t.ok((await gatewayShare(0)) + (await gatewayShare(1)) <= 1 + 1e-6, 'as is to be seen in the metrics');
});

t.test('ADMIT-12 a single worker has its limits to itself', async (t) => {
  const gateway = await GatewayUnderTest.start(t);
  t.notOk((await gateway.plane('metadata')).snapshot?.sessions.shareInPermille);
});
