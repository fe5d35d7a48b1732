import { pino } from 'pino';
import { startSmtp } from '../../../test/support/smtp.js';
import { openMail } from './mail.js';

const letter = { to: 'jane@acme.example', about: 'usr_1', subject: 'You are invited', text: 'Token: inv_1\n' };

const logged = (): { logger: pino.Logger; lines: string[] } => {
  const lines: string[] = [];
  return { logger: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }), lines };
};

describe('mail', () => {
  it('goes to the server that is set, and all of it has gone when it is closed', async () => {
    const smtp = await startSmtp();
    const { logger, lines } = logged();
    const mail = openMail({ smtpUrl: smtp.url, from: 'daybook@example.com' }, logger);
    for (let i = 0; i < 5; i += 1) mail.post({ ...letter, subject: `Letter ${i}` });
    await mail.close();
    expect(smtp.received).toHaveLength(5);
    expect(smtp.received[0]).toMatchObject({ from: 'daybook@example.com', to: ['jane@acme.example'] });
    expect(smtp.received[0]!.text).toContain('Token: inv_1');
    expect(lines).toEqual([]);
    await smtp.stop();
  });

  it('reaches nobody but whom it is for, whatever stands in the address', async () => {
    const smtp = await startSmtp();
    const mail = openMail({ smtpUrl: smtp.url, from: 'daybook@example.com' }, logged().logger);
    for (const to of ['a@b.example,c@d.example', '<a@b.example> c@d.example', 'a@b.example\r\nRCPT TO:<c@d.example>'])
      mail.post({ ...letter, to });
    await mail.close();
    expect(smtp.received.flatMap(({ to }) => to)).not.toContain('c@d.example');
    await smtp.stop();
  });

  it('that can’t be sent fails nobody, and the log does not say for whom it was', async () => {
    const { logger, lines } = logged();
    const mail = openMail({ smtpUrl: 'smtp://127.0.0.1:9', from: 'daybook@example.com' }, logger);
    mail.post(letter);
    await mail.close();
    expect(JSON.parse(lines[0]!)).toMatchObject({
      about: 'usr_1',
      msg: expect.stringContaining('could not be mailed') as string,
    });
    expect(lines.join()).not.toContain('jane');
    expect(lines.join()).not.toContain('inv_1');
  });

  it('without a server stands in the log, and not for whom it is', async () => {
    const { logger, lines } = logged();
    const mail = openMail({ smtpUrl: null, from: 'daybook@example.com' }, logger);
    mail.post(letter);
    await mail.close();
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 40, about: 'usr_1', text: 'Token: inv_1\n' });
    expect(lines.join()).not.toContain('jane');
  });
});
