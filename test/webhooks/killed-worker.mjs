// A webhook worker that kills a process, itself or another, where it is told to: at the nth time that it reaches a step.
import { pino } from 'pino';
import { openInstallation } from '../../dist/libs/installation/installation.js';
import { readConfiguration } from '../../dist/libs/platform/configuration.js';
import { startWebhookWorker } from '../../dist/apps/webhook-worker/webhook-worker.js';

const armed = JSON.parse(process.env.ARMED);
process.on('message', (killing) => armed.push(killing));
process.once('disconnect', () => process.exit(1));

const configuration = readConfiguration(process.env);
const installation = await openInstallation(configuration, configuration.databaseUrl);
const logger = pino({ level: 'error' }, pino.destination({ fd: 2, sync: true }));
const worker = await startWebhookWorker(installation, configuration.databaseUrl, logger, {
  ...JSON.parse(process.env.OPTIONS),
  onStep: (step) => {
    for (const [at, killing] of [...armed.entries()].reverse()) {
      if (killing.step !== step || --killing.nth > 0) continue;
      armed.splice(at, 1);
      process.kill(killing.pid ?? process.pid, 'SIGKILL');
    }
  },
});
process.stdout.write('runs\n');
process.once('SIGTERM', () => {
  void worker
    .stop()
    .then(() => installation.close())
    .finally(() => process.exit(0));
});
