import { spawnSync } from 'node:child_process';
import pg from 'pg';
import { outputOf } from './load.js';

const DATABASE = 'daybook_pgbench';
/** 20 branches: enough that 64 clients meet a row of theirs, few enough to be made in seconds. */
const SCALE = 20;

export const hasPgbench = (): boolean => spawnSync('sh', ['-c', 'command -v pgbench']).status === 0;

/**
 * PostgreSQL's own benchmark on the very server that the product runs on: the TPC-B-like script, prepared statements. What
 * the product's figures are divided by.
 */
export class Pgbench {
  private constructor(private readonly env: NodeJS.ProcessEnv) {}

  /** `url`: of a role that may create a database. Fills the tables. */
  static async prepare(url: string): Promise<Pgbench> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(`DROP DATABASE IF EXISTS ${DATABASE}`);
    await client.query(`CREATE DATABASE ${DATABASE}`);
    await client.end();
    const { hostname, port, username, password } = new URL(url);
    const bench = new Pgbench({
      PGHOST: hostname,
      PGPORT: port,
      PGUSER: decodeURIComponent(username),
      PGPASSWORD: decodeURIComponent(password),
      PGDATABASE: DATABASE,
    });
    await outputOf('pgbench', ['-i', '-q', '-s', String(SCALE)], undefined, bench.env);
    return bench;
  }

  /** Transactions a second. */
  async run(clients: number, seconds: number): Promise<number> {
    const args = ['-n', '-M', 'prepared', '-c', String(clients), '-j', '1', '-T', String(seconds)];
    const output = await outputOf('pgbench', args, undefined, this.env);
    const found = /tps = ([\d.]+)/.exec(output);
    if (!found) throw new Error(`pgbench printed no figure:\n${output}`);
    return Number(found[1]);
  }
}
