import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { StartupError } from '#platform/startup-error.js';

/** Whom PostgreSQL, which refuses to run as root, runs as; null: as ourselves. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** As root: the owner of existing data, else the user `postgres` or `daybook`, made if the machine has neither. */
export function serverUser(clusterDir: string): ServerUser | null {
  if (process.getuid?.() !== 0) return null;
  if (existsSync(clusterDir)) {
    const { uid, gid } = statSync(clusterDir);
    if (uid !== 0) return { uid, gid };
  }
  const user =
    lookUp('postgres') ?? lookUp('daybook') ?? (makeUser('daybook') ? lookUp('daybook') : null) ?? lookUp('nobody');
  if (user === null) {
    throw new StartupError(
      'PostgreSQL does not run as root, and no user could be made for it. ' +
        'Start Daybook as an ordinary user, or run: useradd --system daybook',
    );
  }
  return user;
}

function lookUp(name: string): ServerUser | null {
  try {
    const id = (flag: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return null;
  }
}

function makeUser(name: string): boolean {
  try {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', name], {
      stdio: 'pipe',
    });
    return true;
  } catch {
    return false;
  }
}

/** How to start a program as the server's user: the command, its first arguments, and options for `spawn`. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly options: { readonly uid?: number; readonly gid?: number };
}

const CAPABILITIES = { dac_override: 1n, dac_read_search: 2n };

/**
 * Where the checkout or the data lie below a folder that only root enters (root's home, a temporary folder), the server's
 * user could not reach its own files. It is then given the one capability for that, with setpriv.
 */
export function launchAs(user: ServerUser | null, binary: string, dataDir: string): Launch {
  if (user === null) return { command: binary, args: [], options: {} };
  const blocked = [path.dirname(binary), path.dirname(path.dirname(binary)) + '/lib', dataDir].map((folder) =>
    blockedAt(folder, user),
  );
  const at = blocked.find((folder) => folder !== null) ?? null;
  if (at === null) return { command: binary, args: [], options: { ...user } };
  const capability = capabilities().find((name) => name === 'dac_read_search' || name === 'dac_override');
  if (capability === undefined || !existsSync('/usr/bin/setpriv')) {
    throw new StartupError(
      `PostgreSQL does not run as root, and the user it runs as (uid ${user.uid}) may not enter ${at}. ` +
        `Start Daybook as an ordinary user, move it elsewhere (and DAYBOOK_DATA_DIR), or run: chmod o+x ${at}`,
    );
  }
  const cap = `+${capability}`;
  // Without that bit, access(2), by which PostgreSQL looks for its own programs, would ignore the capability.
  const ids = [
    '--securebits',
    '+no_setuid_fixup',
    '--reuid',
    String(user.uid),
    '--regid',
    String(user.gid),
    '--clear-groups',
  ];
  return { command: '/usr/bin/setpriv', args: [...ids, '--inh-caps', cap, '--ambient-caps', cap, binary], options: {} };
}

/** The first folder on the way to this one that the user may not pass; null: none. */
function blockedAt(folder: string, user: ServerUser): string | null {
  const parent = path.dirname(folder);
  const above = parent === folder ? null : blockedAt(parent, user);
  if (above !== null) return above;
  const { mode, uid, gid } = statSync(folder);
  const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
  return (mode & bit) === 0 ? folder : null;
}

/** Those that this process holds and may pass on, the lesser one first. */
function capabilities(): (keyof typeof CAPABILITIES)[] {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const held = BigInt(`0x${/^CapPrm:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return (['dac_read_search', 'dac_override'] as const).filter((name) => (held >> CAPABILITIES[name]) & 1n);
}
