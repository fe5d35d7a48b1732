import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and text, as they read. */
  readonly text: string;
}

export interface Smtp {
  readonly url: string;
  readonly received: readonly Received[];
  /** The next letter to this address that was not asked for before. */
  letterTo(address: string): Promise<Received>;
  stop(): Promise<void>;
}

const decoded = (text: string): string =>
  Buffer.from(
    text.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');

/** A mail server that takes everything: as much of RFC 5321 as a client needs. */
export const startSmtp = async (): Promise<Smtp> => {
  const received: Received[] = [];
  const handed = new Set<Received>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    let buffer = '';
    let from = '';
    let to: string[] = [];
    let isData = false;
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    const take = (line: string): void => {
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'EHLO') return say('250 test');
      if (verb === 'MAIL') from = /<([^>]*)>/.exec(line)?.[1] ?? '';
      if (verb === 'RCPT') to.push(/<([^>]*)>/.exec(line)?.[1] ?? '');
      if (verb === 'QUIT') return void socket.end('221 bye\r\n');
      if (verb !== 'DATA') return say('250 ok');
      isData = true;
      say('354 go on');
    };
    socket.on('data', (bytes) => {
      buffer += bytes.toString('latin1');
      for (;;) {
        const end = buffer.indexOf(isData ? '\r\n.\r\n' : '\r\n');
        if (end === -1) return;
        const part = buffer.slice(0, end);
        buffer = buffer.slice(end + (isData ? 5 : 2));
        if (!isData) {
          take(part);
          continue;
        }
        received.push({ from, to, text: decoded(part) });
        [isData, to] = [false, []];
        say('250 taken');
      }
    });
    say('220 test');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    letterTo: async (address) => {
      for (const deadline = Date.now() + 5_000; Date.now() < deadline;) {
        const letter = received.find((one) => one.to.includes(address) && !handed.has(one));
        if (letter !== undefined) {
          handed.add(letter);
          return letter;
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error(`no letter to ${address} came`);
    },
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
};
