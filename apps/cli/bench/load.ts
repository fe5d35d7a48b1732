import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One request of a scenario. */
export interface Step {
  readonly method: 'GET' | 'POST';
  /**
   * `{a}` stands for one of the first half of `accounts`, `{b}` for one of the rest, `{n}` for a text of this request's own,
   * `{id}` for the id that the step before was answered.
   */
  readonly path: string;
  /** The same; null for none. */
  readonly body: string | null;
  /** Status that every answer has to have: another one in each step of a scenario, because answers are told by it. */
  readonly status: number;
  /** What every answer's body has to say, word for word. */
  readonly says: string;
}

/** What a load sends: requests are made by the generator from these lists, with a fresh idempotency key each. */
export interface Scenario {
  readonly name: string;
  /** One request, or two that make a cycle: the second goes on with what the first one made. */
  readonly steps: readonly [Step] | readonly [Step, Step];
  /** One credential and its accounts for each tenant; a request takes a tenant at random. Only one where there are two steps. */
  readonly tenants: readonly { readonly key: string; readonly accounts: readonly string[] }[];
  /** How many events a cycle makes, for the events-a-second column. */
  readonly eventsEach: number;
  /** How many transactions a cycle posts, for the ratio. */
  readonly transactionsEach: number;
  /** API version that is asked for; without it the tenant's own. */
  readonly version?: string;
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers other than the expected ones, time-outs and broken connections. */
  readonly failures: number;
  /** The first answer that was not as expected; null: none. */
  readonly firstFailure: string | null;
  readonly generator: 'wrk' | 'autocannon';
}

const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** `wrk` takes the least of the two cores; without it autocannon runs in a process of its own. */
export const generatorName = (): LoadResult['generator'] => (has('wrk') ? 'wrk' : 'autocannon');

const luaList = (values: readonly string[]): string => `{${values.map((value) => JSON.stringify(value)).join(',')}}`;

const luaText = (text: string | null): string => (text === null ? 'nil' : `[==[${text}]==]`);

const luaStep = ({ method, path, body, status, says }: Step): string =>
  `{method="${method}",path=${luaText(path)},body=${luaText(body)},status=${status},says=${luaText(says)}}`;

/**
 * A wrk script. Answers do not say which connection they came by: what a first step made waits in `ready` for whichever
 * connection asks next.
 */
const luaScript = (scenario: Scenario, run: string, thinkMs: number): string => `
local keys = ${luaList(scenario.tenants.map((tenant) => tenant.key))}
local accounts = {${scenario.tenants.map((tenant) => luaList(tenant.accounts)).join(',')}}
local steps = {${scenario.steps.map(luaStep).join(',')}}
local threads, count, ready = {}, 0, {}
wrong, first = 0, ""
function setup(thread) thread:set("id", #threads); table.insert(threads, thread) end
function init(args) math.randomseed(id * 7919 + os.time()) end
local function fill(text, own, n, made)
  local half = math.max(1, math.floor(#own / 2))
  return (text:gsub("{(%l+)}", function(name)
    if name == "a" then return own[math.random(half)] end
    if name == "b" then return own[half + math.random(math.max(1, #own - half))] end
    if name == "n" then return n end
    if name == "id" then return made end
  end))
end
function request()
  count = count + 1
  local t = math.random(#keys)
  local n = "${run}-" .. id .. "-" .. count
  local made = table.remove(ready, 1)
  local step = steps[made and 2 or 1]
  local headers = {
    ["Authorization"] = "Bearer " .. keys[t], ["Content-Type"] = "application/json", ["Idempotency-Key"] = n,
    ["QairoPay-Version"] = ${luaText(scenario.version ?? null)},
  }
  local body = step.body and fill(step.body, accounts[t], n, made)
  return wrk.format(step.method, fill(step.path, accounts[t], n, made), headers, body)
end
function response(status, headers, body)
  for i, step in ipairs(steps) do
    if status == step.status and body:find(step.says, 1, true) then
      if i < #steps then table.insert(ready, body:match('"id":"([^"]+)"')) end
      return
    end
  end
  wrong = wrong + 1
  if wrong == 1 then first = status .. " " .. body:sub(1, 300) end
end
${thinkMs > 0 ? `function delay() return math.random(0, ${Math.round(2 * thinkMs)}) end` : ''}
function done(summary, latency)
  local bad, said = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout, ""
  for _, thread in ipairs(threads) do
    bad = bad + thread:get("wrong")
    if said == "" then said = thread:get("first") end
  end
  print(string.format("RESULT %f %f %f %d %s", summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, bad, said))
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
    const found = /RESULT ([\d.]+) ([\d.]+) ([\d.]+) (\d+) (.*)/.exec(output);
    if (!found) throw new Error(`wrk printed no result:\n${output}`);
    const [requestsPerSecond, p50Ms, p99Ms, failures] = found.slice(1, 5).map(Number) as [
      number,
      number,
      number,
      number,
    ];
    return { requestsPerSecond, p50Ms, p99Ms, failures, firstFailure: found[5] || null, generator: 'wrk' };
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
