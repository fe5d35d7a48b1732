// A webhook worker that kills itself where it is told to: at the nth time that it reaches a step.
import { pino } from 'pino';
import { openInstallation } from '../../dist/libs/installation/installation.js';
import { readConfiguration } from '../../dist/libs/platform/configuration.js';
import { startWebhookWorker } from '../../dist/apps/webhook-worker/webhook-worker.js';

const { KILL_AT, KILL_NTH, OPTIONS } = process.env;
let left = Number(KILL_NTH);
process.once('disconnect', () => process.exit(1));

const configuration = readConfiguration(process.env);
const installation = await openInstallation(configuration, configuration.databaseUrl);
const logger = pino({ level: 'error' }, pino.destination({ fd: 2, sync: true }));
const worker = await startWebhookWorker(installation, configuration.databaseUrl, logger, {
  ...JSON.parse(OPTIONS),
  onStep: (step) => {
    if (step === KILL_AT && --left === 0) process.kill(process.pid, 'SIGKILL');
  },
});
process.stdout.write('runs\n');
process.once('SIGTERM', () => {
  void worker
    .stop()
    .then(() => installation.close())
    .finally(() => process.exit(0));
});
