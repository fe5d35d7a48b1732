import { createServer, type AddressInfo } from 'node:net';
import { checkAddress, listen, listenProblem } from './listening.js';
import { StartupError } from './startup-error.js';

describe('an address to listen on', () => {
  it('that is taken or not this machine’s ends the start in one line', async () => {
    const holder = createServer();
    await listen(holder, '127.0.0.1', 0);
    const { port } = holder.address() as AddressInfo;
    const refused = await checkAddress('127.0.0.1', port).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StartupError);
    expect((refused as Error).message).toMatch(
      /^Port \d+ of 127\.0\.0\.1 is in use by another process\. .*DAYBOOK_PORT/,
    );
    await new Promise((closed) => holder.close(closed));
    await expect(checkAddress('127.0.0.1', port)).resolves.toBeUndefined();
    await expect(checkAddress('203.0.113.1', 0)).rejects.toThrow('this machine has no such address');
  });

  it('that needs more rights says so, and what is not about it comes as it is', () => {
    const denied = Object.assign(new Error('listen EACCES'), { code: 'EACCES' });
    expect(listenProblem(denied, '0.0.0.0', 80)).toMatchObject({
      message: 'Port 80 of 0.0.0.0 may not be used by this user. Choose a port above 1023 with DAYBOOK_PORT.',
      cause: denied,
    });
    const other = new Error('something else');
    expect(listenProblem(other, '0.0.0.0', 80)).toBe(other);
  });
});
