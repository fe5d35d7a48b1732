import { Gauge, type Registry } from 'prom-client';
import type { RunnerStatus } from '#projecting/runner-gauge.js';

/** Read models that are further behind (ms) are out of bounds: who reads them is not told how things stand. */
const MOST_BEHIND_MS = 5_000;

/** Null: well, or ready to take over. Else a sentence for an operator. */
export const projectorTrouble = ({ state, lagMs }: RunnerStatus): string | null => {
  if (state !== 'leading' && state !== 'standby') return `is ${state}`;
  return lagMs > MOST_BEHIND_MS ? `is ${Math.round(lagMs / 1000)} s behind` : null;
};

const STATES: readonly RunnerStatus['state'][] = ['starting', 'standby', 'leading', 'failing', 'stopped'];

/** The runner's gauges, read from its status when they are asked for. */
export const projectorMetrics = (registry: Registry, status: () => RunnerStatus): void => {
  const gauge = (name: string, help: string, value: (now: RunnerStatus) => number): void => {
    new Gauge({
      name: `daybook_projector_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(value(status()));
      },
    });
  };
  gauge('lag_seconds', 'Age of the oldest event that was read and is not in the rows', ({ lagMs }) => lagMs / 1000);
  gauge('events_per_second', 'Over the last few seconds', ({ eventsPerSecond }) => eventsPerSecond);
  gauge('parked_tenants', 'Tenants whose read models stand still', ({ parked }) => parked);
  gauge('events', 'Since the start', ({ events }) => events);
  gauge('batches', 'Since the start', ({ batches }) => batches);
  gauge('last_batch_events', 'In the newest transaction', ({ lastBatchEvents }) => lastBatchEvents);
  gauge('last_batch_seconds', 'That the newest transaction took', ({ lastBatchMs }) => lastBatchMs / 1000);
  gauge('gaps_healed', 'Since the start', ({ gapsHealed }) => gapsHealed);
  gauge('caught_up', '1 while there is nothing left to project', ({ caughtUp }) => Number(caughtUp));
  new Gauge({
    name: 'daybook_projector_state',
    help: '1 for the state that the projector is in',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const { state: current } = status();
      for (const state of STATES) this.set({ state }, Number(state === current));
    },
  });
};
