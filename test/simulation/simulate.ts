/** `npm run simulate -- --commands 5000000 --seed 7`: as many random commands beside the oracle as wanted. */
import { parseArgs } from 'node:util';
import { progressOf } from '#apps/cli/progress.js';
import { LONGEST, simulate } from './run.js';
import { told } from './told.js';

const { values } = parseArgs({
  options: {
    commands: { type: 'string', default: '100000' },
    seed: { type: 'string' },
    extremes: { type: 'boolean', default: false },
    verdicts: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const wholeNumber = (name: string, text: string): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  process.stderr.write(`--${name} must be a whole number, not ${text}.\n`);
  process.exit(2);
};

const commands = wholeNumber('commands', values.commands);
const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : wholeNumber('seed', values.seed);
const { extremes } = values;
const progress = progressOf('commands', values.json);
const started = Date.now();

process.stderr.write(`Seed ${seed}${extremes ? ', with amounts at the end of the range of numbers' : ''}.\n`);
const report = simulate({
  commands,
  seed,
  extremes,
  longest: LONGEST[extremes ? 'extremes' : 'ordinary'],
  progress: (done) => progress.update(Math.min(done, commands), commands),
});
progress.end();

if (values.verdicts) {
  for (const [verdict, count] of [...report.verdicts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    process.stdout.write(`${String(count).padStart(9)} ${verdict}\n`);
  }
}
const seconds = ((Date.now() - started) / 1000).toFixed(1);
const counts = `${report.commands} commands in ${report.histories} histories, ${report.verdicts.size} kinds of outcome, ${seconds} s`;
if (report.failure === null) process.stdout.write(`${counts}, seed ${seed}: no difference\n`);
else process.stdout.write(`${counts}, seed ${seed}\n${told(report.failure)}\n`);
process.exitCode = report.failure === null ? 0 : 1;
