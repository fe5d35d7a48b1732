import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';
import type { AddressInfo } from 'node:net';

/** Addresses of a name, or a name that it stands for with the addresses of that. */
export type Answer = readonly string[] | { readonly alias: string; readonly addresses: readonly string[] };

export interface NameServer {
  /** `host:port`, as resolvers take it. */
  readonly server: string;
  /** Names that were asked for, once for each question. */
  readonly asked: readonly string[];
  close(): void;
}

const TYPES = { A: 1, CNAME: 5, AAAA: 28 } as const;

const encodedName = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);

const encodedAddress = (address: string): Buffer => {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail = ''] = address.split('::');
  const words = (part: string): number[] => (part === '' ? [] : part.split(':').map((word) => parseInt(word, 16)));
  const [before, after] = [words(head), words(tail)];
  const all = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
  return Buffer.from(all.flatMap((word) => [word >> 8, word & 255]));
};

/** A name is a pointer to the question's, or given. The time to live is 0, as of one who means to answer otherwise soon. */
const record = (name: Buffer, type: number, data: Buffer): Buffer => {
  const head = Buffer.alloc(10);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([name, head, data]);
};

const answerTo = (message: Buffer, answer: Answer, type: number, question: Buffer): Buffer => {
  const isAlias = 'alias' in answer;
  const asked = Buffer.from([0xc0, 0x0c]);
  const owner = isAlias ? encodedName(answer.alias) : asked;
  const addresses = (isAlias ? answer.addresses : answer).filter(
    (address) => (isIPv4(address) ? TYPES.A : TYPES.AAAA) === type,
  );
  const records = [
    ...(isAlias ? [record(asked, TYPES.CNAME, owner)] : []),
    ...addresses.map((address) => record(owner, type, encodedAddress(address))),
  ];
  const head = Buffer.from(message.subarray(0, 12));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(records.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, question, ...records]);
};

/** A DNS server on this machine that answers what it is told to; `null`: nothing. `nth`: how often it was asked, from 1. */
export const startNameServer = async (answerOf: (name: string, nth: number) => Answer | null): Promise<NameServer> => {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  const times = new Map<string, number>();
  socket.on('message', (message, { port, address }) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = message[at]!; length > 0; length = message[at]!) {
      labels.push(message.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const type = message.readUInt16BE(at + 1);
    const name = labels.join('.').toLowerCase();
    asked.push(name);
    const key = `${name}/${type}`;
    times.set(key, (times.get(key) ?? 0) + 1);
    const answer = answerOf(name, times.get(key)!);
    if (answer !== null) socket.send(answerTo(message, answer, type, message.subarray(12, at + 5)), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { server: `127.0.0.1:${(socket.address() as AddressInfo).port}`, asked, close: () => socket.close() };
};
