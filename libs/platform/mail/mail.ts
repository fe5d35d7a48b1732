import { createTransport } from 'nodemailer';
import type { Logger } from 'pino';

export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** What it is about, for the log: an id, never an address. */
  readonly about: string;
}

export interface Mail {
  /** Takes a letter and sends it beside everything else: no request waits for a mail server, or fails with it. */
  post(letter: Letter): void;
  /** Ends once what was taken is sent or has failed. */
  close(): Promise<void>;
}

export interface MailSettings {
  /** `smtp://` or `smtps://`, with user and password where the server wants them; null: letters go to the log. */
  readonly smtpUrl: string | null;
  readonly from: string;
}

const PATIENCE_MS = 10_000;

export const openMail = ({ smtpUrl, from }: MailSettings, logger: Logger): Mail =>
  smtpUrl === null ? loggedMail(logger) : smtpMail(smtpUrl, from, logger);

/** Without a mail server whoever runs this hands the letters out. Who they are for is not in the log: addresses are personal. */
const loggedMail = (logger: Logger): Mail => ({
  post: ({ subject, text, about }) => logger.warn({ about, text }, `no mail server is set; not mailed: ${subject}`),
  close: () => Promise.resolve(),
});

const smtpMail = (url: string, from: string, logger: Logger): Mail => {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: 2,
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
    // A letter is text that was written here: nothing of it may name a file or an address to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const underWay = new Set<Promise<void>>();
  const send = async ({ to, subject, text, about }: Letter): Promise<void> => {
    try {
      // As an address object: whatever stands in it can't become a second recipient.
      await transport.sendMail({ from, to: { name: '', address: to }, subject, text });
    } catch (error) {
      // What a server says may repeat the address.
      const { code, responseCode } = error as { code?: string; responseCode?: number };
      logger.error({ about, code, response: responseCode }, `a letter could not be mailed: ${subject}`);
    }
  };
  return {
    post: (letter) => {
      const sending = send(letter).finally(() => underWay.delete(sending));
      underWay.add(sending);
    },
    close: async () => {
      await Promise.all(underWay);
      transport.close();
    },
  };
};
