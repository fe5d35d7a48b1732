import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { ConfigurationError, readConfiguration, type Configuration } from '#platform/configuration.js';
import { StartupError } from '#platform/startup-error.js';
import { FoundWrong, UsedWrongly } from './outcome.js';
import type { ExportArguments } from './export.js';
import type { ImportArguments } from './import.js';
import type { SimulateArguments } from './simulate/simulate.js';
import type { ListenArguments } from './webhooks/listen.js';
import type { TriggerArguments } from './webhooks/trigger.js';
import type { RebuildArguments } from './rebuild.js';
import type { VerifyArguments } from './verify.js';

const EXIT = { fine: 0, wrong: 1, misused: 2 } as const;

const revision = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('a revision is a whole number from 0.');
  return value;
};

const positive = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value <= 0)
    throw new InvalidArgumentError('a whole number above zero is needed.');
  return value;
};

const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const configuration = (): Configuration => readConfiguration(process.env);

interface BenchArguments {
  readonly seconds: number;
  readonly clients: number[];
  readonly accounts: number;
  readonly tenants: number;
  readonly only?: string;
  readonly core: boolean;
  readonly json: boolean;
}

const share = (text: string): number => {
  const value = Number(text);
  if (!(value >= 0 && value <= 1)) throw new InvalidArgumentError('a number from 0 to 1 is needed.');
  return value;
};

/** What tries a product rather than runs it. */
const addTrials = (daybook: Command): void => {
  daybook
    .command('bench')
    .description('measure throughput and latency, beside pgbench on the same server')
    .option('--seconds <n>', 'of each measurement', positive, 5)
    .option('--clients <list>', 'numbers of connections', (text) => list(text).map(positive), [1, 8, 64])
    .option('--accounts <n>', 'accounts of the large tenant', positive, 10_000)
    .option('--tenants <n>', 'small tenants', positive, 1_000)
    .option('--only <text>', 'only scenarios whose name contains this')
    .option('--no-core', 'without fold, memory, cold start and event-store figures')
    .option('--json', 'the figures as one JSON object', false)
    .action(async (given: BenchArguments) =>
      (await import('./bench/bench.js')).bench({ ...given, only: given.only ?? null }),
    );

  daybook
    .command('simulate')
    .description('send card traffic to the running installation, and check its sums after every message')
    .option('--seed <n>', 'the same traffic again', positive)
    .option('--purchases <n>', 'how many', positive, 300)
    .option('--cards <n>', 'on how many cards', positive, 10)
    .option('--funds <n>', 'what each account begins with, minor units', positive, 100_000)
    .option('--most <n>', 'the largest purchase, minor units', (text) => Math.max(50, positive(text)), 20_000)
    .option('--stories <list>', 'only these: shop,tip,fuel,hotel,…', list, [])
    .option('--late <share>', 'of the messages come late', share, 0.1)
    .option('--doubled <share>', 'of the messages come twice', share, 0.1)
    .option('--lost <share>', 'of the messages never come', share, 0.05)
    .option('--json', 'progress and result as one JSON object a line', false)
    .action(async (options: SimulateArguments) =>
      (await import('./simulate/simulate.js')).simulate(configuration(), options),
    );
};

/** For who builds a consumer of webhooks. */
const addWebhooks = (daybook: Command): void => {
  daybook
    .command('listen')
    .description('send the events of a sandbox tenant on to a server under development, signed')
    .requiredOption('--forward <url>', 'where to: http://127.0.0.1:4000/webhooks')
    .option('--events <list>', 'only these types: account.created,transaction.*', list, [])
    .option('--secret <secret>', 'sign with this one (whsec_…) instead of a new one')
    .option('--after <sequence>', 'begin after this event instead of with what happens from now on', revision)
    .option('--count <n>', 'end after so many', positive)
    .option('--key <key>', 'the API key of another sandbox tenant than the demo’s')
    .option('--json', 'one JSON object an event', false)
    .action(async (given: ListenArguments) => (await import('./webhooks/listen.js')).listen(configuration(), given));

  daybook
    .command('trigger <type>')
    .description('make a real event of this type happen at a sandbox tenant, by commands over the API')
    .option('--key <key>', 'the API key of another sandbox tenant than the demo’s')
    .option('--json', 'the event as one JSON object', false)
    .action(async (type: string, given: TriggerArguments) =>
      (await import('./webhooks/trigger.js')).trigger(configuration(), type, given),
    );
};

/** What proves what a book says. */
const addProofs = (daybook: Command): void => {
  daybook
    .command('verify [file]')
    .description('check an exported book from nothing, and name the first revision that is wrong; needs no server')
    .option('--report <file>', 'also that a closed month’s report is signed, and is what the book comes to')
    .option('--receipt <file>', 'instead of a book: check that one event is in the stream')
    .option(
      '--against <url>',
      'check the streams and read models of a database, while it is in use; with a book, that it goes on from that',
    )
    .option('--audit', 'instead of a book: check the chains of the audit log of the installation, while it is in use')
    .option('--key <key>', 'the verifier key that its checkpoint must be signed by')
    .option('--checkpoint <file>', 'a checkpoint kept elsewhere: the book must continue it, the receipt be of its tree')
    .option('--json', 'progress and result as one JSON object a line', false)
    .action(async (file: string | undefined, options: VerifyArguments) =>
      (await import('./verify.js')).verify(configuration, file, options),
    );
};

/** What takes a book in. */
const addImport = (daybook: Command): void => {
  daybook
    .command('import <file>')
    .description('verify an exported book and take it into an installation that does not have its tenant')
    .option('--key <key>', 'the verifier key that its checkpoint must be signed by')
    .option('--twin-of <id>', 'of a sandbox: the live tenant whose it is, which no book says')
    .option('--json', 'progress and result as one JSON object a line', false)
    .action(async (file: string, options: ImportArguments) =>
      (await import('./import.js')).importBook(configuration(), file, options),
    );
};

/** Verbs load their code when they run: `daybook token` need not load a web server. */
const program = (): Command => {
  const daybook = new Command('daybook')
    .description('An event-sourced, multi-tenant ledger.')
    .exitOverride()
    .showHelpAfterError('(see daybook --help)');

  daybook
    .command('start')
    .description('run the API, the projector and their database in one process (what npm start runs)')
    .action(async () => (await import('../standalone/main.js')).start());

  daybook
    .command('token')
    .description("print an operator's token")
    .requiredOption('--permissions <list>', 'permissions, separated by commas', list)
    .option('--ttl <time>', 'how long it is good for: 30s, 15m, 1h, 7d', '1h')
    .option('--operator <name>', 'whose it is, for the audit', 'cli')
    .action(async (options: { permissions: string[]; ttl: string; operator: string }) =>
      (await import('./token.js')).token(configuration(), options),
    );

  daybook
    .command('tenants')
    .description('list the tenants of the installation')
    .option('--json', 'one JSON object a line', false)
    .action(async (options: { json: boolean }) => (await import('./tenants.js')).tenants(configuration(), options));

  daybook
    .command('export')
    .description("write a tenant's whole stream, with its hashes, to a file")
    .requiredOption('--tenant <id>', 'the tenant')
    .requiredOption('--out <file>', 'the file to write')
    .option('--resume', 'go on with the export that the file holds, or with one that was interrupted', false)
    .option('--json', 'progress as one JSON object a line', false)
    .action(async (options: ExportArguments) => (await import('./export.js')).exportStream(configuration(), options));

  daybook
    .command('replay <file>')
    .description('fold an exported stream from nothing and say what it comes to; needs no server')
    .option('--until <revision>', 'stop after this revision', revision)
    .option('--json', 'one JSON object', false)
    .action(async (file: string, options: { until?: number; json: boolean }) =>
      (await import('./replay.js')).replay(file, options),
    );

  daybook
    .command('rebuild [names...]')
    .description('make read models again beside the running ones, compare, and switch where they are the same')
    .option('--all', 'all of them', false)
    .option('--force', 'switch also where rows differ, for a projection that was mended', false)
    .option('--json', 'progress as one JSON object a line', false)
    .action(async (names: string[], options: RebuildArguments) =>
      (await import('./rebuild.js')).rebuild(configuration(), names, options),
    );
  daybook
    .command('rotate-master-key')
    .description(
      'put a new master key in the place of the present one, while nothing runs; repeat it where it broke off',
    )
    .option('--json', 'the result as one JSON object', false)
    .action(async (options: { json: boolean }) =>
      (await import('./rotate-master-key.js')).rotateMasterKey(configuration(), options),
    );
  addWebhooks(daybook);
  addProofs(daybook);
  addImport(daybook);
  addTrials(daybook);
  return daybook;
};

const exitCodeOf = (error: unknown): number => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.misused;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UsedWrongly || error instanceof ConfigurationError) {
    process.stderr.write(`${message}\n`);
    return error instanceof UsedWrongly ? EXIT.misused : EXIT.wrong;
  }
  const expected = error instanceof StartupError || error instanceof FoundWrong;
  process.stderr.write(`${expected || !(error instanceof Error) ? message : (error.stack ?? message)}\n`);
  return EXIT.wrong;
};

try {
  await program().parseAsync(process.argv);
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
