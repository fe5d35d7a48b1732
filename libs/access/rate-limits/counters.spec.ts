import { rateCountersContract } from './counters.contract.js';
import { ProcessCounters } from './counters.js';

describe('calls counted in the process', () => {
  let now = 0;
  rateCountersContract(() => ({
    counters: new ProcessCounters(() => now),
    pass: (ms) => void (now += ms),
  }));

  it('leave no memory behind once their windows are over', () => {
    let at = 0;
    const counters = new ProcessCounters(() => at);
    for (let i = 0; i < 1_000; i += 1) counters.count([{ counter: `c${i}`, name: 'minute', calls: 9, ms: 60_000 }]);
    expect(counters.size).toBe(1_000);
    at = 120_000;
    counters.count([{ counter: 'last', name: 'minute', calls: 9, ms: 60_000 }]);
    expect(counters.size).toBe(1);
  });
});
