// Says in one line which specs were left out and why, and adds the run's totals to the file that DAYBOOK_TEST_TOTALS
// names, so that a script can tell a run that tested nothing from one that passed.
import { appendFileSync, readdirSync } from 'node:fs';

export default class Reporter {
  onRunComplete(_contexts, results) {
    const live = process.env.DAYBOOK_TEST_LIVE === undefined ? liveSpecs(process.cwd()) : [];
    if (live.length > 0 && results.numTotalTestSuites > 1) {
      console.error(
        `Skipped, because they need a Redis, an EventStoreDB or a Chromium (npm run test:all): ${live.join(', ')}`,
      );
    }
    const totals = process.env.DAYBOOK_TEST_TOTALS;
    if (totals === undefined) return;
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    appendFileSync(totals, `${results.numPassedTests} ${failed}\n`);
  }
}

function liveSpecs(root) {
  return ['apps', 'libs', 'projections', 'test']
    .flatMap((folder) => readdirSync(`${root}/${folder}`, { recursive: true }).map((file) => `${folder}/${file}`))
    .filter((file) => file.endsWith('.live.spec.ts'));
}
