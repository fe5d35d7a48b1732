import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a load sends: requests are made by the generator from these lists, with a fresh idempotency key each. */
export interface Scenario {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  /** `{a}` stands for one of the first half of `accounts`, `{b}` for one of the rest, `{n}` for a text of this request's own. */
  readonly path: string;
  /** The same; null for none. */
  readonly body: string | null;
  /** One credential and its accounts for each tenant; a request takes a tenant at random. */
  readonly tenants: readonly { readonly key: string; readonly accounts: readonly string[] }[];
  /** How many events a request makes, for the events-a-second column. */
  readonly eventsEach: number;
  /** How many transactions a request posts, for the ratio. */
  readonly transactionsEach: number;
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers that were no success, time-outs and broken connections. */
  readonly failures: number;
  readonly generator: 'wrk' | 'autocannon';
}

const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** `wrk` takes the least of the two cores; without it autocannon runs in a process of its own. */
export const generatorName = (): LoadResult['generator'] => (has('wrk') ? 'wrk' : 'autocannon');

const luaList = (values: readonly string[]): string => `{${values.map((value) => JSON.stringify(value)).join(',')}}`;

/** A wrk script: text templates are cut once, requests are glued together from the pieces. */
const luaScript = (scenario: Scenario, run: string, thinkMs: number): string => `
local keys = ${luaList(scenario.tenants.map((tenant) => tenant.key))}
local accounts = {${scenario.tenants.map((tenant) => luaList(tenant.accounts)).join(',')}}
local path = ${JSON.stringify(scenario.path)}
local body = ${scenario.body === null ? 'nil' : `[==[${scenario.body}]==]`}
local threads, count, failures = 0, 0, 0
function setup(thread) thread:set("id", threads); threads = threads + 1 end
function init(args) math.randomseed(id * 7919 + os.time()) end
local function fill(text, own, n)
  local half = math.max(1, math.floor(#own / 2))
  return (text:gsub("{([abn])}", function(name)
    if name == "a" then return own[math.random(half)] end
    if name == "b" then return own[half + math.random(math.max(1, #own - half))] end
    return n
  end))
end
function request()
  count = count + 1
  local t = math.random(#keys)
  local n = "${run}-" .. id .. "-" .. count
  local headers = {
    ["Authorization"] = "Bearer " .. keys[t], ["Content-Type"] = "application/json", ["Idempotency-Key"] = n,
  }
  return wrk.format("${scenario.method}", fill(path, accounts[t], n), headers, body and fill(body, accounts[t], n))
end
${thinkMs > 0 ? `function delay() return math.random(0, ${Math.round(2 * thinkMs)}) end` : ''}
function done(summary, latency)
  local bad = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout
  print(string.format("RESULT %f %f %f %d", summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, bad))
end
`;

const runWrk = async (
  scenario: Scenario,
  baseUrl: string,
  connections: number,
  seconds: number,
  thinkMs = 0,
): Promise<LoadResult> => {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-load-'));
  try {
    const script = join(folder, 'load.lua');
    writeFileSync(script, luaScript(scenario, `${scenario.name}${Date.now()}`.replace(/\W/g, ''), thinkMs));
    const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', script, baseUrl];
    const output = await outputOf('wrk', args);
    const found = /RESULT ([\d.]+) ([\d.]+) ([\d.]+) (\d+)/.exec(output);
    if (!found) throw new Error(`wrk printed no result:\n${output}`);
    const [requestsPerSecond, p50Ms, p99Ms, failures] = found.slice(1).map(Number) as [number, number, number, number];
    return { requestsPerSecond, p50Ms, p99Ms, failures, generator: 'wrk' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** A load at a steady rate, or as fast as it goes (`rate` null), by autocannon in a process of its own. */
const runAutocannon = async (
  scenario: Scenario,
  baseUrl: string,
  connections: number,
  seconds: number,
  rate: number | null,
): Promise<LoadResult> => {
  const job = { scenario, baseUrl, connections, seconds, rate };
  const output = await outputOf(process.execPath, [join(import.meta.dirname, 'paced-load.js')], JSON.stringify(job));
  return JSON.parse(output.trim().split('\n').at(-1) as string) as LoadResult;
};

export const runLoad = (
  scenario: Scenario,
  baseUrl: string,
  connections: number,
  seconds: number,
): Promise<LoadResult> =>
  generatorName() === 'wrk'
    ? runWrk(scenario, baseUrl, connections, seconds)
    : runAutocannon(scenario, baseUrl, connections, seconds, null);

/** What an answer takes far below the peak, roughly, in milliseconds: it counts towards a connection's round. */
const ANSWER_MS = 5;

/**
 * A load at about a rate: what tells latency below the peak. With `wrk` each connection thinks, for a random time, between
 * an answer and its next request; autocannon keeps a rate, but takes much of a core of those that the product runs on.
 */
export const runPaced = (
  scenario: Scenario,
  baseUrl: string,
  connections: number,
  seconds: number,
  rate: number,
): Promise<LoadResult> => {
  if (generatorName() !== 'wrk') return runAutocannon(scenario, baseUrl, connections, seconds, rate);
  const thinkMs = Math.max(1, (connections * 1000) / rate - ANSWER_MS);
  return runWrk(scenario, baseUrl, connections, seconds, thinkMs);
};

/** Standard output of a program; throws with its error output where it fails. */
export const outputOf = (
  program: string,
  args: readonly string[],
  input?: string,
  env?: NodeJS.ProcessEnv,
): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve(out) : reject(new Error(`${program} ended with ${code}: ${err}${out}`)),
    );
    child.stdin.end(input ?? '');
  });
