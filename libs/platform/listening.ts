import { createServer, type Server } from 'node:net';
import { StartupError } from './startup-error.js';

const PROBLEMS: Readonly<Record<string, (at: string) => string>> = {
  EADDRINUSE: (at) => `${at} is in use by another process. Stop that one, or choose another port with DAYBOOK_PORT.`,
  EACCES: (at) => `${at} may not be used by this user. Choose a port above 1023 with DAYBOOK_PORT.`,
  EADDRNOTAVAIL: (at) => `${at} can't be listened on: this machine has no such address. Correct DAYBOOK_HOST.`,
  ENOTFOUND: (at) => `${at} can't be listened on: no such host is known. Correct DAYBOOK_HOST.`,
  EAFNOSUPPORT: (at) => `${at} can't be listened on: this machine has no addresses of that kind. Correct DAYBOOK_HOST.`,
};

/** Why a server could not listen, in a line for whoever starts it; anything else as it came. */
export const listenProblem = (error: unknown, host: string, port: number): unknown => {
  const inWords = PROBLEMS[(error as NodeJS.ErrnoException).code ?? ''];
  if (inWords === undefined) return error;
  return new StartupError(inWords(`Port ${port} of ${host}`), { cause: error });
};

/** Rejects with `StartupError` where the address can't be had. */
export const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenProblem(error, host, port)));
    server.listen(port, host, resolve);
  });

/** Tells of an address that can't be had before anything is started for it, and leaves it free. */
export const checkAddress = async (host: string, port: number): Promise<void> => {
  const server = createServer();
  await listen(server, host, port);
  await new Promise((closed) => server.close(closed));
};
